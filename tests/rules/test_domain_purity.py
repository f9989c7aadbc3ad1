"""LC603: exceptions and domain code that know a framework or an outer layer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from small_projects import check, expected, found, report

DOMAIN = {"layers": {"domain": {"modules": ["app/domain/**"], "may-use": ["exception", "util"]}}}

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "a status code": ("""
        # app/exceptions.py
        from fastapi import status  # expect: LC603
        class Gone(Exception):
            code = status.HTTP_410_GONE
    """, {}),
    "a base of the database": ("""
        # app/exceptions.py
        from sqlalchemy.exc import SQLAlchemyError  # expect: LC603
        class Broken(SQLAlchemyError): ...
    """, {}),
    "a client": ("""
        # app/exceptions.py
        import httpx  # expect: LC603
        class Timeout(Exception):
            def __init__(self) -> None:
                super().__init__(httpx.codes.REQUEST_TIMEOUT)
    """, {}),
    "an exception in their own file, beside their handlers": ("""
        # app/exceptions.py
        from fastapi import Request
        from fastapi.responses import JSONResponse  # expect: LC603
        class Gone(Exception):
            def response(self) -> JSONResponse:
                return JSONResponse({}, 410)
        def on_gone(request: Request, error: Gone) -> JSONResponse:
            return JSONResponse({}, 410)
    """, {"select": ["LC603"]}),
    "an exception beside code that uses the framework too": ("""
        # app/services/shim.py
        import httpx
        class ShimError(Exception):
            def __init__(self, cause: Exception) -> None:
                self.is_timeout = isinstance(cause, httpx.TimeoutException)
        class Shim:
            def call(self) -> object:
                try:
                    return httpx.get("https://example.org")
                except httpx.HTTPError as error:
                    raise ShimError(error)
    """, {}),
    "exceptions where the frameworks are used": ("""
        # app/redis/client.py
        from redis.exceptions import ResponseError
        class GroupMissing(ResponseError): ...
        # app/web/permissions.py
        from fastapi import Depends, FastAPI, status
        class Unauthorized(Exception):
            code = status.HTTP_401_UNAUTHORIZED
        def allowed() -> None:
            raise Unauthorized
        app = FastAPI(dependencies=[Depends(allowed)])
    """, {}),
    "an exception beside a service": ("""
        # app/services/a.py
        from fastapi import status  # expect: LC603
        class Gone(Exception):
            code = status.HTTP_410_GONE
    """, {"ignore": ["LC201"]}),
    "an exception uses a service": ("""
        # app/services/a.py
        class AService: ...
        # app/exceptions.py
        from app.services.a import AService  # expect: LC603
        class Gone(Exception):
            service = AService()
    """, {}),
    "inside a function": ("""
        # app/exceptions.py
        class Gone(Exception):
            def __str__(self) -> str:
                from fastapi import status  # expect: LC603
                return str(status.HTTP_410_GONE)
    """, {}),
    "the domain queries": ("""
        # app/domain/users.py
        from sqlalchemy import select, text  # expect: LC603
        def all_users() -> object:
            return select(text("1"))
    """, DOMAIN),
    "the domain raises HTTP": ("""
        # app/domain/users.py
        from fastapi import HTTPException  # expect: LC603
        def rename(name: str) -> None:
            raise HTTPException(400)
    """, DOMAIN),
    "the domain uses an outer layer": ("""
        # app/services/a.py
        class AService: ...
        # app/domain/users.py
        from app.services.a import AService  # expect: LC603
        def rename() -> object:
            return AService()
    """, DOMAIN),
    "Pydantic, where it is unwanted": ("""
        # app/domain/users.py
        from pydantic import BaseModel  # expect: LC603
        class User(BaseModel): ...
    """, {**DOMAIN, "rules": {"LC603": {"pydantic-in-domain": False}}}),
    "a package that counts as a framework": ("""
        # app/domain/users.py
        import stripe  # expect: LC603
        def pay() -> object:
            return stripe.Charge()
    """, {**DOMAIN, "types": {"framework-packages": ["stripe"]}}),
    "a query beside an entity": ("""
        # app/domain/users.py
        from sqlalchemy.orm import DeclarativeBase
        from sqlalchemy import select  # expect: LC603
        class Base(DeclarativeBase): ...
        class User(Base):
            __tablename__ = "users"
        def all_users() -> object:
            return select(User)
    """, DOMAIN),
    "a package that sounds alike": ("""
        # app/exceptions.py
        from fastapi_like import status
        class Gone(Exception):
            code = status.GONE
    """, {}),
    "only type checkers import": ("""
        # app/exceptions.py
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from fastapi import Request
        class Gone(Exception):
            def __init__(self, request: "Request") -> None:
                self.path = str(request)
    """, {}),
    "plain exceptions": ("""
        # app/exceptions.py
        class Gone(Exception):
            code = "gone"
        class GoneForever(Gone): ...
    """, {}),
    "exceptions for HTTP": ("""
        # app/exceptions.py
        from fastapi import HTTPException, status
        class Gone(HTTPException):
            def __init__(self) -> None:
                super().__init__(status.HTTP_410_GONE)
        GONE = HTTPException(status.HTTP_410_GONE)
    """, {}),
    "other exceptions of the web": ("""
        # app/exceptions.py
        from starlette.authentication import AuthenticationError
        class Unknown(AuthenticationError): ...
    """, {}),
    "handlers beside the exceptions": ("""
        # app/exceptions.py
        from fastapi import FastAPI, Request
        from fastapi.responses import JSONResponse
        class Gone(Exception): ...
        def on_gone(request: Request, error: Exception) -> JSONResponse:
            return JSONResponse({}, 410)
        app = FastAPI()
        app.add_exception_handler(Gone, on_gone)
    """, {"ignore": ["LC502"]}),
    "in annotations alone": ("""
        # app/exceptions.py
        from typing import TYPE_CHECKING
        from httpx import Response
        if TYPE_CHECKING:
            from fastapi import Request
        class Gone(Exception):
            def __init__(self, response: Response, request: "Request") -> None: ...
    """, {}),
    "Pydantic": ("""
        # app/domain/users.py
        from pydantic import BaseModel
        class User(BaseModel): ...
    """, DOMAIN),
    "entities in the domain": ("""
        # app/domain/users.py
        from sqlalchemy import Column, ForeignKey, Integer, Table
        from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
        class Base(DeclarativeBase): ...
        friends = Table("friends", Base.metadata, Column("a", Integer, ForeignKey("users.id")))
        class User(Base):
            __tablename__ = "users"
            id: Mapped[int] = mapped_column(primary_key=True)
    """, DOMAIN),
    "the domain uses what it may": ("""
        # app/exceptions.py
        class Gone(Exception): ...
        # app/utils/clock.py
        def now() -> int: return 1
        # app/domain/users.py
        from app.exceptions import Gone
        from app.utils.clock import now
        def leave() -> None:
            raise Gone(now())
    """, DOMAIN),
    "a folder nobody named": ("""
        # app/domain/users.py
        from sqlalchemy import text
        def all_users() -> object:
            return text("1")
    """, {}),
    "the domain is used": ("""
        # app/domain/users.py
        def name() -> str: return "Ann"
        # app/services/a.py
        from app.domain.users import name
        def work() -> str:
            return name() + name()
    """, DOMAIN),
}  # fmt: skip


@pytest.mark.parametrize(("text", "settings"), CASES.values(), ids=CASES)
def test_cases(text: str, settings: dict[str, Any], tmp_path: Path) -> None:
    assert found(check(tmp_path, text, settings)) == expected(text)


def test_the_whole_finding_for_a_framework(tmp_path: Path) -> None:
    outcome = check(tmp_path, """
        # app/exceptions.py
        import httpx
        from fastapi import Request, status
        class Gone(Exception):
            code = status.HTTP_410_GONE
            kind = Request
    """)  # fmt: skip
    assert report(outcome) == [
        "error app/exceptions.py:2:1 exception `app.exceptions` imports `httpx`",
        "  app/exceptions.py:2 [exception] import: app.exceptions -> httpx",
        "  exception: file name exceptions.py",
        "  = app.exceptions httpx",
        "error app/exceptions.py:3:1 exception `Gone` imports `fastapi.Request` and `fastapi.status`",
        "  app/exceptions.py:3 [exception] import: app.exceptions -> fastapi.Request",
        "  app/exceptions.py:3 [exception] import: app.exceptions -> fastapi.status",
        "  exception: derives from Exception",
        "  = app.exceptions.Gone fastapi.Request, fastapi.status",
    ]


def test_the_whole_finding_for_a_layer(tmp_path: Path) -> None:
    outcome = check(tmp_path, """
        # app/services/a.py
        class AService: ...
        # app/domain/users.py
        from app.services.a import AService
        def rename() -> object:
            return AService()
    """, DOMAIN)  # fmt: skip
    assert report(outcome) == [
        "error app/domain/users.py:2:1 domain `rename` imports service `app.services.a.AService`",
        "  app/domain/users.py:2 [domain] import: app.domain.users -> app.services.a.AService",
        "  domain: settings: layers.domain app/domain/**",
        "  service: class name *Service",
        "  = app.domain.users.rename app.services.a.AService",
    ]
    assert [one.help for one in outcome.new] == ["hand in what is needed, or let service translate it"]


def test_without_domain_or_exception_it_says_so(tmp_path: Path) -> None:
    outcome = check(tmp_path, "# app/services/a.py\nclass AService: ...\n")
    assert {one.code: one.reason for one in outcome.summary.inactive_rules}["LC603"] == (
        "no domain or exception layer found"
    )
