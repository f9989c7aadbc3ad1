"""Layers of modules, classes and functions, each with the evidence that decided."""

from __future__ import annotations

from pathlib import Path

import pytest
from build_inline import MODELS, layered, said

from layercheck.config.schema import Config, OwnLayer
from layercheck.project.layer_rows import LayerRow, layer_rows
from layercheck.project.overrides import unmatched

SESSION = """
    from sqlalchemy import create_engine
    from sqlalchemy.orm import sessionmaker

    engine = create_engine("sqlite://")
    SessionLocal = sessionmaker(engine)

    def get_db():
        with SessionLocal() as session:
            yield session
"""

MAIN = """
    from fastapi import FastAPI
    from app.routers import users

    app = FastAPI()
    app.include_router(users.router)
"""

ROUTER = """
    from fastapi import APIRouter, Depends
    from pydantic import BaseModel
    from sqlalchemy.orm import Session
    from app.database import get_db
    from app.services.users import UserService

    router = APIRouter()

    class UserIn(BaseModel):
        email: str

    @router.post("/users")
    def create_user(body: UserIn, db: Session = Depends(get_db)):
        return UserService(db).create(clean(body.email))

    def clean(email: str):
        return email.strip()
"""

SERVICE = """
    from sqlalchemy.orm import Session
    from app.repositories.users import UserRepository

    class UserService:
        def __init__(self, db: Session):
            self.users = UserRepository(db)

        def create(self, email: str):
            return self.users.add(email)
"""

REPOSITORY = """
    from sqlalchemy import select
    from sqlalchemy.orm import Session
    from app.models import User

    class UserRepository:
        def __init__(self, db: Session):
            self.db = db

        def add(self, email: str):
            self.db.add(User())
            return self.db.execute(select(User)).scalars().all()
"""

LAYERED = {
    "app/main.py": MAIN,
    "app/database.py": SESSION,
    "app/models.py": MODELS,
    "app/routers/users.py": ROUTER,
    "app/services/users.py": SERVICE,
    "app/repositories/users.py": REPOSITORY,
}


def test_rows_of_a_layered_project(tmp_path: Path) -> None:
    project = layered(tmp_path, LAYERED)
    assert layer_rows(project) == [
        LayerRow("app.database", "app/database.py", 1, "database", "certain", "sets up engine or sessions"),
        LayerRow("app.database.get_db", "app/database.py", 8, "dependency", "certain", "used in Depends"),
        LayerRow("app.main", "app/main.py", 1, "app", "certain", "makes the application"),
        LayerRow("app.models", "app/models.py", 1, "entity", "strong", "file name models.py"),
        LayerRow(
            "app.repositories.users",
            "app/repositories/users.py",
            1,
            "repository",
            "medium",
            "directory repositories/",
        ),
        LayerRow("app.routers.users", "app/routers/users.py", 1, "router", "certain", "makes a router"),
        LayerRow(
            "app.routers.users.UserIn",
            "app/routers/users.py",
            10,
            "schema",
            "certain",
            "derives from BaseModel",
        ),
        LayerRow(
            "app.services.users", "app/services/users.py", 1, "service", "medium", "directory services/"
        ),
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("app.routers.users.create_user", "router (certain: route decorator)"),
        ("app.routers.users.clean", "router (certain: makes a router)"),
        ("app.services.users.UserService", "service (strong: class name *Service)"),
        ("app.services.users.UserService.create", "service (strong: class name *Service)"),
        ("app.repositories.users.UserRepository.add", "repository (strong: class name *Repository)"),
        ("app.models.User", "entity (certain: derives from DeclarativeBase)"),
        ("app.models.Base", "entity (strong: file name models.py)"),
    ],
)
def test_elements_of_a_layered_project(tmp_path: Path, name: str, expected: str) -> None:
    assert said(layered(tmp_path, LAYERED), name) == expected


