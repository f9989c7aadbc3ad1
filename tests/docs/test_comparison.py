"""The last column of the table in ``docs/comparison.md``: what layercheck says of each offence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from layercheck import check, render

PAGE = Path(__file__).parent.parent.parent / "docs/comparison.md"

ROW = re.compile(r"^\| (?P<offence>[^|]+) \|(?: [^|]+ \|)* (?P<ours>LC\d+|silent) \|$", re.MULTILINE)
CLAIMED = {row["offence"]: row["ours"] for row in ROW.finditer(PAGE.read_text("utf-8"))}

APPLICATION = {
    "pyproject.toml": '[project]\nname = "sample"\n',
    "app/models.py": """
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

class Base(DeclarativeBase): ...

class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    is_locked: Mapped[bool]
""",
    "app/schemas.py": """
from pydantic import BaseModel

class UserOut(BaseModel):
    id: int
    name: str
""",
    "app/database.py": """
from collections.abc import AsyncIterator
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

engine = create_async_engine("sqlite+aiosqlite://")
SessionLocal = async_sessionmaker(engine)

async def get_db() -> AsyncIterator[AsyncSession]:
    async with SessionLocal() as session:
        yield session
""",
    "app/exceptions.py": "class QuotaExceeded(Exception): ...\n\nclass UserNotFound(Exception): ...\n",
    "app/repositories/users.py": """
from sqlalchemy.ext.asyncio import AsyncSession
from app.models import User

class UserRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, user_id: int) -> User | None:
        return await self._session.get(User, user_id)
""",
    "app/services/users.py": """
from app.exceptions import UserNotFound
from app.models import User
from app.repositories.users import UserRepository

class UserService:
    def __init__(self, users: UserRepository) -> None:
        self._users = users

    async def get(self, user_id: int) -> User:
        user = await self._users.get(user_id)
        if user is None:
            raise UserNotFound(user_id)
        return user
""",
    "app/api/deps.py": """
from typing import Annotated
from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from app.database import get_db
from app.repositories.users import UserRepository
from app.services.users import UserService

SessionDep = Annotated[AsyncSession, Depends(get_db)]

def get_users(session: SessionDep) -> UserRepository:
    return UserRepository(session)

UsersDep = Annotated[UserRepository, Depends(get_users)]

def get_user_service(users: UsersDep) -> UserService:
    return UserService(users)

UserServiceDep = Annotated[UserService, Depends(get_user_service)]
""",
    "app/api/users.py": """
from fastapi import APIRouter, HTTPException
from app.api.deps import UserServiceDep
from app.exceptions import UserNotFound
from app.schemas import UserOut

router = APIRouter(prefix="/users")

@router.get("/{user_id}")
async def show(user_id: int, service: UserServiceDep) -> UserOut:
    try:
        return UserOut.model_validate(await service.get(user_id))
    except UserNotFound:
        raise HTTPException(404) from None
""",
    "app/main.py": """
from fastapi import FastAPI
from app.api import users

app = FastAPI()
app.include_router(users.router)
""",
}
"""A clean application in layers."""

ROUTER = """
from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from app.api.deps import SessionDep, UserServiceDep, UsersDep
from app.database import get_db
from app.models import User
from app.schemas import UserOut

router = APIRouter(prefix="/extra")
"""

SERVICE = """
from app.repositories.users import UserRepository

class ExtraService:
    def __init__(self, users: UserRepository) -> None:
        self._users = users
"""

REPOSITORY = """
from sqlalchemy.ext.asyncio import AsyncSession
from app.models import User

class ExtraRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session
"""

OFFENCES: dict[str, dict[str, str]] = {
    "router takes a session": {
        "app/services/extra.py": SERVICE + """
async def count(session: object) -> int:
    return 1
""",
        "app/api/extra.py": ROUTER + """
from app.services.extra import count

@router.post("")
async def extra(db: AsyncSession = Depends(get_db)) -> int:
    return await count(db)
""",
    },
    "router runs a query": {
        "app/api/extra.py": ROUTER + """
@router.post("/{name}")
async def extra(name: str, db: SessionDep) -> bool:
    if await db.scalar(select(User).where(User.name == name)):
        raise HTTPException(409)
    return True
""",
    },
    "router commits": {
        "app/api/extra.py": ROUTER + """
@router.post("/{user_id}")
async def extra(user_id: int, db: SessionDep) -> bool:
    user = await db.get_one(User, user_id)
    if user.is_locked:
        raise HTTPException(409)
    user.name = "extra"
    await db.commit()
    return True
""",
    },
    "router uses a repository past the service": {
        "app/api/extra.py": ROUTER + """
