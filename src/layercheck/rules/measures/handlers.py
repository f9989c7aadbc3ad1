"""The handlers of a project, and the helpers that are part of one of them."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from layercheck.graphs.calls import CERTAIN_KINDS, CallGraph, Edge
from layercheck.graphs.carrying import AWAITED
from layercheck.inference.frames import Frame
from layercheck.inference.values import FunctionValue
from layercheck.program.entities import Entity, Function, Module
from layercheck.project.model import Route
from layercheck.rules.view import View


NOBODY: frozenset[Function] = frozenset()
_AWAITED_METHODS = (".run_sync", ".run_in_executor")


class Handler(msgspec.Struct, frozen=True):
    """A function that answers routes, and the route it is spoken of by."""

    function: Function
    frame: Frame
    routes: tuple[Route, ...]

    @property
    def title(self) -> str:
        """The handler as a message names it: ``POST /users (create_user)``."""
        route = self.routes[0]
        return f"{route.method} {route.path} ({self.function.name})"


def handlers(view: View) -> Iterator[Handler]:
    """Yield all handlers of the project, in the order of their files."""
    for function, routes in view.project.handlers.items():
        if routes:
            yield Handler(function, routes[0].frame, tuple(routes))


def titles(view: View) -> dict[Entity, str]:
    """Return the handlers as messages name them; a measure for `View.measure`."""
    return {handler.function: handler.title for handler in handlers(view)}


def runs_now(edge: Edge) -> bool:
    """Return whether the target of ``edge`` runs as part of its source.

    What a framework injects, what is handed to a background task or a queue and what only might
    be called does not; what a thread runs while the source waits does.
    """
    if edge.kind == "deferred":
        called = edge.source.sites.get((edge.site.at, "call"), edge.site)
        return any(name in AWAITED or name.endswith(_AWAITED_METHODS) for name in called.externals)
    return edge.kind in CERTAIN_KINDS and edge.kind != "depends"


def is_of_view(view: View, edge: Edge) -> bool:
    """Return whether ``edge`` reads a property of a class-based view.

    Such a property hands the handlers of the view what belongs to the request, as a dependency would.
    """
    target = edge.target.entity
    owner = target.owner if isinstance(target, Function) else None
    return edge.kind == "property" and owner is not None and view.project.layer(owner).layer == "router"


def wrapped(frame: Frame) -> frozenset[Function]:
    """Return the functions a decorator's inner function stands for; nothing for any other function."""
    outer = frame.outer
    if outer is None:
        return NOBODY
    functions: set[Function] = set()
    while outer is not None:
        given = (value for _, values in outer.given for value in values)
        functions.update(value.function for value in given if isinstance(value, FunctionValue))
        outer = outer.outer
    return frozenset(functions)


def wrappers(view: View) -> dict[Function, set[Entity]]:
    """Return the inner functions of decorators that stand for each function; a measure."""
    found: dict[Function, set[Entity]] = {}
    for frame in view.project.inference.frames:
        for function in wrapped(frame) if frame.runs else ():
            found.setdefault(function, set()).add(frame.entity)
    return found


def unwrapped(calls: CallGraph, edge: Edge) -> Iterator[Edge]:
    """Yield ``edge`` as a reader sees it: a call of a decorated function leads to that function."""
    inner = wrapped(edge.target)
    found = [one for one in calls.edges(edge.target) if one.target.entity in inner] if inner else []
    if not found:
        yield edge
    for one in found:
        yield from unwrapped(calls, Edge(edge.source, one.target, edge.kind, edge.site))


class Groups:
    """The handlers with the helpers that are part of them, found once for each."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._known: dict[Function, tuple[Frame, ...]] = {}

    def of(self, handler: Handler) -> tuple[Frame, ...]:
        """Return the frame of the handler and those of the helpers that are part of it.

        Part of it are the functions nested in it and those of its module that nothing else calls.
        """
        found = self._known.get(handler.function)
        if found is None:
            found = self._known[handler.function] = tuple(self._members(handler))
        return found

    def _members(self, handler: Handler) -> Iterator[Frame]:
        view, functions = self._view, {handler.function}

        def belongs(edge: Edge) -> bool:
            target = edge.target.entity
            if not isinstance(target, Function) or not runs_now(edge) or target in view.project.handlers:
                return False
            return target in functions or _is_part(view.calls, target, functions)

        for frame in view.calls.reached(handler.frame, belongs):
            if isinstance(frame.entity, Function):
                functions.add(frame.entity)
            yield frame


def group(view: View, handler: Handler) -> tuple[Frame, ...]:
    """Return the frames of `Groups` for one handler."""
    return view.measure(Groups).of(handler)


def _is_part(calls: CallGraph, target: Function, functions: set[Function]) -> bool:
    if any(target.parent is function for function in functions):
        return True
    if not any(target.module is function.module for function in functions):
        return False
    callers: set[Entity] = {caller for caller in calls.callers(target) if not isinstance(caller, Module)}
    return callers <= functions
