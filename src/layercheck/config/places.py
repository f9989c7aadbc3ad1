"""Where a setting stands in the settings file, so that findings about it can be opened."""

from __future__ import annotations

import json
import os
from pathlib import Path

from layercheck.config.schema import PROJECT_FILE, Config
from layercheck.location import Place

_SECTION = "tool.layercheck"


def relative_to_root(project_root: Path, file: Path) -> str:
    """Return ``file`` as findings name it: relative to the project root where it lies inside."""
    relative = os.path.relpath(os.path.abspath(file), os.path.abspath(project_root)).replace(os.sep, "/")
    return os.path.abspath(file) if relative.startswith("../") else relative


def lies_inside(project_root: Path, file: Path) -> bool:
    """Return whether ``file``, all links followed, is in the project: nothing else is written unasked."""
    return file.resolve().is_relative_to(project_root.resolve())


def place_of(config: Config, key: str, value: str) -> Place:
    """Return where ``value`` is written in the setting ``key``.

    TOML readers do not say where a value stands, so it is looked for as text: quoted or bare, behind
    the key. Settings that stand in no file are at the start of the file they would stand in.
    """
    try:
        text = (config.project_root / config.file).read_text("utf-8", "replace")
    except OSError:
        text = ""
    behind = text.find(_SECTION) if config.file.endswith(PROJECT_FILE) else 0
    start = text.find(key, max(behind, 0))
    if behind < 0 or start < 0:
        return Place(config.file, 1, 1, 1, 1)
    for written in (json.dumps(value, ensure_ascii=False), f"'{value}'", value):
        found = text.find(written, start)
        if found >= 0:
            return _place(config.file, text, found, found + len(written))
    return _place(config.file, text, start, start + len(key))


def place_in(project_root: Path, file: str, value: str) -> Place:
    """Return where ``value`` first stands in ``file``, a path below the project root, else its start."""
    try:
        text = (project_root / file).read_text("utf-8", "replace")
    except OSError:
        text = ""
    found = text.find(value)
    return _place(file, text, found, found + len(value)) if found >= 0 else Place(file, 1, 1, 1, 1)


def _place(file: str, text: str, start: int, end: int) -> Place:
    line = text.count("\n", 0, start) + 1
    column = start - text.rfind("\n", 0, start)
    return Place(file, line, column, line, column + end - start)
