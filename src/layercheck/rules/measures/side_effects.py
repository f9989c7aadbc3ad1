"""What a piece of code does outside the database, itself or through what it calls."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from layercheck.graphs.calls import Edge
from layercheck.inference.frames import Frame
from layercheck.program.entities import Entity
from layercheck.rules.measures.database import Database
from layercheck.rules.measures.effects import are_loggers, reaches_out
from layercheck.rules.measures.handlers import runs_now
from layercheck.rules.measures.words import spoken
from layercheck.rules.view import View

_TOLD_AS_CALLS = frozenset({"repository", "service", "database", "infrastructure", "task"})
"""Layers whose own effects are no news once the call into them is told."""


class SideEffect(msgspec.Struct, frozen=True):
    """An effect in words; ``started`` is what it runs in the background, if that is what it does."""

    words: str
    started: Entity | None = None


class SideEffects:
    """Finds side effects; those of a frame itself are looked for once.

    Getting a logger, or the settings, may open files; that is set-up and counts as nothing.
    """

    def __init__(self, view: View) -> None:
        self._calls = view.calls
        self._database = view.measure(Database)
        self._own: dict[Frame, tuple[SideEffect, ...]] = {}

    def of(self, start: Frame) -> Iterator[SideEffect]:
        """Yield the side effects of ``start`` and of what it calls."""
        for frame in self._calls.reached(start, self._is_followed):
            found = self._own.get(frame)
            if found is None:
                found = self._own[frame] = tuple(_effects(frame))
            yield from found

    def _is_followed(self, edge: Edge) -> bool:
        if are_loggers(edge.site.result) or self._database.layer(edge.target) == "config":
            return False
        return runs_now(edge) and self._database.layer(edge.target) not in _TOLD_AS_CALLS


def _effects(frame: Frame) -> Iterator[SideEffect]:
    for site in frame.sites.values():
        name = reaches_out(site)
        if name:
            yield SideEffect(f"side effect outside the database: {name}")
        for target, kind in site.edges:
            later = kind == "event" or (
                kind == "deferred" and not runs_now(Edge(frame, target, kind, site))
            )
            if later:
                yield SideEffect(f"starts {spoken(target.entity)} in the background", target.entity)
