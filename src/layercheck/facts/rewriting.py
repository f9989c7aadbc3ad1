"""Text in newer syntax, replaced stretch by stretch so that every line stays where it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from layercheck.facts.lexemes import COMMENT, STRING

TOKEN: Final = re.compile(rf"{STRING}|(?P<void>{COMMENT}|\\\n|[ \t\f]+)|\w+|\n|.")
"""One token of source text; ``void`` are comments, blanks and continued lines."""


class TypeParameter(NamedTuple):
    """A type parameter the older text lacks; the lines of ``bound`` are those of the text."""

    name: str
    bound: ast.expr | None


class Rewritten(NamedTuple):
    """A text in older syntax; every line is where it was.

    ``type_params`` are the type parameters left out, by line and name of their definition;
    ``type_aliases`` line and name of the assignments that were ``type`` statements.
    """

    text: str
    type_params: Mapping[tuple[int, str], tuple[TypeParameter, ...]]
    type_aliases: frozenset[tuple[int, str]]


class Edit(NamedTuple):
    """Put ``new`` in the place of the text from ``start`` to ``end``."""

    start: int
    end: int
    new: str


def edited(text: str, edits: Iterable[Edit]) -> str:
    """Return ``text`` with all edits made; one inside a stretch that vanished vanishes with it."""
    pieces: list[str] = []
    position = 0
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
        if edit.start >= position:
            pieces += (text[position : edit.start], edit.new)
            position = edit.end
    pieces.append(text[position:])
    return "".join(pieces)


def in_parentheses(text: str, start: int, end: int) -> tuple[Edit, Edit]:
    """Return the edits that put ``A, B`` behind ``except`` in parentheses."""
    return Edit(start - text[start - 1].isspace(), start, "("), Edit(end, end, ")")


def read_bound(text: str, start: int, end: int) -> ast.expr:
    """Return the expression at ``start`` to ``end``, at its place in ``text``.

    Raises SyntaxError where it is none in the syntax of the running interpreter.
    """
    line = text.count("\n", 0, start)
    column = start - (text.rfind("\n", 0, start) + 1)
    bound: ast.expr = ast.parse(f"({chr(10) * line}{' ' * column}({text[start:end]}))", mode="eval").body
    return bound


def blank(source: str) -> str:
    """Return blanks as long as ``source``, outside of brackets."""
    *above, last = source.split("\n")
    return "\\\n" * len(above) + " " * len(last)
