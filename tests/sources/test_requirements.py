"""Which versions of a package a project runs with, told by its lock files and requirements."""

from __future__ import annotations

from pathlib import Path

import pytest

from layercheck.sources.requirements import Versions, versions_of

UV = '[[package]]\nname = "anyio"\nversion = "4.0.0"\n\n[[package]]\nname = "fastapi"\nversion = "0.118.2"\n'
PYLOCK = 'lock-version = "1.0"\n\n[[packages]]\nname = "fastapi"\nversion = "0.110.1"\n'
PIPFILE = '{"default": {"fastapi": {"version": "==0.99.0"}}}'
PROJECT = """
[project]
name = "shop"
dependencies = ["httpx", "FastAPI[all] >=0.110,<0.116 ; python_version > '3'"]
"""
POETRY = '[tool.poetry.dependencies]\npython = "^3.11"\nfastapi = {}\n'

FILES: dict[str, tuple[dict[str, str], str | None]] = {
    "nothing": ({}, None),
    "uv": ({"uv.lock": UV}, "0.118.2"),
    "poetry": ({"poetry.lock": UV}, "0.118.2"),
    "pdm": ({"pdm.lock": UV}, "0.118.2"),
    "the standard lock file": ({"pylock.toml": PYLOCK}, "0.110.1"),
    "pipenv": ({"Pipfile.lock": PIPFILE}, "0.99.0"),
    "a lock file without it": ({"uv.lock": UV.replace('"fastapi"', '"flask"')}, None),
    "a pinned requirement": ({"requirements.txt": "# web\nfastapi[standard]==0.100.0  # why\n"}, "0.100.0"),
    "a hashed requirement": ({"requirements.txt": "fastapi==0.100.0 \\\n    --hash=sha256:0\n"}, "0.100.0"),
    "a folder of requirements": ({"requirements/base.txt": "fastapi>=0.120\n"}, ">=0.120"),
    "other lines of requirements": ({"requirements.txt": "-r base.txt\n./local\nfastapi-utils==1\n"}, None),
    "a project": ({"pyproject.toml": PROJECT}, "<0.116,>=0.110"),
    "a caret": ({"pyproject.toml": POETRY.format('"^0.110.2"')}, "<0.111,>=0.110.2"),
    "a caret of a greater version": ({"pyproject.toml": POETRY.format('"^1.2"')}, "<2,>=1.2"),
    "a tilde": ({"pyproject.toml": POETRY.format('"~1.2.3"')}, "<1.3,>=1.2.3"),
    "a table": ({"pyproject.toml": POETRY.format('{version = "0.99.1", extras = ["all"]}')}, "0.99.1"),
    "a bare version": ({"pyproject.toml": POETRY.format('"0.99.*"')}, "0.99.*"),
    "any version": ({"pyproject.toml": POETRY.format('"*"')}, ""),
    "a lock file beside requirements": ({"uv.lock": UV, "requirements.txt": "fastapi==0.1"}, "0.118.2"),
    "a lock file above requirements": ({"uv.lock": UV, "api/requirements.txt": "fastapi==0.1"}, "0.118.2"),
    "the nearest requirements": (
        {"requirements.txt": "fastapi==0.1", "api/requirements.txt": "fastapi==0.2"}, "0.2",
    ),
    "those of a neighbour": ({"web/requirements.txt": "fastapi==0.1"}, None),
    "broken files": (
        {"uv.lock": "[[", "Pipfile.lock": "{", "pyproject.toml": "[project", "requirements.txt": "fastapi=="},
        None,
    ),
    "files of another shape": (
        {
            "uv.lock": "package = 1", "poetry.lock": "package = [1]", "Pipfile.lock": "[]",
            "pdm.lock": '[[package]]\nname = "fastapi"\nversion = "new"',
            "pyproject.toml": "project = 1\ntool = 2",
        },
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "told"), FILES.values(), ids=FILES)
def test_what_files_tell(files: dict[str, str], told: str | None, tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = versions_of("fastapi", tmp_path / "api" / "app" / "main.py", tmp_path)
    assert (None if found is None else str(found)) == told


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_a_list_with_a_byte_order_mark(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("fastapi==0.115.8\n", encoding=encoding)
    assert str(versions_of("fastapi", tmp_path / "main.py", tmp_path)) == "0.115.8"


def test_files_above_the_project_tell_nothing(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text(UV, encoding="utf-8")
    project = tmp_path / "shop"
    assert versions_of("fastapi", project / "app" / "main.py", project) is None


JUDGED = {
    "0.118.2": True, "0.117.1": False, ">=0.118": True, "==0.118.*": True, "~=0.118.0": True, ">=0.110": None,
    "<0.106": False, ">=0.110,<0.118": False, ">=0.117.5,<0.119": None, "==1.0": True, ">=2": True, "": None,
    ">5000": None,
}  # fmt: skip


@pytest.mark.parametrize(("text", "told"), JUDGED.items(), ids=JUDGED)
def test_whether_all_versions_are_of_a_kind(text: str, told: bool | None) -> None:
    assert Versions.parse(text).all_are(lambda release: release >= (0, 118)) is told


def test_what_is_no_version() -> None:
    with pytest.raises(ValueError, match="'newest' is no version"):
        Versions.parse("newest")
