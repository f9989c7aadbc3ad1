"""LC408: dependencies that commit when the response has been sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from layercheck.errors import SettingsError
from shop import MODELS, project
from small_projects import check, expected, found, report

PROVIDER = """
        session.add(0)
        try:
            yield session
            await session.commit()  # expect: LC408
        except Exception:
            await session.rollback()
            raise
"""

WRITES = """
@router.post("/items")
async def create(db: Db) -> None:
    db.add(Item())
"""


def database(body: str, opened: str = "session_factory() as session", scope: str = "") -> str:
    """Return the module of the provider ``get_db``: its block over ``opened`` has ``body``."""
    return f"""
# app/database.py
from contextlib import asynccontextmanager
from typing import Annotated
from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

engine = create_async_engine("sqlite+aiosqlite://")
session_factory = async_sessionmaker(engine)

async def finish(session: AsyncSession) -> None:
    await session.commit()

@asynccontextmanager
async def transaction():
    async with session_factory() as session:
        yield session
        await session.commit()

async def get_db():
    async with {opened}:
{body.strip(chr(10))}

Db = Annotated[AsyncSession, Depends(get_db{scope})]
"""


def handlers(body: str) -> str:
    """Return a router with ``body``."""
    return f"""
# app/api/items.py
from typing import Annotated
from fastapi import APIRouter, Depends
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from app.database import Db, get_db
from app.models import Item

router = APIRouter()
{body}
"""


HITS: dict[str, str] = {
    "a commit behind yield": database(PROVIDER) + handlers(WRITES),
    "a block that commits": database("        yield session", "session_factory.begin() as session").replace(
        "session_factory.begin() as session:", "session_factory.begin() as session:  # expect: LC408"
    ) + handlers(WRITES),
    "a block within": database("""
        async with session.begin():  # expect: LC408
            yield session
    """) + handlers(WRITES),
    "a function that commits": database("""
        yield session
        await finish(session)  # expect: LC408
    """) + handlers(WRITES),
    "a context manager that commits": database("        yield session", "transaction() as session").replace(
        "async with transaction() as session:", "async with transaction() as session:  # expect: LC408"
    ) + handlers(WRITES),
    "below another dependency": database(PROVIDER) + handlers("""
class Items:
    def __init__(self, db: Db) -> None:
        self.db = db
    async def add(self) -> None:
        self.db.add(Item())

def get_items(db: Db) -> Items:
    return Items(db)

@router.post("/items")
async def create(items: Annotated[Items, Depends(get_items)]) -> None:
    await items.add()
"""),
    "one handler writes": database(PROVIDER) + handlers("""
@router.get("/items")
async def show(db: Db) -> None:
    await db.scalars(select(Item))
""" + WRITES),
    "a change that is no call": database(PROVIDER) + handlers("""
@router.put("/items/{item_id}")
async def rename(db: Db, item_id: int) -> None:
    item = await db.get(Item, item_id)
    item.name = "new"
"""),
    "a scope of the request": database(PROVIDER, scope=', scope="request"') + handlers(WRITES),
}  # fmt: skip

NEAR_MISSES: dict[str, str] = {
    "no commit": database("        yield session") + handlers(WRITES),
    "a commit before": database("""
        await session.commit()
        yield session
    """) + handlers(WRITES),
    "a rollback behind": database("""
        yield session
        await session.rollback()
    """) + handlers(WRITES),
    "a savepoint": database("""
        async with session.begin_nested():
            yield session
    """) + handlers(WRITES),
    "a block that is left before": database("""
        async with session.begin():
            session.add(0)
        yield session
    """) + handlers(WRITES),
    "the scope of the function": database(
        PROVIDER.replace("  # expect: LC408", ""), scope=', scope="function"'
    ) + handlers(WRITES),
    "handlers that only read": database(PROVIDER.replace("  # expect: LC408", "")) + handlers("""
@router.get("/items")
async def show(db: Db) -> None:
    await db.scalars(select(Item))
"""),
    "a handler without statements": database(PROVIDER.replace("  # expect: LC408", "")) + handlers("""
@router.post("/items")
async def create(db: Db) -> None: ...
"""),
    "nobody takes it": database(PROVIDER.replace("  # expect: LC408", "")),
    "a commit of the handler": database("        yield session") + handlers(WRITES + "    await db.commit()"),
}  # fmt: skip


def settings(version: str) -> dict[str, Any]:
    return {"select": ["LC408"], "rules": {"LC408": {"fastapi-version": version}}}


@pytest.mark.parametrize("text", HITS.values(), ids=HITS)
def test_told(text: str, tmp_path: Path) -> None:
    whole = project(MODELS, text)
    assert expected(whole)
    assert found(check(tmp_path, whole, settings("0.121"))) == expected(whole)


@pytest.mark.parametrize("text", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_silent(text: str, tmp_path: Path) -> None:
    assert found(check(tmp_path, project(MODELS, text), settings("0.121"))) == []


def test_the_whole_finding(tmp_path: Path) -> None:
    text = project(MODELS, HITS["one handler writes"] + """
@router.delete("/items")
async def clear(db: Db) -> None:
    await db.delete(Item())
""")
    outcome = check(tmp_path, text, settings("0.121"))
    assert report(outcome) == [
        "warning app/database.py:24:19 get_db commits after FastAPI 0.121 has sent the response of"
        " POST /items (create), and of 1 more",
        "  app/api/items.py:16 [router] depends: create -> get_db",
        "  app/database.py:24 [dependency] transaction: get_db commits after yield",
        "  dependency: used in Depends",
        "  = app.database.get_db commit",
    ]
    assert [one.help for one in outcome.new] == [
        'take it as `Depends(get_db, scope="function")` (FastAPI 0.121 and later),'
        " or commit before the handler returns"
    ]


VERSIONS = {
    "0.105.0": ["warning"], "0.106.0": [], "0.117.1": [], "0.118.0": ["warning"], "0.121": ["warning"],
    ">=0.118": ["warning"], ">=0.110,<0.118": [], ">=0.110": ["advice"], "": ["advice"],
}  # fmt: skip


@pytest.mark.parametrize(("version", "told"), VERSIONS.items(), ids=VERSIONS)
def test_versions(version: str, told: list[str], tmp_path: Path) -> None:
    outcome = check(tmp_path, project(MODELS, HITS["a commit behind yield"]), settings(version))
    assert [one.severity for one in outcome.new] == told


def test_the_version_is_read_from_the_lock_file(tmp_path: Path) -> None:
    lock = '[[package]]\nname = "fastapi"\nversion = "{}"\n'
    text = project(MODELS, HITS["a commit behind yield"])
    for version, told in (("0.115.0", []), ("0.120.4", ["warning"])):
        (tmp_path / "uv.lock").write_text(lock.format(version), encoding="utf-8")
        outcome = check(tmp_path, text, {"select": ["LC408"]})
        assert [one.severity for one in outcome.new] == told


def test_an_unknown_version_is_told_as_such(tmp_path: Path) -> None:
    (one,) = check(tmp_path, project(MODELS, HITS["a commit behind yield"]), {"select": ["LC408"]}).new
    assert one.message == (
        "get_db may commit after FastAPI has sent the response of POST /items (create)"
    )


def test_a_version_that_is_none_is_a_mistake_in_the_settings(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="expected a version, or a range such as >=0.118, found"):
        check(tmp_path, project(MODELS, HITS["a commit behind yield"]), settings("newest"))
