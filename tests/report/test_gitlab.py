"""The Code Quality report of GitLab: its documented shape, and what a merge request shows of it."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import msgspec
import pytest
from outcomes import ERROR, FULL, HOSTILE, outcome, warning

from layercheck.outcome import Outcome
from layercheck.report.formats import formatter
from layercheck.report.style import Options

DOCUMENTED = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "location", "severity"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!\./|/)"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {
                            "begin": {"type": "integer", "minimum": 1},
                            "end": {"type": "integer"},
                        },
                    },
                },
            },
        },
    },
}
"""What the documentation of GitLab asks of the report."""


def parsed(result: Outcome, prefix: str = "") -> Any:
    return json.loads(formatter("gitlab")(result, Options(prefix=prefix)))


RESULTS = {
    "full": FULL,
    "empty": outcome(),
    "hostile": outcome(HOSTILE),
    "known alone": outcome(known=(ERROR,)),
}


@pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS)
def test_the_report_has_the_documented_shape(result: Outcome) -> None:
    assert list(jsonschema.Draft202012Validator(DOCUMENTED).iter_errors(parsed(result))) == []
    assert len(parsed(result)) == len(result.new)


def test_an_issue_says_what_where_and_why() -> None:
    issue = parsed(FULL, "backend/")[0]
    assert issue == {
        "type": "issue",
        "check_name": "LC601 layer-import-direction",
        "description": "LC601 layer-import-direction: "
        "service `app.services.items` imports router `app.routers.items`",
        "content": {
            "body": "app/services/items.py:3   app.services.items -> app.routers.items\n"
            "app/routers/items.py:120  ItemFilter\n"
            "also app/services/items.py:4, app/services/orders.py:9\n"
            "help: move `ItemFilter` to `app.schemas`; see `layercheck explain LC601`\n"
            "[service: file name; router: holds an APIRouter]"
        },
        "categories": ["Complexity"],
        "severity": "major",
        "fingerprint": f"{ERROR.fingerprint}:1",
        "location": {"path": "backend/app/services/items.py", "lines": {"begin": 3, "end": 3}},
    }
    assert [one["severity"] for one in parsed(FULL)] == ["major", "minor", "info"]


def test_two_findings_of_one_element_are_two_issues() -> None:
    twin = msgspec.structs.replace(warning(1), message="again")
    assert [one["fingerprint"] for one in parsed(outcome(warning(1), twin))] == [
        f"{twin.fingerprint}:1",
        f"{twin.fingerprint}:2",
    ]
