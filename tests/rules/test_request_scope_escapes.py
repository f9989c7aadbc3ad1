"""LC405: what belongs to a request in the hands of code that runs when it is over."""

from __future__ import annotations

from pathlib import Path

import pytest

from shop import DATABASE, MODELS, project
from small_projects import check, expected, found, report

RULE = {"select": ["LC405"]}

SERVICES = """
# app/mails.py
from app.database import session_factory
from app.models import User

async def send(to: str) -> None: ...
async def greet(user: User) -> None: ...
async def count(db) -> None: ...

async def count_alone() -> None:
    async with session_factory() as session:
        session.add(0)
# app/services/users.py
from fastapi import BackgroundTasks
from sqlalchemy.ext.asyncio import AsyncSession
from app.database import session_factory
from app.models import User

class UserRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
    async def get(self, user_id: int) -> User:
        return await self.session.get(User, user_id)

class UserService:
    def __init__(self, users: UserRepository) -> None:
        self.users = users
        self.names = ["a"]
    async def load(self) -> User:
        return await self.users.get(1)
    async def refresh(self) -> None:
        await self.inner()
    async def inner(self) -> None:
        await self.users.get(1)
    async def shout(self) -> None:
        print(self.names)
    async def record(self) -> None:
        async with session_factory() as session:
            session.add(0)

class LonelyService:
    def __init__(self) -> None:
        self.session = session_factory()
    async def refresh(self) -> None:
        self.session.add(0)
"""

BEGINNING = """
# app/api/users.py
import asyncio
import functools
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated
import httpx
from fastapi import APIRouter, BackgroundTasks, Depends
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask
from celery import Celery
from app import mails
from app.database import Db, session_factory
from app.models import User
from app.services.users import LonelyService, UserRepository, UserService

celery = Celery()
router = APIRouter()
running = set()

def get_users(db: Db) -> UserService:
    return UserService(UserRepository(db))

async def get_user(db: Db) -> User:
    return await db.get(User, 1)

def get_plain_db():
    return session_factory()

async def get_client():
    async with httpx.AsyncClient() as client:
        yield client

def get_other_client() -> httpx.AsyncClient:
    return httpx.AsyncClient()

@celery.task
def queued(user: object) -> None: ...

Users = Annotated[UserService, Depends(get_users)]
Current = Annotated[User, Depends(get_user)]
Client = Annotated[httpx.AsyncClient, Depends(get_client)]
OtherClient = Annotated[httpx.AsyncClient, Depends(get_other_client)]
PlainDb = Annotated[object, Depends(get_plain_db)]

@router.post("/users")
async def act(
    tasks: BackgroundTasks, db: Db, users: Users, current: Current, client: Client, other: OtherClient,
    plain: PlainDb, lonely: Annotated[LonelyService, Depends()],
):
"""


def handler(body: str) -> str:
    """Return a router whose one handler has ``body``, and is given all there is."""
    lines = "\n".join(f"    {line.strip(chr(10))[8:]}" for line in body.strip("\n").split("\n"))
    return f"{BEGINNING.rstrip()}\n{lines}\n"


