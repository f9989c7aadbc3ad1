"""Walking the statements and expressions of one scope."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.facts import records as r
from layercheck.graphs.syntax import children
from layercheck.location import NOWHERE, Span, line_of
from layercheck.program.entities import Function, Module


def inside(*nodes: r.Node) -> Iterator[r.Node]:
    """Yield the given nodes and all below them, nested definitions left out, lambdas included."""
    pending = list(reversed(nodes))
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, (r.Function, r.Class)):
            pending.extend(reversed(list(children(node))))


def body_of(scope: Function | Module) -> tuple[r.Stmt, ...]:
    """Return the statements of a function or module."""
    return scope.body if isinstance(scope, Function) else scope.facts.body


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


def path_of(expression: r.Expr) -> str:
    """Return the dotted path of what is called, as the code says it."""
    match expression:
        case r.Name(id=name):
            return name
        case r.Attribute(value=value, name=name):
            head = path_of(value)
            return f"{head}.{name}" if head else name
        case r.Call(func=func):
            return f"{path_of(func)}()"
        case r.Subscript(value=value):
            return path_of(value)
    return ""
