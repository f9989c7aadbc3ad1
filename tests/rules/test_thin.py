"""What keeps a handler from being thin, one criterion after the other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from shop import DATABASE, LAYERS, MODELS, project, router
from small_projects import check

RULES = {"select": ["LC101", "LC103", "LC104"]}

_REASONS = re.compile(r"not thin \((.*)\)$")


def reasons(tmp_path: Path, text: str, settings: dict[str, Any] | None = None) -> str:
    """Return what the first finding about ``GET /`` says, empty where the handler is thin."""
    whole = project(MODELS, DATABASE, LAYERS, MORE, router(text))
    outcome = check(tmp_path, whole, {**RULES, **(settings or {})})
    for one in outcome.new:
        if " / (" in one.message and (told := _REASONS.search(one.message)):
            return told[1]
    return ""


MORE = """
# app/utils/helpers.py
import logging
from app.models import Item

logger = logging.getLogger(__name__)

def slug(name: str) -> str:
    return name.lower()

def describe(item: Item) -> dict[str, str]:
    return {"name": item.name}

def audit(text: str) -> None:
    logger.info(text)

async def count(session) -> int:
    return await session.scalar("SELECT count(*) FROM items")
# app/repositories/owners.py
from app.database import Db
from app.models import User

class OwnerRepository:
    def __init__(self, session: Db) -> None:
        self.session = session
    async def rename(self, user_id: int) -> None:
        user = await self.session.get(User, user_id)
        if user is not None:
            user.email = "new"
            await self.session.commit()
# app/routers/answers.py
from fastapi import HTTPException
from app.repositories.owners import OwnerRepository
from app.repositories.tags import TagRepository
from app.services.items import ItemService

class Answers:
    def __init__(self, tags: TagRepository, owners: OwnerRepository) -> None:
        self.tags = tags
        self.owners = owners
    async def names(self) -> list[str]:
        names = await self.tags.names()
        if not names:
            raise HTTPException(404)
        return names

class ItemAnswers:
    def __init__(self, items: ItemService, tags: TagRepository) -> None:
        self.items = items
        self.tags = tags
    async def names(self) -> list[str]:
        if await self.items.show(1) is None:
            raise HTTPException(404)
        return await self.tags.names()
# app/mail.py
import smtplib

def send(text: str) -> None:
    smtplib.SMTP("localhost").sendmail("a", "b", text)
