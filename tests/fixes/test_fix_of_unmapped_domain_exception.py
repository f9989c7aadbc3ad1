"""LC501: a clause in the handler, or a handler on the application, as the settings or the project say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mending import fixed, ordered

ERRORS = """
# app/errors.py
class OrderNotFound(Exception): ...


class OrderSentAlreadyExistsError(Exception): ...


class OrderOdd(Exception): ...


class Refusal(Exception): ...
"""
SERVICE = """
# app/services/orders.py
from app.errors import {error}


def find(number: int) -> str:
    if number < 0:
        raise {error}(number)
    return "order"
"""
ROUTER = """
# app/routers/orders.py
from fastapi import APIRouter

from app.services import orders

router = APIRouter()


@router.get("/orders")
def show(number: int) -> str:
    # words on the way
    text = orders.find(
        number
    )  # may fail

    return text
"""
MAIN = """
# app/main.py
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from app.errors import Refusal
from app.routers import orders

app = FastAPI()
app.include_router(orders.router)


@app.exception_handler(Refusal)
async def refuse(request: Request, error: Refusal) -> JSONResponse:
    return JSONResponse({"detail": "refused"}, status_code=400)
"""
PLAIN = MAIN[: MAIN.index("\n\n@app")].replace("from app.errors import Refusal\n", "").replace(
    ", Request\nfrom fastapi.responses import JSONResponse", ""
)
ROUTERS: dict[str, Any] = {"error-mapping": "router"}
HANDLERS: dict[str, Any] = {"error-mapping": "handlers"}


def project(router: str = ROUTER, main: str = PLAIN, error: str = "OrderNotFound") -> str:
    return ERRORS + SERVICE.format(error=error) + router + main


WITH_ERROR = "import APIRouter, HTTPException\n\nfrom app.errors import {error}\n"
WRAPPED = ROUTER.replace("import APIRouter\n\n", WITH_ERROR)
WRAPPED = WRAPPED[: WRAPPED.index("    text")] + """\
    try:
        text = orders.find(
            number
        )  # may fail
    except {error} as error:
        raise HTTPException({status}, "{told}") from error

    return text
"""
TRYING = ROUTER[: ROUTER.index("    # words")] + """\
    try:
        return orders.find(number)
    except ValueError:
        return ""
"""
TRIED = """\
    except OrderNotFound as error:
        raise HTTPException(404, "Order not found") from error
"""
REGISTERED = MAIN.replace("import Refusal", "import OrderNotFound, Refusal") + """\


@app.exception_handler(OrderNotFound)
async def handle_order_not_found(request: Request, error: OrderNotFound) -> JSONResponse:
    return JSONResponse({"detail": "Order not found"}, status_code=404)
"""
INSIDE = """
# app/main.py
from fastapi import FastAPI

from app.errors import Refusal
from app.handlers import refuse
from app.routers import orders


def register(api: FastAPI) -> None:
    api.add_exception_handler(Refusal, refuse)
    api.include_router(orders.router)


app = FastAPI()
register(app)
# app/handlers.py
from fastapi import Request
from fastapi.responses import JSONResponse

from app.errors import Refusal


async def refuse(request: Request, error: Refusal) -> JSONResponse:
    return JSONResponse({"detail": "refused"}, status_code=400)
"""
INSIDE_AFTER = (
    INSIDE.replace(
        "import FastAPI\n", "import FastAPI, Request\nfrom fastapi.responses import JSONResponse\n", 1
    )
    .replace("import Refusal", "import OrderNotFound, Refusal", 1)
    .replace(
        "(Refusal, refuse)\n",
        """(Refusal, refuse)

    @api.exception_handler(OrderNotFound)
    async def handle_order_not_found(request: Request, error: OrderNotFound) -> JSONResponse:
        return JSONResponse({"detail": "Order not found"}, status_code=404)

""",
    )
)
RAISES_REFUSAL = """
# app/routers/refusals.py
from fastapi import APIRouter

from app.errors import Refusal

router = APIRouter()


@router.get("/refusals")
def show() -> str:
    raise Refusal
"""

KNOWN = """
# app/routers/parcels.py
from fastapi import APIRouter, HTTPException, status