IDENTITIES = """
    import enum
    from celery import Celery, shared_task
    from dishka import Provider
    from fastapi import APIRouter, Depends, FastAPI, HTTPException
    from fastapi.security import HTTPBasicCredentials, HTTPBearer
    from pydantic import BaseModel
    from pydantic_settings import BaseSettings
    from redis.asyncio import Redis
    from sqlalchemy.orm import DeclarativeBase, Mapped, Session, declarative_base, mapped_column
    from sqlmodel import SQLModel
    from starlette.middleware.base import BaseHTTPMiddleware
    from tortoise.models import Model

    class Base(DeclarativeBase): ...
    class Row(Base):
        __tablename__ = "rows"
    class Stamped:
        created: Mapped[int] = mapped_column()
    Legacy = declarative_base()
    class OldRow(Legacy):
        __tablename__ = "old_rows"
    class Hero(SQLModel, table=True):
        id: int
    class HeroIn(SQLModel):
        id: int
    class TableBase(SQLModel):
        id: int
    class Team(TableBase, table=True): ...
    class Active(Model): ...
    class Body(BaseModel): ...
    class Credentials(HTTPBasicCredentials): ...
    class Bearer(HTTPBearer): ...
    class Settings(BaseSettings): ...
    class Missing(Exception): ...
    class MissingOverHttp(HTTPException): ...
    class Timing(BaseHTTPMiddleware): ...
    class Shape:
        async def __call__(self, scope, receive, send): ...
    class Almost:
        async def __call__(self, scope, send): ...
    class Sub(APIRouter): ...
    class Wiring(Provider): ...
    class Cache(Redis): ...
    class Color(enum.Enum):
        RED = 1

    queue = Celery()

    @queue.task
    def mail(): ...

    @shared_task(name="x")
    def clean(): ...

    def start(app: FastAPI):
        app.include_router(Sub())

    def register(app):
        return app

    app = FastAPI()
    register(app)

    @app.exception_handler(Missing)
    def on_missing(request, exc): ...

    @app.middleware("http")
    async def logged(request, call_next): ...

    def current(x: int): ...

    class Params: ...

    @app.get("/", dependencies=[Depends(current)])
    def index(params: Params = Depends()): ...
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Base", "database (certain: declarative base or column mixin)"),
        ("Stamped", "database (certain: declarative base or column mixin)"),
        ("Row", "entity (certain: derives from DeclarativeBase)"),
        ("OldRow", "entity (certain: derives from declarative_base)"),
        ("Hero", "entity (certain: derives from SQLModel with table=True)"),
        ("HeroIn", "schema (certain: derives from SQLModel)"),
        ("Team", "entity (certain: derives from SQLModel with table=True)"),
        ("Active", "entity (certain: derives from Model)"),
        ("Body", "schema (certain: derives from BaseModel)"),
        ("Credentials", "schema (certain: derives from HTTPBasicCredentials)"),
        ("Bearer", "dependency (certain: derives from HTTPBearer)"),
        ("Settings", "config (certain: derives from BaseSettings)"),
        ("Missing", "exception (certain: derives from Exception)"),
        ("MissingOverHttp", "exception (certain: derives from HTTPException)"),
        ("Timing", "router (certain: derives from BaseHTTPMiddleware)"),
        ("Shape", "router (certain: ASGI middleware by shape)"),
        ("Almost", "util (weak: pure)"),
        ("Sub", "router (certain: derives from APIRouter)"),
        ("Wiring", "app (certain: derives from Provider)"),
        ("Cache", "infrastructure (certain: derives from redis.asyncio.Redis)"),
        ("Color", "util (weak: pure)"),
        ("mail", "task (certain: registered with celery)"),
        ("clean", "task (certain: registered with celery)"),
        ("start", "app (certain: takes the application)"),
        ("register", "app (certain: takes the application)"),
        ("on_missing", "router (certain: exception handler)"),
        ("logged", "router (certain: middleware)"),
        ("current", "dependency (certain: used in Depends)"),
        ("Params", "dependency (certain: used in Depends)"),
        ("index", "router (certain: route decorator)"),
    ],
)
def test_what_an_element_is(tmp_path: Path, name: str, expected: str) -> None:
    project = layered(tmp_path, {"app/stuff.py": IDENTITIES})
    assert said(project, f"app.stuff.{name}") == expected


PLAIN = "def helper(a): return other(a)\n"


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("app/crud.py", PLAIN, "repository (strong: file name crud.py)"),
        ("app/crud_user.py", PLAIN, "repository (medium: file name crud_user.py)"),
        ("app/user_service.py", PLAIN, "service (strong: file name user_service.py)"),
        ("app/user_repo_adapter.py", PLAIN, "repository (strong: file name user_repo_adapter.py)"),
        ("app/user_service_impl.py", PLAIN, "service (strong: file name user_service_impl.py)"),
        pytest.param(
            "app/map_service_adapter.py",
            PLAIN,
            "infrastructure (medium: file name map_service_adapter.py)",
            id="an-adapter-of-a-foreign-service",
        ),
        ("app/create_use_case.py", PLAIN, "service (strong: file name create_use_case.py)"),
        ("app/users/logic.py", PLAIN, "service (strong: file name logic.py)"),
        ("app/commands/create.py", PLAIN, "service (medium: directory commands/)"),
        ("app/queries/users.py", PLAIN, "repository (weak: directory queries/)"),
        ("app/application/query/users.py", PLAIN, "repository (weak: directory query/)"),
        ("app/application/query_text.py", PLAIN, "service (medium: directory application/)"),
        pytest.param(
            "app/services/query/run.py",
            PLAIN,
            "service (medium: directory services/)",
            id="a-feature-called-query",
        ),
        ("app/service_layer/users.py", PLAIN, "service (medium: directory service_layer/)"),
        ("app/repository-layer/users.py", PLAIN, "repository (medium: directory repository-layer/)"),
        ("app/users/map_layer/users.py", PLAIN, "unknown (none: nothing matched)"),
        ("app/schemas/users.py", PLAIN, "schema (medium: directory schemas/)"),
        ("app/core/security.py", PLAIN, "util (medium: file name security.py)"),
        ("app/services/repositories/users.py", PLAIN, "repository (medium: directory repositories/)"),
        ("app/settings.py", PLAIN, "config (strong: file name settings.py)"),
        ("app/db/session.py", PLAIN, "database (strong: file name session.py)"),
        ("app/initial_data.py", PLAIN, "script (strong: file name initial_data.py)"),
        pytest.param(
            "app/services/session.py",
            PLAIN,
            "service (medium: directory services/)",
            id="a-feature-called-session",
        ),
        pytest.param(
            "app/models/config.py", PLAIN, "entity (medium: directory models/)", id="a-feature-called-config"
        ),
        ("app/core/app_config.py", PLAIN, "config (strong: file name app_config.py)"),
        pytest.param(
            "app/services/configs/query_config.py",
            "from elsewhere import other\n\nclass Query:\n    def run(self): return other()\n",
            "service (medium: directory services/)",
            id="a-worker-called-config",
        ),
        pytest.param(
            "app/core/query_config.py",
            "from elsewhere import other\n\nclass Query:\n    size: int = other\n",
            "config (strong: file name query_config.py)",
            id="a-class-of-settings",
        ),
        pytest.param(
            "app/repositories/shared_services.py",
            PLAIN,
            "repository (medium: directory repositories/)",
            id="a-feature-called-services",
        ),
        pytest.param(
            "app/models/auth_session.py",
            PLAIN,
            "entity (medium: directory models/)",
            id="a-table-of-sessions",
        ),
        pytest.param(
            "app/auth_session.py", PLAIN, "unknown (none: nothing matched)", id="session-at-the-end"
        ),
        pytest.param(
            "app/routers/helpers_of.py", PLAIN, "unknown (none: nothing matched)", id="routers-without-routes"
        ),
        pytest.param("app/views.py", PLAIN, "unknown (none: nothing matched)", id="views-without-routes"),
        pytest.param(
            "app/controllers/users.py",
            PLAIN,
            "unknown (none: nothing matched)",
            id="controllers-nobody-calls",
        ),
        pytest.param(
            "app/tasks/todo.py", PLAIN, "unknown (none: nothing matched)", id="tasks-without-a-queue"
        ),
        pytest.param(
            "app/errors.py", PLAIN, "unknown (none: nothing matched)", id="errors-without-exceptions"
        ),
        pytest.param(
            "app/providers/ldap.py", PLAIN, "unknown (none: nothing matched)", id="providers-nobody-injects"
        ),
        pytest.param("app/core/thing.py", PLAIN, "unknown (none: nothing matched)", id="core-says-nothing"),
        pytest.param("app/api/thing.py", PLAIN, "unknown (none: nothing matched)", id="api-says-nothing"),
        pytest.param("app/microservice.py", PLAIN, "unknown (none: nothing matched)", id="a-longer-word"),
        pytest.param("app/strings.py", "NAME = 'x'\n", "util (weak: holds constants only)", id="constants"),
    ],
)
def test_what_a_place_says(tmp_path: Path, path: str, text: str, expected: str) -> None:
    unresolved = "from elsewhere import other\n" if text is PLAIN else ""
    project = layered(tmp_path, {path: unresolved + text})
    name = path.removesuffix(".py").replace("/", ".")
    assert said(project, name) == expected


def test_a_folder_of_all_layers_is_a_feature_whatever_it_is_called(tmp_path: Path) -> None:
    files = {f"app/entity/{stem}.py": PLAIN for stem in ("models", "schemas", "service", "flows")}
    project = layered(tmp_path, files)
    assert said(project, "app.entity.service") == "service (strong: file name service.py)"
    assert said(project, "app.entity.flows").startswith("util (weak")


CLASS_NAMES = """
    from somewhere import Unresolved
    from starlette.authentication import AuthenticationBackend
    from starlette.requests import Request

    class UserService: ...
    class UserServices: ...
    class CreateUserUseCase: ...
    class UserRepository: ...
    class RepositoryGeneric: ...
    class CRUDUser: ...
    class Crudeness: ...
    class UserDAO: ...
    class UserRepoAdapter: ...
    class UserRepositoryImpl: ...
    class OrderUseCaseImpl: ...
    class UserServicePort: ...
    class MapServiceAdapter: ...
    class MailClient: ...
    class LegacyError(Unresolved): ...
    class FormError: ...
    class RunHandler:
        def execute(self): ...
    class HookHandler:
        def handle(self, request: Request, body: bytes): ...
    class TokenBackend(AuthenticationBackend): ...
    class FileHandler:
        def open(self): return Unresolved()
    class Microservice:
        def run(self): return Unresolved()
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("UserService", "service (strong: class name *Service)"),
        ("UserServices", "service (strong: class name *Services)"),
        ("CreateUserUseCase", "service (strong: class name *UseCase)"),
        ("UserRepository", "repository (strong: class name *Repository)"),
        ("RepositoryGeneric", "repository (strong: class name Repository*)"),
        ("CRUDUser", "repository (strong: class name CRUD*)"),
        ("UserDAO", "repository (strong: class name *DAO)"),
        ("UserRepoAdapter", "repository (strong: class name *RepoAdapter)"),
        ("UserRepositoryImpl", "repository (strong: class name *RepositoryImpl)"),
        ("OrderUseCaseImpl", "service (strong: class name *UseCaseImpl)"),
        ("UserServicePort", "service (strong: class name *ServicePort)"),
        pytest.param(
            "MapServiceAdapter",
            "infrastructure (strong: class name *Adapter)",
            id="what-reaches-a-foreign-service",
        ),
        ("MailClient", "infrastructure (strong: class name *Client)"),
        ("RunHandler", "service (medium: class name *Handler with execute or handle)"),
        ("HookHandler", "router (medium: class name *Handler, handles requests)"),
        ("TokenBackend", "dependency (certain: derives from AuthenticationBackend)"),
        pytest.param("Crudeness", "util (weak: pure)", id="a-longer-word"),
        pytest.param("FormError", "util (weak: pure)", id="an-error-that-is-no-exception"),
        pytest.param("FileHandler", "unknown (none: nothing matched)", id="a-handler-of-files"),
        pytest.param("Microservice", "unknown (none: nothing matched)", id="a-word-in-a-word"),
    ],
)
def test_what_a_class_is_called(tmp_path: Path, name: str, expected: str) -> None:
    project = layered(tmp_path, {"app/stuff.py": CLASS_NAMES})
    assert said(project, f"app.stuff.{name}") == expected


