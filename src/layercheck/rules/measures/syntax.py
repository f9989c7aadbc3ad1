"""Walking the statements and expressions of one scope."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.facts import records as r
from layercheck.graphs.syntax import children
from layercheck.location import NOWHERE, Span, line_of
from layercheck.program.entities import Function


def inside(*nodes: r.Node) -> Iterator[r.Node]:
    """Yield the given nodes and all below them, nested definitions left out, lambdas included."""
    pending = list(reversed(nodes))
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, (r.Function, r.Class)):
            pending.extend(reversed(list(children(node))))


def calls(function: Function) -> dict[Span, r.Call]:
    """Return the calls in the body of ``function`` by their spans."""
    return {node.at: node for node in inside(*function.body) if isinstance(node, r.Call)}


def line(node: object) -> int:
    """Return the line ``node`` starts in, 0 where it has none."""
    return line_of(getattr(node, "at", NOWHERE))


def plain(expression: r.Expr) -> r.Expr:
    """Return ``expression`` without ``await`` and ``name :=`` around it."""
    while isinstance(expression, (r.Await, r.Walrus)):
        expression = expression.value
    return expression
