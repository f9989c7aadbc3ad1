"""LC102: routers that import what builds queries or opens the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shop import DATABASE, LAYERS, MODELS, project
from small_projects import check, expected, found, report

RULE = {"select": ["LC102"]}

HITS: dict[str, str] = {
    "a query builder": """
        # app/api/items.py
        from fastapi import APIRouter
        from sqlalchemy import func, select  # expect: LC102
        from app.database import Db
        from app.models import Item

        router = APIRouter()

        @router.get("/items")
        async def count(minimum: int, db: Db) -> int:
            query = select(func.count(Item.id))
            for _ in range(minimum):
                query = query.where(Item.stock > minimum)
            return await db.scalar(query) or 0
    """,
    "the package as a whole": """
        # app/api/items.py
        import sqlalchemy as sa  # expect: LC102
        from fastapi import APIRouter

        router = APIRouter()

        def newest():
            return sa.text("SELECT 1")

        @router.get("/a")
        async def a() -> str:
            for _ in "a":
                return str(newest())

        @router.get("/b")
        async def b() -> str:
            for _ in "b":
                return str(newest())
    """,
    "inside a function": """
        # app/api/items.py
        from fastapi import APIRouter

        router = APIRouter()

        @router.get("/items")
        async def count(names: list[str]) -> None:
            from sqlalchemy import text  # expect: LC102
            for name in names:
                print(text(name))
    """,
    "the session factory of the project": """
        # app/api/items.py
        from fastapi import APIRouter
        from app.database import session_factory  # expect: LC102

        router = APIRouter()

        @router.post("/items")
        async def create(names: list[str]) -> None:
            for name in names:
                async with session_factory() as session:
                    session.add(name)
    """,
    "a session made by hand": """
        # app/api/items.py
        from fastapi import APIRouter
        from sqlalchemy.orm import Session  # expect: LC102
        from app.storage import engine

        router = APIRouter()

        @router.post("/items")
        def create(names: list[str]) -> None:
            for name in names:
                with Session(engine) as session:
                    session.add(name)
        # app/storage.py
        engine = None
    """,
    "by the module": """
        # app/api/items.py
        from fastapi import APIRouter
        from sqlalchemy import select  # expect: LC102
        from app.models import Item

        router = APIRouter()
        NEWEST = select(Item)
    """,
    "a driver": """
        # app/api/items.py
        import asyncpg  # expect: LC102
        from fastapi import APIRouter

        router = APIRouter()

        @router.get("/items")
        async def show() -> list[str]:
            names = []
            for _ in "ab":
                names.append(str(await asyncpg.connect("postgres://")))
            return names
    """,
    "an alias of a session used as more than an annotation": """
        # app/api/items.py
        from fastapi import APIRouter
        from sqlalchemy.ext.asyncio import AsyncSession  # expect: LC102

        router = APIRouter()

        @router.get("/items")
        async def show(thing: object) -> bool:
            while not isinstance(thing, AsyncSession):
                thing = None
            return True
    """,
}  # fmt: skip

NEAR_MISSES: dict[str, str] = {
    "an authentication backend, which loads the user as a dependency does": """
        # app/auth.py
        from sqlalchemy import select
        from starlette.authentication import AuthCredentials, AuthenticationBackend
        from app.database import session_factory
        from app.models import Item

        class TokenBackend(AuthenticationBackend):
            async def authenticate(self, conn):
                async with session_factory() as session:
                    return AuthCredentials([]), await session.scalar(select(Item))
    """,
    "a provider that a function made, in a view": """
        # app/connection.py
        from sqlalchemy import create_engine
        from sqlalchemy.orm import Session, sessionmaker

        factory = sessionmaker(create_engine("sqlite://"))

        def make_provider(sessions):
            def get_db():
                with sessions() as db:
                    yield db
            return get_db

        get_session = make_provider(factory)
        # app/api/views.py
        from fastapi import APIRouter, Depends
        from fastapi_utils.cbv import cbv
        from sqlalchemy.orm import Session
        from app.connection import get_session

        router = APIRouter()

        @cbv(router)
        class Items:
            db: Session = Depends(get_session)

            @router.get("/views")
            def show(self) -> list[int]:
                return [1 for _ in range(3)]
    """,
    "annotations alone": """
        # app/api/items.py
        from typing import Annotated
        from fastapi import APIRouter, Depends
        from sqlalchemy import Select
        from sqlalchemy.ext.asyncio import AsyncSession
        from app.database import get_db

        router = APIRouter()
        Db = Annotated[AsyncSession, Depends(get_db)]

        @router.get("/items")
        async def show(query: "Select[int]", a: Db, b: AsyncSession = Depends(get_db)) -> int:
            statement: Select[int] = query
            for _ in range(3):
                print(statement, a, b)
            return 3
    """,
    "an alias of the project": """
        # app/api/items.py
        from fastapi import APIRouter
        from app.database import Db

        router = APIRouter()

        @router.get("/items")
        async def show(db: Db) -> None:
            for _ in range(3):
                print(db)
    """,
    "for type checkers alone": """
        # app/api/items.py
        from __future__ import annotations
        from typing import TYPE_CHECKING
        from fastapi import APIRouter
        if TYPE_CHECKING:
            from sqlalchemy import Select

        router = APIRouter()

        def show(query: Select[int]) -> None: ...
    """,
    "errors of the database": """
        # app/api/items.py
        import sqlalchemy
        from fastapi import APIRouter, HTTPException
        from sqlalchemy import exc
        from sqlalchemy.exc import IntegrityError
        from sqlalchemy.orm.exc import NoResultFound

        router = APIRouter()

        @router.get("/items")
        async def show() -> None:
            for _ in range(3):
                try:
                    print()
                except (IntegrityError, NoResultFound, exc.DataError, sqlalchemy.exc.TimeoutError):
                    raise HTTPException(409)
    """,
    "thin handlers": """
        # app/api/items.py
        from fastapi import APIRouter
        from sqlalchemy import select
        from app.database import Db
        from app.models import Item

        router = APIRouter()

        @router.get("/items")
        async def names(db: Db) -> list[str]:
            return [item.name for item in await db.scalars(select(Item))]
    """,
    "a health check": """
        # app/api/health.py
        from fastapi import APIRouter
        from sqlalchemy import text
        from app.database import Db

        router = APIRouter()

        @router.get("/health")
        async def health(db: Db) -> str:
            while not await db.scalar(text("SELECT 1")):
                pass
            return "ok"
    """,
    "a repository": """
        # app/repositories/tags.py
        from sqlalchemy import select
        from app.models import Item

        def all_items():
            return select(Item)
    """,
    "a dependency beside the router": """
        # app/api/items.py
        from fastapi import APIRouter, Depends
        from sqlalchemy import select
        from app.database import Db
        from app.models import User

        router = APIRouter()

        async def current_user(db: Db) -> User | None:
            for user in await db.scalars(select(User)):
                return user

        @router.get("/me")
        async def me(user: User = Depends(current_user)) -> str:
            return user.email
    """,
    "what is only handed on": """
        # app/api/__init__.py
        from sqlalchemy import select
        __all__ = ["select"]
    """,
    "a package whose name starts alike": """
        # app/api/items.py
        from fastapi import APIRouter
        from sqlalchemy_utils import EmailType
        from databases_of_birds import select

        router = APIRouter()
        NAMES = [select(EmailType)]
    """,
}  # fmt: skip


def whole(text: str) -> str:
    return project(MODELS, DATABASE, LAYERS, text)


@pytest.mark.parametrize("text", HITS.values(), ids=HITS)
def test_told(text: str, tmp_path: Path) -> None:
    assert expected(whole(text))
    assert found(check(tmp_path, whole(text), RULE)) == expected(whole(text))


@pytest.mark.parametrize("text", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_silent(text: str, tmp_path: Path) -> None:
    assert found(check(tmp_path, whole(text), RULE)) == []


def test_the_whole_finding(tmp_path: Path) -> None:
    outcome = check(tmp_path, whole(HITS["a query builder"]), RULE)
    assert report(outcome) == [
        "warning app/api/items.py:3:1 router `app.api.items` imports"
        " `sqlalchemy.func` and `sqlalchemy.select`, used by `count`",
        "  app/api/items.py:3 [router] import: app.api.items imports sqlalchemy.func and sqlalchemy.select",
        "  app/api/items.py:11 [router] use: count uses func",
        "  also app/api/items.py:11",
        "  router: route decorator",
        "  = app.api.items sqlalchemy.func, sqlalchemy.select",
    ]
    assert [one.help for one in outcome.new] == [
        "move what `count` builds to a repository; keep session types in annotations only"
    ]


def allow(*names: str) -> dict[str, Any]:
    return {"rules": {"LC102": {"allowed-names": list(names)}}}


OPTIONS: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "allowed by its last name": ("a query builder", allow("select", "func"), []),
    "allowed by its whole name": ("by the module", allow("sqlalchemy.select"), []),
    "another name is allowed": ("by the module", allow("sqlalchemy.text"), ["app/api/items.py:3 LC102"]),
    "a package of one's own": (
        "a package whose name starts alike",
        {"types": {"database-packages": ["databases_of_birds"]}},
        ["app/api/items.py:4 LC102"],
    ),
    "no handler is thin": ("thin handlers", {"thin-crud": "off"}, ["app/api/items.py:3 LC102"]),
}  # fmt: skip


@pytest.mark.parametrize(("case", "settings", "lines"), OPTIONS.values(), ids=OPTIONS)
def test_options(case: str, settings: dict[str, Any], lines: list[str], tmp_path: Path) -> None:
    text = {**HITS, **NEAR_MISSES}[case]
    assert found(check(tmp_path, whole(text), {**RULE, **settings})) == lines
