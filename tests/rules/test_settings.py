"""What settings change: one small project, the findings under each value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shop import DATABASE, MODELS
from small_projects import check

Table = dict[str, tuple[dict[str, Any], list[str]]]


def told(root: Path, text: str, settings: dict[str, Any]) -> list[str]:
    """Return severity, place and code of every finding but those about the settings themselves."""
    outcome = check(root, text, settings)
    return [
        f"{one.severity} {one.place.path}:{one.place.line} {one.code}"
        for one in outcome.new
        if one.code != "LC003"
    ]


ENGINE = """
# app/engine/run.py
from app.services.users import UserService
from app.utils.clock import now
def run() -> object:
    return UserService(), now()
# app/utils/clock.py
import time
def now() -> float:
    return time.time()
# app/services/users.py
from app.services.jobs import start
class UserService:
    def work(self) -> None:
        start()
# app/services/jobs.py
from app.engine.run import run
def start() -> None:
    run()
# app/entities/users.py
from app.engine.run import run
class User:
    def rename(self) -> None:
        run()
"""

LAYERS: Table = {
    "a layer that may use the services": (
        {"layers": {"engine": {"modules": ["app.engine.**"], "may-use": ["service", "util"]}}},
        ["error app/services/jobs.py:2 LC601"],
    ),
    "a layer that may use the entities": (
        {"layers": {"engine": {"modules": ["app/engine/**"], "may-use": ["entity", "util"]}}},
        ["error app/engine/run.py:2 LC601", "error app/entities/users.py:2 LC601"],
    ),
    "a layer that may use nothing": (
        {"layers": {"engine": {"modules": ["app.engine.**"]}}},
        ["error app/engine/run.py:2 LC601", "error app/engine/run.py:3 LC601"],
    ),
    "a known layer": (
        {"layers": {"util": ["app/engine/**"]}}, ["error app/engine/run.py:2 LC601"],
    ),
    "an edge besides": (
        {"layers": {"engine": {"modules": ["app.engine.**"], "may-use": ["util"]}},
         "allow-edges": [["engine", "service"]]},
        [],
    ),
    "an edge against what stands above": (
        {"layers": {"engine": {"modules": ["app/engine/**"], "may-use": ["entity", "service", "util"]}},
         "allow-edges": [["entity", "engine"]]},
        ["error app/services/jobs.py:2 LC601"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("settings", "expected"), LAYERS.values(), ids=LAYERS)
def test_layers_of_ones_own(settings: dict[str, Any], expected: list[str], tmp_path: Path) -> None:
    assert told(tmp_path, ENGINE, {"select": ["LC601"], **settings}) == expected


OWNERS = MODELS + DATABASE + """
# app/repositories/items.py
from sqlalchemy.ext.asyncio import AsyncSession
from app.models import Item
class ItemRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
    async def add(self, item: Item) -> None:
        self.session.add(item)
        await self.session.commit()
# app/services/items.py
from sqlalchemy.ext.asyncio import AsyncSession
from app.models import Item
from app.repositories.items import ItemRepository
class ItemService:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
    async def create(self) -> None:
        await ItemRepository(self.session).add(Item())
        await self.session.commit()
# app/uow.py
from sqlalchemy.ext.asyncio import AsyncSession
class UnitOfWork:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
    async def commit(self) -> None:
        await self.session.commit()
# app/dependencies.py
from app.database import Db
async def saved(session: Db) -> None:
    await session.commit()
# app/api/items.py
from fastapi import APIRouter, Depends
from app.database import Db
from app.dependencies import saved
from app.services.items import ItemService
router = APIRouter(dependencies=[Depends(saved)])
@router.post("/items")
async def create(session: Db) -> None:
    await ItemService(session).create()
    await session.commit()
"""

ROUTER, SERVICE = "warning app/api/items.py:10 LC303", "warning app/services/items.py:10 LC303"
REPOSITORY, DEPENDENCY = "warning app/repositories/items.py:9 LC303", "warning app/dependencies.py:4 LC303"

TRANSACTIONS: Table = {
    "nobody": ({}, [REPOSITORY]),
    "dependency": ({"transaction-owner": "dependency"}, [ROUTER, REPOSITORY, SERVICE]),
    "service": ({"transaction-owner": "service"}, [ROUTER, DEPENDENCY, REPOSITORY]),
    "router": ({"transaction-owner": "router"}, [DEPENDENCY, REPOSITORY, SERVICE]),
    "repository": ({"transaction-owner": "repository"}, [ROUTER, DEPENDENCY, SERVICE]),
    "unit of work": ({"transaction-owner": "uow"}, [ROUTER, DEPENDENCY, REPOSITORY, SERVICE]),
    "two of them": ({"transaction-owner": ["router", "service"]}, [DEPENDENCY, REPOSITORY]),
}


@pytest.mark.parametrize(("settings", "expected"), TRANSACTIONS.values(), ids=TRANSACTIONS)
def test_the_owner_of_transactions(settings: dict[str, Any], expected: list[str], tmp_path: Path) -> None:
    assert told(tmp_path, OWNERS, {"select": ["LC303"], **settings}) == expected


MAPPED = """
# app/exceptions.py
class Gone(Exception): ...
class Taken(Exception): ...
# app/services/items.py
from app.exceptions import Gone, Taken
class ItemService:
    def show(self, number: int) -> int:
        if number > 1:
            raise Gone
        return number
    def add(self, number: int) -> int:
        if number > 1:
            raise Taken
        return number
