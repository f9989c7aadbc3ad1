"""LC004: modules of no known layer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from small_projects import check, expected, found, report

METER = """
class Meter:
    def tick(self) -> None:
        with open("meter.txt", "a") as file:
            file.write("tick")
"""

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "nothing gives it away": (f"# app/meter.py\nimport os  # expect: LC004{METER}", {}),
    "a file name": (f"# app/service.py{METER}", {}),
    "a directory": (f"# app/services/meter.py{METER}", {}),
    "a pattern": (f"# app/meter.py{METER}", {"layers": {"util": ["app/meter.py"]}}),
    "a comment": (f"# app/meter.py\n# layercheck: layer=util{METER}", {}),
    "one element has a layer": (f"# app/meter.py{METER}class Broken(Exception): ...\n", {}),
    "only imports": ('# app/meter.py\n"""Doc."""\nfrom os import sep\n__all__ = ["sep"]\n', {}),
    "no more than allowed": (f"# app/meter.py{METER}", {"rules": {"LC004": {"max-unclassified": 1}}}),
    "tests": (f"# tests/test_meter.py{METER}# app/service.py\nx = 1\n", {}),
}

CASES["an empty file says nothing"] = ("# app/meter.py\n", {})


@pytest.mark.parametrize(("text", "settings"), CASES.values(), ids=CASES)
def test_cases(text: str, settings: dict[str, Any], tmp_path: Path) -> None:
    marked = text.replace("import os  # expect: LC004\n", "# expect: LC004\n")
    outcome = check(tmp_path, text, {"extend-select": ["LC004"], **settings})
    assert [line.replace(":1 ", ":2 ") for line in found(outcome)] == expected(marked)


def test_more_than_allowed_are_all_told(tmp_path: Path) -> None:
    text = f"# app/meter.py{METER}# app/gauge.py{METER}"
    settings = {"select": ["LC004"], "rules": {"LC004": {"max-unclassified": 1}}}
    assert report(check(tmp_path, text, settings)) == [
        "warning app/gauge.py:1:1 `app.gauge` has no layer (2 modules without one > 1)",
        "  = app.gauge ",
        "warning app/meter.py:1:1 `app.meter` has no layer (2 modules without one > 1)",
        "  = app.meter ",
    ]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param({}, [], id="nobody asks"),
        pytest.param({"extend-select": ["LC004"]}, ["app/meter.py:1 LC004"], id="named"),
        pytest.param({"rules": {"LC004": {"max-unclassified": 0}}}, ["app/meter.py:1 LC004"], id="a limit"),
        pytest.param({"rules": {"LC004": {"max-unclassified": 1}}}, [], id="a wider limit"),
    ],
)
def test_it_is_off_unless_asked_for(settings: dict[str, Any], expected: list[str], tmp_path: Path) -> None:
    assert found(check(tmp_path, f"# app/meter.py{METER}", settings)) == expected
