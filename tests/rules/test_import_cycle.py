"""LC602: modules of different layers or features that import each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from small_projects import check, expected, found, report

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "a service and a repository": ("""
        # app/repositories/a.py
        from app.services import a  # expect: LC602
        def load() -> object:
            return a
        # app/services/a.py
        from app.repositories import a
        def work() -> object:
            return a
    """, {}),
    "the import against the layers is told": ("""
        # app/api/a.py
        from fastapi import APIRouter
        from app.services import a
        router = APIRouter()
        def show() -> object:
            return a
        # app/services/a.py
        from app.api import a  # expect: LC602
        def work() -> object:
            return a
    """, {}),
    "a package that only hands on what lies in it": ("""
        # app/database/__init__.py
        from app.database.models import User
        from app.database.repositories import UserRepository
        # app/database/models.py
        class User: ...
        # app/database/repositories/__init__.py
        from app.database.repositories.users import UserRepository
        # app/database/repositories/users.py
        from app.database import User
        class UserRepository:
            def load(self) -> object:
                return User()
    """, {}),
    "a package that makes the application": ("""
        # app/web/__init__.py
        from fastapi import FastAPI
        from app.web.services import users
        app = FastAPI()
        # app/web/services/users.py
        from app.web import app  # expect: LC602
        def work() -> object:
            return app
    """, {}),
    "two features": ("""
        # app/orders/service.py
        from app.users import service  # expect: LC602
        # app/users/service.py
        from app.orders import service
    """, {}),
    "a name used in annotations alone is loaded all the same": ("""
        # app/repositories/a.py
        from app.services.a import Work  # expect: LC602
        def load(one: Work) -> None: ...
        # app/services/a.py
        from app.repositories.a import load
        class Work:
            def work(self) -> object:
                return load
    """, {}),
    "three modules": ("""
        # app/api/a.py
        from app.services import a
        from fastapi import APIRouter
        router = APIRouter()
        # app/repositories/a.py
        from app.api import a  # expect: LC602
        # app/services/a.py
        from app.repositories import a
    """, {}),
    "two groups": ("""
        # app/a/one.py
        from app.b import one  # expect: LC602
        # app/a/two.py
        from app.b import two  # expect: LC602
        # app/b/one.py
        from app.a import one
        # app/b/two.py
        from app.a import two
    """, {}),
    "inside functions, when asked": ("""
        # app/repositories/a.py
        def load() -> object:
            from app.services import a  # expect: LC602
            return a
        # app/services/a.py
        from app.repositories import a
    """, {"rules": {"LC602": {"lazy": True}}}),
    "inside a package, when asked": ("""
        # app/services/a.py
        from app.services import b  # expect: LC602
        # app/services/b.py
        from app.services import a
    """, {"rules": {"LC602": {"within-package": True}}}),
    "inside functions": ("""
        # app/repositories/a.py
        def load() -> object:
            from app.services import a
            return a
        # app/services/a.py
        from app.repositories import a
    """, {}),
    "inside a package": ("""
        # app/services/a.py
        from app.services import b
        # app/services/b.py
        from app.services import a
    """, {}),
    "a package and its own module": ("""
        # app/services/__init__.py
        from app.services.a import work
        # app/services/a.py
        from app import services
        def work() -> object:
            return services
    """, {}),
    "for type checkers alone": ("""
        # app/repositories/a.py
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from app.services import a
        # app/services/a.py
        from app.repositories import a
    """, {}),
    "among entities": ("""
        # app/orders/models.py
        from app.users import models
        from sqlalchemy.orm import DeclarativeBase
        class Base(DeclarativeBase): ...
        class Order(Base): ...
        # app/users/models.py
        from app.orders import models
        from sqlalchemy.orm import DeclarativeBase
        class Base(DeclarativeBase): ...
        class User(Base): ...
    """, {}),
    "two modules that use a third": ("""
        # app/services/a.py
        from app.repositories import shared
        # app/services/b.py
        from app.repositories import shared
        # app/repositories/shared.py
        NAME = "shared"
    """, {}),
    "one direction": ("""
        # app/repositories/a.py
        def load() -> None: ...
        # app/services/a.py
        from app.repositories import a
    """, {}),
    "a module of its own name outside": ("""
        # app/services/logging.py
        import logging
        # app/repositories/a.py
        from app.services import logging
    """, {}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "settings"), CASES.values(), ids=CASES)
def test_places(text: str, settings: dict[str, Any], tmp_path: Path) -> None:
    assert found(check(tmp_path, text, {"select": ["LC602"], **settings})) == expected(text)


def test_what_it_says(tmp_path: Path) -> None:
    text = """
        # app/api/a.py
        from app.services import a
        from fastapi import APIRouter
        router = APIRouter()
        # app/repositories/a.py
        from app.api import a
        # app/services/a.py
        from app.repositories import a
        from app.services import b
        # app/services/b.py
        from app.services import a
    """
    assert report(check(tmp_path, text, {"select": ["LC602"]})) == [
        "warning app/repositories/a.py:2:1 3 modules import each other: app.repositories.a -> app.api.a"
        " -> app.services.a -> app.repositories.a (a shortest cycle among 4 modules)",
        "  app/repositories/a.py:2 [repository] import: app.repositories.a -> app.api.a",
        "  app/api/a.py:2 [router] import: app.api.a -> app.services.a",
        "  app/services/a.py:2 [service] import: app.services.a -> app.repositories.a",
        "  repository: directory repositories/",
        "  router: makes a router",
        "  service: directory services/",
        "  = app.repositories.a app.api.a, app.repositories.a, app.services.a",
    ]
