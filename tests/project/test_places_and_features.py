"""Layers of code whose place says one thing and whose work another: features, rings, helpers, groups."""

from __future__ import annotations

from pathlib import Path

import pytest
from build_inline import MODELS, layered, said

OTHER = "from elsewhere import other\n\ndef work(): return other()\n"

ROUTES = """
    from fastapi import APIRouter

    router = APIRouter()

    @router.get("/")
    def show(): return 1
"""

QUERYING = """
    from sqlalchemy.orm import Session
    from app.models import User

    class SessionService:
        def __init__(self, db: Session) -> None:
            self.db = db

        def all(self):
            return self.db.query(User).all()
"""


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        pytest.param(
            ("router", "schemas", "service"), "service (strong: class name *Service)", id="a-feature"
        ),
        pytest.param(
            ("engine",),
            "repository (medium: runs statements on entities in a database folder)",
            id="the-database",
        ),
    ],
)
def test_a_service_that_queries_in_a_folder_called_session(
    tmp_path: Path, beside: tuple[str, ...], expected: str
) -> None:
    files = {f"app/session/{stem}.py": ROUTES if stem == "router" else OTHER for stem in beside}
    files |= {"app/session/service.py": QUERYING, "app/models.py": MODELS}
    assert said(layered(tmp_path, files), "app.session.service.SessionService") == expected


@pytest.mark.parametrize(
    ("routers", "chains", "expected"),
    [
        pytest.param(
            ("storages", "users", "media"), ("storage", "user", "media"),
            "unknown (none: nothing matched)", id="one-file-for-each-router",
        ),
        pytest.param(
            ("storages", "users", "media"), ("storage", "retry", "media"),
            "infrastructure (medium: file name storage.py)", id="too-few-alike",
        ),
        pytest.param(
            ("orders", "users", "media"), ("storage", "users", "media"),
            "infrastructure (medium: file name storage.py)", id="no-router-of-the-name",
        ),
    ],
)  # fmt: skip
def test_a_noun_that_a_router_is_called_too_is_a_feature(
    tmp_path: Path, routers: tuple[str, ...], chains: tuple[str, ...], expected: str
) -> None:
    files = {f"app/api/{stem}.py": ROUTES for stem in routers}
    files |= {f"app/chain/{stem}.py": OTHER for stem in chains}
    assert said(layered(tmp_path, files), "app.chain.storage") == expected


@pytest.mark.parametrize(
    ("folder", "routers", "expected"),
    [
        pytest.param(
            "services", ("repos", "users", "media"), "service (medium: directory services/)", id="a-feature",
        ),
        pytest.param(
            "services", ("orders", "users", "media"), "repository (strong: file name repos.py)",
            id="no-router-of-the-name",
        ),
        pytest.param(
            "data", ("repos", "users", "media"), "repository (strong: file name repos.py)",
            id="the-folder-says-nothing",
        ),
    ],
)  # fmt: skip
def test_a_layer_a_router_is_called_like_is_a_feature(
    tmp_path: Path, folder: str, routers: tuple[str, ...], expected: str
) -> None:
    files = {f"app/api/{stem}.py": ROUTES for stem in routers}
    files |= {f"app/{folder}/{stem}.py": OTHER for stem in ("repos", "users", "media")}
    assert said(layered(tmp_path, files), f"app.{folder}.repos") == expected


