"""LC104: handlers that take a session without querying it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shop import DATABASE, LAYERS, MODELS, project, router
from small_projects import check, expected, found, report

RULE = {"select": ["LC104"]}

PROFILES = """
# app/services/profiles.py
from sqlalchemy.ext.asyncio import AsyncSession
from app.models import User

async def profile(session: AsyncSession, user_id: int) -> User | None: ...
"""

HITS: dict[str, str] = {
    "handed to a service": router("""
        from app.services import profiles

        @router.get("/me")
        async def me(
            user_id: int,
            db: Db,  # expect: LC104
        ):
            return await profiles.profile(db, user_id)
    """),
    "handed to the constructor of a service": router("""
        from app.services.items import ItemService
        from app.repositories.items import ItemRepository

        @router.post("/items")
        async def create(name: str, db: Db) -> None:  # expect: LC104
            await ItemService(ItemRepository(db)).add(name)
    """),
    "never used": router("""
        @router.get("/me")
        async def me(db: Db) -> str:  # expect: LC104
            return "me"
    """),
    "commits what a service did": router("""
        from app.dependencies import ItemServiceDep

        @router.post("/items")
        async def create(name: str, items: ItemServiceDep, db: Db) -> None:  # expect: LC104
            await items.add(name)
            await db.commit()
    """),
    "handed to a library": router("""
        from fastapi_pagination.ext.sqlalchemy import paginate

        @router.get("/items")
        async def page(db: Db):  # expect: LC104
            return await paginate(db, select(Item))
    """),
    "handed to functions of a repository, and it decides": router("""
        from app import crud

        @router.post("/items")
        async def create(data: ItemIn, db: Db) -> None:  # expect: LC104
            if await crud.find(db, data.name):
                raise HTTPException(409)
            await crud.add(db, data.name)
    """) + """
# app/crud.py
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from app.models import Item
async def find(db: AsyncSession, name: str) -> Item | None:
    return await db.scalar(select(Item).where(Item.name == name))
async def add(db: AsyncSession, name: str) -> None:
    db.add(Item(name=name))
""",
    "an attribute of a class-based view": router("""
        from fastapi_utils.cbv import cbv
        from app.services import profiles

        @cbv(router)
        class Me:
            db: Db

            @router.get("/me")
            async def show(self, user_id: int):  # expect: LC104
                return await profiles.profile(self.db, user_id)

            @router.get("/you")
            async def other(self) -> str:
                return "you"
    """),
    "an attribute of the base of a class-based view": router("""
        from fastapi_utils.cbv import cbv
        from app.api.base import Base
        from app.services import profiles

        @cbv(router)
        class Me(Base):
            @router.get("/me")
            async def show(self, user_id: int):  # expect: LC104
                return await profiles.profile(self.db, user_id)
    """) + """
# app/api/base.py
from app.database import Db
class Base:
    db: Db
""",
    "the state of the request": router("""
        from fastapi import Request
        from sqlalchemy.ext.asyncio import AsyncSession
        from app.services import profiles

        @router.get("/me")
        async def me(request: Request):
            db: AsyncSession = request.state.db  # expect: LC104
            return await profiles.profile(db, 1)
    """),
    "a connection": router("""
        import asyncpg
        from app.pool import connection
        from app.services import raw

        @router.get("/me")
        async def me(it: asyncpg.Connection = Depends(connection)) -> str:  # expect: LC104
            return await raw.name(it)
    """) + """
# app/pool.py
def connection(): ...
# app/services/raw.py
async def name(it) -> str: ...
""",
}  # fmt: skip

NEAR_MISSES: dict[str, str] = {
    "thin, below a decorator that looks whether it is a coroutine": router("""
        from app.access import checked
        from app.repositories.items import ItemRepository

        @router.get("/items/{item_id}")
        @checked("reader")
        async def show(item_id: int, db: Db):
            return await ItemRepository(db).get(item_id)
    """) + """
# app/access.py
import asyncio
from functools import wraps
def checked(role: str):
    def decorator(function):
        if asyncio.iscoroutinefunction(function):
            @wraps(function)
            async def waiting(*args, **kwargs):
                return await function(*args, **kwargs)
            return waiting
        @wraps(function)
        def plain(*args, **kwargs):
            return function(*args, **kwargs)
        return plain
    return decorator
""",
    "thin": router("""
        @router.get("/items/{item_id}")
        async def show(item_id: int, db: Db) -> ItemOut:
            return ItemOut.model_validate(await db.get(Item, item_id))
    """),
    "thin, through a function of a repository": router("""
        from app import crud

        @router.get("/items/{name}")
        async def show(name: str, db: Db) -> ItemOut:
            item = await crud.find(db, name)
            if item is None:
                raise HTTPException(404)
            return ItemOut.model_validate(item)
    """) + """
# app/crud.py
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from app.models import Item
async def find(db: AsyncSession, name: str) -> Item | None:
    return await db.scalar(select(Item).where(Item.name == name))