CLIENTS = """
    import httpx
    import redis.asyncio as redis
    import requests
    from sqlalchemy import select
    from sqlalchemy.orm import Session
    class RateRepository:
        def __init__(self, client: httpx.AsyncClient): self.client = client
        async def latest(self): return await self.client.get("/rates")
    class Mirror:
        def __init__(self, url): self.response = requests.get(url)
    class MirrorRepository:
        def open(self, path): return Mirror(path)
    class CachedRateRepository:
        def __init__(self, client: httpx.AsyncClient, cache: redis.Redis):
            self.client, self.cache = client, cache
        async def latest(self):
            return await self.cache.get("rates") or await self.client.get("/rates")
    class StoredRateRepository(RateRepository):
        def __init__(self, client: httpx.AsyncClient, session: Session):
            super().__init__(client)
            self.session = session
        def keep(self): return self.session.execute(select(1))
    class SettingsRepository:
        def read(self): return open("settings.json").read()
    class RateService:
        async def latest(self): return await httpx.AsyncClient().get("/rates")
"""
CLIENT = "infrastructure (medium: class name *Repository, but asks servers and no database)"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("RateRepository", CLIENT),
        ("MirrorRepository", CLIENT),
        pytest.param(
            "CachedRateRepository", "repository (strong: class name *Repository)", id="keeps-data-too"
        ),
        pytest.param("StoredRateRepository", "repository (strong: class name *Repository)", id="queries-too"),
        pytest.param("SettingsRepository", "repository (strong: class name *Repository)", id="asks-nobody"),
        pytest.param("RateService", "service (strong: class name *Service)", id="a-service-that-asks"),
    ],
)
@pytest.mark.parametrize("path", ["app/stuff.py", "app/repositories/rates.py"])
def test_a_repository_that_is_a_client(tmp_path: Path, path: str, name: str, expected: str) -> None:
    project = layered(tmp_path, {path: CLIENTS})
    assert said(project, f"{path.removesuffix('.py').replace('/', '.')}.{name}") == expected