@pytest.mark.parametrize(
    ("path", "beside", "expected"),
    [
        pytest.param(
            "app/infrastructure/mappers.py", "app/infrastructure/repositories/users.py",
            "infrastructure (weak: directory infrastructure/)", id="a-ring-with-repositories",
        ),
        pytest.param(
            "app/adapters/units/users.py", "app/adapters/entrypoints/users.py",
            "infrastructure (weak: directory adapters/)", id="a-ring-with-routers",
        ),
        pytest.param(
            "app/adapters/mailing.py", "app/adapters/paying.py",
            "infrastructure (medium: directory adapters/)", id="infrastructure-alone",
        ),
        pytest.param(
            "app/infrastructure/mappers.py", "app/other/repositories/users.py",
            "infrastructure (medium: directory infrastructure/)", id="repositories-elsewhere",
        ),
        pytest.param(
            "app/utils/user_adapter.py", "app/x.py",
            "util (medium: directory utils/)", id="an-adapter-among-helpers",
        ),
        pytest.param(
            "app/core/user_adapter.py", "app/x.py",
            "infrastructure (medium: file name user_adapter.py)", id="an-adapter",
        ),
        pytest.param(
            "app/jobs_of/upload_to_s3.py", "app/x.py",
            "unknown (none: nothing matched)", id="after-a-preposition",
        ),
        pytest.param(
            "app/jobs_of/files_s3.py", "app/x.py",
            "infrastructure (medium: file name files_s3.py)", id="a-noun-at-the-end",
        ),
        pytest.param(
            "app/utils/database.py", "app/x.py",
            "util (medium: directory utils/)", id="helpers-for-databases",
        ),
        pytest.param(
            "app/core/database.py", "app/x.py", "database (strong: file name database.py)", id="the-database",
        ),
    ],
)  # fmt: skip
def test_what_a_directory_is_worth(tmp_path: Path, path: str, beside: str, expected: str) -> None:
    project = layered(tmp_path, {path: OTHER, beside: OTHER})
    assert said(project, path.removesuffix(".py").replace("/", ".")) == expected


CLASSES = "from elsewhere import other\nfrom pydantic import BaseModel\n\n"


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        pytest.param(
            "app/weather_models/fetch.py", OTHER,
            "unknown (none: nothing matched)", id="models-of-the-weather",
        ),
        pytest.param(
            "app/weather_models/rain.py", "class Rain:\n    depth: int\n",
            "entity (medium: directory weather_models/)", id="a-directory-of-entities",
        ),
        pytest.param(
            "app/models/presets.py", CLASSES + "class Preset(BaseModel): ...\n\ndef load(): return other()\n",
            "schema (medium: directory models/, holds data classes alone)", id="models-that-are-data-classes",
        ),
        pytest.param(
            "app/models/both.py", CLASSES + "class Preset(BaseModel): ...\n\nclass Row:\n    name: str\n",
            "entity (medium: directory models/)", id="models-of-both-kinds",
        ),
        pytest.param(
            "app/util/services.py", OTHER, "util (medium: directory util/)", id="helpers-for-services"
        ),
        pytest.param(
            "app/util/services.py", OTHER + "\nclass MailService: ...\n",
            "service (strong: file name services.py)", id="services-among-helpers",
        ),
        pytest.param(
            "app/work/service_router_worker_sync.py", OTHER,
            "unknown (none: nothing matched)", id="about-a-service",
        ),
        pytest.param(
            "app/work/service_users.py", OTHER,
            "service (medium: file name service_users.py)", id="a-service",
        ),
        pytest.param(
            "app/services/gateways/pool.py", OTHER,
            "service (medium: directory services/)", id="services-of-gateways",
        ),
    ],
)  # fmt: skip
def test_what_a_noun_is_worth(tmp_path: Path, path: str, text: str, expected: str) -> None:
    project = layered(tmp_path, {path: text, "app/util/config.py": OTHER})
    assert said(project, path.removesuffix(".py").replace("/", ".")) == expected


HANDED = """
    from fastapi import FastAPI, Request

    app = FastAPI()

    def swap(app: FastAPI) -> None:
        app.title = "b"

    def start(app: FastAPI) -> None:
        app.title = "a"

    @app.get("/")
    def show(request: Request):
        swap(request.app)

    start(app)
"""


@pytest.mark.parametrize(("name", "layer"), [("start", "app"), ("swap", "router")])
def test_what_handlers_call_with_the_application_is_no_part_of_it(
    tmp_path: Path, name: str, layer: str
) -> None:
    assert said(layered(tmp_path, {"app/main.py": HANDED}), f"app.main.{name}").partition(" ")[0] == layer