from app.errors import OrderNotFound
from app.services import orders

router = APIRouter()


@router.get("/parcels")
def show(number: int) -> str:
    try:
        return orders.find(number)
    except OrderNotFound as missing:
        raise HTTPException(status_code=status.HTTP_410_GONE, detail=str(missing))
"""
OTHERWISE = KNOWN.replace("parcels", "letters").replace("410_GONE", "403_FORBIDDEN")
IN_OTHER_WORDS = KNOWN.replace("parcels", "letters").replace("str(missing)", '"lost"')
BOTH = KNOWN + """\


@router.get("/parcels/all")
def show_all({params}) -> str:
    return orders.find(1)
"""
BOTH_AFTER = KNOWN + """\


@router.get("/parcels/all")
def show_all({params}) -> str:
    try:
        return orders.find(1)
    except OrderNotFound as error:
        raise HTTPException(status_code={status}, detail=str(error)) from error
"""
TABLE = """
# app/routers/orders.py
from fastapi import status
from fastapi_error_map import ErrorAwareRouter

from app.errors import {names}
from app.services import orders

router = ErrorAwareRouter()
{before}

@router.get("/orders", error_map={table}, responses={{404: {{"description": "none"}}}})
def show(number: int) -> str:
    return orders.find(number)
"""
LINES = """{
    Refusal: status.HTTP_404_NOT_FOUND,  # as agreed
}"""
LINES_AFTER = """{
    Refusal: status.HTTP_404_NOT_FOUND,  # as agreed
    OrderNotFound: status.HTTP_404_NOT_FOUND,
}"""
LINES_BARE = """{
    Refusal: 409
}"""
LINES_BARE_AFTER = """{
    Refusal: 409,
    OrderNotFound: 404
}"""


def table(written: str, names: str = "Refusal", before: str = "") -> str:
    return project(TABLE.format(table=written, names=names, before=before))


SOUND = ERRORS + SERVICE.format(error="OrderNotFound") + PLAIN.replace("orders", "parcels")


def known(number: str, detail: str) -> str:
    """Return the orders as the fix leaves them beside other handlers."""
    text = WRAPPED.format(error="OrderNotFound", status=number, told="told")
    return project(text.replace('"told"', detail))


@pytest.mark.parametrize(
    ("before", "after", "settings"),
    [
        pytest.param(
            project(),
            project(WRAPPED.format(error="OrderNotFound", status=404, told="Order not found")),
            ROUTERS,
            id="the call is wrapped",
        ),
        pytest.param(
            project(error="OrderSentAlreadyExistsError"),
            project(
                WRAPPED.format(
                    error="OrderSentAlreadyExistsError", status=409, told="Order sent already exists"
                ),
                error="OrderSentAlreadyExistsError",
            ),
            {},
            id="nothing registered, no setting",
        ),
        pytest.param(
            project(TRYING),
            project(
                TRYING.replace("import APIRouter\n\n", WITH_ERROR.format(error="OrderNotFound")) + TRIED
            ),
            ROUTERS,
            id="a try that is there",
        ),
        pytest.param(
            project(main=MAIN) + RAISES_REFUSAL,
            project(main=REGISTERED) + RAISES_REFUSAL,
            {},
            id="beside a handler",
        ),
        pytest.param(
            project(main=INSIDE) + RAISES_REFUSAL,
            project(main=INSIDE_AFTER) + RAISES_REFUSAL,
            HANDLERS,
            id="in a function that registers",
        ),
        pytest.param(
            table(LINES), table(LINES_AFTER, "OrderNotFound, Refusal"), {}, id="a table of the route"
        ),
        pytest.param(
            table(LINES_BARE),
            table(LINES_BARE_AFTER, "OrderNotFound, Refusal"),
            ROUTERS,
            id="a table without a last comma",
        ),
        pytest.param(
            table("{Refusal: 409}"),
            table("{Refusal: 409, OrderNotFound: 404}", "OrderNotFound, Refusal"),
            {},
            id="a table on one line",
        ),
        pytest.param(
            project() + KNOWN, known("410", "str(error)") + KNOWN, {}, id="as another handler answers"
        ),
        pytest.param(
            project() + KNOWN + IN_OTHER_WORDS,
            known("410", '"Order not found"') + KNOWN + IN_OTHER_WORDS,
            {},
            id="the same status in other words",
        ),
        pytest.param(
            SOUND + BOTH.format(params=""),
            SOUND + BOTH_AFTER.format(params="", status="status.HTTP_410_GONE"),
            {},
            id="written as in the file",
        ),
        pytest.param(
            SOUND + BOTH.format(params='status: str = ""'),
            SOUND + BOTH_AFTER.format(params='status: str = ""', status="410"),
            {},
            id="the name of the statuses is that of a parameter",
        ),
    ],
)
def test_fixed(tmp_path: Path, before: str, after: str, settings: dict[str, Any]) -> None:
    left, told = fixed(tmp_path, before, "LC501", settings)
    assert left == ordered(after)
    assert told[-1].startswith("1 finding fixed in 1 file")


ODD = project(error="OrderOdd")
STATUSES = """
# app/statuses.py
from http import HTTPStatus

