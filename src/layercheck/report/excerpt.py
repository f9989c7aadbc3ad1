"""The source a finding stands in: its lines with the guilty span underlined, cut to what the reader sees."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import NamedTuple

from layercheck.location import Place
from layercheck.quoting import QUOTED
from layercheck.report.style import printable

TAB = "    "
CUT = "..."
LEAD = 12
"""How many cells are kept left of a span that stands too far right to be seen."""


class Row(NamedTuple):
    """A line of an excerpt: the margin, and what stands right of it; ``is_mark`` is said of an underline."""

    margin: str
    text: str
    is_mark: bool


class _Line(NamedTuple):
    """A line of source as the screen has it.

    ``pieces`` are its characters as they are printed, ``cells`` where on the screen each begins and where
    the last ends; the span takes the cells from ``start`` up to ``end``.
    """

    number: int
    pieces: list[str]
    cells: list[int]
    indent: int
    start: int
    end: int


def excerpt(place: Place, sources: Mapping[int, str], width: int) -> Iterator[Row]:
    """Yield the first lines of ``place``, each with its part of the span underlined.

    ``sources`` are the lines of the file that may be quoted, by number; without the first of ``place`` there
    is nothing to show. Rows take ``width`` cells at most: what is left out of a line is told by dots. The
    indentation of all lines is left out.
    """
    last = min(place.end_line, place.line + QUOTED - 1)
    numbers = [number for number in range(place.line, last + 1) if sources.get(number, "").strip()]
    if place.line not in numbers:
        return
    lines = [_measured(place, number, sources[number]) for number in numbers]
    digits = len(str(numbers[-1]))
    blank = f"{'':>{digits}} | "
    room = max(width - len(blank), 2 * LEAD)
    left = indent = min(line.indent for line in lines)
    first = lines[0]
    if min(first.end, first.start + room // 2) > left + room - len(CUT):
        left = first.start - LEAD
    for line in lines:
        start = min(max(line.start - left, 0), room - 1)
        end = min(max(line.end - left, start + 1), room)
        yield Row(f"{line.number:>{digits}} | ", _seen(line, left, room, left > indent), False)
        yield Row(blank, " " * start + "^" * (end - start), True)
    if last < place.end_line:
        yield Row(blank, CUT, False)


def _measured(place: Place, number: int, source: str) -> _Line:
    source = source.rstrip()
    pieces = [TAB if char == "\t" else printable(char) for char in source]
    cells = list(accumulate(map(_width, pieces), initial=0))
    indent = len(source) - len(source.lstrip())
    start = min(place.column - 1, len(pieces)) if number == place.line else indent
    end = min(place.end_column - 1, len(pieces)) if number == place.end_line else len(pieces)
    return _Line(number, pieces, cells, cells[indent], cells[start], cells[max(start, end)])


def _width(piece: str) -> int:
    """Return how many cells ``piece`` takes, as Unicode Standard Annex 11 has it."""
    return len(piece) if piece.isascii() else sum(map(_cells_of, piece))


def _cells_of(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def _seen(line: _Line, left: int, room: int, is_cut: bool) -> str:
    """Return what shows of ``line`` in ``room`` cells from ``left`` on; characters are not cut."""
    head = CUT if is_cut else ""
    tail = CUT if line.cells[-1] > left + room else ""
    begin, stop = left + len(head), left + room - len(tail)
    first = bisect_right(line.cells, begin) - 1
    if line.cells[first] < begin:
        first += 1
    last = bisect_right(line.cells, stop) - 1
    kept = "".join(line.pieces[first:last])
    if not kept:
        return head
    blank = " " * (line.cells[first] - begin)
    filler = " " * (stop - line.cells[last]) if tail else ""
    return f"{head}{blank}{kept}{filler}{tail}"
