"""What stands around the nodes of a function body."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from layercheck.facts import records as r
from layercheck.facts.nodes import children


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
        for child in reversed(children(node)):
            around = (node, *tries) if isinstance(node, r.Try) and id(child) in inside else tries
            pending.append((child, around))
