"""Routes: what is registered on routers, as methods, full paths and handlers."""

from __future__ import annotations

import http
from collections.abc import Iterator

import msgspec

from layercheck.facts import records as r
from layercheck.inference.engine import Inference
from layercheck.inference.frames import Frame, Registration
from layercheck.inference.values import (
    NOTHING,
    ClassValue,
    Const,
    External,
    FunctionValue,
    Made,
    Value,
    Values,
)
from layercheck.location import Span
from layercheck.program.entities import Class, Function, Module
from layercheck.project.reading import Reader, in_order
from layercheck.project.routers import Routers, Way

VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "trace"})
WEBSOCKET = "WEBSOCKET"
_SOCKETS = frozenset({"websocket", "websocket_route", "add_api_websocket_route", "add_websocket_route"})
_LISTED = frozenset({"api_route", "route", "add_api_route", "add_route"})

_ROUTE_CLASSES = {
    "fastapi.routing.APIRoute": False, "starlette.routing.Route": False,
    "fastapi.routing.APIWebSocketRoute": True, "starlette.routing.WebSocketRoute": True,
}  # fmt: skip
"""Outside classes whose objects are routes; true for those of websockets."""


class Endpoint(msgspec.Struct, frozen=True):
    """A handler: the function, the frame it runs in and the frame of what wraps it, if anything does."""

    function: Function
    frame: Frame
    entry: Frame


class FoundRoute(msgspec.Struct, frozen=True):
    """A route before its dependencies are known.

    ``dependencies`` are the values of the ``dependencies=`` arguments that concern it, outermost
    first. ``keywords`` are those of the registration.
    """

    method: str
    path: str
    endpoint: Endpoint
    module: Module
    at: Span
    dependencies: tuple[Values, ...]
    keywords: dict[str, Values]
    reachable: bool
    route_class: Class | None