WORKER = """
    from app.database import connect

    async def begin(ctx): connect()

    async def work(ctx): connect()

    class WorkerSettings:
        functions = [work]
        on_job_start = begin
"""


def test_hooks_of_a_worker_are_tasks(tmp_path: Path) -> None:
    project = layered(tmp_path, {"app/settings.py": WORKER, "app/database.py": "def connect(): ..."})
    assert said(project, "app.settings.begin") == "task (certain: listed in WorkerSettings)"


def test_a_database_file_among_helpers_that_sets_it_up(tmp_path: Path) -> None:
    text = "from sqlalchemy import create_engine\n\ndef connect(): return create_engine('sqlite://')\n"
    project = layered(tmp_path, {"app/utils/database.py": text})
    assert said(project, "app.utils.database") == "database (strong: file name database.py)"


def test_entrypoints_with_routes_are_routers(tmp_path: Path) -> None:
    files = {"app/entrypoints/users.py": ROUTES, "app/entrypoints/forms.py": OTHER}
    project = layered(tmp_path, files)
    assert said(project, "app.entrypoints.users") == "router (certain: makes a router)"
    assert said(project, "app.entrypoints.forms") == "unknown (none: nothing matched)"


ADAPTERS = """
    import httpx
    from elsewhere import other

    class Within{name}Adapter:
        def run(self): return other()

    class Talking{name}Adapter:
        def run(self): return httpx.get("https://example.org")
"""


@pytest.mark.parametrize(
    ("path", "name", "expected"),
    [
        ("app/utils/a.py", "WithinAdapter", "util (medium: directory utils/)"),
        ("app/utils/a.py", "TalkingAdapter", "infrastructure (strong: class name *Adapter)"),
        ("app/core/a.py", "WithinAdapter", "infrastructure (strong: class name *Adapter)"),
    ],
)
def test_an_adapter_that_only_adapts(tmp_path: Path, path: str, name: str, expected: str) -> None:
    project = layered(tmp_path, {path: ADAPTERS.replace("{name}", "")})
    assert said(project, path.removesuffix(".py").replace("/", ".") + f".{name}") == expected


CONNECTION = """
    from sqlalchemy import create_engine, text
    from sqlalchemy.orm import Session, sessionmaker

    class Manager:
        def __init__(self, url: str) -> None:
            self.engine = create_engine(url)
            self.sessions = sessionmaker(self.engine)

        def migrate(self) -> None:
            with self.engine.connect() as connection:
                connection.execute(text("ALTER TABLE users ADD COLUMN name TEXT"))

    class Users:
        def __init__(self, session: Session) -> None:
            self.session = session

        def names(self):
            return self.session.execute(text("SELECT name FROM users")).all()
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Manager", "database (strong: file name connection.py)"),
        ("Users", "repository (medium: directory database/, runs statements on entities)"),
    ],
)
def test_what_makes_the_engine_is_of_the_database_though_it_runs_statements(
    tmp_path: Path, name: str, expected: str
) -> None:
    project = layered(tmp_path, {"app/database/connection.py": CONNECTION})
    found = said(project, f"app.database.connection.{name}")
    assert found.partition(" ")[0] == expected.partition(" ")[0]


COMMANDS = """
    import click
    from sqlalchemy.orm import Session

    @click.group()
    @click.pass_context
    def users(context: click.Context) -> None: ...

    @users.command("drop")
    @click.argument("name")
    def drop(db: Session, name: str) -> None:
        db.execute(name)

    @users.group()
    def rights() -> None: ...

    @rights.command()
    def grant(db: Session) -> None:
        db.execute("x")

    class Listing:
        def command(self): return lambda function: function

    listing = Listing()

    @listing.command()
    def other(db: Session) -> None:
        db.execute("x")
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("users", "task (certain: registered with click)"),
        ("drop", "task (certain: registered with click)"),
        ("grant", "task (certain: registered with click)"),
        ("other", "repository (medium: file name clients.py, runs statements on entities)"),
    ],
)
def test_commands_of_a_group_that_is_a_function(tmp_path: Path, name: str, expected: str) -> None:
    project = layered(tmp_path, {"app/shell/clients.py": COMMANDS})
    assert said(project, f"app.shell.clients.{name}") == expected


