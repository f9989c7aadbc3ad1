"""Which layers a project really uses, and where."""

from __future__ import annotations

from pathlib import Path

import pytest
from build_inline import MODELS, element, layered

from layercheck.config.schema import Config
from layercheck.project.model import Project

BASE = {
    "app/models.py": MODELS,
    "app/database.py": """
        from sqlalchemy import create_engine
        from sqlalchemy.orm import sessionmaker

        SessionLocal = sessionmaker(create_engine("sqlite://"))

        def get_db():
            with SessionLocal() as session:
                yield session
    """,
}

HEAD = """
    from fastapi import APIRouter, Depends
    from sqlalchemy import select
    from sqlalchemy.orm import Session
    from app.database import get_db
    from app.models import User
"""

ROUTER = (
    HEAD
    + """
    {imports}

    router = APIRouter()

    @router.get("/")
    def index(db: Session = Depends(get_db)):
        return {call}
"""
)


def router(imports: str, call: str) -> str:
    """Return a router module whose handler makes one call."""
    return ROUTER.replace("{imports}", imports).replace("{call}", call)


CRUD = """
    from sqlalchemy import select
    from sqlalchemy.orm import Session
    from app.models import User

    def all_users(db: Session):
        return db.scalars(select(User)).all()
"""

STATIC = """
    class UserRepository:
        def names(self):
            return ["ann"]
"""

GIT = """
    import git

    class GitRepo:
        def __init__(self, path: str):
            self.repo = git.Repo(path)

        def commit(self, message: str):
            return self.repo.index.commit(message)
"""

SERVICE = """
    from sqlalchemy.orm import Session
    from app.crud import all_users

    class UserService:
        def __init__(self, db: Session):
            self.db = db

        def all(self):
            return all_users(self.db)
"""

GENERIC = """
    from fastcrud import FastCRUD
    from app.models import User

    class CRUDUser(FastCRUD[User]):
        pass

    users = CRUDUser(User)
"""

DECORATED = """
    import functools
    from sqlalchemy import select
    from sqlalchemy.orm import Session
    from app.models import User

    def traced(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return function(*args, **kwargs)
        return wrapper

    class UserRepository:
        @traced
        def all(self, db: Session):
            return db.scalars(select(User)).all()
"""

PORT = """
    from typing import Protocol

    class Users(Protocol):
        def all(self): ...
"""

ADAPTER = """
    from sqlalchemy import select
    from sqlalchemy.orm import Session
    from app.models import User
    from app.port import Users

    class UserRepository(Users):
        def __init__(self, db: Session):
            self.db = db

        def all(self):
            return self.db.scalars(select(User)).all()
"""


ACTIVE = """

    from sqlalchemy import select
    from sqlalchemy.orm import Session

    class Finding:
        @classmethod
        def everything(cls, db: Session):
            return db.scalars(select(cls)).all()

    class Account(Finding, Base):
        __tablename__ = "accounts"
        id: Mapped[int] = mapped_column(primary_key=True)
"""

BY_ID = """
    from sqlalchemy.orm import Session

    def by_id(db: Session, i: int):
        return db.get(User, i)
"""


def used(project: Project) -> list[str]:
    """Return the layers that are used, sorted."""
    return sorted(project.presence.layers)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            {"app/users.py": router("", "db.scalars(select(User)).all()")},
            [],
            id="flat",
        ),
        pytest.param(
            {"app/crud.py": CRUD, "app/users.py": router("from app import crud", "crud.all_users(db)")},
            ["repository"],
            id="crud-functions",
        ),
        pytest.param(
            {
                "app/crud.py": CRUD,
                "app/service.py": SERVICE,
                "app/users.py": router("from app.service import UserService", "UserService(db).all()"),
            },
            ["repository", "service"],
            id="services-and-repositories",
        ),
        pytest.param(
            {
                "app/crud.py": CRUD,
                "app/users.py": router("from app import crud", "crud.all_users(db)"),
                **{
                    f"app/services/{name}.py": BY_ID.replace("db.get(User, i)", f"db.get(User, i), {i}")
                    for i, name in enumerate(("mail", "bills", "rooms", "trips"))
                },
                "app/api.py": router(
                    "from app.services import mail, bills, rooms, trips",
                    "[one.by_id(db, 1) for one in (mail, bills, rooms, trips)]",
                ),
            },
            ["service"],
            id="one-router-with-data-access-and-four-services-without",
        ),
        pytest.param(
            {
                "app/database/users.py": CRUD,
                "app/users.py": router("from app.database import users", "users.all_users(db)"),
            },
            ["repository"],
            id="data-access-in-a-database-folder",
        ),
        pytest.param(
            {
                "app/models.py": MODELS + ACTIVE,
                "app/users.py": router("from app.models import Account", "Account.everything(db)"),
            },
            [],
            id="a-base-of-entities-that-find-themselves",
        ),
        pytest.param(
            {
                "app/crud.py": GENERIC,
                "app/users.py": router("from app.crud import users", "users.get_multi(db)"),
            },
            ["repository"],
            id="methods-a-library-gives-to-a-repository",
        ),
        pytest.param(
            {
                "app/repo.py": DECORATED,
                "app/users.py": router("from app.repo import UserRepository", "UserRepository().all(db)"),
            },
            ["repository"],
            id="a-decorator-around-the-repository",
        ),
        pytest.param(
            {
                "app/port.py": PORT,
                "app/repo.py": ADAPTER,
                "app/users.py": """
                    from fastapi import APIRouter, Depends
                    from sqlalchemy.orm import Session
                    from app.database import get_db
                    from app.port import Users
                    from app.repo import UserRepository

                    router = APIRouter()

                    def get_users(db: Session = Depends(get_db)) -> Users:
                        return UserRepository(db)

                    @router.get("/")
                    def index(users: Users = Depends(get_users)):
                        return users.all()
                """,
            },
            ["repository"],
            id="a-repository-behind-an-interface",
        ),
        pytest.param(
            {"app/crud.py": CRUD, "app/users.py": router("", "db.scalars(select(User)).all()")},
            [],
            id="a-repository-nobody-uses",
        ),
        pytest.param(
            {
                "app/repo.py": STATIC,
                "app/users.py": router("from app.repo import UserRepository", "UserRepository().names()"),
            },
            [],
            id="a-repository-without-statements",
        ),
        pytest.param(
            {
                "app/git_repo.py": GIT,
                "app/users.py": router("from app.git_repo import GitRepo", "GitRepo('.').commit('x')"),
            },
            [],
            id="a-repository-of-git",
        ),
        pytest.param(
            {
                "app/models.py": MODELS + BY_ID,
                "app/users.py": router("from app.models import by_id", "by_id(db, 1)"),
            },
            [],
            id="query-functions-beside-entities",
        ),
        pytest.param(
            {
                "app/stuff.py": CRUD,
                "app/users.py": router("from app.stuff import all_users", "all_users(db)"),
            },
            [],
            id="queries-without-a-name",
        ),
        pytest.param(
            {"app/service.py": SERVICE, "app/crud.py": CRUD, "app/users.py": router("", "[]")},
            ["repository"],
            id="a-service-no-handler-calls",
        ),
    ],
)
def test_used_layers(tmp_path: Path, files: dict[str, str], expected: list[str]) -> None:
    project = layered(tmp_path, {**BASE, **files})
    assert used(project) == expected
    assert project.presence.is_flat is (not expected)


