"""LC505: exceptions that become responses in another place than the project has chosen."""

from __future__ import annotations

from pathlib import Path

import pytest

from small_projects import check, expected, found, report

HANDLERS = {"select": ["LC5"], "ignore": ["LC501", "LC502", "LC506", "LC507"], "error-mapping": "handlers"}
ROUTER = {**HANDLERS, "error-mapping": "router"}
EITHER = {"select": ["LC505"]}

PRELUDE = """
# app/exceptions.py
class DomainError(Exception):
    pass


class Gone(DomainError):
    pass


class Free(Exception):
    pass
# app/services.py
from app.exceptions import Free, Gone


def work() -> str:
    raise Gone


def free() -> str:
    raise Free
# app/main.py
from typing import Annotated, Any
from fastapi import Depends, FastAPI, HTTPException, Request, WebSocket
from fastapi.responses import JSONResponse
from app.exceptions import DomainError, Free, Gone
from app.services import free, work
app = FastAPI()


@app.exception_handler(DomainError)
def on_error(request: Request, error: DomainError) -> JSONResponse:
    return JSONResponse({}, status_code=410)


"""

IN_HANDLERS: dict[str, str] = {
    "caught and raised as an HTTP exception": """
@app.get("/")
def show() -> str:
    try:
        return work()
    except Gone:  # expect: LC505
        raise HTTPException(404)
""",
    "caught and answered": """
@app.get("/")
def show() -> Any:
    try:
        return work()
    except Gone as error:  # expect: LC505
        return JSONResponse({"error": str(error)}, status_code=404)
""",
    "a base is caught": """
@app.get("/")
def show() -> str:
    try:
        return work()
    except DomainError:  # expect: LC505
        raise HTTPException(404)
""",
    "an exception nobody has registered": """
@app.get("/")
def show() -> str:
    try:
        return free()
    except Free:  # expect: LC505
        raise HTTPException(404)
""",
    "an outcome of the business": """
@app.get("/")
def show(key: int) -> str:
    if key not in {1, 2}:
        raise HTTPException(404)  # expect: LC505
    return "shown"
""",
    "two outcomes of one function are one": """
@app.get("/")
def show(key: int) -> str:
    if key > 9:
        raise HTTPException(404)  # expect: LC505
    if key > 3:
        raise HTTPException(status_code=409)
    return "shown"
""",
    "an HTTP exception of the project": """
class Missing(HTTPException):
    def __init__(self) -> None:
        super().__init__(404)
@app.get("/")
def show(key: int) -> str:
    raise Missing  # expect: LC505
""",
    "a helper of the handler": """
def check(key: int) -> None:
    if key > 9:
        raise HTTPException(403)  # expect: LC505
@app.get("/")
def show(key: int) -> str:
    check(key)
    return "shown"
""",
    "left to the registered handler": """
@app.get("/")
def show() -> str:
    return work()
""",
    "caught to go on": """
@app.get("/")
def show() -> str:
    try:
        return work()
    except Gone:
        return "gone"
""",
    "caught and raised again": """
@app.get("/")
def show() -> str:
    try:
        return work()
    except Gone:
        print("gone")
        raise
""",
    "an exception of a library": """
@app.get("/")
def show(key: str) -> int:
    try:
        return int(key)
    except ValueError:
        raise HTTPException(400)
""",
    "a guard on the request": """
@app.get("/")
def show(key: int) -> str:
    if key > 9:
        raise HTTPException(422)
    return "shown"
""",
    "not modified": """
@app.get("/")
def show(key: int) -> str:
    if key > 9:
        raise HTTPException(304)
    return "shown"
""",
    "a server error": """
@app.get("/")
def show(key: int) -> str:
    if key > 9:
        raise HTTPException(503)
    return "shown"
""",
    "a status that is not written down": """
@app.get("/")
def show(key: int) -> str:
    raise HTTPException(key)
""",
    "a dependency": """
def current(key: int) -> int:
    if key > 9:
        raise HTTPException(401)
    try:
        work()
    except Gone:
        raise HTTPException(404)
    return key
@app.get("/")
def show(key: Annotated[int, Depends(current)]) -> str:
    return "shown"
""",
    "a middleware": """
@app.middleware("http")
async def mapped(request: Request, call_next: Any) -> Any:
    try:
        return await call_next(request)
    except Gone:
        return JSONResponse({}, status_code=404)
""",
    "a WebSocket": """
@app.websocket("/")
async def talk(socket: WebSocket) -> None:
    try:
        work()
    except Gone:
        raise HTTPException(404)
""",
}

