"""LC205: markers of constructors go to a provider, which is injected instead of the class."""

from __future__ import annotations

from pathlib import Path

import pytest

from mending import fixed, ordered

DB = """
# app/db.py
from collections.abc import Iterator

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

engine = create_engine("sqlite://")


def get_db() -> Iterator[Session]:
    with Session(engine) as session:
        yield session
"""
REPOSITORY = """
# app/repositories/orders.py
{fastapi}from sqlalchemy import text
from sqlalchemy.orm import Session
{db}

class OrderRepository:
    def __init__(self, session: Session{marker}, most: int = 3) -> None:  # made by FastAPI
        self.session = session
        self.most = most

    def count(self) -> int:
        return self.session.execute(text("SELECT count(*) FROM orders")).scalar_one()
"""
SERVICE = """
# app/services/orders.py
{head}from app.repositories.orders import OrderRepository


class OrderService:
    def __init__(self, orders: {orders}) -> None:
        self.orders = orders

    def count(self) -> int:
        return self.orders.count()

    def twice(self) -> int:
        return 2 * self.orders.count()
"""
ROUTER = """
# app/api/orders.py
{typing}from fastapi import APIRouter, Depends
{provider}
from app.services.orders import OrderService

router = APIRouter()


@router.get("/orders/count")
def count(extra: int, service: OrderService = Depends({bare}use_cache=False)) -> int:
    if extra > 3:
        return service.count()
    return service.twice() + extra


@router.get("/orders/more")
def more(extra: int, orders: Annotated[OrderService, Depends({named})]) -> int:
    return extra + orders.count()
"""
DEPENDENCIES = """\
# app/dependencies.py
from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session

from app.db import get_db
from app.repositories.orders import OrderRepository
from app.services.orders import OrderService


def get_order_repository(session: Session = Depends(get_db), most: int = 3) -> OrderRepository:
    return OrderRepository(session, most)


def get_order_service(orders: Annotated[OrderRepository, Depends(get_order_repository)]) -> OrderService:
    return OrderService(orders)
"""
BEFORE = (
    DB
    + REPOSITORY.format(
        fastapi="from fastapi import Depends\n",
        db="\nfrom app.db import get_db\n",
        marker=" = Depends(get_db)",
    )
    + SERVICE.format(
        head="from typing import Annotated\n\nfrom fastapi import Depends\n\n",
        orders="Annotated[OrderRepository, Depends()]",
    )
    + ROUTER.format(
        typing="from typing import Annotated\n\n", provider="", bare="", named="OrderService"
    )
)
AFTER = (
    DB
    + REPOSITORY.format(fastapi="", db="", marker="")
    + SERVICE.format(head="\n", orders="OrderRepository")
    + ROUTER.format(
        typing="from typing import Annotated\n\n",
        provider="\nfrom app.dependencies import get_order_service",
        bare="get_order_service, ",
        named="get_order_service",
    )
    + DEPENDENCIES
)


TITLE = "LC205 fixed: moved what makes it to the provider"


def test_fixed_from_the_outside_in(tmp_path: Path) -> None:
    left, told = fixed(tmp_path, BEFORE, "LC205")
    assert left == ordered(AFTER)
    assert told == [
        f"app/repositories/orders.py:10:24: {TITLE} get_order_repository",
        f"app/services/orders.py:10:24: {TITLE} get_order_service",
        "2 findings fixed in 4 files",
    ]


SESSION = "session: Session = Depends(get_db)"
TEST = """
# tests/test_orders.py
from app.main import app
from app.repositories.orders import OrderRepository
from app.services.orders import OrderService

app.dependency_overrides[OrderService] = lambda: None
app.dependency_overrides[OrderRepository] = lambda: None
"""


@pytest.mark.parametrize(
    ("change", "more", "reason"),
    [
        pytest.param(("", ""), TEST, "it may be overridden as a dependency, by the class", id="overridden"),
        pytest.param(
            ("class OrderService:", "class Base(OrderRepository): ...\n\n\nclass OrderService:"), "",
            "other classes derive from it", id="a subclass",
        ),
        pytest.param(
            ("return 2 * self.orders.count()", "return OrderRepository().count()"), "",
            "app.services.orders.OrderService.twice makes it without what is injected", id="made by hand",
        ),
        pytest.param(
            (f"{SESSION}, most: int = 3", f"most: int = 3, {SESSION}"), "",
            "a parameter with a default stands before those that are injected", id="behind a default",
        ),
    ],
)  # fmt: skip
def test_refused(tmp_path: Path, change: tuple[str, str], more: str, reason: str) -> None:
    before = BEFORE.replace(*change) + more
    _, told = fixed(tmp_path, before, "LC205")
    assert reason in {line.partition(" not fixed: ")[2] for line in told}
    assert "class OrderRepository:\n    def __init__(self, " + (
        "most" if change[1].startswith("most") else "session"
    ) in (tmp_path / "app/repositories/orders.py").read_text("utf-8")
    assert "Depends(get_db)" in (tmp_path / "app/repositories/orders.py").read_text("utf-8")
