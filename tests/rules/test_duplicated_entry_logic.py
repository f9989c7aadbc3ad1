"""LC606: the same logic in several entry points."""

from __future__ import annotations

from pathlib import Path

import pytest

from shop import DATABASE, MODELS, project, router
from small_projects import check, report

RULE = {"select": ["LC606"]}

FIRST = """
@router.post("/first/{item_id}")
async def first(item_id: int, db: Db) -> None:
    item = await db.get(Item, item_id)
    if item is None:
        raise HTTPException(404)
    item.stock = 0
    item.name = "gone"
    await db.commit()

"""

SECOND = """
@router.post("/second/{number}")
async def second(number: int, session: Db) -> None:
    found = await session.get(Item, number)
    if found is None:
        raise HTTPException(410, "gone")
    found.stock = 0
    found.name = "gone"
    await session.commit()
"""

APART = {
    "another entity": SECOND.replace("Item", "User"),
    "another value": SECOND.replace('= "gone"', '= "sold"').replace("= 0", "= 1"),
    "another attribute": SECOND.replace("found.stock", "found.size"),
    "another order": """
@router.post("/second/{number}")
async def second(number: int, session: Db) -> None:
    found = await session.get(Item, number)
    found.name = "gone"
    found.stock = 0
    await session.commit()
""",
    "only the end is the same": """
@router.post("/second/{number}")
async def second(name: str, session: Db) -> Item:
    item = Item(name=name)
    session.add(item)
    await session.commit()
    await session.refresh(item)
    return item
""",
}


def whole(*bodies: str) -> str:
    return project(MODELS, DATABASE, router("".join(bodies)))


def test_the_whole_finding(tmp_path: Path) -> None:
    at = whole(FIRST, SECOND).split("# app/api/items.py")[1].split("\n")
    line = {text.split("def ")[1].partition("(")[0]: i for i, text in enumerate(at, 1) if "def " in text}
    assert report(check(tmp_path, whole(FIRST, SECOND), RULE)) == [
        f"advice app/api/items.py:{line['first']}:1 POST /first/{{item_id}} (first) has the same logic as"
        " POST /second/{number} (second): 4 equal statements",
        f"  app/api/items.py:{line['first'] + 1} [router] duplicate: first, from here on",
        f"  app/api/items.py:{line['second'] + 1} [router] duplicate: second, from here on",
        f"  also app/api/items.py:{line['second']}",
        "  router: route decorator",
        "  = app.api.items.first app.api.items.second",
    ]


@pytest.mark.parametrize("text", APART.values(), ids=APART)
def test_silent(text: str, tmp_path: Path) -> None:
    assert report(check(tmp_path, whole(FIRST, text), RULE)) == []


def test_such_a_handler_is_not_thin(tmp_path: Path) -> None:
    outcome = check(tmp_path, whole(FIRST, SECOND), {"select": ["LC101"]})
    assert ["same logic as" in one.message for one in outcome.new] == [True, True]
    assert check(tmp_path / "alone", whole(FIRST), {"select": ["LC101"]}).new == ()


ANNOUNCED = """
# app/api/pages.py
from functools import wraps
from fastapi import APIRouter, Request

router = APIRouter()

def announced(text: str):
    def decorator(function):
        @wraps(function)
        async def announce(request: Request, *args, **kwargs):
            request.state.text = text
            return await function(*args, request=request, **kwargs)

        return announce

    return decorator

@router.get("/pages")
@announced("old")
async def pages(request: Request) -> list[str]:
    return []
# app/api/stock.py
from fastapi import APIRouter, Request
from sqlalchemy.ext.asyncio import AsyncSession
from app.api.pages import announced
from app.database import Db
from app.models import Item

router = APIRouter()

@announced("old")
async def take(db: AsyncSession, item_id: int, request: Request) -> None:
    item = await db.get(Item, item_id)
    item.stock -= 1
    await db.commit()

@router.post("/stock/{item_id}")
async def post_stock(item_id: int, db: Db, request: Request) -> None:
    await take(db, item_id, request=request)
"""

SALES = """
# app/api/sales.py
from fastapi import APIRouter, Request
from app.api.stock import take
from app.database import Db

router = APIRouter()

@router.post("/sales/{item_id}")
async def sell(item_id: int, db: Db, request: Request) -> None:
    await take(db, item_id, request=request)
"""


def test_what_a_decorator_puts_around_a_helper_is_no_other_caller(tmp_path: Path) -> None:
    parts = (MODELS, DATABASE, ANNOUNCED)
    assert report(check(tmp_path / "alone", project(*parts), RULE)) == []
    assert [one.message for one in check(tmp_path / "shared", project(*parts, SALES), RULE).new] == [
        "router helper take uses the database and is called from POST /sales/{item_id} (sell) as well"
    ]
