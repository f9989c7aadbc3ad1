"""LC202 where no exception is there yet: one is made, with the response it had."""

from __future__ import annotations

from pathlib import Path

import pytest

from mending import fixed, ordered

ERRORS = """
# app/exceptions.py
class ShopError(Exception):
    \"""What a client is told.\"""


class EmailTaken(ShopError):
    \"""Somebody else has the address.\"""
"""
SERVICE = """
# app/services/orders.py
from fastapi import HTTPException, status

from app.exceptions import EmailTaken


class OrderService:
    def find(self, number: int) -> str:
        if number < 0:
            raise HTTPException(status_code=status.HTTP_404_NOT_FOUND, detail=f"Order {number} not found")
        if number > 999:
            raise HTTPException(403)
        if number > 99:
            raise EmailTaken("taken")
        return "order"
"""
SERVICE_AFTER = """
# app/services/orders.py

from app.exceptions import EmailTaken, OrderForbidden, OrderNotFound


class OrderService:
    def find(self, number: int) -> str:
        if number < 0:
            raise OrderNotFound(f"Order {number} not found")
        if number > 999:
            raise OrderForbidden("Forbidden")
        if number > 99:
            raise EmailTaken("taken")
        return "order"
"""
ROUTER = """
# app/routers/orders.py
from fastapi import APIRouter

from app.services.orders import OrderService

router = APIRouter()


@router.get("/orders")
def show(number: int) -> str:
    return OrderService().find(number)
"""
MAIN = """
# app/main.py
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from app.exceptions import EmailTaken
from app.routers import orders

app = FastAPI()
app.include_router(orders.router)


@app.exception_handler(EmailTaken)
def taken(request: Request, error: EmailTaken) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=409)
"""
NEW_ERRORS = '''

class OrderNotFound(ShopError):
    """Order not found."""


class OrderForbidden(ShopError):
    """Order forbidden."""
'''
NEW_HANDLERS = """

@app.exception_handler(OrderNotFound)
async def handle_order_not_found(request: Request, error: OrderNotFound) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=404)


@app.exception_handler(OrderForbidden)
async def handle_order_forbidden(request: Request, error: OrderForbidden) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=403)
"""


def test_new_exceptions_with_handlers_on_the_application(tmp_path: Path) -> None:
    left, told = fixed(tmp_path, ERRORS + SERVICE + ROUTER + MAIN, "LC202")
    main = MAIN.replace("import EmailTaken", "import EmailTaken, OrderForbidden, OrderNotFound")
    errors = ERRORS + NEW_ERRORS
    assert left == ordered(errors + SERVICE_AFTER.lstrip("\n") + ROUTER + main + NEW_HANDLERS)
    assert told == [
        "app/services/orders.py:10:13: LC202 fixed: raised OrderNotFound, OrderForbidden instead",
        "1 finding fixed in 3 files",
    ]


ONE = SERVICE.replace(
    "        if number > 999:\n            raise HTTPException(403)\n", ""
).replace('        if number > 99:\n            raise EmailTaken("taken")\n', "").replace(
    "\nfrom app.exceptions import EmailTaken\n\n", "\n"
)
CAUGHT = """
# app/routers/orders.py
from fastapi import APIRouter, HTTPException

from app.exceptions import OrderNotFound
from app.services.orders import OrderService

router = APIRouter()


@router.get("/orders")
def show(number: int) -> str:
    try:
        return OrderService().find(number)
    except OrderNotFound as error:
        raise HTTPException(404, str(error)) from error
"""
BARE = """
# app/main.py
from fastapi import FastAPI

from app.routers import orders

app = FastAPI()
app.include_router(orders.router)
"""
MADE = '''\
# app/exceptions.py
class OrderNotFound(Exception):
    """Order not found."""
'''


def test_the_route_handler_maps_where_no_handler_is_registered(tmp_path: Path) -> None:
    left, told = fixed(tmp_path, ONE + ROUTER + BARE, "LC202")
    after = (
        "\n# app/services/orders.py\n\nfrom app.exceptions import OrderNotFound\n\n\nclass OrderService:\n"
        "    def find(self, number: int) -> str:\n        if number < 0:\n"
        '            raise OrderNotFound(f"Order {number} not found")\n        return "order"\n'
    )
    assert left == ordered(after + CAUGHT + BARE + MADE)
    assert told[0].endswith("LC202 fixed: raised OrderNotFound instead")