def test_a_base_nothing_is_known_of_may_make_an_exception(tmp_path: Path) -> None:
    files = {"app/stuff.py": CLASS_NAMES.replace("(Unresolved)", "(unknown())")}
    assert said(layered(tmp_path, files), "app.stuff.LegacyError") == "exception (strong: class name *Error)"


@pytest.mark.parametrize(
    ("path", "body", "name", "expected"),
    [
        pytest.param(
            "app/models.py",
            "def by_id(db: Session, i: int): return db.get(User, i)",
            "by_id",
            "repository (medium: queries with the session it takes, beside the entities)",
            id="query-function-beside-entities",
        ),
        pytest.param(
            "app/models.py",
            "def label(user: User): return str(user)",
            "label",
            "entity (strong: file name models.py)",
            id="plain-function-beside-entities",
        ),
        pytest.param(
            "app/db/users.py",
            "class Users:\n    def all(self, db: Session): return db.query(User).all()",
            "Users",
            "repository (medium: directory db/, runs statements on entities)",
            id="statements-in-a-database-folder",
        ),
        pytest.param(
            "app/db/users.py",
            "def find(db: Session): return db.query(User).first()\n"
            "def rename(db: Session, name: str):\n    find(db).name = name\n    db.commit()",
            "rename",
            "repository (medium: directory db/, runs statements on entities)",
            id="statements-of-a-function-beside",
        ),
        pytest.param(
            "app/db/setup.py",
            "def fill(db: Session):\n    User.metadata.create_all(db.get_bind())\n    db.add(User())\n"
            "def begin(db: Session): fill(db)",
            "begin",
            "database (medium: directory db/)",
            id="set-up-by-a-function-beside",
        ),
        pytest.param(
            "app/queries/utils.py",
            "def find(db: Session): return db.query(User).first()",
            "find",
            "repository (medium: runs statements among the data access)",
            id="a-helper-of-queries-that-queries",
        ),
        pytest.param(
            "app/queries/utils.py",
            "def label(user: User): return str(user)",
            "label",
            "util (strong: file name utils.py)",
            id="a-helper-of-queries-that-computes",
        ),
        pytest.param(
            "app/queries/common.py",
            "def find(db: Session): return db.query(User).first()",
            "find",
            "repository (weak: directory queries/)",
            id="what-is-common-to-queries",
        ),
        pytest.param(
            "app/stuff.py",
            "import socketio\nsio = socketio.AsyncServer()\n"
            "async def tell(db: Session): await sio.emit('user', db.query(User).first())",
            "tell",
            "infrastructure (weak: talks to something outside)",
            id="queries-and-tells-clients",
        ),
        pytest.param(
            "app/chat/client.py",
            "class ChatClient:\n    def __init__(self, request: Request):\n        self.request = request",
            "ChatClient",
            "infrastructure (medium: file name client.py)",
            id="a-file-called-client",
        ),
        pytest.param(
            "app/chat/people.py",
            "class ChatClient:\n    def __init__(self, request: Request):\n        self.request = request",
            "ChatClient",
            "util (weak: pure)",
            id="a-client-of-the-application",
        ),
        pytest.param(
            "app/chat/people.py",
            "class ChatClient:\n    def __init__(self, url: str):\n        self.url = url",
            "ChatClient",
            "infrastructure (strong: class name *Client)",
            id="a-client-of-something-outside",
        ),
        pytest.param(
            "app/db/user_service.py",
            "class UserManager:\n    def all(self, db: Session): return db.query(User).all()",
            "UserManager",
            "repository (medium: runs statements on entities in a database folder)",
            id="whatever-its-suffix",
        ),
        pytest.param(
            "app/db/tenants.py",
            "def begin(db: Session):\n"
            "    User.metadata.create_all(db.get_bind())\n"
            "    db.add(User())\n    db.commit()",
            "begin",
            "database (medium: directory db/)",
            id="what-creates-the-tables-sets-the-database-up",
        ),
        pytest.param(
            "app/db/ping.py",
            "def ping(db: Session): return db.execute(text('SELECT 1'))",
            "ping",
            "database (medium: directory db/)",
            id="a-ping-is-no-query",
        ),
        pytest.param(
            "app/adapters/sql_users.py",
            "class SqlUsers:\n    def all(self, db: Session): return db.query(User).all()",
            "SqlUsers",
            "repository (medium: directory adapters/, runs statements on entities)",
            id="statements-in-an-adapter",
        ),
        pytest.param(
            "app/services/users.py",
            "def all_users(db: Session): return db.query(User).all()",
            "all_users",
            "service (medium: directory services/)",
            id="a-service-that-queries-stays-one",
        ),
        pytest.param(
            "app/stuff.py",
            "def all_users(db: Session): return db.query(User).all()",
            "all_users",
            "repository (weak: runs statements on a session)",
            id="queries-without-a-name",
        ),
        pytest.param(
            "app/stuff.py",
            "def visitor(request: Request, db: Session): return db.query(User).all()",
            "visitor",
            "router (weak: takes the request and runs statements)",
            id="queries-with-the-request-in-hand",
        ),
        pytest.param(
            "app/routes/base.py",
            "class HttpRepo:\n    def get(self, repo):\n        raise HTTPException(404)",
            "HttpRepo",
            "router (weak: raises HTTP exceptions)",
            id="a-helper-of-routes-called-like-a-repository",
        ),
        pytest.param(
            "app/routes/base.py",
            "class UserRepo:\n    def get(self, db: Session):\n"
            "        if not db.get(User, 1): raise HTTPException(404)",
            "UserRepo",
            "repository (strong: class name *Repo)",
            id="a-repository-among-the-routes",
        ),
        pytest.param(
            "app/repositories/base.py",
            "class HttpRepo:\n    def get(self, repo):\n        raise HTTPException(404)",
            "HttpRepo",
            "repository (strong: class name *Repo)",
            id="a-repository-that-raises-over-http",
        ),
        pytest.param(
            "app/stuff.py",
            "def fail(): raise HTTPException(404)",
            "fail",
            "router (weak: raises HTTP exceptions)",
            id="http-without-a-name",
        ),
        pytest.param("app/stuff.py", "def add(a: int): return a + 1", "add", "util (weak: pure)", id="pure"),
        pytest.param(
            "app/db.py",
            "def init_db(db: Session): db.add(User())",
            "init_db",
            "script (strong: function name init_db)",
            id="seeding",
        ),
        pytest.param(
            "app/services/seeding.py",
            "def init_db(db: Session): db.add(User())",
            "init_db",
            "service (medium: directory services/)",
            id="a-service-that-seeds",
        ),
    ],
)
def test_what_an_element_does(tmp_path: Path, path: str, body: str, name: str, expected: str) -> None:
    head = (
        "from fastapi import HTTPException, Request\nfrom sqlalchemy import text\n"
        "from sqlalchemy.orm import Session\n"
        + ("" if path == "app/models.py" else "from app.models import User\n")
    )
    models = "\n".join(line.removeprefix("    ") for line in MODELS.splitlines())
    files = {
        "app/models.py": models,
        path: head + (models + "\n" if path == "app/models.py" else "") + body + "\n",
    }
    module = path.removesuffix(".py").replace("/", ".")
    assert said(layered(tmp_path, files), f"{module}.{name}") == expected