from fastapi import status

from app import errors

STATUSES = {errors.Refusal: 400, errors.OrderOdd: HTTPStatus.GONE}
MORE: dict[type[Exception], int] = {errors.OrderOdd: status.HTTP_410_GONE, errors.OrderNotFound: 418}
"""


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(
            ODD.replace("OrderOdd(Exception): ...", "OrderOdd(Exception):\n    status_code = 410"),
            id="a status of its own",
        ),
        pytest.param(
            ODD.replace("class OrderOdd(Exception): ...", "class OrderOdd(Base): ...").replace(
                "errors.py\n", "errors.py\nclass Base(Exception):\n    status_code = 410\n\n\n", 1
            ),
            id="a status of its base",
        ),
        pytest.param(ODD + STATUSES, id="tables of statuses"),
    ],
)  # fmt: skip
def test_the_status_is_the_one_the_project_says_elsewhere(tmp_path: Path, before: str) -> None:
    left, told = fixed(tmp_path, before, "LC501", ROUTERS)
    assert told[0].endswith("LC501 fixed: mapped it to 410 in the handler")
    assert 'raise HTTPException(410, "Order odd") from error\n' in left


PROVIDER = ROUTER.replace("import APIRouter", "import APIRouter, Depends").replace(
    "number: int) -> str:\n    # words on the way\n"
    "    text = orders.find(\n        number\n    )  # may fail\n",
    "text: str = Depends(orders.find)) -> str:\n    # words on the way\n",
)


@pytest.mark.parametrize(
    ("before", "settings", "reason"),
    [
        pytest.param(
            project(error="OrderOdd"),
            ROUTERS,
            "the name OrderOdd does not say which status it is",
            id="a name that says nothing",
        ),
        pytest.param(
            project(PROVIDER),
            ROUTERS,
            "a dependency raises it: register a handler for it on the application",
            id="a dependency",
        ),
        pytest.param(
            project(),
            HANDLERS,
            "no handler is registered yet that shows where handlers belong",
            id="no place for handlers",
        ),
        pytest.param(
            project(ROUTER.replace("router = ", "OrderNotFound = None\nrouter = ")),
            ROUTERS,
            "the name OrderNotFound is taken in app/routers/orders.py",
            id="the name is taken",
        ),
        pytest.param(
            project() + KNOWN + OTHERWISE,
            {},
            "other handlers answer OrderNotFound with 403 and 410",
            id="two answers",
        ),
        pytest.param(
            ODD + STATUSES.replace("HTTPStatus.GONE", "404"),
            ROUTERS,
            "the project gives OrderOdd the statuses 404 and 410",
            id="two statuses in tables",
        ),
        pytest.param(
            table("TABLE", before="TABLE = {Refusal: 409}\n"),
            {},
            "the route maps exceptions with a table that is not written where the route is",
            id="a table elsewhere",
        ),
    ],
)
def test_refused(tmp_path: Path, before: str, settings: dict[str, Any], reason: str) -> None:
    left, told = fixed(tmp_path, before, "LC501", settings)
    assert left == ordered(before)
    assert [line.partition(" not fixed: ")[2] for line in told[:-1]] == [reason]
