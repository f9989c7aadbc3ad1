"""What the judges of classes, functions and modules share."""

from __future__ import annotations

import msgspec

from layercheck.config.schema import Config
from layercheck.facts import records as r
from layercheck.inference.signatures import is_marker
from layercheck.inference.values import Annotation, Value
from layercheck.program.entities import Class, Entity, Function, Module
from layercheck.project.evidence import Evidence
from layercheck.project.model import Assignment, Confidence, Project
from layercheck.project.placement import Placement

DATA_PLACES = frozenset({"database", "infrastructure"})
"""Places where what runs statements on entities is a repository, whatever it is called."""

OWNED_PLACES = frozenset({"service", "repository", "router", "task"})
"""Places whose code keeps its layer though it sets up a database or takes an application."""

DECLARING = "declares dependencies"
"""Evidence for a module of which nothing is known but that it names types that carry a marker."""

UNWIRED = Assignment("util", Confidence.MEDIUM, "no Depends uses it")
"""What stands among dependencies and is used like any other helper."""


class Known(msgspec.Struct, frozen=True):
    """The project, its settings, what its elements do and where its modules lie."""

    project: Project
    config: Config
    evidence: Evidence
    placement: Placement

    def runs_statements(self, element: Class | Function) -> Assignment | None:
        """Return *repository* for what runs statements on entities among the database's own code.

        So does a function that calls one beside it that does. A function that creates the tables as well
        sets the database up, and so does a class that makes the engine.
        """
        place, doings = self.placement.of(element.module), self.evidence.of(element)
        sets_up = doings.makes_tables if isinstance(element, Function) else doings.makes_engine
        if place is None or sets_up or not (doings.queries or self._queries_beside(element)):
            return None
        evidence = f"{place.evidence}, runs statements on entities"
        if place.layer == "service" and self.placement.folder(element.module) == "database":
            evidence = "runs statements on entities in a database folder"
        elif place.layer == "entity" and isinstance(element, Class):
            evidence = "runs statements, beside the entities"
        elif place.layer == "util" and self.placement.folder(element.module) == "repository":
            evidence = "runs statements among the data access"
        elif place.layer not in DATA_PLACES:
            return None
        return Assignment("repository", Confidence.MEDIUM, evidence)

    def _queries_beside(self, element: Class | Function) -> bool:
        """Return whether a function gets to a statement by functions of its module that set nothing up."""
        pending: list[Entity] = [element] if isinstance(element, Function) else []
        seen: set[Entity] = set(pending)
        while pending:
            doings = self.evidence.of(current := pending.pop())
            if doings.opens or doings.makes_tables or doings.makes_engine:
                return False
            if doings.queries:
                return True
            beside = self.evidence.callees.get(current, ())
            new = [one for one in beside if isinstance(one, Function) and one.module is element.module]
            pending.extend(one for one in new if one not in seen)
            seen.update(new)
        return False

    def is_session_lifecycle(self, element: Class | Function) -> bool:
        """Return whether middleware only opens and ends a session: it calls no service and no repository."""
        doings = self.evidence.of(element)
        if doings.queries or not (doings.opens or doings.ends):
            return False
        places = (self.placement.of(callee.module) for callee in self.evidence.callees.get(element, ()))
        return not any(place is not None and place.layer in ("service", "repository") for place in places)

    def declares_dependencies(self, module: Module) -> bool:
        """Return whether ``module`` names types that carry a marker: ``Db = Annotated[X, Depends(f)]``."""
        heap = self.project.inference.heap
        own = {name for statement in module.facts.body for name in _bound(statement)}
        return any(
            carries_marker(value) for name in sorted(own) for value in heap.read(("name", module, name), None)
        )


def certain(layer: str, evidence: str) -> Assignment:
    """Return an assignment by what an element is."""
    return Assignment(layer, Confidence.CERTAIN, evidence)


def carries_marker(value: Value) -> bool:
    """Return whether a value is a type with a marker: ``Annotated[X, Depends(f)]``."""
    return isinstance(value, Annotation) and any(
        is_marker(inner) for values in value.metadata for inner in values
    )


def _bound(statement: r.Stmt) -> list[str]:
    """Return the names an assignment or a type alias binds."""
    match statement:
        case r.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, r.Name)]
        case r.Annotated(target=r.Name(id=name)) | r.TypeAlias(name=name):
            return [name]
    return []
