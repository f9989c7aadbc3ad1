"""The layers of what speaks HTTP, of what queries beside entities, and of what only looks like either."""

from __future__ import annotations

from pathlib import Path

import pytest
from build_inline import MODELS, layered, said

MAIN = """
    from fastapi import FastAPI
    from app.things import *

    app = FastAPI()
"""

CASES: dict[str, tuple[str, str, str, str]] = {
    "a handler of requests beside the exceptions": ("app/errors.py", """
        from starlette.requests import Request

        class Gone(Exception): ...

        def render(request: Request, error: Gone) -> str:
            return str(error)
    """, "app.errors.render", "router (strong: takes a request and an exception)"),
    "a class that handles requests beside the exceptions": ("app/errors.py", """
        from starlette.requests import Request

        class Gone(Exception): ...

        class Handling:
            def on_gone(self, request: Request, error: Gone) -> str:
                return str(error)
    """, "app.errors.Handling", "router (medium: handles requests, beside the exceptions)"),
    "a function beside the exceptions": ("app/errors.py", """
        from app.other import more

        class Gone(Exception): ...

        def told(error: Gone) -> str:
            return str(error)
    """, "app.errors.told", "exception (strong: file name errors.py)"),
    "a handler of exceptions that others call": ("app/core/exception_handlers.py", """
        from fastapi import Request

        def render(request: Request, error: Exception) -> str:
            return str(error)
    """, "app.core.exception_handlers.render", "router (strong: takes a request and an exception)"),
    "what takes a request and no exception": ("app/services/audit.py", """
        from fastapi import Request

        def note(request: Request, what: str) -> str:
            return what
    """, "app.services.audit.note", "service (medium: directory services/)"),
    "what is told the exception and more": ("app/services/audit.py", """
        from fastapi import Request

        def note(request: Request, error: Exception, what: str) -> str:
            return what
    """, "app.services.audit.note", "service (medium: directory services/)"),
    "a data class among commands": ("app/use_cases/commands.py", """
        from dataclasses import dataclass

        @dataclass(frozen=True)
        class SignUp:
            name: str

            def __post_init__(self) -> None:
                if not self.name:
                    raise ValueError(self.name)
    """, "app.use_cases.commands.SignUp", "schema (strong: a data class among commands)"),
    "a data class that carries a command out": ("app/use_cases/commands.py", """
        from dataclasses import dataclass
        from sqlalchemy.orm import Session

        @dataclass
        class SignUp:
            session: Session

            def execute(self, name: str) -> None:
                print(name)
    """, "app.use_cases.commands.SignUp", "service (strong: file name commands.py)"),
    "a Pydantic class that asks a server": ("app/platform/files.py", """
        import httpx
        from pydantic import BaseModel

        class File(BaseModel):
            name: str

            @classmethod
            def load(cls, name: str) -> "File":
                return cls(**httpx.get(f"https://files/{name}").json())
    """, "app.platform.files.File", (
        "infrastructure (certain: derives from BaseModel, talks to something outside)"
    )),
    "a Pydantic class whose validator asks a server": ("app/platform/files.py", """
        import httpx
        from pydantic import BaseModel, field_validator

        class File(BaseModel):
            name: str

            @field_validator("name")
            def known(cls, name: str) -> str:
                return httpx.get(f"https://files/{name}").text
    """, "app.platform.files.File", "schema (certain: derives from BaseModel)"),
    "a function beside schemas alone": ("app/models/pydantic_models.py", """
        from enum import Enum
        from pydantic import BaseModel

        class Build(str, Enum):
            OLD = "old"

        def checked(name: str) -> str:
            return name

        class Gene(BaseModel):
            name: str
    """, "app.models.pydantic_models.checked", (
        "schema (strong: file name pydantic_models.py, beside data classes alone)"
    )),
    "a function beside an entity": ("app/models/genes.py", """
        from pydantic import BaseModel
        from app.models.base import Base

        def checked(name: str) -> str:
            return name

        class Gene(Base):
            __tablename__ = "genes"
    """, "app.models.genes.checked", "entity (medium: directory models/)"),
    "a model that a server runs": ("app/helpers/models/routing.py", """
        import openai

        class ModelRouter:
            def pick(self, name: str) -> object:
                return openai.OpenAI().models.retrieve(name)
    """, "app.helpers.models.routing.ModelRouter", "util (medium: directory helpers/)"),
    "a model of its own beside what talks": ("app/helpers/models/routing.py", """
        import openai
        from dataclasses import dataclass

        @dataclass
        class Model:
            name: str

        class ModelRouter:
            def pick(self, name: str) -> object:
                return openai.OpenAI().models.retrieve(name)
    """, "app.helpers.models.routing.ModelRouter", "entity (medium: directory models/)"),
    "a data class among services": ("app/services/totals.py", """
        from dataclasses import dataclass

        @dataclass
        class Totals:
            amount: int
    """, "app.services.totals.Totals", "service (medium: directory services/)"),
    "a response of its own": ("app/things.py", """
        from fastapi.responses import JSONResponse

        class Answer(JSONResponse):
            def render(self, content: object) -> bytes:
                return b""
    """, "app.things.Answer", "router (weak: is a response)"),
    "a response among the helpers": ("app/utils/answers.py", """
        from fastapi.responses import JSONResponse

        class Answer(JSONResponse):
            def render(self, content: object) -> bytes:
                return b""
    """, "app.utils.answers.Answer", "util (medium: directory utils/)"),
    "a schema called response": ("app/things.py", """
        from pydantic import BaseModel

        class ItemResponse(BaseModel):
            name: str
    """, "app.things.ItemResponse", "schema (certain: derives from BaseModel)"),
    "a builder of responses": ("app/things.py", """
        from fastapi.responses import JSONResponse

        def failed(text: str) -> JSONResponse:
            return JSONResponse({"detail": text}, status_code=500)
    """, "app.things.failed", "router (weak: builds responses)"),
    "a query that raises HTTP exceptions": ("app/things.py", """
        from fastapi import HTTPException
        from sqlalchemy.orm import Session
        from app.models import User

        def load(db: Session, key: int) -> User:
            user = db.get(User, key)
            if user is None:
                raise HTTPException(404)
            return user
    """, "app.things.load", "router (weak: raises HTTP exceptions)"),
    "a query": ("app/things.py", """
        from sqlalchemy.orm import Session
        from app.models import User

        def load(db: Session, key: int) -> User | None:
            return db.get(User, key)
    """, "app.things.load", "repository (weak: runs statements on a session)"),
    "a class that queries beside the entities": ("app/models.py", MODELS + """
    from sqlalchemy.orm import Session

    class UsersTable:
        def get(self, db: Session, key: int) -> User | None:
            return db.get(User, key)
    """, "app.models.UsersTable", "repository (medium: runs statements, beside the entities)"),
    "parameters of requests beside the entities": ("app/models.py", MODELS + """
    from fastapi import Query
    from elsewhere import PageParams

    class Params(PageParams):
        size: int = Query(10)
    """, "app.models.Params", "schema (certain: its fields come from the request)"),
    "a class beside the entities": ("app/models.py", MODELS + """
    from elsewhere import PageParams

    class Params(PageParams):
        size: int = 10
    """, "app.models.Params", "entity (strong: file name models.py)"),
    "an entity that queries": ("app/models.py", MODELS + """
    from sqlalchemy.orm import Session

    class Team(Base):
        __tablename__ = "teams"
        id: Mapped[int] = mapped_column(primary_key=True)

        @classmethod
        def get(cls, db: Session, key: int) -> "Team | None":
            return db.get(Team, key)
    """, "app.models.Team", "entity (certain: derives from DeclarativeBase)"),
    "functions about models": ("app/utils/models.py", """
        from app.other import more

        def load_model(name: str) -> str:
            return more(name)
    """, "app.utils.models", "util (medium: directory utils/)"),
    "a column mixin of a column mixin": ("app/tables/schema.py", """
        from sqlalchemy.orm import Mapped, mapped_column

        class Named:
            name: Mapped[str] = mapped_column()

        class Numbered(Named):
            number: Mapped[int] = mapped_column()
    """, "app.tables.schema.Numbered", "database (certain: declarative base or column mixin)"),
    "a file of models": (
        "app/utils/models.py", MODELS, "app.utils.models", "entity (strong: file name models.py)"
    ),
    "the wrapper of a handler": ("app/services/audit.py", """
        from functools import wraps
        from fastapi import APIRouter

        router = APIRouter()

        def audited(route):
            @wraps(route)
            async def wrapper(*args, **kwargs):
                return await route(*args, **kwargs)
            return wrapper

        @router.get("/")
        @audited
        async def show() -> str:
            return ""
    """, "app.services.audit.audited.wrapper", "router (certain: wraps a route handler)"),
    "wiring in a folder called config": ("app/config/users_config.py", """
        from fastapi import Depends
        from app.other import Users, database

        def users(db: object = Depends(database)) -> Users:
            return Users(db)
    """, "app.config.users_config.users", "dependency (strong: has Depends parameters and nothing calls it)"),
    "settings that are injected": ("app/config.py", """
        from fastapi import Depends, FastAPI
        from app.other import Settings

        def get_settings() -> Settings:
            return Settings()

        app = FastAPI()

        @app.get("/")
        def show(settings: Settings = Depends(get_settings)) -> str: ...
    """, "app.config.get_settings", "dependency (certain: used in Depends)"),
    "what checks the dependencies of packages": ("app/plugin_deps.py", """
        from app.other import installed

        class DependencyChecker:
            def missing(self, names: list[str]) -> list[str]:
                return [name for name in names if name not in installed()]
    """, "app.plugin_deps.DependencyChecker", "unknown (none: nothing matched)"),
    "what stands beside the dependencies of requests": ("app/deps.py", """
        from fastapi import Request
        from app.other import lookup

        class Caller:
            def name(self, request: Request) -> str:
                return lookup(request)
    """, "app.deps.Caller", "dependency (strong: file name deps.py)"),
    "what makes a marker": ("app/sessions.py", """
        from fastapi import Depends, params
        from sqlalchemy.orm import Session, sessionmaker

        Maker = sessionmaker()

        class Sessions:
            def __init__(self, name: str) -> None:
                self.name = name

            def __call__(self) -> Session:
                return Maker()

        def session_of(name: str) -> params.Depends:
            return Depends(Sessions(name))
    """, "app.sessions.session_of", "dependency (certain: makes what Depends uses)"),
    "what a decorator may hand on": ("app/jobs.py", """
        from fastapi import Depends
        from app.other import broker

        def clock() -> int:
            return 1

        @broker.task("tick")
        async def tick(now: int = Depends(clock)) -> None:
            print(now)
    """, "app.jobs.tick", "util (weak: pure)"),
    "what only the framework can call": ("app/things.py", """
        from fastapi import Depends

        def clock() -> int:
            return 1

        async def tick(now: int = Depends(clock)) -> None:
            print(now)
    """, "app.things.tick", "dependency (strong: has Depends parameters and nothing calls it)"),
    "the wrapper of a service": ("app/services/audit.py", """
        from functools import wraps

        def audited(function):
            @wraps(function)
            async def wrapper(*args, **kwargs):
                return await function(*args, **kwargs)
            return wrapper

        @audited
        async def show() -> str:
            return ""
    """, "app.services.audit.audited.wrapper", "service (medium: directory services/)"),
}  # fmt: skip


