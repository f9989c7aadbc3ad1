"""LC304: requests and jobs that commit more than once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shop import DATABASE, MODELS, ROUTER, project
from small_projects import check, expected, found, report

RULE = {"select": ["LC304"]}

CRUD = """
# app/crud.py
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from app.models import Item, User

async def add_user(db: AsyncSession, user: User) -> None:
    db.add(user)
    await db.commit()

async def add_item(db: AsyncSession, item: Item, commit: bool = True) -> None:
    db.add(item)
    if commit:
        await db.commit()
    else:
        await db.flush()

async def count(db: AsyncSession) -> int:
    return await db.scalar(text("SELECT 1"))
"""


def handler(body: str, path: str = "app/api/items.py") -> str:
    """Return a router with ``body``, which may call the functions of ``crud``."""
    lines = "\n".join(line.removeprefix("        ") for line in body.strip("\n").split("\n"))
    return f"# {path}{ROUTER}from app import crud\n\n{lines}\n"


INJECTED = f"""
# app/services/audit.py
from app.models import Item
from app.database import Db
from sqlalchemy.orm import Session
class AuditService:
    def __init__(self, db: Annotated[Session, Depends(get_db)]) -> None:
        self.db = db
        self.db.add(Item())
        self.db.commit()
    def note(self) -> None:
        self.db.add(Item())
        self.db.commit()  # expect: LC304
# app/api/items.py{ROUTER}from app.services.audit import AuditService

