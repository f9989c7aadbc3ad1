"""LC404: handlers, services and repositories that open a session of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from shop import DATABASE, LAYERS, MODELS, project, router
from small_projects import check, expected, found, report

RULE = {"select": ["LC404"]}

MANAGERS = """
# app/db.py
from contextlib import asynccontextmanager
from app.database import get_db, session_factory

@asynccontextmanager
async def session_scope():
    async with session_factory() as session:
        yield session

provided = asynccontextmanager(get_db)
"""


def audit(body: str, head: str = "") -> str:
    """Return a repository whose method has ``body``."""
    return f"""
# app/repositories/audit.py
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from app.database import engine, session_factory
from app.db import provided, session_scope
{head}
class AuditRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
    async def record(self, name: str) -> None:
{body}
"""


HITS: dict[str, str] = {
    "a factory": audit("""
        async with session_factory() as own:  # expect: LC404
            await own.execute(text("SELECT 1"))
    """),
    "a transaction of a factory": audit("""
        async with session_factory.begin() as own:  # expect: LC404
            await own.execute(text("SELECT 1"))
    """),
    "the class itself": audit("""
        async with AsyncSession(engine) as own:  # expect: LC404
            await own.execute(text("SELECT 1"))
    """),
    "a connection": audit("""
        async with engine.connect() as own:  # expect: LC404
            await own.execute(text("SELECT 1"))
    """),
    "a context manager made for that": audit("""
        async with session_scope() as own:  # expect: LC404
            await own.execute(text("SELECT 1"))
    """),
    "a context manager made of a provider": audit("""
        async with provided() as own:  # expect: LC404
            await own.execute(text("SELECT 1"))
    """),
    "in a handler": router("""
        from app.database import session_factory

        @router.post("/items")
        async def create(name: str, db: Db) -> None:
            async with session_factory() as session:  # expect: LC404
                session.add(Item(name=name))
    """),
    "in a service, twice": """
# app/services/stock.py
from app.database import session_factory
from app.models import Item

async def stock(item_id: int) -> int:
    async with session_factory() as session:  # expect: LC404
        item = await session.get(Item, item_id)
    async with session_factory() as session:
        return item.stock
""",
    "in the constructor": """
# app/repositories/audit.py
from app.database import session_factory

class AuditRepository:
    def __init__(self) -> None:
        self.session = session_factory()  # expect: LC404
""",
    "in a helper of two repositories": """
# app/repositories/base.py
from contextlib import asynccontextmanager
from app.database import session_factory
from app.models import Item

class Base:
    @asynccontextmanager
    async def opened(self):
        async with session_factory() as session:  # expect: LC404
            yield session

class ShelfRepository(Base):
    async def get(self, item_id: int) -> Item | None:
        async with self.opened() as session:
            return await session.get(Item, item_id)
""" + router("""
        from app.repositories.base import ShelfRepository

        @router.get("/shelves/{item_id}")
        async def show(item_id: int, shelves: Annotated[ShelfRepository, Depends()]) -> ItemOut:
            return await shelves.get(item_id)
    """),
    "whatever it was handed": """
# app/services/stock.py
from sqlalchemy.ext.asyncio import AsyncSession
from app.database import session_factory

async def clear(session: AsyncSession | None = None, name: str = "") -> None:
    if session is not None:
        await session.commit()
    if name:
        own = session_factory()  # expect: LC404
        await own.commit()
""",
    "for a task and for a request": """
# app/services/stock.py
from app.database import session_factory
from app.models import Item

async def stock(item_id: int) -> int:
    async with session_factory() as session:  # expect: LC404
        return (await session.get(Item, item_id)).stock
# app/tasks/stock.py
from celery import shared_task
from app.services.stock import stock

@shared_task
async def count() -> None:
    await stock(1)
""" + router("""
        from app.services.stock import stock

        @router.get("/stock/{item_id}")
        async def show(item_id: int) -> int:
            return await stock(item_id)
    """),
}  # fmt: skip

OWN_TIME = """
# app/services/reports.py
from app.database import session_factory
from app.models import Item

