"""The layer of a module: what it makes, what its place says, what its elements share."""

from __future__ import annotations

from functools import cached_property

from layercheck.facts import records as r
from layercheck.facts.nodes import is_for_programs
from layercheck.program.entities import Class, Entity, Function, Module
from layercheck.project.behaviour import Behaviour
from layercheck.project.evidence import elements
from layercheck.project.identity import is_entity_base, is_table
from layercheck.project.known import DECLARING, OWNED_PLACES, Known, certain
from layercheck.project.matrix import rank
from layercheck.project.model import UNKNOWN, Assignment, Confidence


class ModuleLayers:
    """Judges modules, their elements being judged already."""

    def __init__(self, known: Known, behaviour: Behaviour) -> None:
        self._known = known
        self._behaviour = behaviour
        self._layers = known.project.layers

    def of(self, module: Module) -> Assignment | None:
        """Return the layer of ``module`` by what it makes and where it lies.

        A package file that defines nothing has none: what it hands on lives elsewhere.
        """
        known = self._known
        doings, place = known.evidence.of(module), known.placement.of(module)
        routes = doings.makes_router and place is not None and place.layer == "router"
        if (doings.makes_app and not routes) or any(
            self._is_factory(element) for element in top_level(module)
        ):
            return certain("app", "makes the application")
        if doings.makes_router:
            return certain("router", "makes a router")
        if not elements(module) and _only_runs(module):
            return certain("script", "only runs as a program")
        if doings.makes_engine and (place is None or place.layer not in OWNED_PLACES):
            return certain("database", "sets up engine or sessions")
        if _is_package_file(module) and not elements(module):
            return None
        own = [self._layers.get(element, UNKNOWN).layer for element in top_level(module)]
        if set(own) == {"app"} and known.placement.holds_containers(module):
            return certain("app", "holds the container")
        if place is not None:
            if place.layer == "entity" and set(own) == {"database"}:
                return Assignment("database", Confidence.STRONG, "holds only the declarative base")
            if place.layer == "database" and 2 * own.count("repository") > len(own):
                evidence = f"{place.evidence}, runs statements on entities"
                return Assignment("repository", Confidence.MEDIUM, evidence)
            if place.layer == "entity" and self._holds_only_data(module):
                return Assignment("schema", place.confidence, f"{place.evidence}, holds data classes alone")
            return place
        if any(function in known.project.handlers for function in module.functions):
            return certain("router", "holds route handlers")
        if known.declares_dependencies(module):
            return Assignment("dependency", Confidence.STRONG, DECLARING)
        return None

    def _holds_only_data(self, module: Module) -> bool:
        """Return whether a module called after models holds data classes, none an entity around."""
        layers = {self._layers.get(cls, UNKNOWN).layer for cls in module.classes}
        return layers == {"schema"} and module.name.rpartition(".")[0] not in self._packages_of_entities

    @cached_property
    def _packages_of_entities(self) -> frozenset[str]:
        program, outside = self._known.project.program, self._known.project.inference.hierarchy.outside
        return frozenset(
            cls.module.name.rpartition(".")[0]
            for cls in program.classes
            if "__tablename__" in cls.bound or is_table(cls) or any(map(is_entity_base, outside(cls)))
        )

    def summed_up(self, module: Module) -> Assignment | None:
        """Return the layer all elements of a module share, or the outermost of several."""
        if not elements(module):
            return None if _is_package_file(module) else self._behaviour.of_constants(module)
        found = [self._layers.get(element, UNKNOWN) for element in top_level(module)]
        layers = {one.layer for one in found}
        if layers <= {"unknown"}:
            return None
        if len(layers) == 1:
            least = min(one.confidence for one in found)
            return Assignment(found[0].layer, least, f"all it defines is {found[0].layer}")
        names = ", ".join(sorted(layers, key=rank))
        outermost = min(layers - {"unknown"}, key=rank)
        return Assignment(outermost, Confidence.WEAK, f"several layers: {names}")

    def _is_factory(self, element: Entity) -> bool:
        return (
            self._known.evidence.of(element).makes_app and self._layers.get(element, UNKNOWN).layer == "app"
        )


def top_level(module: Module) -> list[Class | Function]:
    """Return what the body of ``module`` itself defines."""
    return [element for element in elements(module) if element.parent is module]


def _only_runs(module: Module) -> bool:
    """Return whether a module imports, and does all else where it is run as a program."""
    rest = [one for one in module.facts.body if not isinstance(one, (r.Import, r.ImportFrom))]
    return any(map(is_for_programs, rest)) and all(
        is_for_programs(one) or (isinstance(one, r.Evaluate) and isinstance(one.value, r.Constant))
        for one in rest
    )


def _is_package_file(module: Module) -> bool:
    return module.path.endswith("__init__.py")