DEPENDENCIES = """
    from fastapi import APIRouter, Depends

    def get_page(size: int = 10):
        return normalised(size)

    def normalised(size: int):
        return max(size, 1)

    def make_reader(kind: str):
        def read():
            return kind
        return read

    def slug(text: str):
        return text.lower()

    class Checker:
        def __call__(self): ...

    router = object()
"""

USERS = """
    from fastapi import APIRouter, Depends
    from app.deps import Checker, get_page, make_reader

    router = APIRouter()

    @router.get("/", dependencies=[Depends(Checker())])
    def index(page=Depends(get_page), reader=Depends(make_reader("x"))): ...
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("get_page", "dependency (certain: used in Depends)"),
        ("make_reader", "dependency (certain: makes what Depends uses)"),
        ("Checker", "dependency (certain: used in Depends)"),
        pytest.param("normalised", "dependency (strong: file name deps.py)", id="helper-of-a-provider"),
        pytest.param("slug", "util (medium: no Depends uses it)", id="helper-of-nobody"),
    ],
)
def test_functions_of_a_dependencies_module(tmp_path: Path, name: str, expected: str) -> None:
    files = {"app/deps.py": DEPENDENCIES, "app/users.py": USERS, "app/main.py": MAIN.replace(".routers", "")}
    assert said(layered(tmp_path, files), f"app.deps.{name}") == expected


DECLARING = """
    from typing import Annotated
    from fastapi import Depends

    def _of_query(return_to: str | None = None) -> str:
        return safe(return_to)

    def safe(url: str | None) -> str:
        return url or "/"

    def quoted(url: str) -> str:
        return url.replace(" ", "+")

    def stripped(url: str) -> str:
        return url.strip()

    def _of_header(origin: str = "") -> str:
        return stripped(origin)

    class Target:
        def __init__(self, url: str):
            self.url = url

    Origin = Annotated[str, Depends(_of_header)]
    ReturnTo = Annotated[str, Depends(_of_query)]
"""

LEAVING = """
    from fastapi import APIRouter
    from app.urls import Origin, ReturnTo, Target, quoted, stripped

    router = APIRouter()

    @router.get("/leave")
    def leave(to: ReturnTo, origin: Origin) -> str:
        return quoted(stripped(Target(to).url))
