"""LC508: what has a response of its own is raised again in front of the broad clause."""

from __future__ import annotations

from pathlib import Path

import pytest

from mending import fixed, ordered

MAIN = """
# app/main.py
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from app.errors import Missing
from app.routers import orders

app = FastAPI()
app.include_router(orders.router)


@app.exception_handler(Missing)
def tell_missing(request: Request, error: Missing) -> JSONResponse:
    return JSONResponse({"detail": "none"}, status_code=404)
"""
ERRORS = """
# app/errors.py
class Missing(Exception): ...
"""
SERVICE = """
# app/services/orders.py
from app.errors import Missing


def find(number: int) -> str:
    if number < 0:
        raise Missing
    return "order"
"""
ROUTER = """
# app/routers/orders.py
import logging

from fastapi import APIRouter, HTTPException

from app.services import orders

router = APIRouter()


@router.get("/orders")
def show(number: int) -> str:
    try:
        if number > 1000:
            raise HTTPException(422)
        return orders.find(number)
    # the rest
    except Exception:  # really all
        logging.exception("failed")
        raise HTTPException(500)
"""
AFTER = ROUTER.replace(
    "from app.services", "from app.errors import Missing\nfrom app.services"
).replace(
    "    except Exception:", "    except (HTTPException, Missing):\n        raise\n    except Exception:"
)


def test_fixed(tmp_path: Path) -> None:
    left, told = fixed(tmp_path, ERRORS + SERVICE + ROUTER + MAIN, "LC508")
    assert left == ordered(ERRORS + SERVICE + AFTER + MAIN)
    assert told == [
        "app/routers/orders.py:18:5: LC508 fixed: raised `HTTPException` and `Missing` again first",
        "1 finding fixed in 1 file",
    ]


@pytest.mark.parametrize(
    ("router", "reason"),
    [
        pytest.param(
            ROUTER.replace('logging.exception("failed")', "clean_up()")
            + "\n\ndef clean_up() -> None:\n    print()\n",
            "the clause does more than to log and answer, which must not be passed over",
            id="it cleans up",
        ),
        pytest.param(
            ROUTER.replace("router = ", "Missing = 1\nrouter = "),
            "the name Missing is taken in app/routers/orders.py",
            id="the name is taken",
        ),
    ],
)
def test_refused(tmp_path: Path, router: str, reason: str) -> None:
    before = ERRORS + SERVICE + router + MAIN
    left, told = fixed(tmp_path, before, "LC508")
    assert left == ordered(before)
    assert [line.partition(" not fixed: ")[2] for line in told[:-1]] == [reason]
