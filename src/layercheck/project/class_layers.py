"""The layer of a class: what it is, how it is injected, what it is called."""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.facts.nodes import applied, written_name
from layercheck.inference.values import External, Made, Value
from layercheck.program.entities import Class
from layercheck.project.identity import identify, is_column_mixin, is_column_type, is_mapping_base
from layercheck.project.known import UNWIRED, Known, certain
from layercheck.project.model import Assignment, Confidence
from layercheck.project.requests import handles_requests, takes_request
from layercheck.project.words import class_word

_LIFECYCLE_METHODS = frozenset({"__call__", "dispatch"})
_PARAMETERS = frozenset(
    f"{module}.{name}"
    for module in ("fastapi", "fastapi.param_functions")
    for name in ("Query", "Path", "Header", "Cookie", "Body", "Form", "File")
)
_COMMANDS = frozenset({"command", "commands"})
_RUNNING = frozenset({"execute", "handle", "run", "__call__"})
"""Methods of what carries a command out."""

_PLACES_OF_INJECTED = frozenset({"service", "repository", "infrastructure"})


class ClassLayers:
    """Judges classes."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._hierarchy = known.project.inference.hierarchy

    def of(self, cls: Class) -> Assignment | None:
        """Return the layer ``cls`` has on its own account, None where it has that of its module."""
        known = self._known
        place = known.placement.of(cls.module)
        found = identify(known.project, known.evidence, cls, place, known.placement.in_domain(cls.module))
        if found is not None:
            return (self._lifecycle(cls) if found.layer == "router" else None) or found
        if self._carries_mapping(cls):
            return self._mapping_base(cls, place)
        if self._is_base_of_views(cls):
            return Assignment("router", Confidence.STRONG, "its subclasses hold route handlers")
        if self._is_filled_from_requests(cls):
            return certain("schema", "its fields come from the request")
        if self._is_command(cls, place):
            return Assignment("schema", Confidence.STRONG, "a data class among commands")
        named = self._by_name(cls)
        if named is None and known.project.sessions.runs_what_it_is_handed(cls):
            return Assignment("database", Confidence.MEDIUM, "runs the statements it is handed")
        if self._is_injected(cls):
            return named or self._injected(cls, place)
        if named is not None:
            data = named.layer == "service" and known.placement.folder(cls.module) == "database"
            return (known.runs_statements(cls) or named) if data else named
        own = known.project.sessions.is_unit_of_work(cls)
        own = own or known.project.sessions.has_class(cls)
        if place is not None and place.layer == "exception" and handles_requests(known.project, cls):
            return Assignment("router", Confidence.MEDIUM, "handles requests, beside the exceptions")
        if place is None and not own and known.declares_dependencies(cls.module):
            return UNWIRED
        return None if own else known.runs_statements(cls)

    def _is_filled_from_requests(self, cls: Class) -> bool:
        """Return whether fields of ``cls`` are parameters of requests: ``size: int = Query(10)``."""
        heap = self._known.project.inference.heap
        calls = (one.value.func for one in cls.annotations.values() if isinstance(one.value, r.Call))
        return any(
            _name_of(value) in _PARAMETERS
            for func in calls
            if isinstance(func, r.Name)
            for value in heap.read(("name", cls.module, func.id), None)
        )

    def _is_command(self, cls: Class, place: Assignment | None) -> bool:
        """Return whether ``cls`` is what a use case is handed: a data class among commands, runs nothing."""
        around = self._known.placement.place(cls.module)
        is_among = _COMMANDS & {around.stem.lower().rpartition("_")[2], *around.directories[:1]}
        if place is None or place.layer != "service" or not is_among or _RUNNING & cls.methods.keys():
            return False
        doings = self._known.evidence.of(cls)
        runs = doings.queries or doings.talks
        return not runs and any("dataclass" in written_name(applied(one)) for one in cls.node.decorators)

    def _by_name(self, cls: Class) -> Assignment | None:
        word = class_word(cls.name)
        if word is None or (word[0] == "exception" and not self._may_be_exception(cls)):
            return None
        if word[0] == "repository" and self._speaks_for_routes(cls):
            return None
        if word[0] == "repository" and self._is_client(cls):
            what = f"class name {word[1]}, but asks servers and no database"
            return Assignment("infrastructure", Confidence.MEDIUM, what)
        if word[1] == "*Adapter" and self._adapts_within(cls):
            return None
        if word[1] == "*Client" and takes_request(self._known.project, cls):
            return None  # it stands for a client of the application
        return Assignment(word[0], Confidence.STRONG, f"class name {word[1]}")

    def _is_client(self, cls: Class) -> bool:
        """Return whether ``cls`` or what it calls sends requests to servers, and runs no statement."""
        evidence = self._known.evidence
        doings = [evidence.of(one) for one in (cls, *evidence.callees.get(cls, ()))]
        keeps = any(one.queries or one.opens or (one.talks and not one.asks_servers) for one in doings)
        return not keeps and any(one.asks_servers for one in doings)

    def _adapts_within(self, cls: Class) -> bool:
        """Return whether an adapter lies where a name says another layer, and talks to nothing outside."""
        place = self._known.placement.of(cls.module)
        elsewhere = place is not None and place.layer != "infrastructure"
        return elsewhere and not self._known.evidence.of(cls).talks

    def _may_be_exception(self, cls: Class) -> bool:
        """Return whether a base nothing is known of may make ``cls`` an exception."""
        return bool(cls.node.bases) and not self._hierarchy.bases(cls)

    def _speaks_for_routes(self, cls: Class) -> bool:
        """Return whether ``cls`` lies among the routes and raises HTTP exceptions but runs no statement."""
        doings = self._known.evidence.of(cls)
        return doings.http and not doings.queries and self._known.placement.folder(cls.module) == "router"

    def _lifecycle(self, cls: Class) -> Assignment | None:
        if not _LIFECYCLE_METHODS & cls.methods.keys() or not self._known.is_session_lifecycle(cls):
            return None
        if any(method in self._known.project.handlers for method in cls.methods.values()):
            return None
        return certain("database", "opens and ends the session of a request")

    def _is_base_of_views(self, cls: Class) -> bool:
        handlers = self._known.project.handlers
        below = self._hierarchy.descendants(cls)
        return any(method in handlers for sub in below for method in sub.methods.values())

    def _carries_mapping(self, cls: Class) -> bool:
        """Return whether ``cls`` is a declarative base, a column mixin or a type of columns."""
        outside = self._hierarchy.outside(cls)
        if is_column_type(outside):
            return True
        if any(name.startswith(("sqlalchemy.", "sqlmodel.")) for name in outside):
            return is_mapping_base(cls)
        bases = [base for base, _ in self._hierarchy.bases(cls)]
        return is_column_mixin(cls) and all(
            isinstance(base, Class) and self._carries_mapping(base) for base in bases
        )

    def _mapping_base(self, cls: Class, place: Assignment | None) -> Assignment | None:
        beside_entities = not all(map(self._carries_mapping, cls.module.classes))
        if place is not None and place.layer == "entity" and beside_entities:
            return None
        return certain("database", "declarative base or column mixin")

    def _is_injected(self, cls: Class) -> bool:
        providers = self._known.project.providers
        call = cls.methods.get("__call__")
        return cls in providers or (call is not None and call in providers)

    def _injected(self, cls: Class, place: Assignment | None) -> Assignment:
        """Return the layer of what ``Depends`` makes: a dependency, or a collaborator with methods.

        What is built with the request in hand belongs to it, whatever it calls.
        """
        if any(not name.startswith("_") for name in cls.methods):
            if place is not None and place.layer in _PLACES_OF_INJECTED:
                return place
            if takes_request(self._known.project, cls):
                return certain("dependency", "used in Depends, takes the request")
            if self._calls_inner_layers(cls):
                return Assignment(
                    "service", Confidence.MEDIUM, "injected, its methods call services or repositories"
                )
        return certain("dependency", "used in Depends")

    def _calls_inner_layers(self, cls: Class) -> bool:
        for callee in self._known.evidence.callees.get(cls, ()):
            if isinstance(callee, Class) and callee is not cls:
                word = class_word(callee.name)
                if word is not None and word[0] in ("service", "repository"):
                    return True
            place = self._known.placement.of(callee.module)
            if place is not None and place.layer in ("service", "repository"):
                return True
        return False


def _name_of(value: Value) -> str:
    match value:
        case External(name=name) | Made(name=name):
            return name.removesuffix("()")
    return ""
