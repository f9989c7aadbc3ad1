"""LC201: services that know the web framework."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from small_projects import check, expected, found, report

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "a name in a signature": ("""
        # app/services/a.py
        from fastapi import Request  # expect: LC201
        class AuditService:
            def log(self, request: Request) -> None: ...
    """, {}),
    "a name at run time": ("""
        # app/services/a.py
        from fastapi.responses import JSONResponse  # expect: LC201
        def answer() -> object:
            return JSONResponse({})
    """, {}),
    "a name in a string annotation": ("""
        # app/services/a.py
        from starlette.requests import Request  # expect: LC201
        def log(request: "Request") -> None: ...
    """, {}),
    "one finding per statement": ("""
        # app/services/a.py
        from fastapi import Request, Response  # expect: LC201
        from starlette.websockets import WebSocket  # expect: LC201
        def log(a: Request, b: Response, c: WebSocket) -> None: ...
    """, {}),
    "a whole module": ("""
        # app/services/a.py
        import fastapi  # expect: LC201
        def log(request: fastapi.Request) -> None: ...
    """, {}),
    "inside a function": ("""
        # app/services/a.py
        def answer() -> object:
            from fastapi import Response  # expect: LC201
            return Response()
    """, {}),
    "a name never used": ("""
        # app/services/a.py
        from fastapi import Request  # expect: LC201
        def nothing() -> None: ...
    """, {}),
    "through a module of the project": ("""
        # app/web.py
        from fastapi import Request
        # app/services/a.py
        from app.web import Request  # expect: LC201
        def log(request: Request) -> None: ...
    """, {}),
    "status codes without a raise": ("""
        # app/services/a.py
        from fastapi import status  # expect: LC201
        def code() -> int:
            return status.HTTP_200_OK
    """, {}),
    "a class called service elsewhere": ("""
        # app/things.py
        from fastapi import Request  # expect: LC201
        class ThingService:
            def log(self, request: Request) -> None: ...
    """, {}),
    "a package the settings name": ("""
        # app/services/a.py
        from flask import Request  # expect: LC201
        def log(request: Request) -> None: ...
    """, {"types": {"web": ["flask"]}}),
    "a list of allowed names of one's own": ("""
        # app/services/a.py
        from fastapi.concurrency import run_in_threadpool  # expect: LC201
        from fastapi import Request
        def log(request: Request) -> object:
            return run_in_threadpool(print)
    """, {"rules": {"LC201": {"allowed-web-names": ["Request"]}}}),
    "only type checkers import": ("""
        # app/services/a.py
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from fastapi import Request
        def log(request: "Request") -> None: ...
    """, {}),
    "helpers that are allowed": ("""
        # app/services/a.py
        from fastapi.concurrency import run_in_threadpool
        from fastapi.encoders import jsonable_encoder
        from starlette.concurrency import iterate_in_threadpool
        async def run() -> object:
            return jsonable_encoder(await run_in_threadpool(iterate_in_threadpool, []))
    """, {}),
    "Depends is another rule's": ("""
        # app/services/a.py
        from fastapi import Depends
        def provide() -> int: return 1
        class AService:
            def __init__(self, number: int = Depends(provide)) -> None: ...
    """, {}),
    "HTTPException and its status are judged at the raise": ("""
        # app/services/a.py
        from fastapi import HTTPException, status
        def load() -> None:
            raise HTTPException(status.HTTP_404_NOT_FOUND)
    """, {}),
    "status beside an HTTPException of another statement": ("""
        # app/services/a.py
        import fastapi
        from starlette import status
        def load() -> None:
            raise fastapi.HTTPException(status.HTTP_404_NOT_FOUND)
    """, {}),
    "a service of the project's own framework": ("""
        # app/fastapi_like.py
        class Request: ...
        # app/services/a.py
        from app.fastapi_like import Request
        def log(request: Request) -> None: ...
    """, {}),
    "a router may": ("""
        # app/api/a.py
        from fastapi import APIRouter, Request
        router = APIRouter()
        @router.get("/")
        def show(request: Request) -> None: ...
    """, {}),
    "a provider in a module of services may": ("""
        # app/services/a.py
        from fastapi import Request
        class AService: ...
        def get_service(request: Request) -> AService:
            return AService()
        # app/api/a.py
        from fastapi import APIRouter, Depends
        from app.services.a import AService, get_service
        router = APIRouter()
        @router.get("/")
        def show(service: AService = Depends(get_service)) -> None: ...
    """, {}),
    "a package that sounds alike": ("""
        # app/services/a.py
        from fastapi_mail import FastMail
        def send() -> object:
            return FastMail()
    """, {}),
    "a local name that sounds alike": ("""
        # app/services/a.py
        class Request: ...
        def log(request: Request) -> None: ...
    """, {}),
    "a package of services that hands names on": ("""
        # app/services/__init__.py
        from fastapi import Request
        # app/services/a.py
        def log(what: str) -> None: ...
    """, {}),
    "a layer the settings name": ("""
        # app/services/a.py
        from fastapi import Request
        def log(request: Request) -> None: ...
    """, {"layers": {"router": ["app/services/**"]}}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "settings"), CASES.values(), ids=CASES)
def test_places(text: str, settings: dict[str, Any], tmp_path: Path) -> None:
    assert found(check(tmp_path, text, {"select": ["LC201"], **settings})) == expected(text)


def test_what_it_says_of_names_nothing_uses(tmp_path: Path) -> None:
    text = """
        # app/services/audit.py
        from fastapi import Request
        from fastapi.responses import JSONResponse, Response


        class AuditService:
            def log(self) -> Response: ...
    """
    outcome = check(tmp_path, text, {"select": ["LC201"]})
    assert [(one.message, one.help) for one in outcome.new] == [
        (
            "service `app.services.audit` imports `Request` of the web framework, and nothing there uses it",
            "remove the import",
        ),
        (
            "service `AuditService.log` uses `Response` of the web framework, imported here",
            "hand the service the plain values it needs, read from the request in the router",
        ),
    ]


def test_what_it_says(tmp_path: Path) -> None:
    text = """
        # app/services/audit.py
        from fastapi import BackgroundTasks, Request
        from starlette.datastructures import UploadFile


        class AuditService:
            def log(self, request: Request, tasks: BackgroundTasks) -> None: ...

            def keep(self, file: UploadFile) -> None: ...
    """
    assert report(check(tmp_path, text, {"select": ["LC201"]})) == [
        "error app/services/audit.py:2:1 service `AuditService.log` uses `BackgroundTasks` and `Request`"
        " of the web framework, imported here",
        "  app/services/audit.py:2 [service] import: app.services.audit -> fastapi.BackgroundTasks",
        "  app/services/audit.py:2 [service] import: app.services.audit -> fastapi.Request",
        "  service: class name *Service",
        "  = app.services.audit.AuditService.log fastapi.BackgroundTasks, fastapi.Request",
        "warning app/services/audit.py:3:1 service `AuditService.keep` uses `UploadFile`"
        " of the web framework, imported here",
        "  app/services/audit.py:3 [service] import:"
        " app.services.audit -> starlette.datastructures.UploadFile",
        "  service: class name *Service",
        "  = app.services.audit.AuditService.keep starlette.datastructures.UploadFile",
    ]


@pytest.mark.parametrize(
    ("use", "severity"),
    [("def run(tasks: BackgroundTasks) -> None: ...", "warning"), ("tasks = BackgroundTasks()", "error")],
    ids=["handed in", "made"],
)
def test_what_the_framework_hands_over_is_a_warning_where_it_is_only_named(
    use: str, severity: str, tmp_path: Path
) -> None:
    outcome = check(tmp_path, f"# app/services/a.py\nfrom fastapi import BackgroundTasks\n{use}\n")
    assert [one.severity for one in outcome.new] == [severity]