"""


def test_functions_beside_the_declaration_of_a_dependency(tmp_path: Path) -> None:
    files = {"app/urls.py": DECLARING, "app/users.py": LEAVING, "app/main.py": MAIN.replace(".routers", "")}
    project = layered(tmp_path, files)
    names = ("_of_query", "safe", "quoted", "_of_header", "stripped", "Target")
    assert {name: said(project, f"app.urls.{name}") for name in names} == {
        "_of_query": "dependency (certain: used in Depends)",
        "safe": "dependency (strong: declares dependencies)",
        "quoted": "util (medium: no Depends uses it)",
        "_of_header": "dependency (certain: used in Depends)",
        "stripped": "util (medium: no Depends uses it)",
        "Target": "util (medium: no Depends uses it)",
    }


INJECTED = """
    from fastapi import APIRouter, Depends, Request
    from app.repositories.users import UserRepository

    router = APIRouter()

    class Validation:
        def __init__(self, users: UserRepository = Depends()):
            self.users = users
        def check(self):
            return self.users.add("x")

    class Access(Validation):
        def __init__(self, request: Request, users: UserRepository = Depends()):
            super().__init__(users)
            self.user = request.state.user

    class Membership(Access):
        def join(self):
            return self.users.add(self.user)

    class Paging:
        def __init__(self, size: int = 1): ...

    class UserService:
        def __init__(self, request: Request): ...
        def run(self): ...

    @router.get("/")
    def index(
        v: Validation = Depends(),
        m: Membership = Depends(),
        p: Paging = Depends(),
        s: UserService = Depends(),
    ):
        m.join()
        v.check()
        return s.run()
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("UserService", "service (strong: class name *Service)"),
        ("Validation", "service (medium: injected, its methods call services or repositories)"),
        ("Membership", "dependency (certain: used in Depends, takes the request)"),
        ("Paging", "dependency (certain: used in Depends)"),
    ],
)
def test_injected_classes(tmp_path: Path, name: str, expected: str) -> None:
    files = {"app/things.py": INJECTED, "app/repositories/users.py": REPOSITORY, "app/models.py": MODELS}
    assert said(layered(tmp_path, files), f"app.things.{name}") == expected


CONTROLLERS = {
    "app/controllers/users.py": """
        class UserController:
            def list(self):
                return []

        user_controller = UserController()
    """,
    "app/api.py": """
        from fastapi import APIRouter
        from app.controllers.users import user_controller

        router = APIRouter()

        @router.get("/")
        def index():
            return user_controller.list()
    """,
}


def test_controllers_that_handlers_call_are_services(tmp_path: Path) -> None:
    project = layered(tmp_path, CONTROLLERS)
    expected = "service (medium: directory controllers/, called by handlers, holds no route)"
    assert said(project, "app.controllers.users.UserController") == expected


TIMED = {
    "app/timing.py": """
        from functools import wraps

        def timed(function):
            @wraps(function)
            def wrapper(*args, **kwargs):
                return function(*args, **kwargs)
            return wrapper
    """,
    "app/services/users.py": """
        from app.timing import timed

        @timed
        def current(): ...
    """,
    "app/flows.py": """
        from sqlalchemy.orm import Session
        from app.services.users import current
        from app.timing import timed

        def close(db: Session, row: object):
            current()
            db.add(row)

        @timed
        def keep(db: Session, row: object):
            db.add(row)
    """,
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("close", "service (weak: runs statements and calls services, as no repository does)"),
        ("keep", "repository (weak: runs statements on a session)"),
    ],
    ids=["calls a decorated service", "is decorated itself"],
)
def test_a_call_of_a_decorated_function_is_one_of_that_function(
    tmp_path: Path, name: str, expected: str
) -> None:
    assert said(layered(tmp_path, TIMED), f"app.flows.{name}") == expected


LOOPS = """
    import asyncio

    class Poller:
        async def run(self):
            while True:
                await asyncio.sleep(1)
"""


def test_background_loops_in_services_are_what_the_folder_says(tmp_path: Path) -> None:
    project = layered(tmp_path, {"app/services/poller.py": LOOPS})
    assert said(project, "app.services.poller.Poller") == "service (medium: directory services/)"


STARTING = """
    from fastapi import FastAPI

    def connect(app: FastAPI): ...

    def schedule(app: FastAPI): ...

    def describe(app: FastAPI): ...

    def unused(app: FastAPI): ...
"""

STARTED = """
    from fastapi import FastAPI
    from app.services.lifetime import connect, describe, schedule

    def register(app: FastAPI):
        @app.on_event("startup")
        async def started():
            connect(app)

    def make():
        app = FastAPI()
        register(app)
        schedule(app)
        describe(app)
        return app

    app = make()

    @app.get("/")
    def index():
        return describe(app)
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("connect", "app (certain: takes the application)"),
        ("schedule", "app (certain: takes the application)"),
        ("describe", "service (medium: directory services/)"),
        ("unused", "service (medium: directory services/)"),
    ],
    ids=["called at start-up", "called by the factory", "called by a handler too", "called by nobody"],
)
def test_what_only_starts_the_application_is_a_part_of_it(
    tmp_path: Path, name: str, expected: str
) -> None:
    project = layered(tmp_path, {"app/services/lifetime.py": STARTING, "app/main.py": STARTED})
    assert said(project, f"app.services.lifetime.{name}") == expected


LIFECYCLE = """
    from fastapi import FastAPI
    from sqlalchemy import create_engine, select
    from sqlalchemy.orm import scoped_session, sessionmaker
    from app.models import User

    app = FastAPI()
    SessionLocal = sessionmaker(create_engine("sqlite://"))

    @app.middleware("http")
    async def session_of_request(request, call_next):
        request.state.db = SessionLocal()
        response = await call_next(request)
        request.state.db.close()
        return response

    scoped = scoped_session(SessionLocal)

    class Scoped:
        def __init__(self, app):
            self.app = app

        async def __call__(self, scope, receive, send):
            try:
                await self.app(scope, receive, send)
            finally:
                scoped.remove()

    app.add_middleware(Scoped)

    @app.middleware("http")
    async def audited(request, call_next):
        with SessionLocal() as db:
            db.add(User())
            db.commit()
        return await call_next(request)
