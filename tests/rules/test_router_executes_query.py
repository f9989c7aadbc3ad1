"""LC101: handlers that query the database and are not thin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shop import DATABASE, LAYERS, MODELS, project, router
from small_projects import check, expected, found, report

RULE = {"select": ["LC101"]}

HITS: dict[str, str] = {
    "a row that exists is refused": router("""
        @router.post("/items", status_code=204)
        async def create(data: ItemIn, db: Db) -> None:
            if await db.scalar(select(Item).where(Item.name == data.name)):  # expect: LC101
                raise HTTPException(409)
            db.add(Item(name=data.name))
    """),
    "a helper three calls away": router("""
        from app.utils.one import first

        @router.get("/items/{item_id}")
        async def show(item_id: int, db: Db) -> str:
            return await first(db, item_id)  # expect: LC101
    """) + """
# app/utils/one.py
from app.utils.two import second
async def first(db, item_id):
    return await second(db, item_id)
# app/utils/two.py
from app.utils.three import third
async def second(db, item_id):
    return await third(db, item_id)
# app/utils/three.py
from app.models import Item
async def third(db, item_id):
    return (await db.get(Item, item_id)).name
""",
    "a helper of the router shared by two handlers": router("""
        async def load(db: Db, item_id: int) -> Item:
            item = await db.get(Item, item_id)
            if item is None:
                raise HTTPException(404)
            return item

        @router.get("/items/{item_id}")
        async def show(item_id: int, db: Db) -> ItemOut:
            return ItemOut.model_validate(await load(db, item_id))  # expect: LC101

        @router.get("/items/{item_id}/name")
        async def name(item_id: int, db: Db) -> str:
            return (await load(db, item_id)).name  # expect: LC101
    """),
    "a session imported under another name": """
        # app/api/items.py
        from fastapi import APIRouter, Depends
        from sqlalchemy.orm import Session as Connection
        from app.models import Item, User
        from app.other import provide as give

        router = APIRouter()

        @router.post("/items")
        def create(owner: int, storage: Connection = Depends(give)) -> None:
            storage.add(Item(owner_id=owner))  # expect: LC101
            storage.add(User())
        # app/other.py
        def provide(): ...
    """,
    "a session only its provider tells": """
        # app/api/items.py
        from fastapi import APIRouter, Depends
        from app.database import get_db
        from app.models import Item, User

        router = APIRouter()

        @router.post("/items")
        async def create(owner: int, it=Depends(get_db)) -> None:
            it.add(Item(owner_id=owner))  # expect: LC101
            it.add(User())
    """,
    "a function handed to a thread": router("""
        from fastapi.concurrency import run_in_threadpool
        from sqlalchemy.orm import Session
        from app.database import get_sync

        def write(session: Session) -> None:
            session.add(Item())
            session.add(User())

        @router.post("/items")
        async def create(session: Annotated[Session, Depends(get_sync)]) -> None:
            await run_in_threadpool(write, session)  # expect: LC101
    """),
    "a class-based view": router("""
        from app.views import cbv

        @cbv(router)
        class ItemView:
            db: Db

            @router.post("/items")
            async def create(self) -> None:
                self.db.add(Item())  # expect: LC101
                self.db.add(User())
    """) + """
