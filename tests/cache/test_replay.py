"""What `check` printed is printed again, as long as nothing it depends on has changed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from layercheck import __main__, pipeline
from layercheck.cache import own_code, replay
from layercheck.cache.evidence import NOT_ENTERED, around
from layercheck.cache.looking import look
from layercheck.cache.printed import unpacked
from layercheck.config.read import read_settings
from layercheck.frontends import cli
from layercheck.sources.walk import PRUNED

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"

Told = tuple[int, str, bool]
"""Exit code, what was printed, and whether it was printed again without running the command."""


class Shell:
    """Runs `layercheck check` in this process."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._patch = monkeypatch
        self._capsys = capsys

    def check(self, *words: str) -> Told:
        """Run it here and return what came of it."""
        run: list[object] = []

        def command_line(arguments: object = None, call: replay.Call | None = None) -> int:
            run.append(call)
            return real(["check", *words], call)

        real = cli.main
        with self._patch.context() as patch:
            patch.setattr(sys, "argv", ["layercheck", "check", *words])
            patch.setattr(cli, "main", command_line)
            code = __main__.main()
        printed = self._capsys.readouterr()
        assert printed.err == ""
        return code, printed.out, not run


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Make a shell."""
    return Shell(monkeypatch, capsys)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make an application that offends, deep in a repository, and go there."""
    root = tmp_path / "top" / "services" / "shop"
    shutil.copytree(FIXTURES / "flat", root, ignore=shutil.ignore_patterns(".layercheck_cache"))
    (tmp_path / "top" / ".git").mkdir()
    (root / "app/link.py").symlink_to("main.py")
    (root / "app/note.py").write_text("", "utf-8")
    (root / "requirements").mkdir()
    (root / "requirements/base.txt").write_text("fastapi\n", "utf-8")
    (root / "environment").mkdir()
    (root / "environment/pyvenv.cfg").write_text("", "utf-8")
    (root / "environment/installed.py").write_text("x = 1\n", "utf-8")
    monkeypatch.chdir(root)
    return root


def settle(top: Path) -> None:
    """Make all there is look long unchanged, but for what the system alone can set."""
    old = time.time() - 100
    for path in [top, *top.rglob("*")]:
        os.utime(path, (old, old), follow_symlinks=False)


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every change be told from the next by its time: the system's clock is as fine as that."""
    monkeypatch.setattr("layercheck.cache.evidence._SETTLED", 0)


def test_the_same_is_printed_again_with_the_same_code(project: Path, shell: Shell) -> None:
    code, text, again = shell.check()
    assert (code, again, "LC101" in text) == (0, False, True)
    assert [shell.check() for _ in range(3)] == [(0, text, True)] * 3
    strict, text, _ = shell.check("--fail-on", "warning")
    assert shell.check("--fail-on", "warning") == (strict, text, True) == (1, text, True)


def test_other_words_are_another_call(project: Path, shell: Shell) -> None:
    code, text, _ = shell.check()
    less = shell.check("--ignore", "LC101")
    concise = shell.check("--output-format", "concise", "--exit-zero")
    assert not less[2] and not concise[2] and len({text, less[1], concise[1]}) == 3
    assert shell.check("--output-format", "concise", "--exit-zero") == (0, concise[1], True)
    assert shell.check("--ignore", "LC101") == (*less[:2], True)
    assert shell.check() == (code, text, True)


def test_only_the_last_calls_are_kept(project: Path, shell: Shell) -> None:
    for number in range(replay.KEPT + 2):
        shell.check("--jobs", str(number + 1))
        time.sleep(0.01)
    assert len(list((project / ".layercheck_cache/printed").iterdir())) == replay.KEPT
    assert not shell.check("--jobs", "1")[2] and shell.check("--jobs", str(replay.KEPT))[2]


def write(path: str, text: str) -> Callable[[Path], None]:
    """Return what writes a file."""

    def change(root: Path) -> None:
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text, "utf-8")

    return change


def _same_size_and_time(root: Path) -> None:
    file = root / "app/main.py"
    found = file.stat()
    file.write_text(file.read_text("utf-8").replace("import", "ipmort", 1), "utf-8")
    os.utime(file, ns=(found.st_atime_ns, found.st_mtime_ns))
    assert file.stat().st_size == found.st_size


def _another_target(root: Path) -> None:
    (root / "app/link.py").unlink()
    (root / "app/link.py").symlink_to("note.py")


