"""LC001: comments that silence nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from small_projects import check, found, report

GUILTY = "from fastapi import Request{comment}\ndef log(request: Request) -> None: ..."
CLEAN = "import decimal{comment}\ndef log(number: decimal.Decimal) -> None: ..."

TOLD: dict[str, tuple[str, str, str, str]] = {
    "a code": (
        CLEAN, "layercheck: ignore[LC201] why", "`layercheck: ignore` silences nothing (unused: LC201)",
        "remove the comment",
    ),
    "a rule by its name": (
        CLEAN, "layercheck: ignore[service-imports-web]",
        "`layercheck: ignore` silences nothing (unused: service-imports-web)", "remove the comment",
    ),
    "the start of codes": (
        CLEAN, "layercheck: ignore[LC2]", "`layercheck: ignore` silences nothing (unused: LC2)",
        "remove the comment",
    ),
    "everything": (
        CLEAN, "layercheck: ignore", "`layercheck: ignore` silences nothing", "remove the comment",
    ),
    "one of two codes": (
        GUILTY, "layercheck: ignore[LC201, LC202]", "`layercheck: ignore` silences nothing (unused: LC202)",
        "remove LC202 from the comment",
    ),
    "a code of no rule": (
        GUILTY, "layercheck: ignore[LC201, LC299]", "`layercheck: ignore` silences nothing (unknown: LC299)",
        "remove LC299 from the comment",
    ),
    "a code of another tool": (
        CLEAN, "layercheck: ignore[E501]", "`layercheck: ignore` silences nothing (unknown: E501)",
        "remove the comment",
    ),
    "both": (
        CLEAN, "layercheck: ignore[LC201, import-cicle]",
        "`layercheck: ignore` silences nothing (unused: LC201; unknown: import-cicle)", "remove the comment",
    ),
    "our code for flake8": (
        CLEAN, "noqa: E501, LC201", "`noqa` silences nothing (unused: LC201)",
        "remove LC201 from the comment",
    ),
    "a code of no rule for flake8": (
        CLEAN, "noqa: LC999", "`noqa` silences nothing (unknown: LC999)", "remove the comment",
    ),
    "a rule that has nothing to judge": (
        CLEAN, "layercheck: ignore[LC203]", "`layercheck: ignore` silences nothing (unused: LC203)",
        "remove the comment",
    ),
}  # fmt: skip


def with_comment(code: str, comment: str) -> str:
    return f"# app/services/audit.py\n{code.format(comment=f'  # {comment}')}\n"


@pytest.mark.parametrize(("code", "comment", "message", "advice"), TOLD.values(), ids=TOLD)
def test_told(code: str, comment: str, message: str, advice: str, tmp_path: Path) -> None:
    (one,) = check(tmp_path, with_comment(code, comment)).new
    column = len(code.partition("{")[0]) + 3
    assert str(one.place) == f"app/services/audit.py:2:{column}"
    assert (one.code, one.severity, one.message, one.help) == ("LC001", "warning", message, advice)


SILENT: dict[str, tuple[str, str, dict[str, Any]]] = {
    "it silences": (GUILTY, "layercheck: ignore[LC201] why", {}),
    "by the name of the rule": (GUILTY, "layercheck: ignore[service-imports-web]", {}),
    "by the start of codes": (GUILTY, "layercheck: ignore[LC2]", {}),
    "by everything": (GUILTY, "layercheck: ignore", {}),
    "for flake8": (GUILTY, "noqa: LC201", {}),
    "codes of other tools for flake8": (CLEAN, "noqa: E501", {}),
    "codes of another tool that begin like ours": (CLEAN, "noqa: LCK001", {}),
    "everything for flake8": (CLEAN, "noqa", {}),
    "a rule that is off": (CLEAN, "layercheck: ignore[LC002]", {}),
    "a rule that is ignored": (CLEAN, "layercheck: ignore[LC201]", {"ignore": ["LC201"]}),
    "a rule that is switched off": (CLEAN, "layercheck: ignore[LC201]", {"severity": {"LC201": "off"}}),
    "one of the rules is ignored": (CLEAN, "layercheck: ignore[LC2]", {"ignore": ["LC201"]}),
    "not all rules run": (CLEAN, "layercheck: ignore", {"select": ["LC0", "LC2"]}),
    "it may itself be unused": (CLEAN, "layercheck: ignore[LC201, LC001] why", {}),
    "it may itself be unused, by name": (CLEAN, "layercheck: ignore[LC201, unused-suppression] why", {}),
    "the file is left out": (
        CLEAN, "layercheck: ignore[LC201]", {"per-file-ignores": {"app/services/*": ["LC001"]}},
    ),
    "what is left out for the file": (
        GUILTY, "layercheck: ignore[LC201]", {"per-file-ignores": {"app/services/*": ["LC201"]}},
    ),
    "a layer is no suppression": (CLEAN, "layercheck: layer=service", {"ignore": ["LC003"]}),
}  # fmt: skip


@pytest.mark.parametrize(("code", "comment", "settings"), SILENT.values(), ids=SILENT)
def test_silent(code: str, comment: str, settings: dict[str, Any], tmp_path: Path) -> None:
    assert found(check(tmp_path, with_comment(code, comment), settings)) == []


def test_a_comment_for_the_file_silences_what_is_found_of_others(tmp_path: Path) -> None:
    text = (
        "# app/services/audit.py\n# layercheck: ignore[LC001] until the old rules are gone\n"
        "import decimal  # layercheck: ignore[LC201]\nzero = decimal.Decimal()  # layercheck: ignore[LC202]\n"
    )
    outcome = check(tmp_path, text)
    assert found(outcome) == []
    assert [(one.finding.code, one.finding.place.line, one.reason) for one in outcome.suppressed] == [
        ("LC001", 3, "until the old rules are gone"),
        ("LC001", 4, "until the old rules are gone"),
    ]


def test_while_a_file_cannot_be_read_it_is_silent_and_says_so(tmp_path: Path) -> None:
    text = with_comment(CLEAN, "layercheck: ignore[LC201]") + "# app/odd.py\ndef broken(:\n"
    outcome = check(tmp_path, text)
    assert found(outcome) == ["app/odd.py:3 LC009"]
    reasons = {one.code: one.reason for one in outcome.summary.inactive_rules}
    assert reasons["LC001"] == "not all files could be read"


def test_the_whole_finding(tmp_path: Path) -> None:
    outcome = check(tmp_path, with_comment(CLEAN, "layercheck: ignore[LC2, LC301] why"))
    assert report(outcome) == [
        "warning app/services/audit.py:2:17 `layercheck: ignore` silences nothing (unused: LC2, LC301)",
        "  = app.services.audit LC2, LC301",
    ]
    assert [one.layer for one in outcome.new] == ["service"]
