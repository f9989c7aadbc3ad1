"""Repositories taken out of what holds several, and generic ones that serve several entities."""

from __future__ import annotations

from pathlib import Path

import pytest

from shop import DATABASE, MODELS, ROUTER, project
from small_projects import check, expected, found

REPOSITORIES = """
# app/repositories/base.py
from typing import Generic, TypeVar
from sqlalchemy.ext.asyncio import AsyncSession

E = TypeVar("E")

class GenericRepository(Generic[E]):
    def __init__(self, session: AsyncSession, model: type[E]) -> None:
        self.session = session
        self.model = model
    async def get(self, key: int) -> E | None:
        return await self.session.get(self.model, key)
# app/repositories/factory.py
import logging
from functools import cached_property
from sqlalchemy.ext.asyncio import AsyncSession
from app.models import Item, User
from app.repositories.base import GenericRepository

class AllRepositories:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
    @cached_property
    def items(self) -> GenericRepository[Item]:
        return GenericRepository(self.session, Item)
    @cached_property
    def users(self) -> GenericRepository[User]:
        return GenericRepository(self.session, User)
# app/services/users.py
from app.models import User
from app.repositories.factory import AllRepositories

class UserService:
    def __init__(self, repositories: AllRepositories) -> None:
        self.repositories = repositories
    async def show(self, key: int) -> User | None:
        return await self.repositories.users.get(key)
# app/logs.py
import logging

def get_logger() -> logging.Logger:
    with open("logging.json") as file:
        logging.info(file.read())
    return logging.getLogger("app")

def get_report() -> str:
    with open("report.json") as file:
        return file.read()
# app/dependencies.py
from typing import Annotated
from fastapi import Depends
from app.database import Db
from app.repositories.factory import AllRepositories
from app.services.users import UserService

def get_repositories(session: Db) -> AllRepositories:
    return AllRepositories(session)

Repositories = Annotated[AllRepositories, Depends(get_repositories)]

def get_user_service(repositories: Repositories) -> UserService:
    return UserService(repositories)

UserServiceDep = Annotated[UserService, Depends(get_user_service)]
"""

HANDLERS = f"""
# app/api/items.py
{ROUTER}
from app.dependencies import Repositories, UserServiceDep
from app.logs import get_logger, get_report

@router.get("/users/{{key}}", response_model=ItemOut)
async def served(key: int, service: UserServiceDep):
    return await service.show(key)
"""

CASES: dict[str, str] = {
    "the repository of an entity no service reads": """
        @router.get("/items/{key}", response_model=ItemOut)
        async def show(key: int, repositories: Repositories):
            return await repositories.items.get(key)
    """,
    "the repository of an entity a service reads": """
        @router.get("/people/{key}", response_model=ItemOut)
        async def show(key: int, repositories: Repositories):
            return await repositories.users.get(key)  # expect: LC103
    """,
    "a logger that is set up when first asked for": """
        @router.get("/items/{key}", response_model=ItemOut)
        async def show(key: int, repositories: Repositories):
            get_logger().info("asked")
            return await repositories.items.get(key)
    """,
    "a file that is read": """
        @router.get("/items/{key}", response_model=ItemOut)
        async def show(key: int, repositories: Repositories):
            get_report()
            return await repositories.items.get(key)  # expect: LC103
    """,
}


@pytest.mark.parametrize("handler", CASES.values(), ids=CASES)
def test_entry_points(handler: str, tmp_path: Path) -> None:
    text = project(MODELS, DATABASE, REPOSITORIES, HANDLERS, handler)
    assert found(check(tmp_path, text, {"select": ["LC103"]})) == expected(text)


COUNTS = """
# app/repositories/counts.py
from typing import Generic, TypeVar
from sqlalchemy import text
from app.database import Db

E = TypeVar("E")

class CountRepository(Generic[E]):
    def __init__(self, session: Db) -> None:
        self.session = session
    async def count(self) -> int:
        return await self.session.scalar(text("SELECT 1"))
# app/services/counts.py
from app.repositories.counts import CountRepository

class CountService:
    async def count(self, rows: CountRepository) -> int:
        return await rows.count()
# app/api/counts.py
from typing import Annotated
from fastapi import APIRouter, Depends
from app.repositories.counts import CountRepository

router = APIRouter()

@router.get("/counts")
async def counted(rows: Annotated[CountRepository, Depends()]) -> int:
    return await rows.count()
"""


def test_a_generic_repository_of_nobody_knows_what_belongs_to_no_service(tmp_path: Path) -> None:
    text = project(MODELS, DATABASE, REPOSITORIES, COUNTS, HANDLERS)
    assert found(check(tmp_path, text, {"select": ["LC103"]})) == []


ITEM_SERVICE = """
# app/services/items.py
from app.models import Item
from app.repositories.factory import AllRepositories

class ItemService:
    def __init__(self, repositories: AllRepositories) -> None:
        self.repositories = repositories
    async def show(self, key: int) -> Item | None:
        return await self.repositories.items.get(key)
    async def twice(self, key: int) -> list[Item | None]:
        return [await self.repositories.items.get(key), await self.repositories.items.get(key)]
"""


def test_the_service_of_the_same_entity_is_named(tmp_path: Path) -> None:
    handler = CASES["the repository of an entity a service reads"]
    text = project(MODELS, DATABASE, REPOSITORIES, ITEM_SERVICE, HANDLERS, handler)
    outcome = check(tmp_path, text, {"select": ["LC103"]})
    assert [(one.message, one.help) for one in outcome.new] == [
        (
            "GET /people/{key} (show) calls GenericRepository.get past the service layer;"
            " UserService uses GenericRepository[User]",
            "call a method of `UserService` that uses `GenericRepository`",
        )
    ]


DISPLAYED = """
# app/api/items.py
{router}
def find(db, spec):
    return spec.get("name")

def parameters(db: Db, spec: str = ""):
    return {{"db": db, "spec": spec}}

Common = Annotated[dict[str, AsyncSession | str], Depends(parameters)]

@router.get("/items")
async def show(common: Common) -> list[str]:
    for _ in range(3):
        {call}
    return []
"""


@pytest.mark.parametrize(
    "call",
    [
        pytest.param('find(common["db"], common["spec"])', id="each item is what its name says"),
        pytest.param('await common["db"].get(Item, 1)  # expect: LC101', id="the session itself"),
    ],
)
def test_a_provider_tells_the_items_of_its_dict_apart(call: str, tmp_path: Path) -> None:
    imports = ROUTER.replace(
        "from sqlalchemy import select", "from sqlalchemy.ext.asyncio import AsyncSession"
    )
    text = project(MODELS, DATABASE, DISPLAYED.format(router=imports, call=call))
    assert found(check(tmp_path, text, {"select": ["LC101"]})) == expected(text)
