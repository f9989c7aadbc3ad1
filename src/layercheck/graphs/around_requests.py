"""What stands around the requests of an application, and which exceptions it answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from typing import TypeAlias

from layercheck.facts import records as r
from layercheck.graphs.exception_types import ExceptionType
from layercheck.graphs.exceptions import ExceptionFlow
from layercheck.graphs.middleware import BASE_CLASS, has_scope, next_step, passes_on, route_class
from layercheck.graphs.telling import Telling
from layercheck.inference.engine import Inference
from layercheck.inference.frames import CallSite, Frame, HandlerClause
from layercheck.inference.values import ClassValue, FunctionValue, Instance, Partial, Value, Values
from layercheck.program.entities import Class, Entity, Function, Module
from layercheck.sources.source import Role

DECORATOR = "middleware"

Way: TypeAlias = tuple[Frame, list[CallSite]]
"""A function that a request passes, and the calls of it that go on with the request."""


class AroundRequests:
    """The middleware that is in use.

    No code calls middleware by its name: a class is in use where it is handed to something or an
    object of it is made, a function where it is registered, handed on or called. What only tests use
    is not.
    """

    def __init__(self, inference: Inference, flow: ExceptionFlow) -> None:
        self._inference = inference
        self._flow = flow
        self._entities = cache(_entities)
        self._used: set[Entity] = set()
        self._registered: set[Function] = set()
        self._frames = [frame for frame in inference.frames if frame.runs]

    def middleware(self, raised: ExceptionType, telling: Telling | None) -> Frame | None:
        """Return the middleware that answers ``raised``, None where all of it lets it pass.

        What goes on at several places, by the kind of the request or its path, is taken to answer where
        one of them does. With ``telling``, clauses for all exceptions count only where they tell
        ``raised`` from others.
        """
        return self._answering(self._ways, raised, telling, converts=False)

    def route(self, kind: Class | None, raised: ExceptionType, telling: Telling | None) -> Frame | None:
        """Return what routes of class ``kind`` answer ``raised`` with, None where they do not."""
        for cls in self._inference.hierarchy.own(kind) if kind is not None else ():
            found = self._answering(self._of_routes.get(cls, ()), raised, telling, converts=True)
            if found is not None:
                return found
        return None

    @cached_property
    def _ways(self) -> list[Way]:
        for frame in self._frames:
            if frame.module.source.role is not Role.TEST:
                self._note(frame)
        bases = [self._inference.hierarchy.own(one) for one in self._used if isinstance(one, Class)]
        self._used.update(*bases)
        return [(frame, sites) for frame in self._frames if (sites := self._going_on(frame))]

    @cached_property
    def _of_routes(self) -> dict[Class, list[Way]]:
        found: dict[Class, list[Way]] = {}
        for frame in self._frames:
            kind = route_class(frame.entity)
            if kind is not None:
                found.setdefault(kind, []).append((frame, list(_awaited(frame))))
        return found

    def _answering(
        self, ways: Iterable[Way], raised: ExceptionType, telling: Telling | None, converts: bool
    ) -> Frame | None:
        def knows(frame: Frame, clause: HandlerClause) -> bool:
            return telling is not None and telling.in_clause(frame, clause, raised)

        asked = knows if telling is not None else None
        for frame, sites in ways:
            if any(self._flow.answered(frame, one.guard, raised, converts, asked) for one in sites):
                return frame
        return None

    def _note(self, frame: Frame) -> None:
        """Remember what ``frame`` uses of the program; what a class does with itself is no use of it."""
        for made in frame.registrations.values():
            if made.method == DECORATOR:
                registered = self._entities(made.target or frozenset())
                self._used |= registered
                self._registered.update(one for one in registered if isinstance(one, Function))
        found: set[Entity] = set()
        for site in frame.sites.values():
            found.update(site.classes)
            if site.edges:
                found.update([target.entity for target, _ in site.edges])
            for values in site.args:
                found |= self._entities(values)
            for _, values in site.keywords:
                found |= self._entities(values)
        found.discard(_outermost(frame.entity))
        self._used |= found

    def _going_on(self, frame: Frame) -> list[CallSite]:
        """Return where ``frame`` hands its request on, nothing where it is no middleware in use."""
        function = frame.entity
        if not isinstance(function, Function) or _outermost(function) not in self._used:
            return []
        step = next_step(function, self._is_dispatch(function))
        if not step and not has_scope(function):
            return []
        calls = (call.at for call in function.calls.values() if passes_on(function, call, step))
        return [frame.sites[at, "call"] for at in calls if (at, "call") in frame.sites]

    def _is_dispatch(self, function: Function) -> bool:
        """Return whether the framework hands ``function`` the next step as its last argument."""
        owner = function.owner
        if owner is not None and function.name == "dispatch":
            return BASE_CLASS in self._inference.hierarchy.order(owner)
        return function in self._registered


def _awaited(frame: Frame) -> Iterator[CallSite]:
    """Yield what a function awaits: one of the calls is ``await handler(request)``."""
    function = frame.entity
    for node in function.nodes_of(r.Await):
        site = frame.sites.get((node.value.at, "call")) if isinstance(node.value, r.Call) else None
        if site is not None:
            yield site


def _entities(values: Values) -> frozenset[Class | Function]:
    """Return the classes and functions among ``values``, and the classes of objects and of bound methods."""
    found: set[Class | Function] = set()
    for value in values:
        inner: Value | None = value.func if isinstance(value, Partial) else value
        if isinstance(inner, FunctionValue):
            found.add(inner.function)
            inner = inner.receiver
        if isinstance(inner, (ClassValue, Instance)) and isinstance(inner.cls, Class):
            found.add(inner.cls)
    return frozenset(found)


def _outermost(entity: Entity) -> Entity:
    """Return the class or function of a module that ``entity`` is or stands in, a module itself."""
    current = entity
    while not isinstance(current, Module) and not isinstance(current.parent, Module):
        current = current.parent
    return current
