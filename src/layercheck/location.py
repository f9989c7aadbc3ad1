"""Where something stands in a file.

A place inside one file is a *span*: line, column, end line and end column packed into one 64-bit
integer, because a code base has hundreds of thousands of them and a tuple of four integers costs
five times as much. Spans of one file sort in reading order.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NewType

import msgspec

Span = NewType("Span", int)

NOWHERE = Span(0)

_COLUMN_BITS = 13
_HEIGHT_BITS = 14
_START = _COLUMN_BITS + _HEIGHT_BITS
MAX_COLUMN = (1 << _COLUMN_BITS) - 1
MAX_HEIGHT = (1 << _HEIGHT_BITS) - 1
MAX_LINE = (1 << 23) - 1


def pack(line: int, column: int, end_line: int, end_column: int) -> Span:
    """Return the span from ``line``:``column`` to ``end_line``:``end_column``.

    Lines count from 1, columns are characters from 0, the end column is exclusive. Columns past
    8191, lines past 8388607 and spans of more than 16383 lines are clamped: the place stays near
    the truth and the integer stays within 64 bits.
    """
    height = end_line - line
    return Span(
        (min(line, MAX_LINE) << (_COLUMN_BITS + _START))
        | (min(column, MAX_COLUMN) << _START)
        | (min(height, MAX_HEIGHT) << _COLUMN_BITS)
        | min(end_column, MAX_COLUMN)
    )


def line_of(span: Span) -> int:
    """Return the first line of ``span``, counted from 1 (0 for `NOWHERE`)."""
    return span >> (_COLUMN_BITS + _START)


def column_of(span: Span) -> int:
    """Return the first column of ``span``, in characters counted from 0."""
    return (span >> _START) & MAX_COLUMN


def end_line_of(span: Span) -> int:
    """Return the last line of ``span``, counted from 1."""
    return line_of(span) + ((span >> _COLUMN_BITS) & MAX_HEIGHT)


def end_column_of(span: Span) -> int:
    """Return the column behind the last character of ``span``, counted from 0."""
    return span & MAX_COLUMN


def encloses(outer: Span, inner: Span) -> bool:
    """Return whether ``inner``, a span of the same file, lies in ``outer`` or is the same."""
    starts = (line_of(outer), column_of(outer)) <= (line_of(inner), column_of(inner))
    return starts and (end_line_of(inner), end_column_of(inner)) <= (end_line_of(outer), end_column_of(outer))


def any_inside(spans: Sequence[Span], outer: Span) -> bool:
    """Return whether one of ``spans``, which are sorted, begins in ``outer`` or right behind it."""
    index = bisect_left(spans, outer >> _START << _START)
    if index == len(spans):
        return False
    # what `end_line_of` and `end_column_of` return, a hundred thousand times
    end_line = (outer >> (_COLUMN_BITS + _START)) + ((outer >> _COLUMN_BITS) & MAX_HEIGHT)
    return spans[index] >> _START <= (end_line << _COLUMN_BITS) | (outer & MAX_COLUMN)


class Place(msgspec.Struct, frozen=True, order=True):
    """A span in a named file, as people and editors count: lines and columns from 1.

    ``path`` is relative to the project root, with forward slashes. ``end_column`` is exclusive.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int

    @classmethod
    def of(cls, path: str, span: Span) -> Place:
        """Return the place of ``span`` in ``path``."""
        return cls(path, line_of(span), column_of(span) + 1, end_line_of(span), end_column_of(span) + 1)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"
