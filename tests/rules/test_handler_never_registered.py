"""LC506: an exception handler that no application knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from small_projects import check, expected, found, report

ONLY = {"select": ["LC506"]}

PRELUDE = """
# app/exceptions.py
class Gone(Exception):
    pass
"""

MAIN = """
# app/main.py
from fastapi import FastAPI
import app.errors
app = FastAPI()
"""

HEAD = """
# app/errors.py
from typing import Any
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from app.exceptions import Gone
"""

HANDLER = """
def on_gone(request: Request, error: Gone) -> JSONResponse:
    return JSONResponse({}, status_code=410)
"""

CASES: dict[str, str] = {
    "a registrar that nothing calls": HEAD + HANDLER + """
def register(app: FastAPI) -> None:  # expect: LC506
    app.add_exception_handler(Gone, on_gone)
""" + MAIN,
    "a registrar with nested handlers": HEAD + """
def register(app: FastAPI) -> None:  # expect: LC506
    @app.exception_handler(Gone)
    def on_gone(request: Request, error: Gone) -> JSONResponse:
        return JSONResponse({}, status_code=410)
""" + MAIN,
    "a registrar without annotations": HEAD + """
def register(app):  # expect: LC506
    @app.exception_handler(Gone)
    def on_gone(request, error):
        return JSONResponse({}, status_code=410)
""" + MAIN,
    "a registrar that is imported and exported only": HEAD + HANDLER + """
__all__ = ["register"]
def register(app: FastAPI) -> None:  # expect: LC506
    app.add_exception_handler(Gone, on_gone)
# app/core.py
from app.errors import register
""" + MAIN,
    "a registrar that only an unused function calls": HEAD + HANDLER + """
def register(app: FastAPI) -> None:  # expect: LC506
    app.add_exception_handler(Gone, on_gone)
def prepare(app: FastAPI) -> None:
    register(app)
""" + MAIN,
    "a registrar with a loop": HEAD + HANDLER + """
def register(app: FastAPI) -> None:  # expect: LC506
    for error in (Gone, ValueError):
        app.add_exception_handler(error, on_gone)
""" + MAIN,
    "a handler": HEAD + """
def on_gone(request: Request, error: Gone) -> JSONResponse:  # expect: LC506
    return JSONResponse({}, status_code=410)
""" + MAIN,
    "a handler without the type it returns": HEAD + """
async def on_any(request: Request, error: Exception):  # expect: LC506
    return JSONResponse({}, status_code=500)
""" + MAIN,
    "one of two handlers": HEAD + HANDLER + """
def on_error(request: Request, error: ValueError) -> Response:  # expect: LC506
    return Response(status_code=400)
# app/main.py
from fastapi import FastAPI
from app.errors import on_error, on_gone
from app.exceptions import Gone
app = FastAPI()
app.add_exception_handler(Gone, on_gone)
""",
    "a project of plain modules": """
# errors.py
from fastapi import FastAPI
def register(app: FastAPI) -> None:  # expect: LC506
    app.add_exception_handler(ValueError, print)
# main.py
from fastapi import FastAPI
app = FastAPI()
""",
    "a package that the module of the application imports": """
# api/errors.py
from fastapi import FastAPI
def register(app: FastAPI) -> None:  # expect: LC506
    app.add_exception_handler(ValueError, print)
# api/routes.py
from fastapi import APIRouter
router = APIRouter()
# main.py
from fastapi import FastAPI
from api.routes import router
app = FastAPI()
app.include_router(router)
""",
    "called where the application is made": HEAD + HANDLER + """
def register(app: FastAPI) -> None:
    app.add_exception_handler(Gone, on_gone)
# app/main.py
from fastapi import FastAPI
from app.errors import register
app = FastAPI()
register(app)
""",
    "called by a factory that nothing calls": HEAD + HANDLER + """
def register(app: FastAPI) -> None:
    app.add_exception_handler(Gone, on_gone)
# app/main.py
from fastapi import FastAPI
from app import errors
def create_app() -> FastAPI:
    app = FastAPI()
    errors.register(app)
    return app
""",
    "called by a lifespan": HEAD + HANDLER + """
def register(app: FastAPI) -> None:
    app.add_exception_handler(Gone, on_gone)
# app/main.py
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from fastapi import FastAPI
from app.errors import register
@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    register(app)
    yield
app = FastAPI(lifespan=lifespan)
""",
    "called through another function": HEAD + HANDLER + """
def register(app: FastAPI) -> None:
    app.add_exception_handler(Gone, on_gone)
def prepare(app: FastAPI) -> None:
    register(app)
# app/main.py
from fastapi import FastAPI
from app.errors import prepare
app = FastAPI()
prepare(app)
""",
    "a factory that registers": HEAD + HANDLER + """
def create_app() -> FastAPI:
    app = FastAPI()
    app.add_exception_handler(Gone, on_gone)
    return app
""",
    "kept in a list of steps": HEAD + HANDLER + """
def register(app: FastAPI) -> None:
    app.add_exception_handler(Gone, on_gone)
STEPS = [register]
""" + MAIN,
    "named in a text": HEAD + HANDLER + """
def register(app: FastAPI) -> None:
    app.add_exception_handler(Gone, on_gone)
STEPS = ["app.errors:register"]
""" + MAIN,
    "imported under another name": HEAD + HANDLER + """
