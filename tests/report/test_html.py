"""The page: what its scripts are handed, and that hostile text cannot get out of it."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest
from outcomes import ERROR, FULL, HOSTILE, outcome

from layercheck.finding import Finding
from layercheck.frontends.cli import main
from layercheck.outcome import (
    MapImport,
    MapModule,
    MapRoute,
    Outcome,
    ProjectMap,
    RouteDependency,
    RouteException,
)
from layercheck.report.as_html import document
from layercheck.report.formats import formatter
from layercheck.report.style import Options

SERVICE = MapModule("app.services.items", "app/services/items.py", "service", "items")
ROUTER = MapModule("app.routers.items", "app/routers/items.py", "router", "")
OTHER = MapModule("app.engine", "app/engine.py", "engine", "")
ROUTE = MapRoute(
    "GET", "/items", "app.routers.items:show", "app/routers/items.py", 3,
    (RouteDependency("app.db.get_db", "db", "app/db.py", 1, ()),), ("router", "service"),
    (RouteException("app.errors.Gone", 404, "handled by app.main.on_gone"),),
)  # fmt: skip
MAP = ProjectMap((SERVICE, ROUTER, OTHER), (MapImport(0, 1, 2),), (ROUTE,))


class Page(HTMLParser):
    """Collects the scripts of a page, and everything a browser would load from elsewhere."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.loaded: list[str] = []
        self._attributes: dict[str, str | None] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loaded.extend(value or "" for name, value in attrs if name in ("src", "href"))
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script" and self.scripts:
            attributes, text = self.scripts[-1]
            self.scripts[-1] = (attributes, text + data)


def mapped(*findings: Finding) -> Outcome:
    """Return an outcome with a map."""
    return msgspec.structs.replace(outcome(*findings), map=MAP)


def data_of(page: str) -> Any:
    """Return what the scripts of ``page`` are handed."""
    return json.loads(next(text for attributes, text in Page(page).scripts if attributes.get("id") == "data"))


def test_the_page_holds_the_document_and_loads_nothing() -> None:
    told = msgspec.structs.replace(FULL, map=MAP)
    page = formatter("html")(told, Options())
    assert data_of(page) == json.loads(json.dumps(document(told)))
    assert (Page(page).loaded, re.findall(r"@import|url\(", page.partition("<script")[0])) == ([], [])
    assert [attributes.get("id") for attributes, _ in Page(page).scripts] == ["data", None, None]
    assert "default-src 'none'" in page


def test_layers_stand_in_the_order_of_the_picture_unknown_ones_last() -> None:
    told = document(mapped())
    assert told["layers"] == ["router", "service", "engine"]
    assert told["modules"][0] == {
        "name": "app.services.items", "path": "app/services/items.py", "layer": "service", "feature": "items",
    }  # fmt: skip
    assert told["imports"] == [[0, 1, 2]]
    assert told["routes"] == msgspec.to_builtins((ROUTE,))


def moved(target: str) -> Finding:
    """Return a finding without a chain that offends with ``target``."""
    return msgspec.structs.replace(ERROR, chain=(), target=target)


ENDS: dict[str, tuple[Finding, dict[str, object]]] = {
    "to the module its chain ends in": (ERROR, {"source": 0, "target": 1, "library": ""}),
    "to the module its target names": (
        moved("app.routers.items.Filter, app.db"), {"source": 0, "target": 1, "library": ""},
    ),
    "to a library": (
        moved("sqlalchemy.orm.Session.execute"), {"source": 0, "target": -1, "library": "sqlalchemy"},
    ),
    "to itself": (moved("app.services.items.f"), {"source": 0, "target": -1, "library": ""}),
    "to what the map lacks": (moved("app.db.get"), {"source": 0, "target": -1, "library": ""}),
    "to no name": (moved("db"), {"source": 0, "target": -1, "library": ""}),
}  # fmt: skip


@pytest.mark.parametrize(("finding", "expected"), ENDS.values(), ids=ENDS)
def test_where_an_arrow_leads(finding: Finding, expected: dict[str, object]) -> None:
    (told,) = document(mapped(finding))["findings"]
    assert {name: told[name] for name in expected} == expected


def test_without_a_map_the_findings_are_still_told() -> None:
    told = document(FULL)
    assert [*told["modules"], *told["routes"]] == []
    assert [one["source"] for one in told["findings"]] == [-1] * len(told["findings"])
    assert len(told["findings"]) == len(FULL.findings)


def test_hostile_text_cannot_end_the_script() -> None:
    text = '</script><script>alert(1)</script><!-- <img src=x onerror="alert(1)"> ]]>'
    hostile = msgspec.structs.replace(HOSTILE, message=text, element=text, help=text)
    module = msgspec.structs.replace(SERVICE, name=text, feature=text)
    told = msgspec.structs.replace(outcome(hostile), map=ProjectMap((module,), (), ()))
    page = formatter("html")(told, Options())
    assert data_of(page)["findings"][0]["message"] == text
    assert len(Page(page).scripts) == 3


def test_the_command_makes_a_whole_page(tmp_path: Path) -> None:
    root = Path(__file__).parents[2] / "fixtures" / "tangled"
    report = tmp_path / "report.html"
    main(["check", str(root), "--exit-zero", "--no-cache", "--quiet", "--output-file", f"html={report}"])
    told = data_of(report.read_text("utf-8"))
    assert {one["path"] for one in told["routes"]} >= {"/users", "/users/{user_id}"}
    assert {one["layer"] for one in told["modules"]} >= {"router", "service", "repository"}
    assert all(one["source"] >= 0 for one in told["findings"])
