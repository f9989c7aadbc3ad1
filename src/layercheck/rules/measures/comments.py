"""The comments that silence findings: where they stand, and which rules their entries mean."""

from __future__ import annotations

from layercheck.facts.records import Pragma
from layercheck.location import Place

ABOUT_THE_RUN = "LC00"
"""Findings about comments stand in the comments, which must not silence them by meaning everything."""


def place_of(path: str, pragma: Pragma) -> Place:
    """Return the place of a comment in the file ``path``."""
    return Place(path, pragma.line, pragma.column + 1, pragma.line, pragma.end_column + 1)


def means(entry: str, code: str, name: str) -> bool:
    """Return whether an entry of a comment means the rule with this code and name.

    An entry is a code, the start of codes or the name of a rule; the empty one of a comment without
    entries means everything. Rules about the run itself need their whole code or name.
    """
    if entry in (code, name):
        return True
    return code.startswith(entry) and not code.startswith(ABOUT_THE_RUN)