"""


def test_middleware_that_only_opens_a_session_is_of_the_database(tmp_path: Path) -> None:
    project = layered(tmp_path, {"app/main.py": LIFECYCLE, "app/models.py": MODELS})
    for name in ("session_of_request", "Scoped"):
        ends = "database (certain: opens and ends the session of a request)"
        assert said(project, f"app.main.{name}") == ends
    assert said(project, "app.main.audited") == "router (certain: middleware)"


PORTS = {
    "app/ports/storage.py": """
        from typing import Protocol

        class Storage(Protocol):
            def load(self): ...

        class Clock(Protocol):
            def now(self): ...
    """,
    "app/repositories/storage.py": """
        from app.ports.storage import Storage

        class SqlStorage(Storage):
            def load(self):
                return 1
    """,
}


def test_an_interface_is_what_all_its_implementations_are(tmp_path: Path) -> None:
    project = layered(tmp_path, PORTS)
    assert (
        said(project, "app.ports.storage.Storage")
        == "repository (medium: all that implement it are repository)"
    )
    assert said(project, "app.ports.storage.Clock").startswith("infrastructure (medium: file name storage.py")


VIEWS = """
    from fastapi import APIRouter
    router = APIRouter()

    class BaseView:
        def reply(self): ...

    class UserView(BaseView):
        @router.get("/")
        def index(self): ...
"""


def test_class_based_views_and_their_bases_are_routers(tmp_path: Path) -> None:
    project = layered(tmp_path, {"app/services/odd.py": VIEWS})
    assert said(project, "app.services.odd.UserView") == "router (certain: methods are route handlers)"
    assert said(project, "app.services.odd.BaseView") == "router (strong: its subclasses hold route handlers)"


DOMAIN = """
    from pydantic import BaseModel

    class Money(BaseModel):
        amount: int
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("app/domain/money.py", "entity (certain: derives from BaseModel)"),
        ("app/domain/schemas/money.py", "schema (certain: derives from BaseModel)"),
        ("app/core/config.py", "config (strong: file name config.py)"),
        ("app/services/money.py", "schema (certain: derives from BaseModel)"),
    ],
)
def test_pydantic_classes(tmp_path: Path, path: str, expected: str) -> None:
    name = path.removesuffix(".py").replace("/", ".")
    assert said(layered(tmp_path, {path: DOMAIN}), f"{name}.Money") == expected


WORKER = """
    import arq

    async def nightly(ctx): ...
    async def hourly(ctx): ...
    async def helper(): ...

    class WorkerSettings:
        functions = [nightly]
        cron_jobs = [arq.cron(hourly)]
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("app.jobs", "task (strong: file name jobs.py)"),
        ("app.jobs.nightly", "task (certain: listed in WorkerSettings)"),
        ("app.jobs.hourly", "task (certain: registered with arq)"),
        ("app.jobs.helper", "task (strong: file name jobs.py)"),
    ],
)
def test_settings_of_a_worker_prove_a_jobs_module(tmp_path: Path, name: str, expected: str) -> None:
    assert said(layered(tmp_path, {"app/jobs.py": WORKER}), name) == expected


COMMENTED = '''
    """A module."""
    # layercheck: layer=service

    class UserRepository:  # layercheck: layer=infrastructure
        def load(self): ...

    # layercheck: layer=task
    def run(): ...

    def other(): ...
'''


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("app.stuff", "service (certain: comment: layer=service)"),
        ("app.stuff.UserRepository", "infrastructure (certain: comment: layer=infrastructure)"),
        ("app.stuff.UserRepository.load", "infrastructure (certain: comment: layer=infrastructure)"),
        ("app.stuff.run", "task (certain: comment: layer=task)"),
        ("app.stuff.other", "service (certain: comment: layer=service)"),
    ],
)
def test_comments_win(tmp_path: Path, name: str, expected: str) -> None:
    assert said(layered(tmp_path, {"app/stuff.py": COMMENTED}), name) == expected


SETTINGS = Config(
    layers={"service": ("app/logic/**", "app/nothing/**"), "infrastructure": ("app/logic/mail/**",)},
    own_layers={"engine": OwnLayer(modules=("app.engine.**",), may_use=("entity",))},
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("app/logic/repositories.py", "service (certain: settings: layers.service app/logic/**)"),
        (
            "app/logic/mail/send.py",
            "infrastructure (certain: settings: layers.infrastructure app/logic/mail/**)",
        ),
        ("app/engine/run.py", "engine (certain: settings: layers.engine app.engine.**)"),
        ("app/engine/__init__.py", "engine (certain: settings: layers.engine app.engine.**)"),
        pytest.param("app/engines.py", "unknown (none: nothing matched)", id="a-longer-name"),
    ],
)
def test_patterns_of_the_settings_win(tmp_path: Path, path: str, expected: str) -> None:
    project = layered(tmp_path, {path: "from x import y\ndef f(): return y()\n"}, SETTINGS)
    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    assert said(project, name) == expected


def test_patterns_that_match_nothing_are_told(tmp_path: Path) -> None:
    project = layered(tmp_path, {"app/logic/mail/send.py": PLAIN}, SETTINGS)
    assert unmatched(project, SETTINGS) == [("service", "app/nothing/**"), ("engine", "app.engine.**")]


def test_a_package_file_without_definitions_has_no_layer(tmp_path: Path) -> None:
    project = layered(tmp_path, {"app/services/__init__.py": "from app.services.users import x\n"})
    assert [row.element for row in layer_rows(project)] == []


SEVERAL = """
    from pydantic import BaseModel
    from fastapi import Depends, FastAPI

    class Token(BaseModel): ...
    class Denied(Exception): ...
