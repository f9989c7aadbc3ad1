"""Questions about single expressions."""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.location import NOWHERE, line_of


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
