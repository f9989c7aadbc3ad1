"""What becomes of the exceptions that leave a route: which status the client sees, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

from layercheck.graphs.around_requests import AroundRequests
from layercheck.graphs.error_scopes import Thrown
from layercheck.graphs.exception_types import (
    CATCH_ALL,
    VALIDATION_ERRORS,
    WEBSOCKET_EXCEPTIONS,
    ExceptionType,
    dotted,
    types_of,
)
from layercheck.graphs.exceptions import ExceptionFlow, Way
from layercheck.graphs.feasibility import Feasibility
from layercheck.graphs.numbers import number_of
from layercheck.graphs.statuses import StatusCodes
from layercheck.graphs.telling import Telling
from layercheck.inference.frames import Frame, RaiseSite
from layercheck.inference.values import NOTHING, Container, Values
from layercheck.location import Span
from layercheck.program.entities import Module
from layercheck.project.model import Dependency, ErrorMapping, Project, Route

INTERNAL_SERVER_ERROR = 500
UNPROCESSABLE = 422


class RouteOutcome(msgspec.Struct, frozen=True):
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


class _Answer(NamedTuple):
    """What the application makes of an exception, whatever the route."""

    status: int | None
    how: str
    is_mapped: bool = True
    mapping: ErrorMapping | None = None


class RouteOutcomes:
    """Looks up what the application makes of exceptions.

    Without ``catch_all_maps`` a handler for ``Exception``, and middleware that catches it, count only
    where they tell an exception from others. ``statuses`` reads the status codes of what is thrown and
    answered.
    """

    def __init__(self, project: Project, flow: ExceptionFlow, catch_all_maps: bool = True) -> None:
        self._project = project
        self._flow = flow
        self._feasibility = Feasibility(project.inference)
        self._mappings = {
            one.exception: one for one in project.mappings if not isinstance(one.exception, int)
        }
        self._by_status = {
            one.exception: one for one in project.mappings if isinstance(one.exception, int)
        }
        self.statuses = StatusCodes(project.inference, flow.types)
        self._own_maps = _maps_of_routes(project)
        self._catch_all_maps = catch_all_maps
        self._answers: dict[tuple[ExceptionType, Frame, RaiseSite], _Answer] = {}
        self._around = AroundRequests(project.inference, flow)
        self._telling = Telling(project.inference, flow.types)
        self._asked = None if catch_all_maps else self._telling

    def of(
        self, route: Route, is_wanted: Callable[[ExceptionType], bool] | None = None
    ) -> list[RouteOutcome]:
        """Return what becomes of every exception that leaves ``route``, by the name of the exception.

        An exception that is answered with several status codes, by where it is raised, has one outcome
        for each. Of those that are not ``is_wanted`` nothing is told.
        """
        found: dict[ExceptionType, list[Frame]] = {}
        catching = [one.frame for one in self._all_dependencies(route.dependencies) if one.frame is not None]
        for frame in _starts(route):
            for raised in self._flow.escapes(frame):
                if is_wanted is not None and not is_wanted(raised):
                    continue
                outside = (one for one in catching if one is not frame)
                if not any(self._flow.stopped_at_yield(provider, raised) for provider in outside):
                    found.setdefault(raised, []).append(frame)
        result: list[RouteOutcome] = []
        for raised, frames in sorted(found.items(), key=lambda item: dotted(item[0])):
            ways = [(frame, way) for frame in frames for way in self._flow.ways(frame, raised)]
            ways = ways or [(frames[0], self._flow.way(frames[0], raised))]
            outcomes: dict[tuple[int | None, str], RouteOutcome] = {}
            for frame, way in ways:
                answer = self._answer(route, raised, way)
                key = (answer.status, answer.how)
                if key not in outcomes and self._feasibility.may_run(way, route.method):
                    outcomes[key] = RouteOutcome(raised, *answer, frame, way)
            result.extend(sorted(outcomes.values(), key=lambda one: (one.status or 0, one.how)))
        return result

    def mapping(self, raised: ExceptionType) -> ErrorMapping | None:
        """Return the registered handler Starlette picks: the nearest along the resolution order.

        Where a library is not known, one for an exception of the same library may be it.
        """
        types = self._flow.types
        kinds = [kind for kind in types.order(raised) if kind in self._mappings]
        if not kinds or kinds[0] in CATCH_ALL:
            outside = (kind for kind in self._mappings if isinstance(kind, str))
            kinds = [*(kind for kind in outside if types.may_be(raised, kind)), *kinds]
        mapping = self._mappings[kinds[0]] if kinds else None
        if mapping is None or self._catch_all_maps or mapping.exception not in CATCH_ALL:
            return mapping
        is_told = mapping.handler is not None and self._telling.in_handler(mapping.handler, raised)
        return mapping if is_told else None

    def is_answered(self, raised: ExceptionType) -> bool:
        """Return whether the application makes a response of ``raised``, whichever route lets it out."""
        types = self._flow.types
        return (
            types.is_http(raised)
            or self.mapping(raised) is not None
            or types.is_any(raised, WEBSOCKET_EXCEPTIONS | VALIDATION_ERRORS)
        )

    def maps_itself(self, route: Route) -> bool:
        """Return whether the decorator of ``route`` has a table of exceptions."""
        return bool(self._own_maps.get((route.module, route.at)))

    def outcome(self, route: Route, raised: ExceptionType, frame: Frame, way: Way) -> RouteOutcome:
        """Return what becomes of ``raised`` that leaves ``frame``, handler or dependency, by one way."""
        return RouteOutcome(raised, *self._answer(route, raised, way), frame, way)

    def _answer(self, route: Route, raised: ExceptionType, way: Way) -> _Answer:
        own = self._own_maps.get((route.module, route.at))
        if own and (kind := next((kind for kind in self._flow.types.order(raised) if kind in own), None)):
            return _Answer(number_of(own[kind]), "mapped by the route")
        around = self._around.route(route.route_class, raised, self._asked)
        if around is not None:
            return _Answer(None, f"caught by {around.qualname}")
        key = (raised, way.frame, way.site)
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = self._answer_of_application(raised, way)
        return answer

    def _answer_of_application(self, raised: ExceptionType, way: Way) -> _Answer:
        mapping = self.mapping(raised)
        if self._flow.types.is_http(raised):
            return _Answer(self._http_status(raised, way), "HTTPException", mapping=mapping)
        if mapping is not None:
            name = mapping.handler.qualname if mapping.handler is not None else "a registered handler"
            status = self._answered(mapping, self._thrown(raised, way))
            return _Answer(status, f"handled by {name}", mapping=mapping)
        if self._flow.types.is_any(raised, WEBSOCKET_EXCEPTIONS):
            return _Answer(None, "WebSocketException")
        if self._flow.types.is_any(raised, VALIDATION_ERRORS):
            return _Answer(UNPROCESSABLE, "validation error")
        middleware = self._around.middleware(raised, self._asked)
        if middleware is not None:
            return _Answer(None, f"caught by {middleware.qualname}")
        return _Answer(INTERNAL_SERVER_ERROR, "not mapped", is_mapped=False)

    def _thrown(self, raised: ExceptionType, way: Way) -> Thrown:
        return self.statuses.thrown(raised, way.frame, way.site)

    def _http_status(self, raised: ExceptionType, way: Way) -> int | None:
        """Return the status code an HTTPException ends in; a handler of the program may change it."""
        thrown = self._thrown(raised, way)
        carried = self.statuses.carried(thrown)
        mapping = self._by_status.get(carried) if carried is not None else None
        mapping = mapping or self.mapping(raised)
        answered = self._answered(mapping, thrown) if mapping is not None else None
        return carried if answered is None else answered

    def _answered(self, mapping: ErrorMapping, thrown: Thrown) -> int | None:
        if mapping.handler is None:
            return None
        return self.statuses.answered(mapping.handler, thrown)

    def _all_dependencies(self, dependencies: tuple[Dependency, ...]) -> Iterator[Dependency]:
        """Yield dependencies together with their own ones."""
        pending, seen = list(dependencies), set(dependencies)
        while pending:
            one = pending.pop(0)
            yield one
            new = [sub for sub in self._project.injected_into(one.frame) if sub not in seen]
            seen.update(new)
            pending.extend(new)


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
