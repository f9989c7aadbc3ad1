"""What an element's own code and its callers say about its layer, where no name does."""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.inference.values import Const, Container, Instance, TupleValue
from layercheck.program.entities import Class, Entity, Function, Module
from layercheck.project.doings import is_response
from layercheck.project.evidence import Evidence
from layercheck.project.identity import is_enum
from layercheck.project.model import UNKNOWN, Assignment, Confidence, Project
from layercheck.project.requests import takes_request
from layercheck.project.words import weak_suffix

PURE_PACKAGES = frozenset({
    "builtins", "typing", "types", "datetime", "re", "json", "math", "uuid", "hashlib", "hmac", "base64",
    "decimal", "enum", "functools", "itertools", "string", "secrets", "random", "copy", "collections",
    "dataclasses", "unicodedata", "logging", "abc", "operator", "contextlib", "inspect", "textwrap",
    "statistics", "fractions", "numbers", "calendar", "zoneinfo", "time", "html", "urllib", "warnings",
    "pydantic", "jwt", "jose", "passlib", "bcrypt", "pytz", "dateutil", "slugify", "loguru", "structlog",
    "pwdlib", "argon2", "cryptography", "orjson", "attr", "attrs", "keyword", "sys", "traceback", "ast",
    "contextvars",
})  # fmt: skip
"""Packages whose use leaves no trace outside the process."""

_SERVICES = frozenset({"service"})
_WORKING = frozenset({"service", "repository"})
_ENTERING = frozenset({"router", "dependency", "service", "task", "app"})
_INNER = frozenset({"service", "task"})
"""Layers whose helpers are no part of the routers though they raise HTTP exceptions."""
_GUARDING = frozenset({"dependency", "router", "unknown"})
"""Layers of dependencies and their helpers, which may not be judged yet."""
_HANDLER_METHODS = frozenset({"execute", "handle", "__call__"})


