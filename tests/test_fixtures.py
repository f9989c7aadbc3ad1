"""The example applications: every marked line is found, and no other."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from layercheck import pipeline
from layercheck.config.load import load
from layercheck.errors import ExitCode
from layercheck.outcome import Outcome, Verdict
from layercheck.rules.catalog import codes

FIXTURES = Path(__file__).parent.parent / "fixtures"
APPLICATIONS = ("flat", "layered", "tangled", "by_feature", "crud", "mendable")

_EXPECT = re.compile(r"# expect: (LC\d+(?:, LC\d+)*)")


def check(root: Path) -> Outcome:
    """Return what the default settings find in the project at ``root``."""
    return pipeline.check([root], load(root, None, {}, known_codes=codes()))


def found(outcome: Outcome) -> list[tuple[str, int, str]]:
    """Return path, line and code of every finding."""
    return sorted((one.place.path, one.place.line, one.code) for one in outcome.new)


def marked(root: Path) -> list[tuple[str, int, str]]:
    """Return path, line and code of every mark whose rule exists."""
    marks: list[tuple[str, int, str]] = []
    for file in root.rglob("*.py"):
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
            if match := _EXPECT.search(line):
                path = file.relative_to(root).as_posix()
                marks.extend((path, number, code) for code in match[1].split(", ") if code in codes())
    return sorted(marks)


@pytest.mark.parametrize("name", APPLICATIONS)
def test_findings_stand_where_the_marks_are(name: str) -> None:
    outcome = check(FIXTURES / name)
    assert found(outcome) == marked(FIXTURES / name)
    assert (outcome.internal_errors, outcome.unread) == ((), ())


def test_a_flat_project_is_told_and_not_failed() -> None:
    outcome = check(FIXTURES / "flat")
    assert [(one.code, one.severity) for one in outcome.new] == [("LC101", "warning"), ("LC104", "warning")]
    assert outcome.exit_code is ExitCode.CLEAN
    assert outcome.summary.notes == ("flat project: no service or repository layer found",)
    inactive = {rule.code: rule.reason for rule in outcome.summary.inactive_rules}
    assert inactive == {
        "LC103": "no service layer found",
        "LC203": "no repository layer found",
        "LC204": "no repository layer found",
        "LC302": "no repository layer found",
        "LC501": "no domain exception found",
        "LC504": "no repository layer found",
        "LC603": "no domain or exception layer found",
    }


def test_a_layered_project_is_clean() -> None:
    outcome = check(FIXTURES / "layered")
    assert found(outcome) == []
    assert outcome.exit_code is ExitCode.CLEAN
    assert outcome.summary.notes == ()
    assert outcome.summary.inactive_rules == ()


def test_a_layered_project_that_forgets_to_map_an_exception(tmp_path: Path) -> None:
    root = tmp_path / "layered"
    shutil.copytree(FIXTURES / "layered", root)
    router = root / "app" / "api" / "users.py"
    text = router.read_text("utf-8")
    clause = re.search(r"    try:\n        (.+\n)    except EmailAlreadyExists.*\n(?:        .+\n)+", text)
    assert clause is not None
    router.write_text(text.replace(clause[0], f"    {clause[1]}"), "utf-8")
    outcome = check(root)
    (finding,) = outcome.new
    assert (finding.code, finding.element, finding.target) == (
        "LC501", "app.api.users.create_user", "app.exceptions.EmailAlreadyExists",
    )  # fmt: skip
    assert [(step.layer, step.kind, step.text) for step in finding.chain] == [
        ("router", "call", "create_user -> UserService.register"),
        ("service", "raise", "raise EmailAlreadyExists"),
    ]
    assert outcome.exit_code is ExitCode.FINDINGS


def test_the_baseline_of_an_old_project_knows_all_its_marks() -> None:
    outcome = check(FIXTURES / "legacy")
    known = sorted(
        (one.finding.place.path, one.finding.place.line, one.finding.code)
        for one in outcome.findings
        if one.verdict is Verdict.KNOWN
    )
    assert (known, found(outcome), outcome.stale_baseline) == (marked(FIXTURES / "legacy"), [], ())
    assert outcome.exit_code is ExitCode.CLEAN


def test_what_is_new_in_an_old_project_is_told(tmp_path: Path) -> None:
    root = tmp_path / "legacy"
    shutil.copytree(FIXTURES / "legacy", root)
    service = root / "app" / "services" / "notes.py"
    text = service.read_text("utf-8").replace('raise HTTPException(422, "an empty note")', "raise ValueError")
    service.write_text(f"{text}\n    def drop(self) -> None:\n        raise HTTPException(501)\n", "utf-8")
    outcome = check(root)
    assert [(one.code, one.element, one.severity) for one in outcome.new] == [
        ("LC202", "app.services.notes.NoteService.drop", "error"),
        ("LC005", "app.services.notes.NoteService.write", "warning"),
    ]
    assert outcome.exit_code is ExitCode.FINDINGS


def test_the_same_tree_gives_the_same_outcome() -> None:
    assert check(FIXTURES / "tangled") == check(FIXTURES / "tangled")
