"""Which code runs while a request waits for it, and which in its own time."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from layercheck.facts import records as r
from layercheck.graphs.calls import Edge
from layercheck.inference.frames import Frame
from layercheck.inference.models import library
from layercheck.inference.values import Instance
from layercheck.location import NOWHERE, Span
from layercheck.program.entities import Class, Function, Module
from layercheck.project.model import Route
from layercheck.rules.view import View

_FOLLOWED = frozenset({"call", "construct", "property", "context", "decorator", "depends", "possible"})
_AWAITING = frozenset({"wait_for", "shield"})
_CALLED_BY_ANYBODY = frozenset({"service", "repository", "schema", "entity"})
"""Layers whose functions may be the interface for code that is not seen."""
_PLAIN_ROUTES = frozenset({"starlette.routing.Route", "starlette.applications.Starlette.add_route"})
_STANDARD = frozenset({"builtins", "functools", "contextlib", "typing", "abc", "dataclasses", "layercheck"})
"""Packages whose decorators run nothing by themselves."""
_BASES = frozenset({"pydantic", "pydantic_settings", "sqlalchemy", "sqlmodel", "enum", "collections"})
"""Packages whose classes are derived from without their calling what is added."""


class Requests:
    """Tells code that answers requests from code that is on its own.

    On its own is what tasks, scripts, middleware and the start of the application run, what is handed
    to a thread, a task group or the background, what a websocket runs as long as it is open, and what
    a generator does when it is iterated. Nothing is injected there.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self._awaited: dict[Function | Module, frozenset[Span]] = {}
        self._plain = {
            (frame.module, at)
            for frame in view.calls.frames_calling(_PLAIN_ROUTES.__contains__)
            for (at, _), site in frame.sites.items()
            if not _PLAIN_ROUTES.isdisjoint(site.externals)
        }
        self._served = self._reached(self._entries())
        self._started = self._reached(self._starts())

    def serves(self, function: Function) -> bool:
        """Return whether ``function`` is known to run while a request waits."""
        return function in self._served

    def is_on_its_own(self, function: Function) -> bool:
        """Return whether ``function`` is known to run, but never while a request waits."""
        return function in self._started and function not in self._served

    def injects(self, route: Route) -> bool:
        """Return whether the handler of ``route`` can have things injected for one request.

        That of a websocket runs as long as it is open, and Starlette's own routes inject nothing.
        """
        return route.method != "WEBSOCKET" and (route.module, route.at) not in self._plain

    def _entries(self) -> list[Frame]:
        """Return the frames a framework runs for requests, and can hand something."""
        routes = [route for route in self._view.project.routes if self.injects(route)]
        providers = [
            one.frame for found in self._view.project.providers.values() for one in found if one.frame
        ]
        return [*(route.entry for route in routes), *(route.frame for route in routes), *providers]

    def _starts(self) -> list[Frame]:
        found: list[Frame] = []
        is_start = cache(self._is_start)
        for frame in self._view.project.inference.frames:
            if not frame.runs:
                continue
            entity = frame.entity
            if isinstance(entity, Function) and entity not in self._served and is_start(entity):
                found.append(frame)
            for edge in self._view.calls.edges(frame):
                if not isinstance(entity, Function) or not self._runs_now(edge):
                    found.append(edge.target)
        return found

    def _is_start(self, function: Function) -> bool:
        layer = self._view.project.layer(function).layer
        if layer == "router":
            return True
        if any(isinstance(caller, Function) for caller in self._view.calls.callers(function)):
            return False
        if layer not in _CALLED_BY_ANYBODY or self._is_registered(function):
            return True
        return function.owner is not None and self._belongs_to_library(function.owner)

    def _belongs_to_library(self, cls: Class) -> bool:
        """Return whether ``cls`` derives from a class of a library, which then calls its methods."""
        outside = self._view.project.inference.hierarchy.outside(cls)
        return any(name.partition(".")[0] not in _STANDARD | _BASES for name in outside)

    def _is_registered(self, function: Function) -> bool:
        """Return whether a decorator hands ``function`` to outside code that may run it."""
        if not isinstance(function.node, r.Function):
            return False
        for decorator in function.node.decorators:
            at = getattr(decorator, "at", NOWHERE)
            for frame in self._view.calls.frames(function.module):
                site = frame.sites.get((at, "decorator"))
                packages = {name.partition(".")[0] for name in site.externals} if site is not None else set()
                if packages and packages.isdisjoint(_STANDARD):
                    return True
        return False

    def _reached(self, starts: Iterable[Frame]) -> frozenset[Function]:
        seen = dict.fromkeys(starts)
        pending = list(seen)
        while pending:
            for edge in self._view.calls.edges(pending.pop()):
                if edge.target not in seen and self._runs_now(edge):
                    seen[edge.target] = None
                    pending.append(edge.target)
        return frozenset(frame.entity for frame in seen if isinstance(frame.entity, Function))

    def _runs_now(self, edge: Edge) -> bool:
        """Return whether the source waits for the target to have run."""
        target = edge.target.entity
        if edge.kind not in _FOLLOWED:
            return False
        if edge.kind != "call" or not isinstance(target, Function):
            return True
        if target.is_generator:
            return any(isinstance(v, Instance) and v.cls == library.MANAGER for v in edge.site.result)
        return not target.is_async or edge.site.at in self._waited_for(edge.source)

    def _waited_for(self, frame: Frame) -> frozenset[Span]:
        """Return the calls whose coroutine is awaited at once, or handed on to who awaits it."""
        entity = frame.entity
        found = self._awaited.get(entity)
        if found is None:
            waiting: tuple[r.Await | r.Return, ...] = (*entity.nodes_of(r.Await), *entity.nodes_of(r.Return))
            found = self._awaited[entity] = frozenset(
                call.at for node in waiting for call in _awaited_calls(node)
            )
        return found


def _awaited_calls(node: r.Await | r.Return) -> list[r.Call]:
    value = node.value
    if not isinstance(value, r.Call):
        return []
    name = getattr(value.func, "name", getattr(value.func, "id", ""))
    handed = value.args[:1] if name in _AWAITING else ()
    return [value, *(argument for argument in handed if isinstance(argument, r.Call))]