"""

THIN: dict[str, str] = {
    "read": """
        @router.get("/")
        async def show(item_id: int, db: Db) -> ItemOut:
            return ItemOut.model_validate(await db.get(Item, item_id))
    """,
    "read or 404": """
        @router.get("/")
        async def show(item_id: int, db: Db) -> ItemOut:
            item = (await db.execute(select(Item).where(Item.id == item_id))).scalars().first()
            if not item:
                raise HTTPException(404)
            return ItemOut.model_validate(item)
    """,
    "404 by the number of rows": """
        from sqlalchemy import delete

        @router.delete("/")
        async def remove(item_id: int, db: Db) -> None:
            result = await db.execute(delete(Item).where(Item.id == item_id))
            if result.rowcount == 0:
                raise HTTPException(404)
            await db.commit()
    """,
    "found or raise": """
        @router.get("/")
        async def show(item_id: int, db: Db) -> ItemOut:
            if (item := await db.get(Item, item_id)) is not None:
                return ItemOut.model_validate(item)
            raise HTTPException(404)
    """,
    "found else raise": """
        @router.get("/")
        async def show(item_id: int, db: Db) -> ItemOut:
            item = await db.get(Item, item_id)
            if item:
                return ItemOut.model_validate(item)
            else:
                raise HTTPException(404)
    """,
    "found or nothing": """
        @router.get("/")
        async def show(item_id: int, db: Db) -> ItemOut | None:
            item = await db.get(Item, item_id)
            if item:
                return ItemOut.model_validate(item)
    """,
    "a signature is checked": """
        from slack_sdk.signature import SignatureVerifier

        @router.get("/")
        async def show(body: str, db: Db) -> list[ItemOut]:
            if not SignatureVerifier("secret").is_valid(body, "", ""):
                raise HTTPException(403)
            return [ItemOut.model_validate(item) for item in await db.scalars(select(Item))]
    """,
    "none in a match": """
        @router.get("/")
        async def show(item_id: int, db: Db) -> ItemOut:
            match await db.get(Item, item_id):
                case None:
                    raise HTTPException(404)
                case item:
                    return ItemOut.model_validate(item)
    """,
    "ten statements, logging, docstring and pass besides": '''
        import logging
        logger = logging.getLogger(__name__)

        @router.get("/")
        async def show(item_id: int, db: Db) -> ItemOut:
            """Show it."""
            logger.info("show %s", item_id)
            pass
            a = 1
            b = 2
            c = 3
            d = 4
            e = 5
            f = 6
            g = 7
            h = 8
            item = await db.get(Item, item_id)
            return ItemOut.model_validate(item)
    ''',
    "two reads of one entity": """
        from sqlalchemy import func

        @router.get("/")
        async def page(db: Db) -> dict[str, object]:
            total = await db.scalar(select(func.count()).select_from(Item))
            items = await db.scalars(select(Item))
            return {"total": total, "items": [ItemOut.model_validate(item) for item in items]}
    """,
    "a write and its refresh in a transaction": """
        @router.get("/")
        async def create(data: ItemIn, db: Db) -> ItemOut:
            async with db.begin():
                item = Item(**data.model_dump())
                db.add(item)
                await db.flush()
                await db.refresh(item)
            return ItemOut.model_validate(item)
    """,
    "many made at once": """
        @router.get("/")
        async def create(data: list[ItemIn], db: Db) -> None:
            db.add_all([Item(**one.model_dump()) for one in data])
            await db.commit()
    """,
    "an entity loaded besides": """
        from sqlalchemy.orm import joinedload, selectinload

        @router.get("/")
        async def show(item_id: int, db: Db) -> ItemOut:
            owner = joinedload(Item.owner).selectinload(User.id)
            query = select(Item).options(owner).where(Item.id == item_id)
            return ItemOut.model_validate(await db.scalar(query))
    """,
    "guards on request data": """
        @router.get("/")
        async def show(name: str, limit: int, db: Db) -> list[ItemOut]:
            if limit > 100:
                raise HTTPException(422)
            if not name.strip():
                return []
            return [ItemOut.model_validate(item) for item in await db.scalars(select(Item).limit(limit))]
    """,
    "a database error is mapped": """
        from sqlalchemy.exc import IntegrityError

        @router.get("/")
        async def create(data: ItemIn, db: Db) -> None:
            db.add(Item(name=data.name))
            try:
                await db.commit()
            except IntegrityError as error:
                await db.rollback()
                raise HTTPException(409) from error
            else:
                return None
    """,
    "helpers for text and for schemas": """
        from app.utils.helpers import audit, describe, slug

        def show(item: Item) -> dict[str, str]:
            return describe(item)

        @router.get("/")
        async def by_name(name: str, db: Db) -> dict[str, str]:
            item = await db.scalar(select(Item).where(Item.name == slug(name)))
            audit(f"somebody asked for {name}")
            return show(item)

        @router.get("/other")
        async def other() -> dict[str, str]:
            return show(Item())
    """,
    "a private helper": """
        async def _load(db: Db, item_id: int) -> Item:
            item = await db.get(Item, item_id)
            if item is None:
                raise HTTPException(404)
            return item

        @router.get("/")
        async def show(item_id: int, db: Db) -> ItemOut:
            return ItemOut.model_validate(await _load(db, item_id))
    """,
    "one call of a repository no service uses": """
        from app.dependencies import Tags

        @router.get("/")
        async def names(tags: Tags) -> list[str]:
            return await tags.names()
    """,
    "one call of a helper object that hands on to a repository": """
        from app.dependencies import Tags
        from app.repositories.owners import OwnerRepository
        from app.routers.answers import Answers

        @router.get("/")
        async def names(tags: Tags, owners: Annotated[OwnerRepository, Depends()]) -> list[str]:
            return await Answers(tags, owners).names()
    """,
    "an exception of a library that cannot be seen": """
        from some_errors import NotFoundException

        @router.get("/")
        async def show(item_id: int, db: Db) -> ItemOut:
            item = await db.get(Item, item_id)
            if item is None:
                raise NotFoundException("item")
            return ItemOut.model_validate(item)
    """,
}  # fmt: skip

BACKGROUND = (
    "side effect outside the database: starlette.background.BackgroundTasks.add_task;"
    " starts audit in the background"
)

NOT_THIN: dict[str, tuple[str, str]] = {
    "1 statements": ("""
        @router.get("/")
        async def show(item_id: int, db: Db) -> ItemOut:
            a = 1
            b = 2
            c = 3
            d = 4
            e = 5
            f = 6
            g = 7
            h = 8
            i = 9
            item = await db.get(Item, item_id)
            return ItemOut.model_validate(item)
    """, "11 statements > 10"),
    "1 statements of the helpers, too": ("""
        async def _load(db: Db, item_id: int) -> Item | None:
            a = 1
            b = 2
            c = 3
            d = 4
            e = 5
            return await db.get(Item, item_id)

        @router.get("/")
        async def show(item_id: int, db: Db) -> ItemOut:
            a = 1
            b = 2
            c = 3
            d = 4
            item = await _load(db, item_id)
            return ItemOut.model_validate(item)
    """, "12 statements > 10"),
    "2 reads": ("""
        @router.get("/")
        async def show(db: Db) -> list[Item | None]:
            return [await db.get(Item, 1), await db.get(Item, 2), await db.get(Item, 3)]
    """, "3 reads > 2"),
    "2 reads through a repository": ("""
        from app.dependencies import Tags

        @router.get("/")
        async def names(tags: Tags) -> list[str]:
            return [*await tags.names(), *await tags.names(), *await tags.names()]
    """, "3 reads > 2"),
    "2 writes": ("""
        @router.get("/")
        async def swap(item: int, db: Db) -> None:
            db.add(Item(name="a"))
            await db.delete(Item(id=item))
    """, "2 writes > 1"),
    "2 writes through a repository": ("""
        from app.dependencies import Tags

        @router.get("/")
        async def names(tags: Tags) -> None:
            await tags.touch()
            await tags.touch()
    """, "2 writes > 1"),
    "2 objects a repository saves": ("""
        from app.repositories.owners import OwnerRepository

        @router.get("/")
        async def rename(owners: Annotated[OwnerRepository, Depends()]) -> None:
            await owners.rename(1)
            await owners.rename(2)
    """, "2 writes > 1"),
    "3 entities": ("""
        @router.get("/")
        async def show(db: Db) -> int:
            result = await db.execute(select(Item.name).join(User, User.id == Item.owner_id))
            return len(result.all())
    """, "2 entities > 1 (Item, User)"),
    "4 guards": ("""
        @router.get("/")
        async def show(a: int, b: int, c: int, db: Db) -> int:
            if a:
                raise HTTPException(400)
            if b:
                raise HTTPException(400)
            if c:
                raise HTTPException(400)
            return len((await db.scalars(select(Item))).all())
    """, "3 guards > 2"),
    "4 a row exists": ("""
        @router.get("/")
        async def create(name: str, db: Db) -> None:
            found = (await db.execute(select(Item).where(Item.name == name))).scalar_one_or_none()
            if found is not None:
                raise HTTPException(400)
            db.add(Item(name=name))
    """, "guard on a row that exists in line 14"),
    "4 a row exists, asked in the test": ("""
        @router.get("/")
        async def create(name: str, db: Db) -> None:
            if await db.scalar(select(Item).where(Item.name == name)):
                raise HTTPException(400)
            db.add(Item(name=name))
    """, "guard on a row that exists in line 13"),
    "4 a row exists, asked in a block that more follows": ("""
        @router.get("/")
        async def create(name: str, db: Db) -> str:
            async with db.begin():
                found = await db.scalar(select(Item).where(Item.name == name))
                if found:
                    return "taken"
            db.add(Item(name=name))
            return "made"
    """, "guard on a row that exists in line 15"),
    "4 the state of a row": ("""
        @router.get("/")
        async def take(item_id: int, db: Db) -> None:
            item = await db.get(Item, item_id)
            if item is None or item.stock < 1:
                raise HTTPException(409)
            item.stock -= 1
    """, "decides on the state of a row in line 14"),
    "4 the state of a row under another name": ("""
        @router.get("/")
        async def take(item_id: int, db: Db) -> None:
            item = await db.get(Item, item_id)
            left = item.stock - 1
            if left < 0:
                raise HTTPException(409)
    """, "decides on the state of a row in line 15"),
    "4 the state of a loaded user": ("""
        async def current_user(db: Db) -> User: ...

        @router.get("/")
        async def all_items(db: Db, user: Annotated[User, Depends(current_user)]) -> int:
            if not user.is_admin:
                raise HTTPException(403)
            return len((await db.scalars(select(Item))).all())
    """, "decides on the state of a row in line 15"),
    "4 a branch": ("""
        @router.get("/")
        async def show(newest: bool, db: Db) -> int:
            query = select(Item)
            if newest:
                query = query.order_by(Item.id)
            return len((await db.scalars(query)).all())
    """, "branch in line 14"),
    "4 a loop": ("""
        @router.get("/")
        async def show(item_id: int, changes: dict[str, str], db: Db) -> None:
            item = await db.get(Item, item_id)
            for name, value in changes.items():
                setattr(item, name, value)
    """, "loop in line 14"),
    "4 a try that does more": ("""
        @router.get("/")
        async def show(item_id: int, db: Db) -> Item | None:
            try:
                return await db.get(Item, item_id)
            except Exception:
                raise HTTPException(500)
    """, "try in line 13"),
    "4 a match": ("""
        @router.get("/")
        async def show(what: str, db: Db) -> int:
            match what:
                case "all":
                    return len((await db.scalars(select(Item))).all())
                case _:
                    return 0
    """, "match in line 13"),
    "5 a service": ("""
        from app.dependencies import ItemServiceDep

        @router.get("/")
        async def show(items: ItemServiceDep, db: Db) -> None:
            await items.add("a")
            await db.commit()
    """, "calls ItemService.add (service)"),
    "5 a helper object that calls a service, too": ("""
        from app.dependencies import ItemServiceDep, Tags
        from app.routers.answers import ItemAnswers

        @router.get("/")
        async def names(items: ItemServiceDep, tags: Tags) -> list[str]:
            return await ItemAnswers(items, tags).names()
    """, "queries through ItemAnswers.names"),
    "5 the session is handed on": ("""
        from app.utils.helpers import count

        @router.get("/")
        async def show(db: Db) -> int:
            return await count(db)
    """, "hands the session to count"),
    "5 the session is handed to a library": ("""
        from fastapi_pagination.ext.sqlalchemy import paginate

        @router.get("/")
        async def page(db: Db):
            return await paginate(db, select(Item))
    """, "hands the session to paginate"),
    "6 mail": ("""
        from app.mail import send

        @router.get("/")
        async def create(name: str, db: Db) -> None:
            db.add(Item(name=name))
            send(name)
    """, "calls send (infrastructure)"),
    "6 a background task": ("""
        from fastapi import BackgroundTasks
        from app.utils.helpers import audit

        @router.get("/")
        async def create(name: str, db: Db, tasks: BackgroundTasks) -> None:
            db.add(Item(name=name))
            tasks.add_task(audit, name)
    """, BACKGROUND),
    "6 HTTP": ("""
        import httpx

        @router.get("/")
        async def create(name: str, db: Db) -> None:
            db.add(Item(name=httpx.get(f"https://example.org/{name}").text))
    """, "side effect outside the database: httpx.get"),
    "7 a domain exception": ("""
        class NoItem(Exception): ...

        @router.get("/")
        async def show(item_id: int, db: Db) -> ItemOut:
            item = await db.get(Item, item_id)
            if item is None:
                raise NoItem
            return ItemOut.model_validate(item)
    """, "raises NoItem"),
    "7 outside a guard": ("""
        @router.get("/")
        async def show(item_id: int, db: Db) -> ItemOut:
            db.add(Item(id=item_id))
            raise HTTPException(418)
    """, "raises outside a guard in line 14"),
    "8 called from elsewhere": ("""
        @router.get("/")
        async def show(item_id: int, db: Db) -> Item | None:
            return await db.get(Item, item_id)

        async def nightly(db: Db) -> None:
            print(await show(1, db))
    """, "called from nightly"),
}  # fmt: skip


@pytest.mark.parametrize("text", THIN.values(), ids=THIN)
def test_thin(text: str, tmp_path: Path) -> None:
    assert reasons(tmp_path, text) == ""


@pytest.mark.parametrize("text", THIN.values(), ids=THIN)
def test_every_thin_handler_would_be_told_if_none_were_allowed(text: str, tmp_path: Path) -> None:
    assert reasons(tmp_path, text, {"thin-crud": "off"}) == "thin-crud is off"


@pytest.mark.parametrize(("text", "expected"), NOT_THIN.values(), ids=NOT_THIN)
def test_not_thin(text: str, expected: str, tmp_path: Path) -> None:
    assert reasons(tmp_path, text) == expected


LIMITS: dict[str, tuple[str, dict[str, Any], str]] = {
    "statements": ("read", {"thin-max-statements": 0}, "1 statements > 0"),
    "reads": ("two reads of one entity", {"thin-max-reads": 1}, "2 reads > 1"),
    "writes": ("many made at once", {"thin-max-writes": 0}, "1 writes > 0"),
    "entities": ("read", {"thin-max-entities": 0}, "1 entities > 0 (Item)"),
    "guards": ("guards on request data", {"thin-max-guards": 1}, "2 guards > 1"),
    "only reads": ("many made at once", {"thin-crud": "reads"}, "thin-crud allows only reads"),
    "only reads, and it reads": ("read or 404", {"thin-crud": "reads"}, ""),
}


@pytest.mark.parametrize(("case", "settings", "expected"), LIMITS.values(), ids=LIMITS)
def test_limits(case: str, settings: dict[str, Any], expected: str, tmp_path: Path) -> None:
    assert reasons(tmp_path, THIN[case], settings) == expected


def test_many_reasons_are_counted(tmp_path: Path) -> None:
    text = """
        @router.get("/")
        async def everything(db: Db) -> None:
            for number in range(3):
                if number:
                    db.add(Item())
                    db.add(User())
            while True:
                await db.delete(Item())
                break
            if await db.scalar(select(Item)):
                raise HTTPException(409)
    """
    assert reasons(tmp_path, text) == (
        "3 writes > 1; 2 entities > 1 (Item, User); loop in line 13 and 2 more"
    )
