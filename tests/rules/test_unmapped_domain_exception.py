"""LC501: domain exceptions that leave a handler and become a 500."""

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


class Bug(AssertionError):
    pass
# app/services.py
from app.exceptions import Gone


def work() -> str:
    raise Gone
"""

APP = """
# app/main.py
from contextlib import contextmanager
from typing import Annotated, Any
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, WebSocket
from fastapi.responses import JSONResponse
from app.exceptions import Bug, DomainError, Gone
from app.services import work
app = FastAPI()
router = APIRouter()


def on_error(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({}, status_code=410)


"""

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "a handler": ("""
@app.get("/")
def show() -> str:  # expect: LC501
    return work()
""", {}),
    "raised in the handler": ("""
@app.get("/")
def show() -> str:  # expect: LC501
    raise Gone
""", {}),
    "a router that no application includes": ("""
@router.get("/")
def show() -> str:  # expect: LC501
    return work()
""", {}),
    "a dependency of the signature": ("""
def provide() -> str:
    return work()
@app.get("/")
def show(one: Annotated[str, Depends(provide)]) -> str:  # expect: LC501
    return one
""", {}),
    "a dependency of a dependency, of the router": ("""
def inner() -> str:
    return work()
def outer(one: str = Depends(inner)) -> str:
    return one
guarded = APIRouter(dependencies=[Depends(outer)])
@guarded.get("/")
def show() -> str:  # expect: LC501
    return ""
app.include_router(guarded)
""", {}),
    "a dependency is not guarded by the handler": ("""
def provide() -> str:
    return work()
@app.get("/")
def show(one: Annotated[str, Depends(provide)]) -> str:  # expect: LC501
    try:
        return one
    except Gone:
        return ""
""", {}),
    "a handler called as a function runs none of its dependencies": ("""
def provide() -> str:
    return work()
@app.get("/one", responses={410: {}})
def one(name: Annotated[str, Depends(provide)]) -> str:  # expect: LC501
    return name
@app.get("/two")
def two() -> str:
    return one("me")
""", {}),
    "a wrapper does not guard dependencies": ("""
from functools import wraps
def guarded(function):
    @wraps(function)
    def inner(*args, **kwargs):
        try:
            return function(*args, **kwargs)
        except Gone:
            raise HTTPException(410)
    return inner
def provide() -> str:
    return work()
@app.get("/one")
@guarded
def one(name: Annotated[str, Depends(provide)]) -> str:  # expect: LC501
    return name
@app.get("/two")
@guarded
def two() -> str:
    return work()
""", {}),
    "a generator a response goes on with": ("""
from fastapi.responses import StreamingResponse
@app.get("/")
def show() -> StreamingResponse:
    def lines():
        yield work()
    return StreamingResponse(lines(), media_type="text/csv")
""", {}),
    "a generator a response goes on with, made earlier": ("""
from fastapi.responses import StreamingResponse
def lines():
    yield work()
@app.get("/")
def show() -> StreamingResponse:
    content = lines()
    return StreamingResponse(content)
""", {}),
    "a generator read before the response": ("""
from fastapi.responses import PlainTextResponse
def lines():
    yield work()
@app.get("/")
def show() -> PlainTextResponse:  # expect: LC501
    return PlainTextResponse("".join(lines()))
""", {}),
    "a class of routes that catches it": ("""
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
@app.get("/not")
def other() -> str:  # expect: LC501
    return work()
""", {}),
    "a class of routes that catches another": ("""
from fastapi.routing import APIRoute
class Other(DomainError): ...
class Catching(APIRoute):
    def get_route_handler(self):
        handler = super().get_route_handler()
        async def answer(request: Request) -> JSONResponse:
            try:
                return await handler(request)
            except Other:
                return JSONResponse({}, status_code=410)
        return answer
caught = APIRouter(route_class=Catching)
@caught.get("/caught")
def show() -> str:  # expect: LC501
    return work()
app.include_router(caught)
""", {}),
    "a clause for another class": ("""
class Other(DomainError): ...
@app.get("/")
def show() -> str:  # expect: LC501
    try:
        return work()
    except Other:
        return ""
""", {}),
    "a handler for another class": ("""
class Other(DomainError): ...
@app.get("/")
def show() -> str:  # expect: LC501
    return work()
app.add_exception_handler(Other, on_error)
""", {}),
    "a handler for everything does not map": ("""
@app.get("/")
def show() -> str:  # expect: LC501
    return work()
app.add_exception_handler(Exception, on_error)
""", {}),
    "two routes of one handler are one": ("""
@app.get("/")
@app.get("/again")
def show() -> str:  # expect: LC501
    return work()
""", {}),
    "one per exception": ("""
@app.get("/")
def show(key: int) -> str:  # expect: LC501, LC501
    if key:
        raise DomainError
    return work()
""", {}),
    "methods of a class-based view, bare and behind decorators": ("""
from functools import wraps
from fastapi_utils.cbv import cbv
def logged(function: Any) -> Any:
    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)
    return wrapper
