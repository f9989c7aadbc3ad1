"""``layercheck baseline``, and ``check`` with what it wrote."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from layercheck.errors import ExitCode
from layercheck.frontends.cli import main

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a copy of an application that offends, and work in it."""
    root = Path(shutil.copytree(FIXTURES / "flat", tmp_path / "project"))
    monkeypatch.chdir(root)
    return root


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    done = capsys.readouterr()
    return code, done.out, done.err


def test_from_the_first_day_on(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fails = ("check", "--fail-on", "warning")
    assert told(capsys, *fails)[0] == ExitCode.FINDINGS
    assert told(capsys, "baseline") == (0, "layercheck-baseline.json: 2 known findings\n", "")
    code, out, _ = told(capsys, *fails)
    lines = out.splitlines()
    assert (code, lines[-1], "baseline  2 known findings not shown" in lines) == (0, "No findings.", True)


def test_update_and_prune(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["baseline", "--quiet"])
    assert told(capsys, "baseline", "--update")[1] == (
        "layercheck-baseline.json: 2 known findings (+0, -0)\n"
    )
    file = project / "layercheck-baseline.json"
    lines = file.read_text("utf-8").splitlines(keepends=True)
    file.write_text("".join(line for line in lines if "LC101" not in line), "utf-8")
    assert told(capsys, "baseline", "--prune")[1] == "layercheck-baseline.json: 1 known finding (+0, -0)\n"
    assert told(capsys, "baseline", "--update")[1] == (
        "layercheck-baseline.json: 2 known findings (+1, -0)\n"
    )
    assert file.read_text("utf-8") == "".join(lines)


def test_a_file_of_the_call_counts_from_where_one_is(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project / "app")
    assert told(capsys, "baseline", "--baseline", "known.json", "..") == (
        0, "app/known.json: 2 known findings\n", "",
    )  # fmt: skip
    assert told(capsys, "check", "--baseline", "known.json", "-q", "..") == (0, "", "")


def test_the_report_for_programs_tells_verdicts(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["baseline", "--quiet"])
    report = json.loads(told(capsys, "check", "--output-format", "json")[1])
    assert [(one["code"], one["verdict"]) for one in report["findings"]] == [
        ("LC101", "known"), ("LC104", "known"),
    ]  # fmt: skip
    assert (report["summary"]["findings"]["known"], report["stale_baseline"]) == (2, [])


def test_what_was_written_is_no_cached_outcome(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "check", "-q")[1] != ""
    main(["baseline", "--quiet"])
    assert told(capsys, "check", "-q")[1] == ""


MISTAKES: dict[str, tuple[tuple[str, ...], str]] = {
    "both": (
        ("--update", "--prune"),
        "--update and --prune exclude each other: --update drops what is gone, too",
    ),
    "nothing to prune": (
        ("--prune",), "layercheck-baseline.json: no such file; `layercheck baseline` writes it",
    ),
    "no place to write": (
        ("--baseline", "none/known.json"), "cannot write none/known.json: No such file or directory",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("options", "message"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes(
    options: tuple[str, ...], message: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert told(capsys, "baseline", *options) == (ExitCode.USAGE, "", f"layercheck: {message}\n")
    assert not (project / "layercheck-baseline.json").exists()


def test_a_damaged_baseline_fails_the_check(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "layercheck-baseline.json").write_text('{"version": 7}', "utf-8")
    for command in ("check", "baseline --update"):
        code, out, err = told(capsys, *command.split())
        assert (code, out) == (ExitCode.USAGE, "")
        assert err == (
            "layercheck: layercheck-baseline.json: version: expected 1, found 7:"
            " a newer layercheck wrote it, use that one\n"
        )


@pytest.mark.parametrize("way", ("a setting", "a link"))
def test_a_project_cannot_make_us_write_outside(
    project: Path, capsys: pytest.CaptureFixture[str], way: str
) -> None:
    outside = project.parent / "outside.json"
    if way == "a setting":
        (project / "layercheck.toml").write_text('baseline = "../outside.json"\n', "utf-8")
        shown = "../outside.json"
    else:
        (project / "layercheck-baseline.json").symlink_to(outside)
        shown = "layercheck-baseline.json"
    code, out, errors = told(capsys, "baseline")
    assert (code, out, outside.exists()) == (2, "", False)
    assert errors == (
        f"layercheck: the baseline {shown} lies outside the project, at {outside}; "
        f"to write there, say --baseline {outside}\n"
    )
    assert told(capsys, "baseline", "--baseline", str(outside))[0] == 0
    assert outside.exists()


def test_a_linked_file_inside_stays_a_link(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    link, file = project / "layercheck-baseline.json", project / "known.json"
    link.symlink_to(file)
    assert told(capsys, "baseline")[0] == 0
    assert (link.is_symlink(), file.is_file()) == (True, True)
