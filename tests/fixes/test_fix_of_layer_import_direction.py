"""LC601: what only annotations name is imported for type checkers alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from mending import fixed, ordered

ROUTER = """
# app/routers/orders.py
from fastapi import APIRouter
from pydantic import BaseModel

from app.services import orders

router = APIRouter()
MOST = 3


class OrderIn(BaseModel):
    number: int


@router.post("/orders")
def place(order: OrderIn) -> int:
    return orders.place(order.number)
"""
SERVICE = """
# app/services/orders.py
{future}import logging
{typing}
from app.routers.orders import OrderIn
{guard}

def place(number: int) -> int:
    logging.info("placed")
    return number


def double(order: {order}, more: int = 2) -> {result}:
    return [order] * more
"""


def service(
    order: str = "OrderIn", result: str = "list[OrderIn]", future: str = "", after: bool = False
) -> str:
    text = SERVICE.format(
        future=future,
        order=order,
        result=result,
        typing="from typing import TYPE_CHECKING\n" if after else "",
        guard="\nif TYPE_CHECKING:\n    from app.routers.orders import OrderIn\n" if after else "",
    )
    if after:
        text = text.replace("CHECKING\n\nfrom app.routers.orders import OrderIn\n\n", "CHECKING\n\n")
    return text


FUTURE = "from __future__ import annotations\n\n"
SETTINGS = {"rules": {"LC601": {"type-only": "at-runtime"}}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            service(), service('"OrderIn"', '"list[OrderIn]"', after=True), id="annotations become text"
        ),
        pytest.param(service(future=FUTURE), service(future=FUTURE, after=True), id="never evaluated"),
        pytest.param(
            service('"OrderIn"', "list"), service('"OrderIn"', "list", after=True), id="text already"
        ),
    ],
)
def test_fixed(tmp_path: Path, before: str, after: str) -> None:
    left, told = fixed(tmp_path, ROUTER + before, "LC601", SETTINGS)
    assert left == ordered(ROUTER + after)
    assert [line.partition(": LC601 ")[2] for line in told[:-1]] == ["fixed: moved it under TYPE_CHECKING"]


def test_one_name_of_several_joins_the_guard_that_is_there(tmp_path: Path) -> None:
    before = service(future=FUTURE).replace("return number", "return min(number, MOST)").replace(
        "import OrderIn\n", "import MOST, OrderIn\n\nif TYPE_CHECKING:\n    import decimal\n"
    ).replace("import logging\n", "import logging\nfrom typing import TYPE_CHECKING\n")
    left, _ = fixed(tmp_path, ROUTER + before, "LC601", SETTINGS)
    after = before.replace("import MOST, OrderIn", "import MOST").replace(
        "    import decimal\n", "    import decimal\n    from app.routers.orders import OrderIn\n"
    )
    assert left == ordered(ROUTER + after)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(("return [order]", "return [OrderIn]"), "it is needed when the program runs", id="used"),
        pytest.param(
            ("def double", "@logging.wrapper\ndef double"),
            "a decorator of app.services.orders.double may read its annotations",
            id="a decorator",
        ),
        pytest.param(
            ("def double(order: OrderIn, more: int = 2) -> list[OrderIn]:\n    return [order] * more",
             "class Orders(logging.Handler):\n    last: OrderIn"),
            "the annotations of app.services.orders.Orders may be read",
            id="a class of a library",
        ),
        pytest.param(
            ("list[OrderIn]", 'dict["str", OrderIn]'),
            "an annotation cannot be written as text",
            id="text in the annotation",
        ),
    ],
)
def test_refused(tmp_path: Path, change: tuple[str, str], reason: str) -> None:
    before = ROUTER + service().replace(*change)
    left, told = fixed(tmp_path, before, "LC601", SETTINGS)
    assert left == ordered(before)
    assert [line.partition(" not fixed: ")[2] for line in told[:-1]] == [reason]