async def build(item_id: int) -> int:
    async with session_factory() as session:
        return (await session.get(Item, item_id)).stock
"""
"""A service with a session of its own."""

STREAM = """
# app/services/lines.py
from app.database import session_factory
from app.models import Item

async def lines():
    async with session_factory() as session:
        yield await session.get(Item, 1)
"""

NEAR_MISSES: dict[str, str] = {
    "the session it is handed": audit("""
        async with self.session.begin():
            await self.session.execute(text("SELECT 1"))
    """),
    "a session on the connection of another": audit("""
        own = AsyncSession(await self.session.connection())
        await own.execute(text("SELECT 1"))
    """),
    "only where it was handed none": """
# app/services/stock.py
from sqlalchemy.ext.asyncio import AsyncSession
from app.database import session_factory

class StockService:
    def __init__(self, session: AsyncSession | None = None) -> None:
        self.session = session
    async def fill(self) -> None:
        if self.session is None:
            self.session = session_factory()
        await self.session.commit()

async def clear(session: AsyncSession | None = None) -> None:
    session = session or session_factory()
    await session.commit()

async def count(session: AsyncSession | None = None) -> None:
    used = session if session is not None else session_factory()
    await used.commit()

async def sweep(session: AsyncSession | None = None) -> None:
    if session:
        return await session.commit()
    async with session_factory() as own:
        await own.commit()
""",
    "a savepoint": audit("""
        async with self.session.begin_nested():
            await self.session.execute(text("SELECT 1"))
    """),
    "a factory nothing is known of": audit("""
        async with self.factory() as own:
            await own.execute(text("SELECT 1"))
    """),
    "a session of an HTTP client": audit("""
        with requests.Session() as session:
            session.get("https://example.org")
    """, "import requests"),
    "a provider": DATABASE,
    "a provider called by hand, which LC401 tells": audit("""
        async for own in get_db():
            await own.execute(text("SELECT 1"))
    """, "from app.database import get_db"),
    "a unit of work": """
# app/services/unit_of_work.py
from app.database import session_factory

class UnitOfWork:
    async def __aenter__(self):
        self.session = session_factory()
        return self
    async def __aexit__(self, *error): ...
    async def commit(self) -> None:
        await self.session.commit()
    async def rollback(self) -> None:
        await self.session.rollback()

async def sell() -> None:
    async with UnitOfWork() as unit:
        await unit.commit()
""",
    "a task": """
# app/tasks/stock.py
from celery import shared_task
from app.database import session_factory

@shared_task
async def count() -> None:
    async with session_factory() as session:
        await session.commit()
""",
    "what only a task runs": OWN_TIME + """
# app/tasks/reports.py
from celery import shared_task
from app.services.reports import build

@shared_task
async def count() -> None:
    await build(1)
""",
    "what runs in the background": OWN_TIME + router("""
        from fastapi import BackgroundTasks
        from app.services.reports import build

        @router.post("/reports")
        async def start(tasks: BackgroundTasks) -> None:
            tasks.add_task(build, 1)
    """),
    "what runs beside the request": OWN_TIME + router("""
        import asyncio
        from app.services.reports import build

        @router.post("/reports")
        async def start() -> None:
            asyncio.create_task(build(1))

        @router.post("/reports/all")
        async def start_all() -> None:
            await asyncio.gather(*(build(number) for number in range(3)))
    """),
    "what streams a response": STREAM + router("""
        from fastapi.responses import StreamingResponse
        from app.database import session_factory
        from app.services.lines import lines

        @router.get("/reports")
        async def show() -> StreamingResponse:
            return StreamingResponse(lines())

        @router.get("/reports/all")
        async def show_all() -> StreamingResponse:
            async def all_lines():
                async with session_factory() as session:
                    yield await session.get(Item, 1)
            return StreamingResponse(all_lines())
    """),
    "a websocket": router("""
        from fastapi import WebSocket
        from app.database import session_factory

        @router.websocket("/items")
        async def watch(websocket: WebSocket) -> None:
            async with session_factory() as session:
                await session.get(Item, 1)
    """),
    "middleware": """
