"""What every front end says of what it cannot work with: one sentence, and nothing is overwritten."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from layercheck.cache.store import DIRECTORY
from layercheck.errors import BaselineError
from layercheck.frontends.api import check
from layercheck.frontends.cli import main

TANGLED = Path(__file__).parents[2] / "fixtures/tangled"
IMPORT_LINTER = """\
[importlinter]
root_package = app
contract_types =
    detected_layers: layercheck.frontends.import_linter_contract.DetectedLayersContract

[importlinter:contract:layers]
name = Imports follow the layers
type = detected_layers
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the tangled example, in which the test stands; what is written of reports is old."""
    unkept = shutil.ignore_patterns(".layercheck_cache", "__pycache__")
    project = tmp_path / "tangled"
    shutil.copytree(TANGLED, project, ignore=unkept)
    (project / ".git").mkdir()
    (project / "old.json").write_text("old", "utf-8")
    monkeypatch.chdir(project)
    return project


OPTIONS = {
    "an unknown format": (
        ["--output-format", "xml"], "Invalid value for '--output-format': 'xml' is not one of ",
    ),
    "an unknown format of a file": (
        ["--output-file", "xml=old.json"],
        "Invalid value for '--output-file': 'xml=old.json' is not FORMAT=FILE with a format of text, ",
    ),
    "no format of a file": (
        ["--output-file", "old.json"], "Invalid value for '--output-file': 'old.json' is not FORMAT=FILE",
    ),
    "two reports for one file": (
        ["--output-file", "json=old.json", "--output-file", "sarif=./old.json"],
        "Invalid value for '--output-file': two reports cannot both be written to ./old.json",
    ),
    "a directory to write to": (
        ["--output-file", "json=old.json", "--output-file", "sarif=app"],
        "--output-file: cannot write app: Is a directory",
    ),
    "a directory that is not there": (
        ["--output-file", "json=old.json", "--output-file", "sarif=no/new.sarif"],
        "--output-file: cannot write no/new.sarif: No such file or directory",
    ),
    "a device that is full": (
        ["--output-file", "json=/dev/full"],
        "--output-file: cannot write /dev/full: No space left on device",
    ),
    "quiet and verbose": (["--quiet", "--verbose"], "--quiet and --verbose exclude each other"),
    "no rule left": (
        ["--select", "LC101", "--ignore", "LC101"],
        "no rule is selected: `select`, `ignore` and `severity` leave none",
    ),
    "a baseline that is not there": (
        ["--baseline", "no.json"], "no.json: no such file; `layercheck baseline` writes it",
    ),
    "a commit of a repository that is none": (
        ["--changed-since", "main"], "--changed-since: git failed in ",
    ),
    "a name that speaks to the terminal": (["\x1b[31m.py"], "\\x1b[31m.py: no such file or directory"),
}  # fmt: skip


@pytest.mark.parametrize(("options", "complaint"), OPTIONS.values(), ids=OPTIONS)
def test_one_sentence_and_nothing_is_overwritten(
    project: Path, capsys: pytest.CaptureFixture[str], options: list[str], complaint: str
) -> None:
    assert main(["check", *options]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.startswith(f"layercheck: {complaint}"), said.err.count("\n")) == ("", True, 1)
    assert (project / "old.json").read_text("utf-8") == "old"


def test_what_cannot_be_written_is_told_before_the_work(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--output-file", "json=no/new.json"]) == 2
    assert not (project / DIRECTORY).exists()


PRINTING = [["--version"], ["--help"], ["rules"], ["check", "--exit-zero"], ["graph", "calls"]]


@pytest.mark.parametrize("arguments", PRINTING, ids=" ".join)
def test_output_that_finds_no_place(project: Path, arguments: list[str]) -> None:
    command = [sys.executable, "-m", "layercheck", *arguments]
    for _ in range(2):  # the second time the report is told again
        with open("/dev/full", "w") as full:
            done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
        assert (done.returncode, done.stderr) == (
            2,
            "layercheck: cannot write to standard output: No space left on device\n",
        )
        subprocess.run(command, capture_output=True, check=True)


NEWER = '{"version": 99, "findings": []}'
COMPLAINT = (
    "layercheck-baseline.json: version: expected 1, found 99: a newer layercheck wrote it, use that one"
)
DOORS: dict[str, tuple[list[str], int, str]] = {
    "check": (["layercheck", "check"], 2, f"layercheck: {COMPLAINT}\n"),
    "baseline": (["layercheck", "baseline", "--update"], 2, f"layercheck: {COMPLAINT}\n"),
    "pruned": (["layercheck", "baseline", "--prune"], 2, f"layercheck: {COMPLAINT}\n"),
    "fix": (["layercheck", "fix", "--diff"], 2, f"layercheck: {COMPLAINT}\n"),
    "flake8": (
        ["flake8", "-j1", "--select", "LC", "app/services/users.py"],
        1,
        f"app/services/users.py:1:1: LC000 layercheck-cannot-run: {COMPLAINT}\n",
    ),
    "pytest": (
        ["pytest", "-q", "-p", "no:cacheprovider", "--layercheck"],
        4,
        f"ERROR: layercheck: {COMPLAINT}\n",
    ),
    "import-linter": (["lint-imports", "--no-logo", "--no-cache"], 1, f"{COMPLAINT}\n"),
}


@pytest.mark.parametrize(("command", "code", "complaint"), DOORS.values(), ids=DOORS)
def test_a_baseline_of_a_newer_version(project: Path, command: list[str], code: int, complaint: str) -> None:
    (project / "layercheck-baseline.json").write_text(NEWER, "utf-8")
    (project / ".importlinter").write_text(IMPORT_LINTER, "utf-8")
    program = Path(sys.executable).with_name(command[0])
    wide = {**os.environ, "COLUMNS": "500"}
    done = subprocess.run([program, *command[1:]], capture_output=True, text=True, env=wide)
    said = "".join(f"{line}\n" for line in (done.stdout + done.stderr).splitlines() if COMPLAINT in line)
    assert (done.returncode, said) == (code, complaint), done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert (project / "layercheck-baseline.json").read_text("utf-8") == NEWER


def test_a_baseline_of_a_newer_version_in_python(project: Path) -> None:
    (project / "layercheck-baseline.json").write_text(NEWER, "utf-8")
    with pytest.raises(BaselineError, match="version: expected 1, found 99"):
        check(project)
    assert (project / "layercheck-baseline.json").read_text("utf-8") == NEWER
