"""Walking the facts of a file without caring for the kind of each node."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from layercheck.facts import records as r

_LEAVES = frozenset({
    "at", "header", "name_at", "op", "ops", "kind", "name", "names", "id", "module", "level", "asname",
    "number", "delegates", "is_async", "is_generator", "is_group", "capture",
})  # fmt: skip
"""Fields that never hold a node worth visiting; ``names`` of imports and patterns are plain."""


@cache
def _fields(kind: type[r.Node]) -> tuple[str, ...]:
    return tuple(name for name in kind.__struct_fields__ if name not in _LEAVES)


def children(node: r.Node) -> Iterator[r.Node]:
    """Yield the nodes ``node`` is made of, in the order its record names them."""
    for name in _fields(type(node)):
        value = getattr(node, name)
        if isinstance(value, r.Node):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, r.Node):
                    yield item


def tries_around(
    body: tuple[r.Stmt, ...], is_wanted: Callable[[r.Node], bool]
) -> Iterator[tuple[r.Try, ...]]:
    """Yield, for every wanted node of a function body, the ``try`` statements around it, innermost first.

    Only those are counted in whose body, not in a clause of which, it stands.
    """
    pending: list[tuple[r.Node, tuple[r.Try, ...]]] = [(statement, ()) for statement in reversed(body)]
    while pending:
        node, tries = pending.pop()
        if is_wanted(node):
            yield tries
        if isinstance(node, (r.Function, r.Class, r.Lambda)):
            continue
        inside = set(map(id, node.body)) if isinstance(node, r.Try) else set()
        for child in reversed(list(children(node))):
            around = (node, *tries) if isinstance(node, r.Try) and id(child) in inside else tries
            pending.append((child, around))
