"""What objects of a class are put together from: sessions, clients, services, repositories."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.facts import records as r
from layercheck.inference.frames import Frame
from layercheck.inference.values import Instance, Made, Value, Values
from layercheck.program.entities import Class, Function
from layercheck.project.doings import INFRASTRUCTURE_PACKAGES
from layercheck.rules.measures.database import RUNS, Database
from layercheck.rules.measures.effects import reaches_out
from layercheck.rules.view import View

WIRED = ("service", "repository", "infrastructure")
"""Layers whose objects are put together rather than filled with data, from the outside in."""


class Wired:
    """Tells classes whose objects need wiring from those that anybody may make."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._database = view.measure(Database)
        self._needs: dict[Class, tuple[bool, bool]] = {}

    def needs_wiring(self, cls: Class, is_given: bool) -> bool:
        """Return whether objects of ``cls`` are better put together by a provider.

        They hold a session, a client, a service or a repository; or are given something where they
        are made (``is_given``), and reach out with it. What has no methods is a record.
        """
        found = self._needs.get(cls)
        if found is None:
            found = self._needs[cls] = self._does_something(cls) and self._holds_parts(cls), self._acts(cls)
        holds, acts = found
        return holds or (acts and is_given)

    def _does_something(self, cls: Class) -> bool:
        return any(not method.name.startswith("__") for method in self._methods(cls))

    def _holds_parts(self, cls: Class) -> bool:
        constructor = self._constructor(cls)
        given = self._database.parameters(constructor).values() if constructor is not None else ()
        held = attributes(self._view, cls)
        return any(self._is_part(value) for values in (*given, *held.values()) for value in values)

    def _constructor(self, cls: Class) -> Frame | None:
        for item in self._view.project.inference.hierarchy.order(cls):
            if isinstance(item, Class) and "__init__" in item.methods:
                return self._view.calls.declared(item.methods["__init__"])
        return None

    def _is_part(self, value: Value) -> bool:
        view = self._view
        if view.project.sessions.class_of(value):
            return True
        if isinstance(value, Instance) and isinstance(value.cls, Class):
            layer = view.project.layer(value.cls).layer
            return layer in WIRED or view.project.sessions.is_unit_of_work(value.cls)
        if isinstance(value, (Instance, Made)):
            name = value.class_name if isinstance(value, Instance) else value.name
            return name.partition(".")[0] in INFRASTRUCTURE_PACKAGES
        return False

    def _acts(self, cls: Class) -> bool:
        for method in self._methods(cls):
            for frame in self._view.calls.frames(method):
                if any(map(reaches_out, frame.sites.values())) or self._database.effect(frame) & RUNS:
                    return True
        return False

    def _methods(self, cls: Class) -> Iterator[Function]:
        for item in self._view.project.inference.hierarchy.order(cls):
            if isinstance(item, Class):
                yield from item.methods.values()


def attributes(view: View, cls: Class) -> dict[str, Values]:
    """Return what the attributes hold that the body or the methods of ``cls`` give its objects."""
    heap = view.project.inference.heap
    order = view.project.inference.hierarchy.own(cls)
    names = {name for item in order for name in assigned(item)}
    return {
        name: frozenset().union(*(heap.read(("instance", item, name), None) for item in (cls, *order)))
        for name in sorted(names)
    }


def assigned(cls: Class) -> set[str]:
    """Return the names that the body of ``cls`` annotates, and those its methods assign to ``self``."""
    found = set(cls.annotations)
    for method in cls.methods.values():
        if method.params:
            found.update(name for name, _ in assignments(method))
    return found


def assignments(method: Function) -> Iterator[tuple[str, r.Stmt]]:
    """Yield the attributes of its object that ``method`` assigns, with the statements."""
    receiver = method.params[0].name if method.params else ""
    for node in method.nodes:
        if isinstance(node, (r.Assign, r.Annotated)):
            for target in node.targets if isinstance(node, r.Assign) else (node.target,):
                match target:
                    case r.Attribute(value=r.Name(id=name), name=attribute) if name == receiver:
                        yield attribute, node
