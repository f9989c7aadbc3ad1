"""The maps: routes, layers, calls and imports as plain rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from layercheck import pipeline
from layercheck.config.schema import Config
from layercheck.pipeline import Analysis

MAIN = """\
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Request, status
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from app.services import Gone, Missing, Service, Taken

app = FastAPI()


def get_limit() -> int:
    return 3


def get_service(limit: Annotated[int, Depends(get_limit)]) -> Service:
    if not limit:
        raise HTTPException(status_code=status.HTTP_503_SERVICE_UNAVAILABLE)
    return Service()


@app.exception_handler(Gone)
def on_gone(request: Request, error: Gone) -> JSONResponse:
    return JSONResponse({}, status_code=410)


@app.put("/items/{key}")
def put(key: int, service: Annotated[Service, Depends(get_service)]) -> None:
    if key < 0:
        raise RequestValidationError([])
    unknown_to_all(key)
    service.put(key)
"""

SERVICES = """\
from fastapi import HTTPException


class Gone(Exception): ...
class Taken(Exception): ...
class Missing(HTTPException):
    def __init__(self) -> None:
        super().__init__(404)


class Service:
    def put(self, key: int) -> None:
        if key == 1:
            raise Gone
        if key == 2:
            raise Taken
        raise Missing
"""


@pytest.fixture
def analysis(tmp_path: Path) -> Analysis:
    """Return what is known of a project with one route."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").write_text(MAIN, "utf-8")
    (tmp_path / "app" / "services.py").write_text(SERVICES, "utf-8")
    return pipeline.analyse(tmp_path, Config(project_root=tmp_path))


def test_routes(analysis: Analysis) -> None:
    limit = {
        "provider": "app.main.get_limit",
        "parameter": "limit",
        "file": "app/main.py",
        "line": 16,
        "dependencies": [],
    }
    service = {
        "provider": "app.main.get_service",
        "parameter": "service",
        "file": "app/main.py",
        "line": 28,
        "dependencies": [limit],
    }
    assert pipeline.route_rows(analysis) == [
        {
            "method": "PUT",
            "path": "/items/{key}",
            "handler": "app.main:put",
            "file": "app/main.py",
            "line": 28,
            "dependencies": [service],
            "layers": ["router", "dependency", "service", "exception"],
            "exceptions": [
                {"exception": "app.services.Gone", "status": 410, "how": "handled by app.main.on_gone"},
                {"exception": "app.services.Missing", "status": 404, "how": "HTTPException"},
                {"exception": "app.services.Taken", "status": 500, "how": "not mapped"},
                {"exception": "fastapi.HTTPException", "status": 503, "how": "HTTPException"},
                {
                    "exception": "fastapi.exceptions.RequestValidationError",
                    "status": 422,
                    "how": "validation error",
                },
            ],
        }
    ]


def test_layers(analysis: Analysis) -> None:
    rows = [(row.element, row.layer, row.confidence, row.evidence) for row in pipeline.layer_rows(analysis)]
    assert rows[:2] == [
        ("app.main", "app", "certain", "makes the application"),
        ("app.main.get_limit", "dependency", "certain", "used in Depends"),
    ]


def test_calls(analysis: Analysis) -> None:
    graph = pipeline.call_graph(analysis, kinds=False)
    assert graph["app.main.put"] == ["app.main.get_service", "app.services.Service.put"]
    assert pipeline.call_graph(analysis, kinds=True)["app.main.put"] == [
        {"callee": "app.main.get_service", "kinds": ["depends"]},
        {"callee": "app.services.Service.put", "kinds": ["call"]},
    ]


def test_unresolved_calls(analysis: Analysis) -> None:
    (row,) = pipeline.unresolved_calls(analysis)
    assert (row["caller"], row["file"], row["line"]) == ("app.main.put", "app/main.py", 31)


def test_imports(analysis: Analysis) -> None:
    assert pipeline.import_graph(analysis) == {
        "app.main": [{"module": "app.services", "line": 7, "kind": "runtime"}],
        "app.services": [],
    }
