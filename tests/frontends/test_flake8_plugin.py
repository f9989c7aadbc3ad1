"""The flake8 plugin, used by the real flake8 in processes of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"

COUNTING = """
import os
from layercheck import pipeline

def counting(*args, check=pipeline.check, **options):
    with open(os.environ["ANALYSES"], "a") as file:
        file.write("one\\n")
    return check(*args, **options)

pipeline.check = counting
"""

SPAWNING = """
import multiprocessing, sys
from flake8.main.cli import main

if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    sys.exit(main())
"""

FORK = ("-m", "flake8")


def copy(name: str, to: Path) -> Path:
    """Make a copy of an application, without what an earlier run kept."""
    unkept = shutil.ignore_patterns(".layercheck_cache")
    return Path(shutil.copytree(FIXTURES / name, to / name, ignore=unkept))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a copy of an application that offends."""
    return copy("tangled", tmp_path)


@pytest.fixture
def analyses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have every process note in a file when it analyses a project."""
    (tmp_path / "spy").mkdir()
    (tmp_path / "spy" / "sitecustomize.py").write_text(COUNTING, "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "spy"))
    noted = tmp_path / "analyses"
    noted.touch()
    monkeypatch.setenv("ANALYSES", str(noted))
    return noted


def python(*command: str, cwd: Path, text: str = "") -> list[str]:
    """Run Python and return the lines it prints; nothing must go to stderr."""
    done = subprocess.run(
        [sys.executable, *command], cwd=cwd, capture_output=True, text=True, input=text, env=dict(os.environ)
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def flake8(*arguments: str, cwd: Path, text: str = "") -> list[str]:
    """Return what flake8 prints of our codes, paths without a leading ``./``."""
    lines = python(*FORK, "--isolated", "--select=LC", *arguments, cwd=cwd, text=text)
    return [line.removeprefix("./") for line in lines]


def layercheck(*arguments: str, cwd: Path) -> list[str]:
    """Return what the command line prints, a line per finding."""
    return python("-m", "layercheck", "check", "--output-format=concise", "-q", *arguments, cwd=cwd)


@pytest.mark.parametrize("jobs", ["-j1", "-j2"])
def test_a_directory(project: Path, jobs: str) -> None:
    told = sorted(flake8(jobs, ".", cwd=project))
    assert told == sorted(layercheck(".", cwd=project)) and len(told) > 10


def test_files(project: Path) -> None:
    files = ["app/api/users.py", "app/services/users.py", "app/main.py"]
    told = flake8("-j2", *files, cwd=project)
    assert sorted(told) == sorted(layercheck(*files, cwd=project))
    assert {line.partition(":")[0] for line in told} == {"app/api/users.py", "app/services/users.py"}


def test_no_path_is_here(project: Path) -> None:
    assert sorted(flake8(cwd=project)) == sorted(layercheck(cwd=project))


def test_from_elsewhere(project: Path) -> None:
    told = flake8("tangled/app/services", cwd=project.parent)
    assert told and sorted(told) == sorted(
        [f"tangled/{line}" for line in layercheck("app/services", cwd=project)]
    )


@pytest.mark.parametrize("jobs", ["-j1", "-j2"])
def test_one_analysis_for_all_files(project: Path, analyses: Path, jobs: str) -> None:
    assert flake8(jobs, "app/api", "app/services", cwd=project)
    assert analyses.read_text("utf-8") == "one\n"


def test_one_analysis_where_processes_are_spawned(project: Path, analyses: Path, tmp_path: Path) -> None:
    script = tmp_path / "spawning.py"
    script.write_text(SPAWNING, "utf-8")
    lines = python(str(script), "--isolated", "--select=LC", "-j2", ".", cwd=project)
    assert analyses.read_text("utf-8") == "one\n"
    assert sorted([line.removeprefix("./") for line in lines]) == sorted(layercheck(cwd=project))


def test_nothing_is_analysed_when_nothing_changed(project: Path, analyses: Path) -> None:
    first = flake8("-j2", ".", cwd=project)
    assert flake8("-j2", ".", cwd=project) == first
    assert analyses.read_text("utf-8") == "one\n"


@pytest.mark.parametrize("option", ["--extend-ignore=LC", "--ignore=LC,E", "--extend-ignore=L"])
def test_nothing_is_analysed_when_nobody_asks(project: Path, analyses: Path, option: str) -> None:
    assert python(*FORK, "--isolated", "--max-line-length=120", option, ".", cwd=project) == []
    assert analyses.read_text("utf-8") == ""


@pytest.mark.parametrize("option", ["--select=E", "--select=F,W"])
def test_nothing_is_analysed_when_others_are_asked(project: Path, analyses: Path, option: str) -> None:
    assert python(*FORK, "--isolated", "--max-line-length=120", option, ".", cwd=project) == []
    assert analyses.read_text("utf-8") == ""


def test_it_is_on_among_the_others(project: Path) -> None:
    told = python(*FORK, "--isolated", "--max-line-length=120", "app/services/users.py", cwd=project)
    assert told == layercheck("app/services/users.py", cwd=project)


def test_several_projects_in_one_call(project: Path, analyses: Path) -> None:
    copy("flat", project.parent)
    expected = [
        f"{name}/{line}" for name in ("flat", "tangled") for line in layercheck(cwd=project.parent / name)
    ]
    analyses.write_text("", "utf-8")
    for directory in ("flat", "tangled"):
        shutil.rmtree(project.parent / directory / ".layercheck_cache")
    assert sorted(flake8("-j2", "flat", "tangled", cwd=project.parent)) == sorted(expected)
    assert analyses.read_text("utf-8") == "one\none\n"


def test_projects_inside_the_given_directory_keep_their_settings(project: Path) -> None:
    (project / "layercheck.toml").write_text('select = ["LC202"]\n', "utf-8")
    assert flake8(".", cwd=project.parent) == [f"tangled/{line}" for line in layercheck(cwd=project)]


def test_the_unsaved_buffer(project: Path) -> None:
    file = "app/services/users.py"
    saved = (project / file).read_text("utf-8")
    before = layercheck(file, cwd=project)
    unsaved = "\n\n" + saved
    moved = flake8("-", f"--stdin-display-name={file}", cwd=project, text=unsaved)
    assert moved == [line.replace(":35:", ":37:") for line in before] != before
    assert (project / file).read_text("utf-8") == saved
    emptied = flake8("-", f"--stdin-display-name={file}", cwd=project, text="X = 1\n")
    assert emptied == []


def test_a_buffer_without_a_name_belongs_to_no_project(project: Path) -> None:
    assert flake8("-", cwd=project, text="X = 1\n") == []


ONE_FILE = "app/services/users.py"


def narrowed(project: Path, *options: str) -> list[str]:
    """Return the codes flake8 tells of two files."""
    lines = python(*FORK, "--isolated", *options, "app/api/users.py", ONE_FILE, cwd=project)
    return [line.split()[1] for line in lines]


CHOICES = {
    "all": (["--select=LC"], ["LC107", "LC104", "LC101", "LC202"]),
    "one": (["--select=LC202"], ["LC202"]),
    "some": (["--select=LC1"], ["LC107", "LC104", "LC101"]),
    "ignored": (["--select=LC", "--extend-ignore=LC104,LC2"], ["LC107", "LC101"]),
    "ignored in a file": (["--select=LC", "--per-file-ignores=app/api/*:LC1"], ["LC202"]),
    "by our own option": (["--select=LC", "--layercheck-select=LC10"], ["LC107", "LC104", "LC101"]),
    "left out by our own option": (["--select=LC", "--layercheck-ignore=LC1"], ["LC202"]),
    "by a preset": (["--select=LC", "--layercheck-preset=flat"], []),
}


@pytest.mark.parametrize(("options", "codes"), CHOICES.values(), ids=CHOICES)
def test_choosing_codes(project: Path, options: list[str], codes: list[str]) -> None:
    assert narrowed(project, *options) == codes


def test_settings_of_flake8(project: Path) -> None:
    text = "[flake8]\nselect = LC\nlayercheck-ignore = LC1\nper-file-ignores = app/repositories/*: LC\n"
    (project / ".flake8").write_text(text, "utf-8")
    told = python(*FORK, "app/api/users.py", ONE_FILE, "app/repositories/orders.py", cwd=project)
    assert [line.split()[1] for line in told] == ["LC202"]


def test_a_settings_file_of_the_call(project: Path, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text('select = ["LC104"]\n', "utf-8")
    assert narrowed(project, "--select=LC", "--layercheck-config=../other.toml") == ["LC104"]


@pytest.mark.parametrize("comment", ["# noqa: LC202", "# noqa: E501,LC2", "# noqa"])
def test_noqa(project: Path, comment: str) -> None:
    lines = (project / ONE_FILE).read_text("utf-8").split("\n")
    assert "raise HTTPException" in lines[34]
    lines[34] = f"{lines[34].partition('  #')[0]}  {comment}"
    (project / ONE_FILE).write_text("\n".join(lines), "utf-8")
    assert flake8(ONE_FILE, cwd=project) == []


def test_a_broken_file_beside(project: Path) -> None:
    expected = sorted(layercheck(cwd=project))
    (project / "app" / "broken.py").write_text("def broken(:\n", "utf-8")
    lines = python(*FORK, "--isolated", "--select=LC,E9", "-j2", ".", cwd=project)
    told = [line.removeprefix("./") for line in lines]
    assert sorted([line for line in told if " LC" in line]) == expected
    assert [line.split(":")[0] for line in told if " E999 " in line] == ["app/broken.py"]


def test_wrong_settings_are_told_with_the_first_file(project: Path) -> None:
    (project / "layercheck.toml").write_text('ignroe = ["LC1"]\nfail-on = "loud"\n', "utf-8")
    told = flake8("-j1", "app/api/users.py", "app/api/orders.py", cwd=project)
    assert told == [
        "app/api/users.py:1:1: LC000 layercheck-cannot-run: layercheck.toml: fail-on: expected one of"
        ' "error", "warning", "never", found "loud"; layercheck.toml: ignroe: unknown key;'
        ' did you mean "ignore"?'
    ]


def test_files_of_no_application(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("def test_one():\n    assert True\n", "utf-8")
    assert flake8(".", cwd=tmp_path) == []


def test_the_version_names_the_plugin(tmp_path: Path) -> None:
    assert "layercheck: " in python(*FORK, "--version", cwd=tmp_path)[0]
