"""Bad input of every kind beside a sound application: it is told or read, and the rest of the run goes on."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from bad_input import FILES, KINDS, PROGRAMS, TEXTS, Kind, text

from layercheck import pipeline
from layercheck.cache import whole_files
from layercheck.config.check import settings_schema
from layercheck.config.schema import Config
from layercheck.facts import batch
from layercheck.facts.read import read_facts
from layercheck.frontends.cli import main
from layercheck.outcome import Outcome
from layercheck.pipeline import analysis, reading

ROOT = Path(__file__).parent.parent
RELIABILITY = (ROOT / "docs" / "reliability.md").read_text("utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make an application that offends."""
    root = tmp_path / "project"
    return Path(
        shutil.copytree(
            ROOT / "fixtures/flat", root, ignore=shutil.ignore_patterns(".layercheck_cache")
        )
    )


def check(root: Path, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, list[str], str]:
    """Run and return the exit code, the lines of the report and what went to stderr."""
    code = main(["check", str(root), "--output-format", "concise", *options])
    printed = capsys.readouterr()
    return code, printed.out.splitlines(), printed.err


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_kind(project: Path, kind: Kind, capsys: pytest.CaptureFixture[str]) -> None:
    _, before, _ = check(project, capsys, "--no-cache")
    offences = [line for line in before if line.startswith("app/main.py")]
    kind.make(project)
    code, lines, errors = check(project, capsys, "--no-cache")
    assert errors == "" and offences
    assert [line for line in lines if line.startswith("app/main.py")] == offences
    told = [line for line in lines if "LC009" in line]
    assert (len(told), code) == ((1, 1) if kind.said else (0, 0))
    assert "".join(told).startswith(kind.said)


def test_all_kinds_are_documented() -> None:
    for heading, kinds in (("Texts", TEXTS), ("Files", FILES), ("Programs", PROGRAMS)):
        part = RELIABILITY.partition(f"### {heading}\n")[2].partition("\n##")[0]
        rows = re.findall(r"^\| (.+?) \| (.+?) \|$", part, re.MULTILINE)
        assert rows[2:] == [(kind.name, kind.done) for kind in kinds]


def _vanishing(root: Path) -> Callable[..., Any]:
    def read_files(*arguments: Any) -> Any:
        (root / "app/odd.py").unlink()
        return real(*arguments)

    real = reading.read_files
    return read_files


