"""LC302: repositories that let the database show through."""

from __future__ import annotations

from pathlib import Path

import pytest

from shop import DATABASE, LAYERS, MODELS, project
from small_projects import check, expected, found, report

RULE = {"select": ["LC302"]}

BEGIN = """
# app/repositories/orders.py
from abc import ABC, abstractmethod
from collections.abc import Sequence
from sqlalchemy import ColumnElement, Result, Row, Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from app.models import Item

class OrderRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
"""

HITS = {
    "a statement": """
    def visible(self) -> Select[tuple[Item]]:  # expect: LC302
        return select(Item)
""",
    "a statement nobody announced": """
    def visible(self):  # expect: LC302
        return select(Item)
""",
    "a result": """
    async def all(self) -> Result[tuple[Item]]:  # expect: LC302
        return await self.session.execute(select(Item))
""",
    "rows in a list": """
    async def all(self) -> Sequence[Row[tuple[int, str]]]:  # expect: LC302
        return await self.run()
""",
    "a condition": """
    async def by(self, where: ColumnElement[bool]) -> list[Item]:  # expect: LC302
        return await self.run()
""",
    "a second session": """
    async def copy(self, other: AsyncSession) -> int:  # expect: LC302
        return await self.run()
""",
    "no annotation": """
    async def count(self):  # expect: LC302
        return len(list(await self.session.scalars(select(Item))))
""",
    "no annotation, beside functions that take the session": """
# app/forms_crud.py
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from app.models import Item

async def load(db: AsyncSession) -> Item | None:
    return await db.get(Item, 1)

async def load_any(make: async_sessionmaker[AsyncSession]):  # expect: LC302
    async with make() as db:
        return await load(db)
""",
    "no annotation, in a database folder, used by a service": """
# app/db/counting.py
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from app.models import Item

async def count(db: AsyncSession):  # expect: LC302
    return len(list(await db.scalars(select(Item))))

# app/services/counting.py
from sqlalchemy.ext.asyncio import AsyncSession
from app.db.counting import count

async def double(db: AsyncSession) -> int:
    return 2 * await count(db)
""",
}

NEAR_MISSES = {
    "entities": """
    async def all(self) -> list[Item]: ...
""",
    "a private method": """
    def _visible(self) -> Select[tuple[Item]]:
        return select(Item)
""",
    "functions called per session": """
async def by_name(db: AsyncSession, name: str) -> Item | None: ...
class CrudRepository:
    async def get(self, db: AsyncSession, item_id: int) -> Item | None:
        return await db.get(Item, item_id)
""",
    "a base class": """
    def visible(self) -> Select[tuple[Item]]:
        return select(Item)
class SpecialRepository(OrderRepository):
    async def all(self) -> list[Item]: ...
""",
    "an interface, and what implements it": """
class Orders(ABC):
    @abstractmethod
    async def count(self) -> int: ...
class SqlOrderRepository(Orders):
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
    async def count(self):
        return len(list(await self.session.scalars(select(Item))))
""",
    "a class of the program that is called Row": """
    async def all(self) -> "list[Line]": ...
class Line: ...
""",
    "a helper that is handed both": """
async def page(db: AsyncSession, statement: Select[tuple[Item]]) -> list[Item]:
    return list(await db.scalars(statement))
""",
    "repairs of data among the database's own code": """
# app/db/repairs.py
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from app.models import Item

async def name_items(db: AsyncSession):
    for item in await db.scalars(select(Item)):
        item.name = item.name or "?"
        db.add(item)

async def repair(db: AsyncSession):
    await name_items(db)
""",
    "a helper beside functions that take the session": """
# app/forms_crud.py
from sqlalchemy.ext.asyncio import AsyncSession
from app.models import Item

async def load(db: AsyncSession) -> Item | None:
    return await db.get(Item, 1)

def flatten(rows):
    return {key: value for row in rows for key, value in row.items()}
""",
    "a listener of the database library": """
# app/db/events.py
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from app.models import Item

@event.listens_for(Session, "after_flush")
def count(session: Session, context):
    session.execute(select(Item))
""",
}


def whole(text: str) -> str:
    return project(MODELS, DATABASE, LAYERS) + BEGIN.lstrip() + text


@pytest.mark.parametrize("text", HITS.values(), ids=HITS)
def test_told(text: str, tmp_path: Path) -> None:
    assert expected(whole(text))
    assert found(check(tmp_path, whole(text), RULE)) == expected(whole(text))


@pytest.mark.parametrize("text", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_silent(text: str, tmp_path: Path) -> None:
    assert found(check(tmp_path, whole(text), RULE)) == []


@pytest.mark.parametrize(
    ("case", "options"),
    [("no annotation", {"require-annotations": False}), ("a statement", {"statement-methods": ["vis*"]})],
)
def test_options(case: str, options: dict[str, object], tmp_path: Path) -> None:
    settings = {**RULE, "rules": {"LC302": options}}
    assert found(check(tmp_path, whole(HITS[case]), settings)) == []


def test_the_whole_finding(tmp_path: Path) -> None:
    assert report(check(tmp_path, whole(HITS["a statement"]), RULE)) == [
        "warning app/repositories/orders.py:12:5 repository OrderRepository.visible returns `Select`",
        "  app/repositories/orders.py:12 [repository] signature: OrderRepository.visible returns `Select`",
        "  repository: class name *Repository",
        "  = app.repositories.orders.OrderRepository.visible sqlalchemy.Select",
    ]
