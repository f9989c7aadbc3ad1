"""Parts of small projects that the tests of several rules share: entities, sessions, layers."""

from __future__ import annotations

import textwrap

MODELS = """
# app/models.py
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

class Base(DeclarativeBase): ...

class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    is_admin: Mapped[bool]

class Item(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    stock: Mapped[int]
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    owner: Mapped[User] = relationship()
# app/schemas.py
from pydantic import BaseModel

class ItemIn(BaseModel):
    name: str
    stock: int

class ItemOut(BaseModel):
    id: int
    name: str
"""

DATABASE = """
# app/database.py
from collections.abc import AsyncIterator
from typing import Annotated
from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

engine = create_async_engine("sqlite+aiosqlite://")
session_factory = async_sessionmaker(engine)

async def get_db() -> AsyncIterator[AsyncSession]:
    async with session_factory() as session:
        yield session

Db = Annotated[AsyncSession, Depends(get_db)]
"""

LAYERS = """
# app/repositories/items.py
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from app.models import Item

class ItemRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
    async def get(self, item_id: int) -> Item | None:
        return await self.session.get(Item, item_id)
    async def list_all(self) -> list[Item]:
        return list(await self.session.scalars(select(Item)))
    async def add(self, item: Item) -> Item:
        self.session.add(item)
        await self.session.flush()
        return item

# app/repositories/tags.py
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

class TagRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
    async def names(self) -> list[str]:
        return list(await self.session.scalars(text("SELECT name FROM tags")))
    async def touch(self) -> None:
        await self.session.execute(text("UPDATE tags SET used = 1"))
# app/services/items.py
from app.models import Item
from app.repositories.items import ItemRepository

class ItemService:
    def __init__(self, items: ItemRepository) -> None:
        self.items = items
    async def show(self, item_id: int) -> Item | None:
        return await self.items.get(item_id)
    async def add(self, name: str) -> Item:
        return await self.items.add(Item(name=name))
# app/dependencies.py
from typing import Annotated
from fastapi import Depends
from app.database import Db
from app.repositories.items import ItemRepository
from app.repositories.tags import TagRepository
from app.services.items import ItemService

def get_items(session: Db) -> ItemRepository:
    return ItemRepository(session)

def get_tags(session: Db) -> TagRepository:
    return TagRepository(session)

Items = Annotated[ItemRepository, Depends(get_items)]
Tags = Annotated[TagRepository, Depends(get_tags)]

def get_item_service(items: Items) -> ItemService:
    return ItemService(items)

ItemServiceDep = Annotated[ItemService, Depends(get_item_service)]
# app/api/service_items.py
from fastapi import APIRouter
from app.dependencies import ItemServiceDep
from app.schemas import ItemOut

router = APIRouter()

@router.get("/service/items/{item_id}", response_model=ItemOut)
async def show(item_id: int, items: ItemServiceDep):
    return await items.show(item_id)
"""

ROUTER = """
from typing import Annotated
from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy import select
from app.database import Db
from app.models import Item, User
from app.schemas import ItemIn, ItemOut

router = APIRouter()

"""
"""What nearly every router begins with."""


def project(*parts: str) -> str:
    """Return the parts, each freed of its indentation, as the text of one project."""
    return "\n".join(textwrap.dedent(part).strip("\n") for part in parts) + "\n"


def router(body: str, path: str = "app/api/items.py") -> str:
    """Return a router module with ``body`` below its usual beginning."""
    return f"# {path}{ROUTER}{textwrap.dedent(body).lstrip()}"
