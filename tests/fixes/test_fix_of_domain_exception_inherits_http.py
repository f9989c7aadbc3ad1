"""LC503: an exception derives from the domain exception whose handler answers as FastAPI would."""

from __future__ import annotations

from pathlib import Path

import pytest

from mending import fixed, ordered

BASE = """
# app/errors/base.py
class ShopError(Exception):
    def __init__(self, status_code: int, detail: str = "") -> None:
        super().__init__(detail)
        self.status_code = status_code
        self.detail = detail
"""
ERRORS = """
# app/errors/orders.py
{imports}


class OrderNotFound({base}):  # why?
    def __init__(self, number: int) -> None:
        super().__init__(404, f"no order {{number}}")


class OrderGone(OrderNotFound): ...
"""
MAIN = """
# app/main.py
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from app.errors.base import ShopError
from app.routers import orders

app = FastAPI()
app.include_router(orders.router)


@app.exception_handler(ShopError)
def answer(request: Request, error: ShopError) -> JSONResponse:
    return JSONResponse({"detail": error.detail}, status_code=error.status_code)
"""
ROUTER = """
# app/routers/orders.py
from fastapi import APIRouter

from app.services import orders

router = APIRouter()


@router.get("/orders")
def show(number: int) -> str:
    return orders.find(number)
"""
SERVICE = """
# app/services/orders.py
from app.errors.orders import OrderGone, OrderNotFound


def find(number: int) -> str:
    if number == 1:
        raise OrderGone(number)
    if number == 0:
        raise OrderNotFound(number)
    return "order"
"""
BEFORE = ERRORS.format(imports="from fastapi import HTTPException", base="HTTPException")
AFTER = ERRORS.format(imports="\nfrom app.errors.base import ShopError", base="ShopError")


def test_fixed(tmp_path: Path) -> None:
    left, told = fixed(tmp_path, BASE + BEFORE + MAIN + ROUTER + SERVICE, "LC503")
    assert left == ordered(BASE + AFTER + MAIN + ROUTER + SERVICE)
    assert told == [
        "app/errors/orders.py:5:1: LC503 fixed: derived it from ShopError",
        "1 finding fixed in 1 file",
    ]


OTHER = """

@app.exception_handler(HTTPException)
def other(request: Request, error: HTTPException):
    return JSONResponse({}, 400)
"""
NOBODY = "there has to be one domain exception whose handler reads its status_code: none"


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        pytest.param(
            BASE + BEFORE + MAIN.replace("error.status_code", "400") + ROUTER + SERVICE, NOBODY,
            id="the handler does not read the status",
        ),
        pytest.param(
            BASE + BEFORE + MAIN.replace("error.detail", "str(error)") + ROUTER + SERVICE, NOBODY,
            id="the handler does not read the detail",
        ),
        pytest.param(
            BASE.replace("status_code: int, ", "code: int, ") + BEFORE + MAIN + ROUTER + SERVICE, NOBODY,
            id="made of other things",
        ),
        pytest.param(
            BASE + BEFORE.replace('"no order {number}"', '"none", headers={}') + MAIN + ROUTER + SERVICE,
            "OrderNotFound is made without a detail", id="headers",
        ),
        pytest.param(
            BASE + BEFORE + MAIN + ROUTER.replace("    return", "    try:\n        return").replace(
                "(number)\n", "(number)\n    except HTTPException:\n        return 'none'\n"
            ).replace("import APIRouter", "import APIRouter, HTTPException") + SERVICE,
            "app.routers.orders.show catches it as an HTTPException", id="somebody catches it",
        ),
        pytest.param(
            BASE + BEFORE + MAIN.replace("FastAPI, Request", "FastAPI, HTTPException, Request")
            + OTHER + ROUTER + SERVICE,
            "a handler is registered for HTTPException, which may answer in another way",
            id="an answer of its own to any",
        ),
    ],
)  # fmt: skip
def test_refused(tmp_path: Path, before: str, reason: str) -> None:
    left, told = fixed(tmp_path, before, "LC503")
    assert left == ordered(before)
    assert [line.partition(" not fixed: ")[2] for line in told[:-1]] == [reason]
