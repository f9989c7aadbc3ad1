"""LC104, LC401 and LC402: what a handler makes, calls or hands on becomes a parameter."""

from __future__ import annotations

from pathlib import Path

import pytest

from mending import fixed, ordered

INNER = """
# app/db.py
from collections.abc import Iterator

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

engine = create_engine("sqlite://")


def get_db() -> Iterator[Session]:
    with Session(engine) as session:
        yield session
# app/repositories/orders.py
from sqlalchemy import text
from sqlalchemy.orm import Session


class OrderRepository:
    def __init__(self, session: Session) -> None:
        self.session = session

    def count(self) -> int:
        return self.session.execute(text("SELECT count(*) FROM orders")).scalar_one()
# app/services/orders.py
from app.repositories.orders import OrderRepository


class OrderService:
    def __init__(self, orders: OrderRepository, name: str = "orders") -> None:
        self.orders = orders
        self.name = name

    def count(self) -> int:
        return self.orders.count()

    def twice(self) -> int:
        return 2 * self.orders.count()
"""
DEPS = """
# app/api/deps.py
from fastapi import Depends
from sqlalchemy.orm import Session

from app.db import get_db
from app.repositories.orders import OrderRepository
from app.services.orders import OrderService


def get_orders(db: Session = Depends(get_db)) -> OrderService:
    return OrderService(orders=OrderRepository(db))
"""
OTHER = """

@router.get("/orders/other")
def other(extra: int, orders: OrderService = Depends(get_orders)) -> int:
    return extra + orders.count()
"""


def router(handler: str, imports: str, fastapi: str = "APIRouter, Depends") -> str:
    head = f"\n# app/api/orders.py\nfrom fastapi import {fastapi}\n{imports}\n\n"
    return f"{head}router = APIRouter()\n\n\n{handler}"


ALL = """\
from sqlalchemy.orm import Session

from app.api.deps import get_orders
from app.db import get_db
from app.repositories.orders import OrderRepository
from app.services.orders import OrderService"""
REPOSITORY = "from app.repositories.orders import OrderRepository\n"
USED = """\

from app.api.deps import get_orders
from app.services.orders import OrderService"""
BUILT = """\
@router.get("/orders/count")
def count(
    extra: int,
    db: Session = Depends(get_db),  # the session
) -> int:
    repository = OrderRepository(db)
    service = OrderService(repository)  # it

    if extra > 3:
        return service.count()
    return service.twice() + extra
"""
TAKEN = """\
@router.get("/orders/count")
def count(
    extra: int,
    service: OrderService = Depends(get_orders),  # the session
) -> int:

    if extra > 3:
        return service.count()
    return service.twice() + extra
"""
CALLED = """\
@router.get("/orders/count")
def count(extra: int, *, db: Session = Depends(get_db)) -> int:
    if extra > 3:
        return get_orders(db).count()
    return extra
"""
CALLED_AFTER = """\
@router.get("/orders/count")
def count(extra: int, *, order_service: OrderService = Depends(get_orders)) -> int:
    if extra > 3:
        return order_service.count()
    return extra
"""
IDLE = """\
@router.get("/orders/idle")
def idle(db: Session = Depends(get_db)) -> int:
    return 3
"""


@pytest.mark.parametrize(
    ("select", "before", "after", "title"),
    [
        pytest.param(
            "LC104", router(BUILT + OTHER, f"{ALL}\n"), router(TAKEN + OTHER, f"{USED}\n"),
            "LC104 fixed: took it from get_orders", id="the session of what a provider builds",
        ),
        pytest.param(
            "LC402", router(BUILT + OTHER, f"{ALL}\n"), router(TAKEN + OTHER, f"{USED}\n"),
            "LC402 fixed: took it from get_orders", id="what a provider builds",
        ),
        pytest.param(
            "LC401", router(CALLED + OTHER, f"{ALL}\n").replace(REPOSITORY, ""),
            router(CALLED_AFTER + OTHER, f"{USED}\n"),
            "LC401 fixed: took it from get_orders as a parameter", id="a provider that is called",
        ),
        pytest.param(
            "LC104", router(IDLE + OTHER, f"{ALL}\n").replace(REPOSITORY, ""),
            router(IDLE.replace("db: Session = Depends(get_db)", "") + OTHER, f"{USED}\n"),
            "LC104 fixed: removed the parameter db", id="a session that nothing uses",
        ),
    ],
)  # fmt: skip
def test_fixed(tmp_path: Path, select: str, before: str, after: str, title: str) -> None:
    left, told = fixed(tmp_path, INNER + DEPS + before, select)
    assert left == ordered(INNER + DEPS + after)
    assert [line.partition(": ")[2] for line in told] == [title, ""]


NEW = """\
# app/api/dependencies.py
from typing import Annotated

from fastapi import Depends
from sqlalchemy.orm import Session

from app.db import get_db
from app.repositories.orders import OrderRepository
from app.services.orders import OrderService


def get_order_service(db: Annotated[Session, Depends(get_db)]) -> OrderService:
    return OrderService(OrderRepository(db))
"""
TWO = '''\
@router.get("/orders/count")
def count(db: Annotated[Session, Depends(get_db)], extra: int = 1) -> int:
    """Count."""
    return OrderService(OrderRepository(db)).count() if extra else OrderService(OrderRepository(db)).twice()


@router.get("/orders/sum")
def total(extra: int, db: Annotated[Session, Depends(get_db)]) -> int:
    orders: OrderService = OrderService(OrderRepository(db))
    if extra:
        return orders.twice()
    return orders.count()
'''
TWO_AFTER = '''\
@router.get("/orders/count")
def count(order_service: Annotated[OrderService, Depends(get_order_service)], extra: int = 1) -> int:
    """Count."""
    return order_service.count() if extra else order_service.twice()


@router.get("/orders/sum")
def total(extra: int, orders: Annotated[OrderService, Depends(get_order_service)]) -> int:
    if extra:
        return orders.twice()
    return orders.count()
'''
HEAD = "\n# app/api/orders.py\nfrom typing import Annotated\n\nfrom fastapi import APIRouter, Depends\n"


