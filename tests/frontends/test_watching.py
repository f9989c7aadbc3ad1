"""``layercheck check --watch`` as somebody sees it who edits files beside it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Self

import pytest

from layercheck.frontends.cli import main

PATIENCE = 60.0
TANGLED = Path(__file__).parents[2] / "fixtures/tangled"
GUILTY = "from fastapi import Request\n\n\ndef note(request: Request) -> None:\n    print(request.url)\n"
NEW = "app/services/notes.py:1:1: LC201 service-imports-web: "


class Watch:
    """A run of ``layercheck check --watch``; what it prints is collected while it runs."""

    def __init__(self, project: Path, *options: str) -> None:
        command = [sys.executable, "-m", "layercheck", "check", "--watch", "--all", *options]
        # as on a terminal: a group of its own gets what Ctrl-C sends
        self.process = subprocess.Popen(
            command,
            cwd=project,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, "NO_COLOR": "1"},
        )
        self._said = {"stdout": "", "stderr": ""}
        self._seen = {"stdout": 0, "stderr": 0}
        assert self.process.stdout is not None and self.process.stderr is not None
        self._readers = [
            threading.Thread(target=self._read, args=(name, stream), daemon=True)
            for name, stream in (("stdout", self.process.stdout), ("stderr", self.process.stderr))
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, name: str, stream: IO[str]) -> None:
        for line in stream:
            self._said[name] += line

    def until(self, pattern: str, name: str = "stdout") -> str:
        """Return what it said since it was last asked, up to what ``pattern`` matches."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            found = re.compile(pattern, re.MULTILINE).search(self._said[name], self._seen[name])
            if found:
                start, self._seen[name] = self._seen[name], found.end()
                return self._said[name][start : found.end()]
            time.sleep(0.02)
        raise AssertionError(f"no {pattern!r} in {self._said}")

    def interrupted(self) -> int:
        """End it as Ctrl-C does and return its exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for reader in self._readers:
            reader.join(PATIENCE)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()

    def rest(self, name: str) -> str:
        """Return what it said since it was last asked."""
        return self._said[name][self._seen[name] :]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of the tangled example."""
    unkept = shutil.ignore_patterns(".layercheck_cache", "__pycache__")
    shutil.copytree(TANGLED, tmp_path / "tangled", ignore=unkept)
    (tmp_path / "tangled/.git").mkdir()
    return tmp_path / "tangled"


@pytest.fixture
def watch(project: Path) -> Iterator[Watch]:
    """Return a watch that has told what there is from the start."""
    written = ("--output-format", "concise", "--output-file", "json=report.json")
    with Watch(project, *written) as started:
        started.until(r"^Found \d+ errors.*\n")
        started.until("^layercheck: watching .*, Ctrl-C ends\n", "stderr")
        yield started


LAST = r"^.* \d+ new, \d+ gone\.\n\n"


def test_what_is_new_and_what_is_gone(watch: Watch, project: Path) -> None:
    notes = project / "app/services/notes.py"
    notes.write_text(GUILTY, "utf-8")
    new, line, *rest = watch.until(LAST).splitlines()
    assert (new, line.startswith(NEW)) == ("New", True)
    assert rest[-2].endswith(" 1 new, 0 gone.")
    assert watch.until(r"^\d\d:\d\d:\d\d app/services/notes\.py\n", "stderr") != ""
    assert "LC201" in (project / "report.json").read_text("utf-8")

    notes.write_text("def note() -> None: ...\n", "utf-8")
    gone, line, *rest = watch.until(LAST).splitlines()
    assert (gone, line.startswith(NEW)) == ("Gone", True)
    assert rest[-2].endswith(" 0 new, 1 gone.")

    # what a check writes itself sets off no other
    time.sleep(1)
    assert watch.rest("stdout") == ""
    assert watch.interrupted() == 130
    assert watch.until("interrupted\n", "stderr").splitlines()[1:] == ["", "layercheck: interrupted"]


