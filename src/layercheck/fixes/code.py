"""A Python file that is to be changed: its text, and where the nodes of its syntax stand in it.

Nothing is ever printed from the syntax: edits replace stretches of the text, so that all else stays
as it is, byte for byte.
"""

from __future__ import annotations

import re
import warnings
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import fields
from functools import cache, cached_property
from typing import NamedTuple, TypeVar, cast

import libcst as cst
from libcst.metadata import (
    CodeRange,
    MetadataWrapper,
    PositionProvider,
    Scope,
    ScopeProvider,
    WhitespaceInclusivePositionProvider,
)

from layercheck.location import Span, column_of, end_column_of, end_line_of, line_of

_BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(r"\r\n|\r|\n")

N = TypeVar("N", bound=cst.CSTNode)


def _compiles(text: str) -> bool:
    """Return whether ``text`` is a module for this interpreter, which sees more than a parser does."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "<text>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


@cache
def _fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def inner_nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield the nodes right below ``node``; far faster than its ``children``, which makes the node anew."""
    for name in _fields(type(node)):
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            yield value
        elif isinstance(value, (list, tuple)):
            yield from (one for one in value if isinstance(one, cst.CSTNode))


class _Places(PositionProvider):
    """Where nodes stand. A `MetadataWrapper` would visit all of them once more, for nobody."""

    def of(self, module: cst.Module) -> dict[cst.CSTNode, CodeRange]:
        """Return the places of the nodes of ``module``, without the space around them."""
        self._gen_impl(module)
        return {node: place for node, place in self._computed.items() if isinstance(place, CodeRange)}


class Refused(Exception):
    """A finding that is not mended; the message says why."""


class Edit(NamedTuple):
    """A stretch of the text of the file at ``path`` that becomes ``new``."""

    path: str
    start: int
    end: int
    new: str