HITS: dict[str, str] = {
    "a session": handler("""
        tasks.add_task(mails.count, db)  # expect: LC405
    """),
    "a session by name": handler("""
        tasks.add_task(mails.count, db=db)  # expect: LC405
    """),
    "a method of what holds the session": handler("""
        tasks.add_task(users.refresh)  # expect: LC405
    """),
    "what holds the session": handler("""
        tasks.add_task(mails.count, users)  # expect: LC405
    """),
    "a repository made here": handler("""
        repository = UserRepository(db)
        tasks.add_task(repository.get, 1)  # expect: LC405
    """),
    "a part of what is injected": handler("""
        tasks.add_task(mails.count, users.users)  # expect: LC405
    """),
    "a row that is injected": handler("""
        tasks.add_task(mails.greet, current)  # expect: LC405
    """),
    "a row that was loaded": handler("""
        user = await users.load()
        tasks.add_task(mails.greet, user)  # expect: LC405
    """),
    "a row that was loaded by the session": handler("""
        user = await db.get(User, 1)
        tasks.add_task(mails.greet, user=user)  # expect: LC405
    """),
    "a row that was just kept": handler("""
        user = User()
        db.add(user)
        await db.commit()
        tasks.add_task(mails.greet, user)  # expect: LC405
    """),
    "a client its provider closes": handler("""
        tasks.add_task(mails.count, client)  # expect: LC405
    """),
    "a closure": handler("""
        tasks.add_task(lambda: mails.count(db))  # expect: LC405
    """),
    "a function within": handler("""
        async def later() -> None:
            await mails.count(db)
        tasks.add_task(later)  # expect: LC405
    """),
    "a partial": handler("""
        tasks.add_task(functools.partial(mails.count, db))  # expect: LC405
    """),
    "the task of a response": handler("""
        return JSONResponse({}, background=BackgroundTask(mails.count, db))  # expect: LC405
    """),
    "a task nobody waits for": handler("""
        asyncio.create_task(mails.count(db))  # expect: LC405
    """),
    "a method nobody waits for": handler("""
        asyncio.ensure_future(users.refresh())  # expect: LC405
    """),
    "a task that is only kept alive": handler("""
        task = asyncio.create_task(mails.count(db))  # expect: LC405
        running.add(task)
        task.add_done_callback(running.discard)
    """),
    "an executor": handler("""
        pool = ThreadPoolExecutor()
        pool.submit(mails.count, db)  # expect: LC405
    """),
    "a queue": handler("""
        queued.delay(current)  # expect: LC405
    """),
    "a queue, as a list": handler("""
        queued.apply_async(args=[current])  # expect: LC405
    """),
    "from a service": """
        # app/services/mails.py
        from fastapi import BackgroundTasks
        from app import mails
        from app.models import User
        from app.services.users import UserRepository

        class MailService:
            def __init__(self, users: UserRepository) -> None:
                self.users = users
            async def greet(self, tasks: BackgroundTasks, user_id: int) -> None:
                user = await self.users.get(user_id)
                tasks.add_task(mails.greet, user)  # expect: LC405
        # app/api/mails.py
        from typing import Annotated
        from fastapi import APIRouter, BackgroundTasks, Depends
        from app.database import Db
        from app.services.mails import MailService
        from app.services.users import UserRepository
        router = APIRouter()

        def get_mails(db: Db) -> MailService:
            return MailService(UserRepository(db))

        @router.post("/mails")
        async def greet(tasks: BackgroundTasks, service: Annotated[MailService, Depends(get_mails)]):
            await service.greet(tasks, 1)
    """,
}  # fmt: skip

NEAR_MISSES: dict[str, str] = {
    "ids and plain data": handler("""
        user = await users.load()
        tasks.add_task(mails.send, user.email)
        tasks.add_task(mails.send, f"{current.id}")
        queued.delay(current.id)
    """),
    "the length of what was loaded": handler("""
        user = await users.load()
        tasks.add_task(mails.send, str(len(user.email)))
    """),
    "a copy of plain fields": handler("""
        user = await users.load()
        tasks.add_task(print, {"id": user.id, "email": user.email})
    """),
    "text made of a row": handler("""
        user = await users.load()
        text = "to " + user.email
        tasks.add_task(mails.send, text)
    """),
    "a constant": handler("""
        tasks.add_task(print, "done")
    """),
    "a function of no arguments": handler("""
        tasks.add_task(print)
    """),
    "an id that was read before": handler("""
        key = current.id
        queued.delay(key)
    """),
    "a task that opens its own session": handler("""
        tasks.add_task(mails.count_alone)
    """),
    "a method that leaves the session alone": handler("""
        tasks.add_task(users.shout)
        tasks.add_task(users.record)
    """),
    "a service with a session of its own": handler("""
        tasks.add_task(lonely.refresh)
    """),
    "a provider without yield": handler("""
        tasks.add_task(mails.count, plain)
        tasks.add_task(mails.count, other)
    """),
    "a session that is opened here": handler("""
        own = session_factory()
        tasks.add_task(mails.count, own)
    """),
    "a new row that nobody keeps": handler("""
        user = User()
        tasks.add_task(mails.greet, user)
    """),
    "a new row that a service hands on": """
        # app/services/mails.py
        from fastapi import BackgroundTasks
        from app import mails
        from app.models import User

        class MailService:
            async def greet(self, tasks: BackgroundTasks) -> None:
                user = User()
                tasks.add_task(mails.greet, user)
        # app/api/mails.py
        from typing import Annotated
        from fastapi import APIRouter, BackgroundTasks, Depends
        from app.services.mails import MailService
        router = APIRouter()

        @router.post("/mails")
        async def greet(tasks: BackgroundTasks, service: Annotated[MailService, Depends()]):
            await service.greet(tasks)
    """,
    "a task that is waited for": handler("""
        task = asyncio.create_task(mails.count(db))
        await task
    """),
    "tasks that are gathered": handler("""
        tasks_here = [asyncio.create_task(mails.count(db))]
        await asyncio.gather(*tasks_here)
    """),
    "a group": handler("""
        async with asyncio.TaskGroup() as group:
            group.create_task(mails.count(db))
    """),
    "a thread that is waited for": handler("""
        await asyncio.to_thread(mails.count, db)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, mails.count, db)
    """),
    "an executor that is waited for": handler("""
        with ThreadPoolExecutor() as pool:
            pool.submit(mails.count, db)
        other_pool = ThreadPoolExecutor()
        future = other_pool.submit(mails.count, db)
        future.result()
    """),
    "a function within that uses nothing": handler("""
        async def later(db: object = None) -> None:
            await mails.count(db)
        tasks.add_task(later)
    """),
    "something else that adds tasks": handler("""
        board = Board()
        board.add_task(mails.count, db)
    """),
    "a worker": """
        # app/worker.py
        from celery import Celery
        from app.database import session_factory
        from app import mails
        import asyncio
        celery = Celery()

        @celery.task
        async def work(user_id: int) -> None:
            async with session_factory() as session:
                asyncio.create_task(mails.count(session))
    """,
}  # fmt: skip


