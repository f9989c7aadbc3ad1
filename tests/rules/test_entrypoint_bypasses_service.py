"""LC103: entry points that use a repository although services exist."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shop import DATABASE, LAYERS, MODELS, project, router
from small_projects import check, expected, found, report

RULE = {"select": ["LC103"]}

HITS: dict[str, str] = {
    "thin, but a service uses the repository": router("""
        from app.dependencies import Items

        @router.get("/items/{item_id}")
        async def show(item_id: int, items: Items) -> ItemOut:
            return ItemOut.model_validate(await items.get(item_id))  # expect: LC103
    """),
    "no service uses it, but the handler is not thin": router("""
        from app.dependencies import Tags

        @router.get("/tags")
        async def names(tags: Tags) -> list[str]:
            result = []
            for name in await tags.names():  # expect: LC103
                result.append(name)
            return result
    """),
    "built in the handler": router("""
        from app.repositories.items import ItemRepository

        @router.get("/items/{item_id}")
        async def show(item_id: int, db: Db) -> ItemOut:
            items = ItemRepository(db)
            return ItemOut.model_validate(await items.get(item_id))  # expect: LC103
    """),
    "held by a dependency object": router("""
        from app.dependencies import Items

        class Context:
            def __init__(self, items: Items) -> None:
                self.items = items

        @router.get("/items/{item_id}")
        async def show(item_id: int, context: Annotated[Context, Depends()]) -> ItemOut:
            return ItemOut.model_validate(await context.items.get(item_id))  # expect: LC103
    """),
    "held by a service": router("""
        from app.dependencies import ItemServiceDep

        @router.get("/items/{item_id}")
        async def show(item_id: int, service: ItemServiceDep) -> ItemOut:
            return ItemOut.model_validate(await service.items.get(item_id))  # expect: LC103
    """),
    "through a helper": router("""
        from app.dependencies import Items
        from app.utils.loading import load

        @router.get("/items/{item_id}")
        async def show(item_id: int, items: Items) -> ItemOut:
            return ItemOut.model_validate(await load(items, item_id))  # expect: LC103
    """) + """
# app/utils/loading.py
from app.repositories.items import ItemRepository
async def load(items: ItemRepository, item_id: int):
    return await items.get(item_id)
""",
    "an inherited method": router("""
        from app.repositories.special import SpecialRepository

        @router.get("/items")
        async def everything(items: Annotated[SpecialRepository, Depends()]) -> int:
            total = 0
            for item in await items.list_all():  # expect: LC103
                total += item.stock
            return total
    """) + """
# app/repositories/special.py
from app.repositories.items import ItemRepository
class SpecialRepository(ItemRepository): ...
""",
    "behind an interface": router("""
        from app.ports import Items

        @router.get("/items/{item_id}")
        async def show(item_id: int, items: Annotated[Items, Depends()]) -> ItemOut:
            return ItemOut.model_validate(await items.get(item_id))  # expect: LC103
    """) + """
# app/ports.py
from typing import Protocol
from app.models import Item
class Items(Protocol):
    async def get(self, item_id: int) -> Item | None: ...
    async def list_all(self) -> list[Item]: ...
""",
    "out of a property of a view": router("""
        from app.repositories.items import ItemRepository
        from fastapi_utils.cbv import cbv

        @cbv(router)
        class ItemView:
            db: Db

            @property
            def items(self) -> ItemRepository:
                return ItemRepository(self.db)

            @router.get("/items/{item_id}")
            async def show(self, item_id: int) -> ItemOut:
                return ItemOut.model_validate(await self.items.get(item_id))  # expect: LC103
    """),
    "a property of a view that writes": router("""
        from app.dependencies import Items
        from fastapi_utils.cbv import cbv

        @cbv(router)
        class ItemView:
            items: Items

            @property
            def made(self):
                return self.items.add(Item(name="a"))

            @router.post("/items")
            async def make(self) -> None:
                await self.made  # expect: LC103
    """),
    "behind a decorator": router("""
        from app.caching import tags

        @router.get("/tags")
        async def names() -> list[str]:
            result = []
            for name in await tags():  # expect: LC103
                result.append(name)
            return result
    """) + """
