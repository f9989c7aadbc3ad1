"""The layer of a function: how it is registered, what it is handed, where it stands."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.facts import records as r
from layercheck.inference.signatures import is_marker
from layercheck.inference.values import FunctionValue, Instance, Made, Value
from layercheck.program.entities import Class, Entity, Function
from layercheck.project.doings import APPLICATIONS
from layercheck.project.evidence import decorated
from layercheck.project.identity import is_enum
from layercheck.project.known import OWNED_PLACES, UNWIRED, Known, certain
from layercheck.project.model import Assignment, Confidence
from layercheck.project.requests import answers_exceptions, takes_request
from layercheck.project.words import is_seeding

_APPLICATION_NAMES = frozenset({"app", "application", "api"})
_APPLICATION_CLASSES = frozenset({"FastAPI", "Starlette"})


class FunctionLayers:
    """Judges functions and methods."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._project = known.project
        self._mapped = {mapping.handler for mapping in known.project.mappings}
        handlers = known.project.handlers
        wrapping = {route.entry.entity for route in known.project.routes} - handlers.keys()
        for frame in known.project.inference.frames:
            given = decorated(frame.outer) if frame.outer is not None else ()
            if frame.entity in wrapping and not handlers.keys() >= set(given):
                wrapping.discard(frame.entity)
        self._wrapping = wrapping
        self._making_wrappers = {one for wrapper in wrapping for one in _around(wrapper)}

    def of(self, function: Function) -> Assignment | None:
        """Return the layer ``function`` has on its own account, None where it has that of what holds it."""
        if not isinstance(function.node, r.Function):
            return None
        found = self._registered(function)
        if found is not None or function.owner is not None:
            return found
        place = self._known.placement.of(function.module)
        owned = place is not None and place.layer in OWNED_PLACES
        found = self._by_shape(function, owned)
        if found is not None or isinstance(function.parent, Function):
            return found
        if is_seeding(function.name) and not owned:
            return Assignment("script", Confidence.STRONG, f"function name {function.name}")
        if place is not None:
            return self._by_place(function, place)
        if self._known.declares_dependencies(function.module) and not self._only_serves(function, set()):
            return UNWIRED
        return None

    def _registered(self, function: Function) -> Assignment | None:
        """Return the layer of what the framework or a task queue was told to run."""
        project, evidence = self._project, self._known.evidence
        if function in project.handlers:
            return certain(
                "router", "route decorator" if _is_decorated(function) else "registered as a route"
            )
        if function in self._mapped:
            return certain("router", "exception handler")
        if function in self._wrapping:
            return certain("router", "wraps a route handler")
        if function in self._making_wrappers:
            return certain("router", "makes what wraps route handlers")
        if function in evidence.tasks:
            return certain("task", evidence.tasks[function])
        if function in evidence.middlewares:
            if self._known.is_session_lifecycle(function):
                return certain("database", "opens and ends the session of a request")
            return certain("router", "middleware")
        if function in project.providers and function.name != "__init__":
            return certain("dependency", "used in Depends")
        if function in evidence.events:
            return certain("app", "start-up or shut-down of the application")
        return None

    def _by_shape(self, function: Function, owned: bool) -> Assignment | None:
        """Return the layer of a function by what it makes or takes; ``owned`` where its place says more."""
        evidence = self._known.evidence
        if evidence.of(function).makes_app:
            return certain("app", "makes the application")
        if self._makes_provider(function):
            return certain("dependency", "makes what Depends uses")
        if answers_exceptions(self._project, function):
            return Assignment("router", Confidence.STRONG, "takes a request and an exception")
        if self._takes_application(function) and (not owned or self._only_starts(function)):
            if not any(caller in self._project.handlers for caller in evidence.called_by(function)):
                return certain("app", "takes the application")
        unused = function in self._project.dependencies and not evidence.callers.get(function)
        if unused and not owned and not _is_decorated(function):
            return Assignment("dependency", Confidence.STRONG, "has Depends parameters and nothing calls it")
        if evidence.of(function).makes_router:
            return certain("router", "makes a router")
        return None

    def _by_place(self, function: Function, place: Assignment) -> Assignment | None:
        known = self._known
        if place.layer == "exception" and takes_request(self._project, function):
            return Assignment("router", Confidence.MEDIUM, "takes the request, beside the exceptions")
        if place.layer == "entity" and self._lies_beside_schemas(function):
            return Assignment("schema", place.confidence, f"{place.evidence}, beside data classes alone")
        if place.layer == "entity" and known.evidence.of(function).queries and self._takes_session(function):
            return Assignment(
                "repository", Confidence.MEDIUM, "queries with the session it takes, beside the entities"
            )
        if place.layer == "entity" and known.evidence.of(function).makes_tables:
            return Assignment("database", Confidence.MEDIUM, "creates the tables")
        if place.layer == "dependency" and not known.placement.holds_containers(function.module):
            if not self._is_wired(function):
                return UNWIRED
        return known.runs_statements(function)

    def _lies_beside_schemas(self, function: Function) -> bool:
        module = function.module
        classes = [one for one in module.classes if one.parent is module and not is_enum(self._project, one)]
        return {self._project.layer(cls).layer for cls in classes} == {"schema"}

    def _makes_provider(self, function: Function) -> bool:
        providers = self._project.providers
        inference = self._project.inference
        if any(inner in providers for inner in function.nested):
            return True
        returned = inference.heap.read(("return", inference.declared_frame(function, None)), None)
        return any(
            is_marker(value)
            or (isinstance(value, FunctionValue) and value.receiver is None and value.function in providers)
            for value in returned
        )

    def _takes_application(self, function: Function) -> bool:
        inference = self._project.inference
        for param in function.params:
            if param.annotation is not None:
                if any(name in _APPLICATION_CLASSES for name in _identifiers(param.annotation)):
                    return True
            elif param.name in _APPLICATION_NAMES:
                frame = inference.declared_frame(function, None)
                if any(map(_is_application, inference.heap.read(("param", frame, param.name), None))):
                    return True
        return False

    def _only_starts(self, function: Function) -> bool:
        """Return whether all that calls ``function`` makes, is handed, starts or stops the application."""
        evidence = self._known.evidence
        callers = list(evidence.called_by(function))
        return bool(callers) and all(
            caller in evidence.events
            or evidence.of(caller).makes_app
            or (isinstance(caller, Function) and self._takes_application(caller))
            for caller in callers
        )

    def _takes_session(self, function: Function) -> bool:
        inference = self._project.inference
        meanings = inference.signature(function, None, inference.declared_frame(function, None))
        return any(self._project.sessions.are_among(meaning.declared) for meaning in meanings)

    def _is_wired(self, function: Function) -> bool:
        """Return whether a function of a dependencies module is part of what ``Depends`` runs."""
        project = self._project
        pending, seen = [function], {function}
        while pending:
            current = pending.pop()
            if current in project.providers or current in project.dependencies:
                return True
            for caller in self._known.evidence.called_by(current):
                if isinstance(caller, Class) and caller in project.providers:
                    return True
                if isinstance(caller, Function) and caller.module is function.module and caller not in seen:
                    seen.add(caller)
                    pending.append(caller)
        return False

    def _only_serves(self, function: Function, asked: set[Function]) -> bool:
        """Return whether ``function`` is called, and by nothing but the dependencies of its module."""
        asked.add(function)
        callers = list(self._known.evidence.called_by(function))
        providers = self._project.providers
        return bool(callers) and all(
            caller.module is function.module
            and (
                caller in providers
                or (isinstance(caller, Function) and (caller in asked or self._only_serves(caller, asked)))
            )
            for caller in callers
        )


def _around(entity: Entity) -> Iterator[Function]:
    """Yield the functions ``entity`` is defined in."""
    outer = entity.parent if isinstance(entity, Function) else None
    while isinstance(outer, Function):
        yield outer
        outer = outer.parent


def _is_decorated(function: Function) -> bool:
    return isinstance(function.node, r.Function) and bool(function.node.decorators)


def _identifiers(node: r.Expr) -> Iterator[str]:
    """Yield the names an annotation is made of, without the modules they are taken from."""
    match node:
        case r.Name(id=name) | r.Attribute(name=name):
            yield name
        case r.Constant(value=str() as text):
            yield text.rpartition(".")[2]
        case r.BinOp(left=left, right=right):
            yield from _identifiers(left)
            yield from _identifiers(right)


def _is_application(value: Value) -> bool:
    return (isinstance(value, Made) and value.name in APPLICATIONS) or (
        isinstance(value, Instance) and value.cls in APPLICATIONS
    )
