"""What presets change: small projects, the findings under the recommended settings and under others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from layercheck.config.load import load, presets
from layercheck.finding import Severity
from layercheck.outcome import Outcome
from layercheck.rules.catalog import RULES, codes, selected
from shop import DATABASE, MODELS
from small_projects import check


def told(outcome: Outcome) -> list[str]:
    return [f"{one.severity} {one.place.path}:{one.place.line} {one.code}" for one in outcome.new]


SHOP = MODELS + DATABASE + """
# app/repositories/items.py
from collections.abc import Sequence
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from app.models import Item
class ItemRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
    async def load(self) -> Sequence[Item]:
        return (await self.session.scalars(select(Item))).all()
# app/services/items.py
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from app.models import Item
from app.repositories.items import ItemRepository
class ItemService:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.items = ItemRepository(session)
    async def names(self) -> list[str]:
        return [item.name for item in await self.items.load()]
    async def add(self, name: str) -> None:
        self.session.add(Item(name=name))
        await self.session.commit()
    async def count(self) -> int:
        return len((await self.session.scalars(select(Item))).all())
# app/api/items.py
from fastapi import APIRouter
from app.database import Db
from app.models import Item
from app.services.items import ItemService
router = APIRouter()
@router.get("/items")
async def show(session: Db) -> list[str]:
    return await ItemService(session).names()
@router.post("/items")
async def create(name: str, session: Db) -> int:
    item = Item(name=name)
    session.add(item)
    await session.commit()
    return item.id
"""

HOLDS, BUILDS = "app/api/items.py:8 LC104", "app/api/items.py:9 LC402"
ADDS, SELECTS = "error app/services/items.py:13 LC203", "error app/services/items.py:16 LC203"

PRESETS: dict[str, list[str]] = {
    "recommended": [
        f"warning {HOLDS}", f"warning {BUILDS}", "warning app/services/items.py:7 LC204", ADDS, SELECTS,
    ],
    "strict": [
        f"error {HOLDS}", f"error {BUILDS}", "error app/api/items.py:13 LC101",
        "error app/services/items.py:7 LC204", ADDS, SELECTS,
    ],
    "session-in-service": [
        f"warning {HOLDS}", f"warning {BUILDS}", "warning app/api/items.py:14 LC303", SELECTS,
    ],
    "no-repository": [f"warning {HOLDS}", f"warning {BUILDS}"],
    "hexagonal": [
        f"warning {HOLDS}", f"warning {BUILDS}", "error app/services/items.py:4 LC601",
        "error app/services/items.py:5 LC601", "warning app/services/items.py:7 LC204", ADDS, SELECTS,
        "error pyproject.toml:1 LC003",
    ],
    "flat": [f"warning {BUILDS}"],
}  # fmt: skip


def test_every_preset_is_tested() -> None:
    assert set(PRESETS) == set(presets())


@pytest.mark.parametrize("preset", PRESETS)
def test_one_project_under_every_preset(preset: str, tmp_path: Path) -> None:
    assert told(check(tmp_path, SHOP, {"preset": preset})) == PRESETS[preset]


def test_the_strict_preset_makes_every_warning_an_error() -> None:
    strict = load(Path("/nowhere"), None, {"preset": "strict"}, known_codes=codes())
    loud = {one.rule.code: one.severity for one in selected(strict)}
    assert set(loud) == {rule.code for rule in RULES if rule.severity is not None} | {"LC505"}
    quiet = {code for code, severity in loud.items() if severity is not Severity.ERROR}
    assert quiet == {rule.code for rule in RULES if rule.severity is Severity.ADVICE}


FLAT = MODELS + DATABASE + """
# app/main.py
from fastapi import FastAPI, HTTPException
from sqlalchemy import select
from app.database import Db
from app.models import Item
app = FastAPI()
@app.post("/items")
async def create(name: str, session: Db) -> int:
    if await session.scalar(select(Item).where(Item.name == name)):
        raise HTTPException(409)
    item = Item(name=name)
    session.add(item)
    await session.commit()
    return item.id
"""

ERRORS = """
# app/exceptions.py
class Gone(Exception): ...
# app/repositories/items.py
class ItemRepository:
    def load(self) -> object:
        return open("items")
# app/services/items.py
from sqlalchemy.exc import IntegrityError
from app.exceptions import Gone
from app.repositories.items import ItemRepository
class ItemService:
    def show(self, number: int) -> int:
        try:
            ItemRepository().load()
        except IntegrityError:
            return 0
        if number > 1:
            raise Gone
        return number
# app/api/items.py
from typing import Annotated
from fastapi import APIRouter, Depends
from app.services.items import ItemService
router = APIRouter()
@router.get("/items")
def show(number: int, items: Annotated[ItemService, Depends()]) -> int:
    return items.show(number)