def test_a_file_that_is_broken_for_a_moment(watch: Watch, project: Path) -> None:
    users = project / "app/services/users.py"
    text = users.read_text("utf-8")
    users.write_text(f"{text}\ndef (", "utf-8")
    told = watch.until(r"^Not compared: 1 file cannot be read\.\n\n").splitlines()
    assert (told[0], len(told)) == ("New", 5)
    assert ": LC009 file-not-parsed: " in told[1]
    users.write_text(text + "\n\ndef nothing() -> None: ...\n", "utf-8")
    assert watch.until(LAST).endswith(" 0 new, 0 gone.\n\n")
    assert watch.interrupted() == 130


def test_settings_that_are_wrong_for_a_moment(watch: Watch, project: Path) -> None:
    settings = project / "pyproject.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text + '\n[tool.layercheck]\nignroe = ["LC202"]\n', "utf-8")
    assert 'did you mean "ignore"?' in watch.until(r"^layercheck: pyproject\.toml.*\n", "stderr")
    settings.write_text(text + '\n[tool.layercheck]\nignore = ["LC202"]\n', "utf-8")
    told = watch.until(LAST).splitlines()
    assert told[0] == "Gone"
    assert {line.split(" ")[1] for line in told[1:-3]} == {"LC202"}
    assert watch.interrupted() == 130


def test_settings_that_lie_elsewhere(project: Path) -> None:
    elsewhere, written = project.parent / "strict.toml", project.parent / "strict.toml~"
    select = 'select = ["LC201", "LC202", "LC301"]\n'
    elsewhere.write_text(select, "utf-8")
    with Watch(project, "--output-format", "concise", "--config", "../strict.toml") as watch:
        watch.until(r"^Found \d+ errors.*\n")
        watch.until(f"^layercheck: watching {project}, {elsewhere}, Ctrl-C ends\n", "stderr")
        for ignored, gone in (('"LC202"', "LC202"), ('"LC202", "LC201"', "LC201")):
            # as editors save: another file takes the place of the one that was there
            written.write_text(f"{select}ignore = [{ignored}]\n", "utf-8")
            written.replace(elsewhere)
            told = watch.until(LAST).splitlines()
            assert told[0] == "Gone"
            assert {line.split(" ")[1] for line in told[1:-3]} == {gone}
        assert watch.interrupted() == 130


def test_a_baseline_that_is_written_meanwhile(watch: Watch, project: Path) -> None:
    command = [sys.executable, "-m", "layercheck", "baseline"]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    assert re.search(r"^No findings\. 0 new, \d+ gone\.$", watch.until(LAST), re.MULTILINE)
    assert watch.interrupted() == 130


def test_new_ones_are_told_in_full_as_text(project: Path) -> None:
    with Watch(project, "--select", "LC201") as started:
        started.until("^Found 1 error, .*\n")
        (project / "app/services/notes.py").write_text(GUILTY, "utf-8")
        told = started.until(LAST).splitlines()
        assert told[:1] == ["New errors"]
        assert told[2].startswith(NEW)
        assert told[3] == "    1 | from fastapi import Request"
        assert started.interrupted() == 130


WRONG = {
    "a report that is no list": (
        ["--output-format", "json"],
        "--watch: reports as text or concise; --output-file json=FILE writes it with every check",
    ),
    "standard input": (["--stdin-filename", "app/a.py", "-"], "--watch: standard input does not change"),
    "no such path": (["nowhere"], "nowhere: no such file or directory"),
    "wrong settings": (["--select", "LC999"], "--select: "),
}


@pytest.mark.parametrize(("options", "complaint"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_watched(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    complaint: str,
) -> None:
    monkeypatch.chdir(project)
    assert main(["check", "--watch", *options]) == 2
    captured = capsys.readouterr()
    assert (captured.out, captured.err.startswith(f"layercheck: {complaint}")) == ("", True), captured.err
