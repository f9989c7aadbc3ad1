"""Routes: methods, full paths and handlers, whatever way they are registered."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from apps import build, read, routes

from layercheck.project.fastapi import answered_routes

FIXTURES = Path(__file__).parents[2] / "fixtures" / "callgraph"
PROGRAMS = sorted(path.parent for path in FIXTURES.rglob("routes.json"))

FORMS = {
    "verbs of an application": (
        """
        from fastapi import FastAPI
        app = FastAPI()

        @app.get("/a")
        def read(): ...

        @app.post("/a")
        async def create(): ...

        @app.api_route("/b", methods=["PUT", "patch"])
        def change(): ...

        @app.websocket("/c")
        async def talk(socket): ...

        @app.delete(path="/d")
        def drop(): ...
        """,
        [
            "DELETE /d main.drop", "GET /a main.read", "PATCH /b main.change", "POST /a main.create",
            "PUT /b main.change", "WEBSOCKET /c main.talk",
        ],
    ),
    "prefixes add up": (
        """
        from fastapi import APIRouter, FastAPI
        app = FastAPI()
        inner = APIRouter(prefix="/inner")
        outer = APIRouter(prefix="/outer")

        @inner.get("/{key}")
        def read(key: int): ...

        outer.include_router(inner, prefix="/between")
        app.include_router(outer, prefix="/api")
        """,
        ["GET /api/outer/between/inner/{key} main.read"],
    ),
    "empty path": (
        """
        from fastapi import APIRouter, FastAPI
        app = FastAPI()
        router = APIRouter(prefix="/users")

        @router.get("")
        def read(): ...

        app.include_router(router)
        """,
        ["GET /users main.read"],
    ),
    "a router included twice": (
        """
        from fastapi import APIRouter, FastAPI
        app = FastAPI()
        router = APIRouter()

        @router.get("/x")
        def read(): ...

        app.include_router(router, prefix="/v1")
        app.include_router(router, prefix="/v2")
        """,
        ["GET /v1/x main.read", "GET /v2/x main.read"],
    ),
    "a router nobody includes": (
        """
        from fastapi import APIRouter, FastAPI
        app = FastAPI()
        used = APIRouter(prefix="/used")
        unused = APIRouter(prefix="/unused")

        @used.get("/x")
        @unused.get("/x")
        def read(): ...

        @unused.get("/y")
        def lost(): ...

        app.include_router(used)
        """,
        ["(GET /unused/x main.read)", "(GET /unused/y main.lost)", "GET /used/x main.read"],
    ),
    "stacked decorators": (
        """
        from fastapi import FastAPI
        app = FastAPI()

        @app.get("/a")
        @app.get("/b")
        def read(): ...
        """,
        ["GET /a main.read", "GET /b main.read"],
    ),
    "registered without a decorator": (
        """
        from fastapi import APIRouter, FastAPI
        from fastapi.routing import APIRoute
        from starlette.routing import Mount, Route, WebSocketRoute

        def read(): ...
        def create(): ...
        def talk(socket): ...
        def plain(request): ...

        router = APIRouter(routes=[APIRoute("/listed", create, methods=["POST"])])
        router.add_api_route("/added", read)
        router.add_api_route(path="/named", endpoint=create, methods=["PUT", "POST"])
        router.add_api_websocket_route("/talk", talk)
        app = FastAPI(routes=[Route("/plain", plain), WebSocketRoute("/socket", talk)])
        app.add_route("/old", plain, methods=["GET"])
        app.router.add_api_route("/direct", read)
        app.get("/called")(read)
        app.include_router(router)
        """,
        [
            "GET /added main.read", "GET /called main.read", "GET /direct main.read", "GET /old main.plain",
            "GET /plain main.plain", "POST /listed main.create", "POST /named main.create",
            "PUT /named main.create", "WEBSOCKET /socket main.talk", "WEBSOCKET /talk main.talk",
        ],
    ),
    "mounted applications": (
        """
        from fastapi import FastAPI
        from fastapi.staticfiles import StaticFiles
        app = FastAPI()
        admin = FastAPI()

        @admin.get("/users")
        def users(): ...

        @app.get("/health")
        def health(): ...

        app.mount("/admin", admin)
        app.mount("/static", StaticFiles(directory="static"))
        """,
        ["GET /admin/users main.users", "GET /health main.health"],
    ),
    "aliases of a method": (
        """
        from fastapi import APIRouter, FastAPI
        router = APIRouter()
        get = router.get

        @get("/a")
        def read(): ...

        app = FastAPI()
        app.include_router(router)
        """,
        ["GET /a main.read"],
    ),
    "a loop over routers": (
        """
        from fastapi import APIRouter, FastAPI
        users = APIRouter(prefix="/users")
        orders = APIRouter(prefix="/orders")

        @users.get("/")
        def list_users(): ...

        @orders.get("/")
        def list_orders(): ...

        app = FastAPI()
        for router in [users, orders]:
            app.include_router(router, prefix="/api")
        """,
        ["GET /api/orders/ main.list_orders", "GET /api/users/ main.list_users"],
    ),
    "a loop over pairs keeps rows together": (
        """
        from fastapi import APIRouter, FastAPI
        users = APIRouter()
        orders = APIRouter()

        @users.get("/")
        def list_users(): ...

        @orders.get("/")
        def list_orders(): ...

        app = FastAPI()
        for router, prefix in ((users, "/users"), (orders, "/orders")):
            app.include_router(router, prefix=prefix)
        """,
        ["GET /orders/ main.list_orders", "GET /users/ main.list_users"],
    ),
    "a loop over a dict keeps rows together": (
        """
        from fastapi import APIRouter, FastAPI
        users = APIRouter()
        orders = APIRouter()

        @users.get("/")
        def list_users(): ...

        @orders.get("/")
        def list_orders(): ...

        ROUTERS = {"/users": users, "/orders": orders}
        app = FastAPI()
        for prefix, router in ROUTERS.items():
            app.include_router(router, prefix=prefix)
        """,
        ["GET /orders/ main.list_orders", "GET /users/ main.list_users"],
    ),
    "a loop over dicts keeps rows together": (
        """
        from fastapi import APIRouter, FastAPI
        router = APIRouter()

        def read(): ...
        def write(): ...

        TABLE = [
            {"path": "/r", "endpoint": read, "methods": ["GET"]},
            {"path": "/w", "endpoint": write, "methods": ["POST"]},
        ]
        for row in TABLE:
            router.add_api_route(row["path"], row["endpoint"], methods=row["methods"])
        for row in TABLE:
            router.add_api_route("/again" + row["path"], row["endpoint"], methods=row["methods"])
        app = FastAPI()
        app.include_router(router)
        """,
        [
            "GET /again/r main.read", "GET /r main.read", "POST /again/w main.write", "POST /w main.write",
        ],
    ),
    "a loop that calls a helper": (
        """
        from fastapi import APIRouter, FastAPI
        users = APIRouter()
        orders = APIRouter()

        @users.get("/")
        def list_users(): ...

        @orders.get("/")
        def list_orders(): ...

        def include(app: FastAPI, router: APIRouter, prefix: str) -> None:
            app.include_router(router, prefix=prefix)

        app = FastAPI()
        for router, prefix in [(users, "/users"), (orders, "/orders")]:
            include(app, router, prefix)
        """,
        ["GET /orders/ main.list_orders", "GET /users/ main.list_users"],
    ),
    "an application factory": (
        """
        from fastapi import APIRouter, FastAPI
        router = APIRouter()

        @router.get("/x")
        def read(): ...

        def register(app: FastAPI) -> None:
            app.include_router(router, prefix="/api")

        def create_app() -> FastAPI:
            app = FastAPI()
            register(app)

            @app.get("/health")
            def health(): ...

            return app
        """,
        ["GET /api/x main.read", "GET /health main.create_app.health"],
    ),
    "router factories": (
        """
        from fastapi import APIRouter, FastAPI

        def make_router(name: str, tags: list[str] | None = None) -> APIRouter:
            router = APIRouter(prefix=f"/{name}", tags=tags)

            @router.get("/list")
            def handler(): ...

            return router

        app = FastAPI()
        app.include_router(make_router("users"))
        app.include_router(make_router("orders"), prefix="/v2")
        """,
        ["GET /users/list main.make_router.handler", "GET /v2/orders/list main.make_router.handler"],
    ),
    "one factory of bare routers": (
        """
        from fastapi import APIRouter, FastAPI

        def new_router() -> APIRouter:
            return APIRouter()

        users = new_router()
        orders = new_router()

        @users.get("/x")
        def list_users(): ...

        @orders.get("/x")
        def list_orders(): ...

        app = FastAPI()
        app.include_router(users, prefix="/users")
        app.include_router(orders, prefix="/orders")
        """,
        ["GET /orders/x main.list_orders", "GET /users/x main.list_users"],
    ),
    "router subclasses": (
        """
        from fastapi import APIRouter, Depends, FastAPI

        def check(): ...

        class SafeRouter(APIRouter):
            def __init__(self, prefix: str = "", **kwargs):
                super().__init__(prefix=prefix, dependencies=[Depends(check)], **kwargs)

        class PlainRouter(APIRouter):
            pass

        safe = SafeRouter(prefix="/safe")
        other = SafeRouter("/other", tags=["x"])
        plain = PlainRouter(prefix="/plain")

        @safe.get("/x")
        def one(): ...

        @other.get("/x")
        def two(): ...

        @plain.get("/x")
        def three(): ...

        app = FastAPI()
        for router in (safe, other, plain):
            app.include_router(router)
        """,
        ["GET /other/x main.two", "GET /plain/x main.three", "GET /safe/x main.one"],
    ),
    "application subclass": (
        """
        from fastapi import APIRouter, FastAPI
        router = APIRouter()

        @router.get("/x")
        def read(): ...

        class Service(FastAPI):
            def __init__(self) -> None:
                super().__init__(title="x")
                self.include_router(router, prefix="/api")
                self.get("/health")(self.health)

            def health(self): ...

        app = Service()
        """,
        ["GET /api/x main.read", "GET /health main.Service.health"],
    ),
    "a router in a class": (
        """
        from fastapi import APIRouter, FastAPI

        class Items:
            def __init__(self, prefix: str) -> None:
                self.router = APIRouter(prefix=prefix)
                self.router.add_api_route("/list", self.listing, methods=["GET"])
                self.router.post("/new")(self.create)

            def listing(self): ...
            def create(self): ...

        items = Items("/items")
        app = FastAPI()
        app.include_router(items.router)
        """,
        ["GET /items/list main.Items.listing", "POST /items/new main.Items.create"],
    ),
    "generic routes in a base class": (
        """
        from fastapi import APIRouter, FastAPI

        class Crud:
            prefix = ""

            def __init__(self) -> None:
                self.router = APIRouter(prefix=self.prefix)
                self.router.add_api_route("/", self.read_all)

            def read_all(self): ...

        class Users(Crud):
            prefix = "/users"

        class Orders(Crud):
            prefix = "/orders"

            def read_all(self): ...

        app = FastAPI()
        app.include_router(Users().router)
        app.include_router(Orders().router)
        """,
        ["GET /orders/ main.Orders.read_all", "GET /users/ main.Crud.read_all"],
    ),
    "class-based views": (
        """
        from fastapi import APIRouter, Depends, FastAPI
        from fastapi_utils.cbv import cbv
        router = APIRouter(prefix="/users")

        def get_db(): ...

        @cbv(router)
        class Users:
            db = Depends(get_db)

            @router.get("/")
            def read(self): ...

            @router.post("/")
            async def create(self): ...

        app = FastAPI()
        app.include_router(router)
        """,
        ["GET /users/ main.Users.read", "POST /users/ main.Users.create"],
    ),
    "decorators below the route": (
        """
        import functools
        from fastapi import FastAPI
        app = FastAPI()

        def logged(function):
            @functools.wraps(function)
            async def wrapper(*args, **kwargs):
                return await function(*args, **kwargs)
            return wrapper

        def only(role: str):
            def decorator(function):
                def inner(*args, **kwargs):
                    return function(*args, **kwargs)
                return inner
            return decorator

        @app.get("/a")
        @logged
        async def read(): ...

        @app.get("/b")
        @only("admin")
        def drop(): ...
        """,
        ["GET /a main.read", "GET /b main.drop"],
    ),
    "a project decorator with the types of FastAPI": (
        """
        import functools
        from typing import Any
        from fastapi import APIRouter, FastAPI, Request
        from fastapi.types import DecoratedCallable
        router = APIRouter(prefix="/r")

        def checked(scopes: list[str]):
            def decorator(function: DecoratedCallable) -> DecoratedCallable:
                @functools.wraps(function)
                async def wrapper(*args, **kwargs) -> Any:
                    return await function(*args, **kwargs)
                return wrapper
            return decorator

        def protected_route(verb: Any, path: str, scopes: list[str] | None = None, **kwargs):
            def decorator(function: DecoratedCallable) -> DecoratedCallable:
                return verb(path, **kwargs)(checked(scopes or [])(function))
            return decorator

        @protected_route(router.get, "/a", ["read"])
        async def one(request: Request): ...

        @protected_route(router.post, "/b", status_code=201)
        async def two(request: Request): ...

        app = FastAPI()
        app.include_router(router)
        """,
        ["GET /r/a main.one", "POST /r/b main.two"],
    ),
    "project decorators around the verb": (
        """
        from fastapi import APIRouter, Depends, FastAPI
        router = APIRouter(prefix="/r")

        def check(): ...

        def protected_route(verb, path: str, **kwargs):
            def decorator(function):
                return verb(path, dependencies=[Depends(check)], **kwargs)(function)
            return decorator

        def handler(path: str, methods: list[str]):
            def decorator(function):
                router.add_api_route(path, function, methods=methods)
                return function
            return decorator

        @protected_route(router.get, "/a")
        def one(): ...

        @protected_route(router.post, "/b", status_code=201)
        def two(): ...

        @handler(path="/c", methods=["GET", "PUT"])
        def three(): ...

        @handler("/d", ["DELETE"])
        def four(): ...

        app = FastAPI()
        app.include_router(router)
        """,
        [
            "DELETE /r/d main.four", "GET /r/a main.one", "GET /r/c main.three", "POST /r/b main.two",
            "PUT /r/c main.three",
        ],
    ),
    "prefixes from settings": (
        """
        import os
        from dataclasses import dataclass
        from fastapi import APIRouter, FastAPI
        from pydantic import Field
        from pydantic_settings import BaseSettings
        from functools import lru_cache

        class Settings(BaseSettings):
            API_V1: str = "/api/v1"
            version: str = Field(default="/v2", description="prefix")
            positional: str = Field("/v3")

            @property
            def deep(self) -> str:
                return f"{self.API_V1}/deep"

        @lru_cache
        def get_settings() -> Settings:
            return Settings()

        @dataclass
        class Paths:
            root: str = "/top"

        settings = get_settings()
        router = APIRouter()

        @router.get("/x")
        def read(): ...

        app = FastAPI()
        app.include_router(router, prefix=settings.API_V1)
        app.include_router(router, prefix=settings.version)
        app.include_router(router, prefix=settings.positional)
        app.include_router(router, prefix=settings.deep)
        app.include_router(router, prefix=Paths().root)
        app.include_router(router, prefix=os.getenv("PREFIX", "/env"))
        app.include_router(router, prefix=os.environ.get("PREFIX", "/environ"))
        app.include_router(router, prefix="/%s" % "percent")
        app.include_router(router, prefix="/{}".format("format"))
        """,
        [
            "GET /api/v1/deep/x main.read", "GET /api/v1/x main.read", "GET /env/x main.read",
            "GET /environ/x main.read", "GET /format/x main.read", "GET /percent/x main.read",
            "GET /top/x main.read", "GET /v2/x main.read", "GET /v3/x main.read",
        ],
    ),
    "a prefix that is not known": (
        """
        from fastapi import APIRouter, FastAPI
        from elsewhere import prefix
        router = APIRouter()

        @router.get("/x")
        def read(): ...

        app = FastAPI()
        app.include_router(router, prefix=prefix())
        """,
        ["GET {?}/x main.read"],
    ),
    "routers of libraries on top": (
        """
        from fastapi import FastAPI
        from fastapi_error_map import ErrorAwareRouter
        router = ErrorAwareRouter(prefix="/x")

        @router.get("/y", error_map={})
        def read(): ...

        app = FastAPI()
        app.include_router(router)
        """,
        ["GET /x/y main.read"],
    ),
    "things that look like routes": (
        """
        import httpx
        from aiogram import Router
        from fastapi import FastAPI
        from flask import Flask

        class Registry:
            def get(self, name):
                return lambda function: function

        registry = Registry()
        flask = Flask(__name__)
        bot = Router()
        client = httpx.Client()
        app = FastAPI()

        @registry.get("/a")
        def one(): ...

        @flask.route("/b")
        def two(): ...

        @bot.get("/c")
        def three(): ...

        @app.middleware("http")
        async def four(request, call_next): ...

        @app.on_event("startup")
        def five():
            client.get("/d")
            {}.get("/e")

        app.get("/f")
        """,
        [],
    ),
    "class endpoints": (
        """
        from fastapi import FastAPI
        from starlette.endpoints import HTTPEndpoint
        app = FastAPI()

        class Page(HTTPEndpoint):
            async def get(self, request): ...
            async def post(self, request): ...

        app.add_route("/page", Page)
        """,
        ["GET /page main.Page.get", "POST /page main.Page.post"],
    ),
    "routers of modules found at run time": (
        """
        import importlib
        import pkgutil
        from fastapi import APIRouter, FastAPI
        import api

        def create_app() -> FastAPI:
            app = FastAPI()
            for info in pkgutil.iter_modules(api.__path__):
                module = importlib.import_module(f"api.{info.name}")
                app.include_router(module.router, prefix="/api")
            return app

        router = APIRouter(prefix="/own")

        @router.get("/x")
        def read(): ...
        """,
        ["GET /api/own/x main.read"],
    ),
    "routers of a class of the program, found at run time": (
        """
        import glob
        import importlib
        from fastapi import APIRouter, FastAPI

        class OwnRouter(APIRouter):
            def __init__(self, *, prefix: str = "", number: int = 1) -> None:
                self.number = number
                super().__init__(prefix=prefix)

        class Register:
            def __init__(self, app: FastAPI) -> None:
                self.app = app

            def found(self) -> list[tuple[str, APIRouter]]:
                routers = []
                for path in glob.glob("*/controller/*.py"):
                    module = importlib.import_module(path[:-3].replace("/", "."))
                    for name, value in module.__dict__.items():
                        if isinstance(value, OwnRouter):
                            routers.append((name, value))
                return routers

            def register(self) -> None:
                for _name, router in self.found():
                    self.app.include_router(router=router)

        def create_app() -> FastAPI:
            app = FastAPI()
            Register(app).register()
            return app

        controller = OwnRouter(prefix="/own", number=2)

        @controller.get("/x")
        def read(): ...

        def make_router() -> OwnRouter:
            router = OwnRouter(prefix="/of-a-function")

            @router.get("/y")
            def unread(): ...

            return router
        """,
        ["(GET /of-a-function/y main.make_router.unread)", "GET /own/x main.read"],
    ),
    "registered at start-up": (
        """
        from contextlib import asynccontextmanager
        from fastapi import APIRouter, FastAPI
        late = APIRouter(prefix="/late")
        later = APIRouter(prefix="/later")

        @late.get("/x")
        def one(): ...

        @later.get("/x")
        def two(): ...

        @asynccontextmanager
        async def lifespan(app: FastAPI):
            app.include_router(late)
            yield

        app = FastAPI(lifespan=lifespan)

        @app.on_event("startup")
        async def start():
            app.include_router(later)
        """,
        ["GET /late/x main.one", "GET /later/x main.two"],
    ),
}


@pytest.mark.parametrize(("text", "expected"), FORMS.values(), ids=FORMS)
def test_routes_of_a_form(text: str, expected: list[str], tmp_path: Path) -> None:
    assert routes(build(tmp_path, {"main.py": text})) == expected


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_routes_of_the_construct_programs(program: Path) -> None:
    project = read(program)
    found = []
    for route in answered_routes(project):
        name = route.handler.qualname.removeprefix(f"{route.handler.module.name}.")
        handler = f"{route.handler.module.name}:{name}"
        found.append({"handler": handler, "method": route.method, "path": route.path})
    assert found == json.loads((program / "routes.json").read_text(encoding="utf-8"))
