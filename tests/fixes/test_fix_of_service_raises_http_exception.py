"""LC202: a service raises the domain exception that is answered with the same status."""

from __future__ import annotations

from pathlib import Path

import pytest

from mending import fixed, ordered

ERRORS = """
# app/errors.py
class Refusal(Exception):
    status = 400


class Missing(Refusal):
    status = 404


class Locked(Exception):
    def __init__(self, number: int, who: str) -> None:
        self.number = number
        self.who = who
"""
MAIN = """
# app/main.py
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from app.errors import Locked, Refusal
from app.routers import orders

app = FastAPI()
app.include_router(orders.router)


@app.exception_handler(Refusal)
def refuse(request: Request, error: Refusal) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=error.status)


@app.exception_handler(Locked)
def tell_locked(request: Request, error: Locked) -> JSONResponse:
    return JSONResponse({"detail": "locked"}, status_code=423)
"""
ROUTER = """
# app/routers/orders.py
from fastapi import APIRouter

from app.errors import Locked, Refusal
from app.services import orders

router = APIRouter()


@router.get("/orders")
def show(number: int) -> str:
    if number > 1000:
        raise Refusal
    if number > 2000:
        raise Locked(number, "me")
    return orders.find(number)
"""
SERVICE = """
# app/services/orders.py
from fastapi import HTTPException{names}


def find(number: int) -> str:
    if number < 0:
        raise {first}  # which one?
    if number == 0:
        raise {second}
    return "order"
"""


def service(first: str, second: str, names: str = "") -> str:
    return SERVICE.format(first=first, second=second, names=names)


AFTER = """
# app/services/orders.py

from app.errors import Missing, Refusal


def find(number: int) -> str:
    if number < 0:
        raise Missing(f"no order {number}")  # which one?
    if number == 0:
        raise Refusal("none")
    return "order"
"""


def test_fixed(tmp_path: Path) -> None:
    first = 'HTTPException(status_code=status.HTTP_404_NOT_FOUND, detail=f"no order {number}")'
    before = service(first, 'HTTPException(400, "none")', ", status")
    left, told = fixed(tmp_path, ERRORS + before + ROUTER + MAIN, "LC202")
    assert left == ordered(ERRORS + AFTER + ROUTER + MAIN)
    assert told == [
        "app/services/orders.py:7:9: LC202 fixed: raised Missing, Refusal instead",
        "1 finding fixed in 1 file",
    ]


CATCHING = ROUTER.replace("import APIRouter", "import APIRouter, HTTPException").replace(
    "    return orders.find(number)\n",
    '    try:\n        return orders.find(number)\n    except HTTPException:\n        return ""\n',
)
DOUBLE = ERRORS + "\n\nclass NotFound(Refusal):\n    status = 404\n"
SAME = 'HTTPException(404, "none")'


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        pytest.param(
            ERRORS + service(SAME, 'HTTPException(410, "gone")') + ROUTER + MAIN,
            "the text does not say in a few words what is wrong",
            id="no such status, and no name for a new one",
        ),
        pytest.param(
            DOUBLE + service(SAME, SAME) + ROUTER + MAIN,
            "several domain exceptions answer with 404: Missing, NotFound",
            id="several",
        ),
        pytest.param(
            ERRORS + service(SAME, 'HTTPException(404, "none", {"X-Why": "none"})') + ROUTER + MAIN,
            "it carries more than a status and a detail",
            id="headers",
        ),
        pytest.param(
            ERRORS + service('HTTPException(number, "none")', SAME) + ROUTER + MAIN,
            "its status is not written down",
            id="a computed status",
        ),
        pytest.param(
            ERRORS + service('HTTPException(423, "none")', SAME) + ROUTER + MAIN,
            "Locked is made of other things than a text",
            id="a constructor of its own",
        ),
        pytest.param(
            ERRORS + service(SAME, SAME) + ROUTER + CATCHING.replace("orders.py", "others.py") + MAIN.replace(
                "app.include_router(orders.router)\n",
                "app.include_router(orders.router)\napp.include_router(others.router, prefix=\"/others\")\n",
            ).replace("import orders\n", "import orders, others\n"),
            "GET /others/orders would not answer with the same status",
            id="somebody catches it",
        ),
    ],
)
def test_refused(tmp_path: Path, before: str, reason: str) -> None:
    left, told = fixed(tmp_path, before, "LC202")
    assert left == ordered(before)
    assert [line.partition(" not fixed: ")[2] for line in told[:-1]] == [reason]
