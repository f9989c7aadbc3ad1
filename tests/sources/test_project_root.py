"""Which directory is taken for the project of the given paths."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from layercheck.errors import UsageError
from layercheck.sources import find_project_root

Build = Callable[[Mapping[str, str]], Path]

SETTINGS = "[tool.layercheck]\n"
REPOSITORY = {".git/HEAD": ""}

CASES: dict[str, tuple[dict[str, str], list[str], str]] = {
    "settings beat a nearer project": (
        {"pyproject.toml": SETTINGS, "backend/pyproject.toml": "[project]\n", "backend/app/main.py": ""},
        ["backend/app"],
        "",
    ),
    "the nearest settings": (
        {"pyproject.toml": SETTINGS, "backend/pyproject.toml": SETTINGS, "backend/app/main.py": ""},
        ["backend/app"],
        "backend",
    ),
    "a settings file of its own": (
        {**REPOSITORY, "backend/layercheck.toml": "", "backend/app/pyproject.toml": "",
         "backend/app/main.py": ""},
        ["backend/app"],
        "backend",
    ),
    "settings in a table below": (
        {**REPOSITORY, "backend/pyproject.toml": "[tool.layercheck.layers]\n", "backend/app/setup.cfg": ""},
        ["backend/app"],
        "backend",
    ),
    "settings in a broken file": (
        {**REPOSITORY, "backend/pyproject.toml": SETTINGS + "oops =\n", "backend/app/setup.cfg": ""},
        ["backend/app"],
        "backend",
    ),
    "a word in passing is no settings": (
        {**REPOSITORY, "backend/pyproject.toml": "# layercheck\n[tool.other]\n", "pyproject.toml": SETTINGS,
         "backend/main.py": ""},
        ["backend"],
        "",
    ),
    "the nearest project": (
        {**REPOSITORY, "pyproject.toml": "", "backend/pyproject.toml": "", "backend/app/main.py": ""},
        ["backend/app/main.py"],
        "backend",
    ),
    "setup.py of a package": (
        {**REPOSITORY, "lib/setup.py": "from setuptools import setup\n", "lib/x/y.py": ""},
        ["lib/x"],
        "lib",
    ),
    "a module called setup": (
        {"pyproject.toml": "", "app/main/setup.py": "def configure(): ...\n"},
        ["app/main"],
        "",
    ),
    "the repository": ({**REPOSITORY, "backend/app/main.py": ""}, ["backend/app"], ""),
    "a worktree, where .git is a file": ({".git": "gitdir: x\n", "backend/app/main.py": ""},
                                         ["backend/app"], ""),
    "not beyond the repository": (
        {"pyproject.toml": SETTINGS, "clone/.git/HEAD": "", "clone/app/main.py": ""},
        ["clone/app"],
        "clone",
    ),
    "what is common to the paths": (
        {"orders/pyproject.toml": "", "users/pyproject.toml": "", "orders/a.py": "",
         "users/b.py": "", "setup.cfg": ""},
        ["orders/a.py", "users/b.py"],
        "",
    ),
    "names that begin alike": (
        {"setup.cfg": "", "app/pyproject.toml": "", "app/a.py": "", "app_two/b.py": ""},
        ["app", "app_two"],
        "",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("tree", "given", "expected"), CASES.values(), ids=CASES.keys())
def test_project_root(build: Build, tree: dict[str, str], given: list[str], expected: str) -> None:
    top = build(tree)
    assert find_project_root([top / path for path in given]) == top / expected


def test_without_any_mark_it_is_the_path_itself(build: Build) -> None:
    top = build({"app/main.py": ""})
    assert [find_project_root([top / "app"]), find_project_root([top / "app/main.py"])] == [top / "app"] * 2


def test_relative_paths_and_none(build: Build, monkeypatch: pytest.MonkeyPatch) -> None:
    top = build({"pyproject.toml": "", "app/main.py": ""})
    monkeypatch.chdir(top / "app")
    assert [find_project_root([]), find_project_root(["main.py"]), find_project_root([".."])] == [top] * 3


def test_a_path_that_does_not_exist(build: Build) -> None:
    top = build({"main.py": ""})
    with pytest.raises(UsageError) as caught:
        find_project_root([top, top / "nowhere"])
    assert str(caught.value) == f"{top}/nowhere: no such file or directory"
