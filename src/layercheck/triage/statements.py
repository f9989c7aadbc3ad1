"""Which lines of a file belong together, as a comment on one of them means them.

A comment speaks for the statement it stands in. A compound statement is its header alone, from the
first decorator to the colon; a comment on the first or last line of the header of a definition
speaks for its whole body.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from layercheck.facts.records import (
    Class,
    Expr,
    FileFacts,
    For,
    Function,
    If,
    Match,
    Slice,
    Stmt,
    Try,
    While,
    With,
)
from layercheck.location import NOWHERE, Span, end_line_of, line_of

Definition = (Function, Class)


class Lines(msgspec.Struct, frozen=True, order=True):
    """The lines from ``first`` to ``last``, both included."""

    first: int
    last: int

    def __contains__(self, line: int) -> bool:
        return self.first <= line <= self.last


class Statement(msgspec.Struct, frozen=True):
    """A simple statement or the header of a compound one.

    ``code`` are the lines that surely hold code of it; ``lines`` may reach further, to the line
    before the body, because a closing bracket and the colon have no place in the facts. Two fields
    are set for definitions: ``body``, all lines a comment on the definition itself speaks for, and
    ``opens_at``, the line of ``def`` or ``class``.
    """

    lines: Lines
    code: Lines
    body: Lines | None = None
    opens_at: int = 0

    def speaks_for(self, line: int, own_line: bool) -> Iterator[Lines]:
        """Yield the lines a comment on ``line`` speaks for, the narrow ones first."""
        if line not in (self.code if own_line else self.lines):
            return
        yield self.lines
        if self.body is not None and not own_line and (line == self.opens_at or line >= self.code.last):
            yield self.body


class Layout:
    """The statements of one file, found by line; the innermost one where several share a line."""

    def __init__(self, facts: FileFacts) -> None:
        self._by_line: dict[int, Statement] = {}
        for statement in _statements(facts.body):
            for line in range(statement.lines.first, statement.lines.last + 1):
                self._by_line[line] = statement

    def at(self, line: int) -> Statement | None:
        """Return the statement on ``line``, None between statements."""
        return self._by_line.get(line)


def _statements(body: Iterable[Stmt]) -> Iterator[Statement]:
    """Yield the statements of ``body``, an outer one before those inside it."""
    for statement in body:
        match statement:
            case Function() | Class():
                yield _definition(statement)
                yield from _statements(statement.body)
            case If():
                yield _header(statement.at, [statement.test], statement.body)
                yield from _statements((*statement.body, *statement.orelse))
            case While():
                yield _header(statement.at, [statement.test], statement.body)
                yield from _statements((*statement.body, *statement.orelse))
            case For():
                yield _header(statement.at, [statement.target, statement.iter], statement.body)
                yield from _statements((*statement.body, *statement.orelse))
            case With():
                yield _header(statement.at, [item.context for item in statement.items], statement.body)
                yield from _statements(statement.body)
            case Match():
                yield _header(statement.at, [statement.subject], ())
                for case in statement.cases:
                    yield from _statements(case.body)
            case Try():
                yield from _statements(statement.body)
                for handler in statement.handlers:
                    clause = Lines(line_of(handler.header), end_line_of(handler.header))
                    yield Statement(clause, clause)
                    yield from _statements(handler.body)
                yield from _statements((*statement.orelse, *statement.finalbody))
            case _:
                lines = Lines(line_of(statement.at), end_line_of(statement.at))
                yield Statement(lines, lines)


def _definition(node: Function | Class) -> Statement:
    opens_at = line_of(node.header)
    code = Lines(_first_line(node), end_line_of(node.header))
    return Statement(_reaching(code, node.body), code, Lines(code.first, end_line_of(node.at)), opens_at)


def _header(at: Span, expressions: Iterable[Expr], body: tuple[Stmt, ...]) -> Statement:
    code = Lines(line_of(at), max(end_line_of(_span(expression)) for expression in expressions))
    return Statement(_reaching(code, body), code)


def _reaching(code: Lines, body: tuple[Stmt, ...]) -> Lines:
    return Lines(code.first, max(code.last, _first_line(body[0]) - 1)) if body else code


def _first_line(statement: Stmt) -> int:
    decorators = statement.decorators if isinstance(statement, Definition) else ()
    return min(line_of(span) for span in (statement.at, *map(_span, decorators)))


def _span(expression: Expr) -> Span:
    """Return where ``expression`` stands; the only one without a place stands in none of the headers."""
    return NOWHERE if isinstance(expression, Slice) else expression.at
