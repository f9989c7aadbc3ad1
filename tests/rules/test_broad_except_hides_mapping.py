"""LC508: a broad ``except`` swallows exceptions that have a status of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from small_projects import check, expected, found, report

ONLY = {"select": ["LC508"]}

PRELUDE = """
# app/exceptions.py
class Gone(Exception):
    pass


class Unmapped(Exception):
    pass
# app/services.py
from fastapi import HTTPException
from app.exceptions import Gone, Unmapped


def work() -> str:
    raise Gone


def http() -> str:
    raise HTTPException(404)


def broken() -> str:
    raise HTTPException(500)


def unmapped() -> str:
    raise Unmapped


def wrong() -> str:
    raise ValueError
# app/main.py
import logging
from collections.abc import AsyncIterator
from typing import Any
from fastapi import APIRouter, FastAPI, HTTPException, Request, WebSocket
from fastapi.responses import JSONResponse
from app.exceptions import Gone, Unmapped
from app.services import broken, http, unmapped, work, wrong
app = FastAPI()
logger = logging.getLogger(__name__)


def on_error(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({}, status_code=410)


app.add_exception_handler(Gone, on_error)
app.add_exception_handler(ValueError, on_error)


"""

CASES: dict[str, str] = {
    "a handler called as a function runs none of its dependencies": """
from fastapi import Depends
def user() -> str:
    raise HTTPException(401)
@app.get("/one")
def one(name: str = Depends(user)) -> str:
    return name
@app.get("/two")
def two() -> str:
    try:
        return one("me")
    except Exception:
        raise HTTPException(500)
""",
    "a provider called as a function": """
from fastapi import Depends
def user(name: str) -> str:
    if not name:
        raise HTTPException(401)
    return name
def admin(name: str = Depends(user)) -> str:
    return user(name)
@app.get("/two")
def two() -> str:
    try:
        return admin("me")
    except Exception:  # expect: LC508
        raise HTTPException(500)
""",
    "a mapped exception": """
@app.get("/")
def show() -> str:
    try:
        return work()
    except Exception:  # expect: LC508
        raise HTTPException(500)
""",
    "an HTTP exception": """
@app.get("/")
def show() -> str:
    try:
        return http()
    except Exception as error:  # expect: LC508
        logger.exception(error)
        raise HTTPException(500) from error
""",
    "raised in the try itself": """
@app.get("/")
def show(key: int) -> str:
    try:
        if key > 3:
            raise HTTPException(404)
        return "shown"
    except Exception:  # expect: LC508
        raise HTTPException(500)
""",
    "a bare except that returns": """
@app.get("/")
def show() -> Any:
    try:
        return work()
    except:  # expect: LC508
        return JSONResponse({}, status_code=500)
""",
    "an HTTP exception of another status": """
@app.get("/")
def show() -> str:
    try:
        return http()
    except Exception:  # expect: LC508
        raise HTTPException(400)
""",
    "a tuple with Exception": """
@app.get("/")
def show() -> str:
    try:
        return work()
    except (KeyError, Exception):  # expect: LC508
        raise HTTPException(500)
""",
    "an earlier clause for something else": """
@app.get("/")
def show() -> str:
    try:
        return work()
    except HTTPException:
        raise
    except Exception:  # expect: LC508
        raise HTTPException(500)
""",
    "a builtin with a handler": """
@app.get("/")
def show() -> str:
    try:
        return wrong()
    except Exception:  # expect: LC508
        raise HTTPException(500)
""",
    "a helper of the router": """
def helped() -> str:
    try:
        return work()
    except Exception:  # expect: LC508
        raise HTTPException(500)
@app.get("/")
def show() -> str:
    return helped()
""",
    "a helper that is handed the text alone": """
def failure(text: str) -> HTTPException:
    return HTTPException(500, text)
@app.get("/")
def show() -> str:
    try:
        return work()
    except Exception as error:  # expect: LC508
        raise failure("broken") from error
""",
    "nothing mapped is raised": """
@app.get("/")
def show() -> str:
    try:
        return unmapped()
    except Exception:
        raise HTTPException(500)
""",
    "a call nothing is known of": """
@app.get("/")
def show(service: Any) -> str:
    try:
        return service.work()
    except Exception:
        raise HTTPException(500)
""",
    "an earlier clause lets it through": """
@app.get("/")
def show() -> str:
    try:
        return work()
    except Gone:
        raise
    except Exception:
        raise HTTPException(500)
""",
    "an earlier clause answers it": """
@app.get("/")
def show() -> str:
    try:
        return http()
    except HTTPException as error:
        raise HTTPException(error.status_code)
    except Exception:
        raise HTTPException(500)
""",
    "raised again": """
@app.get("/")
def show() -> str:
    try:
        return work()
    except Exception:
        logger.exception("failed")
        raise
""",
    "raised again by its name": """
@app.get("/")
def show() -> str:
    try:
        return work()
    except Exception as error:
        raise error
""",
    "a narrow clause": """
@app.get("/")
def show() -> str:
    try:
        return work()
    except KeyError:
        raise HTTPException(500)
""",
    "the same status": """
@app.get("/")
def show() -> str:
    try:
        return http()
    except Exception:
        raise HTTPException(404)
""",
    "a server error is none the worse": """
@app.get("/")
def show() -> str:
    try:
        return broken()
    except Exception:
        raise HTTPException(500)
""",
    "tells the classes apart": """
@app.get("/")
def show() -> str:
    try:
        return work()
    except Exception as error:
        if isinstance(error, Gone):
            raise HTTPException(410)
        raise HTTPException(500)
""",
    "matches the classes": """
@app.get("/")
def show() -> str:
    try:
        return work()
    except Exception as error:
        match error:
            case Gone():
                raise HTTPException(410)
            case _:
                raise HTTPException(500)
""",
    "a helper tells them apart": """
def answer(error: Exception) -> HTTPException:
    return HTTPException(410 if isinstance(error, Gone) else 500)
@app.get("/")
def show() -> str:
    try:
        return work()
    except Exception as error:
        raise answer(error)
""",
    "handed to what is not known": """
@app.get("/")
def show(mapper: Any) -> str:
    try:
        return work()
    except Exception as error:
        raise mapper.answer(error)
""",
    "takes the status along": """
@app.get("/")
def show() -> str:
    try:
        return http()
    except Exception as error:
        raise HTTPException(getattr(error, "status_code", 500))
""",
    "goes on without": """
@app.get("/")
def show() -> str:
    try:
        work()
    except Exception:
        logger.exception("could not work")
    return "shown"
""",
    "collects what failed": """
@app.get("/")
def show() -> list[str]:
    failed = []
    for _ in range(3):
        try:
            work()
        except Exception as error:
            failed.append(str(error))
    return failed
""",
    "a builtin raised for the clause": """
@app.get("/")
def show(key: int) -> str:
    try:
        if key > 3:
            raise ValueError
        return "shown"
    except Exception:
        raise HTTPException(404)
""",
    "a builtin becomes an exception of the project": """
@app.get("/")
def show() -> str:
    try:
        return wrong()
    except Exception as error:
        raise Gone from error
""",
    "a WebSocket": """
@app.websocket("/")
async def talk(socket: WebSocket) -> None:
    try:
        work()
    except Exception:
        return
""",
    "a stream": """
@app.get("/")
async def stream() -> AsyncIterator[str]:
    try:
        yield work()
    except Exception:
        raise HTTPException(500)
""",
    "a middleware": """
@app.middleware("http")
async def around(request: Request, call_next: Any) -> Any:
    try:
        work()
        return await call_next(request)
    except Exception:
        raise HTTPException(500)
""",
    "a service": """
# app/services/orders.py
from fastapi import HTTPException
from app.services import work
class OrderService:
    def show(self) -> str:
        try:
            return work()
        except Exception:
            raise HTTPException(500)
""",
}


@pytest.mark.parametrize("body", CASES.values(), ids=CASES)
def test_where_findings_stand(body: str, tmp_path: Path) -> None:
    text = PRELUDE + body
    assert found(check(tmp_path, text, ONLY)) == expected(text)


WHOLE = """
# app/exceptions.py
class Gone(Exception):
    pass
# app/services/orders.py
from app.exceptions import Gone
class OrderService:
    def cancel(self, key: int) -> str:
        if key > 9:
            raise Gone
        return "cancelled"
# app/api/orders.py
from typing import Annotated
from fastapi import APIRouter, Depends, HTTPException
from app.services.orders import OrderService
router = APIRouter()
@router.post("/orders/{key}/cancel")
def cancel(key: int, service: Annotated[OrderService, Depends()]) -> str:
    try:
        if not key:
            raise HTTPException(409)
        return service.cancel(key)
    except Exception:
        raise HTTPException(500)
# app/main.py
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from app.api.orders import router
from app.exceptions import Gone
app = FastAPI()
app.include_router(router)
@app.exception_handler(Gone)
def on_gone(request: Request, error: Gone) -> JSONResponse:
    return JSONResponse({}, status_code=410)
"""


def test_the_whole_finding(tmp_path: Path) -> None:
    assert report(check(tmp_path, WHOLE, ONLY)) == [
        "warning app/api/orders.py:12:5 `except Exception` in POST /orders/{key}/cancel (cancel) hides `Gone`"
        " and `HTTPException(409)`",
        "  app/api/orders.py:11 [router] call: cancel -> OrderService.cancel",
        "  app/services/orders.py:6 [service] raise: raise Gone",
        "  router: route decorator",
        "  = app.api.orders.cancel app.exceptions.Gone",
    ]
