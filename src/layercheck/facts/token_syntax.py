"""The newer syntax that tokens alone tell, rewritten without a tree.

==============================  ===================================
newer                           older
==============================  ===================================
``def f[T: B](x)``              the brackets become blanks
``type X[T] = V``               ``X = V``
``except A, B:``                ``except(A, B):``
==============================  ===================================

That is nearly all the newer syntax code bases have, and a hundred times quicker than a tree of libcst.
Who rewrites must parse the result, and ask `layercheck.facts.modern_syntax` where that fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

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


class _Token(NamedTuple):
    text: str
    start: int
    end: int


def rewrite_tokens(text: str) -> Rewritten | None:
    """Return ``text``, whose line ends are newlines, in older syntax; None where there is nothing to do."""
    rewriter = _Rewriter(text)
    try:
        for statement in _statements(text):
            rewriter.rewrite(statement)
    except SyntaxError:
        return None
    return rewriter.result()


def _statements(text: str) -> Iterator[list[_Token]]:
    """Yield the tokens of each simple statement and of each head of a compound one."""
    depth = 0
    tokens: list[_Token] = []
    for found in TOKEN.finditer(text):
        if found["void"] is not None:
            continue
        token = _Token(found[0], found.start(), found.end())
        if token.text in "([{":
            depth += 1
        elif token.text in ")]}":
            depth -= 1
        elif depth <= 0 and token.text in "\n;":
            depth = 0
            if tokens:
                yield tokens
            tokens = []
            continue
        if token.text != "\n":
            tokens.append(token)
    if tokens:
        yield tokens


class _Rewriter:
    """Collects the edits for one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._edits: list[Edit] = []
        self._type_params: dict[tuple[int, str], tuple[TypeParameter, ...]] = {}
        self._type_aliases: set[tuple[int, str]] = set()

    def result(self) -> Rewritten | None:
        """Return the text with all edits made; None without any."""
        if not self._edits:
            return None
        text = edited(self._text, self._edits)
        return Rewritten(text, self._type_params, frozenset(self._type_aliases))

    def rewrite(self, tokens: list[_Token]) -> None:
        """Rewrite one statement, if there is anything new in it."""
        words = [token.text for token in tokens[:4]]
        match words:
            case ["except", *_]:
                self._handler(tokens)
            case ["async", "def", _, "["]:
                self._definition(tokens[0], tokens[2], tokens[3:])
            case ["def" | "class", _, "[", *_]:
                self._definition(tokens[0], tokens[1], tokens[2:])
            case ["type", name, "[" | "=", *_] if name.isidentifier():
                self._type_alias(tokens)

    def _definition(self, first: _Token, name: _Token, rest: list[_Token]) -> None:
        brackets = _brackets(rest)
        self._keep_type_parameters(first, name.text, brackets)
        start, end = brackets[0].start, brackets[-1].end
        self._edits.append(Edit(start, end, blank(self._text[start:end])))

    def _type_alias(self, tokens: list[_Token]) -> None:
        first, name = tokens[:2]
        end = name.end
        if tokens[2].text == "[":
            brackets = _brackets(tokens[2:])
            self._keep_type_parameters(first, name.text, brackets)
            end = brackets[-1].end
        self._type_aliases.add((self._line(first), name.text))
        behind = blank(self._text[first.start + len(name.text) : end])
        self._edits.append(Edit(first.start, end, name.text + behind))

    def _handler(self, tokens: list[_Token]) -> None:
        caught = tokens[2:] if tokens[1:2] and tokens[1].text == "*" else tokens[1:]
        head = list(_until_colon(caught))
        if head and any(token.text == "," and depth == 0 for token, depth in head):
            self._edits += in_parentheses(self._text, head[0][0].start, head[-1][0].end)

    def _keep_type_parameters(self, first: _Token, name: str, brackets: list[_Token]) -> None:
        self._type_params[self._line(first), name] = tuple(
            self._type_parameter(part) for part in _parts(brackets[1:-1])
        )

    def _type_parameter(self, part: list[_Token]) -> TypeParameter:
        stars = sum(token.text == "*" for token in part[:2])
        name, *rest = part[stars:]
        if not rest or rest[0].text != ":":
            return TypeParameter(name.text, None)
        bound: list[_Token] = []
        for token, depth in _nested(rest[1:]):
            if token.text == "=" and depth == 0:
                break
            bound.append(token)
        return TypeParameter(name.text, read_bound(self._text, bound[0].start, bound[-1].end))

    def _line(self, token: _Token) -> int:
        return self._text.count("\n", 0, token.start) + 1


def _nested(tokens: list[_Token]) -> Iterator[tuple[_Token, int]]:
    """Yield the tokens, each with the number of brackets it stands in."""
    depth = 0
    for token in tokens:
        depth -= token.text in ")]}"
        yield token, depth
        depth += token.text in "([{"


def _brackets(tokens: list[_Token]) -> list[_Token]:
    """Return the tokens from the bracket they begin with to the one that closes it."""
    for index, (_, depth) in enumerate(_nested(tokens)):
        if index and depth == 0:
            return tokens[: index + 1]
    raise SyntaxError("bracket never closed")


def _until_colon(tokens: list[_Token]) -> Iterator[tuple[_Token, int]]:
    """Yield the tokens before the colon that ends the head of a statement, with their depth."""
    for token, depth in _nested(tokens):
        if token.text == ":" and depth == 0:
            return
        yield token, depth


def _parts(tokens: list[_Token]) -> Iterator[list[_Token]]:
    """Yield what stands between the outer commas."""
    part: list[_Token] = []
    for token, depth in _nested(tokens):
        if token.text == "," and depth == 0:
            yield part
            part = []
        else:
            part.append(token)
    if part:
        yield part
