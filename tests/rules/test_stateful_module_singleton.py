"""LC403: objects all requests share that keep a session, or what one request was about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from small_projects import check, expected, found, report

RULE = {"select": ["LC403"]}

DATABASE = """
# app/database.py
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, scoped_session, sessionmaker

engine = create_engine("sqlite://")
SessionLocal = sessionmaker(engine)
# app/repositories/users.py
from sqlalchemy import text
from sqlalchemy.orm import Session

class UserRepository:
    def __init__(self, session: Session | None = None) -> None:
        self.session = session
    def count(self) -> int:
        return self.session.scalar(text("SELECT count(*) FROM users"))
"""


def used(what: str, module: str = "app.services.users") -> str:
    """Return a router that calls ``what`` of ``module``."""
    name = what.partition(".")[0].partition("(")[0]
    return f"""
# app/api/users.py
from fastapi import APIRouter
from {module} import {name}
router = APIRouter()
@router.get("/users")
def show():
    return {what}
"""


HITS: dict[str, str] = {
    "a session, and what is built with it": """
# app/services/users.py
from app.database import SessionLocal
from app.repositories.users import UserRepository

session = SessionLocal()  # expect: LC403
users = UserRepository(session)  # expect: LC403
""" + used("users.count()"),
    "a session in the call": """
# app/services/users.py
from app.database import SessionLocal
from app.repositories.users import UserRepository

users = UserRepository(session=SessionLocal())  # expect: LC403
""" + used("users.count()"),
    "in a class body": """
# app/services/users.py
from app.database import SessionLocal
from app.repositories.users import UserRepository

class UserService:
    users = UserRepository(SessionLocal())  # expect: LC403
    def count(self) -> int:
        return self.users.count()
""" + used("UserService().count()"),
    "used by another one": """
# app/services/users.py
from app.database import SessionLocal
from app.repositories.users import UserRepository

class UserService:
    def __init__(self, users: UserRepository) -> None:
        self.users = users
    def count(self) -> int:
        return self.users.count()

users = UserRepository(SessionLocal())  # expect: LC403
service = UserService(users)
""" + used("service.count()"),
    "a cached factory": """
# app/services/users.py
from functools import lru_cache
from sqlalchemy.orm import Session
from app.database import SessionLocal
from app.repositories.users import UserRepository

@lru_cache
def for_session(session: Session) -> UserRepository:
    return UserRepository(session)  # expect: LC403

@lru_cache(maxsize=1)
def users() -> UserRepository:
    return UserRepository(SessionLocal())  # expect: LC403
""" + used("users().count(), for_session(None)").replace("import users\n", "import for_session, users\n"),
    "opened by the constructor": """
# app/repositories/logs.py
from sqlalchemy import text
from app.database import SessionLocal

class LogRepository:
    def __init__(self) -> None:
        self.session = SessionLocal()
    def count(self) -> int:
        return self.session.scalar(text("SELECT count(*) FROM logs"))

logs = LogRepository()  # expect: LC403
""" + used("logs.count()", "app.repositories.logs"),
    "a connection of the database module": """
# app/connection.py
from app.database import engine

connection = engine.connect()  # expect: LC403
""" + used("connection.exec_driver_sql('SELECT 1').scalar()", "app.connection"),
    "state of a request": """
# app/services/carts.py
class CartService:
    def open(self, user_id: int) -> None:
        name = f"cart of {user_id}"
        self.name = name

carts = CartService()  # expect: LC403
""" + used("carts.open(1)", "app.services.carts"),
    "state of a request, through the module": """
# app/services/carts.py
class CartService:
    owner: int = 0
    def open(self, user_id: int) -> int:
        self.owner = user_id
        return self.owner

carts = CartService()  # expect: LC403
# app/api/carts.py
from fastapi import APIRouter
from app.services import carts
router = APIRouter()
@router.get("/carts")
def show() -> int:
    return carts.carts.open(1)
""",
    "state set by a base": """
# app/services/base.py
class Base:
    def act_for(self, user_id: int) -> None:
        self.user_id = user_id
# app/services/carts.py
from app.services.base import Base
class CartService(Base): ...
carts = CartService()  # expect: LC403
""" + used("carts.act_for(1)", "app.services.carts"),
}  # fmt: skip

NEAR_MISSES: dict[str, str] = {
    "a repository without a session": """
# app/services/users.py
from app.repositories.users import UserRepository
users = UserRepository()
""" + used("users.count()"),
    "a session per call": """
# app/services/users.py
from sqlalchemy import text
from sqlalchemy.orm import Session
class UserService:
    def count(self, session: Session) -> int:
        return session.scalar(text("SELECT count(*) FROM users"))
users = UserService()
""" + used("users.count(None)"),
    "a factory of sessions": """
# app/services/users.py
from sqlalchemy import text
from sqlalchemy.orm import sessionmaker
from app.database import SessionLocal
class UserService:
    def __init__(self, factory: sessionmaker) -> None:
        self.factory = factory
    def count(self) -> int:
        with self.factory() as session:
            return session.scalar(text("SELECT count(*) FROM users"))
users = UserService(SessionLocal)
""" + used("users.count()"),
    "a scoped session": """
# app/services/users.py
from sqlalchemy.orm import scoped_session
from app.database import SessionLocal
from app.repositories.users import UserRepository
session = scoped_session(SessionLocal)
users = UserRepository(session)
""" + used("users.count()"),
    "a client of a database": """
