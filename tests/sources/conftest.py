"""Small trees of files, written down as a mapping from path to text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

Build = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Write a tree below a fresh directory and return it; a path with a final slash is a directory."""

    def write(tree: Mapping[str, str]) -> Path:
        top = tmp_path / "project"
        top.mkdir()
        for path, text in tree.items():
            target = top / path
            if path.endswith("/"):
                target.mkdir(parents=True, exist_ok=True)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
        return top

    return write