def mapped(function: Any) -> Any:
    @wraps(function)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return function(self, *args, **kwargs)
        except DomainError as error:
            raise HTTPException(410) from error
    return wrapper
class Service:
    def work(self) -> str:
        return work()
@cbv(router)
class Views:
    @property
    def service(self) -> Service:
        return Service()
    @router.get("/bare")
    def bare(self) -> str:  # expect: LC501
        return self.service.work()
    @router.get("/logged")
    @logged
    def behind(self) -> str:  # expect: LC501
        return self.service.work()
    @router.get("/mapped")
    @mapped
    def caught(self) -> str:
        return self.service.work()
    @staticmethod
    @router.get("/static")
    def static(key: str) -> str:
        return key.upper()
app.include_router(router)
""", {}),
    "what the calls hand over passes the conditions": ("""
from pydantic import BaseModel
class Patch(BaseModel):
    name: str | None = None
    version: str | None = None
def check(patch: Patch, force: bool = False) -> None:
    if patch.version is not None and not force:
        work()
@app.get("/request")
def from_request(patch: Patch) -> None:  # expect: LC501
    check(patch)
@app.get("/given")
def given() -> None:  # expect: LC501
    check(Patch(version="1"))
@app.get("/set")
def set_later() -> None:  # expect: LC501
    patch = Patch(name="a")
    patch.version = "1"
    check(patch)
@app.get("/open")
def opened(values: dict[str, str]) -> None:  # expect: LC501
    check(Patch(**values))
""", {}),
    "what the calls hand over may pass the conditions": ("""
from pydantic import BaseModel, model_validator
class Patch(BaseModel):
    version: str | None = None
class Filled(Patch):
    @model_validator(mode="after")
    def fill(self) -> Any:
        self.version = "1"
        return self
def check(patch: Patch, force: bool = False) -> None:
    if patch.version is not None and not force:
        work()
@app.get("/filled")
def filled() -> None:  # expect: LC501
    check(Filled())
@app.get("/either")
def either(force: bool, other: Patch) -> None:  # expect: LC501
    patch = Patch()
    if force:
        patch = other
    check(patch)
@app.get("/unless")
def unless(patch: Patch) -> None:  # expect: LC501
    check(patch, force=False)
""", {}),
    "what a decorator is given": ("""
import functools
def cached(key: str, name: str | None = None) -> Any:
    def wrapper(function: Any) -> Any:
        @functools.wraps(function)
        async def inner(request: Request, *args: Any, **kwargs: Any) -> Any:
            if not name:
                work()
            return await function(request, *args, **kwargs)
        return inner
    return wrapper
@app.get("/named")
@cached("a", "id")
async def named(request: Request) -> str:
    return "a"
@app.get("/unnamed")
@cached("a")
async def unnamed(request: Request) -> str:  # expect: LC501
    return "a"
NAMES = {"name": "id"}
@app.get("/spread")
@cached("a", **NAMES)
async def spread(request: Request) -> str:  # expect: LC501
    return "a"
""", {}),
    "the method of the request": ("""
import functools
def reading(more: bool = False) -> Any:
    def wrapper(function: Any) -> Any:
        @functools.wraps(function)
        async def inner(request: Request, *args: Any, **kwargs: Any) -> Any:
            if request.method == "GET":
                if more:
                    work()
            return await function(request, *args, **kwargs)
        return inner
    return wrapper
def changes(request: Request) -> None:
    if request.method != "GET":
        work()
@app.delete("/more")
@reading(more=True)
async def drop_more(request: Request) -> str:
    return "a"
@app.get("/less")
@reading()
async def get_less(request: Request) -> str:
    return "a"
@app.get("/more")
@reading(more=True)
async def get_more(request: Request) -> str:  # expect: LC501
    return "a"
