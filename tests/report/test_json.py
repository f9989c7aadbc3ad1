"""The report for programs: its shape, its schema, its bytes."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import jsonschema
import msgspec
import pytest
from outcomes import ERROR, FULL, HOSTILE, outcome, warning

from layercheck.outcome import Outcome
from layercheck.report.formats import NAMES, formatter
from layercheck.report.style import Options


def schema() -> Any:
    return json.loads((resources.files("layercheck.report") / "report.schema.json").read_text("utf-8"))


def parsed(result: Outcome) -> Any:
    return json.loads(formatter("json")(result, Options()))


def test_every_format_has_a_formatter() -> None:
    assert [name for name in NAMES if not formatter(name)(FULL, Options()).strip()] == []


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names_end_no_line_and_reach_no_terminal(name: str) -> None:
    report = formatter(name)(outcome(HOSTILE), Options(everything=True))
    assert [char for char in report if not char.isprintable() and char != "\n"] == []
    assert report.encode("utf-8").decode("utf-8") == report
    assert not any(line.lstrip().startswith(("::set", "::stop")) for line in report.splitlines())


@pytest.mark.parametrize(
    "result", [FULL, outcome(), outcome(ERROR, known=(warning(1),))], ids=["full", "empty", "some"]
)
def test_the_report_is_what_its_schema_says(result: Outcome) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    validator = jsonschema.Draft202012Validator(schema())
    assert list(validator.iter_errors(parsed(result))) == []


def test_the_schema_knows_every_key() -> None:
    validator = jsonschema.Draft202012Validator(schema())
    report = parsed(FULL)
    report["findings"][0]["colour"] = "red"
    report["suppressed"][0]["colour"] = "red"
    report["findings"][0]["chain"][0]["colour"] = "red"
    report["summary"]["colour"] = "red"
    report["colour"] = "red"
    assert len(list(validator.iter_errors(report))) >= 5


def test_the_same_outcome_gives_the_same_bytes() -> None:
    first = formatter("json")(FULL, Options())
    assert first == formatter("json")(msgspec.structs.replace(FULL), Options(everything=True, quiet=True))
    assert first == json.dumps(json.loads(first), indent=2, sort_keys=True) + "\n"
    assert first.isascii()


def test_the_report_says_all_the_outcome_knows() -> None:
    report = parsed(FULL)
    session = {
        "code": "LC104",
        "name": "router-holds-session",
        "severity": "warning",
        "path": "app/routers/items.py",
        "column": 5,
        "end_column": 12,
        "message": "`show` takes a session",
        "help": "inject the service instead.",
        "layer": "router",
        "target": "db",
        "evidence": [],
        "chain": [],
        "related": [],
    }
    direction = report["findings"][0]
    assert direction == {
        "code": "LC601",
        "name": "layer-import-direction",
        "severity": "error",
        "path": "app/services/items.py",
        "line": 3,
        "column": 1,
        "end_line": 3,
        "end_column": 42,
        "message": "service `app.services.items` imports router `app.routers.items`",
        "help": "move `ItemFilter` to `app.schemas`",
        "element": "app.services.items",
        "layer": "service",
        "target": "app.routers.items",
        "evidence": ["service: file name", "router: holds an APIRouter"],
        "chain": [
            {
                "path": "app/services/items.py",
                "line": 3,
                "element": "app.services.items",
                "layer": "service",
                "kind": "import",
                "text": "app.services.items -> app.routers.items",
            },
            {
                "path": "app/routers/items.py",
                "line": 120,
                "element": "app.routers.items",
                "layer": "router",
                "kind": "define",
                "text": "ItemFilter",
            },
        ],
        "related": [
            {"path": "app/services/items.py", "line": 4, "column": 1, "end_line": 4, "end_column": 30},
            {"path": "app/services/orders.py", "line": 9, "column": 1, "end_line": 9, "end_column": 30},
        ],
        "fingerprint": ERROR.fingerprint,
        "verdict": "new",
    }
    assert [finding["verdict"] for finding in report["findings"]] == ["new", "new", "new", "known"]
    assert report["suppressed"] == [
        {
            **session,
            "line": 5,
            "end_line": 5,
            "element": "app.routers.items.show5",
            "fingerprint": warning(5).fingerprint,
            "comment": {"path": "app/routers/items.py", "line": 5},
            "reason": "old client",
        }
    ]
    assert {key: value for key, value in report.items() if key not in ("findings", "suppressed")} == {
        "schema_version": 1,
        "tool": {"name": "layercheck", "version": "1.2.3"},
        "root": "shop",
        "summary": {
            "files": 12,
            "lines": 1,
            "modules_per_layer": {"router": 2, "service": 1, "schema": 0},
            "elements_per_layer": {"router": 9, "service": 4, "schema": 3},
            "classified_share": 0.75,
            "routes": 5,
            "call_sites": 40,
            "resolved_share": 0.925,
            "findings": {
                "new": 3,
                "known": 1,
                "by_code": {"LC104": 1, "LC601": 1, "LC606": 1},
                "by_severity": {"error": 1, "warning": 1, "advice": 1},
            },
            "inactive_rules": [
                {"code": "LC203", "name": "service-executes-query", "reason": "no repository layer found"}
            ],
            "notes": ["flat project: no service or repository layer found"],
        },
        "stale_baseline": ["LC101 app.routers.old.show session.get"],
        "unread_files": [{"path": "app/broken.py", "line": 4, "column": 9, "reason": "invalid syntax"}],
        "internal_errors": ["LC405 failed in app/routers/items.py: KeyError"],
    }
