"""LC401: providers that are called instead of injected."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shop import DATABASE, LAYERS, MODELS, project, router
from small_projects import check, expected, found, report

RULE = {"select": ["LC401"]}

USED = """
# app/api/used.py
from fastapi import APIRouter
from app.database import Db
router = APIRouter()
@router.get("/used")
async def used(db: Db) -> None: ...
"""
"""A handler that has the session injected, so that ``get_db`` is a provider."""

HITS: dict[str, str] = {
    "a session taken by hand": router("""
        from app.database import get_db

        @router.get("/items")
        async def show():
            db = await anext(get_db())  # expect: LC401
            return await db.get(Item, 1)
    """),
    "a service, with what it depends on": router("""
        from app.dependencies import Items, get_item_service

        @router.get("/items")
        async def show(items: Items):
            return await get_item_service(items).show(1)  # expect: LC401
    """),
    "two providers in one line": router("""
        from app.dependencies import get_items, get_item_service

        @router.get("/items")
        async def show(db: Db):
            return await get_item_service(get_items(db)).show(1)  # expect: LC401, LC401
    """),
    "twice the same": router("""
        from app.dependencies import Items, get_item_service

        @router.get("/items")
        async def show(items: Items):
            await get_item_service(items).add("pen")  # expect: LC401
            return await get_item_service(items).show(1)
    """),
    "in a helper of the router": router("""
        from app.database import get_db

        async def load():
            async for db in get_db():  # expect: LC401
                return await db.get(Item, 1)

        @router.get("/items")
        async def show():
            return await load()
    """),
    "in a service": """
# app/services/stock.py
from app.database import get_db
from app.models import Item

class StockService:
    async def stock(self, item_id: int) -> int:
        async for db in get_db():  # expect: LC401
            item = await db.get(Item, item_id)
        return item.stock
""",
    "in a repository": """
# app/repositories/stock.py
from app.database import get_db
from app.models import Item

class StockRepository:
    async def get(self, item_id: int) -> Item | None:
        db = await get_db().__anext__()  # expect: LC401
        return await db.get(Item, item_id)
""",
    "at module level": router("""
        from app.dependencies import get_item_service, get_items

        service = get_item_service(get_items(None))  # expect: LC401, LC401

        @router.get("/items")
        async def show():
            return await service.show(1)
    """),
    "a method that is a provider": router("""
        class Accounts:
            async def current(self, db: Db) -> User | None: ...

        accounts = Accounts()

        @router.get("/me")
        async def me(user: Annotated[User, Depends(accounts.current)]) -> str:
            return user.email

        @router.get("/you")
        async def you(db: Db) -> str:
            user = await accounts.current(db)  # expect: LC401
            return user.email
    """),
    "a task that does not close": """
# app/tasks/clean.py
from celery import shared_task
from app.database import get_db

@shared_task
async def clean() -> None:
    db = await anext(get_db())  # expect: LC401
    await db.commit()
""",
    "a task that leaves a parameter to Depends": router("""
        from app.services.items import ItemService

        def get_service(db: AsyncSession = Depends(get_db)) -> ItemService:
            return ItemService(ItemRepository(db))

        @router.get("/items")
        async def show(items: ItemService = Depends(get_service)):
            return await items.show(1)
    """).replace("import Db", "import Db, get_db").replace(
        "from app.models", "from sqlalchemy.ext.asyncio import AsyncSession\n"
        "from app.repositories.items import ItemRepository\nfrom app.models"
    ) + """
# app/tasks/clean.py
from celery import shared_task
from app.api.items import get_service

@shared_task
async def clean() -> None:
    await get_service().add("pen")  # expect: LC401
""",
}  # fmt: skip

NEAR_MISSES: dict[str, str] = {
    "another provider": router("""
        from app.dependencies import Items, get_item_service

        def get_busy_service(items: Items):
            return get_item_service(items)

        @router.get("/items")
        async def show(items=Depends(get_busy_service)):
            return await items.show(1)
    """),
    "a function in a provider": router("""
        from app.database import get_db

        def needs(name: str):
            async def check(db: Db) -> None:
                async for other in get_db():
                    await other.get(Item, 1)
            return check

        @router.get("/items", dependencies=[Depends(needs("admin"))])
        async def show(): ...
    """),
    "a provider that holds nothing": router("""
        def tenant() -> str:
            return "acme"

        @router.get("/a")
        async def a(name: Annotated[str, Depends(tenant)]) -> str:
            return name

        @router.get("/b")
        async def b() -> str:
            return tenant()
    """),
    "within the arguments of Depends": router("""
        from app.services.items import ItemService

        def service() -> ItemService: ...

        def checked(it: ItemService):
            def check() -> ItemService:
                return it
            return check

        @router.get("/a")
        async def a(items: Annotated[ItemService, Depends(service)]): ...

        @router.get("/b", dependencies=[Depends(checked(service()))])
        async def b(): ...
    """),
    "a method of the same class": router("""
        class Accounts:
            async def current(self, db: Db) -> User | None: ...

            async def leave(self, db) -> None:
                await self.current(db)

        accounts = Accounts()

        @router.get("/me")
        async def me(user: Annotated[User, Depends(accounts.current)], db: Db) -> str:
            await accounts.leave(db)
            return user.email
    """),
    "no provider": router("""
        from app.services.items import ItemService

        def make() -> ItemService: ...

        @router.get("/a")
        async def a():
            return await make().show(1)
    """),
    "the application itself": """