class Behaviour:
    """Judges elements by what they do."""

    def __init__(self, project: Project, evidence: Evidence) -> None:
        self._project = project
        self._evidence = evidence

    def of(self, element: Class | Function) -> Assignment | None:
        """Return the layer of an element without a telling name, None where it stays unknown."""
        doings = self._evidence.of(element)
        callers = [self._project.layer(caller).layer for caller in self._evidence.called_by(element)]
        if callers and set(callers) == {"script"}:
            return _weak("script", "called only by scripts")
        speaks_http = (doings.http or doings.responds) and not (callers and _INNER.issuperset(callers))
        if isinstance(element, Class) and self._is_response(element):
            return _weak("router", "is a response")
        if speaks_http and "dependency" in callers and isinstance(element, Class):
            return _weak("dependency", "made by a dependency, raises HTTP exceptions")
        if speaks_http:
            return _weak("router", "raises HTTP exceptions" if doings.http else "builds responses")
        serves_dependencies = "dependency" in callers and _GUARDING.issuperset(callers)
        if doings.queries and serves_dependencies and self._is_called_beside(element):
            return _weak("dependency", "runs statements for the dependencies beside it")
        if self._works_for_entries(element, _SERVICES):
            return self._working(element, "called from outer layers, calls services")
        if doings.queries and self._calls(element, _SERVICES):
            return _weak("service", "runs statements and calls services, as no repository does")
        if doings.queries and takes_request(self._project, element):
            return _weak("router", "takes the request and runs statements")
        if doings.queries and not doings.talks:
            return _weak("repository", "runs statements on a session")
        if self._works_for_entries(element, _WORKING):
            return self._working(element, "called from outer layers, calls services or repositories")
        if (doings.opens and not doings.queries) or doings.makes_engine:
            return _weak("database", "opens sessions")
        if doings.talks:
            return _weak("infrastructure", "talks to something outside")
        if is_plain(self._project, self._evidence, element):
            return _weak("util", "pure")
        return None

    def of_weak_name(self, cls: Class) -> Assignment | None:
        """Return the layer of a ``*Manager``, ``*Handler`` or ``*Controller`` outside a telling folder."""
        suffix = weak_suffix(cls.name)
        if suffix == "Handler":
            methods = [cls.methods[name] for name in sorted(_HANDLER_METHODS & cls.methods.keys())]
            if any(takes_request(self._project, method) for method in methods):
                return Assignment("router", Confidence.MEDIUM, "class name *Handler, handles requests")
            if methods:
                return Assignment("service", Confidence.MEDIUM, "class name *Handler with execute or handle")
            return UNKNOWN
        called = any(caller in self._project.handlers for caller in self._evidence.called_by(cls))
        doings = self._evidence.of(cls)
        if called and doings.talks and not doings.queries and not self._calls(cls, _WORKING):
            return _weak("infrastructure", f"class name *{suffix}, talks to something outside")
        if called:
            confidence = Confidence.MEDIUM if suffix == "Controller" else Confidence.WEAK
            return Assignment("service", confidence, f"class name *{suffix}, called by handlers")
        return self.of(cls)

    def of_manager(self, cls: Class) -> Assignment | None:
        """Return *service* for a ``*Manager`` among helpers that handlers call and that queries."""
        if weak_suffix(cls.name) != "Manager" or not self._evidence.of(cls).queries:
            return None
        found = self.of_weak_name(cls)
        return found if found is not None and found.layer == "service" else None

    def beside_application(self, element: Class | Function) -> Assignment | None:
        """Return the layer of an element in the module of the application: a part of handlers, or plain."""
        callers = list(self._evidence.called_by(element))
        if callers and all(caller in self._project.handlers for caller in callers):
            return Assignment("router", Confidence.MEDIUM, "called only by handlers beside it")
        if is_plain(self._project, self._evidence, element):
            return _weak("util", "pure")
        return None

    def of_constants(self, module: Module) -> Assignment | None:
        """Return *util* for a module that only binds constants."""
        bound = [s for s in module.facts.body if isinstance(s, (r.Assign, r.Annotated, r.TypeAlias))]
        if not bound:
            return None
        heap = self._project.inference.heap
        values = [v for name in module.bound for v in heap.read(("name", module, name), None)]
        plain = all(isinstance(v, (Const, Container, TupleValue)) or _is_builtin(v) for v in values)
        if plain and not self._evidence.of(module).outside - PURE_PACKAGES:
            return _weak("util", "holds constants only")
        return None

    def _is_response(self, cls: Class) -> bool:
        return any(map(is_response, self._project.inference.hierarchy.outside(cls)))

    def _working(self, element: Class | Function, evidence: str) -> Assignment:
        """Return the layer of what entry points call and calls services: theirs if it takes the request."""
        if takes_request(self._project, element):
            return _weak("router", f"takes the request, {evidence}")
        return _weak("service", evidence)

    def _works_for_entries(self, element: Class | Function, wanted: frozenset[str]) -> bool:
        layer = self._project.layer
        if element in self._evidence.decorators:
            return False
        called = any(layer(caller).layer in _ENTERING for caller in self._evidence.called_by(element))
        return called and self._calls(element, wanted)

    def _is_called_beside(self, element: Class | Function) -> bool:
        return all(caller.module is element.module for caller in self._evidence.called_by(element))

    def _calls(self, element: Class | Function, wanted: frozenset[str]) -> bool:
        callees = self._evidence.callees.get(element, ())
        return any(self._project.layer(callee).layer in wanted for callee in callees)


def is_plain(project: Project, evidence: Evidence, element: Entity) -> bool:
    """Return whether an element uses no other layer: an enum, a value, a pure function.

    It calls only what leaves no trace outside the process, and of the program only its own module's
    functions of the same kind.
    """
    if isinstance(element, Module):
        return False
    if isinstance(element, Class) and is_enum(project, element):
        return True
    pending: list[Entity] = [element]
    seen: set[Entity] = {element}
    while pending:
        current = pending.pop()
        doings = evidence.of(current)
        speaks = doings.http or doings.responds or doings.talks
        if doings.queries or doings.opens or speaks or doings.outside - PURE_PACKAGES:
            return False
        for callee in evidence.callees.get(current, ()):
            if callee.module is not element.module:
                return False
            if callee not in seen:
                seen.add(callee)
                pending.append(callee)
    return True


def _is_builtin(value: object) -> bool:
    return (
        isinstance(value, Instance)
        and isinstance(value.cls, str)
        and value.cls.partition(".")[0] in PURE_PACKAGES
    )


def _weak(layer: str, evidence: str) -> Assignment:
    return Assignment(layer, Confidence.WEAK, evidence)
