"""The statements a function runs itself or through helpers no other layer owns."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from layercheck.graphs.calls import Edge
from layercheck.inference.frames import Frame
from layercheck.inference.values import Instance, Values
from layercheck.location import Place, Span
from layercheck.program.entities import Class, Entity, Function, Module
from layercheck.rules.measures.database import Database, Touch
from layercheck.rules.measures.handlers import is_of_view, runs_now, wrapped
from layercheck.rules.measures.words import spoken
from layercheck.rules.view import View

Owner = Class | Module
"""A repository: a class, or the module of function-style data access."""

OWNERLESS = frozenset({"router", "util", "schema", "unknown"})
"""Layers whose functions run on behalf of whoever calls them."""


Repository = tuple[Owner, tuple[Values, ...]]
"""A repository: the class or module and, of a generic one, the types it is for."""


class Query(msgspec.Struct, frozen=True):
    """One statement that is run: the calls that lead to it, and the operation."""

    chain: tuple[Edge, ...]
    touch: Touch

    @property
    def start(self) -> Span:
        """The call in the first function that leads to the statement, or runs it."""
        return self.chain[0].site.at if self.chain else self.touch.at

    @property
    def place(self) -> Place:
        """Where the statement is run."""
        return Place.of(self.touch.frame.module.path, self.touch.at)


class Access(msgspec.Struct, frozen=True):
    """One call of the repository ``owner``, and the calls that lead to it; ``edge`` is the call itself."""

    chain: tuple[Edge, ...]
    edge: Edge
    owner: Owner

    @property
    def repository(self) -> Repository:
        """What tells the repository from others."""
        return repository_of(self.owner, self.edge)

    @property
    def start(self) -> Span:
        """The call in the first function that leads to the repository."""
        return (*self.chain, self.edge)[0].site.at


class Queries:
    """Finds queries and repository calls from a start."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._database = view.measure(Database)
        self._known: dict[Frame, tuple[tuple[Frame, tuple[Edge, ...]], ...]] = {}

    def run_by(self, start: Frame) -> list[Query]:
        """Return the statements that ``start`` runs, in the order of the calls that lead to them.

        A helper that only brings rows up to date again, as after a commit, runs none.
        """
        found = [
            Query(chain, touch)
            for frame, chain in self._reached(start)
            for touch in self._database.touches(frame)
            if touch.runs and not (chain and touch.operation.refreshes)
        ]
        return sorted(found, key=lambda query: (query.start, len(query.chain), query.touch.at))

    def accesses(self, start: Frame) -> list[Access]:
        """Return the calls of repositories that ``start`` makes, in source order.

        What properties of a class-based view load is left out, like what dependencies load, and what
        helpers of all use for themselves: that is their own import.
        """
        found = [
            Access(chain, edge, owner_of(self._view, edge))
            for frame, chain in self._reached(start)
            for edge in self._database.accesses(frame)
            if not any(is_of_view(self._view, one) for one in chain) or self._database.writes(edge.target)
            if frame is start or not self._is_own(edge)
        ]
        return sorted(found, key=lambda access: (access.start, len(access.chain), access.edge.site.at))

    def _is_own(self, edge: Edge) -> bool:
        """Return whether a helper calls a repository that nobody handed it: one it names or makes."""
        if self._database.layer(edge.source) != "util":
            return False
        receiver = edge.target.receiver
        if not isinstance(receiver, Instance):
            return True
        return any(receiver.cls in site.classes for site in edge.source.sites.values())

    def _reached(self, start: Frame) -> tuple[tuple[Frame, tuple[Edge, ...]], ...]:
        found = self._known.get(start)
        if found is None:
            found = self._known[start] = tuple(self._walk(start))
        return found

    def _walk(self, start: Frame) -> Iterator[tuple[Frame, tuple[Edge, ...]]]:
        module = start.module

        def follow(edge: Edge) -> bool:
            target = edge.target.entity
            if not runs_now(edge) or target in self._view.project.handlers:
                return False
            if wrapped(edge.target):
                return True
            layer = self._database.layer(edge.target)
            return layer in OWNERLESS or (layer == "app" and target.module is module)

        return self._view.calls.walk(start, follow)

    def writes(self, access: Access) -> bool:
        """Return whether a repository call changes anything."""
        return self._database.writes(access.edge.target)


def repository_of(owner: Owner, edge: Edge) -> Repository:
    """Return what tells the repository of ``owner`` that ``edge`` calls from others of its class."""
    receiver = edge.target.receiver
    if isinstance(receiver, Instance) and receiver.cls is owner:
        return owner, receiver.args
    return owner, ()


def name_of(repository: Repository) -> str:
    """Return the name of a repository as a reader knows it: ``Items``, ``Repository[Item]``."""
    owner, args = repository
    classes = [
        [one.cls.name for one in values if isinstance(one, Instance) and isinstance(one.cls, Class)]
        for values in args
    ]
    told = ", ".join(" | ".join(sorted(names)) for names in classes)
    return f"{spoken(owner)}[{told}]" if classes and all(classes) else spoken(owner)


def owner_of(view: View, edge: Edge) -> Owner:
    """Return the repository that a call belongs to: the receiver's class, else the module."""
    target: Entity = edge.target.entity
    receiver = getattr(edge.target.receiver, "cls", None)
    if isinstance(receiver, Class) and view.project.layer(receiver).layer in ("repository", "entity"):
        return receiver
    if isinstance(target, Function) and target.owner is not None:
        return target.owner
    return target.module