@app.api_route("/either", methods=["DELETE", "GET"])
@reading(more=True)
async def either(request: Request) -> str:  # expect: LC501
    return "a"
@app.get("/change")
def get_change(request: Request) -> None:
    changes(request)
@app.put("/change")
def put_change(request: Request) -> None:  # expect: LC501
    changes(request)
""", {}),
    "a wrapper that binds the name anew": ("""
import functools
def cached(name: str | None = None) -> Any:
    def wrapper(function: Any) -> Any:
        @functools.wraps(function)
        async def inner(name: str | None, request: Request) -> Any:
            if not name:
                work()
            return await function(request)
        return inner
    return wrapper
def renamed(name: str | None = None) -> Any:
    name = name or str(app)
    def wrapper(function: Any) -> Any:
        @functools.wraps(function)
        async def inner(request: Request) -> Any:
            if name:
                work()
            return await function(request)
        return inner
    return wrapper
@app.get("/cached")
@cached("id")
async def show(request: Request) -> str:  # expect: LC501
    return "a"
@app.get("/renamed")
@renamed()
async def other(request: Request) -> str:  # expect: LC501
    return "a"
""", {}),
    "what the calls hand over does not pass the conditions": ("""
from pydantic import BaseModel
class Patch(BaseModel):
    name: str | None = None
    version: str | None = None
class Versions:
    def patch(self, patch: Patch, force: bool = False) -> None:
        if patch.version is not None:
            self.check(patch, force)
    def check(self, patch: Patch, force: bool) -> None:
        if not force:
            work()
def check(force: bool = True, known: str | None = None) -> None:
    if force or known is None:
        return None
    else:
        work()
@app.get("/without")
def without() -> None:
    patch = Patch(name="a")
    Versions().patch(patch)
@app.get("/set")
def set_other() -> None:
    patch = Patch()
    patch.name = "a"
    Versions().patch(patch)
@app.get("/forced")
def forced(patch: Patch) -> None:
    Versions().patch(patch, force=True)
@app.get("/defaults")
def defaults() -> None:
    check()
@app.get("/unknown")
def unknown() -> None:
    check(force=False)
""", {}),
    "two handlers, and the class is grouped above one": ("""
@app.get("/")
def show() -> str:
    return work()
@app.get("/again")
def again() -> str:
    return work()
""", {"rules": {"LC501": {"group-above": 1}}}),
    "builtins with builtin": ("""
@app.get("/")
def show(key: int) -> str:  # expect: LC501, LC501
    if key:
        raise KeyError(key)
    raise ValueError
""", {"rules": {"LC501": {"builtin": True}}}),
    "the wrong builtins with builtin": ("""
@app.get("/")
def show(key: int) -> str:
    if key:
        raise TypeError
    raise RuntimeError
""", {"rules": {"LC501": {"builtin": True}}}),
    "builtins": ("""
@app.get("/")
def show() -> str:
    raise ValueError
""", {}),
    "programming errors": ("""
@app.get("/")
def show(key: int) -> str:
    if key:
        raise NotImplementedError
    raise Bug
""", {}),
    "caught in the handler": ("""
@app.get("/")
def show() -> str:
    try:
        return work()
    except Gone as error:
        raise HTTPException(410) from error
""", {}),
    "a base caught in the handler": ("""
@app.get("/")
def show() -> str:
    try:
        return work()
    except DomainError:
        return ""
""", {}),
    "caught by a wrapper": ("""
