"""LC402: handlers that build what they use."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shop import DATABASE, LAYERS, MODELS, project, router
from small_projects import check, expected, found, report

RULE = {"select": ["LC402"]}

PAYMENTS = """
# app/clients/stripe.py
import httpx

class StripeClient:
    def __init__(self, key: str) -> None:
        self.key = key
    async def charge(self, amount: int) -> None:
        async with httpx.AsyncClient() as client:
            await client.post("https://example.org", json={"amount": amount, "key": self.key})
# app/services/payments.py
from app.clients.stripe import StripeClient
from app.repositories.items import ItemRepository

class PaymentService:
    def __init__(self, items: ItemRepository, stripe: StripeClient) -> None:
        self.items = items
        self.stripe = stripe
    async def pay(self, amount: int) -> None:
        await self.stripe.charge(amount)

class PriceService:
    def net(self, amount: int) -> int:
        return amount * 100 // 119

class Rates:
    def __init__(self, table: dict[str, int]) -> None:
        self.table = table
    def of(self, name: str) -> int:
        return self.table[name]
"""

HITS: dict[str, str] = {
    "a service with all its parts": router("""
        from app.clients.stripe import StripeClient
        from app.repositories.items import ItemRepository
        from app.services.payments import PaymentService

        @router.post("/pay")
        async def pay(amount: int, db: Db) -> None:
            service = PaymentService(ItemRepository(db), StripeClient("key"))  # expect: LC402
            await service.pay(amount)
    """),
    "a client that is given a key": router("""
        from app.clients.stripe import StripeClient

        @router.post("/pay")
        async def pay(amount: int) -> None:
            await StripeClient("key").charge(amount)  # expect: LC402
    """),
    "a service a provider builds": router("""
        from app.repositories.items import ItemRepository
        from app.services.items import ItemService

        @router.post("/items")
        async def create(name: str, db: Db) -> None:
            items = ItemRepository(db)  # expect: LC402
            await ItemService(items).add(name)
    """),
    "repositories of a handler that decides": router("""
        from app.repositories.items import ItemRepository
        from app.repositories.tags import TagRepository

        @router.post("/items")
        async def create(name: str, db: Db) -> None:
            if name in await TagRepository(db).names():  # expect: LC402
                raise HTTPException(409)
            await ItemRepository(db).add(Item(name=name))
    """),
    "a class method that builds": router("""
        from sqlalchemy.ext.asyncio import AsyncSession

        @router.post("/stock")
        async def fill(db: Db) -> None:
            stock = StockService.on(db)  # expect: LC402
            await stock.fill()
    """).replace("from app.models", "from app.services.stock import StockService\nfrom app.models") + """
# app/services/stock.py
from typing import Self
from sqlalchemy.ext.asyncio import AsyncSession

class StockService:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
    @classmethod
    def on(cls, session: AsyncSession) -> Self:
        return cls(session)
    async def fill(self) -> None: ...
""",
    "with settings and a user": router("""
        from app.clients.stripe import StripeClient
        from app.config import settings_for

        @router.post("/pay")
        async def pay(amount: int, user: str) -> None:
            settings = settings_for(user)
            stripe = StripeClient(settings["key"])  # expect: LC402
            await stripe.charge(amount)
    """) + """