IN_ROUTERS: dict[str, str] = {
    "left to a registered handler": """
@app.get("/")
def show() -> str:  # expect: LC505
    return work()
""",
    "raised in the handler": """
@app.get("/")
def show() -> str:  # expect: LC505
    raise Gone
""",
    "two routes of one handler are one": """
@app.get("/")
@app.get("/again")
def show() -> str:  # expect: LC505
    return work()
""",
    "caught in the handler": """
@app.get("/")
def show() -> str:
    try:
        return work()
    except Gone:
        raise HTTPException(404)
""",
    "raised in a dependency, where no handler could catch it": """
def current() -> str:
    return work()
@app.get("/")
def show(one: Annotated[str, Depends(current)]) -> str:
    return one
""",
    "mapped by nobody, which is told by LC501": """
@app.get("/")
def show() -> str:
    return free()
""",
    "an outcome of the business": """
@app.get("/")
def show(key: int) -> str:
    raise HTTPException(404)
""",
    "a builtin": """
app.add_exception_handler(ValueError, on_error)
@app.get("/")
def show(key: int) -> str:
    raise ValueError
""",
}

TWICE: dict[str, str] = {
    "caught although a handler is registered": """
@app.get("/")
def show() -> str:
    try:
        return work()
    except Gone:  # expect: LC505
        raise HTTPException(404)
""",
    "caught, and no handler is registered": """
@app.get("/")
def show() -> str:
    try:
        return free()
    except Free:
        raise HTTPException(404)
""",
    "left to the registered handler": """
@app.get("/")
def show() -> str:
    return work()
""",
    "an outcome of the business": """
@app.get("/")
def show(key: int) -> str:
    raise HTTPException(404)
""",
}


@pytest.mark.parametrize("body", IN_HANDLERS.values(), ids=IN_HANDLERS)
def test_mapping_by_registered_handlers(body: str, tmp_path: Path) -> None:
    text = PRELUDE + body
    assert found(check(tmp_path, text, {**HANDLERS, "extend-ignore": ["LC508"]})) == expected(text)


@pytest.mark.parametrize("body", IN_ROUTERS.values(), ids=IN_ROUTERS)
def test_mapping_in_the_router(body: str, tmp_path: Path) -> None:
    text = PRELUDE + body
    assert found(check(tmp_path, text, ROUTER)) == expected(text)


@pytest.mark.parametrize("body", TWICE.values(), ids=TWICE)
def test_without_a_style_only_what_is_mapped_twice(body: str, tmp_path: Path) -> None:
    text = PRELUDE + body
    assert found(check(tmp_path, text, EITHER)) == expected(text)


@pytest.mark.parametrize(
    ("settings", "codes"),
    [
        ({}, []),
        ({"error-mapping": "either"}, []),
        ({"error-mapping": "handlers"}, ["LC505"]),
        ({"error-mapping": "handlers", "ignore": ["LC505"]}, []),
        ({"error-mapping": "handlers", "severity": {"LC505": "off"}}, []),
        ({"preset": "strict", "error-mapping": "handlers"}, ["LC505"]),
    ],
    ids=["default", "either", "a style", "a style, ignored", "a style, off", "strict"],
)
def test_the_setting_turns_the_rule_on(
    settings: dict[str, object], codes: list[str], tmp_path: Path
) -> None:
    body = IN_HANDLERS["caught and raised as an HTTP exception"]
    assert [one.code for one in check(tmp_path, PRELUDE + body, settings).new] == codes


def test_the_whole_finding_of_a_clause(tmp_path: Path) -> None:
    text = PRELUDE + IN_HANDLERS["caught and raised as an HTTP exception"]
    assert report(check(tmp_path, text, HANDLERS)) == [
        "warning app/main.py:20:5 GET / (show) catches `Gone` to answer it, but error-mapping is handlers",
        "  app/main.py:20 [router] except: except Gone",
        "  router: route decorator",
        "  = app.main.show Gone",
    ]


def test_the_whole_finding_of_a_raise(tmp_path: Path) -> None:
    text = PRELUDE + IN_HANDLERS["two outcomes of one function are one"]
    assert report(check(tmp_path, text, HANDLERS)) == [
        "warning app/main.py:19:9 GET / (show) raises HTTPException(404), but error-mapping is handlers",
        "  app/main.py:19 [router] raise: raise HTTPException(404)",
        "  also app/main.py:21",
        "  router: route decorator",
        "  = app.main.show fastapi.HTTPException",
    ]


def test_the_whole_finding_of_what_is_left_to_a_handler(tmp_path: Path) -> None:
    text = PRELUDE + IN_ROUTERS["left to a registered handler"]
    assert report(check(tmp_path, text, ROUTER)) == [
        "warning app/main.py:17:1 GET / (show) leaves `Gone` to a registered handler, but error-mapping is"
        " router",
        "  app/main.py:18 [router] call: show -> work",
        "  app/services.py:6 [service] raise: raise Gone",
        "  router: route decorator",
        "  = app.main.show app.exceptions.Gone",
    ]
