"""Where the nodes of one text stand: from ``ast``'s lines and byte columns to spans."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from itertools import accumulate
from typing import Any, Final

from layercheck.location import MAX_COLUMN, MAX_HEIGHT, NOWHERE, Span, end_column_of, end_line_of, pack

_LINE: Final = pack(1, 0, 1, 0)
_COLUMN: Final = pack(0, 1, 0, 0)
_HEIGHT: Final = pack(0, 0, 1, 0)
_LINE_LESS_HEIGHT: Final = _LINE - _HEIGHT

_KEYWORD = re.compile(r"(?:async(?:\s|\\\n)+)?(?:def|class)(?:\s|\\\n)+")
_IDENTIFIER = re.compile(r"\w+")
_UP_TO_COLON = re.compile(r"[^:#\n]*(?<![\s\\])")


def _plain(node: Any) -> Span:
    # `pack` is linear where nothing is clamped; this runs once for every node of a code base.
    return (  # type: ignore[no-any-return]
        node.lineno * _LINE_LESS_HEIGHT
        + node.col_offset * _COLUMN
        + node.end_lineno * _HEIGHT
        + node.end_col_offset
    )


class Places:
    """The places of one text.

    ``at`` gives the span of an ``ast`` node that has a position.
    """

    __slots__ = ("_encoded", "_lengths", "_text", "at")

    at: Callable[[ast.AST], Span]

    def __init__(self, text: str) -> None:
        """Prepare for ``text``, which must have no line ends but ``\\n``."""
        self._text = text
        lines = text.split("\n")
        lengths = list(map(len, lines))
        self._lengths = list(accumulate(lengths, initial=0))
        self._encoded = {
            number: line.encode("utf-8", "surrogatepass")
            for number, line in enumerate(() if text.isascii() else lines, 1)
            if not line.isascii()
        }
        small = len(lines) <= MAX_HEIGHT and max(lengths) <= MAX_COLUMN
        if small and not self._encoded:
            self.at = _plain
        else:
            self.at = self._by_line if small else self._careful

    def _by_line(self, node: Any) -> Span:
        if node.lineno in self._encoded or node.end_lineno in self._encoded:
            return self._careful(node)
        return _plain(node)

    def _careful(self, node: Any) -> Span:
        line, end_line = node.lineno, node.end_lineno
        start = self._column(line, node.col_offset)
        return pack(line, start, end_line, self._column(end_line, node.end_col_offset))

    def _column(self, line: int, offset: int) -> int:
        encoded = self._encoded.get(line)
        return offset if encoded is None else len(encoded[:offset].decode("utf-8", "ignore"))

    def _index(self, line: int, offset: int) -> int:
        return self._start(line) + self._column(line, offset)

    def _start(self, line: int) -> int:
        """Return the index of the first character of ``line``: behind the lines above and their ends."""
        return self._lengths[line - 1] + line - 1

    def _span(self, start: int, line: int, end: int) -> Span:
        """Return the span of the characters ``start`` to ``end`` of the text, from ``line``."""
        end_line = line + self._text.count("\n", start, end)
        return pack(line, start - self._start(line), end_line, end - self._start(end_line))

    def name_of(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Span:
        """Return the span of the name in a definition."""
        keyword = _KEYWORD.match(self._text, self._index(node.lineno, node.col_offset))
        name = keyword and _IDENTIFIER.match(self._text, keyword.end())
        if not keyword or not name:
            return NOWHERE
        line = node.lineno + self._text.count("\n", keyword.start(), keyword.end())
        return self._span(name.start(), line, name.end())

    def header_of(self, node: Any, last: Any) -> Span:
        """Return the span of a clause or definition without its body.

        ``last`` is the last node in front of the colon or its span, None where there is no node.
        The span ends in front of the colon if that stands on the line on which ``last``
        ends, and otherwise with that line.
        """
        start = self._index(node.lineno, node.col_offset)
        if last is None:
            end = start
        elif isinstance(last, int):
            end = self._start(end_line_of(Span(last))) + end_column_of(Span(last))
        else:
            end = self._index(last.end_lineno, last.end_col_offset)
        rest = _UP_TO_COLON.match(self._text, end)
        return self._span(start, node.lineno, rest.end() if rest else end)
