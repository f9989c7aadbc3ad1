"""From files to an outcome: what is read, what is told, what goes wrong and still goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from layercheck import pipeline
from layercheck.config.load import load
from layercheck.errors import ExitCode, NothingToAnalyse, UsageError
from layercheck.facts.read import read_facts
from layercheck.finding import Finding, Severity
from layercheck.location import MAX_COLUMN
from layercheck.outcome import Outcome
from layercheck.rules import catalog
from layercheck.rules.catalog import codes
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

GUILTY = "from fastapi import Request\ndef log(request: Request) -> None: ...\n"
FILES = {
    "pyproject.toml": '[project]\nname = "example"\n',
    "app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n"
                   "@app.get('/')\ndef show() -> int:\n    return 1\n",
    "app/services/audit.py": GUILTY,
    "app/services/billing.py": GUILTY,
    "tests/test_services.py": GUILTY,
    "scripts/services.py": GUILTY,
}  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a project with two guilty services."""
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    return tmp_path


def check(root: Path, *paths: str, **settings: Any) -> Outcome:
    given = {key.replace("_", "-"): value for key, value in settings.items()}
    config = load(root, None, given, known_codes=codes())
    return pipeline.check([root / path for path in paths or ("",)], config)


def found(outcome: Outcome) -> list[str]:
    return [f"{one.place.path}:{one.place.line} {one.code}" for one in outcome.new]


BOTH = ["app/services/audit.py:1 LC201", "app/services/billing.py:1 LC201"]

PATHS: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "the project": (("",), BOTH),
    "a directory": (("app/services",), BOTH),
    "a file": (("app/services/billing.py",), BOTH[1:]),
    "two files": (("app/services/audit.py", "app/services/billing.py"), BOTH),
    "a file without findings": (("app/main.py",), []),
    "tests": (("tests",), []),
}


@pytest.mark.parametrize(("paths", "expected"), PATHS.values(), ids=PATHS)
def test_findings_of_the_given_paths(paths: tuple[str, ...], expected: list[str], root: Path) -> None:
    outcome = check(root, *paths)
    assert found(outcome) == expected
    assert outcome.summary.files == 3


def test_nothing_to_analyse(root: Path) -> None:
    (root / "docs").mkdir()
    with pytest.raises(NothingToAnalyse, match="no Python file to analyse in .*docs"):
        check(root, "docs")


def test_no_rule_is_selected(root: Path) -> None:
    with pytest.raises(UsageError, match="no rule is selected"):
        check(root, select=["LC201"], ignore=["LC2"], severity={"LC201": "off"})


def test_the_summary_counts(root: Path) -> None:
    summary = check(root).summary
    assert [(row.layer, row.modules, row.elements) for row in summary.layers] == [
        ("app", 1, 0), ("router", 0, 1), ("service", 2, 2),
    ]  # fmt: skip
    assert (summary.files, summary.lines, summary.routes) == (3, 12, 1)
    assert (summary.classified, summary.classifiable) == (3, 3)
    assert (summary.call_sites, summary.resolved_calls) == (2, 2)


def test_without_fastapi_there_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text("x = 1\n", "utf-8")
    outcome = check(tmp_path)
    assert outcome.summary.notes == (
        "no FastAPI application or router found: nothing here can be told to be a route",
    )
    assert outcome.exit_code is ExitCode.CLEAN


def test_the_lines_a_report_may_quote(root: Path) -> None:
    assert check(root).sources == {
        "app/services/audit.py": {1: "from fastapi import Request"},
        "app/services/billing.py": {1: "from fastapi import Request"},
    }


QUOTED: dict[str, tuple[str, dict[int, str]]] = {
    "a statement of several lines": (
        "from fastapi import (\n    Body,\n    Request,\n    status,\n)\n\n\n"
        "def log(request: Request) -> None: ...\n",
        {1: "from fastapi import (", 2: "    Body,", 3: "    Request,"},
    ),
    "a file that cannot be parsed": ("x = 1\ndef (:\n", {2: "def (:"}),
    "a file that is no text": ("\udcff", {}),
    "a line without end": (f"from fastapi import Request{' ' * 9000}\n\ndef log(r: Request): ...\n", {
        1: f"from fastapi import Request{' ' * 9000}"[:MAX_COLUMN],
    }),
}  # fmt: skip