def whole(text: str) -> str:
    return project(MODELS, DATABASE, SERVICES, text)


@pytest.mark.parametrize("text", HITS.values(), ids=HITS)
def test_told(text: str, tmp_path: Path) -> None:
    outcome = check(tmp_path, whole(text), RULE)
    assert expected(whole(text))
    assert found(outcome) == expected(whole(text))
    assert {one.severity for one in outcome.new} == {"error"}


@pytest.mark.parametrize("text", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_silent(text: str, tmp_path: Path) -> None:
    assert found(check(tmp_path, whole(text), RULE)) == []


def test_rows_without_a_session_are_plain_data(tmp_path: Path) -> None:
    text = """
        # app/api/users.py
        from fastapi import APIRouter, BackgroundTasks
        from tortoise.models import Model
        router = APIRouter()

        class Member(Model): ...

        async def greet(member: Member) -> None: ...

        @router.post("/members")
        async def join(tasks: BackgroundTasks) -> None:
            member = await Member.get(id=1)
            tasks.add_task(greet, member)
    """
    assert found(check(tmp_path, project(text), RULE)) == []


MESSAGES: dict[str, tuple[str, str, str]] = {
    "session": (
        "a session",
        "POST /users (act) hands `db` to a background task; the session belongs to the request,"
        " which is over when the task runs",
        "let the task open its own session",
    ),
    "holder": (
        "a method of what holds the session",
        "POST /users (act) hands `users` to a background task; UserService holds the session of the"
        " request, which is over when the task runs",
        "hand over ids and plain data, and let the task open its own session",
    ),
    "row": (
        "a queue",
        "POST /users (act) hands `current` to the queue of `queued`; a loaded User belongs to the session"
        " of the request, which is over when the task runs",
        "hand over its id and the values the task needs",
    ),
    "resource": (
        "a client its provider closes",
        "POST /users (act) hands `client` to a background task; get_client closes it when the request"
        " ends, which is over when the task runs",
        "let the task make its own",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("case", "message", "help"), MESSAGES.values(), ids=MESSAGES)
def test_how_it_is_told(case: str, message: str, help: str, tmp_path: Path) -> None:
    (one,) = check(tmp_path, whole(HITS[case]), RULE).new
    assert (one.message, one.help) == (message, help)


def test_the_whole_finding(tmp_path: Path) -> None:
    outcome = check(tmp_path, whole(HITS["from a service"]), RULE)
    assert report(outcome) == [
        "error app/services/mails.py:12:9 MailService.greet hands `user` to a background task; a loaded User"
        " belongs to the session of the request, which is over when the task runs",
        "  app/services/mails.py:12 [service] deferred: MailService.greet hands user to a background task",
        "  service: class name *Service",
        "  = app.services.mails.MailService.greet User",
    ]


VERSIONS = {"0.105.0": "warning", "0.106.0": "error", "0.117.1": "error", "0.118.0": "warning"}


@pytest.mark.parametrize(("version", "severity"), VERSIONS.items(), ids=VERSIONS)
def test_background_tasks_of_versions_that_close_later(version: str, severity: str, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(f"fastapi=={version}\n", encoding="utf-8")
    (one,) = check(tmp_path, whole(HITS["a session"]), RULE).new
    assert one.severity == severity
    assert one.message.endswith("; it stays open as long as the task runs") is (severity == "warning")


def test_tasks_nobody_waits_for_run_on_in_any_version(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("fastapi==0.120.0\n", encoding="utf-8")
    (one,) = check(tmp_path, whole(HITS["a task nobody waits for"]), RULE).new
    assert one.severity == "error"


def test_streams_may_be_reported(tmp_path: Path) -> None:
    text = whole(
        """
        # app/api/users.py
        from fastapi import APIRouter
        from fastapi.responses import StreamingResponse
        from app.database import Db
        router = APIRouter()

        async def lines(db):
            yield await db.scalar("SELECT 1")

        @router.get("/users")
        async def show(db: Db):
            return StreamingResponse(lines(db))
        """
    )
    assert found(check(tmp_path, text, RULE)) == []
    strict = {**RULE, "rules": {"LC405": {"allow-streaming": False}}}
    assert found(check(tmp_path, text, strict)) == ["app/api/users.py:12 LC405"]
