"""LC202: services, and what they call, that raise HTTP exceptions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from small_projects import check, expected, found, report

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "what a router hands to a service to be called back": ("""
        # app/services/retry.py
        from collections.abc import Callable
        def retried(operation: Callable[[], str]) -> str:
            return operation()
        # app/api/a.py
        from fastapi import APIRouter, HTTPException
        from app.services.retry import retried
        router = APIRouter()
        def checked(name: str) -> str:
            raise HTTPException(400)
        @router.get("/")
        def show(name: str) -> str:
            def attempt() -> str:
                return checked(name)
            return retried(attempt)
    """, {}),
    "a wrapper of handlers that lies among services": ("""
        # app/services/audit.py
        from functools import wraps
        def audited(route):
            @wraps(route)
            def wrapper(*args, **kwargs):
                return route(*args, **kwargs)
            return wrapper
        # app/utils/paths.py
        from fastapi import HTTPException
        def checked(name: str) -> str:
            raise HTTPException(400)
        # app/api/a.py
        from fastapi import APIRouter
        from app.services.audit import audited
        from app.utils.paths import checked
        router = APIRouter()
        @router.get("/")
        @audited
        def show(name: str) -> str:
            return checked(name)
    """, {}),
    "a helper a service is handed": ("""
        # app/services/retry.py
        from collections.abc import Callable
        def retried(operation: Callable[[], str]) -> str:
            return operation()
        # app/utils/paths.py
        from fastapi import HTTPException
        def checked() -> str:
            raise HTTPException(400)  # expect: LC202
        # app/services/a.py
        from app.services.retry import retried
        from app.utils.paths import checked
        def load() -> str:
            return retried(checked)
    """, {}),
    "raised in a service": ("""
        # app/services/a.py
        from fastapi import HTTPException
        def load() -> None:
            raise HTTPException(404)  # expect: LC202
    """, {}),
    "starlette's own": ("""
        # app/services/a.py
        from starlette.exceptions import HTTPException
        def load() -> None:
            raise HTTPException(404)  # expect: LC202
    """, {}),
    "a subclass": ("""
        # app/exceptions.py
        from fastapi import HTTPException
        class NotFound(HTTPException):
            def __init__(self) -> None:
                super().__init__(404)
        # app/services/a.py
        from app.exceptions import NotFound
        def load() -> None:
            raise NotFound  # expect: LC202
    """, {}),
    "made earlier": ("""
        # app/services/a.py
        from fastapi import HTTPException
        GONE = HTTPException(410)
        def load() -> None:
            raise GONE  # expect: LC202
    """, {}),
    "made by a factory": ("""
        # app/services/a.py
        from fastapi import HTTPException
        def gone() -> HTTPException:
            return HTTPException(410)
        def load() -> None:
            raise gone()  # expect: LC202
    """, {}),
    "a class whose constructor raises one": ("""
        # app/exceptions.py
        from fastapi import HTTPException
        class Gone(Exception):
            def __init__(self) -> None:
                raise HTTPException(410)
        # app/services/a.py
        from app.exceptions import Gone
        def load() -> None:
            raise Gone()  # expect: LC202
    """, {}),
    "in a helper two calls below": ("""
        # app/utils/checks.py
        from fastapi import HTTPException
        def inner() -> None:
            raise HTTPException(404)  # expect: LC202
        def outer() -> None:
            inner()
        # app/services/a.py
        from app.utils.checks import outer
        def load() -> None:
            outer()
    """, {}),
    "in a helper whose exception the service catches": ("""
        # app/utils/checks.py
        from fastapi import HTTPException
        def check() -> None:
            raise HTTPException(404)  # expect: LC202
        # app/services/a.py
        from fastapi import HTTPException
        from app.utils.checks import check
        def load() -> None:
            try:
                check()
            except HTTPException:
                pass
    """, {}),
    "in a module no name tells, called only by a service": ("""
        # app/checks.py
        from fastapi import HTTPException
        def check() -> None:
            raise HTTPException(404)  # expect: LC202
        # app/services/a.py
        from app.checks import check
        def load() -> None:
            check()
    """, {}),
    "below a task": ("""
        # app/utils/checks.py
        from fastapi import HTTPException
        def check() -> None:
            raise HTTPException(404)  # expect: LC202
        # app/worker.py
        from celery import Celery
        from app.utils.checks import check
        celery = Celery("app")
        @celery.task
        def job() -> None:
            check()
    """, {}),
    "one per function and class": ("""
        # app/services/a.py
        from fastapi import HTTPException
        class Teapot(HTTPException): ...
        def load(key: int) -> None:
            if key == 1:
                raise HTTPException(404)  # expect: LC202
            if key == 2:
                raise HTTPException(409)
            raise Teapot(418)  # expect: LC202
        def other() -> None:
            raise HTTPException(404)  # expect: LC202
    """, {}),
    "a layer that may not by the settings": ("""
        # app/dependencies.py
        from fastapi import Depends, HTTPException
        def user() -> int:
            raise HTTPException(401)  # expect: LC202
        # app/services/a.py
        from app.dependencies import user
        def load() -> None:
            user()
        # app/api/a.py
        from fastapi import APIRouter, Depends
        from app.dependencies import user
        router = APIRouter()
        @router.get("/")
        def show(one: int = Depends(user)) -> None: ...
    """, {"http-exceptions-in": ["router"]}),
    "a domain exception": ("""
        # app/services/a.py
        class Gone(Exception): ...
        def load() -> None:
            raise Gone
    """, {}),
    "an exception with a status code": ("""
        # app/services/a.py
        class Gone(Exception):
            status_code = 410
        def load() -> None:
            raise Gone
    """, {}),
    "another HTTPException": ("""
        # app/services/a.py
        from http.client import HTTPException
        def load() -> None:
            raise HTTPException(404)
    """, {}),
    "caught where it is raised": ("""
        # app/services/a.py
        from fastapi import HTTPException
        def load() -> None:
            try:
                raise HTTPException(404)
            except HTTPException:
                pass
    """, {}),
    "caught where it is raised, and raised anew": ("""
        # app/services/a.py
        from fastapi import HTTPException
        def load(key: int) -> None:
            try:
                if key < 0:
                    raise HTTPException(404)
            except Exception:
                raise HTTPException(400)  # expect: LC202
    """, {}),
    "made and not raised": ("""
        # app/services/a.py
        from fastapi import HTTPException
        def describe() -> str:
            return str(HTTPException(404))
    """, {}),
    "in a handler": ("""
        # app/api/a.py
        from fastapi import APIRouter, HTTPException
        router = APIRouter()
        @router.get("/")
        def show() -> None:
            raise HTTPException(404)
    """, {}),
    "in a helper that only handlers call": ("""
        # app/utils/checks.py
        from fastapi import HTTPException
        def check() -> None:
            raise HTTPException(404)
        # app/api/a.py
        from fastapi import APIRouter
        from app.utils.checks import check
        router = APIRouter()
        @router.get("/")
        def show() -> None:
            check()
    """, {}),
    "in a module no name tells, called by a handler, too": ("""
        # app/checks.py
        from fastapi import HTTPException
        def check() -> None:
            raise HTTPException(404)  # expect: LC202
        # app/services/a.py
        from app.checks import check
        def load() -> None:
            check()
        # app/api/a.py
        from fastapi import APIRouter
        from app.checks import check
        router = APIRouter()
        @router.get("/")
        def show() -> None:
            check()
    """, {}),
    "in a module no name tells, called by a handler only": ("""
        # app/checks.py
        from fastapi import HTTPException
        def check() -> None:
            raise HTTPException(404)
        # app/services/a.py
        def load() -> None: ...
        # app/api/a.py
        from fastapi import APIRouter
        from app.checks import check
        from app.services.a import load
        router = APIRouter()
        @router.get("/")
        def show() -> None:
            check()
            load()
    """, {}),
    "in a dependency a service calls": ("""
        # app/dependencies.py
        from fastapi import HTTPException
        def user() -> int:
            raise HTTPException(401)
        # app/services/a.py
        from app.dependencies import user
        def load() -> None:
            user()
        # app/api/a.py
        from fastapi import APIRouter, Depends
        from app.dependencies import user
        router = APIRouter()
        @router.get("/")
        def show(one: int = Depends(user)) -> None: ...
    """, {}),
    "in a repository below a service": ("""
        # app/repositories/a.py
        from fastapi import HTTPException
        def load() -> None:
            raise HTTPException(404)
        # app/services/a.py
        from app.repositories.a import load
        def get() -> None:
            load()
    """, {}),
    "handed on by a service": ("""
        # app/services/a.py
        from fastapi import HTTPException
        from somewhere import ask
        def load() -> None:
            try:
                ask()
            except HTTPException:
                raise
    """, {}),
    "started in the background only": ("""
        # app/api/a.py
        from fastapi import APIRouter, HTTPException
        router = APIRouter()
        @router.get("/")
        def show() -> None:
            raise HTTPException(404)
        # app/services/a.py
        def load() -> None: ...
    """, {}),
    "services may by the settings": ("""
        # app/services/a.py
        from fastapi import HTTPException
        def load() -> None:
            raise HTTPException(404)
    """, {"http-exceptions-in": ["router", "service"]}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "settings"), CASES.values(), ids=CASES)
def test_places(text: str, settings: dict[str, Any], tmp_path: Path) -> None:
    assert found(check(tmp_path, text, {"select": ["LC202"], **settings})) == expected(text)


def test_what_it_says(tmp_path: Path) -> None:
    text = """
        # app/utils/checks.py
        from fastapi import HTTPException, status


        def ensure(found: bool, allowed: bool) -> None:
            if not found:
                raise HTTPException(status_code=status.HTTP_404_NOT_FOUND)
            if not allowed:
                raise HTTPException(403)
        # app/services/users.py
        from fastapi import HTTPException

        from app.utils.checks import ensure


        class UserService:
            def load(self) -> None:
                ensure(True, False)

            def rename(self) -> None:
                raise HTTPException(422, "blank")
    """
    assert report(check(tmp_path, text, {"select": ["LC202"]})) == [
        "error app/services/users.py:12:9 service `UserService.rename` raises HTTPException(422)",
        "  app/services/users.py:12 [service] raise: raise HTTPException(422)",
        "  service: class name *Service",
        "  = app.services.users.UserService.rename HTTPException",
        "error app/utils/checks.py:7:9 `ensure` raises HTTPException(404) below service `UserService.load`",
        "  app/services/users.py:9 [service] call: UserService.load -> ensure",
        "  app/utils/checks.py:7 [util] raise: raise HTTPException(404)",
        "  also app/utils/checks.py:9",
        "  service: class name *Service",
        "  util: directory utils/",
        "  = app.utils.checks.ensure HTTPException",
    ]