@router.get("/{user_id}")
async def extra(user_id: int, users: UsersDep) -> bool:
    user = await users.get(user_id)
    if user is not None and user.is_locked:
        raise HTTPException(409)
    return True
""",
    },
    "service raises `HTTPException`": {
        "app/services/extra.py": "from fastapi import HTTPException\n" + SERVICE + """
    async def extra(self) -> None:
        raise HTTPException(404)
""",
    },
    "a helper of the service raises it": {
        "app/utils/checks.py": """
from fastapi import HTTPException

def check_name(name: str) -> None:
    if not name:
        raise HTTPException(422)
""",
        "app/services/extra.py": "from app.utils.checks import check_name\n" + SERVICE + """
    async def extra(self, name: str) -> None:
        check_name(name)
""",
    },
    "service uses `Request`": {
        "app/services/extra.py": "from fastapi import Request\n" + SERVICE + """
    async def extra(self, request: Request) -> str:
        return request.url.path
""",
    },
    "service queries": {
        "app/services/extra.py": """
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from app.models import User
""" + SERVICE + """
    async def extra(self, session: AsyncSession) -> list[User]:
        return list(await session.scalars(select(User)))
""",
    },
    "service imports a router": {
        "app/services/extra.py": "from app.api.users import router\n" + SERVICE + """
    async def extra(self) -> int:
        return len(router.routes)
""",
    },
    "repository raises `HTTPException`": {
        "app/repositories/extra.py": "from fastapi import HTTPException\n" + REPOSITORY + """
    async def extra(self, user_id: int) -> User:
        user = await self._session.get(User, user_id)
        if user is None:
            raise HTTPException(404)
        return user
""",
    },
    "repository returns a statement": {
        "app/repositories/extra.py": "from sqlalchemy import Select, select\n" + REPOSITORY + """
    def extra(self) -> Select[tuple[User]]:
        return select(User)
""",
    },
    "service opens a session": {
        "app/services/extra.py": "from app.database import SessionLocal\n" + SERVICE + """
    async def extra(self) -> None:
        async with SessionLocal() as session:
            await UserRepository(session).get(1)
""",
    },
    "domain exception nobody maps": {
        "app/services/extra.py": "from app.exceptions import QuotaExceeded\n" + SERVICE + """
    async def extra(self, number: int) -> None:
        if number > 3:
            raise QuotaExceeded
""",
        "app/api/extra.py": ROUTER + """
from typing import Annotated
from app.services.extra import ExtraService

def get_extra(users: UsersDep) -> ExtraService:
    return ExtraService(users)

@router.post("")
async def extra(number: int, service: Annotated[ExtraService, Depends(get_extra)]) -> None:
    await service.extra(number)
""",
    },
    "router queries through a helper": {
        "app/utils/counting.py": """
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from app.models import User

async def count(session: AsyncSession) -> int:
    return await session.scalar(select(func.count(User.id))) or 0
""",
        "app/api/extra.py": ROUTER + """
from app.utils.counting import count

@router.get("")
async def extra(db: SessionDep) -> int:
    return await count(db)
""",
    },
    "route returns a table row": {
        "app/api/extra.py": ROUTER + """
@router.get("/{user_id}")
async def extra(user_id: int, service: UserServiceDep):
    try:
        return await service.get(user_id)
    except Exception:
        raise HTTPException(404) from None
""",
    },
    "session behind an imported alias": {
        "app/services/extra.py": SERVICE + """
async def count(session: object) -> int:
    return 1
""",
        "app/api/extra.py": ROUTER + """
from app.services.extra import count

@router.post("")
async def extra(db: SessionDep) -> int:
    return await count(db)
""",
    },
    "thin route, not to be reported": {
        "app/api/extra.py": ROUTER + """
@router.get("/{user_id}", response_model=UserOut)
async def extra(user_id: int, db: SessionDep) -> User:
    user = await db.get(User, user_id)
    if user is None:
        raise HTTPException(404)
    return user
""",
    },
}


BESIDES = {
    "router takes a session": {"LC204"},
    "session behind an imported alias": {"LC204"},
    "router runs a query": {"LC102"},
    "service queries": {"LC204"},
    "service opens a session": {"LC601"},
    "router queries through a helper": {"LC601"},
}
"""What else the offence is, in the words of other rules."""


def test_every_row_is_tried() -> None:
    assert list(CLAIMED) == list(OFFENCES)


@pytest.mark.parametrize("offence", OFFENCES)
def test_the_offence_is_found_as_the_table_says(offence: str, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for path, text in {**APPLICATION, **OFFENCES[offence]}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    outcome = check(tmp_path, cache=False)
    found = {one.code for one in outcome.new}
    assert found == ({CLAIMED[offence]} - {"silent"}) | BESIDES.get(offence, set()), render(outcome)