# app/main.py
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from app.api.items import router
from app.exceptions import Gone
def on_gone(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({}, 410)
app = FastAPI()
app.include_router(router)
app.add_exception_handler(Gone, on_gone)
"""

STATELESS = """
# app/services/items.py
class ItemService:
    def show(self, number: int) -> int:
        return number
items = ItemService()
# app/api/items.py
from fastapi import APIRouter
from app.services.items import items
router = APIRouter()
@router.get("/items")
def show(number: int) -> int:
    return items.show(number)
"""

HEXAGONAL = """
# app/domain/users.py
from dataclasses import dataclass
from pydantic import BaseModel
class EmailTaken(Exception): ...
class Address(BaseModel):
    city: str
@dataclass
class User:
    email: str
    address: Address
# app/application/ports.py
from typing import Protocol
from app.domain.users import User
class UserRepository(Protocol):
    async def find(self, email: str) -> User | None: ...
    async def add(self, user: User) -> None: ...
class Mailer(Protocol):
    async def send(self, email: str) -> None: ...
# app/application/register.py
from app.application.ports import Mailer, UserRepository
from app.domain.users import Address, EmailTaken, User
from app.infrastructure.mail.client import HttpMailer
class RegisterUser:
    def __init__(self, users: UserRepository, mailer: Mailer | None = None) -> None:
        self.users = users
        self.mailer = mailer or HttpMailer()
    async def execute(self, email: str) -> User:
        if await self.users.find(email):
            raise EmailTaken(email)
        user = User(email, Address(city="Ulm"))
        await self.users.add(user)
        await self.mailer.send(email)
        return user
# app/infrastructure/db/models.py
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
class Base(DeclarativeBase): ...
class UserRow(Base):
    __tablename__ = "users"
    email: Mapped[str] = mapped_column(primary_key=True)
# app/infrastructure/db/session.py
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
sessions = async_sessionmaker(create_async_engine("sqlite+aiosqlite://"))
# app/infrastructure/db/users.py
from sqlalchemy.ext.asyncio import AsyncSession
from app.application.ports import UserRepository
from app.domain.users import Address, User
from app.infrastructure.db.models import UserRow
class SqlUserRepository(UserRepository):
    def __init__(self, session: AsyncSession) -> None:
        self.session = session
    async def find(self, email: str) -> User | None:
        row = await self.session.get(UserRow, email)
        return User(row.email, Address(city="Ulm")) if row else None
    async def add(self, user: User) -> None:
        self.session.add(UserRow(email=user.email))
# app/infrastructure/mail/client.py
import httpx
from app.application.ports import Mailer
class HttpMailer(Mailer):
    async def send(self, email: str) -> None:
        async with httpx.AsyncClient() as client:
            await client.post("https://mail.example", json={"to": email})
# app/dependencies.py
from collections.abc import AsyncIterator
from typing import Annotated
from fastapi import Depends, Header, HTTPException
from sqlalchemy.ext.asyncio import AsyncSession
from app.application.register import RegisterUser
from app.infrastructure.db.session import sessions
from app.infrastructure.db.users import SqlUserRepository
from app.infrastructure.mail.client import HttpMailer
async def get_session() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session
def get_register(session: Annotated[AsyncSession, Depends(get_session)]) -> RegisterUser:
    return RegisterUser(SqlUserRepository(session), HttpMailer())
def check_token(token: Annotated[str, Header()]) -> None:
    if token != "token":
        raise HTTPException(403)
# app/presentation/users.py
from typing import Annotated
from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel
from app.application.register import RegisterUser
from app.dependencies import check_token, get_register
from app.domain.users import EmailTaken
router = APIRouter(dependencies=[Depends(check_token)])
class UserOut(BaseModel):
    email: str
@router.post("/users")
async def register(email: str, use_case: Annotated[RegisterUser, Depends(get_register)]) -> UserOut:
    try:
        user = await use_case.execute(email)
    except EmailTaken as error:
        raise HTTPException(409) from error
    return UserOut(email=user.email)
# app/main.py
from fastapi import FastAPI
from app.presentation.users import router
app = FastAPI()
app.include_router(router)
"""

DIFFERENCES: dict[str, tuple[str, str, list[str], list[str]]] = {
    "strict asks for layers where there are none": (
        "strict", FLAT,
        ["warning app/main.py:3 LC102", "warning app/main.py:9 LC101"],
        ["error app/main.py:3 LC102", "error app/main.py:9 LC101"],
    ),
    "strict wants exceptions mapped in the router, and no database error in a service": (
        "strict", ERRORS, [],
        ["error app/api/items.py:7 LC505", "error app/services/items.py:9 LC504"],
    ),
    "strict wants no stateless objects of modules either": (
        "strict", STATELESS, [], ["error app/services/items.py:5 LC403"],
    ),
    "flat asks for no layers": (
        "flat", FLAT, ["warning app/main.py:3 LC102", "warning app/main.py:9 LC101"], [],
    ),
    "hexagonal keeps the domain pure and the application free of adapters": (
        "hexagonal", HEXAGONAL, [],
        ["error app/application/register.py:4 LC601", "error app/domain/users.py:3 LC603"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("preset", "text", "recommended", "expected"), DIFFERENCES.values(), ids=DIFFERENCES
)
def test_differences(
    preset: str, text: str, recommended: list[str], expected: list[str], tmp_path: Path
) -> None:
    assert told(check(tmp_path / "one", text)) == recommended
    assert told(check(tmp_path / "other", text, {"preset": preset})) == expected


DATABASE_IN_SERVICE = DATABASE + """
# app/repositories/items.py
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
class ItemRepository:
    async def load(self, session: AsyncSession) -> object:
        return await session.execute(select(1))
# app/services/items.py
from app.database import session_factory
from app.repositories.items import ItemRepository
class ItemService:
    async def load(self) -> object:
        async with session_factory() as session:
            return await ItemRepository().load(session)
"""


def test_without_repositories_services_may_use_the_database(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"select": ["LC601"], "gating": "off"}
    before = check(tmp_path / "one", DATABASE_IN_SERVICE, settings)
    after = check(tmp_path / "other", DATABASE_IN_SERVICE, {**settings, "preset": "no-repository"})
    assert (told(before), told(after)) == (["warning app/services/items.py:2 LC601"], [])


def test_settings_of_the_project_win_over_the_preset(tmp_path: Path) -> None:
    settings = {"preset": "strict", "thin-crud": "on", "severity": {"LC104": "advice"}}
    assert told(check(tmp_path, SHOP, settings)) == [
        f"advice {HOLDS}", f"error {BUILDS}", "error app/services/items.py:7 LC204", ADDS, SELECTS,
    ]  # fmt: skip
