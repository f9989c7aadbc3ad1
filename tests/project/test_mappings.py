"""Error mappings: which exceptions an application turns into responses, and by which function."""

from __future__ import annotations

from pathlib import Path

import pytest
from apps import build

from layercheck.program.entities import Class

HEAD = """
from fastapi import FastAPI, HTTPException, Request, status
from fastapi.exceptions import RequestValidationError

class NotFound(Exception): ...
class Conflict(Exception): ...

async def on_missing(request, exc): ...
async def on_conflict(request, exc): ...

"""

FORMS = {
    "decorator": (
        """
app = FastAPI()
@app.exception_handler(NotFound)
async def handle(request, exc): ...
""",
        ["main.NotFound -> main.handle"],
    ),
    "decorator called": (
        "app = FastAPI()\napp.exception_handler(Conflict)(on_conflict)\n",
        ["main.Conflict -> main.on_conflict"],
    ),
    "method": (
        (
            "app = FastAPI()\napp.add_exception_handler(NotFound, on_missing)\n"
            "app.add_exception_handler(exc_class_or_status_code=Conflict, handler=on_conflict)\n"
        ),
        ["main.NotFound -> main.on_missing", "main.Conflict -> main.on_conflict"],
    ),
    "outside classes and status codes": (
        (
            "app = FastAPI()\napp.add_exception_handler(RequestValidationError, on_missing)\n"
            "app.add_exception_handler(404, on_missing)\n"
            "app.add_exception_handler(status.HTTP_409_CONFLICT, on_conflict)\n"
            "app.add_exception_handler(Exception, on_missing)\n"
        ),
        [
            "fastapi.exceptions.RequestValidationError -> main.on_missing",
            "404 -> main.on_missing",
            "409 -> main.on_conflict",
            "builtins.Exception -> main.on_missing",
        ],
    ),
    "argument of the application": (
        "app = FastAPI(exception_handlers={NotFound: on_missing, Conflict: on_conflict, 500: on_missing})\n",
        [
            "main.NotFound -> main.on_missing",
            "main.Conflict -> main.on_conflict",
            "500 -> main.on_missing",
        ],
    ),
    "a dict handed over": (
        (
            "HANDLERS = {NotFound: on_missing, Conflict: on_conflict}\n"
            "app = FastAPI(exception_handlers=HANDLERS)\n"
        ),
        ["main.NotFound -> main.on_missing", "main.Conflict -> main.on_conflict"],
    ),
    "a loop over a dict": (
        (
            "HANDLERS = {NotFound: on_missing, Conflict: on_conflict}\napp = FastAPI()\n"
            "for error, handler in HANDLERS.items():\n    app.add_exception_handler(error, handler)\n"
        ),
        ["main.NotFound -> main.on_missing", "main.Conflict -> main.on_conflict"],
    ),
    "a loop over classes": (
        (
            "app = FastAPI()\n"
            "for error in (NotFound, Conflict):\n    app.add_exception_handler(error, on_missing)\n"
        ),
        ["main.NotFound -> main.on_missing", "main.Conflict -> main.on_missing"],
    ),
    "a function called by the factory": (
        """
def register(app: FastAPI) -> None:
    app.add_exception_handler(NotFound, on_missing)

    @app.exception_handler(Conflict)
    def inner(request, exc): ...

def create_app() -> FastAPI:
    app = FastAPI()
    register(app)
    return app
""",
        ["main.NotFound -> main.on_missing", "main.Conflict -> main.register.inner"],
    ),
    "handlers made by a factory": (
        """
def make(code: int):
    async def handle(request, exc): ...
    return handle

app = FastAPI()
app.add_exception_handler(NotFound, make(404))
""",
        ["main.NotFound -> main.make.handle"],
    ),
    "a method of an object": (
        """
class Handlers:
    def missing(self, request, exc): ...

app = FastAPI()
app.add_exception_handler(NotFound, Handlers().missing)
""",
        ["main.NotFound -> main.Handlers.missing"],
    ),
    "Starlette's middleware for exceptions": (
        (
            "from starlette.middleware.exceptions import ExceptionMiddleware\n"
            "HANDLERS = {}\n"
            "HANDLERS[NotFound] = on_missing\nHANDLERS[Conflict] = on_conflict\n"
            "app = FastAPI()\napp.add_middleware(ExceptionMiddleware, handlers=HANDLERS)\n"
        ),
        ["main.NotFound -> main.on_missing", "main.Conflict -> main.on_conflict"],
    ),
    "the same middleware in the list of the application": (
        (
            "from starlette.middleware import Middleware\n"
            "from starlette.middleware.exceptions import ExceptionMiddleware\n"
            "app = FastAPI(middleware=[Middleware(ExceptionMiddleware, handlers={Conflict: on_conflict})])\n"
        ),
        ["main.Conflict -> main.on_conflict"],
    ),
    "another middleware that is handed functions": (
        (
            "from starlette.middleware import Middleware\nfrom tracing import Tracing\n"
            "app = FastAPI(middleware=[Middleware(Tracing, handlers={Conflict: on_conflict})])\n"
            "app.add_middleware(Tracing, handlers={NotFound: on_missing})\n"
        ),
        [],
    ),
    "something else that has such a method": (
        """
class Bus:
    def add_exception_handler(self, error, handler): ...
    def exception_handler(self, error):
        return lambda function: function

bus = Bus()
bus.add_exception_handler(NotFound, on_missing)

@bus.exception_handler(Conflict)
def handle(request, exc): ...
""",
        [],
    ),
}


@pytest.mark.parametrize(("text", "expected"), FORMS.values(), ids=FORMS)
def test_mappings_of_a_form(text: str, expected: list[str], tmp_path: Path) -> None:
    project = build(tmp_path, {"main.py": HEAD + text})
    found = []
    for mapping in project.mappings:
        error = (
            mapping.exception.qualname if isinstance(mapping.exception, Class) else str(mapping.exception)
        )
        found.append(f"{error} -> {mapping.handler.qualname if mapping.handler is not None else None}")
    assert found == expected
