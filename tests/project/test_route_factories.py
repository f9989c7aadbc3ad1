"""Routes of applications put together by code: factories, classes, tables, settings."""

from __future__ import annotations

from pathlib import Path

import pytest
from apps import build, routes

FORMS = {
    "names of the framework": (
        """
        import fastapi
        from fastapi import routing, APIRouter as Router
        app = fastapi.FastAPI()
        a = fastapi.APIRouter(prefix="/a")
        b: Router = routing.APIRouter(prefix="/b")
        c: Router = Router(prefix="/c")
        @a.get("/x")
        def one(): ...
        @b.get("/x")
        def two(): ...
        @c.get("/x")
        def three(): ...
        for r in (a,b,c): app.include_router(r)
        """,
        [
            "GET /a/x main.one",
            "GET /b/x main.two",
            "GET /c/x main.three",
        ],
    ),
    "routers as class attributes": (
        """
        from fastapi import APIRouter, FastAPI
        class Routers:
            users = APIRouter(prefix="/users")
        @Routers.users.get("/x")
        def one(): ...
        app = FastAPI()
        app.include_router(Routers.users)
        """,
        [
            "GET /users/x main.one",
        ],
    ),
    "abstract router property": (
        """
        from abc import ABC, abstractmethod
        from fastapi import APIRouter, FastAPI
        class Module(ABC):
            @property
            @abstractmethod
            def router(self) -> APIRouter: ...
        class Users(Module):
            def __init__(self):
                self._router = APIRouter(prefix="/users")
                self._router.add_api_route("/x", self.one)
            @property
            def router(self) -> APIRouter:
                return self._router
            def one(self): ...
        class Orders(Module):
            @property
            def router(self) -> APIRouter:
                r = APIRouter(prefix="/orders")
                r.get("/y")(self.two)
                return r
            def two(self): ...
        modules: list[Module] = [Users(), Orders()]
        app = FastAPI()
        for m in modules:
            app.include_router(m.router)
        """,
        [
            "GET /orders/y main.Orders.two",
            "GET /users/x main.Users.one",
        ],
    ),
    "an application in an object": (
        """
        from fastapi import FastAPI
        class Server:
            def __init__(self):
                self.app = FastAPI()
                self._setup()
            def _setup(self):
                @self.app.get("/x")
                async def x(): ...
                @self.app.websocket("/ws")
                async def ws(s): ...
        server = Server()
        app = server.app
        """,
        [
            "GET /x main.Server._setup.x",
            "WEBSOCKET /ws main.Server._setup.ws",
        ],
    ),
    "a comprehension": (
        """
        from fastapi import APIRouter, FastAPI
        a=APIRouter(prefix="/a"); b=APIRouter(prefix="/b")
        @a.get("/")
        def one(): ...
        @b.get("/")
        def two(): ...
        app=FastAPI()
        [app.include_router(r, prefix="/api") for r in (a,b)]
        """,
        [
            "GET /api/a/ main.one",
            "GET /api/b/ main.two",
        ],
    ),
    "routers as arguments": (
        """
        from fastapi import APIRouter, FastAPI
        a=APIRouter(prefix="/a"); b=APIRouter(prefix="/b")
        @a.get("/")
        def one(): ...
        @b.get("/")
        def two(): ...
        def include(app, *routers, prefix=""):
            for r in routers: app.include_router(r, prefix=prefix)
        def include2(app: FastAPI, routers: list[APIRouter], prefix: str):
            for r in routers: app.include_router(r, prefix=prefix)
        app=FastAPI()
        include(app, a, b, prefix="/api")
        include2(app, [a, b], "/v2")
        """,
        [
            "GET /api/a/ main.one",
            "GET /api/b/ main.two",
            "GET /v2/a/ main.one",
            "GET /v2/b/ main.two",
        ],
    ),
    "a table of objects": (
        """
        from dataclasses import dataclass
        from typing import NamedTuple, Callable
        from fastapi import APIRouter, FastAPI
        class Row(NamedTuple):
            path: str
            endpoint: Callable
            methods: list[str]
        def one(): ...
        def two(): ...
        TABLE=[Row("/a", one, ["GET"]), Row("/b", two, ["POST"])]
        app=FastAPI()
        for row in TABLE:
            app.add_api_route(row.path, row.endpoint, methods=row.methods)
        """,
        [
            "GET /a main.one",
            "POST /b main.two",
        ],
    ),
    "overridden registration": (
        """
        from fastapi import APIRouter, FastAPI
        class R(APIRouter):
            def add_api_route(self, path, endpoint, **kw):
                super().add_api_route(path, endpoint, **kw)
                super().add_api_route(path + "/", endpoint, include_in_schema=False, **kw)
        class S(APIRouter):
            def api_route(self, path, *, include_in_schema=True, **kw):
                return super().api_route(path.rstrip("/"), include_in_schema=include_in_schema, **kw)
            def get(self, path, **kw):
                return super().get(path, **kw)
        r=R(prefix="/r"); s=S(prefix="/s")
        @r.post("/x")
        def one(): ...
        @s.get("/y")
        def two(): ...
        r.add_api_route("/z", two)
        @s.api_route("/w/", methods=["GET"])
        def three(): ...
        app=FastAPI()
        app.include_router(r); app.include_router(s)
        """,
        [
            "GET /r/z main.two",
            "GET /r/z/ main.two",
            "GET /s/w main.three",
            "GET /s/y main.two",
            "POST /r/x main.one",
        ],
    ),
    "partials": (
        """
        from functools import partial
        from fastapi import APIRouter, FastAPI
        app=FastAPI()
        r=APIRouter()
        route = partial(r.api_route, methods=["POST"])
        @route("/x")
        def one(): ...
        def two(a): ...
        r.add_api_route("/p", partial(two, 1))
        app.include_router(r, prefix="/v" + str(1))
        """,
        [
            "GET /v1/p main.two",
            "POST /v1/x main.one",
        ],
    ),
    "constants of classes": (
        """
        from enum import Enum, StrEnum
        from fastapi import APIRouter, FastAPI
        class P(str, Enum):
            A = "/a"
        class Q(StrEnum):
            B = "/b"
        class K:
            ROOT = "/k"
            SUB = ROOT + "/sub"
        app=FastAPI()
        r=APIRouter()
        @r.get(K.SUB)
        def one(): ...
        app.include_router(r, prefix=P.A.value)
        app.include_router(r, prefix=Q.B)
        app.include_router(r, prefix=f"{P.A.value}{Q.B}")
        """,
        [
            "GET /a/b/k/sub main.one",
            "GET /a/k/sub main.one",
            "GET /b/k/sub main.one",
        ],
    ),
    "a factory of routes for a model": (
        """
        from typing import Generic, TypeVar
        from fastapi import APIRouter, FastAPI, Depends
        T=TypeVar("T")
        class User: ...
        class Order: ...
        def crud_router(model: type[T], prefix: str, get_db=None) -> APIRouter:
            router = APIRouter(prefix=prefix, tags=[model.__name__])
            @router.get("/")
            def list_all(db=Depends(get_db)): ...
            @router.get("/{id}")
            def get_one(id: int): ...
            return router
        app=FastAPI()
        app.include_router(crud_router(User, "/users"))
        app.include_router(crud_router(Order, prefix="/orders"))
        """,
        [
            "GET /orders/ main.crud_router.list_all",
            "GET /orders/{id} main.crud_router.get_one",
            "GET /users/ main.crud_router.list_all",
            "GET /users/{id} main.crud_router.get_one",
        ],
    ),
    "nested settings": (
        """
        from pydantic import BaseModel
        from pydantic_settings import BaseSettings
        from fastapi import APIRouter, FastAPI
        class ApiV1(BaseModel):
            prefix: str = "/v1"
            users: str = "/users"
        class ApiPrefix(BaseModel):
            prefix: str = "/api"
            v1: ApiV1 = ApiV1()
        class Settings(BaseSettings):
            api: ApiPrefix = ApiPrefix()
        settings = Settings()
        r=APIRouter(prefix=settings.api.v1.users)
        @r.get("")
        def one(): ...
        v1=APIRouter(prefix=settings.api.v1.prefix)
        v1.include_router(r)
        api=APIRouter(prefix=settings.api.prefix)
        api.include_router(v1)
        app=FastAPI()
        app.include_router(api)
        """,
        [
            "GET /api/v1/users main.one",
        ],
    ),
    "a branch that never runs": (
        """
        from fastapi import APIRouter, FastAPI
        r=APIRouter()
        @r.get("/x", response_model=None)
        def one(): ...
        def create(debug: bool = False):
            app=FastAPI()
            try:
                app.include_router(r)
            except Exception:
                raise
            if debug:
                @app.get("/debug")
                def debug_view(): ...
            return app
        app = create()
        """,
        [
            "GET /x main.one",
        ],
    ),
    "routers in a dict": (
        """
        from fastapi import APIRouter, FastAPI
        R = {"users": APIRouter(prefix="/users"), "orders": APIRouter(prefix="/orders")}
        @R["users"].get("/")
        def one(): ...
        @R["orders"].get("/")
        def two(): ...
        app=FastAPI()
        for r in R.values(): app.include_router(r)
        """,
        [
            "GET /orders/ main.two",
            "GET /users/ main.one",
        ],
    ),
    "the list of routes": (
        """
        from fastapi import APIRouter, FastAPI
        from fastapi.routing import APIRoute
        a=APIRouter(); b=APIRouter()
        @a.get("/x")
        def one(): ...
        @b.get("/y")
        def two(): ...
        def three(): ...
        a.prefix = "/late"
        app=FastAPI()
        app.include_router(a)
        app.router.routes.append(APIRoute("/z", three))
        app.routes.extend(b.routes)
        """,
        [
            "GET /x main.one",
            "GET /y main.two",
            "GET /z main.three",
        ],
    ),
    "keywords from a dict": (
        """
        from fastapi import APIRouter, FastAPI
        OPTS = {"prefix": "/opt", "tags": ["a"]}
        r=APIRouter(**OPTS)
        @r.get("/x")
        def one(): ...
        app=FastAPI()
        app.include_router(r, **{"prefix": "/inc"})
        """,
        [
            "GET /inc/opt/x main.one",
        ],
    ),
    "environment with defaults": (
        """
        import os
        from fastapi import APIRouter, FastAPI
        class Config:
            PREFIX = os.environ.get("P", "/p")
            VERSION = os.getenv("V") or "/v"
            MODE = os.environ["MODE"] if "MODE" in os.environ else "/m"
        r=APIRouter()
        @r.get("/x")
        def one(): ...
        app=FastAPI()
        app.include_router(r, prefix=Config.PREFIX)
        app.include_router(r, prefix=Config.VERSION)
        app.include_router(r, prefix=Config().MODE)
        """,
        [
            "GET /m/x main.one",
            "GET /p/x main.one",
            "GET /v/x main.one",
        ],
    ),
    "a class that builds the application": (
        """
        from fastapi import APIRouter, FastAPI
        a=APIRouter(prefix="/a")
        @a.get("/")
        def one(): ...
        def get_routers() -> list[APIRouter]:
            return [a]
        class AppFactory:
            @classmethod
            def build(cls) -> FastAPI:
                app = FastAPI()
                cls._routes(app)
                return app
            @staticmethod
            def _routes(app: FastAPI) -> None:
                for r in get_routers():
                    app.include_router(r, prefix="/api")
        app = AppFactory.build()
        """,
        [
            "GET /api/a/ main.one",
        ],
    ),
    "a registry filled by a decorator": (
        """
        from fastapi import APIRouter, FastAPI
        REGISTRY = []
        def controller(prefix):
            def wrap(cls):
                router = APIRouter(prefix=prefix)
                REGISTRY.append(router)
                inst = cls()
                for path, method, name in cls.routes:
                    router.add_api_route(path, getattr(inst, name), methods=[method])
                return cls
            return wrap
        @controller("/users")
        class Users:
            routes = [("/a", "GET", "one"), ("/b", "POST", "two")]
            def one(self): ...
            def two(self): ...
        app=FastAPI()
        for r in REGISTRY: app.include_router(r)
        """,
        [
            "GET /users/a main.Users.one",
            "POST /users/b main.Users.two",
        ],
    ),
}


@pytest.mark.parametrize(("text", "expected"), FORMS.values(), ids=FORMS)
def test_routes_of_a_form(text: str, expected: list[str], tmp_path: Path) -> None:
    assert routes(build(tmp_path, {"main.py": text})) == expected