class RouteFinder:
    """Finds the routes of a program."""

    def __init__(self, inference: Inference, routers: Routers, reader: Reader) -> None:
        self._inference = inference
        self._routers = routers
        self._reader = reader
        self._decorated: dict[tuple[Module, Span], Function] = {}
        for function in inference.program.functions:
            if isinstance(function.node, r.Function):
                for decorator in function.node.decorators:
                    if not isinstance(decorator, (r.Star, r.Slice)):
                        self._decorated[(function.module, decorator.at)] = function

    def routes(self) -> list[FoundRoute]:
        """Return all routes, each once, in the order of files and lines."""
        found: dict[tuple[str, str, Function], FoundRoute] = {}
        for made in self._routers.registrations:
            for route in self._registered(made):
                key = (route.method, route.path, route.endpoint.function)
                if key not in found or (route.reachable and not found[key].reachable):
                    found[key] = route
        included = {(route.module, route.at) for route in found.values() if route.reachable}
        return [
            route
            for route in found.values()
            if route.reachable or (route.module, route.at) not in included
        ]

    def _registered(self, made: Registration) -> Iterator[FoundRoute]:
        for route in self._routers.listed(made):
            yield from self._made(made, route)
        if made.target is not None:
            endpoints = list(self._decorated_endpoints(made))
            handlers = made.target
        else:
            handlers = made.argument(1, "endpoint") or made.keyword("route")
            endpoints = list(self._endpoints(handlers))
        methods = self._methods(made)
        if not methods:
            return
        path = self._reader.argument_path(made, 0, "path")
        keywords = dict(made.keywords)
        for way in self._routers.ways(made.owner):
            for endpoint in endpoints:
                for method in methods:
                    yield self._route(method, way, path, endpoint, made.frame.module, made.at, keywords)
            for method, endpoint in self._class_endpoints(handlers):
                yield self._route(method, way, path, endpoint, made.frame.module, made.at, keywords)

    def _route(self, method: str, way: Way, path: str, endpoint: Endpoint, module: Module, at: Span,
               keywords: dict[str, Values]) -> FoundRoute:  # fmt: skip
        own = keywords.get("dependencies", NOTHING)
        return FoundRoute(
            method, (way.prefix + path) or "/", endpoint, module, at, (*way.dependencies, own), keywords,
            way.reachable, way.route_class,
        )  # fmt: skip

    def _made(self, owner: Registration, route: Made) -> Iterator[FoundRoute]:
        """Yield the routes of ``routes=[APIRoute(...)]``."""
        is_socket = _ROUTE_CLASSES.get(route.name)
        if is_socket is None or not isinstance(route.site, tuple):
            return
        at, frame = route.site[:2]
        methods = [WEBSOCKET] if is_socket else self._listed(dict(route.keywords))
        path = self._reader.path(route.argument(0, "path"))
        for way in self._routers.ways(owner.owner):
            for endpoint in self._endpoints(route.argument(1, "endpoint")):
                for method in methods:
                    yield self._route(method, way, path, endpoint, frame.module, at, dict(route.keywords))
            for method, endpoint in self._class_endpoints(route.argument(1, "endpoint")):
                yield self._route(method, way, path, endpoint, frame.module, at, dict(route.keywords))

    def _methods(self, made: Registration) -> list[str]:
        if made.method in VERBS:
            return [made.method.upper()]
        if made.method in _SOCKETS:
            return [WEBSOCKET]
        return self._listed(dict(made.keywords)) if made.method in _LISTED else []

    def _listed(self, keywords: dict[str, Values]) -> list[str]:
        told = [text.upper() for text in self._reader.texts(keywords.get("methods", NOTHING))]
        return list(dict.fromkeys(told)) or ["GET"]

    def _decorated_endpoints(self, made: Registration) -> Iterator[Endpoint]:
        function = self._decorated.get((made.frame.module, made.at))
        if function is None:
            yield from self._endpoints(made.target or NOTHING)
            return
        outer = made.frame if isinstance(made.frame.entity, Function) else None
        frame = self._inference.declared_frame(function, outer)
        wrappers = (value for value in in_order(made.target or NOTHING) if not _is(value, function))
        entry = next((e for e in map(self._frame, wrappers) if e is not None), frame)
        yield Endpoint(function, frame, entry)

    def _endpoints(self, values: Values) -> Iterator[Endpoint]:
        for value in in_order(values):
            for function in self._reader.functions(frozenset((value,))):
                frame = self._frame(function) or self._inference.declared_frame(
                    function.function, function.outer
                )
                yield Endpoint(function.function, frame, self._frame(value) or frame)

    def _frame(self, value: Value) -> Frame | None:
        return self._inference.frame_of(value) if isinstance(value, FunctionValue) else None

    def _class_endpoints(self, values: Values) -> Iterator[tuple[str, Endpoint]]:
        """Yield the verbs of a class whose objects answer requests."""
        for value in in_order(values):
            if not isinstance(value, ClassValue):
                continue
            for name in sorted(VERBS):
                for method in self._reader.method(value.cls, name, self._inference.u.instance(value.cls)):
                    frame = self._frame(method) or self._inference.declared_frame(
                        method.function, method.outer
                    )
                    yield name.upper(), Endpoint(method.function, frame, frame)


def _is(value: Value, function: Function) -> bool:
    """Return whether ``value`` is the function itself; a method is not bound yet where it is decorated."""
    return isinstance(value, FunctionValue) and value.function is function


def status_of(values: Values) -> int | None:
    """Return the status code given by number or by a constant like ``status.HTTP_201_CREATED``."""
    for value in in_order(values):
        if (
            isinstance(value, Const)
            and isinstance(value.value, int)
            and not isinstance(value.value, bool)
        ):
            return value.value
        if isinstance(value, External):
            name = value.name.removesuffix(".value").rpartition(".")[2]
            digits = name.removeprefix("HTTP_").removeprefix("WS_")[:3]
            if digits.isdigit():
                return int(digits)
            if name in http.HTTPStatus.__members__:
                return http.HTTPStatus[name].value
    return None
