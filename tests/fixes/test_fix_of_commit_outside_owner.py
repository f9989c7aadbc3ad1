"""LC303: `commit` becomes `flush` in a repository, where somebody above commits."""

from __future__ import annotations

from pathlib import Path

import pytest

from mending import fixed, ordered

MODELS = """
# app/models.py
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase): ...


class User(Base):
    __tablename__ = "users"
    name: Mapped[str] = mapped_column(primary_key=True)
"""
REPOSITORY = '''
# app/repositories/users.py
from sqlalchemy.ext.asyncio import AsyncSession

from app.models import User


class UserRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session   # kept   as it is

    async def add(self, name: str) -> User:
        user = User(name=name)
        self.session.add(user)
        await self.session.commit()  # at once
        """Words with self.session.commit() in them."""
        return user
'''
HANDLER = """
# app/routers/users.py
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncSession

from app.database import get_session
from app.repositories.users import UserRepository

router = APIRouter()


@router.post("/users")
async def create(name: str, session: Annotated[AsyncSession, Depends(get_session)]) -> str:
    user = await UserRepository(session).add(name)
    return user.name
"""
PROVIDER = """
# app/database.py
from collections.abc import AsyncIterator

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

maker = async_sessionmaker(create_async_engine("sqlite+aiosqlite://"))


async def get_session() -> AsyncIterator[AsyncSession]:
    async with maker() as session:
        yield session
"""
COMMITTING = PROVIDER + "        await session.commit()\n"


def test_the_provider_of_the_session_commits(tmp_path: Path) -> None:
    project = MODELS + REPOSITORY + HANDLER + COMMITTING
    after, told = fixed(tmp_path, project, "LC303")
    assert after == ordered(project.replace("commit()  # at once", "flush()  # at once"))
    assert told == [
        "app/repositories/users.py:14:15: LC303 fixed: replaced commit by flush",
        "1 finding fixed in 1 file",
    ]


def test_the_handler_commits(tmp_path: Path) -> None:
    handler = HANDLER.replace("    return user.name", "    await session.commit()\n    return user.name")
    project = MODELS + REPOSITORY + handler + PROVIDER
    after, told = fixed(tmp_path, project, "LC303")
    assert after == ordered(project.replace("commit()  # at once", "flush()  # at once"))
    assert told[-1] == "1 finding fixed in 1 file"


ROLLING = REPOSITORY.replace(
    "        await self.session.commit()  # at once\n",
    "        try:\n            await self.session.commit()\n        except Exception:\n"
    "            await self.session.rollback()\n            raise\n",
)
CHANGING = REPOSITORY.replace(
    "user = User(name=name)", "user = await self.session.get_one(User, name)"
).replace("self.session.add(user)", "user.name = name.lower()")
LONELY = """
# app/jobs.py
from app.database import maker
from app.repositories.users import UserRepository


async def seed() -> None:
    async with maker() as session:
        await UserRepository(session).add("root")
"""


@pytest.mark.parametrize(
    ("project", "reason"),
    [
        pytest.param(
            REPOSITORY + HANDLER + PROVIDER,
            "14:15: LC303 not fixed: nothing would commit what POST /users (create) writes",
            id="nobody above commits",
        ),
        pytest.param(
            CHANGING + HANDLER + PROVIDER,
            "14:15: LC303 not fixed: nothing would commit what POST /users (create) writes",
            id="nobody commits a changed object",
        ),
        pytest.param(
            REPOSITORY + HANDLER + COMMITTING + LONELY,
            "14:15: LC303 not fixed: nothing would commit what seed writes",
            id="one of two callers commits",
        ),
        pytest.param(
            REPOSITORY,
            "14:15: LC303 not fixed: nothing would commit what UserRepository.add writes",
            id="nothing known calls it",
        ),
        pytest.param(
            ROLLING + HANDLER + COMMITTING,
            "15:19: LC303 not fixed: the function does more to the transaction than to commit",
            id="it rolls back, too",
        ),
    ],
)
def test_refused(tmp_path: Path, project: str, reason: str) -> None:
    after, told = fixed(tmp_path, MODELS + project, "LC303")
    assert after == ordered(MODELS + project)
    assert told == [f"app/repositories/users.py:{reason}", "nothing fixed; 1 not fixed"]