# app/caching.py
import functools
from app.crud.tags import all_tags
def cached(function):
    @functools.wraps(function)
    async def inner(*args):
        return await function(*args)
    return inner
tags = cached(all_tags)
# app/crud/tags.py
from app.database import session_factory
from app.models import Item
async def all_tags() -> list[str]:
    async with session_factory() as session:
        return [str(await session.get(Item, 1))]
""",
    "function-style data access a service uses": router("""
        from app import crud

        @router.delete("/users/{user_id}")
        async def remove(user_id: int, db: Db) -> None:
            await crud.delete_user(db, user_id)  # expect: LC103
    """) + """
# app/crud.py
from sqlalchemy.ext.asyncio import AsyncSession
from app.models import User
async def get_user(session: AsyncSession, user_id: int) -> User | None:
    return await session.get(User, user_id)
async def delete_user(session: AsyncSession, user_id: int) -> None:
    await session.delete(await get_user(session, user_id))
# app/services/users.py
from sqlalchemy.ext.asyncio import AsyncSession
from app import crud
async def show(session: AsyncSession, user_id: int):
    return await crud.get_user(session, user_id)
""",
    "an entity that finds itself": router("""
        from app.active import Tag

        @router.get("/tags")
        async def names(db: Db) -> list[str]:
            result = []
            for name in await Tag.names(db):  # expect: LC103
                result.append(name)
            return result
    """) + """
# app/active.py
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from app.models import Base
class Tag(Base):
    __tablename__ = "tags"
    name: Mapped[str] = mapped_column(primary_key=True)
    @classmethod
    async def names(cls, session: AsyncSession) -> list[str]:
        return list(await session.scalars(select(cls.name)))
""",
}  # fmt: skip

NEAR_MISSES: dict[str, str] = {
    "a property of a view that loads": router("""
        from app.dependencies import Items, ItemServiceDep
        from fastapi_utils.cbv import cbv

        @cbv(router)
        class ItemView:
            items: Items
            service: ItemServiceDep

            @property
            def first(self):
                return self.items.get(1)

            @router.post("/items")
            async def copy(self, names: list[str]) -> None:
                first = await self.first
                for name in names:
                    await self.service.add(first.name + name)
    """),
    "what a repository's method hands out through a service": router("""
        from app.dependencies import ItemServiceDep
        from app.services.stream import opened

        @router.get("/items/{item_id}/content")
        async def content(item_id: int, service: ItemServiceDep) -> list[str]:
            await service.add("seen")
            read = opened()
            parts = []
            while part := read():
                parts.append(part)
            return parts
    """) + """
# app/services/stream.py
from app.repositories.files import FileRepository
def opened():
    return FileRepository().open()
# app/repositories/files.py
class FileRepository:
    def open(self):
        def read() -> str:
            return ""
        return read
""",
    "a function among services that a router registers": router("""
        from app.services import listing

        router.get("/listed")(listing.everything)
    """) + """
# app/services/listing.py
from app.database import Db
from app.repositories.items import ItemRepository
async def everything(db: Db) -> list[str]:
    found = []
    for item in await ItemRepository(db).list_all():
        found.append(item.name)
    return found
""",
    "what a helper of all loads for itself": router("""
        from app.utils.auth import tenant

        @router.get("/items")
        async def show(db: Db, token: str) -> str:
            found = await tenant(db, token)
            if not found:
                raise HTTPException(401)
            return found
    """) + """
# app/utils/auth.py
from app.repositories.items import ItemRepository
async def tenant(db, token: str) -> str:
    item = await ItemRepository(db).get(int(token))
    return item.name if item else ""
""",
    "thin, and no service uses the repository": router("""
        from app.dependencies import Tags

        @router.get("/tags")
        async def names(tags: Tags) -> list[str]:
            return await tags.names()
    """),
    "thin, and only what may be a service uses the repository": router("""
        from app.dependencies import Tags

        @router.get("/tags")
        async def names(tags: Tags) -> list[str]:
            return await tags.names()
    """) + """