"""


def test_a_module_of_several_layers_has_the_outermost_weakly(tmp_path: Path) -> None:
    project = layered(tmp_path, {"app/auth.py": SEVERAL})
    assert said(project, "app.auth") == "schema (weak: several layers: schema, exception)"


def test_tests_and_scripts_are_set_aside(tmp_path: Path) -> None:
    files = {
        "tests/test_users.py": "class UserService:\n    def test_it(self): ...\n",
        "scripts/seed.py": PLAIN,
    }
    project = layered(tmp_path, files)
    assert said(project, "tests.test_users.UserService") == "test (certain: a test by its place)"
    assert said(project, "scripts.seed") == "script (certain: a script by its place)"


GENERIC = {
    "app/core/crud.py": """
        from typing import Generic, TypeVar

        T = TypeVar("T")

        class CRUDBase(Generic[T]):
            def get(self, key: int) -> T: ...

        class CRUDMixed[T]:
            def get(self, key: int) -> T: ...

        class CRUDPlain:
            def get(self, key: int): ...
    """,
    "app/services/users.py": """
        from app.core.crud import CRUDBase, CRUDMixed, CRUDPlain

        class Users(CRUDBase[int], CRUDMixed[int], CRUDPlain): ...
    """,
    "app/services/items.py": """
        from app.core.crud import CRUDBase

        class Items(CRUDBase[str]): ...
    """,
    "app/repositories/tags.py": """
        from app.core.crud import CRUDMixed

        class Tags(CRUDMixed[str]): ...
    """,
}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CRUDBase", "service (medium: all that implement it are service)"),
        ("CRUDMixed", "repository (strong: class name CRUD*)"),
        ("CRUDPlain", "repository (strong: class name CRUD*)"),
    ],
)
def test_a_generic_class_is_what_its_subclasses_are(tmp_path: Path, name: str, expected: str) -> None:
    assert said(layered(tmp_path, GENERIC), f"app.core.crud.{name}") == expected


MAPPING = """
    from sqlalchemy import DateTime, TypeDecorator
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    class Moment(TypeDecorator):
        impl = DateTime

    class Stamped:
        created: Mapped[str] = mapped_column(Moment)

    class Base(DeclarativeBase): ...
"""
ROW = """
    class Row(Base):
        __tablename__ = "rows"
        id: Mapped[int] = mapped_column(primary_key=True)
"""


def test_a_models_module_that_only_carries_the_mapping_is_database(tmp_path: Path) -> None:
    project = layered(tmp_path, {"app/common/model.py": MAPPING})
    assert said(project, "app.common.model") == "database (strong: holds only the declarative base)"
    assert said(project, "app.common.model.Moment").startswith("database (certain")


def test_beside_an_entity_it_is_entity(tmp_path: Path) -> None:
    project = layered(tmp_path, {"app/common/model.py": MAPPING + ROW})
    assert said(project, "app.common.model") == "entity (strong: file name model.py)"
    assert said(project, "app.common.model.Moment") == "entity (strong: file name model.py)"


PLACES_THAT_PROVE_LITTLE = {
    "a file that makes a schema": (
        "app/tools/generate_openapi_schema.py",
        "from app.main import app\ndef generate(): return app.openapi()\n",
        "unknown (none: nothing matched)",
    ),
    "a file of schemas": (
        "app/tools/user_schema.py",
        "class User:\n    name: str\n",
        "schema (strong: file name user_schema.py)",
    ),
    "a command that is run": (
        "app/commands/export.py",
        "def run(): return other()\nif __name__ == '__main__':\n    run()\n",
        "util (weak: all it defines is util)",
    ),
    "an engine that has nothing to do with a database": (
        "app/training/engine/strategy.py",
        "class Strategy:\n    def run(self): return other()\n",
        "util (weak: all it defines is util)",
    ),
    "an engine of a database": (
        "app/data/engine/setup.py",
        "from sqlalchemy import create_engine\ndef setup(): return create_engine('sqlite://')\n",
        "database (medium: directory engine/)",
    ),
    "a file that is only run": (
        "app/create_db.py",
        "from app import main\nif __name__ == '__main__':\n    main.app.openapi()\n",
        "script (certain: only runs as a program)",
    ),
    "a file that is run and sets something up": (
        "app/create_db.py",
        "from app import main\nready = other(main)\nif __name__ == '__main__':\n    main.app.openapi()\n",
        "database (strong: file name create_db.py)",
    ),
    "the main file of the database": (
        "app/db/main.py",
        "from elsewhere import other\ndef make(): return other()\n",
        "database (medium: directory db/)",
    ),
}


@pytest.mark.parametrize(
    ("path", "text", "expected"), PLACES_THAT_PROVE_LITTLE.values(), ids=PLACES_THAT_PROVE_LITTLE
)
def test_places_that_prove_little(tmp_path: Path, path: str, text: str, expected: str) -> None:
    project = layered(tmp_path, {path: text, "app/main.py": "from fastapi import FastAPI\napp = FastAPI()\n"})
    assert said(project, path.removesuffix(".py").replace("/", ".")) == expected


PYDANTIC_BY_CONSTRUCTION = """
    from pydantic import BaseModel, field_validator
    from sqlalchemy.orm import Session

    class UserRepository(BaseModel):
        session: Session

        def names(self):
            return self.session.query("name").all()

    class MailService(BaseModel):
        host: str

        @field_validator("host")
        def known(cls, value):
            return value
"""


def test_a_repository_that_pydantic_constructs_is_no_schema(tmp_path: Path) -> None:
    project = layered(tmp_path, {"app/users.py": PYDANTIC_BY_CONSTRUCTION, "app/main.py": MAIN})
    assert said(project, "app.users.UserRepository") == "repository (strong: class name *Repository)"
    assert said(project, "app.users.MailService") == "schema (certain: derives from BaseModel)"


def test_models_that_create_their_tables_are_of_the_database(tmp_path: Path) -> None:
    text = """
        from sqlalchemy import create_engine
        from sqlalchemy.orm import declarative_base

        Base = declarative_base()

        def init():
            Base.metadata.create_all(bind=create_engine("sqlite://"))
    """
    project = layered(tmp_path, {"app/models/base.py": text, "app/main.py": MAIN})
    assert said(project, "app.models.base.init") == "database (medium: creates the tables)"