# app/config.py
def settings_for(user: str) -> dict[str, str]: ...
""",
    "in a helper of two handlers": router("""
        from app.repositories.items import ItemRepository
        from app.services.items import ItemService

        def service(db) -> ItemService:
            return ItemService(ItemRepository(db))  # expect: LC402

        @router.post("/items")
        async def create(name: str, db: Db) -> None:
            await service(db).add(name)

        @router.get("/items/{item_id}")
        async def show(item_id: int, db: Db):
            return await service(db).show(item_id)
    """),
    "in a method of a class-based view": router("""
        from fastapi_utils.cbv import cbv
        from app.repositories.items import ItemRepository
        from app.services.items import ItemService

        @cbv(router)
        class Items:
            db: Db

            @router.post("/items")
            async def create(self, name: str) -> None:
                await ItemService(ItemRepository(self.db)).add(name)  # expect: LC402
    """),
}  # fmt: skip

NEAR_MISSES: dict[str, str] = {
    "thin": router("""
        from app.repositories.items import ItemRepository

        @router.get("/items/{item_id}", response_model=ItemOut)
        async def show(item_id: int, db: Db):
            item = await ItemRepository(db).get(item_id)
            if item is None:
                raise HTTPException(404)
            return item
    """),
    "holds nothing": router("""
        from app.services.payments import PriceService, Rates

        @router.get("/price")
        async def price(amount: int) -> int:
            return PriceService().net(amount) * Rates({"tea": 3}).of("tea")
    """),
    "injected": router("""
        from app.dependencies import ItemServiceDep

        @router.post("/items")
        async def create(name: str, items: ItemServiceDep) -> None:
            await items.add(name)
    """),
    "in a provider beside the routes": router("""
        from app.repositories.items import ItemRepository
        from app.services.items import ItemService

        def service(db: Db) -> ItemService:
            return ItemService(ItemRepository(db))

        @router.post("/items")
        async def create(name: str, items: Annotated[ItemService, Depends(service)]) -> None:
            await items.add(name)
    """),
    "in a service": router("""
        from app.services.shop import ShopService

        @router.post("/shop")
        async def open_shop(shop: Annotated[ShopService, Depends()]) -> None:
            await shop.open()
    """) + """
# app/services/shop.py
from app.database import Db
from app.repositories.items import ItemRepository

class ShopService:
    def __init__(self, db: Db) -> None:
        self.db = db
    async def open(self) -> None:
        await ItemRepository(self.db).list_all()
""",
    "a class from outside": router("""
        import httpx

        @router.get("/rates")
        async def rates() -> str:
            async with httpx.AsyncClient(timeout=3) as client:
                return (await client.get("https://example.org")).text
    """),
    "a schema and an entity": router("""
        @router.post("/items")
        async def create(data: ItemIn, db: Db) -> ItemOut:
            item = Item(name=data.name, stock=data.stock)
            db.add(item)
            await db.flush()
            return ItemOut(id=item.id, name=item.name)
    """),
    "a record of a service package": router("""
        from app.services.context import Context

        @router.post("/items")
        async def create(name: str, db: Db) -> None:
            context = Context(db, name)
            if context.name:
                raise HTTPException(409)
    """) + """
# app/services/context.py
from dataclasses import dataclass
from sqlalchemy.ext.asyncio import AsyncSession

@dataclass
class Context:
    session: AsyncSession
    name: str
""",
    "one of several, as the request wants it": router("""
        from app.services.imports import CsvService, XmlService

        KINDS = {"csv": CsvService, "xml": XmlService}

        @router.post("/imports/{kind}")
        async def load(kind: str, db: Db) -> None:
            await KINDS[kind](db).load()
    """) + """
# app/services/imports.py
from sqlalchemy.ext.asyncio import AsyncSession

class CsvService:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
    async def load(self) -> None: ...

class XmlService:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
    async def load(self) -> None: ...
""",
    "made of what the handler has worked out": router("""
        from app.repositories.items import ItemRepository
        from app.services.pictures import PictureService

        @router.post("/pictures/{item_id}")
        async def draw(item_id: int, db: Db) -> None:
            item = await db.get(Item, item_id)
            await PictureService(db, item).draw()

        @router.post("/pictures")
        async def draw_new(name: str, db: Db) -> None:
            item = Item(name=name)
            await PictureService(db, {"item": item}).draw()
    """) + """
# app/services/pictures.py
from sqlalchemy.ext.asyncio import AsyncSession

class PictureService:
    def __init__(self, session: AsyncSession, item) -> None:
        self.session = session
        self.item = item
    async def draw(self) -> None: ...
