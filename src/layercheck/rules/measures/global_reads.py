"""What code reads of global places: the application, its state, the globals of a module."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import msgspec

from layercheck.facts import records as r
from layercheck.inference.frames import Frame
from layercheck.inference.models import library
from layercheck.inference.values import NOTHING, Const, Container, Instance, Made, Value, Values
from layercheck.location import Span
from layercheck.program.entities import Class, Entity, Function
from layercheck.rules.measures.parameters import parameters
from layercheck.rules.measures.syntax import plain
from layercheck.rules.view import View

_REQUESTS = frozenset({
    "starlette.requests.Request", "starlette.requests.HTTPConnection", "starlette.websockets.WebSocket",
})  # fmt: skip
_APPLICATIONS = ("fastapi.FastAPI", "starlette.applications.Starlette")

_OF_FRAMEWORK = frozenset({
    "state", "router", "routes", "title", "version", "description", "debug", "extra", "openapi",
    "openapi_schema", "openapi_url", "openapi_tags", "openapi_version", "docs_url", "redoc_url",
    "root_path", "root_path_in_servers", "servers", "summary", "contact", "license_info",
    "terms_of_service", "swagger_ui_oauth2_redirect_url", "swagger_ui_init_oauth", "swagger_ui_parameters",
    "webhooks", "dependency_overrides", "exception_handlers", "user_middleware", "middleware_stack",
    "url_path_for", "build_middleware_stack", "setup", "mount", "host", "include_router",
    "add_middleware", "middleware", "add_exception_handler", "exception_handler", "add_event_handler",
    "on_event", "add_route", "add_websocket_route", "add_api_route", "add_api_websocket_route", "route",
    "websocket_route", "websocket", "api_route", "get", "put", "post", "delete", "options", "head", "patch",
    "trace", "separate_input_output_schemas",
})  # fmt: skip
"""Attributes that applications of FastAPI and Starlette have by themselves."""


_KEEPING = frozenset({"app", "state"})
"""Attributes by which one gets from a request to the application, and to its state."""


class Fetch(msgspec.Struct, frozen=True):
    """Something fetched: as the code says it, and where it comes from in words."""

    at: Span
    name: str
    source: str


class ApplicationReads:
    """Reads of the application in one function: which expressions stand for it."""

    def __init__(self, view: View, frame: Frame, function: Function) -> None:
        self._view = view
        self._frame = frame
        self._function = function
        self._local: dict[str, tuple[str, str]] = {}

    @cached_property
    def _values(self) -> dict[str, Values]:
        return parameters(self._view.project, self._frame)

    def fetches(self) -> Iterator[Fetch]:
        """Yield what is read of the application and of its state."""
        if not any(node.name in _KEEPING for node in self._function.nodes_of(r.Attribute)):
            return
        for statement in self._function.nodes_of(r.Assign):
            match statement:
                case r.Assign(targets=(r.Name(id=name),), value=value):
                    meaning = self._meaning(value)
                    if meaning[0]:
                        self._local[name] = meaning
        for node in self._function.nodes_of(r.Attribute):
            for found in self._fetch(node.value, node.name, node.at):
                if not self._is_written(node):
                    yield found
        for call in self._function.nodes_of(r.Call):
            match call:
                case r.Call(func=r.Name(id="getattr"), args=(value, r.Constant(value=str() as name), *_)):
                    yield from self._fetch(value, name, call.at)

    def _is_written(self, node: r.Attribute) -> bool:
        function = self._function
        statements: tuple[r.Assign | r.Annotated | r.Delete, ...] = (
            *function.nodes_of(r.Assign), *function.nodes_of(r.Annotated), *function.nodes_of(r.Delete)
        )  # fmt: skip
        return any(target is node for statement in statements for target in _targets(statement))

    def _fetch(self, value: r.Expr, name: str, at: Span) -> Iterator[Fetch]:
        value = plain(value)
        if isinstance(value, r.Name) and value.id not in self._local:
            return  # a request or an application itself, nothing kept by it
        kind, text = self._meaning(value)
        path = f"{text}.{name}"
        if kind == "state" and self._is_collaborator(name):
            yield Fetch(at, path, "the state of the application")
        elif kind == "request's application" and name not in _OF_FRAMEWORK and self._is_kept(name):
            yield Fetch(at, path, "the application")

    def _is_collaborator(self, name: str) -> bool:
        """Return whether what is kept under ``name`` is more than a setting; what is not known may be."""
        heap = self._view.project.inference.heap
        paths = (f"{owner}.state" for owner in ("fastapi.FastAPI", "starlette.applications.Starlette"))
        kept = frozenset().union(*(heap.read(("state", path, name), None) for path in paths))
        return not kept or any(not self._is_setting(value) for value in kept)

    def _is_kept(self, name: str) -> bool:
        """Return whether what the application is given under ``name`` is more than a setting."""
        kept = self._view.measure(GivenToApplications).values.get(name, NOTHING)
        return not kept or any(not self._is_setting(value) for value in kept)

    def given(self) -> Iterator[tuple[str, Values]]:
        """Yield what the function keeps in an application: ``app.config = config``."""
        for statement in self._function.nodes_of(r.Assign):
            for target in statement.targets:
                match target, plain(statement.value):
                    case r.Attribute(value=r.Name(id=owner), name=name), r.Name(id=value):
                        if self._named(owner) == "application":
                            values = self._values.get(value)
                            if values is None:
                                values = global_values(self._view, self._function, value)
                            yield name, values

    def _is_setting(self, value: Value) -> bool:
        if isinstance(value, Instance) and isinstance(value.cls, Class):
            return self._view.project.layer(value.cls).layer in ("config", "schema")
        return isinstance(value, (Const, Container)) or getattr(value, "class_name", "").startswith(
            "builtins."
        )

    def _meaning(self, expression: r.Expr) -> tuple[str, str]:
        """Return what an expression stands for: a request, an application or its state, and its text."""
        match plain(expression):
            case r.Name(id=name) if name in self._local:
                return self._local[name][0], name
            case r.Name(id=name):
                return self._named(name), name
            case r.Attribute(value=value, name="app" | "state" as name):
                outer, text = self._meaning(value)
                if outer == "request" and name == "app":
                    return "request's application", f"{text}.app"
                if outer in ("application", "request's application") and name == "state":
                    return "state", f"{text}.state"
        return "", ""

    def _named(self, name: str) -> str:
        values = self._values.get(name)
        if values is None:
            values = global_values(self._view, self._function, name)
        for value in values:
            if library.canonical(class_name(value)) in _REQUESTS:
                return "request"
            if library.canonical(class_name(value)).endswith(_APPLICATIONS):
                return "application"
        return ""


class GivenToApplications:
    """What functions of the program give applications as attributes, by the name of the attribute."""

    def __init__(self, view: View) -> None:
        self.values: dict[str, Values] = {}
        for function in view.project.program.functions:
            frame = view.calls.declared(function)
            if frame is not None and function.nodes_of(r.Assign):
                for name, values in ApplicationReads(view, frame, function).given():
                    self.values[name] = self.values.get(name, NOTHING) | values


def class_name(value: Value) -> str:
    """Return the dotted name of the class of an object, empty for anything else."""
    return (
        value.class_name if isinstance(value, Instance) else value.name if isinstance(value, Made) else ""
    )


def _targets(node: r.Assign | r.Annotated | r.Delete) -> tuple[r.Target, ...]:
    return (node.target,) if isinstance(node, r.Annotated) else node.targets


def global_values(view: View, function: Function, name: str) -> Values:
    """Return what ``name`` stands for in ``function`` if it is a global of the module, else nothing."""
    scope: Entity = function
    while isinstance(scope, Function):
        if name in scope.bound or any(param.name == name for param in scope.params):
            return NOTHING
        scope = scope.parent
    return view.project.inference.heap.read(("name", function.module, name), None)
