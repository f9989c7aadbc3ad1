"""What the construct programs say besides the call graph: kinds, sinks, escaping exceptions, routes."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from layercheck.config.schema import Config
from layercheck.graphs.exception_types import dotted
from layercheck.pipeline import Analysis, analyse, call_graph, route_rows

FIXTURES = Path(__file__).parents[2] / "fixtures" / "callgraph"


def programs_with(name: str) -> list[Any]:
    """Return the programs that have a side file called ``name``, as parameters of a test."""
    found = sorted(path.parent for path in FIXTURES.glob(f"*/*/{name}.json"))
    return [pytest.param(path, id=f"{path.parent.name}/{path.name}") for path in found]


def said(program: Path, name: str) -> Any:
    """Return what a side file of ``program`` says."""
    return json.loads((program / f"{name}.json").read_text("utf-8"))


def is_required(program: Path, edge: str) -> bool:
    """Return whether the call graph of ``program`` must have ``edge``; others are optional."""
    caller, callee = edge.split(" -> ")
    return callee in said(program, "callgraph")[caller]


@cache
def analysis_of(program: Path) -> Analysis:
    """Return what is known of ``program``."""
    return analyse(program, Config(project_root=program, roots=(".",)))


@pytest.mark.parametrize("program", programs_with("kinds"))
def test_kinds_of_edges(program: Path) -> None:
    graph = call_graph(analysis_of(program), kinds=True)
    found = {f"{caller} -> {row['callee']}": row["kinds"] for caller, rows in graph.items() for row in rows}
    wrong = {
        edge: (kind, found.get(edge))
        for edge, kind in said(program, "kinds").items()
        if kind not in found.get(edge, ()) and (edge in found or is_required(program, edge))
    }
    assert wrong == {}


@pytest.mark.parametrize("program", programs_with("sinks"))
def test_sinks(program: Path) -> None:
    analysis = analysis_of(program)
    found = {
        (frame.qualname, outside)
        for frame in analysis.project.inference.frames
        for site in frame.sites.values()
        for outside in site.externals
        if outside.startswith("sqlalchemy.") and "Session." in outside
    }
    assert sorted(found) == [(sink["caller"], sink["target"]) for sink in said(program, "sinks")]


@pytest.mark.parametrize("program", programs_with("escapes"))
def test_escaping_exceptions(program: Path) -> None:
    view = analysis_of(program).view
    found: dict[str, set[str]] = {}
    for frame in view.project.inference.frames:
        if frame.runs and frame.entity is not frame.module:
            names = found.setdefault(frame.qualname, set())
            names.update(dotted(one) for one in view.exceptions.escapes(frame))
    assert {name: sorted(names) for name, names in sorted(found.items())} == said(program, "escapes")


@pytest.mark.parametrize("program", programs_with("routes"))
def test_routes(program: Path) -> None:
    rows = [
        {"handler": row["handler"], "method": row["method"], "path": row["path"]}
        for row in route_rows(analysis_of(program))
    ]
    rows.sort(key=lambda row: (row["path"], row["method"], row["handler"]))
    assert rows == said(program, "routes")


STATE = """\
from fastapi import FastAPI, Request, WebSocket
from sqlalchemy.orm import Session

app = FastAPI()
app.state.db = Session()


class Box:
    state = None


def keep(request: Request) -> None:
    request.state.user = Session()
    request.state.name = None


def read(request: Request, socket: WebSocket, box: Box) -> None:
    {read}.execute("select 1")
"""


@pytest.mark.parametrize(
    ("read", "outside"),
    [
        pytest.param("request.app.state.db", "sqlalchemy.orm.Session.execute", id="of the application"),
        pytest.param("request.state.user", "sqlalchemy.orm.Session.execute", id="of the request"),
        pytest.param("request.state.db", "starlette.requests.Request.state.db.execute", id="elsewhere"),
        pytest.param("app.state.user", "fastapi.FastAPI.state.user.execute", id="elsewhere as well"),
        pytest.param("request.state.name", "starlette.requests.Request.state.name.execute", id="only None"),
        pytest.param("box.state.db", "builtins.NoneType.db.execute", id="an object of the program"),
    ],
)
def test_state_of_the_framework(tmp_path: Path, read: str, outside: str) -> None:
    (tmp_path / "main.py").write_text(STATE.replace("{read}", read), "utf-8")
    inference = analyse(tmp_path, Config(project_root=tmp_path, roots=(".",))).project.inference
    (frame,) = [frame for frame in inference.frames if frame.qualname == "main.read"]
    found = {name for (_, kind), site in frame.sites.items() if kind == "call" for name in site.externals}
    assert found - {"builtins.NoneType.execute"} == {outside}
