"""What becomes of the exceptions that leave a route: which status the client sees, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from layercheck.graphs.exception_types import (
    CATCH_ALL,
    HTTP_EXCEPTIONS,
    VALIDATION_ERRORS,
    WEBSOCKET_EXCEPTIONS,
    ExceptionType,
    dotted,
    types_of,
)
from layercheck.graphs.exceptions import ExceptionFlow, Way, calls_within
from layercheck.graphs.middleware import goes_on, is_middleware
from layercheck.inference.frames import CallSite, Frame
from layercheck.inference.values import NOTHING, Const, Container, External, Values
from layercheck.location import Span
from layercheck.program.entities import Class, Function, Module
from layercheck.project.model import Dependency, ErrorMapping, Project, Route

INTERNAL_SERVER_ERROR = 500
UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class RouteOutcome:
    """An exception that leaves a handler or one of its dependencies.

    ``status`` is what the client sees, None where that is not known; ``how`` says in words who
    decides it. ``mapping`` is the registered handler, None without one. ``way`` leads from ``frame``,
    the handler or a dependency that lets it out, to the ``raise``.
    """

    exception: ExceptionType
    status: int | None
    how: str
    is_mapped: bool
    mapping: ErrorMapping | None
    frame: Frame
    way: Way


class RouteOutcomes:
    """Looks up what the application makes of exceptions.

    A handler registered for ``Exception`` counts only with ``catch_all_maps``.
    """

    def __init__(self, project: Project, flow: ExceptionFlow, catch_all_maps: bool = True) -> None:
        self._project = project
        self._flow = flow
        self._mappings = {
            one.exception: one
            for one in project.mappings
            if not isinstance(one.exception, int) and (catch_all_maps or one.exception not in CATCH_ALL)
        }
        self._own_maps = _maps_of_routes(project)
        self._catch_all_maps = catch_all_maps
        self._middleware = [
            frame
            for frame in project.inference.frames
            if frame.runs and isinstance(frame.entity, Function) and is_middleware(frame.entity)
        ]

    def of(self, route: Route) -> list[RouteOutcome]:
        """Return what becomes of every exception that leaves ``route``, by the name of the exception."""
        found: dict[ExceptionType, Frame] = {}
        catching = [one.frame for one in self._all_dependencies(route.dependencies) if one.frame is not None]
        for frame in _starts(route):
            for raised in self._flow.escapes(frame):
                outside = (one for one in catching if one is not frame)
                if not any(self._flow.stopped_at_yield(provider, raised) for provider in outside):
                    found.setdefault(raised, frame)
        ordered = sorted(found.items(), key=lambda item: dotted(item[0]))
        return [self._outcome(route, raised, frame) for raised, frame in ordered]

    def mapping(self, raised: ExceptionType) -> ErrorMapping | None:
        """Return the registered handler Starlette picks: the nearest along the resolution order."""
        kinds = self._flow.types.order(raised)
        return next((self._mappings[kind] for kind in kinds if kind in self._mappings), None)

    def _outcome(self, route: Route, raised: ExceptionType, frame: Frame) -> RouteOutcome:
        way = self._flow.way(frame, raised)
        own = self._own_maps.get((route.module, route.at), {})
        mapping = self.mapping(raised)
        if kind := next((kind for kind in self._flow.types.order(raised) if kind in own), None):
            return RouteOutcome(raised, _number(own[kind]), "mapped by the route", True, None, frame, way)
        if self._flow.types.is_http(raised):
            return RouteOutcome(
                raised, self._http_status(way, raised), "HTTPException", True, mapping, frame, way
            )
        if mapping is not None:
            name = mapping.handler.qualname if mapping.handler is not None else "a registered handler"
            return RouteOutcome(
                raised, self._answered(mapping), f"handled by {name}", True, mapping, frame, way
            )
        if self._flow.types.is_any(raised, WEBSOCKET_EXCEPTIONS):
            return RouteOutcome(raised, None, "WebSocketException", True, None, frame, way)
        if self._flow.types.is_any(raised, VALIDATION_ERRORS):
            return RouteOutcome(raised, UNPROCESSABLE, "validation error", True, None, frame, way)
        for one in self._middleware:
            if self._flow.stopped_around(one, raised, goes_on, self._catch_all_maps):
                return RouteOutcome(raised, None, f"caught by {one.qualname}", True, None, frame, way)
        return RouteOutcome(raised, INTERNAL_SERVER_ERROR, "not mapped", False, None, frame, way)

    def _all_dependencies(self, dependencies: tuple[Dependency, ...]) -> Iterator[Dependency]:
        """Yield dependencies together with their own ones."""
        pending, seen = list(dependencies), set(dependencies)
        while pending:
            one = pending.pop(0)
            yield one
            if isinstance(one.provider, Function):
                new = [sub for sub in self._project.dependencies.get(one.provider, ()) if sub not in seen]
                seen.update(new)
                pending.extend(new)

    # Status codes -------------------------------------------------------------------------------

    def _http_status(self, way: Way, raised: ExceptionType) -> int | None:
        """Return the status code an HTTPException is raised with, where it is written down."""
        for site in calls_within(way.frame, way.site.at):
            if any(self._flow.types.is_http(name) for name in site.externals):
                return _status_argument(site)
        return self._status_of_class(raised) if isinstance(raised, Class) else None

    def _status_of_class(self, cls: Class) -> int | None:
        for item in self._flow.types.order(cls):
            if not isinstance(item, Class):
                continue
            if "status_code" in item.bound:
                return _number(self._project.inference.heap.read(("class", item, "status_code"), None))
            constructor = item.methods.get("__init__")
            if constructor is not None:
                frame = self._project.inference.declared_frame(constructor, None)
                for site in frame.sites.values():
                    if any(name.removesuffix(".__init__") in HTTP_EXCEPTIONS for name in site.externals):
                        return _status_argument(site)
        return None

    def _answered(self, mapping: ErrorMapping) -> int | None:
        """Return the status code a registered handler answers with, where it makes one response."""
        if mapping.handler is None:
            return None
        frame = self._project.inference.declared_frame(mapping.handler, None)
        found = {
            _number(dict(site.keywords).get("status_code", NOTHING))
            for site in frame.sites.values()
            if any(name.endswith("Response") for name in site.externals)
        }
        return found.pop() if len(found) == 1 else None


def _starts(route: Route) -> Iterator[Frame]:
    """Yield the frames a request of ``route`` runs: the handler's, then those of its dependencies."""
    frames = dict.fromkeys((route.entry, *(one.frame for one in route.dependencies)))
    yield from (frame for frame in frames if frame is not None)


