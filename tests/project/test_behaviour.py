"""The layers of elements no name tells: what they do beside calling services."""

from __future__ import annotations

from pathlib import Path

import pytest
from build_inline import MODELS, layered, said

SERVICES = """
    def announce(name: str) -> None: ...
"""

HEAD = """
    from fastapi import Depends, HTTPException, Request
    from sqlalchemy.orm import Session
    from app.models import User
    from app.services import users
"""


@pytest.mark.parametrize(
    ("body", "name", "expected"),
    [
        pytest.param(
            """
    def sign_up(db: Session, name: str):
        db.add(User())
        users.announce(name)
            """,
            "sign_up",
            "service (weak: runs statements and calls services, as no repository does)",
            id="a-flow-that-queries",
        ),
        pytest.param(
            """
    def store(db: Session):
        db.add(User())
            """,
            "store",
            "repository (weak: runs statements on a session)",
            id="statements-alone",
        ),
        pytest.param(
            """
    class Permission:
        def __init__(self, request: Request) -> None:
            users.announce("guest")
            raise HTTPException(403)

    def guarded(request: Request):
        Permission(request)

    def provider(request: Request, allowed = Depends(guarded)): ...
            """,
            "Permission",
            "dependency (weak: made by a dependency, raises HTTP exceptions)",
            id="a-guard-that-asks-a-service",
        ),
        pytest.param(
            """
    class Greeter:
        def __init__(self) -> None:
            users.announce("guest")

    def guarded(request: Request):
        Greeter()

    def provider(request: Request, allowed = Depends(guarded)): ...
            """,
            "Greeter",
            "service (weak: called from outer layers, calls services)",
            id="a-helper-that-asks-a-service",
        ),
        pytest.param(
            """
    class Base:
        def __init__(self, request: Request) -> None:
            self.request = request

    class Greeter(Base):
        def greet(self) -> None:
            users.announce(self.request.url.path)

    def guarded(request: Request):
        Greeter(request).greet()

    def provider(request: Request, allowed = Depends(guarded)): ...
            """,
            "Greeter",
            "router (weak: takes the request, called from outer layers, calls services)",
            id="a-helper-made-with-the-request",
        ),
        pytest.param(
            """
    def greet(request: Request) -> None:
        users.announce(request.url.path)

    def provider(request: Request, allowed = Depends(lambda: None)):
        greet(request)

    def guarded(given = Depends(provider)): ...
            """,
            "greet",
            "router (weak: takes the request, called from outer layers, calls services)",
            id="a-function-that-takes-the-request",
        ),
        pytest.param(
            """
    class ImportService:
        def start(self) -> None:
            import_rows()

    def import_rows() -> None:
        try:
            users.announce("import")
        except ValueError:
            raise HTTPException(400)
            """,
            "import_rows",
            "service (weak: called from outer layers, calls services)",
            id="a-helper-of-services-alone-that-raises-http-exceptions",
        ),
    ],
)
def test_what_calls_services(tmp_path: Path, body: str, name: str, expected: str) -> None:
    files = {
        "app/models.py": MODELS,
        "app/services/__init__.py": "",
        "app/services/users.py": SERVICES,
        "app/flows.py": HEAD + body,
    }
    assert said(layered(tmp_path, files), f"app.flows.{name}") == expected


HOOKS = {
    "app/handler.py": """
        from starlette.requests import Request

        class HookHandler:
            def handle(self, request: Request):
                return []
    """,
    "app/api.py": """
        from fastapi import APIRouter, Request
        from app.handler import HookHandler

        router = APIRouter()

        @router.post("/hook")
        def hook(request: Request):
            return HookHandler().handle(request)
    """,
}


def test_handlers_of_requests_that_handlers_call_are_no_services(tmp_path: Path) -> None:
    project = layered(tmp_path, HOOKS)
    expected = "router (medium: class name *Handler, handles requests)"
    assert said(project, "app.handler.HookHandler") == expected