class Code:
    """The Python file at ``path``; raises `Refused` where libcst does not read it faithfully."""

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.data = data
        self._mark = _BOM if data.startswith(_BOM) else b""
        bare = data.removeprefix(_BOM)
        try:
            module = cst.parse_module(bare)
            self.text = bare.decode(module.encoding)
        except (cst.ParserSyntaxError, SyntaxError, UnicodeDecodeError, LookupError, RecursionError):
            raise Refused(f"{path} cannot be read") from None
        if module.code != self.text:
            raise Refused(f"{path} cannot be rewritten faithfully")
        self.encoding = module.encoding
        self._wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
        self.module = module
        self.newline = module.default_newline
        self._starts = [0, *(found.end() for found in _LINE_END.finditer(self.text))]
        self._of_kind: dict[type[cst.CSTNode], list[cst.CSTNode]] = {}

    def with_edits(self, edits: Iterable[Edit]) -> bytes:
        """Return the bytes of the file after ``edits``, which do not overlap; insertions keep their order.

        Raises `Refused` where the result is no Python or its encoding lacks a character.
        """
        pieces: list[str] = []
        position = 0
        for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
            pieces += (self.text[position : edit.start], edit.new)
            position = edit.end
        pieces.append(self.text[position:])
        text = "".join(pieces)
        try:
            data = text.encode(self.encoding)
            cst.parse_module(data)
        except (cst.ParserSyntaxError, UnicodeEncodeError) as error:
            raise Refused(f"{self.path} would not be valid any more ({type(error).__name__})") from None
        if self._compiled and not _compiles(text):
            raise Refused(f"{self.path} would not compile any more")
        return self._mark + data

    @cached_property
    def _compiled(self) -> bool:
        return _compiles(self.text)

    # Places -------------------------------------------------------------------------------------

    def offset(self, line: int, column: int) -> int:
        """Return where a line, counted from 1, and a column, counted from 0, are in the text."""
        return self._starts[line - 1] + column

    def line_start(self, line: int) -> int:
        """Return where a line begins; the line behind the last one begins at the end of the text."""
        return self._starts[line - 1] if line <= len(self._starts) else len(self.text)

    def line_of(self, offset: int) -> int:
        """Return the line, counted from 1, a place in the text lies in."""
        return bisect_right(self._starts, offset)

    def range(self, node: cst.CSTNode) -> CodeRange:
        """Return the lines and columns of ``node``, without the space around it."""
        return self._positions[node]

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Return where ``node`` begins and ends in the text, without the space around it."""
        return self._offsets(self._positions[node])

    def span_with_comments(self, node: cst.CSTNode) -> tuple[int, int]:
        """Return where ``node`` and the comments that belong to it begin and end, in whole lines."""
        place = self._inclusive[node]
        start, end = self._offsets(place)
        return self.line_start(place.start.line) if place.start.column else start, end

    def source(self, node: cst.CSTNode) -> str:
        """Return the text of ``node``."""
        start, end = self.span(node)
        return self.text[start:end]

    def statement_start(self, node: cst.FunctionDef | cst.ClassDef) -> int:
        """Return where the lines of a definition begin: decorators, and comments right above."""
        nodes: tuple[cst.CSTNode, ...] = (node, *node.decorators)
        line = min(self.range(one).start.line for one in nodes)
        while line > 1 and self.text[self.line_start(line - 1) :].startswith("#"):
            line -= 1
        return self.line_start(line)

    def indent(self, node: cst.CSTNode) -> str:
        """Return the white space the line of ``node`` begins with."""
        return self.indent_of(self.range(node).start.line)

    def indent_of(self, line: int) -> str:
        """Return the white space a line begins with."""
        start = self.line_start(line)
        text = self.text[start : self.line_start(line + 1)]
        return text[: len(text) - len(text.lstrip(" \t\f"))]

    def _offsets(self, place: CodeRange) -> tuple[int, int]:
        end = self.line_start(place.end.line) + place.end.column
        return self.offset(place.start.line, place.start.column), min(end, len(self.text))

    # Nodes --------------------------------------------------------------------------------------

    def nodes(self, kind: type[N]) -> Iterator[N]:
        """Yield the nodes of one kind, outer ones before those inside them, in reading order."""
        found = self._of_kind.get(kind)
        if found is None:
            unsorted = (node for node in self._positions if isinstance(node, kind))
            found = sorted(unsorted, key=lambda node: self._key(self._positions[node]))
            self._of_kind[kind] = found
        yield from cast("list[N]", found)

    def at(self, kind: type[N], line: int, column: int) -> N:
        """Return the outermost node of ``kind`` that begins at a line and a column, both from 1."""
        for node in self.nodes(kind):
            start = self._positions[node].start
            if (start.line, start.column) == (line, column - 1):
                return node
        raise Refused("what was found is not where it was expected")

    def exactly(self, kind: type[N], at: Span) -> N:
        """Return the node of ``kind`` that takes up the whole of a span."""
        begin = (line_of(at), column_of(at))
        end = (end_line_of(at), end_column_of(at))
        for node in self.nodes(kind):
            place = self._positions[node]
            if (place.start.line, place.start.column) == begin and (place.end.line, place.end.column) == end:
                return node
        raise Refused("what was found is not where it was expected")

    def parent(self, node: cst.CSTNode) -> cst.CSTNode:
        """Return the node around ``node``."""
        return self._parents[node]

    def around(self, node: cst.CSTNode, kind: type[N]) -> N | None:
        """Return the nearest node of ``kind`` around ``node``, None where there is none."""
        current: cst.CSTNode | None = self._parents.get(node)
        while current is not None and not isinstance(current, kind):
            current = self._parents.get(current)
        return current

    def scopes(self) -> set[Scope]:
        """Return the scopes of names."""
        found = self._wrapper.resolve(ScopeProvider).values()
        return {scope for scope in found if isinstance(scope, Scope)}

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name the code binds or reads anywhere, so that a new one can be told from them."""
        return frozenset(node.value for node in self.nodes(cst.Name) if not self.is_label(node))

    def is_label(self, node: cst.Name) -> bool:
        """Return whether a name is that of an attribute or of an argument."""
        around = self._parents.get(node)
        return (isinstance(around, cst.Attribute) and around.attr is node) or (
            isinstance(around, cst.Arg) and around.keyword is node
        )

    @staticmethod
    def _key(place: CodeRange) -> tuple[int, int, int, int]:
        return place.start.line, place.start.column, -place.end.line, -place.end.column

    @cached_property
    def _positions(self) -> dict[cst.CSTNode, CodeRange]:
        return _Places().of(self.module)

    @cached_property
    def _inclusive(self) -> dict[cst.CSTNode, CodeRange]:
        return dict(self._wrapper.resolve(WhitespaceInclusivePositionProvider))

    @cached_property
    def _parents(self) -> dict[cst.CSTNode, cst.CSTNode]:
        found: dict[cst.CSTNode, cst.CSTNode] = {}
        pending: list[cst.CSTNode] = [self.module]
        while pending:
            node = pending.pop()
            for inner in inner_nodes(node):
                found[inner] = node
                pending.append(inner)
        return found

    # Edits --------------------------------------------------------------------------------------

    def replace(self, node: cst.CSTNode, new: str) -> Edit:
        """Return the edit that puts ``new`` where ``node`` stands."""
        return Edit(self.path, *self.span(node), new)

    def insert(self, offset: int, new: str) -> Edit:
        """Return the edit that inserts ``new``, whose line ends become those of the file."""
        return Edit(self.path, offset, offset, new.replace("\n", self.newline))

    def insert_line(self, line: int, new: str) -> Edit:
        """Return the edit that puts lines in front of ``line``, also where the last one has no end."""
        start = self.line_start(line)
        if start == len(self.text) and self.text and not self.text.endswith(("\n", "\r")):
            return self.insert(start, f"\n{new}".removesuffix("\n"))
        return self.insert(start, new)

    def delete(self, start: int, end: int) -> Edit:
        """Return the edit that takes a stretch away."""
        return Edit(self.path, start, end, "")

    def indented(self, first: int, last: int, by: str) -> Iterator[Edit]:
        """Yield the edits that move lines to the right by ``by``; text inside of strings stays as it is."""
        for line in self.movable(first, last):
            start = self.line_start(line)
            yield Edit(self.path, start, start, by)

    def dedented(self, first: int, last: int, to: str) -> Iterator[Edit]:
        """Yield the edits that move lines to the left, the first one to the indent ``to``."""
        surplus = self.indent_of(first).removeprefix(to)
        for line in self.movable(first, last):
            indent = self.indent_of(line)
            start = self.line_start(line)
            gone = len(surplus) if indent.startswith(to + surplus) else max(len(indent) - len(to), 0)
            yield self.delete(start, start + min(gone, len(indent)))

    def movable(self, first: int, last: int) -> Iterator[int]:
        """Yield the lines that hold something and do not begin inside of a string."""
        inside: set[int] = set()
        for kind in (cst.SimpleString, cst.FormattedString, cst.TemplatedString):
            for node in self.nodes(kind):
                place = self._positions[node]
                inside.update(range(place.start.line + 1, place.end.line + 1))
        for line in range(first, last + 1):
            if line not in inside and self.text[self.line_start(line) : self.line_start(line + 1)].strip():
                yield line
