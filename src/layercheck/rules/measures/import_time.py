"""What runs when a module is imported, and what only when it is run as a script."""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.location import Span, encloses
from layercheck.program.entities import Function, Module


def is_scripted(scope: Function | Module, at: Span) -> bool:
    """Return whether ``at`` stands under ``if __name__ == "__main__":`` in the body of a module."""
    if isinstance(scope, Function):
        return False
    return any(_is_main(block.test) and encloses(block.at, at) for block in scope.nodes_of(r.If))


def _is_main(test: r.Expr) -> bool:
    return isinstance(test, r.Compare) and any(
        isinstance(side, r.Name) and side.id == "__name__" for side in (test.left, *test.rights)
    )