# app/main.py
from fastapi import FastAPI
from app.database import get_db

async def start() -> None:
    async for db in get_db():
        await db.commit()

app = FastAPI(on_startup=[start])
""",
    "a task that closes": """
# app/tasks/clean.py
from celery import shared_task
from app.database import get_db

@shared_task
async def clean() -> None:
    async for db in get_db():
        await db.commit()

@shared_task
async def sweep() -> None:
    sessions = get_db()
    db = await anext(sessions)
    await db.commit()
    await sessions.aclose()
""",
    "a task that makes all itself": """
# app/tasks/clean.py
from celery import shared_task
from app.database import session_factory
from app.dependencies import get_item_service, get_items

@shared_task
async def clean() -> None:
    async with session_factory() as db:
        await get_item_service(get_items(db)).add("pen")
""",
    "a service that only tasks use": """
# app/services/sweeping.py
from app.database import get_db

async def sweep() -> None:
    async for db in get_db():
        await db.commit()
# app/tasks/clean.py
from celery import shared_task
from app.services.sweeping import sweep

@shared_task
async def clean() -> None:
    await sweep()
""",
    "middleware": """
# app/middleware.py
from starlette.middleware.base import BaseHTTPMiddleware
from app.database import get_db

class Seen(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        async for db in get_db():
            await db.commit()
        return await call_next(request)
""",
    "a context manager made of it": router("""
        from contextlib import asynccontextmanager
        from app.database import get_db

        @router.get("/items")
        async def show():
            async with asynccontextmanager(get_db)() as db:
                return await db.get(Item, 1)
    """),
    "run as a script": router("""
        from app.database import get_db

        @router.get("/items")
        async def show(): ...

        if __name__ == "__main__":
            db = get_db()
    """),
}  # fmt: skip


def whole(text: str) -> str:
    return project(MODELS, DATABASE, LAYERS, USED, text)


@pytest.mark.parametrize("text", HITS.values(), ids=HITS)
def test_told(text: str, tmp_path: Path) -> None:
    assert expected(whole(text))
    assert found(check(tmp_path, whole(text), RULE)) == expected(whole(text))


@pytest.mark.parametrize("text", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_silent(text: str, tmp_path: Path) -> None:
    assert found(check(tmp_path, whole(text), RULE)) == []


SAID: dict[str, list[tuple[str, str]]] = {
    "a session taken by hand": [(
        "GET /items (show) calls the provider get_db; nobody closes what it yields",
        "take it as a parameter: `Annotated[AsyncSession, Depends(get_db)]`",
    )],
    "a service, with what it depends on": [(
        "GET /items (show) calls the provider get_item_service;"
        " `dependency_overrides` does not reach the call",
        "take it as a parameter: `Annotated[ItemService, Depends(get_item_service)]`",
    )],
    "in a service": [(
        "service StockService.stock calls the provider get_db;"
        " `dependency_overrides` does not reach the call",
        "take what `get_db` gives as an argument, and let the caller have it injected",
    )],
    "a task that does not close": [(
        "task clean calls the provider get_db; nobody closes what it yields",
        "make it a context manager, which closes it: `asynccontextmanager(get_db)`",
    )],
    "a task that leaves a parameter to Depends": [(
        "task clean calls the provider get_service; nobody resolves the `Depends` of `db`",
        "hand over `db`",
    )],
}  # fmt: skip


@pytest.mark.parametrize("case", SAID)
def test_what_is_said(case: str, tmp_path: Path) -> None:
    outcome = check(tmp_path, whole(HITS[case]), RULE)
    assert [(one.message, one.help) for one in outcome.new] == SAID[case]


def test_the_whole_finding(tmp_path: Path) -> None:
    assert report(check(tmp_path, whole(HITS["twice the same"]), RULE)) == [
        "warning app/api/items.py:15:11 GET /items (show) calls the provider get_item_service;"
        " `dependency_overrides` does not reach the call",
        "  app/api/items.py:15 [router] call: show -> get_item_service",
        "  also app/api/items.py:16",
        "  router: route decorator",
        "  = app.api.items.show app.dependencies.get_item_service",
    ]


OPTIONS: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "tasks as well": (
        "a task that makes all itself", {"allow-in": []},
        ["app/tasks/clean.py:9 LC401", "app/tasks/clean.py:9 LC401"],
    ),
    "routers may": ("a service, with what it depends on", {"allow-in": ["router"]}, []),
    "but not leave it open": (
        "a session taken by hand", {"allow-in": ["router"]}, ["app/api/items.py:15 LC401"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("case", "options", "lines"), OPTIONS.values(), ids=OPTIONS)
def test_options(case: str, options: dict[str, Any], lines: list[str], tmp_path: Path) -> None:
    text = {**HITS, **NEAR_MISSES}[case]
    outcome = check(tmp_path, whole(text), {**RULE, "rules": {"LC401": options}})
    assert found(outcome) == lines