def _no_file_any_more(root: Path) -> None:
    (root / "app/note.py").unlink()
    os.mkfifo(root / "app/note.py")


def _a_directory_instead(root: Path) -> None:
    (root / "app/note.py").unlink()
    (root / "app/note.py").mkdir()


CHANGES: dict[str, Callable[[Path], object]] = {
    "a module with the same size and time": _same_size_and_time,
    "a comment in a module": write("app/note.py", "# a comment\n"),
    "a new module": write("app/more.py", ""),
    "a new module in a new directory": write("more/module.py", ""),
    "a new directory": lambda root: (root / "more").mkdir(),
    "a module less": lambda root: (root / "app/note.py").unlink(),
    "a module of another name": lambda root: (root / "app/note.py").rename(root / "app/other.py"),
    "a pipe instead of a module": _no_file_any_more,
    "a directory instead of a module": _a_directory_instead,
    "a link that leads elsewhere": _another_target,
    "an ignored file": write(".gitignore", "app/main.py\n"),
    "a file ignored above": write("../.gitignore", "app/note.py\n"),
    "settings": write("layercheck.toml", 'ignore = ["LC101"]\n'),
    "settings above": write("../layercheck.toml", 'ignore = ["LC101"]\n'),
    "contracts": write(".importlinter", "[importlinter]\nroot_package = app\n"),
    "a version of a package": write("requirements/base.txt", "fastapi==0.100\n"),
    "a version in a lock file": write("uv.lock", 'version = 1\n[[package]]\nname = "fastapi"\n'),
    "known findings": write("layercheck-baseline.json", '{"version": 1, "findings": []}'),
    "a repository that begins here": lambda root: (root / ".git").mkdir(),
    "a repository that begins nowhere": lambda root: (root / "../../.git").rmdir(),
    "an environment that is none any more": lambda root: (root / "environment/pyvenv.cfg").unlink(),
}  # fmt: skip