# app/views.py
from fastapi_utils.cbv import cbv
""",
    "entities that find themselves": """
        # app/models.py
        from tortoise.models import Model
        class Tag(Model): ...
        class Post(Model): ...
        # app/api/tags.py
        from fastapi import APIRouter
        from app.models import Post, Tag

        router = APIRouter()

        @router.delete("/tags/{tag_id}")
        async def delete(tag_id: int) -> None:
            await Post.filter(tag_id=tag_id).delete()  # expect: LC101
            await Tag.filter(id=tag_id).delete()
    """,
    "a raw connection": """
        # app/api/tags.py
        import asyncpg
        from fastapi import APIRouter, Depends
        from app.pool import connection

        router = APIRouter()

        @router.post("/tags")
        async def create(db: asyncpg.Connection = Depends(connection)) -> int:
            for name in ("a", "b"):
                await db.execute("INSERT INTO tags VALUES ($1)", name)  # expect: LC101
            return 2
        # app/pool.py
        def connection(): ...
    """,
    "a health check that counts rows": router("""
        from sqlalchemy import func

        @router.get("/health")
        async def health(db: Db) -> dict[str, int]:
            result = {}
            for entity in (Item, User):
                query = select(func.count()).select_from(entity)
                result[entity.__name__] = await db.scalar(query)  # expect: LC101
            return result
    """),
    "a constant statement that is no health check": router("""
        from sqlalchemy import text

        @router.get("/numbers")
        async def numbers(db: Db) -> list[int]:
            found = []
            for number in (1, 2):
                found.append(await db.scalar(text("SELECT 1")))  # expect: LC101
            return found
    """),
}  # fmt: skip

NEAR_MISSES: dict[str, str] = {
    "a helper that brings a row up to date after its commit": router("""
        from app.database import session_factory

        def in_transaction(function):
            async def wrapper():
                async with session_factory() as session:
                    result = await function(session)
                    await session.commit()
                    await session.refresh(result)
                    return result
            return wrapper

        @router.post("/items")
        async def create(data: ItemIn) -> None:
            @in_transaction
            async def change(session):
                return data
            for _ in range(3):
                await change()
    """),
    "a dict called db": router("""
        db: dict[int, str] = {}

        @router.post("/items")
        async def create(item_id: int, name: str) -> str | None:
            for key in list(db):
                if key != item_id:
                    db.pop(key)
            db.update({item_id: name})
            return db.get(item_id)
    """),
    "a bus with execute": router("""
        class Bus:
            async def execute(self, command: object) -> None: ...
            async def get(self, command: object) -> None: ...

        @router.post("/items")
        async def create(names: list[str], session: Annotated[Bus, Depends()]) -> None:
            for name in names:
                await session.execute(name)
                await session.get(name)
    """),
    "a class called SessionService": router("""
        class SessionService:
            def add(self, item: object) -> None: ...
            def query(self, name: str) -> str: ...

        @router.post("/sessions")
        async def create(session: Annotated[SessionService, Depends()]) -> str:
            if session.query("a"):
                session.add(1)
            return session.query("b")
    """),
    "an HTTP client with get": router("""
        import httpx

        @router.get("/items/{item_id}")
        async def show(item_id: int, db: httpx.AsyncClient) -> str:
            for part in "ab":
                await db.get(f"/items/{item_id}/{part}")
            return (await db.get("/")).text
    """),
    "a service": router("""
        from app.dependencies import ItemServiceDep

        @router.post("/items")
        async def create(names: list[str], items: ItemServiceDep) -> None:
            for name in names:
                await items.add(name)
    """),
    "a dependency that queries": router("""
        async def current_user(db: Db) -> User:
            for user in await db.scalars(select(User)):
                return user
            raise HTTPException(401)

        @router.get("/me")
        async def me(user: Annotated[User, Depends(current_user)]) -> str:
            for _ in range(3):
                print(user.email)
            return user.email
    """),
    "thin": router("""
        @router.get("/items/{item_id}")
        async def show(item_id: int, db: Db) -> ItemOut:
            item = await db.get(Item, item_id)
            if item is None:
                raise HTTPException(404)
            return ItemOut.model_validate(item)
    """),
    "a health check": router("""
        from sqlalchemy import text

        async def ping(db: Db) -> bool:
            return bool(await db.scalar(text("SELECT 1")))

        @router.get("/healthz")
        @router.get("/readiness")
        async def health(db: Db) -> str:
            for attempt in range(3):
                if await ping(db):
                    return "ok"
            return "down"
    """),
    "a health check at the root": router("""
        from sqlalchemy import text

        @router.get("/")
        async def health(db: Db) -> str:
            for attempt in range(3):
                if await db.scalar(text("SELECT 1")):
                    return "ok"
            return "down"
    """),
    "only transactions": router("""
        @router.post("/done")
        async def done(db: Db) -> None:
            for _ in range(2):
                await db.flush()
            await db.commit()
    """),
    "a helper of a library": router("""
        from fastapi_pagination.ext.sqlalchemy import paginate

        @router.get("/items")
        async def page(db: Db):
            return await paginate(db, select(Item))
    """),
    "an exception with a method called get": router("""
        class Missing(Exception):
            def get(self, key: str) -> str:
                return key

        @router.get("/missing")
        async def missing() -> str:
            try:
                raise Missing
            except Missing as db:
                return db.get("x")
    """),
}  # fmt: skip


def whole(text: str) -> str:
    return project(MODELS, DATABASE, LAYERS, text)


@pytest.mark.parametrize("text", HITS.values(), ids=HITS)
def test_told(text: str, tmp_path: Path) -> None:
    full = project(DATABASE, text) if "# app/models.py" in text else project(MODELS, DATABASE, text)
    assert expected(full)
    assert found(check(tmp_path, full, RULE)) == expected(full)


@pytest.mark.parametrize("text", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_silent(text: str, tmp_path: Path) -> None:
    assert found(check(tmp_path, whole(text), RULE)) == []


QUERY = router("""
    async def find(db: Db, name: str) -> Item | None:
        return await db.scalar(select(Item).where(Item.name == name))

    @router.get("/items/by-name/{name}")
    async def by_name(name: str, db: Db) -> ItemOut:
        return ItemOut.model_validate(await find(db, name))

    @router.post("/items", status_code=204)
    async def create(data: ItemIn, db: Db) -> None:
        if await find(db, data.name):
            raise HTTPException(409)
        db.add(Item(name=data.name))