def register(app: FastAPI) -> None:
    app.add_exception_handler(Gone, on_gone)
# app/main.py
from fastapi import FastAPI
from app.errors import register as add_handlers
app = FastAPI()
add_handlers(app)
""",
    "a module whose functions are looked through": HEAD + HANDLER + """
# app/main.py
import inspect
from fastapi import FastAPI
from app import errors
app = FastAPI()
for name, handler in inspect.getmembers(errors):
    app.add_exception_handler(Exception, handler)
""",
    "registered by the decorator": """
# app/main.py
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
app = FastAPI()
@app.exception_handler(ValueError)
def on_error(request: Request, error: ValueError) -> JSONResponse:
    return JSONResponse({}, status_code=400)
""",
    "handed to the application": HEAD + HANDLER + """
# app/main.py
from fastapi import FastAPI
from app import errors
from app.exceptions import Gone
app = FastAPI(exception_handlers={Gone: errors.on_gone})
""",
    "kept in a table": HEAD + HANDLER + """
# app/main.py
from fastapi import FastAPI
from app.errors import on_gone
from app.exceptions import Gone
HANDLERS = {Gone: on_gone}
app = FastAPI()
for error, handler in HANDLERS.items():
    app.add_exception_handler(error, handler)
""",
    "called by another handler": HEAD + HANDLER + """
def on_error(request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, Gone):
        return on_gone(request, error)
    return JSONResponse({}, status_code=500)
# app/main.py
from fastapi import FastAPI
from app.errors import on_error
app = FastAPI()
app.add_exception_handler(Exception, on_error)
""",
    "no exception": HEAD + """
def render(request: Request, value: int) -> JSONResponse:
    return JSONResponse({}, status_code=410)
""" + MAIN,
    "no request": HEAD + """
def render(value: Any, error: Gone) -> JSONResponse:
    return JSONResponse({}, status_code=410)
""" + MAIN,
    "no response": HEAD + """
def log(request: Request, error: Gone) -> None:
    print(request.url, error)
""" + MAIN,
    "more than an exception handler takes": HEAD + """
def render(request: Request, error: Gone, status: int) -> JSONResponse:
    return JSONResponse({}, status_code=status)
""" + MAIN,
    "a method": HEAD + """
class Middleware:
    def on_error(self, request: Request, error: Gone) -> JSONResponse:
        return JSONResponse({}, status_code=410)
    def register(self, app: FastAPI) -> None:
        app.add_exception_handler(Gone, self.on_error)
""" + MAIN,
    "decorated by something": HEAD + """
from somewhere import handles
@handles(Gone)
def on_gone(request: Request, error: Gone) -> JSONResponse:
    return JSONResponse({}, status_code=410)
""" + MAIN,
    "another framework": """
# app/errors.py
from sanic import Sanic
def register(app: Sanic) -> None:
    app.add_exception_handler(ValueError, print)
""" + MAIN,
    "a library": """
# library/errors.py
from fastapi import FastAPI
def register(app: FastAPI) -> None:
    app.add_exception_handler(ValueError, print)
""",
    "a library beside an application": """
# library/errors.py
from fastapi import FastAPI
def register(app: FastAPI) -> None:
    app.add_exception_handler(ValueError, print)
# app/main.py
from fastapi import FastAPI
app = FastAPI()
""",
    "a file that cannot be read": HEAD + HANDLER + """
def register(app: FastAPI) -> None:
    app.add_exception_handler(Gone, on_gone)
""" + MAIN + """
# app/broken.py
from app.errors import (
""",
}


@pytest.mark.parametrize("body", CASES.values(), ids=CASES)
def test_where_findings_stand(body: str, tmp_path: Path) -> None:
    text = PRELUDE + body
    assert found(check(tmp_path, text, ONLY)) == expected(text)


def test_the_whole_finding_of_a_registrar(tmp_path: Path) -> None:
    text = PRELUDE + CASES["a registrar with a loop"]
    assert report(check(tmp_path, text, ONLY)) == [
        "error app/errors.py:10:1 `register` registers exception handlers, but nothing calls it",
        "  app/errors.py:10 [app] unused: register is used nowhere",
        "  app: takes the application",
        "  = app.errors.register register",
    ]


def test_the_exceptions_are_named(tmp_path: Path) -> None:
    registrar = """
def register(app: FastAPI) -> None:
    app.add_exception_handler(Gone, on_gone)
    app.add_exception_handler(404, on_gone)
    app.add_exception_handler(exc_class_or_status_code=app.state.errors.Other, handler=on_gone)
"""
    outcome = check(tmp_path, PRELUDE + HEAD + HANDLER + registrar + MAIN, ONLY)
    assert [one.message for one in outcome.new] == [
        "`register` registers handlers for `Gone`, `404` and `Other`, but nothing calls it"
    ]


def test_the_whole_finding_of_a_handler(tmp_path: Path) -> None:
    text = PRELUDE + CASES["a handler"]
    assert report(check(tmp_path, text, ONLY)) == [
        "error app/errors.py:7:1 exception handler `on_gone` for `Gone` is registered nowhere",
        "  app/errors.py:7 [router] unused: on_gone is used nowhere",
        "  router: takes a request and an exception",
        "  = app.errors.on_gone on_gone",
    ]