def test_a_file_that_vanishes(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    text("x = 1\n")(project)
    monkeypatch.setattr(analysis, "read_files", _vanishing(project))
    code, lines, errors = check(project, capsys)
    assert "app/odd.py:1:1: LC009 file-not-parsed: not read: No such file or directory" in lines
    assert (code, errors, len(lines) > 2) == (1, "", True)


def test_files_and_directories_one_may_not_read(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_access(path: str, mode: int) -> bool:
        return not path.endswith("odd.py")

    def no_listing(path: str) -> Any:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    real = os.scandir
    text("x = 1\n")(project)
    text("x = 1\n", "app/closed/module.py")(project)
    monkeypatch.setattr("layercheck.sources.walk.os.access", no_access)
    monkeypatch.setattr("layercheck.sources.walk.os.scandir", no_listing)
    lines = check(project, capsys, "--no-cache")[1]
    told = [line.partition(": LC009 file-not-parsed: not read: ") for line in lines if "LC009" in line]
    assert [(place, reason) for place, _, reason in told] == [
        ("app/closed:1:1", "directory cannot be listed: permission denied"),
        ("app/odd.py:1:1", "permission denied"),
    ]


KEYS: dict[str, Any] = settings_schema()["properties"]
WRONG: dict[str, str] = {
    "a number": "1",
    "a fraction": "1.5",
    "a truth": "true",
    "a text": '"\\u001b[31m"',
    "a list of texts": '["x"]',
    "a list of numbers": "[1]",
    "a table": "{x = 1}",
    "a date": "2024-01-01",
    "an empty list": "[]",
    "an empty table": "{}",
    "infinity": "inf",
    "a list of lists": "[[[]]]",
}


@pytest.mark.parametrize("key", KEYS)
def test_settings_of_wrong_types(project: Path, key: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each key with each type: refused with its name, or accepted; never a crash, never a raw escape."""
    refused = []
    for name, value in WRONG.items():
        (project / "layercheck.toml").write_text(f"{key} = {value}\n", "utf-8")
        code, _, errors = check(project, capsys, "--no-cache")
        assert code in (0, 1, 2) and "\x1b" not in errors and "Traceback" not in errors, (name, errors)
        if code == 2:
            assert key in errors
            refused.append(name)
    assert {"a date", "infinity"} <= set(refused) and len(refused) >= 6


SETTINGS: dict[str, tuple[bytes, str]] = {
    "no TOML": (b"select = [", "layercheck.toml: not valid TOML: "),
    "no UTF-8": (b"# \xff", "layercheck.toml: not UTF-8 (at line 1)"),
    "nested too deeply": (b"x = " + b"[" * 10_000, "layercheck.toml: not valid TOML: "),
    "an unknown key": (b"selct = []", 'layercheck.toml: selct: unknown key; did you mean "select"?'),
    "a pattern that never ends": (b'exclude = ["' + b"*a" * 40 + b'"]', ""),
    "a pattern that is none": (b'exclude = ["["]', ""),
    "a root outside": (b'roots = ["../.."]', "layercheck: roots: "),
    "a baseline outside that is none": (b'baseline = "/dev/null"', "layercheck: "),
}


@pytest.mark.parametrize(("content", "words"), SETTINGS.values(), ids=SETTINGS)
def test_settings(
    project: Path, content: bytes, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "layercheck.toml").write_bytes(content)
    for number in range(40):
        text("x = 1\n", f"app/{'a' * number}b.py")(project)
    start = time.process_time()
    code, _, errors = check(project, capsys, "--no-cache")
    assert time.process_time() - start < 20
    assert (code in (0, 2), words in errors, "Traceback" in errors) == (True, True, False)
    assert (code == 2) == bool(errors)


@pytest.fixture
def started(project: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start `layercheck check` in a process group of its own, on so many files that processes share them."""
    for number in range(300):
        text(f"def f{number}(x):\n    return x\n" * 50, f"app/m{number}.py")(project)
    running = []

    def start(*options: str) -> subprocess.Popen[str]:
        command = (sys.executable, "-m", "layercheck", "check", str(project), *options)
        one = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        running.append(one)
        return one

    yield start
    for one in running:
        one.kill()
        one.communicate()


@pytest.mark.parametrize("after", (0.3, 0.6, 0.9, 1.2))
def test_an_interrupt_ends_all_in_silence(
    started: Callable[..., subprocess.Popen[str]], after: float
) -> None:
    process = started("--no-cache", "--jobs", "2")
    time.sleep(after)
    os.killpg(process.pid, signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    if process.returncode != 0:  # else it had ended before
        assert (process.returncode, out) == (130, "")
        assert errors.strip() == "layercheck: interrupted"


def test_two_runs_at_once(project: Path, started: Callable[..., subprocess.Popen[str]]) -> None:
    several = [started("--output-format", "json") for _ in range(3)]
    printed = [one.communicate(timeout=120) for one in several]
    assert printed == [printed[0]] * 3 and printed[0][1] == ""
    again = started("--output-format", "json").communicate(timeout=60)
    assert again == printed[0]
    left = [
        path.name for path in (project / ".layercheck_cache").rglob("*") if path.name.startswith(".")
    ]
    assert left == [".gitignore"]


def test_a_process_killed_while_it_writes(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file beside its place stays behind, is never read, and is removed by a later run."""

    def killed(source: str, target: str) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    child = os.fork()
    if not child:
        monkeypatch.setattr(os, "replace", killed)
        main(["check", str(project)])
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    cache = project / ".layercheck_cache"
    (left,) = (path for path in cache.iterdir() if path.name.startswith(".facts"))
    first = check(project, capsys)
    assert left.exists() and check(project, capsys) == first
    old = time.time() - 2 * whole_files._LEFT_OVER
    os.utime(left, (old, old))
    text("x = 1\n")(project)
    check(project, capsys)
    assert not left.exists()


@pytest.mark.parametrize(
    "error", ((28, "No space left on device"), (30, "Read-only file system")), ids=str
)
def test_a_cache_that_cannot_be_written(
    project: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: tuple[int, str],
) -> None:
    def full(source: str, target: str) -> None:
        raise OSError(*error)

    first = check(project, capsys, "--no-cache")
    monkeypatch.setattr(os, "replace", full)
    assert check(project, capsys) == first
    code, lines, errors = check(project, capsys, "--verbose")
    assert (code, lines) == first[
        :2
    ] and f"nothing kept for the next run: cannot write to {project}" in errors
    assert error[1] in errors
    names = {path.name for path in (project / ".layercheck_cache").rglob("*")}
    assert names - {"printed"} == {".gitignore", "CACHEDIR.TAG"}


@pytest.mark.parametrize("name", ("", "printed"))
def test_a_cache_that_is_a_link(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """Neither written nor tidied up: what lies there may be anybody's."""
    first = check(project, capsys, "--no-cache")
    outside = tmp_path / "outside"
    outside.mkdir()
    for number in range(40):
        (outside / f"letter {number}").write_text("", "utf-8")
    cache = project / ".layercheck_cache"
    if name:
        cache.mkdir()
    (cache / name).symlink_to(outside)
    before = sorted(outside.iterdir())
    for _ in range(2):
        assert check(project, capsys) == first
    assert sorted(outside.iterdir()) == before
    if not name:
        assert "it is a link, name where it leads with --cache-dir" in check(project, capsys, "--verbose")[2]
    assert check(project, capsys, "--cache-dir", str(outside)) == first
    assert sorted(outside.iterdir()) != before


def test_output_that_cannot_be_encoded(project: Path) -> None:
    text("(", "app/größe_λ.py")(project)
    command = (sys.executable, "-m", "layercheck", "check", str(project))
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    for _ in range(2):
        done = subprocess.run(command, capture_output=True, env=environment)
        assert (done.stderr, done.returncode) == (b"", 1)
        assert b"app/gr\xf6\xdfe_\\u03bb.py:1:1" in done.stdout


def test_a_place_that_is_gone(tmp_path: Path) -> None:
    place = tmp_path / "gone"
    script = f"mkdir {place}; cd {place}; rmdir {place}; {sys.executable} -m layercheck check"
    done = subprocess.run(script, shell=True, capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("", 2)
    assert done.stderr.startswith("layercheck: ") and "Traceback" not in done.stderr


def test_closed_streams(project: Path) -> None:
    for closing in ("<&-", ">&-", "2>&-"):
        script = f"{sys.executable} -m layercheck check {project} {closing}"
        done = subprocess.run(script, shell=True, capture_output=True, text=True)
        assert (done.stderr, done.returncode) == ("", 0), closing


def test_an_error_in_one_rule(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise ZeroDivisionError("a bug")

    _, before, _ = check(project, capsys, "--no-cache")
    monkeypatch.setattr("layercheck.rules.router.fat_route.FatRoute.check", fail)
    code, lines, errors = check(project, capsys, "--extend-select", "LC105", "--no-cache")
    assert (code, lines) == (3, before)
    assert errors.startswith("layercheck: internal error: LC105 fat-route failed at ")
    assert errors.endswith(
        "ZeroDivisionError: a bug; please report it with the lines of code it concerns\n"
    )
    assert not (project / ".layercheck_cache").exists()


def test_an_error_in_one_file(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(data: bytes) -> object:
        if data == b"odd = 1\n":
            raise ZeroDivisionError("a bug")
        return real(data)

    real = read_facts
    _, before, _ = check(project, capsys, "--no-cache")
    text("odd = 1\n")(project)
    monkeypatch.setattr(batch, "read_facts", fail)
    for _ in range(2):  # nothing of it is kept
        code, lines, errors = check(project, capsys)
        assert (code, lines) == (3, before)
        assert errors.startswith("layercheck: internal error: reading app/odd.py failed at ")


DOORS = (
    ("layercheck", "check", "--no-cache"),
    ("layercheck", "check", "--output-format", "html"),
    ("layercheck", "baseline"),
    ("layercheck", "layers"),
    ("layercheck", "routes"),
    ("layercheck", "graph", "calls"),
    ("layercheck", "graph", "imports"),
    ("layercheck", "init", "--dry-run"),
    ("layercheck", "fix", "--diff", "--unsafe-fixes"),
    ("flake8", "--select", "LC", "app"),
    ("pytest", "--layercheck", "-p", "no:cacheprovider", "app"),
)


@pytest.mark.parametrize("door", DOORS, ids=" ".join)
def test_no_code_is_run(project: Path, door: tuple[str, ...]) -> None:
    mark = project / "was run"
    for path in (
        "app/__init__.py",
        "app/main.py",
        "app/odd.py",
        "sitecustomize.py",
        "setup.py",
        "typing.py",
    ):
        file = project / path
        before = file.read_text("utf-8") if file.exists() else ""
        file.write_text(f"open({str(mark)!r}, 'w').close()\n{before}", "utf-8")
    start = f"runpy.run_module({door[0]!r}, run_name='__main__')"
    script = f"import runpy, sys; sys.argv = {list(door)!r}; {start}"
    done = subprocess.run(
        (sys.executable, "-P", "-c", script), cwd=project, capture_output=True, text=True
    )
    assert "Traceback" not in done.stderr and done.stdout + done.stderr
    assert not mark.exists()


def test_a_cache_holds_data_alone(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    check(project, capsys)
    cache = project / ".layercheck_cache"
    for name in ("facts.msgpack", "outcomes.msgpack"):
        assert msgspec.msgpack.decode((cache / name).read_bytes())
    used = [
        path
        for path in (ROOT / "src").rglob("*.py")
        if re.search(
            r"^\s*(?:import|from) (?:pickle|marshal|shelve|dill|cloudpickle)\b",
            path.read_text("utf-8"),
            re.M,
        )
    ]
    assert used == []


def test_outcomes_do_not_depend_on_each_other(project: Path) -> None:
    """One process can check many projects: nothing of one is left in the next."""
    first = pipeline.check([project], _config(project))
    other = project.parent / "other"
    shutil.copytree(ROOT / "fixtures/tangled", other)
    pipeline.check([other], _config(other))
    again: Outcome = pipeline.check([project], _config(project))
    assert again == first


def _config(root: Path) -> Any:
    return Config(project_root=root)