def _maps_of_routes(project: Project) -> dict[tuple[Module, Span], dict[ExceptionType, Values]]:
    """Return the exceptions that routes map themselves: ``@router.get(..., error_map={Gone: 410})``.

    Routers of libraries take such a table, keyed by exception classes, under names of their own.
    """
    heap = project.inference.heap
    result: dict[tuple[Module, Span], dict[ExceptionType, Values]] = {}
    for frame in project.inference.frames:
        for made in frame.registrations.values():
            for _, values in made.keywords:
                for value in values:
                    if isinstance(value, Container) and value.kind == "dict":
                        kinds = types_of(heap.read(("keys", value), None))
                        own = result.setdefault((frame.module, made.at), {})
                        own.update((kind, NOTHING) for kind in kinds)
    return result


def _status_argument(site: CallSite) -> int | None:
    return _number(site.args[0] if site.args else dict(site.keywords).get("status_code", NOTHING))


def _number(values: Values) -> int | None:
    """Return the one status code among ``values``, None for none or several."""
    found: set[int] = set()
    for value in values:
        match value:
            case Const(value=int() as number) if not isinstance(number, bool):
                found.add(number)
            case External(name=name):
                digits = [part for part in name.rpartition(".")[2].split("_") if part.isdigit()]
                if len(digits) == 1 and len(digits[0]) == 3:
                    found.add(int(digits[0]))
    return found.pop() if len(found) == 1 else None
