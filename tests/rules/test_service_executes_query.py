"""LC203: services that run statements or build SQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from shop import DATABASE, LAYERS, MODELS, project
from small_projects import check, expected, found, report

RULE = {"select": ["LC203"]}

HITS: dict[str, str] = {
    "a method": """
        # app/services/stock.py
        from sqlalchemy.ext.asyncio import AsyncSession
        from app.models import Item

        class StockService:
            def __init__(self, session: AsyncSession) -> None:
                self.session = session
            async def left(self, item_id: int) -> int:
                item = await self.session.get(Item, item_id)  # expect: LC203
                self.session.add(item)
                return item.stock
    """,
    "a function": """
        # app/services/stock.py
        from sqlalchemy.ext.asyncio import AsyncSession
        from app.models import Item

        async def left(db: AsyncSession, item_id: int) -> int:
            return (await db.get(Item, item_id)).stock  # expect: LC203
    """,
    "a statement for somebody else": """
        # app/services/stock.py
        from sqlalchemy import select, update
        from app.models import Item
        from app.repositories.items import ItemRepository

        class StockService:
            def __init__(self, items: ItemRepository) -> None:
                self.items = items
            async def clear(self) -> None:
                await self.items.run(update(Item).values(stock=0))  # expect: LC203
            def empty(self):
                return select(Item).where(Item.stock == 0)  # expect: LC203
    """,
    "the session of a repository": """
        # app/services/stock.py
        from app.models import Item
        from app.repositories.items import ItemRepository

        class StockService:
            def __init__(self, items: ItemRepository) -> None:
                self.items = items
            async def left(self, item_id: int) -> int:
                return (await self.items.session.get(Item, item_id)).stock  # expect: LC203
    """,
    "through a helper of nobody": """
        # app/services/stock.py
        from sqlalchemy.ext.asyncio import AsyncSession
        from app.utils.reading import read

        async def left(db: AsyncSession, item_id: int) -> int:
            return await read(db, item_id)  # expect: LC203
        # app/utils/reading.py
        from app.models import Item
        async def read(session, item_id):
            return (await session.get(Item, item_id)).stock
    """,
    "a private method, where it is run": """
        # app/services/stock.py
        from sqlalchemy.ext.asyncio import AsyncSession
        from app.models import Item

        class StockService:
            def __init__(self, session: AsyncSession) -> None:
                self._session = session
            async def left(self, item_id: int) -> int:
                return (await self._load(item_id)).stock
            async def _load(self, item_id: int) -> Item:
                return await self._session.get(Item, item_id)  # expect: LC203
    """,
    "an entity that finds itself": """
        # app/services/tags.py
        from app.active import Tag

        async def count() -> int:
            return await Tag.filter(name="a").count()  # expect: LC203
        # app/active.py
        from tortoise.models import Model
        class Tag(Model): ...
    """,
    "a raw cursor": """
        # app/services/raw.py
        import sqlite3

        def names(connection: sqlite3.Connection) -> list[str]:
            return [row[0] for row in connection.cursor().execute("SELECT name FROM items")]  # expect: LC203
    """,
    "only a refresh": """
        # app/services/stock.py
        from sqlalchemy.ext.asyncio import AsyncSession
        from app.models import Item

        async def again(session: AsyncSession, item: Item) -> Item:
            await session.refresh(item)  # expect: LC203
            return item
    """,
}  # fmt: skip

NEAR_MISSES: dict[str, str] = {
    "a repository": """
        # app/services/stock.py
        from app.repositories.items import ItemRepository

        class StockService:
            def __init__(self, items: ItemRepository) -> None:
                self.items = items
            async def left(self, item_id: int) -> int:
                return (await self.items.get(item_id)).stock
    """,
    "functions of a repository": """
        # app/services/stock.py
        from sqlalchemy.ext.asyncio import AsyncSession
        from app import crud

        async def left(db: AsyncSession, item_id: int) -> int:
            return (await crud.get_item(db, item_id)).stock
        # app/crud.py
        from sqlalchemy.ext.asyncio import AsyncSession
        from app.models import Item
        async def get_item(db: AsyncSession, item_id: int) -> Item:
            return await db.get(Item, item_id)
    """,
    "a repository behind a decorator": """
        # app/services/stock.py
        from sqlalchemy.ext.asyncio import AsyncSession
        from app import crud

        async def left(db: AsyncSession, item_id: int) -> int:
            return (await crud.get_item(db, item_id)).stock
        # app/crud.py
        import functools
        from sqlalchemy.ext.asyncio import AsyncSession
        from app.models import Item
        def logged(function):
            @functools.wraps(function)
            async def inner(*args):
                return await function(*args)
            return inner
        @logged
        async def get_item(db: AsyncSession, item_id: int) -> Item:
            return await db.get(Item, item_id)
    """,
    "only the transaction": """
        # app/services/stock.py
        from sqlalchemy.ext.asyncio import AsyncSession
        from app.repositories.items import ItemRepository

        async def add(db: AsyncSession, items: ItemRepository) -> None:
            async with db.begin():
                async with db.begin_nested():
                    await items.list_all()
                await db.flush()
            await db.commit()
            await db.rollback()
    """,
    "a unit of work": """
        # app/services/uow.py
        from app.database import session_factory
        from app.repositories.items import ItemRepository

        class UnitOfWork:
            async def __aenter__(self):
                self.session = session_factory()
                await self.session.execute("SET search_path TO shop")
                self.items = ItemRepository(self.session)
                return self
            async def __aexit__(self, *error) -> None:
                await self.rollback()
            async def commit(self) -> None:
                await self.session.commit()
            async def rollback(self) -> None:
                await self.session.rollback()
        # app/services/stock.py
        from app.services.uow import UnitOfWork

        async def left(uow: UnitOfWork, item_id: int) -> int:
            async with uow:
                item = await uow.items.get(item_id)
                await uow.commit()
            return item.stock
    """,
    "a bus with execute": """
        # app/services/stock.py
        class Bus:
            async def execute(self, command: object) -> None: ...

        async def left(session: Bus) -> None:
            await session.execute("SELECT 1")
    """,
    "a dict called session": """
        # app/services/stock.py
        def left(session: dict[str, int]) -> int | None:
            session.update(a=1)
            return session.get("a")
    """,
    "a select of another kind": """
        # app/services/stock.py
        import select
        from app.utils.html import text

        def left() -> str:
            select.select([], [], [], 0)
            return text("x")
        # app/utils/html.py
        def text(content: str) -> str:
            return content
    """,
    "a dependency": """
        # app/stock/dependencies.py
        from fastapi import Depends
        from app.database import Db
        from app.models import Item

        async def load(item_id: int, db: Db) -> Item:
            return await db.get(Item, item_id)
        # app/api/stock.py
        from fastapi import APIRouter, Depends
        from app.stock.dependencies import load
        router = APIRouter()
        @router.get("/stock/{item_id}")
        def show(item=Depends(load)) -> int:
            return item.stock
    """,
}  # fmt: skip


def whole(text: str) -> str:
    run = """    async def run(self, statement: object) -> None: ...