""")


def test_the_whole_finding(tmp_path: Path) -> None:
    outcome = check(tmp_path, whole(QUERY), RULE)
    assert report(outcome) == [
        "error app/api/items.py:16:41 GET /items/by-name/{name} (by_name) runs AsyncSession.scalar via find;"
        " not thin (hands the session to find)",
        "  app/api/items.py:16 [router] call: by_name -> find",
        "  app/api/items.py:12 [router] query: find runs AsyncSession.scalar",
        "  also app/api/items.py:12",
        "  router: route decorator",
        "  = app.api.items.by_name sqlalchemy.ext.asyncio.AsyncSession.scalar",
        "error app/api/items.py:20:14 POST /items (create) runs AsyncSession.scalar via find;"
        " not thin (guard on a row that exists in line 20; hands the session to find)",
        "  app/api/items.py:20 [router] call: create -> find",
        "  app/api/items.py:12 [router] query: find runs AsyncSession.scalar",
        "  also app/api/items.py:12",
        "  also app/api/items.py:22",
        "  router: route decorator",
        "  = app.api.items.create sqlalchemy.ext.asyncio.AsyncSession.scalar",
    ]
    assert {one.help for one in outcome.new} == {
        "move the query to a method of `ItemRepository` and call it from `ItemService`"
    }


def test_a_flat_project_is_warned(tmp_path: Path) -> None:
    text = HITS["a row that exists is refused"]
    outcome = check(tmp_path, project(MODELS, DATABASE, text), RULE)
    assert [line for line in report(outcome) if line.startswith(("error", "warning"))] == [
        "warning app/api/items.py:13:14 POST /items (create) runs AsyncSession.scalar;"
        " not thin (guard on a row that exists in line 13)"
    ]


OPTIONS: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "health-paths": (
        "a constant statement that is no health check",
        {"rules": {"LC101": {"health-paths": ["/numbers"]}}},
        [],
    ),
    "a session of one's own": (
        "a bus with execute",
        {"types": {"session": ["app.api.items.Bus"]}},
        ["app/api/items.py:18 LC101"],
    ),
    "no handler is thin": ("thin", {"thin-crud": "off"}, ["app/api/items.py:13 LC101"]),
    "reads are thin": ("thin", {"thin-crud": "reads"}, []),
}


@pytest.mark.parametrize(("case", "settings", "lines"), OPTIONS.values(), ids=OPTIONS)
def test_options(case: str, settings: dict[str, Any], lines: list[str], tmp_path: Path) -> None:
    text = {**HITS, **NEAR_MISSES}[case]
    assert found(check(tmp_path, whole(text), {**RULE, **settings})) == lines