# app/middleware.py
from starlette.middleware.base import BaseHTTPMiddleware
from app.database import session_factory

class Seen(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        async with session_factory() as session:
            await session.commit()
        return await call_next(request)
""",
    "a route of Starlette, which injects nothing": """
# app/worker.py
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from app.database import session_factory
from app.models import Item

async def stock(request: Request) -> PlainTextResponse:
    async with session_factory() as session:
        return PlainTextResponse(str(await session.get(Item, 1)))

app = Starlette(routes=[Route("/stock", stock)])
""",
    "a method of a library's class": """
# app/repositories/jobs.py
from apscheduler.jobstores.base import BaseJobStore
from app.database import session_factory
from app.models import Item

class JobRepository(BaseJobStore):
    def get_due_jobs(self, now):
        return self._jobs()
    def _jobs(self):
        with session_factory() as session:
            return session.get(Item, 1)
""",
    "a health check": router("""
        from sqlalchemy import text
        from app.database import engine

        @router.get("/health")
        async def health() -> str:
            async with engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
            return "ok"
    """),
    "what a library is told to run": """
# app/services/bot.py
from hikari import GatewayBot
from app.database import session_factory

bot = GatewayBot("token")

@bot.listen()
async def on_starting(event) -> None:
    async with session_factory() as session:
        await session.commit()
""",
    "the start of the application": """
# app/main.py
from fastapi import FastAPI
from app.database import session_factory

async def start() -> None:
    async with session_factory() as session:
        await session.commit()

app = FastAPI(on_startup=[start])
""",
}  # fmt: skip


def whole(text: str) -> str:
    return project(MODELS, DATABASE, MANAGERS, LAYERS, text)


@pytest.mark.parametrize("text", HITS.values(), ids=HITS)
def test_told(text: str, tmp_path: Path) -> None:
    assert expected(whole(text))
    assert found(check(tmp_path, whole(text), RULE)) == expected(whole(text))


@pytest.mark.parametrize("text", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_silent(text: str, tmp_path: Path) -> None:
    assert found(check(tmp_path, whole(text), RULE)) == []


SAID: dict[str, tuple[str, str]] = {
    "a factory": (
        "repository AuditRepository.record opens a session with session_factory()",
        "take the session from the provider that makes it, in the constructor or as a parameter",
    ),
    "a connection": (
        "repository AuditRepository.record opens a session with engine.connect()",
        "take the session from the provider that makes it, in the constructor or as a parameter",
    ),
    "in a handler": (
        "POST /items (create) opens a session with session_factory() although it takes `db`",
        "use `db`",
    ),
}


@pytest.mark.parametrize("case", SAID)
def test_what_is_said(case: str, tmp_path: Path) -> None:
    outcome = check(tmp_path, whole(HITS[case]), RULE)
    assert [(one.message, one.help) for one in outcome.new] == [SAID[case]]


def test_the_whole_finding(tmp_path: Path) -> None:
    assert report(check(tmp_path, whole(HITS["in a service, twice"]), RULE)) == [
        "warning app/services/stock.py:6:16 service stock opens a session with session_factory()",
        "  app/services/stock.py:6 [service] session: stock calls session_factory",
        "  also app/services/stock.py:8",
        "  service: directory services/",
        "  = app.services.stock.stock sqlalchemy.ext.asyncio.async_sessionmaker()",
    ]


def test_a_unit_of_work_of_ones_own(tmp_path: Path) -> None:
    text = whole(HITS["a factory"])
    settings = {**RULE, "types": {"uow": ["AuditRepository"]}}
    assert found(check(tmp_path, text, settings)) == []