@pytest.mark.parametrize(("text", "lines"), QUOTED.values(), ids=QUOTED)
def test_what_is_quoted_of_a_finding(root: Path, text: str, lines: dict[int, str]) -> None:
    (root / "app/services/audit.py").write_text(text, "utf-8", "surrogateescape")
    outcome = check(root, "app/services/audit.py")
    assert [one.place.path for one in outcome.new] == ["app/services/audit.py"]
    assert outcome.sources.get("app/services/audit.py", {}) == lines


def test_comments_silence(root: Path) -> None:
    comment = "  # layercheck: ignore[LC201] until the audit"
    file = root / "app/services/audit.py"
    file.write_text(GUILTY.replace("\n", f"{comment}\n", 1), "utf-8")
    outcome = check(root)
    assert found(outcome) == BOTH[1:]
    assert [(one.finding.place.path, one.reason) for one in outcome.suppressed] == [
        ("app/services/audit.py", "until the audit")
    ]
    assert list(outcome.sources) == ["app/services/audit.py", "app/services/billing.py"]


SETTINGS: dict[str, tuple[dict[str, Any], list[str], ExitCode]] = {
    "none": ({}, BOTH, ExitCode.FINDINGS),
    "ignored per file": (
        {"per_file_ignores": {"**/audit.py": ["LC2"]}}, BOTH[1:], ExitCode.FINDINGS,
    ),
    "excluded": ({"exclude": ["billing.py"]}, BOTH[:1], ExitCode.FINDINGS),
    "not selected": ({"select": ["LC6"]}, [], ExitCode.CLEAN),
    "weighed": ({"severity": {"LC201": "warning"}}, BOTH, ExitCode.CLEAN),
    "never failing": ({"fail_on": "never"}, BOTH, ExitCode.CLEAN),
}  # fmt: skip


@pytest.mark.parametrize(("settings", "expected", "code"), SETTINGS.values(), ids=SETTINGS)
def test_settings(settings: dict[str, Any], expected: list[str], code: ExitCode, root: Path) -> None:
    outcome = check(root, **settings)
    assert (found(outcome), outcome.exit_code) == (expected, code)


class Broken(Rule):
    """A rule with a bug."""

    code = "LC202"
    name = "broken-rule"
    severity: ClassVar[Severity | None] = Severity.ERROR

    def check(self, view: View) -> Iterator[Finding]:
        yield from [][1]


def test_a_rule_that_fails_does_not_stop_the_others(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    others = [rule for rule in catalog.RULES if rule.code != Broken.code]
    Broken.__doc__ = others[0].__doc__
    monkeypatch.setattr(catalog, "RULES", (Broken, *others))
    outcome = check(root)
    (sentence,) = outcome.internal_errors
    assert sentence.startswith("LC202 broken-rule failed at test_check.py:")
    assert "IndexError: list index out of range; please report it" in sentence
    assert found(outcome) == BOTH
    assert outcome.exit_code is ExitCode.INTERNAL


def test_a_file_layercheck_fails_on_does_not_stop_the_others(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_on_audit(data: bytes) -> Any:
        if b"audit" in data:
            raise ZeroDivisionError("a bug")
        return read_facts(data)

    (root / "app/services/audit.py").write_text(f"# audit\n{GUILTY}", "utf-8")
    monkeypatch.setattr("layercheck.facts.batch.read_facts", fail_on_audit)
    outcome = check(root)
    (sentence,) = outcome.internal_errors
    assert sentence.startswith("reading app/services/audit.py failed at test_check.py:")
    assert found(outcome) == BOTH[1:]


def test_a_file_that_vanishes_is_told(root: Path) -> None:
    (root / "app/services/lost.py").symlink_to(root / "nowhere.py")
    outcome = check(root)
    assert [unread.place.path for unread in outcome.unread] == ["app/services/lost.py"]
    assert found(outcome) == [BOTH[0], BOTH[1], "app/services/lost.py:1 LC009"]


def test_a_function_layercheck_fails_on_does_not_stop_the_others(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(interpreter: object, act: object, statement: object) -> None:
        raise ZeroDivisionError("a bug")

    (root / "app/services/audit.py").write_text("def f():\n    del x\n\n\n" + GUILTY, "utf-8")
    monkeypatch.setattr("layercheck.inference.statements.Statements._delete", fail)
    outcome = check(root)
    (sentence,) = outcome.internal_errors
    assert sentence.startswith("following app.services.audit.f failed at test_check.py:")
    assert found(outcome) == ["app/services/audit.py:5 LC201", *BOTH[1:]]
