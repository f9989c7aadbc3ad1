"""Walking records without caring for the kind of each node."""

from __future__ import annotations

from typing import Final

from layercheck.facts import records as r

_PLAIN = frozenset({
    "at", "header", "name_at", "op", "ops", "kind", "name", "names", "id", "module", "level", "asname",
    "number", "delegates", "is_async", "is_generator", "is_group", "capture",
})  # fmt: skip
"""Fields that never hold a node worth visiting; ``names`` of imports and patterns are plain."""


def _parts(kind: type[r.Node]) -> tuple[str, ...]:
    if kind is r.Constant:
        return ()
    return tuple(name for name in kind.__struct_fields__ if name not in _PLAIN)


_PARTS: Final = {kind: _parts(kind) for kind in r.Node.__subclasses__()}
_PARTS_IN_SCOPE: Final[dict[type[r.Node], tuple[str, ...]]] = {**_PARTS, r.Function: (), r.Class: ()}


def children(node: r.Node) -> list[r.Node]:
    """Return the nodes ``node`` is made of, in the order its record names them."""
    found: list[r.Node] = []
    for name in _PARTS[node.__class__]:
        value = getattr(node, name)
        if value.__class__ is tuple:
            found += value
        elif value is not None:
            found.append(value)
    if node.__class__ is r.Mapping:
        return [one for one in found if one is not None]
    return found


def written_name(node: r.Node) -> str:
    """Return the name an expression ends with, ``b`` for ``a.b``, empty for one that is no name."""
    return str(getattr(node, "id", getattr(node, "name", "")))


def inside(*nodes: r.Node) -> list[r.Node]:
    """Return the nodes and all below them in source order, without nested definitions but with lambdas.

    What stands in a whole function or module is found once, as its ``nodes``.
    """
    found: list[r.Node] = []
    pending = [*reversed(nodes)]
    while pending:
        node = pending.pop()
        found.append(node)
        if _PARTS_IN_SCOPE[node.__class__]:
            below = children(node)
            below.reverse()
            pending += below
    return found


def is_for_programs(statement: r.Node) -> bool:
    """Return whether a statement runs where its file is a program: ``if __name__ == "__main__":``."""
    match statement:
        case r.If(test=r.Compare(left=r.Name(id="__name__"), rights=(r.Constant(value="__main__"),))):
            return True
    return False
