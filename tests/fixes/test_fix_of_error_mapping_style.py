"""LC505: a clause that answers as the registered handler does is dropped."""

from __future__ import annotations

from pathlib import Path

import pytest

from mending import fixed, ordered

ERRORS = """
# app/errors.py
class OrderNotFound(Exception):
    status_code = 404


class OrderLost(OrderNotFound): ...
"""
MAIN = """
# app/main.py
import logging

from fastapi import FastAPI, Request, status
from fastapi.responses import JSONResponse

from app.errors import OrderNotFound
from app.routers import orders

app = FastAPI()
app.include_router(orders.router)


@app.exception_handler(OrderNotFound)
async def answer(request: Request, exc: OrderNotFound) -> JSONResponse:
    logging.info("no order")
    return JSONResponse(status_code={status}, content={{"detail": {detail}}})
"""
ROUTER = """
# app/routers/orders.py
from fastapi import APIRouter, HTTPException

from app.errors import OrderNotFound
from app.services import orders

router = APIRouter()


@router.get("/orders")
def show(number: int) -> str:
    # the number
    try:
        found = orders.find(number)  # may fail
    except {clause}
    return found
"""
SERVICE = """
# app/services/orders.py
from app.errors import OrderLost, OrderNotFound


def find(number: int) -> str:
    if number == 1:
        raise OrderLost(number)
    if number == 0:
        raise OrderNotFound(number)
    if number < 0:
        raise ValueError(number)
    return "order"
"""
AFTER = """
# app/routers/orders.py
from fastapi import APIRouter

from app.services import orders

router = APIRouter()


@router.get("/orders")
def show(number: int) -> str:
    # the number
    found = orders.find(number)  # may fail
    return found
"""
SHORTER = """
# app/routers/orders.py
from fastapi import APIRouter, HTTPException

from app.services import orders

router = APIRouter()


@router.get("/orders")
def show(number: int) -> str:
    # the number
    try:
        found = orders.find(number)  # may fail
    except ValueError as error:
        raise HTTPException(404, str(error))
    return found
"""


def shop(clause: str, status: str = "404", detail: str = "str(exc)", more: str = "") -> str:
    main = MAIN.format(status=status, detail=detail) + more
    return ERRORS + SERVICE + ROUTER.format(clause=clause) + main


@pytest.mark.parametrize(
    ("clause", "status", "detail", "after"),
    [
        pytest.param(
            "OrderNotFound as error:\n        raise HTTPException(404, str(error)) from error",
            "status.HTTP_404_NOT_FOUND", "str(exc)", AFTER, id="the text of the exception",
        ),
        pytest.param(
            'OrderNotFound:\n        raise HTTPException(status_code=404, detail="no order")',
            "404", "'no order'", AFTER, id="a constant text",
        ),
        pytest.param(
            "OrderNotFound:\n        raise HTTPException(404)", "404", "'Not Found'", AFTER,
            id="the words of the status",
        ),
        pytest.param(
            "OrderNotFound as e:\n        raise HTTPException(e.status_code, e.args[0])",
            "exc.status_code", "exc.args[0]", AFTER, id="expressions of the exception",
        ),
    ],
)  # fmt: skip
def test_fixed(tmp_path: Path, clause: str, status: str, detail: str, after: str) -> None:
    left, told = fixed(tmp_path, shop(clause, status, detail), "LC505", {"error-mapping": "handlers"})
    assert left == ordered(ERRORS + SERVICE + after + MAIN.format(status=status, detail=detail))
    assert told == [
        "app/routers/orders.py:15:5: LC505 fixed: left OrderNotFound to the registered handler",
        "1 finding fixed in 1 file",
    ]


def test_one_class_of_two(tmp_path: Path) -> None:
    clause = "(OrderNotFound, ValueError) as error:\n        raise HTTPException(404, str(error))"
    left, _ = fixed(tmp_path, shop(clause), "LC505")
    assert left == ordered(ERRORS + SERVICE + SHORTER + MAIN.format(status="404", detail="str(exc)"))


NONE = """

@app.exception_handler(404)
def none(request: Request, exc: Exception):
    ...
"""
PLAIN = "OrderNotFound as error:\n        raise HTTPException(404, str(error))"


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        pytest.param(
            shop(PLAIN, "410"), "the registered handler answers OrderNotFound otherwise", id="another status"
        ),
        pytest.param(
            shop(PLAIN, detail="'none'"),
            "the registered handler answers OrderNotFound otherwise",
            id="another text",
        ),
        pytest.param(
            shop(PLAIN.replace("str(error)", "str(error), {}")),
            "the response has more than a status and a detail",
            id="headers",
        ),
        pytest.param(
            shop(PLAIN.replace("raise", "print(number)\n        raise").replace("print", "orders.find")),
            "the clause does more than to raise an HTTPException",
            id="the clause does more",
        ),
        pytest.param(
            shop(PLAIN.replace("str(error)", "number")),
            "number is made of more than the exception",
            id="a text of the request",
        ),
        pytest.param(
            shop(f"{PLAIN}\n    except Exception:\n        raise HTTPException(500)"),
            "it would bring LC508 at app/routers/orders.py:14:5: `except Exception` in GET /orders (show) "
            "hides `OrderLost` and `OrderNotFound`",
            id="another clause would catch it",
        ),
        pytest.param(
            shop(PLAIN, more=NONE),
            "a handler is registered for HTTPException, which may answer in another way",
            id="an answer of its own to a status",
        ),
        pytest.param(
            shop(
                PLAIN,
                more="\n\n@app.exception_handler(OrderLost)\ndef lost(request: Request, exc: OrderLost):\n"
                '    return JSONResponse({"detail": "lost"}, 410)\n',
            ).replace("import OrderNotFound\nfrom app.r", "import OrderLost, OrderNotFound\nfrom app.r"),
            "the registered handler answers OrderLost otherwise",
            id="a kind of it is answered in another way",
        ),
    ],
)
def test_refused(tmp_path: Path, before: str, reason: str) -> None:
    left, told = fixed(tmp_path, before, "LC505", {"error-mapping": "handlers"})
    assert left == ordered(before)
    assert [line.partition(" not fixed: ")[2] for line in told[:-1]] == [reason]