def mapped(function: Any) -> Any:
    def inner(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except DomainError as error:
            raise HTTPException(410) from error
    return inner
@app.get("/")
@mapped
def show() -> str:
    return work()
""", {}),
    "caught by a context manager": ("""
@contextmanager
def mapped() -> Any:
    try:
        yield
    except DomainError as error:
        raise HTTPException(410) from error
@app.get("/")
def show() -> str:
    with mapped():
        return work()
""", {}),
    "caught by a dependency with yield": ("""
def mapped() -> Any:
    try:
        yield 1
    except DomainError as error:
        raise HTTPException(410) from error
@app.get("/")
def show(one: int = Depends(mapped)) -> str:
    return work()
""", {}),
    "caught by a middleware": ("""
@app.middleware("http")
async def mapped(request: Request, call_next: Any) -> Any:
    try:
        return await call_next(request)
    except DomainError:
        return JSONResponse({}, status_code=410)
@app.get("/")
def show() -> str:
    return work()
""", {}),
    "caught by an ASGI middleware": ("""
class Mapping:
    def __init__(self, app: Any) -> None:
        self.app = app
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await self.app(scope, receive, send)
        except Gone:
            await JSONResponse({}, status_code=410)(scope, receive, send)
app.add_middleware(Mapping)
@app.get("/")
def show() -> str:
    return work()
""", {}),
    "a middleware for everything does not map": ("""
@app.middleware("http")
async def mapped(request: Request, call_next: Any) -> Any:
    try:
        return await call_next(request)
    except Exception:
        return JSONResponse({}, status_code=500)
@app.get("/")
def show() -> str:  # expect: LC501
    return work()
""", {}),
    "a middleware that raises it again": ("""
@app.middleware("http")
async def logged(request: Request, call_next: Any) -> Any:
    try:
        return await call_next(request)
    except DomainError:
        print("gone")
        raise
@app.get("/")
def show() -> str:  # expect: LC501
    return work()
""", {}),
    "an ASGI middleware that nobody registers": ("""
class Mapping:
    def __init__(self, app: Any) -> None:
        self.app = app
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await self.app(scope, receive, send)
        except Gone:
            await JSONResponse({}, status_code=410)(scope, receive, send)
@app.get("/")
def show() -> str:  # expect: LC501
    return work()
""", {}),
    "a middleware that nobody registers": ("""
from starlette.middleware.base import BaseHTTPMiddleware
class Mapping(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: Any) -> Any:
        try:
            return await call_next(request)
        except Gone:
            return JSONResponse({}, status_code=410)
@app.get("/")
def show() -> str:  # expect: LC501
    return work()
""", {}),
    "a middleware handed to the application": ("""
from starlette.middleware.base import BaseHTTPMiddleware
from fastapi.middleware import Middleware
class Mapping(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: Any) -> Any:
        try:
            return await call_next(request)
        except Gone:
            return JSONResponse({}, status_code=410)
app = FastAPI(middleware=[Middleware(Mapping)])
@app.get("/")
def show() -> str:
    return work()
""", {}),
    "a middleware of a list": ("""
from starlette.middleware.base import BaseHTTPMiddleware
class Mapping(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: Any) -> Any:
        try:
            return await call_next(request)
        except Gone:
            return JSONResponse({}, status_code=410)
ALL = [Mapping]
def setup(app: FastAPI) -> None:
    for one in ALL:
        app.add_middleware(one)
setup(app)
@app.get("/")
def show() -> str:
    return work()
""", {}),
    "a subclass of a middleware": ("""
from starlette.middleware.base import BaseHTTPMiddleware
class Mapping(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: Any) -> Any:
        try:
            return await call_next(request)
        except Gone:
            return JSONResponse({}, status_code=410)
class Sub(Mapping):
    pass
app.add_middleware(Sub)
@app.get("/")
def show() -> str:
    return work()
""", {}),
    "a middleware around the application": ("""
class Mapping:
    def __init__(self, app: Any) -> None:
        self.app = app
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await self.app(scope, receive, send)
        except Gone:
            await JSONResponse({}, status_code=410)(scope, receive, send)
asgi = Mapping(app)
@app.get("/")
def show() -> str:
    return work()
""", {}),
    "a function as middleware": ("""
from starlette.middleware.base import BaseHTTPMiddleware
async def mapped(request: Request, call_next: Any) -> Any:
    try:
        return await call_next(request)
    except Gone:
        return JSONResponse({}, status_code=410)
app.add_middleware(BaseHTTPMiddleware, dispatch=mapped)
@app.get("/")
def show() -> str:
    return work()
""", {}),
    "a function that nobody registers": ("""
async def mapped(request: Request, call_next: Any) -> Any:
    try:
        return await call_next(request)
    except Gone:
        return JSONResponse({}, status_code=410)
@app.get("/")
def show() -> str:  # expect: LC501
    return work()
""", {}),
    "a function that is registered by a call": ("""
async def mapped(request: Request, call_next: Any) -> Any:
    try:
        return await call_next(request)
    except Gone:
        return JSONResponse({}, status_code=410)
app.middleware("http")(mapped)
@app.get("/")
def show() -> str:
    return work()
""", {}),
    "an object as middleware": ("""
class M:
  async def __call__(self, request: Request, call_next: Any) -> Any:
    try:
        return await call_next(request)
    except Gone:
        return JSONResponse({}, status_code=410)
app.middleware("http")(M())
@app.get("/")
def show() -> str:
    return work()
""", {}),
    "a method as middleware": ("""
class M:
  async def run(self, request: Request, call_next: Any) -> Any:
    try:
        return await call_next(request)
    except Gone:
        return JSONResponse({}, status_code=410)
app.middleware("http")(M().run)
@app.get("/")
def show() -> str:
    return work()
""", {}),
    "the next step by another name": ("""
@app.middleware("http")
async def mapped(request: Request, proceed: Any) -> Any:
    try:
        return await proceed(request)
    except Gone:
        return JSONResponse({}, status_code=410)
@app.get("/")
def show() -> str:
    return work()
""", {}),
    "the next step of a class by another name": ("""
from starlette.middleware.base import BaseHTTPMiddleware
class Mapping(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, nxt: Any) -> Any:
        try:
            return await nxt(request)
        except Gone:
            return JSONResponse({}, status_code=410)
app.add_middleware(Mapping)
@app.get("/")
def show() -> str:
    return work()
""", {}),
    "a middleware whose helper goes on": ("""
from starlette.middleware.base import BaseHTTPMiddleware
class Mapping(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: Any) -> Any:
        try:
            return await self.go(request, call_next)
        except Gone:
            return JSONResponse({}, status_code=410)
    async def go(self, request: Request, call_next: Any) -> Any:
        return await call_next(request)
app.add_middleware(Mapping)
@app.get("/")
def show() -> str:
    return work()
""", {}),
    "a middleware whose helper catches": ("""
from starlette.middleware.base import BaseHTTPMiddleware
class Mapping(BaseHTTPMiddleware):
    async def dispatch(self, request: Request, call_next: Any) -> Any:
        return await self.go(request, call_next)
    async def go(self, request: Request, call_next: Any) -> Any:
        try:
            return await call_next(request)
        except Gone:
            return JSONResponse({}, status_code=410)
app.add_middleware(Mapping)
@app.get("/")
def show() -> str:
    return work()
""", {}),
    "a function that makes a middleware": ("""
def mapping(app: Any) -> Any:
    async def asgi(scope: Any, receive: Any, send: Any) -> None:
        try:
            await app(scope, receive, send)
        except Gone:
            await JSONResponse({}, status_code=410)(scope, receive, send)
    return asgi
app.add_middleware(mapping)
@app.get("/")
def show() -> str:
    return work()
""", {}),
    "a middleware for everything that knows the exception and hands on others": ("""
@app.middleware("http")
async def mapped(request: Request, call_next: Any) -> Any:
    try:
        return await call_next(request)
    except Exception as error:
        if isinstance(error, DomainError):
            return JSONResponse({}, status_code=410)
        raise
@app.get("/")
def show() -> str:
    return work()
""", {}),
    "a middleware for everything that knows the exception": ("""
@app.middleware("http")
async def mapped(request: Request, call_next: Any) -> Any:
    try:
        return await call_next(request)
    except Exception as error:
        if isinstance(error, DomainError):
            return JSONResponse({}, status_code=410)
        return JSONResponse({}, status_code=500)
@app.get("/")
def show() -> str:
    return work()
""", {}),
    "a middleware for everything that knows another exception": ("""
@app.middleware("http")
async def mapped(request: Request, call_next: Any) -> Any:
    try:
        return await call_next(request)
    except Exception as error:
        if isinstance(error, KeyError):
            return JSONResponse({}, status_code=410)
        raise
@app.get("/")
def show() -> str:  # expect: LC501
    return work()
""", {}),
    "a handler for everything that knows the exception": ("""
@app.exception_handler(Exception)
async def mapped(request: Request, error: Exception) -> Any:
    if isinstance(error, DomainError):
        return JSONResponse({}, status_code=410)
    return JSONResponse({}, status_code=500)
@app.get("/")
def show() -> str:
    return work()
""", {}),
    "a handler for everything with a table": ("""
CODES = {Gone: 410}
@app.exception_handler(Exception)
async def mapped(request: Request, error: Exception) -> Any:
    return JSONResponse({}, status_code=CODES.get(type(error), 500))
@app.get("/")
def show() -> str:
    return work()
""", {}),
    "a handler for everything that matches": ("""
@app.exception_handler(Exception)
async def mapped(request: Request, error: Exception) -> Any:
    match error:
        case DomainError():
            return JSONResponse({}, status_code=410)
        case _:
            return JSONResponse({}, status_code=500)
@app.get("/")
def show() -> str:
    return work()
""", {}),
    "a middleware for everything whose helper knows the exception": ("""
def convert(error: Exception) -> Any:
    if isinstance(error, DomainError):
        return JSONResponse({}, status_code=410)
    return JSONResponse({}, status_code=500)
@app.middleware("http")
async def mapped(request: Request, call_next: Any) -> Any:
    try:
        return await call_next(request)
    except Exception as error:
        return convert(error)
@app.get("/")
def show() -> str:
    return work()
""", {}),
    "a middleware that raises an HTTPException": ("""
@app.middleware("http")
async def mapped(request: Request, call_next: Any) -> Any:
    try:
        return await call_next(request)
    except Gone as e:
        raise HTTPException(410) from e
@app.get("/")
def show() -> str:  # expect: LC501
    return work()
""", {}),
    "a middleware whose context manager catches": ("""
@contextmanager
def mapping() -> Any:
    try:
        yield
    except DomainError as error:
        raise RuntimeError from error
@app.middleware("http")
async def mapped(request: Request, call_next: Any) -> Any:
    with mapping():
        return await call_next(request)
@app.get("/")
def show() -> str:
    return work()
""", {}),
    "a middleware that lets WebSockets pass": ("""
class Mapping:
    def __init__(self, app: Any) -> None:
        self.app = app
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            await self.app(scope, receive, send)
        except Gone:
            await JSONResponse({}, status_code=410)(scope, receive, send)
def create(flag: bool) -> FastAPI:
    api = FastAPI()
    if flag:
        api.add_middleware(Mapping)
    return api
create(True)
@app.get("/")
def show() -> str:
    return work()
""", {}),
    "a middleware that tells exceptions apart for the log alone": ("""
@app.middleware("http")
async def logged(request: Request, call_next: Any) -> Any:
    try:
        return await call_next(request)
    except Exception as error:
        if isinstance(error, DomainError):
            print("gone")
        raise
@app.get("/")
def show() -> str:  # expect: LC501
    return work()
""", {}),
    "a middleware that catches around something else": ("""
@app.middleware("http")
async def timed(request: Request, call_next: Any) -> Any:
    try:
        work()
    except DomainError:
        pass
    return await call_next(request)
@app.get("/")
def show() -> str:  # expect: LC501
    return work()
""", {}),
    "a handler for everything that knows another exception": ("""
@app.exception_handler(Exception)
async def mapped(request: Request, error: Exception) -> Any:
    if isinstance(error, KeyError):
        return JSONResponse({}, status_code=404)
    return JSONResponse({"error": str(error)}, status_code=500)
@app.get("/")
def show() -> str:  # expect: LC501
    return work()
""", {}),
    "a handler for everything that reads the status code": ("""
class Missing(DomainError):
    status_code = 404
class Broken(DomainError): ...
@app.exception_handler(Exception)
async def mapped(request: Request, error: Exception) -> Any:
    return JSONResponse({}, status_code=getattr(error, "status_code", 500))
@app.get("/")
def show() -> str:
    raise Missing
@app.get("/broken")
def broken() -> str:  # expect: LC501
    raise Broken
""", {}),
    "a route class that knows the exception": ("""
from fastapi.routing import APIRoute
class Mapped(APIRoute):
    def get_route_handler(self) -> Any:
        original = super().get_route_handler()
        async def handle(request: Request) -> Any:
            await request.body()
            try:
                return await original(request)
            except Exception as error:
                if isinstance(error, DomainError):
                    raise HTTPException(410) from error
                raise
        return handle
router = APIRouter(route_class=Mapped)
@router.get("/")
def show() -> str:
    return work()
app.include_router(router)
""", {}),
    "a registered handler": ("""
@app.get("/")
def show() -> str:
    return work()
app.add_exception_handler(Gone, on_error)
""", {}),
    "a registered handler for a base": ("""
@app.get("/")
def show() -> str:
    return work()
@app.exception_handler(DomainError)
def on_domain_error(request: Request, error: DomainError) -> JSONResponse:
    return JSONResponse({}, status_code=410)
""", {}),
    "a registered handler for what a library may derive it from": ("""
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6750 import InvalidTokenError
class ScopeMissing(InvalidTokenError): ...
app.add_exception_handler(OAuth2Error, on_error)
@app.get("/")
def show() -> str:
    raise ScopeMissing
""", {}),
    "a registered handler of another library": ("""
from authlib.oauth2.rfc6750 import InvalidTokenError
from jose import JOSEError
class ScopeMissing(InvalidTokenError): ...
app.add_exception_handler(JOSEError, on_error)
@app.get("/")
def show() -> str:  # expect: LC501
    raise ScopeMissing
""", {}),
    "a registered handler of a library whose exceptions are known": ("""
from sqlalchemy.exc import IntegrityError, NoResultFound
class Missing(NoResultFound): ...
app.add_exception_handler(IntegrityError, on_error)
@app.get("/")
def show() -> str:  # expect: LC501
    raise Missing
""", {}),
    "caught as what a library may derive it from": ("""
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6750 import InvalidTokenError
class ScopeMissing(InvalidTokenError): ...
def check() -> str:
    raise ScopeMissing
@app.get("/")
def show() -> str:
    try:
        return check()
    except OAuth2Error as error:
        raise HTTPException(403) from error
""", {}),
    "a constructor that raises something else": ("""
class UserMissing(Exception):
    def __init__(self, number: int) -> None:
        super().__init__(number)
        raise HTTPException(404)
@app.get("/")
def show() -> str:
    raise UserMissing(1)
""", {}),
    "a constructor that may raise something else": ("""
class UserMissing(Exception):
    def __init__(self, number: int) -> None:
        if number:
            return
        raise HTTPException(404)
@app.get("/")
def show() -> str:  # expect: LC501
    raise UserMissing(1)
""", {}),
    "handlers handed to the application": ("""
other = FastAPI(exception_handlers={DomainError: on_error})
@other.get("/")
def show() -> str:
    return work()
""", {}),
    "handlers registered in a loop": ("""
@app.get("/")
def show() -> str:
    return work()
for error in (DomainError, ValueError):
    app.add_exception_handler(error, on_error)
""", {}),
    "handlers registered by a function": ("""
def register(application: FastAPI) -> None:
    application.add_exception_handler(DomainError, on_error)
register(app)
@app.get("/")
def show() -> str:
    return work()
""", {}),
    "a table of the route": ("""
from errors_of_a_library import ErrorAwareRouter
aware = ErrorAwareRouter()
@aware.get("/", error_map={Gone: 410})
def show() -> str:
    return work()
app.include_router(aware)
""", {}),
    "a handler for everything that maps by the settings": ("""
@app.get("/")
def show() -> str:
    return work()
app.add_exception_handler(Exception, on_error)
""", {"rules": {"LC501": {"catch-all-maps": True}}}),
    "meant to be a 500": ("""
@app.get("/")
def show() -> str:
    return work()
""", {"rules": {"LC501": {"intended-500": ["app.exceptions.Gone"]}}}),
    "a base meant to be a 500, by its bare name": ("""
@app.get("/")
def show() -> str:
    return work()
""", {"rules": {"LC501": {"intended-500": ["DomainError"]}}}),
    "HTTP exceptions": ("""
class Missing(HTTPException):
    def __init__(self) -> None:
        super().__init__(404)
@app.get("/")
def show() -> str:
    raise Missing
""", {}),
    "run in the background": ("""
from fastapi import BackgroundTasks
@app.get("/")
def show(tasks: BackgroundTasks) -> str:
    tasks.add_task(work)
    return ""
""", {}),
    "a web socket": ("""
@app.websocket("/")
async def talk(socket: WebSocket) -> None:
    work()
""", {}),
    "no handler": ("""
def helper() -> str:
    return work()
""", {}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "settings"), CASES.values(), ids=CASES)
def test_places(text: str, settings: dict[str, Any], tmp_path: Path) -> None:
    whole = PRELUDE + APP + text
    wanted = expected(whole)
    if "group-above" in str(settings):
        wanted = ["app/exceptions.py:6 LC501"]
    assert found(check(tmp_path, whole, {"select": ["LC501"], **settings})) == wanted


LISTED = """
# app/errors/kinds.py
class Gone(Exception): ...
class A(Exception): ...
class B(Exception): ...
class C(Exception): ...
class D(Exception): ...
class E(Exception): ...
class F(Exception): ...
class G(Exception): ...
class H(Exception): ...
class I(Exception): ...
class J(Exception): ...
class K(Exception): ...
class L(Exception): ...
class M(Exception): ...
class N(Exception): ...
class _Hidden(Exception): ...
class Kept(Exception): ...
__all__ = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M"]
__all__ += ["N", "_Hidden", "Gone"]
# app/errors/__init__.py
from app.errors.kinds import *
# app/main.py
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from app import errors
app = FastAPI()
@app.get("/gone")
def gone() -> str:
    raise errors.Gone
@app.get("/n")
def n() -> str:  # expect: LC501
    raise errors.N
@app.exception_handler(errors.Gone)
def on_gone(request: Request, error: errors.Gone) -> JSONResponse:
    return JSONResponse({}, status_code=410)
"""


def test_names_that_a_long_list_hands_on(tmp_path: Path) -> None:
    assert found(check(tmp_path, LISTED, {"select": ["LC501"]})) == expected(LISTED)


LAZY = """
# app/git/service.py
class GitError(Exception): ...
class GitService:
    def load(self) -> str:
        raise GitError
# app/git/other.py
class Other:
    def load(self) -> str:
        return ""
# app/git/__init__.py
def __getattr__(name: str):
    if name == "GitService":
        from app.git.service import GitService
        return GitService
    if name == "Other":
        from .other import Other
        return Other
    raise AttributeError(name)
# app/main.py
from fastapi import FastAPI
from app.git import GitService, Other
app = FastAPI()
@app.get("/")
def show() -> str:  # expect: LC501
    return GitService().load()
@app.get("/other")
def other() -> str:
    return Other().load()
"""


def test_names_a_module_fetches_when_asked(tmp_path: Path) -> None:
    assert found(check(tmp_path, LAZY, {"select": ["LC501"]})) == expected(LAZY)


LAYERED = """
# app/exceptions.py
class Taken(Exception):
    pass
# app/services/users.py
from app.exceptions import Taken


class UserService:
    def register(self, name: str) -> str:
        return self._checked(name)

    def _checked(self, name: str) -> str:
        if not name:
            raise Taken(name)
        return name


def get_user_service() -> UserService:
    return UserService()
# app/api/users.py
from fastapi import APIRouter, Depends

from app.services.users import UserService, get_user_service

router = APIRouter(prefix="/users")


@router.post("/{name}")
def register(name: str, service: UserService = Depends(get_user_service)) -> str:
    return service.register(name)


@router.put("/{name}")
def rename(name: str, service: UserService = Depends(get_user_service)) -> str:
    return service.register(name)
"""


def test_what_it_says_of_a_handler(tmp_path: Path) -> None:
    first, *rest = report(check(tmp_path, LAYERED, {"select": ["LC501"]}))
    assert first == (
        "error app/api/users.py:10:1 POST /users/{name} (register) lets `Taken` out,"
        " and no exception handler maps it: the client gets a 500"
    )
    assert rest[:6] == [
        "  app/api/users.py:11 [router] call: register -> UserService.register",
        "  app/services/users.py:7 [service] call: UserService.register -> UserService._checked",
        "  app/services/users.py:11 [service] raise: raise Taken",
        "  router: route decorator",
        "  exception: derives from Exception",
        "  = app.api.users.register app.exceptions.Taken",
    ]


def test_what_it_says_of_a_class(tmp_path: Path) -> None:
    settings = {"select": ["LC501"], "rules": {"LC501": {"group-above": 1}}}
    assert report(check(tmp_path, LAYERED, settings)) == [
        "error app/exceptions.py:2:1 `Taken` leaves 2 handlers, and no exception handler maps it:"
        " the client gets a 500",
        "  app/api/users.py:11 [router] call: register -> UserService.register",
        "  app/services/users.py:7 [service] call: UserService.register -> UserService._checked",
        "  app/services/users.py:11 [service] raise: raise Taken",
        "  also app/api/users.py:10",
        "  also app/api/users.py:15",
        "  router: route decorator",
        "  exception: derives from Exception",
        "  = app.exceptions.Taken app.exceptions.Taken",
    ]


def test_without_any_domain_exception_there_is_nothing_to_judge(tmp_path: Path) -> None:
    outcome = check(tmp_path, "# app/main.py\nfrom fastapi import FastAPI\napp = FastAPI()\n")
    reasons = {rule.code: rule.reason for rule in outcome.summary.inactive_rules}
    assert reasons.get("LC501") == "no domain exception found"
