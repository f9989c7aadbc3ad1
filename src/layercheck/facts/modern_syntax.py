"""Syntax newer than the running interpreter, rewritten to older equivalents.

libcst reads the Python of today whatever interpreter runs it, and knows where everything stands.
So nothing is unparsed: single stretches of the text are replaced, line by line in place.

======================================  =========================================================
newer                                   older
======================================  =========================================================
``def f[T: B](x)``, ``class C[T]``      the brackets become blanks, see `Rewritten.type_params`
``type X[T] = V``                       ``X = V``, see `Rewritten.type_aliases`
``except A, B:``                        ``except(A, B):``
``f"a{x["b"]}"``, ``t"a{x}"``           ``()['a',(x["b"]),]``, which means nothing elsewhere
``lazy import m``                       ``import m``
``[*a for a in b]``                     ``[ a for a in b]``
``{**a for a in b}``                    ``{0:a for a in b}``
======================================  =========================================================

An f-string is replaced only if the interpreter does not read it as it is.
"""

from __future__ import annotations

import ast
import re
import string
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from layercheck.facts.rewriting import (
    TOKEN,
    Edit,
    Rewritten,
    TypeParameter,
    blank,
    edited,
    in_parentheses,
    read_bound,
)
from layercheck.facts.unreadable import TOO_DEEP, Unreadable

_MAX_DEPTH = 1000
_ELIF = re.compile(r"^[ \t]*elif\b", re.MULTILINE)
_ERROR_AT = re.compile(r"error at (\d+):(\d+)")


def rewrite(text: str, error: SyntaxError) -> Rewritten:
    """Return ``text``, whose line ends are newlines, in older syntax.

    ``error`` is what the interpreter has to say about ``text``.

    Raises:
        Unreadable: libcst cannot read the text either.
    """
    _refuse_depth(text)
    try:
        wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _Rewriter(text, wrapper.resolve(PositionProvider)).result()
    except cst.ParserSyntaxError as problem:
        raise _complaint(error, problem) from error
    except RecursionError as problem:
        raise Unreadable(error.lineno or 1, 0, TOO_DEEP) from problem
    except Exception as problem:
        # Whatever libcst stumbles over: the interpreter's complaint is what the user understands.
        raise Unreadable.from_syntax_error(error) from problem


def _refuse_depth(text: str) -> None:
    """Raise `Unreadable` if ``text`` may nest deeper than libcst's parser follows without crashing.

    No expression nests deeper than the number of tokens that lead to it without a comma.
    """
    depth = 0
    outer: list[int] = []
    for found in TOKEN.finditer(text):
        token = found[0]
        if found["void"] is not None:
            continue
        if token in "([{":
            outer.append(depth)
            depth += 1
        elif token in ")]}":
            depth = outer.pop() + 1 if outer else 0
        elif token == ",":
            depth = outer[-1] + 1 if outer else 0
        elif token in "\n;":
            depth = depth if outer else 0
        else:
            depth += 1
        if depth > _MAX_DEPTH:
            raise Unreadable(text.count("\n", 0, found.start()) + 1, 0, TOO_DEEP)
    for number, found in enumerate(_ELIF.finditer(text)):
        if number > _MAX_DEPTH:
            raise Unreadable(text.count("\n", 0, found.start()) + 1, 0, TOO_DEEP)


def _complaint(error: SyntaxError, problem: cst.ParserSyntaxError) -> Unreadable:
    """Return the better of two complaints.

    The interpreter words it better, but stops at syntax that is merely new to it.
    """
    place = _ERROR_AT.search(problem.message)
    line, column = (int(place[1]), int(place[2]) - 1) if place else (problem.raw_line, problem.raw_column)
    if line <= (error.lineno or 1) or "never closed" in error.msg or "unterminated" in error.msg:
        return Unreadable.from_syntax_error(error)
    return Unreadable(line, max(column, 0), "invalid syntax")


