"""LC502: error mappings for exceptions that nothing raises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from small_projects import check, expected, found, report

PRELUDE = """
# app/exceptions.py
class DomainError(Exception):
    pass


class Gone(DomainError):
    pass


class Unused(DomainError):
    pass


class Family(Exception):
    pass


class Member(Family):
    pass
# app/services.py
from app.exceptions import Gone


def work() -> str:
    raise Gone


def rest() -> str:
    return "rested"
"""

APP = """
# app/main.py
from collections.abc import Iterator
from typing import Any
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from app.exceptions import DomainError, Family, Gone, Member, Unused
from app.services import rest, work
app = FastAPI()


@app.get("/work")
def use() -> str:
    return work()


def on_error(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({}, status_code=410)


"""

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "raised nowhere": ("""
@app.get("/")
def show() -> str:
    try:
        return work()
    except Unused:  # expect: LC502
        raise HTTPException(410)
""", {}),
    "raised elsewhere": ("""
@app.get("/")
def show() -> str:
    try:
        return rest()
    except Gone:  # expect: LC502
        raise HTTPException(410)
""", {}),
    "one of two in a clause": ("""
@app.get("/")
def show() -> str:
    try:
        return work()
    except (Gone, Unused):  # expect: LC502
        raise HTTPException(410)
""", {}),
    "both of two in a clause": ("""
@app.get("/")
def show() -> str:
    try:
        return rest()
    except (Gone, Unused):  # expect: LC502, LC502
        raise HTTPException(410)
""", {}),
    "a base and its subclass are raised nowhere": ("""
@app.get("/")
def show() -> str:
    try:
        return work()
    except Family:  # expect: LC502
        raise HTTPException(410)
""", {}),
    "a dependency": ("""
def provide() -> str:
    try:
        return rest()
    except Gone:  # expect: LC502
        raise HTTPException(410)
@app.get("/")
def show(one: str = Depends(provide)) -> str:
    return one
""", {}),
    "around a yield, and raised nowhere": ("""
def provide() -> Iterator[int]:
    try:
        yield 1
    except Unused:  # expect: LC502
        raise HTTPException(410)
@app.get("/")
def show(one: int = Depends(provide)) -> int:
    return one
""", {}),
    "nowhere, although a call is not known": ("""
@app.get("/")
def show(service: Any) -> str:
    try:
        return service.work()
    except Unused:  # expect: LC502
        raise HTTPException(410)
""", {}),
    "a registration": ("""
app.add_exception_handler(Unused, on_error)  # expect: LC502
""", {}),
    "a registration by the decorator": ("""
@app.exception_handler(Unused)  # expect: LC502
def on_unused(request: Request, error: Unused) -> JSONResponse:
    return JSONResponse({}, status_code=410)
""", {}),
    "a registration for what only a task raises": ("""
app.add_exception_handler(Member, on_error)  # expect: LC502
# app/tasks/clean.py
from celery import shared_task
from app.exceptions import Member
@shared_task
def clean() -> None:
    raise Member
""", {}),
    "raised": ("""
@app.get("/")
def show() -> str:
    try:
        return work()
    except Gone:
        raise HTTPException(410)
""", {}),
    "raised in the try itself": ("""
@app.get("/")
def show(key: int) -> str:
    try:
        if key:
            raise Unused
        return rest()
    except Unused:
        raise HTTPException(410)
""", {}),
    "a base with a raised subclass": ("""
@app.get("/")
def show() -> str:
    try:
        return rest()
    except DomainError:
        raise HTTPException(410)
""", {}),
    "an earlier clause catches it": ("""
@app.get("/")
def show() -> str:
    try:
        return work()
    except DomainError:
        return ""
    except Gone:
        raise HTTPException(410)
""", {}),
    "raised again": ("""
@app.get("/")
def show() -> str:
    try:
        return rest()
    except Gone:
        raise
    except Exception:
        raise HTTPException(500)
""", {}),
    "around a yield": ("""
def provide() -> Iterator[int]:
    try:
        yield 1
    except Gone:
        raise HTTPException(410)
@app.get("/")
def show(one: int = Depends(provide)) -> str:
    return work()
""", {}),
    "a middleware": ("""
@app.middleware("http")
async def mapped(request: Request, call_next: Any) -> Any:
    try:
        return await call_next(request)
    except Gone:
        return JSONResponse({}, status_code=410)
""", {}),
    "a class of routes": ("""
from fastapi import APIRouter
from fastapi.routing import APIRoute
class Catching(APIRoute):
    def get_route_handler(self):
        handler = super().get_route_handler()
        async def answer(request: Request) -> JSONResponse:
            try:
                return await handler(request)
            except Gone:
                return JSONResponse({}, status_code=410)
        return answer
caught = APIRouter(route_class=Catching)
@caught.get("/caught")
def show() -> str:
    return work()
app.include_router(caught)
""", {}),
    "another class for type checkers": ("""
from typing import TYPE_CHECKING
try:
    from elsewhere import RemoteError
    if TYPE_CHECKING:
        class RemoteError(RemoteError):
            code: int
except ImportError:
    pass
@app.get("/")
def show() -> str:
    try:
        return rest()
    except RemoteError:
        raise HTTPException(502)
""", {}),
    "a decorator": ("""
def mapped(function: Any) -> Any:
    def inner(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Gone as error:
            raise HTTPException(410) from error
    return inner
@app.get("/")
@mapped
def show() -> str:
    return rest()
""", {}),
    "awaited in the try, called before": ("""
async def later() -> str:
    raise Gone
@app.get("/")
async def show() -> str:
    waiting = later()
    try:
        return await waiting
    except Gone:
        raise HTTPException(410)
""", {}),
    "made there, to be raised by others": ("""
def fail(future: Any) -> None:
    future.set_exception(Gone())
@app.get("/")
def show(future: Any) -> str:
    try:
        fail(future)
        return future.result()
    except Gone:
        raise HTTPException(410)
""", {}),
    "kept in a table of what may be raised": ("""
ERRORS = {"unused": Unused}
@app.get("/")
def show(key: str) -> str:
    try:
        raise ERRORS[key]
    except Unused:
        raise HTTPException(410)
""", {}),
    "handed to a library that raises it": ("""
from retrying_library import retrying
@app.get("/")
def show() -> str:
    try:
        return retrying(rest, failure=Unused)
    except Unused:
        raise HTTPException(410)
""", {}),
    "handed to a library elsewhere": ("""
from retrying_library import Client
client = Client(failure=Unused)
@app.get("/")
def show() -> str:
    try:
        return client.rest()
    except Unused:
        raise HTTPException(410)
""", {}),
    "an exception of a library": ("""
from library import Refused
@app.get("/")
def show() -> str:
    try:
        return rest()
    except (KeyError, Refused):
        raise HTTPException(410)
""", {}),
    "a registration for what is raised": ("""
app.add_exception_handler(Gone, on_error)
""", {}),
    "a registration for a base of what is raised": ("""
app.add_exception_handler(DomainError, on_error)
""", {}),
    "a service": ("""
# app/services/orders.py
from app.exceptions import Unused
class OrderService:
    def show(self) -> str:
        try:
            return "shown"
        except Unused:
            return ""
""", {}),
    "a library": ("""
@app.get("/")
def show() -> str:
    try:
        return work()
    except Unused:
        raise HTTPException(410)
""", {"rules": {"LC502": {"is-library": True}}}),
}  # fmt: skip


@pytest.mark.parametrize(("body", "settings"), CASES.values(), ids=CASES)
def test_where_findings_stand(body: str, settings: dict[str, Any], tmp_path: Path) -> None:
    text = PRELUDE + APP + body
    assert found(check(tmp_path, text, {"select": ["LC502"], **settings})) == expected(text)


UNSURE: dict[str, str] = {
    "a call nothing is known of": """
@app.get("/")
def show(service: Any) -> str:
    try:
        return service.work()
    except Gone:
        raise HTTPException(410)
""",
    "a call deeper down": """
def through(service: Any) -> str:
    return service.work()
@app.get("/")
def show(service: Any) -> str:
    try:
        return through(service)
    except Gone:
        raise HTTPException(410)
""",
    "looked up by a name": """
import importlib
def load() -> None:
    importlib.import_module("somewhere").start()
@app.get("/")
def show() -> None:
    try:
        load()
    except Gone:
        raise HTTPException(410)
""",
}


@pytest.mark.parametrize("body", UNSURE.values(), ids=UNSURE)
def test_what_is_not_sure_is_not_told(body: str, tmp_path: Path) -> None:
    outcome = check(tmp_path, PRELUDE + APP + body, {"select": ["LC502"]})
    assert list(outcome.new) == []
    unused = body.replace("Gone", "Unused")
    outcome = check(tmp_path / "unused", PRELUDE + APP + unused, {"select": ["LC502"]})
    assert [(one.severity, one.target) for one in outcome.new] == [("warning", "app.exceptions.Unused")]


def test_the_whole_finding_of_a_clause(tmp_path: Path) -> None:
    text = PRELUDE + APP + CASES["raised elsewhere"][0]
    assert report(check(tmp_path, text, {"select": ["LC502"]})) == [
        "warning app/main.py:25:5 GET / (show) catches `Gone`, but nothing in its `try` raises it",
        "  app/main.py:25 [router] except: show catches Gone",
        "  router: route decorator",
        "  = app.main.show app.exceptions.Gone",
    ]


def test_the_whole_finding_of_a_registration(tmp_path: Path) -> None:
    text = PRELUDE + APP + CASES["a registration"][0]
    assert report(check(tmp_path, text, {"select": ["LC502"]})) == [
        "warning app/main.py:21:1 `on_error` is registered for `Unused`, but nothing a request reaches raises"
        " it",
        "  app/main.py:21 [app] register: handler for Unused",
        "  app: makes the application",
        "  = app.main.on_error app.exceptions.Unused",
    ]
