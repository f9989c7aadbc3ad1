"""Bugs of layercheck itself, told so that they can be reported."""

from __future__ import annotations

import traceback

ISSUES = "please report it with the lines of code it concerns"


def sentence(doing: str, error: Exception) -> str:
    """Return one sentence about ``error``, met while ``doing`` something, with the place of the bug."""
    frames = traceback.extract_tb(error.__traceback__)
    place = ""
    if frames:
        name = frames[-1].filename.replace("\\", "/")
        place = f" at {name[name.rfind('layercheck/') :] if 'layercheck/' in name else name}:{frames[-1].lineno}"
    return f"{doing} failed{place}: {type(error).__name__}: {error}; {ISSUES}"