# app/consumer.py
from app.repositories.tags import TagRepository
class Consumer:
    def __init__(self, tags: TagRepository) -> None:
        self.tags = tags
    async def receive(self) -> None:
        await self.tags.touch()
# app/main.py
from contextlib import asynccontextmanager
from fastapi import FastAPI
from app.consumer import Consumer
from app.database import session_factory
from app.repositories.tags import TagRepository
@asynccontextmanager
async def lifespan(app: FastAPI):
    await Consumer(TagRepository(session_factory())).receive()
    yield
app = FastAPI(lifespan=lifespan)
""",
    "a service": router("""
        from app.dependencies import ItemServiceDep

        @router.post("/items")
        async def create(names: list[str], items: ItemServiceDep) -> None:
            for name in names:
                await items.add(name)
    """),
    "only made for the service": router("""
        from app.repositories.items import ItemRepository
        from app.services.items import ItemService

        @router.post("/items")
        async def create(names: list[str], db: Db) -> None:
            service = ItemService(ItemRepository(db))
            for name in names:
                await service.add(name)
    """),
    "a dependency that loads": router("""
        from app.dependencies import Items

        async def load(item_id: int, items: Items) -> Item:
            item = await items.get(item_id)
            if item is None:
                raise HTTPException(404)
            return item

        @router.get("/items/{item_id}")
        async def show(item: Annotated[Item, Depends(load)]) -> ItemOut:
            for _ in range(3):
                print(item)
            return ItemOut.model_validate(item)
    """),
    "a service that inherits from a repository": router("""
        from app.services.books import BookService

        @router.get("/books")
        async def titles(books: Annotated[BookService, Depends()]) -> list[str]:
            result = []
            for name in await books.list_all():
                result.append(name)
            return result
    """) + """
# app/services/books.py
from app.repositories.items import ItemRepository
class BookService(ItemRepository): ...
""",
    "an entity that queries nothing": router("""
        @router.get("/items")
        async def names() -> list[str]:
            result = []
            for number in range(3):
                result.append(Item(id=number).label())
            return result
    """),
    "a method called like one of a repository": router("""
        class Catalog:
            def get(self, item_id: int) -> str:
                return str(item_id)

        @router.get("/items/{item_id}")
        async def show(item_id: int, items: Annotated[Catalog, Depends()]) -> str:
            return items.get(item_id)
    """),
    "a dict called repository": router("""
        @router.get("/items/{item_id}")
        async def show(item_id: int) -> str:
            repository: dict[int, str] = {}
            for _ in range(2):
                repository[item_id] = "item"
            return repository.get(item_id, "")
    """),
    "a repository that is handed to a service": router("""
        from app.dependencies import Items, ItemServiceDep

        def pass_on(service: object, items: object) -> object:
            return items

        @router.get("/items/{item_id}")
        async def show(item_id: int, items: Items, service: ItemServiceDep) -> ItemOut:
            pass_on(service, items)
            return ItemOut.model_validate(await service.show(item_id))
    """),
    "the type of a repository in a signature": router("""
        from app.dependencies import Items

        @router.get("/kinds")
        async def kinds(items: Items) -> str:
            return type(items).__name__
    """),
    "a git repository": router("""
        class GitRepo:
            def commits(self) -> list[str]:
                return []

        @router.get("/commits")
        async def commits(repo: Annotated[GitRepo, Depends()]) -> list[str]:
            return repo.commits()
    """),
}  # fmt: skip


def whole(text: str) -> str:
    models = MODELS.replace(
        "    owner: Mapped[User] = relationship()\n",
        "    owner: Mapped[User] = relationship()\n    def label(self) -> str:\n        return self.name\n",
    )
    return project(models, DATABASE, LAYERS, text)


@pytest.mark.parametrize("text", HITS.values(), ids=HITS)
def test_told(text: str, tmp_path: Path) -> None:
    assert expected(whole(text))
    assert found(check(tmp_path, whole(text), RULE)) == expected(whole(text))


@pytest.mark.parametrize("text", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_silent(text: str, tmp_path: Path) -> None:
    assert found(check(tmp_path, whole(text), RULE)) == []


SEVERAL = router("""
    from app.dependencies import Items, Tags
    from app.utils.loading import load

    @router.get("/items/{item_id}")
    async def show(item_id: int, items: Items, tags: Tags) -> list[str]:
        item = await load(items, item_id)
        if item.stock < 1:
            raise HTTPException(409)
        return await tags.names()