@pytest.mark.parametrize(("path", "text", "name", "expected"), CASES.values(), ids=CASES)
def test_the_layer(path: str, text: str, name: str, expected: str, tmp_path: Path) -> None:
    files = {"app/models.py": MODELS, "app/main.py": MAIN, path: text}
    assert said(layered(tmp_path, files), name) == expected


PAGE = """
    from fastapi import Request
    from starlette.templating import Jinja2Templates

    class Page:
        def __init__(self, request: Request, templates: Jinja2Templates) -> None:
            self.request = request
            self.templates = templates
"""


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        ("app/application/api/users.py", "util (weak: pure)"),
        ("app/presentation/users.py", "service (medium: directory application/)"),
    ],
)
def test_a_folder_called_application_that_holds_routes(routes: str, expected: str, tmp_path: Path) -> None:
    files = {
        routes: """
            from fastapi import APIRouter

            router = APIRouter()

            @router.get("/")
            def show() -> str:
                return ""
        """,
        "app/inner/application/pages.py": PAGE,
        "app/models.py": MODELS,
    }
    assert said(layered(tmp_path, files), "app.inner.application.pages.Page") == expected


MANAGER = """
    import redis

    class CacheManager:
        def __init__(self) -> None:
            self.redis = redis.Redis()

        def drop(self, key: str) -> None:
            self.redis.delete(key)
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MANAGER, "infrastructure (weak: class name *Manager, talks to something outside)"),
        (
            "class CacheManager:\n    def drop(self, key: str) -> None:\n        print(key)\n",
            "service (weak: class name *Manager, called by handlers)",
        ),
    ],
)
def test_a_manager_that_handlers_call(text: str, expected: str, tmp_path: Path) -> None:
    main = """
        from fastapi import FastAPI
        from app.caching import CacheManager

        app = FastAPI()

        @app.delete("/{key}")
        def drop(key: str) -> None:
            CacheManager().drop(key)
    """
    project = layered(tmp_path, {"app/caching.py": text, "app/main.py": main})
    assert said(project, "app.caching.CacheManager") == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("return db.query(User).first()", "service (weak: class name *Manager, called by handlers)"),
        ("return key", "util (medium: directory helpers/)"),
    ],
)
def test_a_manager_among_helpers_that_handlers_call(body: str, expected: str, tmp_path: Path) -> None:
    main = """
        from fastapi import FastAPI
        from app.helpers.people import PeopleManager

        app = FastAPI()

        @app.get("/{key}")
        def find(key: str) -> object:
            return PeopleManager().find(None, key)
    """
    manager = f"""
        from sqlalchemy.orm import Session
        from app.models import User

        class PeopleManager:
            def find(self, db: Session, key: str) -> object:
                {body}
    """
    files = {"app/helpers/people.py": manager, "app/main.py": main, "app/models.py": MODELS}
    assert said(layered(tmp_path, files), "app.helpers.people.PeopleManager") == expected


def test_a_file_of_dependencies_that_imports_nothing_of_the_web(tmp_path: Path) -> None:
    deps = """
        from app.other import lookup

        class Caller:
            def name(self) -> str:
                return lookup(self)

        def caller() -> Caller:
            return Caller()
    """
    main = """
        from fastapi import Depends, FastAPI
        from app.deps import Caller, caller

        app = FastAPI()

        @app.get("/")
        def show(one: Caller = Depends(caller)) -> str:
            return one.name()
    """
    project = layered(tmp_path, {"app/deps.py": deps, "app/main.py": main})
    assert said(project, "app.deps.Caller") == "dependency (strong: file name deps.py)"
