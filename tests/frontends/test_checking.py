"""``layercheck check`` at work: changed files, unsaved files, colours, the progress bar."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from layercheck.frontends.cli import main
from layercheck.frontends.progress import Bar

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
CODES = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a repository of an application that offends in many places, and go there."""
    top = tmp_path / "top"
    shutil.copytree(FIXTURES / "tangled", top / "backend", ignore=shutil.ignore_patterns(".layercheck_cache"))
    git(tmp_path, "init", "-b", "main", str(top))
    git(top, "add", "-A")
    git(top, "commit", "-m", "first")
    monkeypatch.chdir(top / "backend")
    return top / "backend"


def git(directory: Path, *arguments: str) -> None:
    person = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *person, *arguments], cwd=directory, check=True, capture_output=True)


def report(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """Run and return the findings as path and code, and the notes."""
    main(["check", "--output-format", "json", *arguments])
    printed = json.loads(capsys.readouterr().out)
    found = [(one["path"], one["code"]) for one in printed["findings"]]
    return found, printed["summary"]["notes"]


def test_only_what_touches_changed_files_is_reported(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    everything, _ = report(capsys)
    assert len(everything) > 10
    assert report(capsys, "--changed-since", "main") == (
        [],
        [f"shown is what touches the files changed since main: 0; findings left out: {len(everything)}"],
    )
    assert main(["check", "--changed-since", "main"]) == 0
    capsys.readouterr()
    limits = project / "app/utils/limits.py"
    limits.write_text(limits.read_text() + "\n")
    found, (note,) = report(capsys, "--changed-since", "main")
    assert found == [("app/utils/limits.py", "LC202")]
    assert note.startswith("shown is what touches the files changed since main: 1; findings left out: ")
    assert main(["check", "--changed-since", "main"]) == 1
    capsys.readouterr()
    git(project, "commit", "-am", "second")
    assert report(capsys, "--changed-since", "main~1")[0] == found


def test_a_chain_that_leads_through_a_changed_file_is_reported(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    orders = project / "app/services/orders.py"
    orders.write_text(orders.read_text() + "\n")
    found, _ = report(capsys, "--changed-since", "main")
    assert ("app/utils/limits.py", "LC202") in found
    assert ("app/services/users.py", "LC202") not in found


def test_an_unknown_ref_is_told_before_anything_is_read(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--changed-since", "mian"]) == 2
    assert capsys.readouterr() == (
        "",
        'layercheck: --changed-since: git knows no commit "mian" here; '
        "a shallow clone may have to fetch it first\n",
    )
    assert not (project / ".layercheck_cache").exists()


def test_other_systems_get_paths_from_the_top_of_the_repository(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["check", "--select", "LC201", "--output-format", "github"])
    assert capsys.readouterr().out.startswith("::error file=backend/app/services/audit.py,line=5,")
    main(["check", "--select", "LC201", "--output-format", "concise"])
    assert capsys.readouterr().out.startswith("app/services/audit.py:5:")


BUFFER = """\
from fastapi import HTTPException


class NoService:
    def f(self):
        raise HTTPException(404)
"""


def through_stdin(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


@pytest.mark.parametrize("name", ["app/services/users.py", "app/services/fresh.py"], ids=["saved", "new"])
@pytest.mark.parametrize("dash", [(), ("-",)], ids=["plain", "dash"])
def test_an_unsaved_file_is_read_from_standard_input(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    dash: tuple[str, ...],
) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*.py")}
    through_stdin(monkeypatch, BUFFER)
    arguments = ["check", "--stdin-filename", name, "--output-format", "concise", "-q", *dash]
    assert main([*arguments, "--select", "LC202"]) == 1
    assert capsys.readouterr().out == (
        f"{name}:6:9: LC202 service-raises-http-exception: service `NoService.f` raises HTTPException(404)\n"
    )
    assert {path: path.read_bytes() for path in project.rglob("*.py")} == before


def test_the_rest_of_the_project_is_read_from_disk(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = (project / "app/services/orders.py").read_text()
    through_stdin(monkeypatch, saved.replace("check_order(", "(lambda *a: None)("))
    found, _ = report(capsys, "--stdin-filename", "app/services/orders.py", "--select", "LC202")
    assert found == []
    assert ("app/utils/limits.py", "LC202") in report(capsys, "--select", "LC202")[0]


def test_an_unsaved_file_leaves_no_trace_in_the_next_run(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = report(capsys, "app/services/users.py")
    through_stdin(monkeypatch, "x = 1\n")
    assert report(capsys, "--stdin-filename", "app/services/users.py")[0] == []
    assert report(capsys, "app/services/users.py") == before


def test_an_unsaved_file_that_cannot_be_parsed_is_told(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    through_stdin(monkeypatch, "def f(:\n")
    assert report(capsys, "--stdin-filename", "app/services/users.py")[0] == [
        ("app/services/users.py", "LC009")
    ]


STDIN_WRONG = {
    "another path": (["app", "--stdin-filename", "app/a.py"], "--stdin-filename: other paths"),
    "no name": (["-"], "standard input has no place in a project: --stdin-filename names it"),
    "no such directory": (["--stdin-filename", "no/a.py"], "no: no such file or directory"),
}


@pytest.mark.parametrize(("arguments", "complaint"), STDIN_WRONG.values(), ids=STDIN_WRONG)
def test_wrong_use_of_standard_input(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    complaint: str,
) -> None:
    through_stdin(monkeypatch, "")
    assert main(["check", *arguments]) == 2
    assert capsys.readouterr().err.startswith(f"layercheck: {complaint}")


def environment(**variables: str) -> dict[str, str]:
    shared = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    return {**shared, "TERM": "xterm", **variables}


def on_a_terminal(project: Path, *arguments: str, **variables: str) -> str:
    """Return what a run prints where standard output is a terminal; it says nothing else."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "layercheck", "check", "--exit-zero", "--select", "LC202", *arguments]
    shown = environment(**variables)
    with subprocess.Popen(
        command, cwd=project, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, env=shown
    ) as running:
        os.close(theirs)
        said = b""
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # how Linux says that nobody holds the other end any more
                break
            if not chunk:
                break
            said += chunk
        assert running.stderr is not None
        assert running.stderr.read() == b""
    os.close(ours)
    assert running.returncode == 0
    return said.decode().replace("\r\n", "\n")


def in_a_pipe(project: Path, *arguments: str, **variables: str) -> str:
    command = [sys.executable, "-m", "layercheck", "check", "--exit-zero", "--select", "LC202", *arguments]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, env=environment(**variables))
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


COLOURED: dict[str, tuple[bool, list[str], dict[str, str], bool]] = {
    "terminal": (True, [], {}, True),
    "pipe": (False, [], {}, False),
    "pipe that is told to": (False, ["--color", "always"], {}, True),
    "terminal that is told not to": (True, ["--color", "never"], {}, False),
    "terminal of one who wants none": (True, [], {"NO_COLOR": "1"}, False),
    "pipe of one who wants them": (False, [], {"FORCE_COLOR": "1"}, True),
    "option wins over environment": (False, ["--color", "always"], {"NO_COLOR": "1"}, True),
    "option wins over wish": (True, ["--color", "never"], {"FORCE_COLOR": "1"}, False),
    "terminal that knows none": (True, [], {"TERM": "dumb"}, False),
    "format for programs": (True, ["--output-format", "json", "--color", "always"], {}, False),
}


@pytest.mark.parametrize(("terminal", "arguments", "variables", "coloured"), COLOURED.values(), ids=COLOURED)
def test_colours(
    project: Path, terminal: bool, arguments: list[str], variables: dict[str, str], coloured: bool
) -> None:
    show = on_a_terminal if terminal else in_a_pipe
    shown = show(project, *arguments, COLUMNS="1000", **variables)
    assert bool(CODES.search(shown)) is coloured
    assert CODES.sub("", shown) == in_a_pipe(project, *arguments, "--color", "never")


SEEN = {
    "the project": (".", ".", "app/services/users.py:35:13", "    app/services/users.py:35  raise"),
    "above": (
        "..", "backend", "backend/app/services/users.py:35:13", "    backend/app/services/users.py:35  raise",
    ),
    "below": ("app/api", "../..", "../services/users.py:35:13", "    ../services/users.py:35  raise"),
}  # fmt: skip


@pytest.mark.parametrize(("here", "path", "place", "step"), SEEN.values(), ids=SEEN)
def test_paths_lead_there_from_where_the_reader_is(
    project: Path, here: str, path: str, place: str, step: str
) -> None:
    for _ in range(2):  # the second time the report is told again
        told = in_a_pipe(project / here, path).splitlines()
        assert [line.partition(": ")[0] for line in told if ": LC202 " in line][0] == place
        assert [line for line in told if line.startswith(step)] != []
    written = in_a_pipe(project / here, path, "--output-file", f"json={project}/r.json", "--quiet")
    assert place in written
    findings = json.loads((project / "r.json").read_text())["findings"]
    assert [one["path"] for one in findings if one["path"].endswith("users.py")] == ["app/services/users.py"]


def test_what_is_coloured_how(project: Path) -> None:
    first = in_a_pipe(project, "--color", "always").splitlines()[:4]
    assert first[0] == "\x1b[1mErrors\x1b[0m"
    assert first[2].startswith(
        "\x1b[1mapp/services/users.py:35:13\x1b[0m: "
        "\x1b[31m\x1b[1mLC202\x1b[0m service-raises-http-exception: "
    )
    assert first[3].startswith("    \x1b[2m35 | \x1b[0mraise HTTPException(422, ")


def test_lines_are_folded_for_a_terminal_alone(project: Path) -> None:
    folded = CODES.sub("", on_a_terminal(project, COLUMNS="80")).splitlines()
    assert max(map(len, folded)) <= 80
    whole = in_a_pipe(project, COLUMNS="80")
    assert max(map(len, whole.splitlines())) > 80
    assert " ".join(" ".join(folded).split()) == " ".join(whole.split())


def test_files_are_never_coloured(project: Path) -> None:
    in_a_pipe(project, "--color", "always", "--output-file", "text=r.txt", "--output-file", "github=r.github")
    for name in ("r.txt", "r.github"):
        assert "\x1b" not in (project / name).read_text()
    assert (project / "r.txt").read_text() == in_a_pipe(project)


class Screen(io.StringIO):
    """A terminal to write to."""

    def isatty(self) -> bool:
        return True


def wait_for(text: str, stream: io.StringIO) -> None:
    """Return when ``stream`` holds ``text``; the bar is drawn beside the run."""
    deadline = time.monotonic() + 30
    while text not in stream.getvalue() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert text in stream.getvalue()


def test_a_long_run_shows_a_bar_and_clears_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    screen = Screen()
    with Bar(screen, 0.0) as bar:
        bar("reading files", 0.0)
        assert screen.getvalue() == ""
        bar("following calls", 0.1)
        wait_for("following calls", screen)
        bar("applying rules", 0.9)
        wait_for("applying rules", screen)
    assert screen.getvalue().endswith("\x1b[2K")


QUIET: dict[str, tuple[io.StringIO, float, bool]] = {
    "short run": (Screen(), 60.0, False),
    "no terminal": (io.StringIO(), 0.0, False),
    "quiet": (Screen(), 0.0, True),
}


@pytest.mark.parametrize(("stream", "delay", "quiet"), QUIET.values(), ids=QUIET)
def test_no_bar(stream: io.StringIO, delay: float, quiet: bool) -> None:
    with Bar(stream, delay, quiet=quiet) as bar:
        bar("following calls", 0.1)
        bar("applying rules", 0.9)
    assert stream.getvalue() == ""


def test_a_run_that_fails_leaves_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    screen = Screen()
    with pytest.raises(KeyError), Bar(screen, 0.0) as bar:
        bar("following calls", 0.1)
        wait_for("following calls", screen)
        raise KeyError
    assert screen.getvalue().endswith("\x1b[2K")
