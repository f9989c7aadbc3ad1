"""LC506: what registers handlers is called behind the only application."""

from __future__ import annotations

from pathlib import Path

import pytest

from mending import fixed, ordered

ERRORS = """
# app/errors.py
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse


class DomainError(Exception): ...


def on_domain_error(request: Request, error: DomainError) -> JSONResponse:
    return JSONResponse({"detail": "refused"}, status_code=409)
"""
REGISTERING = """

def register_handlers(app: FastAPI) -> None:
    app.add_exception_handler(DomainError, on_domain_error)
"""
MAIN = """
# app/main.py
import logging

from fastapi import FastAPI

from app.routers import orders

app = FastAPI(title="shop")  # the shop
app.include_router(orders.router)
"""
ORDERS = """
# app/routers/orders.py
from fastapi import APIRouter

from app.errors import DomainError

router = APIRouter()


@router.get("/orders")
def show(number: int) -> str:
    if number < 0:
        raise DomainError
    return "none"
"""
FACTORY = """
# app/main.py
from fastapi import FastAPI

from app.errors import DomainError
from app.routers import orders


def create_app() -> FastAPI:
    app = FastAPI()

    app.include_router(orders.router)
    return app
"""


@pytest.mark.parametrize(
    ("before", "after", "title"),
    [
        pytest.param(
            ERRORS + REGISTERING + MAIN + ORDERS,
            ERRORS + REGISTERING + MAIN.replace(
                "from app.routers", "from app.errors import register_handlers\nfrom app.routers"
            ).replace("# the shop\n", "# the shop\nregister_handlers(app)\n") + ORDERS,
            "added `register_handlers(app)`",
            id="a function that registers",
        ),
        pytest.param(
            ERRORS + FACTORY + ORDERS,
            ERRORS + FACTORY.replace("import DomainError", "import DomainError, on_domain_error").replace(
                "FastAPI()\n",
                "FastAPI()\n    app.add_exception_handler(DomainError, on_domain_error)\n",
            ) + ORDERS,
            "added `app.add_exception_handler(DomainError, on_domain_error)`",
            id="a handler, in a factory",
        ),
    ],
)
def test_fixed(tmp_path: Path, before: str, after: str, title: str) -> None:
    left, told = fixed(tmp_path, before, "LC506")
    assert left == ordered(after)
    assert [line.partition(" fixed: ")[2] for line in told[:-1]] == [title]


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        pytest.param(
            ERRORS + REGISTERING + MAIN + "admin = FastAPI()\n" + ORDERS,
            "there are 2 applications, so it is not clear which one is meant",
            id="two applications",
        ),
        pytest.param(
            ERRORS.replace("(Exception): ...", "(Exception): ...\n\n\nfrom app import main")
            + REGISTERING + MAIN + ORDERS,
            "importing app.errors would make a circle",
            id="a circle",
        ),
        pytest.param(
            ERRORS + MAIN + "DomainError = ValueError\n" + ORDERS,
            "the name DomainError is taken in app/main.py",
            id="the name is taken",
        ),
        pytest.param(
            ERRORS + REGISTERING + ORDERS
            + MAIN.replace('app = FastAPI(title="shop")', "apps = [FastAPI()]\napp = apps[0]"),
            "the application has no name of its own",
            id="an application in a list",
        ),
    ],
)
def test_refused(tmp_path: Path, before: str, reason: str) -> None:
    left, told = fixed(tmp_path, before, "LC506")
    assert left == ordered(before)
    assert [line.partition(" not fixed: ")[2] for line in told[:-1]] == [reason]
