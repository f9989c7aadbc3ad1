"""LC503: exceptions of the business that derive from HTTPException."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from small_projects import check, expected, found, report

HEAD = """
# app/exceptions.py
from fastapi import HTTPException
"""

SERVICE = """
# app/services/orders.py
from app import exceptions
class OrderService:
    def show(self, key: int) -> object:
"""

ROUTER = """
# app/api/orders.py
from fastapi import APIRouter
from app import exceptions
router = APIRouter()
@router.get("/")
def show() -> str:
"""

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "raised in a service": (HEAD + """
class Gone(HTTPException):  # expect: LC503
    def __init__(self) -> None:
        super().__init__(404)
""" + SERVICE + """
        raise exceptions.Gone
""", {}),
    "of Starlette": ("""
# app/exceptions.py
from starlette.exceptions import HTTPException
class Gone(HTTPException): ...  # expect: LC503
""" + SERVICE + """
        raise exceptions.Gone(404)
""", {}),
    "raised in a repository": (HEAD + """
class Gone(HTTPException): ...  # expect: LC503
# app/repositories/orders.py
from app.exceptions import Gone
class OrderRepository:
    def get(self) -> None:
        raise Gone(404)
""", {}),
    "raised in a task": (HEAD + """
class Gone(HTTPException): ...  # expect: LC503
# app/tasks/orders.py
from celery import shared_task
from app.exceptions import Gone
@shared_task
def clean() -> None:
    raise Gone(404)
""", {}),
    "raised in a helper of a service": (HEAD + """
class Gone(HTTPException): ...  # expect: LC503
# app/utils/orders.py
from app.exceptions import Gone
def checked(key: int) -> int:
    if key > 9:
        raise Gone(404)
    return key
""" + SERVICE.replace("from app import", "from app.utils.orders import checked\nfrom app import") + """
        return checked(key)
""", {}),
    "a base and the class that is raised are one": (HEAD + """
class AppError(HTTPException): ...  # expect: LC503
class Gone(AppError): ...
class Taken(AppError): ...
""" + SERVICE + """
        if key:
            raise exceptions.Taken(409)
        raise exceptions.Gone(404)
""", {}),
    "a base whose other class is raised in a router": (HEAD + """
class AppError(HTTPException): ...
class Gone(AppError): ...  # expect: LC503
class Forbidden(AppError): ...
""" + SERVICE + """
        raise exceptions.Gone(404)
""" + ROUTER + """
    raise exceptions.Forbidden(403)
""", {}),
    "made in a service, raised in a router": (HEAD + """
class Gone(HTTPException): ...  # expect: LC503
""" + SERVICE + """
        return exceptions.Gone(404)
""" + ROUTER + """
    raise exceptions.Gone(404)
""", {}),
    "raised and caught in a service": (HEAD + """
class Gone(HTTPException): ...  # expect: LC503
""" + SERVICE + """
        try:
            raise exceptions.Gone(404)
        except exceptions.Gone:
            return None
""", {}),
    "raised in a router": (HEAD + """
class Gone(HTTPException): ...
""" + ROUTER + """
    raise exceptions.Gone(404)
""", {}),
    "raised in a dependency": (HEAD + """
class Gone(HTTPException): ...
# app/dependencies.py
from typing import Annotated
from fastapi import APIRouter, Depends
from app.exceptions import Gone
def current() -> int:
    raise Gone(404)
router = APIRouter()
@router.get("/")
def show(one: Annotated[int, Depends(current)]) -> int:
    return one
""", {}),
    "raised in a helper of a router": (HEAD + """
class Gone(HTTPException): ...
# app/utils/orders.py
from app.exceptions import Gone
def checked(key: int) -> int:
    if key > 9:
        raise Gone(404)
    return key
""" + ROUTER.replace("from app import", "from app.utils.orders import checked\nfrom app import") + """
    return str(checked(3))
""", {}),
    "raised nowhere": (HEAD + """
class Gone(HTTPException): ...
""", {}),
    "a plain exception with a status": ("""
# app/exceptions.py
class Gone(Exception):
    status_code = 404
""" + SERVICE + """
        raise exceptions.Gone
""", {}),
    "an HTTPException of another library": ("""
# app/exceptions.py
from werkzeug.exceptions import HTTPException
class Gone(HTTPException): ...
""" + SERVICE + """
        raise exceptions.Gone
""", {}),
    "HTTPException itself": ("""
# app/exceptions.py
from fastapi import HTTPException
""" + SERVICE + """
        raise exceptions.HTTPException(404)
""", {}),
    "only in an annotation": (HEAD + """
class Gone(HTTPException): ...
""" + SERVICE + """
        return self.kept
    kept: exceptions.Gone | None = None
""", {}),
    "services may raise it by the settings": (HEAD + """
class Gone(HTTPException): ...
""" + SERVICE + """
        raise exceptions.Gone
""", {"http-exceptions-in": ["router", "dependency", "app", "service"]}),
}


@pytest.mark.parametrize(("text", "settings"), CASES.values(), ids=CASES)
def test_where_findings_stand(text: str, settings: dict[str, Any], tmp_path: Path) -> None:
    assert found(check(tmp_path, text, {"select": ["LC503"], **settings})) == expected(text)


def test_the_whole_finding(tmp_path: Path) -> None:
    text = CASES["a base and the class that is raised are one"][0]
    assert report(check(tmp_path, text, {"select": ["LC503"]})) == [
        "warning app/exceptions.py:4:1 `AppError` derives from HTTPException, but service `OrderService.show`"
        " raises it (as `Taken` and `Gone`)",
        "  app/services/orders.py:7 [service] raise: raise Taken(409)",
        "  also app/services/orders.py:8",
        "  exception: derives from HTTPException",
        "  service: class name *Service",
        "  = app.exceptions.AppError HTTPException",
    ]


def test_the_chain_leads_from_the_service(tmp_path: Path) -> None:
    text = CASES["raised in a helper of a service"][0]
    (finding,) = check(tmp_path, text, {"select": ["LC503"]}).new
    assert [(step.layer, step.kind, step.text) for step in finding.chain] == [
        ("service", "call", "OrderService.show -> checked"),
        ("util", "raise", "raise Gone(404)"),
    ]