class _Rewriter:
    """Collects the edits for one text."""

    def __init__(self, text: str, positions: Mapping[cst.CSTNode, CodeRange]) -> None:
        self._text = text
        self._positions = positions
        self._starts = [0]
        for line in text.split("\n"):
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._parts_of_strings: set[cst.CSTNode] = set()
        self._type_params: dict[tuple[int, str], tuple[TypeParameter, ...]] = {}
        self._type_aliases: set[tuple[int, str]] = set()

    def result(self) -> Rewritten:
        """Return the text with all edits made."""
        text = edited(self._text, self._edits())
        return Rewritten(text, self._type_params, frozenset(self._type_aliases))

    def _edits(self) -> Iterator[Edit]:
        for node in reversed(list(self._positions)):  # a parent comes before its children
            find = _EDITS.get(node.__class__.__name__)
            if find is not None:
                yield from find(self, node)

    def _start(self, node: cst.CSTNode) -> int:
        place = self._positions[node].start
        return self._starts[place.line - 1] + place.column

    def _end(self, node: cst.CSTNode) -> int:
        place = self._positions[node].end
        return self._starts[place.line - 1] + place.column

    def _definition(self, node: cst.FunctionDef | cst.ClassDef) -> Iterator[Edit]:
        parameters = node.type_parameters
        if parameters is not None:
            self._keep_type_parameters(node)
            start, end = self._start(parameters), self._end(parameters)
            yield Edit(start, end, blank(self._text[start:end]))

    def _type_alias(self, node: cst.TypeAlias) -> Iterator[Edit]:
        self._keep_type_parameters(node)
        name = node.name.value
        self._type_aliases.add((self._positions[node].start.line, name))
        start, end = self._start(node), self._end(node.type_parameters or node.name)
        yield Edit(start, end, name + blank(self._text[start + len(name) : end]))

    def _keep_type_parameters(self, node: cst.FunctionDef | cst.ClassDef | cst.TypeAlias) -> None:
        if node.type_parameters is not None:
            self._type_params[self._positions[node].start.line, node.name.value] = tuple(
                TypeParameter(each.param.name.value, self._bound(getattr(each.param, "bound", None)))
                for each in node.type_parameters.params
            )

    def _bound(self, node: cst.BaseExpression | None) -> ast.expr | None:
        if node is None:
            return None
        return read_bound(self._text, self._start(node), self._end(node))

    def _handler(self, node: cst.ExceptHandler | cst.ExceptStarHandler) -> Iterator[Edit]:
        if isinstance(node.type, cst.Tuple) and not node.type.lpar:
            yield from in_parentheses(self._text, self._start(node.type), self._end(node.type))

    def _lazy_import(self, node: Any) -> Iterator[Edit]:
        # The keyword moves to the place of ``lazy``, the rest of the line stays where it is.
        start = self._start(node)
        found = re.compile(r"lazy(\s|\\\n)*(import|from)").match(self._text, start)
        if found:
            keyword = found[2]
            yield Edit(start, found.end(), keyword + blank(found[0][len(keyword) :]))

    def _comprehension(self, node: cst.ListComp | cst.SetComp | cst.GeneratorExp) -> Iterator[Edit]:
        if isinstance(node.elt, cst.StarredElement):
            start = self._start(node.elt)
            yield Edit(start, start + 1, " ")

    def _starred_dict(self, node: Any) -> Iterator[Edit]:
        start = self._text.index("**", self._start(node))
        yield Edit(start, start + 2, "0:")

    def _concatenation(self, node: cst.ConcatenatedString) -> Iterator[Edit]:
        yield from self._string(node)
        self._parts_of_strings.update((node.left, node.right))

    def _string(self, node: Any) -> Iterator[Edit]:
        """Replace a string expression, if the interpreter does not read it as it is."""
        pieces = list(_pieces(node))
        start, end = self._start(node), self._end(node)
        if node in self._parts_of_strings or _is_readable(self._text[start:end]):
            return
        is_empty = not any(isinstance(piece, cst.SimpleString) or piece.parts for piece in pieces)
        for piece in pieces:
            start, end = self._start(piece), self._end(piece)
            opening = "()[" if piece is pieces[0] else ""
            closing = ("()]" if is_empty else "]") if piece is pieces[-1] else ""
            if isinstance(piece, cst.SimpleString):
                yield Edit(start, start, opening)
                yield Edit(end, end, "," + closing)
            else:
                inner_start, inner_end = start + len(piece.start), end - len(piece.end)
                yield Edit(start, inner_start, opening.ljust(len(piece.start)))
                yield from self._parts(piece)
                yield Edit(inner_end, end, closing.ljust(len(piece.end)))

    def _parts(self, literal: Any) -> Iterator[Edit]:
        for part in literal.parts:
            if hasattr(part, "expression"):
                yield from self._interpolation(part)
            else:
                start, end = self._start(part), self._end(part)
                value = _value(part.value, literal.start)
                yield Edit(start, end, f"{value!r}," + _line_ends(self._text[start:end]))

    def _interpolation(self, part: Any) -> Iterator[Edit]:
        """Replace ``{a}`` by ``(a),``, ``{a=}`` by ``'a=',repr(a),``, ``{a!r:{b}c}`` by ``repr(a),(b),``."""
        start, end = self._start(part), self._end(part)
        specification = part.format_spec or ()
        tail = end - 1 - (part.format_spec is not None)
        if specification:
            tail = self._start(specification[0]) - 1
        tail -= len(part.conversion) + 1 if part.conversion else 0
        labelled = part.equal is not None and part.format_spec is None
        shown = {"r": "repr", "a": "ascii"}.get(part.conversion or ("r" if labelled else ""), "")
        label = ""
        if part.equal is not None:
            label = repr(self._text[start + 1 : tail]) + ","
            tail -= len(cst.Module([]).code_for_node(part.equal))
        yield Edit(start, start + 1, label + shown + "(")
        yield Edit(tail, self._start(specification[0]) if specification else end, "),")
        for each in specification:
            if hasattr(each, "expression"):
                yield from self._interpolation(each)
            else:
                start_of_text, end_of_text = self._start(each), self._end(each)
                yield Edit(start_of_text, end_of_text, _line_ends(self._text[start_of_text:end_of_text]))
        if specification:
            yield Edit(end - 1, end, "")