""") + """
# app/utils/loading.py
from app.repositories.items import ItemRepository
async def load(items: ItemRepository, item_id: int):
    return await items.get(item_id)
"""


def test_the_whole_finding(tmp_path: Path) -> None:
    outcome = check(tmp_path, whole(SEVERAL), RULE)
    assert report(outcome) == [
        "error app/api/items.py:16:18 GET /items/{item_id} (show) calls ItemRepository.get,"
        " and TagRepository, past the service layer; ItemService uses ItemRepository;"
        " not thin (decides on the state of a row in line 17; queries through load)",
        "  app/api/items.py:16 [router] call: show -> load",
        "  app/utils/loading.py:4 [util] call: load -> ItemRepository.get",
        "  app/repositories/items.py:9 [repository] repository: ItemRepository.get is data access",
        "  also app/utils/loading.py:4",
        "  also app/api/items.py:19",
        "  router: route decorator",
        "  repository: class name *Repository",
        "  = app.api.items.show app.repositories.items.ItemRepository, app.repositories.tags.TagRepository",
    ]
    assert [one.help for one in outcome.new] == [
        "call a method of `ItemService` that uses `ItemRepository`"
    ]


EXPORTS = """
# app/services/exports.py
from app.repositories.items import ItemRepository
class ExportService:
    def __init__(self, items: ItemRepository) -> None:
        self.items = items
    async def export(self) -> str:
        return str(await self.items.list_all())
"""


def test_the_service_that_uses_the_repository_most_is_named(tmp_path: Path) -> None:
    outcome = check(tmp_path, whole(SEVERAL + EXPORTS), RULE)
    assert [one.help for one in outcome.new] == [
        "call a method of `ItemService` that uses `ItemRepository`"
    ]


HELPERS = """
# app/crud/forms.py
from sqlalchemy.ext.asyncio import AsyncSession
from app.models import Item

async def load(db: AsyncSession) -> Item | None:
    return await db.get(Item, 1)

def flatten(rows: list[dict[str, str]]) -> dict[str, str]:
    return {key: value for row in rows for key, value in row.items()}
"""


@pytest.mark.parametrize(("call", "count"), [("forms.flatten([])", 0), ("await forms.load(db)", 1)])
def test_a_helper_beside_functions_that_take_the_session(call: str, count: int, tmp_path: Path) -> None:
    text = router(f"""
        from app.crud import forms

        @router.get("/forms")
        async def show(db: Db) -> dict[str, str]:
            for number in range(3):
                {call}
            return {{}}
    """)
    assert len(check(tmp_path, whole(text) + HELPERS, RULE).new) == count


def test_silent_where_handlers_call_no_service(tmp_path: Path) -> None:
    layers = LAYERS.partition("# app/api/service_items.py")[0]
    text = project(MODELS, DATABASE, layers, HITS["built in the handler"])
    outcome = check(tmp_path, text, RULE)
    assert found(outcome) == []


TASK = """
# app/tasks/clean.py
from celery import Celery
from app.database import session_factory
from app.repositories.items import ItemRepository
celery = Celery()

@celery.task
async def clean() -> None:
    async with session_factory() as session:
        await ItemRepository(session).list_all()
"""

OPTIONS: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "tasks are no entry points": (TASK, {}, []),
    "unless said so": (TASK, {"entry-layers": ["router", "task"]}, ["app/tasks/clean.py:10 LC103"]),
    "reads are allowed": (HITS["held by a service"], {"allow-reads": True}, []),
    "writes are not": (
        HITS["function-style data access a service uses"],
        {"allow-reads": True},
        ["app/api/items.py:15 LC103"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "options", "lines"), OPTIONS.values(), ids=OPTIONS)
def test_options(text: str, options: dict[str, Any], lines: list[str], tmp_path: Path) -> None:
    assert found(check(tmp_path, whole(text), {**RULE, "rules": {"LC103": options}})) == lines