@pytest.mark.parametrize("is_settled", (True, False), ids=("by time", "by content"))
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_counts_as_a_change(
    project: Path,
    shell: Shell,
    change: Callable[[Path], object],
    is_settled: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("layercheck.cache.evidence._SETTLED", 0 if is_settled else 10**18)
    shell.check()
    assert shell.check()[2]
    change(project)
    code, text, again = shell.check()
    assert (code, text, again) == (*shell.check("--no-cache")[:2], False)
    assert shell.check() == (code, text, True)


def _a_cache_of_python(root: Path) -> None:
    (root / "app/__pycache__").mkdir()
    (root / "app/__pycache__/main.pyc").write_bytes(b"")


NO_CHANGES: dict[str, Callable[[Path], object]] = {
    "other times": settle,
    "a hidden file": write(".env", "A=1\n"),
    "what Python compiled": _a_cache_of_python,
    "what is in no code": write("data.json", "{}"),
    "the same written again": lambda root: write("app/note.py", "")(root),
    "what git keeps": lambda root: (root / "../../.git/HEAD").write_text("ref: x\n", "utf-8"),
    "code in an environment": write("environment/installed.py", "x = 2\n"),
}


@pytest.mark.parametrize("change", NO_CHANGES.values(), ids=NO_CHANGES)
def test_what_counts_as_none(project: Path, shell: Shell, change: Callable[[Path], object]) -> None:
    (project / "data.json").write_text("[]", "utf-8")
    first = shell.check()
    change(project)
    assert shell.check() == (*first[:2], True)


@pytest.mark.usefixtures("settled")
def test_contents_are_compared_once_and_times_from_then_on(
    project: Path, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = shell.check()
    settle(project)
    assert shell.check() == (*first[:2], True)
    monkeypatch.delattr("layercheck.cache.evidence.content")
    assert shell.check() == (*first[:2], True)


def test_young_changes_are_told_by_content(
    project: Path, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("layercheck.cache.evidence._SETTLED", 10**18)
    shell.check()
    monkeypatch.delattr("layercheck.cache.evidence.content")
    with pytest.raises(NameError):
        shell.check()


def test_a_project_restored_elsewhere_is_still_known(
    project: Path, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, text, _ = shell.check()
    restored = shutil.copytree(tmp_path / "top", tmp_path / "elsewhere" / "deeper", symlinks=True)
    monkeypatch.chdir(Path(restored) / "services" / "shop")
    assert shell.check() == (code, text, True)


def test_text_that_names_the_place_stays_there(
    project: Path, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, text, _ = shell.check("--output-format", "json")
    assert json.loads(text)["root"] == str(project)
    assert shell.check("--output-format", "json")[2]
    restored = Path(shutil.copytree(project, tmp_path / "elsewhere", symlinks=True))
    monkeypatch.chdir(restored)
    _, text, again = shell.check("--output-format", "json")
    assert (json.loads(text)["root"], again) == (str(restored), False)


@pytest.mark.parametrize("words", (("--cache-dir", "../kept"), ("--cache-dir=../kept",)))
def test_a_cache_at_another_place(project: Path, shell: Shell, words: tuple[str, ...]) -> None:
    first = shell.check(*words)
    assert (first[2], (project / ".layercheck_cache").exists()) == (False, False)
    assert shell.check(*words) == (*first[:2], True)


def test_from_elsewhere(project: Path, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    first = shell.check("top/services/shop", "top/services/shop/app/main.py")
    assert shell.check("top/services/shop", "top/services/shop/app/main.py") == (*first[:2], True)
    monkeypatch.chdir(project)
    assert not shell.check("app")[2] and not shell.check("../shop")[2]


@pytest.mark.parametrize("variable", replay.VARIABLES)
def test_what_the_output_is_made_for(
    project: Path, shell: Shell, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell.check()
    monkeypatch.setenv(variable, "1")
    assert not shell.check()[2]


def test_other_code_or_other_versions(
    project: Path, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = tmp_path / "site-packages"
    (places / "libcst-1.8.2.dist-info").mkdir(parents=True)
    monkeypatch.setattr(sys, "path", [*sys.path, str(places)])
    shell.check()
    (places / "unheard_of-1.0.dist-info").mkdir()
    assert shell.check()[2]
    (places / "libcst-1.8.2.dist-info").rename(places / "libcst-1.8.3.dist-info")
    assert not shell.check()[2] and shell.check()[2]
    package = Path(shutil.copytree(own_code._PACKAGE, tmp_path / "layercheck"))
    monkeypatch.setattr(own_code, "_PACKAGE", str(package))
    assert shell.check()[2]
    with (package / "finding.py").open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert not shell.check()[2]


NEVER_KEPT = (
    ("--no-cache",),
    ("--output-file", "json=report.json"),
    ("--select", "LC9"),
    ("--output-format", "yaml"),
    ("nowhere",),
    ("--help",),
)


@pytest.mark.parametrize("words", NEVER_KEPT, ids=" ".join)
def test_what_is_never_kept(project: Path, words: tuple[str, ...]) -> None:
    command = (sys.executable, "-m", "layercheck", "check", *words)
    first, second = (subprocess.run(command, capture_output=True, text=True) for _ in range(2))
    assert (first.stdout, first.stderr, first.returncode) == (second.stdout, second.stderr, second.returncode)
    assert not (project / ".layercheck_cache/printed").exists()


def test_what_tells_the_time_is_not_kept(project: Path) -> None:
    command = (sys.executable, "-m", "layercheck", "check", "--verbose")
    said = [subprocess.run(command, capture_output=True, text=True).stderr for _ in range(2)]
    assert ": analysed, " in said[0] and ": nothing changed since an earlier run, " in said[1]


def test_what_changes_during_the_run_is_not_kept(
    project: Path, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def changing(*arguments: object, **options: object) -> object:
        outcome = real(*arguments, **options)  # type: ignore[arg-type]
        (project / "app/note.py").write_text("x = 1\n", "utf-8")
        return outcome

    real = pipeline.check
    (project / "app/main.py").write_text("", "utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "check", changing)
        shell.check()
    (project / "app/note.py").write_text("", "utf-8")
    assert not list((project / ".layercheck_cache").glob("printed/*"))
    assert not (project / ".layercheck_cache/outcomes.msgpack").exists()


def _forged(data: bytes, text: str) -> bytes:
    printed = unpacked(data)
    assert printed is not None
    printed.text = text
    return printed.packed()


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda data: data[: len(data) // 2],
    "cut off at its start": lambda data: data[:10],
    "empty": lambda data: b"",
    "something else": lambda data: b"not a cache",
    "another version": lambda data: data.replace(b" 1\n", b" 2\n", 1),
    "one letter": lambda data: data.replace(b"LC101", b"LC102", 1),
    "text that clears the screen": lambda data: _forged(data, "\x1b[2J"),
    "text that sets the title": lambda data: _forged(data, "\x1b]0;title\x07"),
    "text with the other escape": lambda data: _forged(data, "\x9b31m"),
    "text that goes back": lambda data: _forged(data, "errors\r no errors\n"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_what_is_damaged_is_as_good_as_none(
    project: Path, shell: Shell, damage: Callable[[bytes], bytes]
) -> None:
    first = shell.check()
    (kept,) = (project / ".layercheck_cache/printed").iterdir()
    kept.write_bytes(damage(kept.read_bytes()))
    assert shell.check() == first
    assert shell.check() == (*first[:2], True)


def test_colours_are_printed_again(project: Path, shell: Shell) -> None:
    first = shell.check("--color", "always")
    assert "\x1b[33m" in first[1]
    assert shell.check("--color", "always") == (*first[:2], True)


def test_a_place_that_cannot_be_written_does_no_harm(project: Path, shell: Shell) -> None:
    (project / ".layercheck_cache").mkdir()
    (project / ".layercheck_cache/printed").write_text("in the way", "utf-8")
    first = shell.check()
    assert shell.check() == first


def test_everything_a_run_looks_at_counts(tmp_path: Path) -> None:
    """What is opened or listed below the project, by whatever part, is part of the evidence."""
    script = (
        "import os, sys\n"
        "seen = set()\n"
        "def note(event, arguments):\n"
        "    if event in ('open', 'os.listdir', 'os.scandir') and isinstance(arguments[0], (str, bytes)):\n"
        "        seen.add(os.path.abspath(os.fsdecode(arguments[0])))\n"
        "from layercheck.frontends.cli import main\n"
        "sys.addaudithook(note)\n"
        "main(['check', sys.argv[1], '--output-format', 'concise', '--no-cache'])\n"
        "print(*sorted(seen), sep='\\0')\n"
    )
    for fixture in ("flat", "layered", "by_feature", "legacy"):
        root = tmp_path / fixture
        shutil.copytree(FIXTURES / fixture, root, ignore=shutil.ignore_patterns(".layercheck_cache"))
        (root / "requirements").mkdir(exist_ok=True)
        (root / "requirements/base.txt").write_text("fastapi\n", "utf-8")
        (root / "requirements-dev.in").write_text("pytest\n", "utf-8")
        (root / "Pipfile").write_text("[packages]\n", "utf-8")
        (root / "Pipfile.lock").write_text("{}", "utf-8")
        (root / "build").mkdir()
        (root / "setup.cfg").write_text("[importlinter]\nroot_package = app\n", "utf-8")
        done = subprocess.run([sys.executable, "-c", script, str(root)], capture_output=True, text=True)
        assert done.stderr == ""
        paths = {Path(path) for path in done.stdout.splitlines()[-1].split("\0")}
        there = (path for path in paths if path.is_relative_to(root) and path.exists())
        looked = {path.relative_to(root).as_posix() for path in there}
        evidence = look(root, read_settings(root, None), {}, None, [root]).evidence
        known = {os.fsdecode(path) or "." for path in (*evidence.directories, *evidence.files)}
        assert len(looked) > 5 and looked - known == set(), fixture


def test_what_no_walk_enters_is_no_news() -> None:
    assert {os.fsdecode(name) for name in NOT_ENTERED} == PRUNED


def test_what_counts_above_ends_with_the_repository(project: Path, tmp_path: Path) -> None:
    above = around(os.fsencode(project))
    assert {path.rpartition(b"/")[0] for path in above} == {b"..", b"../.."}
    assert around(os.fsencode(tmp_path / "top")) == []


def test_nothing_of_the_command_line_is_loaded(project: Path) -> None:
    script = (
        "import sys\nbefore = set(sys.modules)\nsys.argv[1:] = ['check']\n"
        "from layercheck.__main__ import main\nmain()\n"
        "print(*sorted(set(sys.modules) - before), file=sys.stderr)"
    )
    first, second = (
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True) for _ in range(2)
    )
    assert first.stdout == second.stdout != ""
    assert second.stderr.split() == [
        "__future__", "_blake2", "layercheck", "layercheck.__main__", "layercheck.cache",
        "layercheck.cache.evidence", "layercheck.cache.own_code", "layercheck.cache.printed",
        "layercheck.cache.replay", "layercheck.cache.whole_files", "layercheck.endings",
    ]  # fmt: skip


def test_a_closed_pipe_is_no_crash(project: Path) -> None:
    command = f"{sys.executable} -m layercheck check --output-format json"
    subprocess.run(command, shell=True, capture_output=True)
    done = subprocess.run(f"({command}; echo $? >&2) | true", shell=True, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("", "141\n")
