"""The patterns of ``match`` statements: from ``ast`` nodes to records."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, Final

import msgspec

from layercheck.facts.expressions import read, read_all
from layercheck.facts.literals import constant_of
from layercheck.facts.records import Pattern
from layercheck.facts.walk import Walk


def read_pattern(node: ast.pattern, walk: Walk) -> Pattern:
    """Return the record of one pattern."""
    return _PATTERNS[node.__class__](node, walk)


def _read_patterns(nodes: list[ast.pattern], walk: Walk) -> tuple[Pattern, ...]:
    return tuple(read_pattern(node, walk) for node in nodes)


def _value(node: ast.MatchValue, walk: Walk) -> Pattern:
    return Pattern("value", value=read(node.value, walk))


def _singleton(node: ast.MatchSingleton, walk: Walk) -> Pattern:
    return Pattern("value", value=constant_of(node.value, walk.at(node)))


def _sequence(node: ast.MatchSequence, walk: Walk) -> Pattern:
    return Pattern("sequence", parts=_read_patterns(node.patterns, walk))


def _mapping(node: ast.MatchMapping, walk: Walk) -> Pattern:
    keys = read_all(node.keys, walk)
    parts = _read_patterns(node.patterns, walk)
    if node.rest is not None:
        parts = (*parts, Pattern("star", capture=node.rest))
    return Pattern("mapping", parts=parts, keys=keys)


def _class(node: ast.MatchClass, walk: Walk) -> Pattern:
    cls = read(node.cls, walk)
    parts = _read_patterns([*node.patterns, *node.kwd_patterns], walk)
    return Pattern("class", value=cls, parts=parts, names=tuple(node.kwd_attrs))


def _star(node: ast.MatchStar, walk: Walk) -> Pattern:
    return Pattern("star", capture=node.name)


def _as(node: ast.MatchAs, walk: Walk) -> Pattern:
    if node.pattern is None:
        return Pattern("any", capture=node.name)
    inner = read_pattern(node.pattern, walk)
    if inner.capture is not None:
        return Pattern("or", parts=(inner,), capture=node.name)
    return msgspec.structs.replace(inner, capture=node.name)


def _or(node: ast.MatchOr, walk: Walk) -> Pattern:
    return Pattern("or", parts=_read_patterns(node.patterns, walk))


_PATTERNS: Final[dict[type[ast.AST], Callable[[Any, Walk], Pattern]]] = {
    ast.MatchValue: _value,
    ast.MatchSingleton: _singleton,
    ast.MatchSequence: _sequence,
    ast.MatchMapping: _mapping,
    ast.MatchClass: _class,
    ast.MatchStar: _star,
    ast.MatchAs: _as,
    ast.MatchOr: _or,
}
