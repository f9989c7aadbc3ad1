"""Walking records without caring for the kind of each node."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final, TypeAlias

from layercheck.facts import records as r

Getter: TypeAlias = "Callable[[Any], Any]"

_PLAIN = frozenset({
    "at", "header", "name_at", "op", "ops", "kind", "name", "names", "id", "module", "level", "asname",
    "number", "delegates", "is_async", "is_generator", "is_group", "capture",
})  # fmt: skip
"""Fields that never hold a node worth visiting; ``names`` of imports and patterns are plain."""


def _getter(kind: type[r.Node]) -> Getter | None:
    """Return what reads the parts of nodes of ``kind``: nodes and tuples of nodes, None without any."""
    if kind is r.Constant:
        return None
    if kind is r.Mapping:
        return _filled
    names = [name for name in kind.__struct_fields__ if name not in _PLAIN]
    return attrgetter(*names) if names else None


def _filled(node: r.Mapping) -> tuple[r.Node, ...]:
    return (*(key for key in node.keys if key is not None), *node.values)


_GETTERS: Final = {kind: _getter(kind) for kind in r.Node.__subclasses__()}
_GETTERS_IN_SCOPE: Final[dict[type[r.Node], Getter | None]] = {**_GETTERS, r.Function: None, r.Class: None}


def children(node: r.Node) -> list[r.Node]:
    """Return the nodes ``node`` is made of, in the order its record names them."""
    found: list[r.Node] = []
    getter = _GETTERS[node.__class__]
    if getter is None:
        return found
    parts = getter(node)
    if parts.__class__ is tuple:
        for part in parts:
            if part.__class__ is tuple:
                found += part
            elif part is not None:
                found.append(part)
    elif parts is not None:
        found.append(parts)
    return found


def written_name(node: r.Node) -> str:
    """Return the name an expression ends with, ``b`` for ``a.b``, empty for one that is no name."""
    return str(getattr(node, "id", getattr(node, "name", "")))


def applied(decorator: r.Expr) -> r.Expr:
    """Return what a decorator applies: ``a.b`` of ``@a.b`` and of ``@a.b(c)``."""
    return decorator.func if isinstance(decorator, r.Call) else decorator


def inside(*nodes: r.Node) -> list[r.Node]:
    """Return the nodes and all below them in source order, without nested definitions but with lambdas.

    What stands in a whole function or module is found once, as its ``nodes``.
    """
    found: list[r.Node] = []
    pending: list[Any] = [*reversed(nodes)]
    pop, push, add = pending.pop, pending.append, found.append
    while pending:
        node = pop()
        add(node)
        getter = _GETTERS_IN_SCOPE[node.__class__]
        if getter is None:
            continue
        parts = getter(node)
        if parts.__class__ is not tuple:
            if parts is not None:
                push(parts)
            continue
        for part in reversed(parts):
            if part.__class__ is tuple:
                pending += part[::-1]
            elif part is not None:
                push(part)
    return found


def is_for_programs(statement: r.Node) -> bool:
    """Return whether a statement runs where its file is a program: ``if __name__ == "__main__":``."""
    match statement:
        case r.If(test=r.Compare(left=r.Name(id="__name__"), rights=(r.Constant(value="__main__"),))):
            return True
    return False
