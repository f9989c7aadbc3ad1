"""LC604: features that reach into each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from small_projects import check, expected, found, report

USERS = """
# app/users/router.py
from fastapi import APIRouter
router = APIRouter()
def shown() -> object:
    return router.add_api_route("/", shown)
def same(number: int) -> int:
    return number
# app/users/service.py
from app.users.repository import UserRepository
class UserService:
    def __init__(self, users: UserRepository) -> None:
        self.users = users
    def rename(self) -> None:
        self.users.load()
users = UserService(UserRepository())
def repository() -> UserRepository:
    return UserRepository()
def _helper() -> object:
    return users
# app/users/repository.py
import enum
class UserRepository:
    def load(self) -> object:
        return open("users")
class Order(enum.Enum):
    UP = 1
# app/users/models.py
from sqlalchemy.orm import DeclarativeBase
class Base(DeclarativeBase): ...
class User(Base):
    __tablename__ = "users"
# app/users/schemas.py
from pydantic import BaseModel
class UserOut(BaseModel): ...
# app/users/exceptions.py
class Unknown(Exception): ...
# app/users/_rules/service.py
class RuleService: ...
# app/users/dependencies.py
def current_user() -> object:
    return open("user")
# app/orders/router.py
from fastapi import APIRouter
router = APIRouter()
"""

SERVICE = "# app/orders/service.py\n"

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "a repository": (SERVICE + """
from app.users.repository import UserRepository  # expect: LC604
def work() -> object:
    return UserRepository()
""", {}),
    "a repository in annotations": (SERVICE + """
from app.users.repository import UserRepository  # expect: LC604
def work(users: UserRepository) -> None: ...
""", {}),
    "a whole module": (SERVICE + """
from app.users import repository  # expect: LC604
def work() -> object:
    return repository.UserRepository()
""", {}),
    "inside a function": (SERVICE + """
def work() -> object:
    from app.users.repository import UserRepository  # expect: LC604
    return UserRepository()
""", {}),
    "a router": (SERVICE + """
from app.users.router import shown  # expect: LC604
def work() -> object:
    return shown()
""", {}),
    "an entity": (SERVICE + """
from app.users.models import User  # expect: LC604
def work() -> object:
    return User()
""", {}),
    "a private function of a service": (SERVICE + """
from app.users.service import _helper  # expect: LC604
def work() -> object:
    return _helper()
""", {}),
    "a private module of services": (SERVICE + """
from app.users._rules.service import RuleService  # expect: LC604
def work() -> object:
    return RuleService()
""", {}),
    "one per statement": (SERVICE + """
from app.users.models import Base, User  # expect: LC604
def work() -> object:
    return User(), Base()
""", {}),
    "a call without an import": (SERVICE + """
from app.users.service import repository
def work() -> object:
    return repository().load()  # expect: LC604
""", {}),
    "a dependency": ("""
# app/orders/views.py
from fastapi import APIRouter, Depends
from app.users.dependencies import current_user  # expect: LC604
router = APIRouter()
@router.get("/")
def show(user: object = Depends(current_user)) -> None: ...
""", {}),
    "fewer public layers": (SERVICE + """
from app.users.schemas import UserOut  # expect: LC604
def work() -> object:
    return UserOut()
""", {"rules": {"LC604": {"public-layers": ["service"]}}}),
    "entities, where they must not know each other": ("""
# app/orders/models.py
from app.users.models import User  # expect: LC604
class Order(User):
    __tablename__ = "orders"
""", {"rules": {"LC604": {"entity-relations": False}}}),
    "features of one's own": ("""
# app/parts/a/b/repository.py
class ARepository: ...
# app/parts/c/service.py
from app.parts.a.b.repository import ARepository  # expect: LC604
def work() -> object:
    return ARepository()
""", {"features": "app/parts/{feature}/**"}),
    "a package outside that is called like a feature": (SERVICE + """
from users.repository import UserRepository
def work(users: UserRepository) -> None: ...
""", {}),
    "a service": (SERVICE + """
from app.users.service import UserService, users
def work(service: UserService) -> object:
    service.rename()
    return users
""", {}),
    "a schema": (SERVICE + """
from app.users.schemas import UserOut
def work() -> object:
    return UserOut()
""", {}),
    "an exception": (SERVICE + """
from app.users.exceptions import Unknown
def work() -> object:
    raise Unknown
""", {}),
    "what is only guessed to be of a layer": ("""