def test_one_new_provider_serves_all_handlers_that_built_the_same(tmp_path: Path) -> None:
    imports = ALL.replace("from app.api.deps import get_orders\n", "")
    before = f"{HEAD}{imports}\n\nrouter = APIRouter()\n\n\n{TWO}"
    left, told = fixed(tmp_path, INNER + before, "LC402")
    used = USED.replace("deps import get_orders", "dependencies import get_order_service")
    assert left == ordered(f"{INNER}{HEAD}{used}\n\nrouter = APIRouter()\n\n\n{TWO_AFTER}{NEW}")
    assert told == [
        "app/api/orders.py:17:12: LC402 fixed: moved what makes it to the provider get_order_service",
        "app/api/orders.py:22:28: LC402 fixed: moved what makes it to the provider get_order_service",
        "2 findings fixed in 2 files",
    ]


def test_a_provider_of_what_only_the_router_knows_stays_beside_the_handler(tmp_path: Path) -> None:
    """The alias of the session is defined in the router, which no other module may import back."""
    imports = ALL.replace("from app.api.deps import get_orders\n", "")
    alias = "router = APIRouter()\nDb = Annotated[Session, Depends(get_db)]\n\n\n# the sum\n"
    body = TWO.partition("\n\n\n")[2].replace("Annotated[Session, Depends(get_db)]", "Db")
    left, _ = fixed(tmp_path, INNER + f"{HEAD}{imports}\n\n{alias}{body}", "LC402")
    made = "    return OrderService(OrderRepository(db))\n\n\n"
    provider = f"def get_order_service(db: Db) -> OrderService:\n{made}"
    after = TWO_AFTER.partition("\n\n\n")[2]
    alias_after = alias.replace("# the sum\n", provider + "# the sum\n")
    assert left == ordered(INNER + f"{HEAD}{imports}\n\n{alias_after}{after}")


TEST = """
# tests/test_orders.py
from app.api.orders import count


def test_count():
    assert count(1, db=None)
"""
PATCHED = """
# tests/test_orders.py
from unittest.mock import patch


@patch("app.api.orders.get_orders")
def test_orders(orders): ...
"""
CALLER = """

@router.get("/orders/again")
def again(db: Session = Depends(get_db)) -> int:
    return count(1, db)
"""
SECOND = DEPS.replace("app/api/deps.py", "app/api/more.py").replace("get_orders", "get_more")


@pytest.mark.parametrize(
    ("select", "before", "reason"),
    [
        pytest.param(
            "LC104", DEPS + router(BUILT.replace("(repository)", '(repository, "all")') + OTHER, f"{ALL}\n"),
            "no provider makes the same", id="the provider makes another one",
        ),
        pytest.param(
            "LC104",
            DEPS + SECOND + router(
                BUILT + OTHER + OTHER.replace("other", "more").replace("get_orders", "get_more"),
                f"{ALL}\n".replace("from app.db", "from app.api.more import get_more\nfrom app.db"),
            ),
            "several providers make the same: get_orders, get_more", id="several providers",
        ),
        pytest.param(
            "LC104", DEPS + router(BUILT + OTHER, f"{ALL}\n") + TEST, "a test calls the handler itself",
            id="a test",
        ),
        pytest.param(
            "LC401", DEPS + router(CALLED + OTHER, f"{ALL}\n") + PATCHED,
            "a test replaces get_orders by its name", id="a test that replaces the provider",
        ),
        pytest.param(
            "LC402", DEPS + router(BUILT + OTHER + CALLER, f"{ALL}\n"),
            "the handler is called by other code, too", id="a caller",
        ),
        pytest.param(
            "LC402",
            DEPS.replace("(db))", "(db), name='x')")
            + router(BUILT.replace("(repository)", "(repository, str(extra))") + OTHER, f"{ALL}\n"),
            "it is made of what a call gives", id="data of the request",
        ),
        pytest.param(
            "LC401", DEPS + router(CALLED.replace("get_orders(db)", "get_orders(next(get_db()))").replace(
                ", *, db: Session = Depends(get_db)", "") + OTHER, f"{ALL}\n"),
            "it is not called first, or not on all ways", id="the session would be opened on all ways",
        ),
        pytest.param(
            "LC401",
            DEPS.replace("db: Session = Depends(get_db)", "db: Session = Depends(get_db), most: int = 3")
            + router(CALLED + OTHER, f"{ALL}\n"),
            "most of get_orders would be read from the request", id="a parameter of the request",
        ),
    ],
)  # fmt: skip
def test_refused(tmp_path: Path, select: str, before: str, reason: str) -> None:
    left, told = fixed(tmp_path, INNER + before, select)
    assert left == ordered(INNER + before)
    assert reason in {line.partition(" not fixed: ")[2] for line in told}