""",
    "with a session somebody hands to a part of the handler": router("""
        from sqlalchemy.ext.asyncio import AsyncSession
        from app.database import transaction
        from app.repositories.items import ItemRepository
        from app.services.items import ItemService

        @router.post("/items")
        async def create(name: str) -> None:
            async def work(session: AsyncSession) -> None:
                await ItemService(ItemRepository(session)).add(name)
            await transaction(work)
    """),
    "with a session of its own": router("""
        from app.database import session_factory
        from app.repositories.items import ItemRepository
        from app.services.items import ItemService

        @router.post("/items")
        async def create(name: str) -> None:
            async with session_factory() as session:
                await ItemService(ItemRepository(session)).add(name)
    """),
    "a websocket": router("""
        from fastapi import WebSocket
        from app.clients.stripe import StripeClient

        @router.websocket("/pay")
        async def pay(websocket: WebSocket) -> None:
            async for amount in websocket.iter_text():
                await StripeClient("key").charge(int(amount))
    """),
    "a route of Starlette, which injects nothing": """
# app/worker.py
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from app.clients.stripe import StripeClient

async def pay(request) -> PlainTextResponse:
    await StripeClient("key").charge(1)
    return PlainTextResponse("paid")

app = Starlette(routes=[Route("/pay", pay)])
""",
    "middleware": """
# app/middleware.py
from starlette.middleware.base import BaseHTTPMiddleware
from app.clients.stripe import StripeClient

class Paid(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        await StripeClient("key").charge(1)
        return await call_next(request)
""",
    "a property of a class-based view": router("""
        from functools import cached_property
        from fastapi_utils.cbv import cbv
        from app.repositories.items import ItemRepository
        from app.services.items import ItemService

        @cbv(router)
        class Items:
            db: Db

            @cached_property
            def items(self) -> ItemService:
                return ItemService(ItemRepository(self.db))

            @router.post("/items")
            async def create(self, name: str) -> None:
                await self.items.add(name)
    """),
}  # fmt: skip


def whole(text: str) -> str:
    return project(MODELS, DATABASE, LAYERS, PAYMENTS, text)


@pytest.mark.parametrize("text", HITS.values(), ids=HITS)
def test_told(text: str, tmp_path: Path) -> None:
    assert expected(whole(text))
    assert found(check(tmp_path, whole(text), RULE)) == expected(whole(text))


@pytest.mark.parametrize("text", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_silent(text: str, tmp_path: Path) -> None:
    assert found(check(tmp_path, whole(text), RULE)) == []


SAID: dict[str, tuple[str, str]] = {
    "a service with all its parts": (
        "POST /pay (pay) builds `PaymentService`, `ItemRepository` and `StripeClient` itself",
        "build `PaymentService` in a provider, and take it as a parameter with `Depends`",
    ),
    "a service a provider builds": (
        "POST /items (create) builds `ItemRepository` and `ItemService` itself",
        "take `ItemService` as a parameter from its provider, `get_item_service`",
    ),
    "in a helper of two handlers": (
        "router service builds `ItemService` and `ItemRepository` itself",
        "make `service` a provider, and let handlers take what it gives with `Depends`",
    ),
}


@pytest.mark.parametrize("case", SAID)
def test_what_is_said(case: str, tmp_path: Path) -> None:
    outcome = check(tmp_path, whole(HITS[case]), RULE)
    assert [(one.message, one.help) for one in outcome.new] == [SAID[case]]


def test_the_whole_finding(tmp_path: Path) -> None:
    assert report(check(tmp_path, whole(HITS["a service a provider builds"]), RULE)) == [
        "warning app/api/items.py:16:13 POST /items (create) builds `ItemRepository`"
        " and `ItemService` itself",
        "  app/api/items.py:16 [router] construct: create -> ItemRepository",
        "  also app/api/items.py:17",
        "  router: route decorator",
        "  repository: class name *Repository",
        "  service: class name *Service",
        "  = app.api.items.create app.repositories.items.ItemRepository",
    ]


OPTIONS: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "properties as well": (
        "a property of a class-based view",
        {"rules": {"LC402": {"controller-properties": False}}},
        ["app/api/items.py:22 LC402"],
    ),
    "nothing is thin": ("thin", {"thin-crud": "off"}, ["app/api/items.py:15 LC402"]),
}


@pytest.mark.parametrize(("case", "settings", "lines"), OPTIONS.values(), ids=OPTIONS)
def test_options(case: str, settings: dict[str, Any], lines: list[str], tmp_path: Path) -> None:
    assert found(check(tmp_path, whole(NEAR_MISSES[case]), {**RULE, **settings})) == lines
