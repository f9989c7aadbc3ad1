"""The state of the walk over one text."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from layercheck.facts.places import Places
from layercheck.location import Span

if TYPE_CHECKING:
    from layercheck.facts.rewriting import Rewritten


class Walk:
    """What the walk over one text carries along.

    ``at`` gives the span of a node, ``lambdas`` counts the lambdas met so far in the present scope,
    ``yields`` tells whether that scope has a ``yield`` of its own. ``rewritten`` is set where the
    text was rewritten by `layercheck.facts.modern_syntax`.
    """

    __slots__ = ("at", "lambdas", "places", "rewritten", "yields")

    def __init__(self, places: Places, rewritten: Rewritten | None = None) -> None:
        self.places = places
        self.at: Callable[[ast.AST], Span] = places.at
        self.rewritten = rewritten
        self.lambdas = 0
        self.yields = False