_EDITS: Final[dict[str, Callable[[_Rewriter, Any], Iterator[Edit]]]] = {
    "FunctionDef": _Rewriter._definition,
    "ClassDef": _Rewriter._definition,
    "TypeAlias": _Rewriter._type_alias,
    "ExceptHandler": _Rewriter._handler,
    "ExceptStarHandler": _Rewriter._handler,
    "LazyImport": _Rewriter._lazy_import,
    "LazyImportFrom": _Rewriter._lazy_import,
    "ListComp": _Rewriter._comprehension,
    "SetComp": _Rewriter._comprehension,
    "GeneratorExp": _Rewriter._comprehension,
    "StarredDictComp": _Rewriter._starred_dict,
    "ConcatenatedString": _Rewriter._concatenation,
    "FormattedString": _Rewriter._string,
    "TemplatedString": _Rewriter._string,
}
"""By name of the class, because older releases of libcst lack the newest ones."""


def _pieces(node: Any) -> Iterator[Any]:
    """Yield the literals of a string expression from left to right."""
    while isinstance(node, cst.ConcatenatedString):
        yield node.left
        node = node.right
    yield node


def _is_readable(source: str) -> bool:
    try:
        ast.parse(f"({source}\n)")
    except SyntaxError:
        return False
    return True


def _value(source: str, start: str) -> str:
    """Return the value of text inside an f-string that begins like ``start``."""
    quotes = start.lstrip(string.ascii_letters)
    prefix = "r" if "r" in start.lower() else ""
    doubled = source.replace("{{", "{").replace("}}", "}")
    # The blank keeps a quote or backslash at the end away from the closing quotes.
    return str(ast.literal_eval(f"{prefix}{quotes}{doubled} {quotes}"))[:-1]


def _line_ends(source: str) -> str:
    """Return as many line ends as ``source`` has, inside brackets, and keep the column behind them."""
    *above, last = source.split("\n")
    return "\n" * len(above) + " " * len(last) if above else ""