""",
    "what LC101 reports": router("""
        from app.services import profiles

        @router.get("/items/{item_id}")
        async def show(item_id: int, db: Db) -> None:
            await db.get(Item, item_id)
            await profiles.profile(db, 1)
    """),
    "a class of the project called Session": router("""
        class Session:
            def execute(self, text: str) -> str:
                return text

        @router.get("/me")
        async def me(session: Annotated[Session, Depends()]) -> str:
            return session.execute("me")
    """),
    "a dict called db": router("""
        from app.services import profiles

        @router.get("/me")
        async def me(db: dict[str, str]):
            return await profiles.profile(db, 1)
    """),
    "a session of an HTTP client": router("""
        import requests

        @router.get("/me")
        async def me(session: Annotated[requests.Session, Depends()]):
            return session.get("https://example.org").text
    """),
    "a class called SessionService": router("""
        class SessionService:
            def commit(self) -> None: ...

        @router.post("/sessions")
        async def create(session: Annotated[SessionService, Depends()]) -> None:
            session.commit()
    """),
    "a dependency that takes it": router("""
        from app.services import profiles

        async def current(db: Db):
            return await profiles.profile(db, 1)

        @router.get("/me")
        async def me(user: Annotated[User | None, Depends(current)]) -> str:
            return "me" if user else "nobody"
    """),
    "a health check": router("""
        from sqlalchemy import text
        from sqlalchemy.ext.asyncio import AsyncSession

        async def ping(session: AsyncSession) -> None:
            await session.execute(text("SELECT 1"))

        @router.get("/health")
        async def health(db: Db) -> str:
            await ping(db)
            return "ok"

        @router.get("/live")
        async def live(db: Db) -> str:
            await ping(db)
            return "ok"
    """),
    "a unit of work": router("""
        class UnitOfWork:
            async def __aenter__(self): ...
            async def __aexit__(self, *error): ...
            async def commit(self) -> None: ...
            async def rollback(self) -> None: ...

        @router.post("/items")
        async def create(uow: Annotated[UnitOfWork, Depends()]) -> None:
            await uow.commit()
    """),
}  # fmt: skip


def whole(text: str) -> str:
    return project(MODELS, DATABASE, LAYERS, PROFILES, text)


@pytest.mark.parametrize("text", HITS.values(), ids=HITS)
def test_told(text: str, tmp_path: Path) -> None:
    assert expected(whole(text))
    assert found(check(tmp_path, whole(text), RULE)) == expected(whole(text))


@pytest.mark.parametrize("text", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_silent(text: str, tmp_path: Path) -> None:
    assert found(check(tmp_path, whole(text), RULE)) == []


@pytest.mark.parametrize(
    ("case", "message", "help"),
    [
        (
            "handed to a service",
            "GET /me (me) takes the AsyncSession `db` and hands it to profiles.profile;"
            " not thin (calls profile (service))",
            "call `app.services.profiles.profile` from a service that its provider builds with the session",
        ),
        (
            "never used",
            "GET /me (me) takes the AsyncSession `db` and never uses it",
            "remove the parameter `db`",
        ),
        (
            "commits what a service did",
            "POST /items (create) takes the AsyncSession `db` and calls commit;"
            " not thin (calls ItemService.add (service))",
            "let the provider of the session end the transaction",
        ),
        (
            "handed to the constructor of a service",
            "POST /items (create) takes the AsyncSession `db` and hands it to ItemRepository;"
            " not thin (calls ItemService (service); calls ItemService.add (service))",
            "take `ItemRepository` from a provider that builds it with the session",
        ),
        (
            "handed to a library",
            "GET /items (page) takes the AsyncSession `db` and hands it to paginate;"
            " not thin (hands the session to paginate)",
            "call `paginate` where the session is known, in a repository",
        ),
        (
            "handed to functions of a repository, and it decides",
            "POST /items (create) takes the AsyncSession `db` and hands it to crud.find and crud.add;"
            " not thin (guard on a row that exists in line 15)",
            "call `app.crud.find` from a service that its provider builds with the session",
        ),
        (
            "an attribute of a class-based view",
            "GET /me (show) takes the AsyncSession `self.db` and hands it to profiles.profile;"
            " not thin (calls profile (service))",
            "call `app.services.profiles.profile` from a service that its provider builds with the session",
        ),
    ],
    ids=["handed on", "unused", "commit", "constructor", "library", "functions", "view"],
)
def test_what_is_said(case: str, message: str, help: str, tmp_path: Path) -> None:
    outcome = check(tmp_path, whole(HITS[case]), RULE)
    assert [(one.message, one.help) for one in outcome.new] == [(message, help)]


def test_the_whole_finding(tmp_path: Path) -> None:
    assert report(check(tmp_path, whole(HITS["handed to a service"]), RULE)) == [
        "warning app/api/items.py:16:5 GET /me (me) takes the AsyncSession `db`"
        " and hands it to profiles.profile; not thin (calls profile (service))",
        "  app/api/items.py:16 [router] session: me takes db",
        "  router: route decorator",
        "  = app.api.items.me AsyncSession",
    ]


def test_the_attribute_of_a_base_stands_in_the_chain(tmp_path: Path) -> None:
    outcome = check(tmp_path, whole(HITS["an attribute of the base of a class-based view"]), RULE)
    assert report(outcome) == [
        "warning app/api/items.py:18:5 GET /me (show) takes the AsyncSession `self.db`"
        " and hands it to profiles.profile; not thin (calls profile (service))",
        "  app/api/base.py:4 [router] session: Base declares self.db",
        "  router: route decorator",
        "  = app.api.items.Me.show AsyncSession",
    ]


OPTIONS: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "routers own the transaction": ("commits what a service did", {"transaction-owner": "router"}, []),
    "but the session is handed on": (
        "handed to a service", {"transaction-owner": "router"}, ["app/api/items.py:16 LC104"],
    ),
    "a session of one's own": (
        "a class called SessionService",
        {"types": {"session": ["app.api.items.SessionService"]}, "thin-crud": "off"},
        ["app/api/items.py:15 LC104"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("case", "settings", "lines"), OPTIONS.values(), ids=OPTIONS)
def test_options(case: str, settings: dict[str, Any], lines: list[str], tmp_path: Path) -> None:
    text = {**HITS, **NEAR_MISSES}[case]
    assert found(check(tmp_path, whole(text), {**RULE, **settings})) == lines
