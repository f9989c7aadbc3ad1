"""Layers a project has written down for import-linter."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SEPARATORS = re.compile(r"\s*[|:]\s*")


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract of type *layers*: ``rows`` from the outermost down, each the modules of one line."""

    name: str
    file: str
    rows: tuple[tuple[str, ...], ...]


def layer_contracts(project_root: Path) -> list[Contract]:
    """Return the *layers* contracts of the project; settings that cannot be read hold none."""
    found: list[Contract] = []
    for name in ("pyproject.toml", ".importlinter", "setup.cfg"):
        try:
            text = (project_root / name).read_text("utf-8")
            tables = _of_toml(text) if name.endswith(".toml") else _of_ini(text)
            found.extend(contract for table in tables if (contract := _contract(table, name)) is not None)
        except (OSError, ValueError, configparser.Error):
            continue
    return found


def _of_toml(text: str) -> list[dict[str, Any]]:
    tool = tomllib.loads(text).get("tool", {})
    tables = tool.get("importlinter", {}).get("contracts", []) if isinstance(tool, dict) else []
    return [table for table in tables if isinstance(table, dict)]


def _of_ini(text: str) -> list[dict[str, Any]]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    names = [name for name in parser.sections() if name.startswith("importlinter:contract:")]
    lists = ("layers", "containers")
    return [
        {key: value.split("\n") if key in lists else value for key, value in parser[name].items()}
        for name in names
    ]


def _contract(table: dict[str, Any], file: str) -> Contract | None:
    if table.get("type") != "layers":
        return None
    containers = [name for name in _texts(table.get("containers")) if name] or [""]
    rows = []
    for line in _texts(table.get("layers")):
        names = [name.strip("() ") for name in _SEPARATORS.split(line.strip()) if name.strip("() ")]
        if names:
            rows.append(tuple(".".join(filter(None, (at, name))) for at in containers for name in names))
    return Contract(str(table.get("name", "")), file, tuple(rows)) if rows else None


def _texts(value: object) -> Iterator[str]:
    for one in value if isinstance(value, list) else ():
        if isinstance(one, str) and one.strip():
            yield one.strip()