# app/users/permissions.py
from fastapi import HTTPException, Request
class AdminPermission:
    def check(self, request: Request) -> None:
        if "admin" not in request.headers:
            raise HTTPException(403)
# app/orders/router.py
from fastapi import APIRouter, Request
from app.users.permissions import AdminPermission
router = APIRouter()
@router.get("/orders")
def show(request: Request) -> None:
    AdminPermission().check(request)
# app/orders/service.py
class OrderService: ...
""", {}),
    "a pure function": (SERVICE + """
from app.users.router import same
def work() -> object:
    return same(1)
""", {}),
    "an enum": (SERVICE + """
from app.users.repository import Order
def work() -> object:
    return Order.UP
""", {}),
    "for type checkers alone": (SERVICE + """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from app.users.repository import UserRepository
def work(users: "UserRepository") -> None: ...
""", {}),
    "inside one feature": ("""
# app/users/tasks.py
from app.users.repository import UserRepository
def work() -> object:
    return UserRepository()
""", {}),
    "entities that know each other": ("""
# app/orders/models.py
from app.users.models import User
class Order(User):
    __tablename__ = "orders"
""", {}),
    "the application": ("""
# app/main.py
from fastapi import FastAPI
from app.users.repository import UserRepository
from app.users.router import router
app = FastAPI()
app.include_router(router)
users = UserRepository()
""", {}),
    "code outside of features": ("""
# app/shared/jobs.py
from app.users.repository import UserRepository
def work() -> object:
    return UserRepository()
""", {}),
    "a shared feature": (SERVICE + """
from app.users.models import User
def work() -> object:
    return User()
""", {"rules": {"LC604": {"shared-features": ["users"]}}}),
    "more public layers": ("""
# app/orders/views.py
from fastapi import APIRouter, Depends
from app.users.dependencies import current_user
router = APIRouter()
@router.get("/")
def show(user: object = Depends(current_user)) -> None: ...
""", {"rules": {"LC604": {"public-layers": ["dependency"]}}}),
}  # fmt: skip


def project(text: str) -> str:
    first = "# app/orders/service.py\nclass OrderService: ...\n"
    rest = text.lstrip("\n").replace(f"{SERVICE}\n", SERVICE)
    return USERS + ("" if text.startswith(SERVICE) else first) + rest


@pytest.mark.parametrize(("text", "settings"), CASES.values(), ids=CASES)
def test_cases(text: str, settings: dict[str, Any], tmp_path: Path) -> None:
    outcome = check(tmp_path, project(text), {"select": ["LC604"], **settings})
    assert [line for line in found(outcome) if line.endswith("LC604")] == expected(project(text))


def test_the_whole_findings(tmp_path: Path) -> None:
    text = SERVICE + """
from app.users.models import User
from app.users.service import _helper, repository
def work() -> object:
    repository().load()
    return User(_helper())
"""  # fmt: skip
    assert report(check(tmp_path, project(text), {"select": ["LC604"]})) == [
        "warning app/orders/service.py:2:1 feature `orders`: service `work` imports entity"
        " `app.users.models.User` of feature `users`",
        "  app/orders/service.py:2 [service] import: app.orders.service -> app.users.models.User",
        "  service: file name service.py",
        "  entity: derives from DeclarativeBase",
        "  = app.orders.service.work app.users.models.User",
        "warning app/orders/service.py:3:1 feature `orders`: service `work` imports private service"
        " `app.users.service._helper` of feature `users`",
        "  app/orders/service.py:3 [service] import: app.orders.service -> app.users.service._helper",
        "  service: file name service.py",
        "  = app.orders.service.work app.users.service._helper",
        "warning app/orders/service.py:5:5 feature `orders`: service `work` calls repository"
        " `UserRepository.load` of feature `users`",
        "  app/orders/service.py:5 [service] call: work -> UserRepository.load",
        "  service: file name service.py",
        "  repository: class name *Repository",
        "  = app.orders.service.work app.users.repository.UserRepository.load",
    ]


def test_it_is_off_unless_named(tmp_path: Path) -> None:
    text = SERVICE + "\nfrom app.users.models import User\ndef work() -> object:\n    return User()\n"
    assert found(check(tmp_path, project(text))) == []


def test_without_features_it_says_so(tmp_path: Path) -> None:
    outcome = check(tmp_path, "# app/services/a.py\nclass AService: ...\n", {"select": ["LC604"]})
    assert [(one.code, one.reason) for one in outcome.summary.inactive_rules] == [
        ("LC604", "no feature-first layout found")
    ]