WRAPPERS = """
    import functools
    from fastapi import Request

    def cached(key: str):
        def wrapper(function):
            @functools.wraps(function)
            async def inner(request: Request, *args, **kwargs):
                return await function(request, *args, **kwargs)
            return inner
        return wrapper

    def logged(name: str):
        def wrapper(function):
            @functools.wraps(function)
            async def inner(*args, **kwargs):
                return await function(*args, **kwargs)
            return inner
        return wrapper
"""

USING = """
    from fastapi import FastAPI, Request
    from app.core.cache import cached, logged

    app = FastAPI()

    @app.get("/a")
    @cached("a")
    async def a(request: Request): return 1

    @app.get("/b")
    @logged("b")
    async def b(): return 1

    @logged("c")
    async def c(): return 1
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cached", "router (certain: makes what wraps route handlers)"),
        ("cached.wrapper.inner", "router (certain: wraps a route handler)"),
        ("logged", "infrastructure (medium: file name cache.py)"),
        ("logged.wrapper.inner", "infrastructure (medium: file name cache.py)"),
    ],
)
def test_what_makes_wrappers_of_handlers_alone_is_a_part_of_the_routers(
    tmp_path: Path, name: str, expected: str
) -> None:
    project = layered(tmp_path, {"app/core/cache.py": WRAPPERS, "app/main.py": USING})
    assert said(project, f"app.core.cache.{name}") == expected


RECORDS = """
    from psycopg import AsyncConnection
    from pydantic import BaseModel

    class Project(BaseModel):
        name: str

        @classmethod
        async def all(cls, db: AsyncConnection):
            async with db.cursor() as cursor:
                await cursor.execute("SELECT * FROM projects")
                return await cursor.fetchall()

    class ProjectOut(BaseModel):
        name: str

        @property
        def title(self) -> str:
            return self.name.title()
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Project", "entity (certain: derives from BaseModel, runs statements)"),
        ("ProjectOut", "schema (certain: derives from BaseModel)"),
    ],
)
def test_a_data_class_that_queries_for_itself_is_an_entity(tmp_path: Path, name: str, expected: str) -> None:
    assert said(layered(tmp_path, {"app/db/models.py": RECORDS}), f"app.db.models.{name}") == expected


GUARDS = """
    from fastapi import Depends
    from sqlalchemy.orm import Session
    from app.database import get_db
    from app.services.users import UserService

    def look_up(db: Session, role: str):
        UserService().note(role)
        return db.execute("SELECT role FROM users").all()

    def shared(db: Session):
        return db.execute("SELECT role FROM users").all()

    def admin(db: Session = Depends(get_db)):
        return look_up(db, "admin") or shared(db)

    def show(user = Depends(admin)): return user
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("look_up", "dependency (weak: runs statements for the dependencies beside it)"),
        ("shared", "repository (weak: runs statements on a session)"),
    ],
)
def test_what_only_dependencies_beside_it_call_is_their_own(
    tmp_path: Path, name: str, expected: str
) -> None:
    files = {
        "app/guards.py": GUARDS,
        "app/flows.py": "from app.guards import shared\n\ndef flow(db): return shared(db)\n",
        "app/database.py": "def get_db():\n    yield 1\n",
        "app/services/users.py": "class UserService:\n    def note(self, role): ...\n",
        "app/main.py": (
            "from fastapi import Depends, FastAPI\nfrom app.guards import show\napp = FastAPI()\n"
            "@app.get('/')\ndef index(user = Depends(show)): return user\n"
        ),
    }
    assert said(layered(tmp_path, files), f"app.guards.{name}") == expected
