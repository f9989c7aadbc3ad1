"""Bugs of layercheck itself, told so that they can be reported."""

from __future__ import annotations

import traceback
from pathlib import PurePath

PACKAGE = "layercheck"
ISSUES = "please report it with the lines of code it concerns"


def sentence(doing: str, error: Exception) -> str:
    """Return one sentence about ``error``, met while ``doing`` something, with the place of the bug."""
    frames = traceback.extract_tb(error.__traceback__)
    place = ""
    if frames:
        parts = PurePath(frames[-1].filename).parts
        inside = parts[parts.index(PACKAGE) :] if PACKAGE in parts else parts[-1:]
        place = f" at {'/'.join(inside)}:{frames[-1].lineno}"
    return f"{doing} failed{place}: {type(error).__name__}: {error}; {ISSUES}"