# app/api/items.py
from typing import Annotated
from fastapi import APIRouter, Depends, HTTPException
from app.exceptions import Gone
from app.services.items import ItemService
router = APIRouter()
Items = Annotated[ItemService, Depends()]
@router.get("/items")
def show(number: int, items: Items) -> int:
    try:
        return items.show(number)
    except Gone:
        raise HTTPException(404)
@router.post("/items")
def add(number: int, items: Items) -> int:
    return items.add(number)
# app/main.py
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from app.api.items import router
from app.exceptions import Taken
def on_taken(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({}, 409)
app = FastAPI()
app.include_router(router)
app.add_exception_handler(Taken, on_taken)
"""

MAPPINGS: Table = {
    "unset": ({}, []),
    "either": ({"error-mapping": "either"}, []),
    "router": ({"error-mapping": "router"}, ["warning app/api/items.py:15 LC505"]),
    "handlers": ({"error-mapping": "handlers"}, ["warning app/api/items.py:12 LC505"]),
}


@pytest.mark.parametrize(("settings", "expected"), MAPPINGS.values(), ids=MAPPINGS)
def test_where_exceptions_become_responses(
    settings: dict[str, Any], expected: list[str], tmp_path: Path
) -> None:
    assert told(tmp_path, MAPPED, settings) == expected


FEATURES = MODELS + DATABASE + """
# app/orders/router.py
from fastapi import APIRouter
from app.database import Db
from app.orders.repository import OrderRepository
from app.orders.service import OrderService
router = APIRouter()
@router.get("/orders")
async def show(session: Db) -> object:
    return await OrderService(OrderRepository(session)).show()
@router.get("/orders/all")
async def show_all(session: Db) -> list[int]:
    rows = await OrderRepository(session).load()
    return [row.id for row in rows if row.stock > 1]
# app/orders/service.py
from app.orders.repository import OrderRepository
class OrderService:
    def __init__(self, orders: OrderRepository) -> None:
        self.orders = orders
    async def show(self) -> list[int]:
        return [row.id for row in await self.orders.load()]
# app/orders/repository.py
from collections.abc import Sequence
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from app.models import Item
class OrderRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
    async def load(self) -> Sequence[Item]:
        return (await self.session.scalars(select(Item))).all()
# app/tags/router.py
from fastapi import APIRouter
from app.database import Db
from app.orders.repository import OrderRepository
from app.tags.schemas import TagOut
router = APIRouter()
@router.get("/tags")
async def show(session: Db) -> list[TagOut]:
    rows = await OrderRepository(session).load()
    return [TagOut(id=row.id) for row in rows if row.stock > 1]
# app/tags/schemas.py
from pydantic import BaseModel
class TagOut(BaseModel):
    id: int
"""

ORDERS, TAGS = "error app/orders/router.py:12 LC103", "error app/tags/router.py:9 LC103"

GATES: Table = {
    "unset, where the layout is feature-first": ({}, [ORDERS]),
    "feature": ({"gating": "feature"}, [ORDERS]),
    "project": ({"gating": "project"}, [ORDERS, TAGS]),
    "off": ({"gating": "off"}, [ORDERS, TAGS]),
    "features elsewhere": ({"features": "other/{feature}/**"}, [ORDERS, TAGS]),
}


@pytest.mark.parametrize(("settings", "expected"), GATES.values(), ids=GATES)
def test_gates(settings: dict[str, Any], expected: list[str], tmp_path: Path) -> None:
    assert told(tmp_path, FEATURES, {"select": ["LC103"], **settings}) == expected


THIN = MODELS + DATABASE + """
# app/api/items.py
from fastapi import APIRouter
from sqlalchemy import select
from app.database import Db
from app.models import Item
router = APIRouter()
@router.get("/items")
async def show(session: Db) -> list[str]:
    rows = await session.scalars(select(Item))
    return [row.name for row in rows]
@router.post("/items")
async def create(name: str, session: Db) -> int:
    item = Item(name=name)
    session.add(item)
    await session.commit()
    return item.id
"""

READ, WRITE = "warning app/api/items.py:9 LC101", "warning app/api/items.py:14 LC101"

CRUD: Table = {
    "unset": ({}, []),
    "on": ({"thin-crud": "on"}, []),
    "reads": ({"thin-crud": "reads"}, [WRITE]),
    "off": ({"thin-crud": "off"}, [READ, WRITE]),
    "fewer statements": ({"thin-max-statements": 3}, [WRITE]),
    "no reads": ({"thin-max-reads": 0}, [READ]),
    "no writes": ({"thin-max-writes": 0}, [WRITE]),
}


@pytest.mark.parametrize(("settings", "expected"), CRUD.values(), ids=CRUD)
def test_thin_handlers(settings: dict[str, Any], expected: list[str], tmp_path: Path) -> None:
    assert told(tmp_path, THIN, {"select": ["LC101"], **settings}) == expected