@router.post("/items")
def create(# taken) -> None:
    service.note()
""".replace(
    "from app.database import Db\n",
    "from typing import Annotated\nfrom fastapi import Depends\nfrom app.database import get_db\n",
)

HITS: dict[str, str] = {
    "the constructor of what is injected": INJECTED.replace(
        "# taken", "service: AuditService = Depends(AuditService)"
    ),
    "the constructor of what is injected by its annotation": INJECTED.replace(
        "# taken", "service: AuditService = Depends()"
    ),
    "the constructor of what a bare marker injects": INJECTED.replace(
        "# taken", "service: Annotated[AuditService, Depends()]"
    ),
    "two commits in one function": handler("""
        @router.post("/items")
        async def create(db: Db) -> None:
            db.add(User())
            await db.commit()
            db.add(Item())
            await db.commit()  # expect: LC304
    """),
    "a commit below and one here": handler("""
        @router.post("/items")
        async def create(db: Db) -> None:
            await crud.add_user(db, User())
            db.add(Item())
            await db.commit()  # expect: LC304
    """),
    "a wrapper that is handed no session": handler("""
        from contextlib import asynccontextmanager
        from functools import wraps
        from sqlalchemy.ext.asyncio import AsyncSession

        @asynccontextmanager
        async def create_session():
            session = AsyncSession()
            yield session
            await session.commit()

        def provide_session(function):
            @wraps(function)
            async def wrapper(*args, **kwargs):
                if "session" in kwargs:
                    return await function(*args, **kwargs)
                async with create_session() as session:
                    return await function(*args, session=session, **kwargs)
            return wrapper

        @provide_session
        async def add(name: str, *, session: AsyncSession) -> None:
            session.add(User())

        @router.post("/items")
        async def create(db: Db) -> None:
            await add("a")
            db.add(Item())
            await db.commit()  # expect: LC304
    """),
    "in each round of a comprehension": handler("""
        async def add(db: Db, name: str) -> None:
            db.add(User())
            await db.commit()  # expect: LC304

        @router.post("/items")
        async def create(db: Db, names: list[str]) -> None:
            [await add(db, name) for name in names]
    """),
    "a branch that returns and is taken": handler("""
        async def run(db: Db, level: str | None = None) -> None:
            db.add(User())
            if level:
                await db.commit()  # expect: LC304
                return None
            return None

        @router.post("/items")
        async def create(db: Db, level: str) -> None:
            await run(db, level)
            await run(db, level)
    """),
    "in a branch": handler("""
        @router.post("/items")
        async def create(db: Db, special: bool) -> None:
            await crud.add_user(db, User())
            if special:
                db.add(Item())
                await db.commit()  # expect: LC304
    """),
    "a loop": handler("""
        @router.post("/items")
        async def create(db: Db, names: list[str]) -> None:
            for name in names:
                db.add(Item(name=name))
                await db.commit()  # expect: LC304
    """),
    "two blocks": handler("""
        @router.post("/items")
        async def create(db: Db) -> None:
            async with db.begin():
                db.add(User())
            async with db.begin():  # expect: LC304
                db.add(Item())
    """),
    "a return from a block": handler("""
        @router.post("/items")
        async def create(db: Db) -> None:
            await crud.add_user(db, User())
            async with db.begin():  # expect: LC304
                db.add(Item())
                return
    """),
    "in a thread the handler waits for": """
        # app/database.py
        from collections.abc import Iterator
        from typing import Annotated
        from fastapi import Depends
        from sqlalchemy import create_engine
        from sqlalchemy.orm import Session

        engine = create_engine("sqlite://")

        def get_db() -> Iterator[Session]:
            with Session(engine) as session:
                yield session

        Db = Annotated[Session, Depends(get_db)]
        # app/api/items.py
        import asyncio
        from fastapi import APIRouter
        from sqlalchemy.orm import Session
        from app.database import Db

        router = APIRouter()

        def add(db: Session, row: object) -> None:
            db.add(row)
            db.commit()  # expect: LC304

        @router.post("/items")
        async def create(db: Db) -> None:
            await asyncio.to_thread(add, db, 1)
            await asyncio.to_thread(add, db, 2)
    """,
    "a session of its own beside that of the request": handler("""
        from app.database import session_factory

        async def audit() -> None:
            async with session_factory() as own:
                own.add(User())
                await own.commit()

        @router.post("/items")
        async def create(db: Db) -> None:
            db.add(Item())
            await audit()
            await db.commit()  # expect: LC304
    """),
    "a context manager that commits": handler("""
        from contextlib import asynccontextmanager

        @asynccontextmanager
        async def transaction(db):
            yield
            await db.commit()  # expect: LC304

        @router.post("/items")
        async def create(db: Db) -> None:
            await crud.add_user(db, User())
            async with transaction(db):
                db.add(Item())
    """),
    "a class that commits at the end of its block": handler("""
        from sqlalchemy.ext.asyncio import AsyncSession

        class Work:
            def __init__(self, db: AsyncSession) -> None:
                self.db = db
            async def __aenter__(self) -> "Work":
                return self
            async def __aexit__(self, kind, error, trace) -> None:
                if kind is None:
                    await self.db.commit()  # expect: LC304
                else:
                    await self.db.rollback()

        @router.post("/items")
        async def create(db: Db) -> None:
            async with Work(db):
                db.add(User())
            async with Work(db):
                db.add(Item())
    """),
    "a task": """
        # app/tasks.py
        from celery import Celery
        from sqlalchemy.orm import Session
        from app.models import Item, User
        celery = Celery()

        @celery.task
        def work(db: Session) -> None:
            db.add(User())
            db.commit()
            db.add(Item())
            db.commit()  # expect: LC304
    """,
    "two commits in each round of a task": """
        # app/tasks.py
        from celery import Celery
        from sqlalchemy.orm import Session
        from app.models import Item, User
        celery = Celery()

        @celery.task
        def work(db: Session) -> None:
            for name in ("a", "b"):
                db.add(User())
                db.commit()
                db.add(Item())
                db.commit()  # expect: LC304
    """,
    "behind a try": handler("""
        @router.post("/items")
        async def create(db: Db) -> None:
            try:
                await crud.add_user(db, User())
            except ValueError:
                pass
            db.add(Item())
            await db.commit()  # expect: LC304
    """),
    "a wrapper that hands its arguments on": handler("""
        import functools

        def logged(function):
            @functools.wraps(function)
            async def inner(*args, **kwargs):
                return await function(*args, **kwargs)
            return inner

        @logged
        async def add(db: Db, commit: bool = False) -> None:
            db.add(Item())
            if commit:
                await db.commit()  # expect: LC304

        @router.post("/items")
        async def create(db: Db) -> None:
            await crud.add_user(db, User())
            await add(db, commit=True)
    """),
}  # fmt: skip

NEAR_MISSES: dict[str, str] = {
    "a wrapper that is handed a session opens none": handler("""
        from contextlib import asynccontextmanager
        from functools import wraps
        from sqlalchemy.ext.asyncio import AsyncSession

        @asynccontextmanager
        async def create_session():
            session = AsyncSession()
            yield session
            await session.commit()

        def provide_session(function):
            place = 1

            @wraps(function)
            async def wrapper(*args, **kwargs):
                if "session" in kwargs or place < len(args):
                    return await function(*args, **kwargs)
                async with create_session() as session:
                    return await function(*args, session=session, **kwargs)
            return wrapper

        @provide_session
        async def add(name: str, *, session: AsyncSession) -> None:
            session.add(User())

        @router.post("/items")
        async def create(db: Db) -> None:
            await add("a", session=db)
            await add("b", session=db)
            await db.commit()
    """),
    "what a comprehension goes over": handler("""
        async def add(db: Db) -> list[str]:
            db.add(User())
            await db.commit()
            return ["a", "b"]

        @router.post("/items")
        async def create(db: Db) -> list[str]:
            return [name.upper() for name in await add(db)]
    """),
    "a branch that returns and is not taken": handler("""
        async def run(db: Db, level: str | None = None) -> None:
            db.add(User())
            if level:
                await db.commit()
                return None
            return None

        @router.post("/items")
        async def create(db: Db) -> None:
            await run(db)
            await run(db)
    """),
    "one commit": handler("""
        @router.post("/items")
        async def create(db: Db) -> None:
            db.add(User())
            db.add(Item())
            await db.commit()
    """),
    "nothing written before the first": handler("""
        @router.post("/items")
        async def create(db: Db) -> None:
            await crud.count(db)
            await db.commit()
            db.add(Item())
            await db.commit()
    """),
    "nothing written before the second": handler("""
        @router.post("/items")
        async def create(db: Db) -> None:
            db.add(Item())
            await db.commit()
            await crud.count(db)
            await db.commit()
    """),
    "a savepoint": handler("""
        @router.post("/items")
        async def create(db: Db) -> None:
            async with db.begin_nested():
                db.add(User())
            savepoint = await db.begin_nested()
            db.add(User())
            await savepoint.commit()
            db.add(Item())
            await db.commit()
    """),
    "a commit in an except": handler("""
        @router.post("/items")
        async def create(db: Db) -> None:
            try:
                db.add(Item())
                await db.commit()
            except ValueError:
                db.add(User())
                await db.commit()
                raise
    """),
    "a commit before a failure is told": handler("""
        @router.post("/items")
        async def create(db: Db, code: int) -> None:
            db.add(Item())
            await db.commit()
            if code:
                db.add(User())
                await db.commit()
                raise HTTPException(400)
    """),
    "behind a rollback": handler("""
        @router.post("/items")
        async def create(db: Db, code: int) -> None:
            await crud.add_user(db, User())
            if code:
                await db.rollback()
                db.add(Item())
                await db.commit()
    """),
    "one branch or the other": handler("""
        @router.post("/items")
        async def create(db: Db, special: bool) -> None:
            if special:
                await crud.add_user(db, User())
            else:
                await crud.add_item(db, Item())
    """),
    "a return in between": handler("""
        @router.post("/items")
        async def create(db: Db, special: bool) -> None:
            if special:
                await crud.add_user(db, User())
                return
            await crud.add_item(db, Item())
    """),
    "the same question answered twice": handler("""
        @router.post("/items")
        async def create(db: Db, user: int | None) -> None:
            if user is None:
                await crud.add_user(db, User())
            if user is not None:
                await crud.add_item(db, Item())
    """),
    "a commit that is turned off": handler("""
        @router.post("/items")
        async def create(db: Db) -> None:
            await crud.add_item(db, Item(), commit=False)
            await crud.add_item(db, Item(), False)
            await crud.add_user(db, User())
    """),
    "a commit that is turned off through a wrapper": handler("""
        async def add(db: Db, *, commit: bool) -> None:
            await crud.add_item(db, Item(), commit=commit)

        @router.post("/items")
        async def create(db: Db) -> None:
            await add(db, commit=False)
            await crud.add_user(db, User())
    """),
    "a second session that reads": handler("""
        from app.database import session_factory

        @router.post("/items")
        async def create(db: Db) -> None:
            async with session_factory() as own:
                await crud.count(own)
            await crud.add_user(db, User())
    """),
    "two sessions injected side by side": """
        # app/others.py
        from typing import Annotated
        from fastapi import Depends
        from sqlalchemy.ext.asyncio import AsyncSession
        from app.database import session_factory

        async def get_other():
            async with session_factory() as session:
                yield session

        Other = Annotated[AsyncSession, Depends(get_other)]
    """ + handler("""
        from app.others import Other

        @router.post("/items")
        async def create(db: Db, other: Other) -> None:
            await crud.add_user(db, User())
            await crud.add_item(other, Item())
    """),
    "sessions told apart by a new type": handler("""
        from typing import NewType
        from sqlalchemy.ext.asyncio import AsyncSession

        AuditSession = NewType("AuditSession", AsyncSession)

        class Audit:
            def __init__(self, session: AuditSession) -> None:
                self.session = session
            async def record(self) -> None:
                self.session.add(Item())
                await self.session.commit()

        class Users:
            def __init__(self, session: AsyncSession) -> None:
                self.session = session
            async def add(self) -> None:
                self.session.add(User())
                await self.session.commit()

        @router.post("/items")
        async def create(audit: Annotated[Audit, Depends()], users: Annotated[Users, Depends()]) -> None:
            await audit.record()
            await users.add()
    """),
    "a dependency that notes who is there": handler("""
        async def current_user(db: Db) -> User:
            await crud.add_user(db, User())
            return User()

        @router.post("/items", dependencies=[Depends(current_user)])
        async def create(db: Db, user: Annotated[User, Depends(current_user)]) -> None:
            await crud.add_item(db, Item())
    """),
    "a permission that notes who is there": handler("""
        from sqlalchemy.orm import Session
        from app.database import get_db

        class Permission:
            def __init__(self, db: Annotated[Session, Depends(get_db)]) -> None:
                db.add(User())
                db.commit()
            def __call__(self) -> bool:
                return True

        @router.post("/items", dependencies=[Depends(Permission)])
        async def create(db: Db) -> None:
            await crud.add_item(db, Item())
    """),
    "a constructor that writes and leaves it to its method to commit": INJECTED.replace(
        "        self.db.commit()\n", "", 1
    ).replace("  # expect: LC304", "").replace("# taken", "service: AuditService = Depends()"),
    "a retry": handler("""
        @router.post("/items")
        async def create(db: Db) -> None:
            for attempt in range(3):
                try:
                    db.add(Item())
                    await db.commit()
                    break
                except ValueError:
                    await db.rollback()
    """),
    "a websocket that answers messages": handler("""
        from fastapi import WebSocket

        @router.websocket("/items")
        async def create(socket: WebSocket, db: Db) -> None:
            while True:
                await socket.receive_text()
                db.add(Item())
                await db.commit()
    """),
    "the rounds of a task": """
        # app/tasks.py
        from celery import Celery
        from sqlalchemy.orm import Session
        from app.models import Item
        celery = Celery()

        @celery.task
        def work(db: Session) -> None:
            for name in ("a", "b"):
                db.add(Item(name=name))
                db.commit()
            for name in ("c", "d"):
                db.add(Item(name=name))
                db.commit()
    """,
    "what runs in the background": handler("""
        import asyncio
        from fastapi import BackgroundTasks

        @router.post("/items")
        async def create(db: Db, tasks: BackgroundTasks) -> None:
            await crud.add_user(db, User())
            tasks.add_task(crud.add_item, db, Item())
            asyncio.create_task(crud.add_item(db, Item()))
    """),
    "a dependency that keeps its own books": handler("""
        async def seen(db: Db) -> None:
            db.add(User())
            await db.commit()

        @router.post("/items", dependencies=[Depends(seen)])
        async def create(db: Db) -> None:
            await crud.add_item(db, Item())
    """),
    "two requests": handler("""
        @router.post("/users")
        async def create_user(db: Db) -> None:
            await crud.add_user(db, User())

        @router.post("/items")
        async def create_item(db: Db) -> None:
            await crud.add_item(db, Item())
    """),
    "a seeding script": """
        # scripts/seed.py
        from sqlalchemy.orm import Session
        from app.models import Item, User

        def seed(db: Session) -> None:
            db.add(User())
            db.commit()
            db.add(Item())
            db.commit()

        seed(Session())
    """,
}  # fmt: skip

COMMITTING = """
# app/database.py
from collections.abc import AsyncIterator
from typing import Annotated
from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

engine = create_async_engine("sqlite+aiosqlite://")
session_factory = async_sessionmaker(engine)

async def get_db() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        try:
            yield session
            await session.commit()  # provider
        except Exception:
            await session.rollback()
            raise

Db = Annotated[AsyncSession, Depends(get_db)]
"""


def whole(text: str, database: str = DATABASE) -> str:
    return project(MODELS, database, CRUD, text) if "# app/database.py" not in text else project(MODELS, text)


@pytest.mark.parametrize("text", HITS.values(), ids=HITS)
def test_told(text: str, tmp_path: Path) -> None:
    assert expected(whole(text))
    assert found(check(tmp_path, whole(text), RULE)) == expected(whole(text))


@pytest.mark.parametrize("text", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_silent(text: str, tmp_path: Path) -> None:
    assert found(check(tmp_path, whole(text), RULE)) == []


PROVIDERS: dict[str, tuple[str, bool]] = {
    "a commit further down and a write behind it": (
        "await crud.add_user(db, User())\n    db.add(Item())", True,
    ),
    "a commit further down and nothing behind it": ("await crud.add_user(db, User())", False),
    "no commit further down": ("db.add(Item())", False),
}  # fmt: skip


@pytest.mark.parametrize(("body", "told"), PROVIDERS.values(), ids=PROVIDERS)
def test_the_commit_of_the_provider_counts(body: str, told: bool, tmp_path: Path) -> None:
    committing = COMMITTING.replace("# provider", "# expect: LC304") if told else COMMITTING
    text = whole(
        handler(f'@router.post("/items")\nasync def create(db: Db) -> None:\n    {body}'), committing
    )
    assert found(check(tmp_path, text, RULE)) == expected(text)


def test_the_provider_of_an_injected_class_counts(tmp_path: Path) -> None:
    body = """
        class Basket:
            def __init__(self, db: Db) -> None:
                self.db = db
            async def fill(self) -> None:
                await crud.add_user(self.db, User())
                self.db.add(Item())

        @router.post("/items")
        async def create(basket: Annotated[Basket, Depends()]) -> None:
            await basket.fill()
    """
    text = whole(handler(body), COMMITTING.replace("# provider", "# expect: LC304"))
    assert found(check(tmp_path, text, RULE)) == expected(text)


def test_the_way_to_an_injected_constructor(tmp_path: Path) -> None:
    text = INJECTED.replace("# taken", "service: AuditService = Depends()")
    assert report(check(tmp_path, whole(text), RULE)) == [
        "error app/services/audit.py:14:9 create commits in AuditService and again in AuditService.note;"
        " a failure in between leaves half of POST /items (create) behind",
        "  app/api/items.py:16 [router] depends: create -> AuditService",
        "  app/services/audit.py:11 [service] transaction: AuditService calls Session.commit",
        "  app/api/items.py:17 [router] call: create -> AuditService.note",
        "  app/services/audit.py:14 [service] transaction: AuditService.note calls Session.commit",
        "  also app/services/audit.py:11",
        "  router: route decorator",
        "  = app.api.items.create app.services.audit.AuditService.note:sqlalchemy.orm.Session.commit",
    ]


def test_the_block_around_a_session_counts(tmp_path: Path) -> None:
    database = DATABASE.replace("session_factory() as", "session_factory.begin() as")
    body = '@router.post("/items")\nasync def create(db: Db) -> None:\n    db.add(Item())'
    assert found(check(tmp_path / "one", whole(handler(body), database), RULE)) == []
    twice = f"{body}\n    await db.commit()\n    db.add(Item())"
    assert found(check(tmp_path / "two", whole(handler(twice), database), RULE)) == [
        "app/database.py:11 LC304"
    ]


SERVICE = """
# app/services.py
from sqlalchemy.ext.asyncio import AsyncSession
from app import crud
from app.models import Item, User

async def sign_up(db: AsyncSession) -> None:
    await crud.add_user(db, User())
    await crud.add_item(db, Item())
# app/api/items.py
from fastapi import APIRouter
from app import services
from app.database import Db

router = APIRouter()

@router.post("/users")
async def create(db: Db) -> None:
    await services.sign_up(db)

@router.post("/admins")
async def create_admin(db: Db) -> None:
    await services.sign_up(db)
"""


KEPT = """
        class Once(type):
            def __call__(cls, *args: object) -> object:
                return cls

        class Settings{metaclass}:
            def __init__(self, db: Db) -> None:
                db.add(Item())
                db.commit()

        @router.post("/items")
        async def create(db: Db) -> None:
            Settings(db)
            Settings(db)
"""


@pytest.mark.parametrize(("metaclass", "count"), [("(metaclass=Once)", 0), ("", 1)])
def test_an_object_that_is_made_once_commits_once(metaclass: str, count: int, tmp_path: Path) -> None:
    text = handler(KEPT.replace("{metaclass}", metaclass))
    assert len(check(tmp_path, whole(text), RULE).new) == count


def test_the_whole_finding(tmp_path: Path) -> None:
    outcome = check(tmp_path, whole(SERVICE), RULE)
    assert report(outcome) == [
        "error app/crud.py:13:15 sign_up commits in add_user and again in add_item; a failure in between"
        " leaves half of POST /users (create) behind, and of 1 more",
        "  app/api/items.py:10 [router] call: create -> sign_up",
        "  app/services.py:7 [service] call: sign_up -> add_user",
        "  app/crud.py:8 [repository] transaction: add_user calls AsyncSession.commit",
        "  app/api/items.py:10 [router] call: create -> sign_up",
        "  app/services.py:8 [service] call: sign_up -> add_item",
        "  app/crud.py:13 [repository] transaction: add_item calls AsyncSession.commit",
        "  also app/crud.py:8",
        "  service: file name services.py",
        "  = app.services.sign_up app.crud.add_item:sqlalchemy.ext.asyncio.AsyncSession.commit",
    ]
    assert [one.help for one in outcome.new] == ["`flush` in add_user, and commit once, at the end"]


MESSAGES: dict[str, tuple[str, str]] = {
    "one function": ("two commits in one function", "create commits twice; "),
    "one place": ("a loop", "create commits in create more than once; "),
    "two functions": ("a commit below and one here", "create commits in add_user and again in create; "),
}


@pytest.mark.parametrize(("case", "start"), MESSAGES.values(), ids=MESSAGES)
def test_how_it_is_told(case: str, start: str, tmp_path: Path) -> None:
    (one,) = check(tmp_path, whole(HITS[case]), RULE).new
    assert one.message == (
        f"{start}a failure in between leaves half of POST /items (create) behind"
    )


OPTIONS: dict[str, tuple[str, dict[str, Any], int]] = {
    "an allowed commit": ("a commit below and one here", {"commit-allowed": ["app.crud.add_*"]}, 0),
    "another is allowed": ("a commit below and one here", {"commit-allowed": ["app.audit.*"]}, 1),
    "a batch": ("a loop", {"batch-commit": ["app.api.items.*"]}, 0),
    "another batch": ("a loop", {"batch-commit": ["app.api.users.*"]}, 1),
    "two commits in a batch": ("two commits in one function", {"batch-commit": ["app.api.items.*"]}, 1),
}  # fmt: skip


@pytest.mark.parametrize(("case", "options", "count"), OPTIONS.values(), ids=OPTIONS)
def test_options(case: str, options: dict[str, Any], count: int, tmp_path: Path) -> None:
    settings = {**RULE, "rules": {"LC304": options}}
    assert len(check(tmp_path, whole(HITS[case]), settings).new) == count


EVENTS = handler("""
        async def place(db: Db) -> None:
            async with db.begin():
                db.add(Item())
                await happened(db, "placed")

        async def pay(db: Db) -> None:
            async with db.begin():
                db.add(User())
                await happened(db, "paid")

        async def happened(db: Db, event: str) -> None:
            if event == "placed":
                await pay(db)
            await place(db)

        @router.post("/items")
        async def create(db: Db) -> None:
            await place(db)
            await db.commit()
""")
"""Transactions within transactions, without an end."""


def test_events_within_transactions_have_no_end(tmp_path: Path) -> None:
    outcome = check(tmp_path, whole(EVENTS), RULE)
    assert outcome.internal_errors == ()