def feature(name: str, imports: str, call: str) -> dict[str, str]:
    """Return a feature of two files: a router with one call, and schemas."""
    return {
        f"app/{name}/__init__.py": "",
        f"app/{name}/router.py": router(imports, call),
        f"app/{name}/schemas.py": "from pydantic import BaseModel\nclass Out(BaseModel): ...\n",
    }


FEATURES = {
    **BASE,
    **feature("users", "from app.users import repository", "repository.all_users(db)"),
    "app/users/repository.py": CRUD,
    **feature("tags", "", "db.scalars(select(User)).all()"),
}


@pytest.mark.parametrize(
    ("config", "module", "expected"),
    [
        pytest.param(Config(), "app.users.router", True, id="the-feature-with-repository"),
        pytest.param(Config(), "app.tags.router", False, id="the-feature-without"),
        pytest.param(Config(), "app.database", True, id="outside-of-features"),
        pytest.param(Config(gating="project"), "app.tags.router", True, id="gated-by-project"),
        pytest.param(Config(gating="off"), "app.tags.router", True, id="not-gated"),
        pytest.param(Config(gating="feature"), "app.tags.router", False, id="gated-by-feature"),
    ],
)
def test_gates_of_a_feature_first_layout(tmp_path: Path, config: Config, module: str, expected: bool) -> None:
    project = layered(tmp_path, FEATURES, config)
    assert project.presence.has("repository", element(project, module)) is expected


def test_features_are_the_directories_that_hold_a_router_beside_other_layers(tmp_path: Path) -> None:
    project = layered(tmp_path, FEATURES)
    assert project.presence.gating == "feature"
    assert project.presence.features == {"app/users": frozenset({"repository"}), "app/tags": frozenset()}


def test_features_may_hold_a_folder_for_each_layer(tmp_path: Path) -> None:
    files = {
        f"app/{name}/{folder}/{name}.py": text
        for name in ("users", "tags")
        for folder, text in (
            ("api", router("", "[]")),
            ("schemas", "class Out: ...\n"),
            ("services", "class S: ...\n"),
        )
    }
    project = layered(tmp_path, {**BASE, **files})
    assert sorted(project.presence.features) == ["app/tags", "app/users"]


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(
            {"app/routers/users.py": router("", "[]"), "app/services/users.py": "class UserService: ...\n"},
            id="a-folder-for-each-layer",
        ),
        pytest.param(feature("users", "", "[]"), id="a-single-feature"),
    ],
)
def test_other_layouts_have_no_features(tmp_path: Path, files: dict[str, str]) -> None:
    project = layered(tmp_path, {**BASE, **files})
    assert project.presence.gating == "project"
    assert project.presence.features == {}


def test_features_of_the_settings(tmp_path: Path) -> None:
    config = Config(features="app/{feature}/**")
    project = layered(
        tmp_path, {**BASE, **feature("users", "", "[]"), "app/users/deep/more.py": "X = 1\n"}, config
    )
    homes = {module.name: home for module, home in project.presence.homes.items()}
    assert homes == {
        "app.users": "app/users",
        "app.users.deep.more": "app/users",
        "app.users.router": "app/users",
        "app.users.schemas": "app/users",
    }