"""
    layers = LAYERS.replace("\n# app/repositories/tags.py", f"{run}\n# app/repositories/tags.py")
    return project(MODELS, DATABASE, layers, text)


@pytest.mark.parametrize("text", HITS.values(), ids=HITS)
def test_told(text: str, tmp_path: Path) -> None:
    assert expected(whole(text))
    assert found(check(tmp_path, whole(text), RULE)) == expected(whole(text))


@pytest.mark.parametrize("text", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_silent(text: str, tmp_path: Path) -> None:
    assert found(check(tmp_path, whole(text), RULE)) == []


def test_the_whole_finding(tmp_path: Path) -> None:
    text = """
        # app/services/stock.py
        from sqlalchemy import select
        from sqlalchemy.ext.asyncio import AsyncSession
        from app.models import Item
        from app.utils.reading import read

        async def left(db: AsyncSession, item_id: int) -> int:
            found = await read(db, item_id)
            others = await db.scalars(select(Item))
            return found + len(others.all())
        # app/utils/reading.py
        from app.models import Item
        async def read(session, item_id):
            return (await session.get(Item, item_id)).stock
    """
    outcome = check(tmp_path, whole(text), RULE)
    assert report(outcome) == [
        "error app/services/stock.py:8:19 service left runs AsyncSession.get via read",
        "  app/services/stock.py:8 [service] call: left -> read",
        "  app/utils/reading.py:4 [util] query: read runs AsyncSession.get",
        "  also app/utils/reading.py:4",
        "  also app/services/stock.py:9",
        "  service: directory services/",
        "  = app.services.stock.left sqlalchemy.ext.asyncio.AsyncSession.get",
    ]
    assert [one.help for one in outcome.new] == ["move it to a method of `ItemRepository` and call that"]


def test_silent_without_repositories(tmp_path: Path) -> None:
    assert found(check(tmp_path, project(MODELS, DATABASE, HITS["a function"]), RULE)) == []


def test_without_gating(tmp_path: Path) -> None:
    outcome = check(tmp_path, project(MODELS, DATABASE, HITS["a function"]), {**RULE, "gating": "off"})
    assert found(outcome) == ["app/services/stock.py:6 LC203"]


BUILDING = {
    "a method": [],
    "a statement for somebody else": ["app/services/stock.py:10 LC203", "app/services/stock.py:12 LC203"],
}


@pytest.mark.parametrize(("case", "lines"), BUILDING.items(), ids=BUILDING)
def test_only_building(case: str, lines: list[str], tmp_path: Path) -> None:
    settings = {**RULE, "rules": {"LC203": {"sql-building-only": True}}}
    assert found(check(tmp_path, whole(HITS[case]), settings)) == lines
