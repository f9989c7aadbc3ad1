"""Where the project lies to which the given paths belong."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from layercheck.errors import UsageError
from layercheck.sources.glimpse import glance

SETTINGS_FILE = "layercheck.toml"
PYPROJECT = "pyproject.toml"
REPOSITORY = ".git"

_TABLE = re.compile(rb"^\s*\[\s*tool\s*\.\s*layercheck\b", re.MULTILINE)
_PACKAGING = re.compile(rb"\b(?:setuptools|distutils)\b")


def find_project_root(paths: Sequence[str | Path]) -> Path:
    """Return the absolute directory of the project that holds all of ``paths``.

    Searched is the innermost directory common to the paths (the working directory if there are
    none) and those above it, up to the top of the git repository. The nearest one with settings
    of layercheck wins, then the nearest that is a Python project or the top of the repository,
    then the common directory itself. Raises `UsageError` for a path that does not exist.
    """
    start = _common_directory([Path(path) for path in paths] or [Path()])
    candidates = list(_up_to_repository(start))
    for directory in candidates:
        if has_settings(directory):
            return directory
    for directory in candidates:
        if _is_project(directory):
            return directory
    return start


def is_part_of_package(directory: Path) -> bool:
    """Return whether ``directory`` is a package that its own files import by its full name.

    A folder with an ``__init__`` that no file imports from above is a root of its own: scripts and
    applications are often started from inside one.
    """
    top = directory
    while (top / "__init__.py").exists() and top.parent != top:
        if (top.parent / "__init__.py").exists():
            top = top.parent
            continue
        break
    else:
        return False
    files = sorted(directory.rglob("*.py"))
    return any(found.module.partition(".")[0] == top.name for file in files for found in glance(file).imports)


def _common_directory(paths: Sequence[Path]) -> Path:
    directories = []
    for path in paths:
        if not path.exists():
            raise UsageError(f"{path}: no such file or directory")
        absolute = Path(os.path.abspath(path))
        directories.append(absolute if absolute.is_dir() else absolute.parent)
    try:
        return Path(os.path.commonpath(directories))
    except ValueError as error:
        raise UsageError("the given paths lie on different drives and belong to no common project") from error


def _up_to_repository(start: Path) -> Iterator[Path]:
    for directory in (start, *start.parents):
        yield directory
        if (directory / REPOSITORY).exists():
            return


def has_settings(directory: Path) -> bool:
    """Return whether ``directory`` holds settings of layercheck."""
    return (directory / SETTINGS_FILE).is_file() or _has_table(directory / PYPROJECT)


def _has_table(pyproject: Path) -> bool:
    content = _read(pyproject)
    if b"layercheck" not in content:
        return False
    try:
        tool = tomllib.loads(content.decode()).get("tool")
    except ValueError:
        # A broken file that means to hold settings must be found, so that its mistake is told.
        return _TABLE.search(content) is not None
    return isinstance(tool, dict) and "layercheck" in tool


def _is_project(directory: Path) -> bool:
    if any((directory / name).exists() for name in (PYPROJECT, "setup.cfg", REPOSITORY)):
        return True
    return is_packaging_script(directory / "setup.py")


def is_packaging_script(file: Path) -> bool:
    """Tell whether ``file`` packages a project; an application may well have a module ``setup``."""
    return _PACKAGING.search(_read(file)) is not None


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes() if file.is_file() else b""
    except OSError:
        return b""
