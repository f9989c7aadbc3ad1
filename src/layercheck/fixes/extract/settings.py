"""What a project's own settings say about how its code is laid out."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

DEFAULT_WIDTH = 88


def line_length(root: Path, path: str) -> int:
    """Return the length of a line ruff or black are set to in the nearest ``pyproject.toml``."""
    folder = (root / path).parent
    for place in (folder, *folder.parents):
        try:
            data = tomllib.loads((place / "pyproject.toml").read_text("utf-8"))
        except (OSError, ValueError):
            data = {}
        tools: dict[str, Any] = data.get("tool", {})
        for tool in ("ruff", "black"):
            found = tools.get(tool, {}).get("line-length")
            if isinstance(found, int):
                return found
        if place == root:
            break
    return DEFAULT_WIDTH
