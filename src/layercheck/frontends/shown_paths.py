"""Paths as the terminal shows them: from where one is, so that a click opens the file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path


def seen_from(here: str, root: str) -> Callable[[str], str]:
    """Return what turns a path from ``root`` into one from ``here``.

    Where neither directory holds the other, paths stay as they are.
    """
    one, other = Path(here), Path(root)
    if one == other or not (one.is_relative_to(other) or other.is_relative_to(one)):
        return str
    return lambda path: os.path.relpath(os.path.join(root, path), here).replace(os.sep, "/")
