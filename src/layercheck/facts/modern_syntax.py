"""Syntax newer than the running interpreter, rewritten to older equivalents (in the making)."""

from __future__ import annotations

from typing import NamedTuple

from layercheck.facts.unreadable import Unreadable


class Rewritten(NamedTuple):
    """A text in older syntax."""

    text: str


def rewrite(text: str, error: SyntaxError) -> Rewritten:
    """Raise `Unreadable`."""
    raise Unreadable.from_syntax_error(error) from error