WRAPPED = """
# app/wrapping.py
from fastapi import HTTPException, Request
from fastapi.responses import JSONResponse


async def wrap(request: Request, error: HTTPException) -> JSONResponse:
    return JSONResponse({"errors": [error.detail]}, status_code=error.status_code)
"""
WRAPPING = "\napp.add_exception_handler(HTTPException, wrap)\n"


def with_wrapping(main: str, extra: str = "") -> str:
    main = main.replace("import FastAPI", f"import FastAPI, HTTPException{extra}")
    return main.replace("import orders\n", "import orders\nfrom app.wrapping import wrap\n") + WRAPPING


def test_a_clause_leaves_the_answer_to_the_handler_of_the_project_for_http(tmp_path: Path) -> None:
    main = with_wrapping(BARE)
    left, told = fixed(tmp_path, ONE + ROUTER + main + WRAPPED, "LC202")
    assert told[0].endswith("LC202 fixed: raised OrderNotFound instead")
    assert CAUGHT.lstrip("\n") in left and main.lstrip("\n") in left


def test_a_new_handler_asks_the_one_of_the_project_for_http(tmp_path: Path) -> None:
    main = with_wrapping(MAIN)
    left, told = fixed(tmp_path, ERRORS + SERVICE + ROUTER + main + WRAPPED, "LC202")
    assert told[0].endswith("LC202 fixed: raised OrderNotFound, OrderForbidden instead")
    assert "import FastAPI, HTTPException, Request, Response\n" in left
    assert """
async def handle_order_not_found(request: Request, error: OrderNotFound) -> Response:
    return await wrap(request, HTTPException(404, str(error)))
""" in left


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(
            ("HTTPException(403)", "HTTPException(500)"),
            "500 is no outcome of the business that could have a name", id="an error of the server",
        ),
        pytest.param(
            ("HTTPException(403)", 'HTTPException(403, {"why": "none"})'), "its detail is no plain text",
            id="no text",
        ),
        pytest.param(
            ("HTTPException(403)", 'HTTPException(409, "no")'), "EmailTaken is answered with another text",
            id="an exception with another text",
        ),
        pytest.param(
            ("HTTPException(403)", 'HTTPException(409, "the email is taken")'),
            "a handler is registered for HTTPException, which may answer in another way",
            id="an exception with an answer of another kind",
        ),
    ],
)  # fmt: skip
def test_refused(tmp_path: Path, change: tuple[str, str], reason: str) -> None:
    main = MAIN.replace("str(error)", '"taken"')
    before = ERRORS.replace("EmailTaken", "Taken") if "another text" in reason else ERRORS
    before = before + SERVICE.replace(*change) + ROUTER + main
    if "another text" in reason:
        before = before.replace("EmailTaken", "Taken")
        reason = reason.replace("EmailTaken", "Taken")
    if "HTTPException" in reason:
        before = before.replace(main, with_wrapping(main)) + WRAPPED
    left, told = fixed(tmp_path, before, "LC202")
    assert left == ordered(before)
    assert [line.partition(" not fixed: ")[2] for line in told[:-1]] == [reason]


def test_the_text_may_be_a_constant_of_the_project(tmp_path: Path) -> None:
    text = ONE.replace("HTTPException, status\n", "HTTPException, status\n\nfrom app import texts\n")
    text = text.replace('f"Order {number} not found"', "texts.GONE")
    texts = '# app/texts.py\nGONE = "The order was not found"\n'
    left, _ = fixed(tmp_path, text + ROUTER + BARE + texts, "LC202")
    assert "raise OrderNotFound(texts.GONE)\n" in left
    assert CAUGHT.lstrip("\n") in left and MADE in left


def test_what_is_for_a_part_of_the_services_is_not_for_others(tmp_path: Path) -> None:
    other = ONE.replace("services/orders", "services/billing/bills").replace("Order", "Bill")
    text = ONE + other + ROUTER + ROUTER.replace("orders", "bills").replace(
        "services.bills", "services.billing.bills"
    ).replace("Order", "Bill") + BARE.replace("import orders", "import bills, orders").replace(
        "(orders.router)", "(orders.router)\napp.include_router(bills.router)"
    )  # fmt: skip
    text += "# app/services/billing/exceptions.py\nclass Odd(Exception): ...\n"
    left, _ = fixed(tmp_path, text, "LC202")
    assert MADE in left
    assert "billing/exceptions.py\nclass Odd(Exception): ...\n\n\nclass BillNotFound(Exception)" in left
