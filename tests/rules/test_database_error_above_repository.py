"""LC504: routers that know the exceptions of the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shop import DATABASE, LAYERS, MODELS, ROUTER, project
from small_projects import check, expected, found, report

IMPORTS = """
from typing import Any
import sqlite3
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from sqlalchemy import exc
from sqlalchemy.exc import IntegrityError, NoResultFound
from app.dependencies import ItemServiceDep
class Taken(Exception): ...
"""

HEAD = f"# app/api/items.py{ROUTER}{IMPORTS}"


def route(clause: str, answer: str = "raise HTTPException(409)") -> str:
    """Return a route that calls the service and has one ``except`` clause."""
    return f"""
@router.post("/items")
async def add(item: ItemIn, items: ItemServiceDep) -> str:
    try:
        return (await items.add(item.name)).name
    {clause}
        {answer}
"""


CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "caught": (route("except IntegrityError:  # expect: LC504"), {}),
    "caught with a name": (route("except IntegrityError as error:  # expect: LC504"), {}),
    "caught by its module": (route("except exc.SQLAlchemyError:  # expect: LC504"), {}),
    "one of several": (route("except (KeyError, IntegrityError):  # expect: LC504"), {}),
    "of a driver": (route("except sqlite3.IntegrityError:  # expect: LC504"), {}),
    "raised again": (route("except IntegrityError:  # expect: LC504", "raise"), {}),
    "raised": ("""
@router.get("/items")
async def show(key: int, items: ItemServiceDep) -> str:
    if key > 9:
        raise NoResultFound  # expect: LC504
    return "shown"
""", {}),
    "in a helper of the router": ("""
async def helped(items: ItemServiceDep) -> str:
    try:
        return (await items.add("")).name
    except IntegrityError:  # expect: LC504
        raise HTTPException(409)
@router.get("/items")
async def show(items: ItemServiceDep) -> str:
    return await helped(items)
@router.get("/again")
async def again(items: ItemServiceDep) -> str:
    return await helped(items)
""", {}),
    "a service, by the option": ("""
# app/services/tags.py
from sqlalchemy.exc import IntegrityError
class TagService:
    def add(self) -> None:
        try:
            print("added")
        except IntegrityError:  # expect: LC504
            raise ValueError
""", {"rules": {"LC504": {"layers": ["router", "service"]}}}),
    "a service": ("""
# app/services/tags.py
from sqlalchemy.exc import IntegrityError
class TagService:
    def add(self) -> None:
        try:
            print("added")
        except IntegrityError:
            raise ValueError
""", {}),
    "an exception of the project": (route("except Taken:"), {}),
    "an exception of another library": (route("except ValueError:"), {}),
    "everything": (route("except Exception:"), {}),
    "a thin handler": ("""
@router.post("/items")
async def add(item: ItemIn, session: Db) -> int:
    row = Item(name=item.name)
    session.add(row)
    try:
        await session.commit()
    except IntegrityError:
        raise HTTPException(409)
    return row.id
""", {}),
    "a health check": ("""
from sqlalchemy import text
@router.get("/health")
async def health(session: Db, items: ItemServiceDep) -> dict[str, str]:
    state = {}
    for name in ("one", "two"):
        try:
            await session.execute(text("SELECT 1"))
            state[name] = "up"
        except exc.SQLAlchemyError:
            state[name] = "down"
    return state
""", {}),
    "a registered handler": ("""
app = FastAPI()
@app.exception_handler(IntegrityError)
async def on_conflict(request: Request, error: IntegrityError) -> JSONResponse:
    try:
        return JSONResponse({}, status_code=409)
    except IntegrityError:
        raise NoResultFound
""", {}),
    "a middleware": ("""
app = FastAPI()
@app.middleware("http")
async def mapped(request: Request, call_next: Any) -> Any:
    try:
        return await call_next(request)
    except IntegrityError:
        return JSONResponse({}, status_code=409)
""", {}),
    "imported and not caught": ("""
@router.get("/items")
async def show(items: ItemServiceDep) -> str:
    return IntegrityError.__name__
""", {}),
    "a repository": ("""
# app/repositories/more.py
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
class MoreRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
    async def add(self) -> None:
        try:
            await self.session.flush()
        except IntegrityError:
            raise ValueError
""", {}),
}


@pytest.mark.parametrize(("body", "settings"), CASES.values(), ids=CASES)
def test_where_findings_stand(body: str, settings: dict[str, Any], tmp_path: Path) -> None:
    text = project(MODELS, DATABASE, LAYERS, HEAD, body)
    assert found(check(tmp_path, text, {"select": ["LC504"], **settings})) == expected(text)


def test_without_a_repository_layer_the_rule_is_idle(tmp_path: Path) -> None:
    outcome = check(tmp_path, """
# app/api/items.py
from fastapi import APIRouter, HTTPException
from sqlalchemy.exc import IntegrityError
router = APIRouter()
@router.get("/items")
def show() -> str:
    try:
        return "shown"
    except IntegrityError:
        raise HTTPException(409)
""", {"select": ["LC504"]})  # fmt: skip
    assert found(outcome) == []
    assert [(one.code, one.reason) for one in outcome.summary.inactive_rules] == [
        ("LC504", "no repository layer found")
    ]


def test_the_whole_finding(tmp_path: Path) -> None:
    text = project(MODELS, DATABASE, LAYERS, HEAD, route("except (IntegrityError, exc.NoResultFound):"))
    assert report(check(tmp_path, text, {"select": ["LC504"]})) == [
        "warning app/api/items.py:24:5 POST /items (add) catches `IntegrityError` and `NoResultFound` of the"
        " database",
        "  app/api/items.py:24 [router] except: add catches IntegrityError and NoResultFound",
        "  router: route decorator",
        "  = app.api.items.add sqlalchemy.exc.IntegrityError, sqlalchemy.exc.NoResultFound",
    ]
