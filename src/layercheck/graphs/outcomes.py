"""What becomes of the exceptions that leave a route: which status the client sees, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from layercheck.graphs.exception_types import (
    HTTP_EXCEPTIONS,
    VALIDATION_ERRORS,
    WEBSOCKET_EXCEPTIONS,
    ExceptionType,
    dotted,
)
from layercheck.graphs.exceptions import ExceptionFlow, Way, calls_within
from layercheck.inference.frames import CallSite, Frame
from layercheck.inference.values import Const, External, Values
from layercheck.program.entities import Class
from layercheck.project.model import ErrorMapping, Project, Route

INTERNAL_SERVER_ERROR = 500
UNPROCESSABLE = 422
CATCH_ALL = frozenset({"builtins.Exception", "builtins.BaseException"})


@dataclass(frozen=True, slots=True)
class RouteOutcome:
    """An exception that leaves a handler or one of its dependencies.

    ``status`` is what the client sees, None where that is not known; ``how`` says in words who
    decides it. ``mapping`` is the registered handler, None without one. ``way`` leads from the
    ``frame`` that lets it out, the handler or a dependency, to the ``raise``.
    """

    exception: ExceptionType
    status: int | None
    how: str
    is_mapped: bool
    mapping: ErrorMapping | None
    frame: Frame
    way: Way


def route_outcomes(
    project: Project, flow: ExceptionFlow, route: Route, catch_all_maps: bool = True
) -> list[RouteOutcome]:
    """Return what becomes of every exception that leaves ``route``.

    A handler registered for ``Exception`` answers with 500 all the same unless ``catch_all_maps``.
    """
    found: dict[ExceptionType, Frame] = {}
    for frame in entry_frames(project, route):
        catching = [one.frame for one in route.dependencies if one.frame is not None and one.frame is not frame]
        for raised in flow.escapes(frame):
            if not any(flow.stopped_at_yield(provider, raised) for provider in catching):
                found.setdefault(raised, frame)
    return [
        _outcome(project, flow, raised, frame, catch_all_maps) for raised, frame in sorted(
            found.items(), key=lambda item: dotted(item[0])
        )
    ]  # fmt: skip


def entry_frames(project: Project, route: Route) -> Iterator[Frame]:
    """Yield the frames a request of ``route`` runs: the handler's, then those of its dependencies."""
    seen: dict[Frame, None] = {route.frame: None}
    seen.update((one.frame, None) for one in route.dependencies if one.frame is not None)
    yield from seen


def mapping_for(project: Project, flow: ExceptionFlow, raised: ExceptionType) -> ErrorMapping | None:
    """Return the registered handler Starlette picks: the nearest along the resolution order."""
    registered = {one.exception: one for one in project.mappings if not isinstance(one.exception, int)}
    return next((registered[kind] for kind in flow.types.order(raised) if kind in registered), None)


def _outcome(
    project: Project, flow: ExceptionFlow, raised: ExceptionType, frame: Frame, catch_all_maps: bool
) -> RouteOutcome:
    way = flow.way(frame, raised)
    mapping = mapping_for(project, flow, raised)
    if mapping is not None and (mapping.exception not in CATCH_ALL or catch_all_maps):
        name = mapping.handler.qualname if mapping.handler is not None else "a registered handler"
        status = http_status(project, flow, way, raised) if flow.types.is_http(raised) else None
        return RouteOutcome(raised, status, f"handled by {name}", True, mapping, frame, way)
    if flow.types.is_http(raised):
        status = http_status(project, flow, way, raised)
        return RouteOutcome(raised, status, "HTTPException", True, None, frame, way)
    if flow.types.is_any(raised, WEBSOCKET_EXCEPTIONS):
        return RouteOutcome(raised, None, "WebSocketException", True, None, frame, way)
    if flow.types.is_any(raised, VALIDATION_ERRORS):
        return RouteOutcome(raised, UNPROCESSABLE, "validation error", True, None, frame, way)
    how = "not mapped" if mapping is None else f"only mapped as {dotted(mapping.exception)}"  # type: ignore[arg-type]  # numbers are left out
    return RouteOutcome(raised, INTERNAL_SERVER_ERROR, how, False, None, frame, way)


def http_status(project: Project, flow: ExceptionFlow, way: Way, raised: ExceptionType) -> int | None:
    """Return the status code an HTTPException is raised with, where it is written down."""
    for site in calls_within(way.frame, way.site.at):
        if any(flow.types.is_http(name) for name in site.externals):
            return _status_argument(site)
    if isinstance(raised, Class):
        return _status_of_class(project, flow, raised)
    return None


def _status_of_class(project: Project, flow: ExceptionFlow, cls: Class) -> int | None:
    heap = project.inference.heap
    for item in flow.types.order(cls):
        if not isinstance(item, Class):
            continue
        if "status_code" in item.bound:
            return _number(heap.read(("class", item, "status_code"), None))
        constructor = item.methods.get("__init__")
        if constructor is not None:
            for frame in project.inference.frames:
                if frame.entity is constructor:
                    for site in frame.sites.values():
                        if any(name.removesuffix(".__init__") in HTTP_EXCEPTIONS for name in site.externals):
                            return _status_argument(site)
    return None


def _status_argument(site: CallSite) -> int | None:
    return _number(site.args[0] if site.args else dict(site.keywords).get("status_code", frozenset()))


def _number(values: Values) -> int | None:
    """Return the one status code among ``values``, None for none or several."""
    found: set[int] = set()
    for value in values:
        match value:
            case Const(value=int() as number) if not isinstance(number, bool):
                found.add(number)
            case External(name=name):
                digits = "".join(part for part in name.rpartition(".")[2].split("_") if part.isdigit())
                if len(digits) == 3:
                    found.add(int(digits))
    return found.pop() if len(found) == 1 else None