# app/repositories/logs.py
from motor.motor_asyncio import AsyncIOMotorClient
class LogRepository:
    def __init__(self, client: AsyncIOMotorClient) -> None:
        self.client = client
    async def count(self) -> int:
        return await self.client.shop.logs.count_documents({})
client = AsyncIOMotorClient("mongodb://localhost")
logs = LogRepository(client)
""" + used("logs.count()", "app.repositories.logs"),
    "no handler gets at it": """
# app/services/users.py
from app.database import SessionLocal
from app.repositories.users import UserRepository
users = UserRepository(SessionLocal())
""",
    "run as a script": """
# app/services/users.py
from app.database import SessionLocal
from app.repositories.users import UserRepository
def count() -> int:
    return 1
if __name__ == "__main__":
    users = UserRepository(SessionLocal())
    print(users.count())
""" + used("count()"),
    "a task": """
# app/tasks/users.py
from celery import shared_task
from app.database import SessionLocal
from app.repositories.users import UserRepository
users = UserRepository(SessionLocal())
@shared_task
def count() -> int:
    return users.count()
""",
    "state made once": """
# app/services/rates.py
class RateService:
    def __init__(self) -> None:
        self.table = None
    def of(self, name: str) -> int:
        if self.table is None:
            self.table = {name: 1}
        return self.table[name]
rates = RateService()
""" + used("rates.of('tea')", "app.services.rates"),
    "state that is nobody's": """
# app/services/rates.py
import time
class RateService:
    def refresh(self, name: str) -> int:
        self.refreshed = time.time()
        return len(name)
rates = RateService()
""" + used("rates.refresh('tea')", "app.services.rates"),
    "state set at the start": """
# app/services/rates.py
class RateService:
    def configure(self, table: dict[str, int]) -> None:
        self.table = table
    def of(self, name: str) -> int:
        return self.table[name]
rates = RateService()
# app/main.py
from fastapi import FastAPI
from app.api.users import router
from app.services.rates import rates
app = FastAPI()
app.include_router(router)
rates.configure({"tea": 3})
""" + used("rates.of('tea')", "app.services.rates"),
    "state of an object per request": """
# app/services/carts.py
from typing import Annotated
from fastapi import Depends
class CartService:
    def open(self, user_id: int) -> None:
        self.user_id = user_id
def get_carts() -> CartService:
    return CartService()
Carts = Annotated[CartService, Depends(get_carts)]
# app/api/carts.py
from fastapi import APIRouter
from app.services.carts import Carts
router = APIRouter()
@router.get("/carts")
def show(carts: Carts) -> None:
    carts.open(1)
""",
    "a client of the infrastructure": """
# app/clients/stripe.py
class StripeClient:
    def act_for(self, user_id: int) -> None:
        self.user_id = user_id
stripe = StripeClient()
""" + used("stripe.act_for(1)", "app.clients.stripe"),
}  # fmt: skip


@pytest.mark.parametrize("text", HITS.values(), ids=HITS)
def test_told(text: str, tmp_path: Path) -> None:
    assert expected(DATABASE + text)
    assert found(check(tmp_path, DATABASE + text, RULE)) == expected(DATABASE + text)


@pytest.mark.parametrize("text", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_silent(text: str, tmp_path: Path) -> None:
    assert found(check(tmp_path, DATABASE + text, RULE)) == []


def test_a_session_is_an_error(tmp_path: Path) -> None:
    text = DATABASE + HITS["a session, and what is built with it"]
    assert report(check(tmp_path, text, RULE)) == [
        "error app/services/users.py:5:1 `session` is one session for all requests",
        "  app/services/users.py:5 [service] singleton: app.services.users makes session",
        "  service: directory services/",
        "  = app.services.users.session sqlalchemy.orm.sessionmaker()",
        "error app/services/users.py:6:1 `users` is one UserRepository for all requests,"
        " and keeps one session",
        "  app/services/users.py:6 [service] singleton: app.services.users makes users",
        "  repository: class name *Repository",
        "  = app.services.users.users app.repositories.users.UserRepository",
    ]


def test_state_is_a_warning(tmp_path: Path) -> None:
    outcome = check(tmp_path, DATABASE + HITS["state of a request"], RULE)
    assert report(outcome) == [
        "warning app/services/carts.py:7:1 `carts` is one CartService for all requests,"
        " and CartService.open sets its `name`",
        "  app/services/carts.py:7 [service] singleton: app.services.carts makes carts",
        "  app/services/carts.py:5 [service] state: CartService.open sets name",
        "  service: class name *Service",
        "  = app.services.carts.carts app.services.carts.CartService.name",
    ]
    assert [one.help for one in outcome.new] == ["make it per request, in a provider that `Depends` runs"]


OPTIONS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "stateless is fine": ({"allow-stateless": True}, []),
    "stateless is told": ({"allow-stateless": False}, ["app/services/users.py:7 LC403"]),
}


@pytest.mark.parametrize(("options", "lines"), OPTIONS.values(), ids=OPTIONS)
def test_options(options: dict[str, Any], lines: list[str], tmp_path: Path) -> None:
    text = DATABASE + NEAR_MISSES["a session per call"]
    outcome = check(tmp_path, text, {**RULE, "rules": {"LC403": options}})
    assert found(outcome) == lines
