"""Dependencies: what ``Depends`` names, wherever it stands, and the calls the framework makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from apps import build

from layercheck.graphs.calls import CallGraph
from layercheck.project.model import Dependency, Project

HEAD = """
from typing import Annotated
from functools import partial
from fastapi import APIRouter, Depends, FastAPI, Security

app = FastAPI()

class Service:
    def __init__(self) -> None: ...
    def run(self): ...

def get_service() -> Service:
    return Service()

def check(): ...

"""

FORMS: dict[str, tuple[str, list[str]]] = {
    "default": ("def h(s: Service = Depends(get_service)): ...", ["s: main.get_service"]),
    "annotated": ("def h(s: Annotated[Service, Depends(get_service)]): ...", ["s: main.get_service"]),
    "alias": (
        "Alias = Annotated[Service, Depends(get_service)]\n@app.get('/x')\ndef h(s: Alias): ...",
        ["s: main.get_service"],
    ),
    "constant": (
        "Injected = Depends(get_service)\n@app.get('/x')\ndef h(s: Service = Injected): ...",
        ["s: main.get_service"],
    ),
    "class as its own provider": ("def h(s: Service = Depends()): ...", ["s: main.Service"]),
    "class named": ("def h(s: Annotated[Service, Depends(Service)]): ...", ["s: main.Service"]),
    "lambda": ("def h(s=Depends(lambda: get_service())): ...", ["s: main.<lambda1>"]),
    "callable object": (
        (
            "class Role:\n    def __init__(self, name): ...\n    def __call__(self): ...\n"
            "@app.get('/x')\ndef h(s=Depends(Role('admin'))): ..."
        ),
        ["s: main.Role.__call__"],
    ),
    "bound method": (
        (
            "class Auth:\n    def user(self): ...\nauth = Auth()\n"
            "@app.get('/x')\ndef h(u=Depends(auth.user)): ..."
        ),
        ["u: main.Auth.user"],
    ),
    "class method": (
        (
            "class Auth:\n    @classmethod\n    def user(cls): ...\n"
            "@app.get('/x')\ndef h(u=Depends(Auth.user)): ..."
        ),
        ["u: main.Auth.user"],
    ),
    "partial": ("def h(u=Depends(partial(check, 1))): ...", ["u: main.check"]),
    "factory": (
        (
            "def only(role):\n    def inner(): ...\n    return inner\n"
            "@app.get('/x')\ndef h(u=Depends(only('a'))): ..."
        ),
        ["u: main.only.inner"],
    ),
    "own function around Depends": (
        "def inject(f):\n    return Depends(f)\n@app.get('/x')\ndef h(u=inject(check)): ...",
        ["u: main.check"],
    ),
    "own function that says what it returns": (
        (
            "from fastapi import params\n"
            "def injected(provider) -> params.Depends:\n    return Depends(provider)\n"
            "@app.get('/x')\ndef h(s: Annotated[Service, injected(get_service)], t=injected(check)): ..."
        ),
        ["s: main.get_service", "t: main.check"],
    ),
    "own function that only says what it returns": (
        (
            "from fastapi import params\nfrom elsewhere import made\n"
            "def injected() -> params.Depends:\n    return made(get_service)\n"
            "@app.get('/x')\ndef h(s: Annotated[Service, injected()]): ..."
        ),
        [],
    ),
    "security with scopes": ("def h(u=Security(check, scopes=['me'])): ...", ["u: main.check"]),
    "scope": ("def h(u=Depends(check, scope='function')): ...", ["u: main.check (function)"]),
    "from outside": (
        (
            "from fastapi.security import OAuth2PasswordBearer\nscheme = OAuth2PasswordBearer('/token')\n"
            "@app.get('/x')\ndef h(u=Depends(scheme)): ..."
        ),
        ["u: fastapi.security.OAuth2PasswordBearer (outside)"],
    ),
    "dishka": (
        (
            "from dishka.integrations.fastapi import FromDishka, inject\n"
            "@app.get('/x')\n@inject\ndef h(s: FromDishka[Service]): ..."
        ),
        ["s: main.Service (outside)"],
    ),
    "dependency-injector": (
        (
            "from dependency_injector import containers, providers\n"
            "from dependency_injector.wiring import Provide, inject\n"
            "class Container(containers.DeclarativeContainer):\n    service = providers.Factory(Service)\n"
            "@app.get('/x')\n@inject\ndef h(s: Service = Depends(Provide[Container.service])): ..."
        ),
        ["s: main.Service (outside)"],
    ),
    "plain default is none": ("def h(s: Service = None, n: int = 3): ...", []),
}


def described(dependency: Dependency) -> str:
    text = f"{dependency.param}: {dependency.name}"
    if dependency.provider is None:
        text += " (outside)"
    return text + (f" ({dependency.scope})" if dependency.scope else "")


def of(project: Project, name: str) -> list[str]:
    function = next(f for f in project.program.functions if f.qualname == name)
    return [described(dependency) for dependency in project.dependencies.get(function, ())]


@pytest.mark.parametrize(("text", "expected"), FORMS.values(), ids=FORMS)
def test_dependencies_of_a_signature(text: str, expected: list[str], tmp_path: Path) -> None:
    handler = text if "@app.get" in text else f"@app.get('/x')\n{text}"
    project = build(tmp_path, {"main.py": HEAD + handler})
    assert of(project, "main.h") == expected
    assert [described(d) for route in project.routes for d in route.dependencies] == expected


def test_levels_of_dependencies_come_outermost_first(tmp_path: Path) -> None:
    project = build(
        tmp_path,
        {
            "main.py": """
        from fastapi import APIRouter, Depends, FastAPI
        def a(): ...
        def b(): ...
        def c(): ...
        def d(): ...
        def e(): ...
        def f(x=Depends(e)): ...

        app = FastAPI(dependencies=[Depends(a)])
        router = APIRouter(dependencies=[Depends(c)])

        @router.get("/x", dependencies=[Depends(d)])
        def handler(value=Depends(f)): ...

        app.include_router(router, dependencies=[Depends(b)])
    """
        },
    )
    (route,) = project.routes
    assert [described(found) for found in route.dependencies] == [
        ": main.a", ": main.b", ": main.c", ": main.d", "value: main.f",
    ]  # fmt: skip
    assert of(project, "main.handler") == ["value: main.f"]
    assert of(project, "main.f") == ["x: main.e"]
    assert {provider.qualname for provider in project.providers} == {f"main.{name}" for name in "abcdef"}
    assert CallGraph(project.inference).as_names()["main.handler"] == {
        f"main.{name}": {"depends"} for name in "abcdf"
    }


def test_class_attributes_belong_to_every_handler_of_the_view(tmp_path: Path) -> None:
    project = build(
        tmp_path,
        {
            "main.py": """
        from typing import Annotated
        from fastapi import APIRouter, Depends, FastAPI
        from fastapi_utils.cbv import cbv
        router = APIRouter()

        class Service:
            def run(self): ...

        def get_db(): ...
        def get_service() -> Service: ...
        def get_user(): ...

        class Base:
            db = Depends(get_db)

        @cbv(router)
        class View(Base):
            service: Annotated[Service, Depends(get_service)]
            limit: int = 3

            def __init__(self, user=Depends(get_user)) -> None: ...

            @router.get("/x")
            def read(self):
                self.service.run()

            @router.post("/x")
            def create(self):
                return self.helper()

            def helper(self): ...

        app = FastAPI()
        app.include_router(router)
    """
        },
    )
    expected = ["service: main.get_service", "db: main.get_db", "user: main.get_user"]
    assert of(project, "main.View.read") == expected
    assert of(project, "main.View.create") == expected
    assert of(project, "main.View.helper") == []
    names = CallGraph(project.inference).as_names()
    provided = {"main.get_db": {"depends"}, "main.get_service": {"depends"}, "main.get_user": {"depends"}}
    assert names["main.View.read"] == {**provided, "main.Service.run": {"call"}}
    assert names["main.View.create"] == {**provided, "main.View.helper": {"call"}}
    assert names["main.View.helper"] == {}


def test_constructors_of_injected_classes_have_dependencies(tmp_path: Path) -> None:
    project = build(
        tmp_path,
        {
            "main.py": """
        from fastapi import Depends, FastAPI
        app = FastAPI()

        def get_session(): ...

        class Repository:
            def __init__(self, session=Depends(get_session)) -> None: ...

        class Service:
            def __init__(self, repository: Repository = Depends()) -> None: ...

        @app.get("/x")
        def handler(service: Service = Depends()): ...
    """
        },
    )
    assert of(project, "main.handler") == ["service: main.Service"]
    assert of(project, "main.Service.__init__") == ["repository: main.Repository"]
    assert of(project, "main.Repository.__init__") == ["session: main.get_session"]
    assert {p.qualname: len(users) for p, users in project.providers.items()} == {
        "main.Repository": 1, "main.Service": 1, "main.get_session": 1,
    }  # fmt: skip
    (dependency,) = project.routes[0].dependencies
    assert dependency.frame is not None
    assert dependency.frame.qualname == "main.Service.__init__"
    assert str(project.place(dependency.module, dependency.at)) == "main.py:14:13"
