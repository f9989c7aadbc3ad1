"""Which layer every module, class and function belongs to, and why.

In the order of belief: what people say, what an element is, what its class is called, what its file
is called, what the nearest directory is called, what it does. Nothing a lower step finds changes
what a higher one said.
"""

from __future__ import annotations

from layercheck.config.schema import Config
from layercheck.program.entities import Class, Entity, Module
from layercheck.project.behaviour import Behaviour
from layercheck.project.class_layers import ClassLayers
from layercheck.project.evidence import Evidence, worker_functions
from layercheck.project.function_layers import FunctionLayers
from layercheck.project.known import Known, certain
from layercheck.project.model import UNKNOWN, Assignment, Confidence, Project
from layercheck.project.module_layers import ModuleLayers, top_level
from layercheck.project.overrides import overrides
from layercheck.project.placement import Placement
from layercheck.project.words import ABSTRACT_WORDS, weak_suffix
from layercheck.sources.source import Role


def assign_layers(project: Project, config: Config, evidence: Evidence) -> None:
    """Fill ``project.layers``; routes, dependencies and error mappings must be there already."""
    _find_workers(project, evidence)
    _Assigner(Known(project, config, evidence, Placement(project, evidence))).run()
    project.settle()


class _Assigner:
    """One pass over all elements, then one over those whose neighbours decide."""

    def __init__(self, known: Known) -> None:
        self._project = known.project
        self._layers = known.project.layers
        self._placement = known.placement
        self._stated = overrides(known.project, known.config)
        self._behaviour = Behaviour(known.project, known.evidence)
        self._classes = ClassLayers(known)
        self._functions = FunctionLayers(known)
        self._modules = ModuleLayers(known, self._behaviour)

    def run(self) -> None:
        """Assign everything."""
        self._layers.update(self._stated)
        modules = [module for module in self._project.program.modules if not self._is_aside(module)]
        for module in modules:
            for cls in module.classes:
                self._set(cls, self._classes.of(cls))
            for function in module.functions:
                self._set(function, self._functions.of(function))
            self._set(module, self._modules.of(module))
        for module in modules:
            self._set(module, self._placement.by_callers(module, self._layers))
        for module in modules:
            self._follow_subclasses(module)
        for module in modules:
            self._by_neighbours(module)
        for module in modules:
            if module not in self._layers:
                self._sum_up(module)

    def _set(self, element: Entity, found: Assignment | None) -> None:
        if found is not None and element not in self._layers and not self._is_stated(element):
            self._layers[element] = found

    def _is_stated(self, element: Entity) -> bool:
        """Return whether people said something about ``element`` or what it is defined in."""
        current = element
        while current not in self._stated:
            if isinstance(current, Module):
                return False
            current = current.parent
        return True

    def _is_aside(self, module: Module) -> bool:
        """Assign a module that is test, migration or script; nothing in it is looked at."""
        if module.source.role is Role.CODE:
            return False
        role = module.source.role.value
        self._set(module, certain(role, f"a {role} by its place"))
        return True

    def _follow_subclasses(self, module: Module) -> None:
        """Give generic classes the layer of their subclasses, where these agree on another."""
        for cls in module.classes:
            hierarchy, own = self._project.inference.hierarchy, self._project.layer(cls)
            if not hierarchy.parameters(cls) or own.confidence is Confidence.CERTAIN or self._is_stated(cls):
                continue
            found = self._of_implementations(cls) if hierarchy.descendants(cls) else None
            if found is not None and found.layer != own.layer:
                self._layers[cls] = found

    def _by_neighbours(self, module: Module) -> None:
        """Decide on what is still open by what implements, calls or is done."""
        abstract = bool(self._placement.names(module) & ABSTRACT_WORDS)
        for cls in module.classes:
            if cls not in self._layers and (abstract or self._project.inference.hierarchy.is_interface(cls)):
                self._set(cls, self._of_implementations(cls))
        place = self._layers.get(module)
        if place is not None and place.layer == "util":
            for cls in module.classes:
                self._set(cls, self._behaviour.of_manager(cls))
        if place is not None and place.layer != "app":
            return
        for element in top_level(module):
            if element in self._layers:
                continue
            if place is not None:
                self._set(element, self._behaviour.beside_application(element))
            elif isinstance(element, Class) and weak_suffix(element.name):
                self._set(element, self._behaviour.of_weak_name(element))
            else:
                self._set(element, self._behaviour.of(element))

    def _sum_up(self, module: Module) -> None:
        """Give a module the layer of its elements; what is unknown among several layers stays so."""
        found = self._modules.summed_up(module)
        self._set(module, found)
        if found is not None:
            for element in top_level(module):
                self._set(element, UNKNOWN)

    def _of_implementations(self, cls: Class) -> Assignment | None:
        hierarchy = self._project.inference.hierarchy
        below = hierarchy.descendants(cls)
        if not below and hierarchy.is_interface(cls):
            below = hierarchy.implementations(cls, list(self._project.program.classes))
        found = [self._project.layer(sub) for sub in below if sub.module.source.role is Role.CODE]
        if len({one.layer for one in found}) != 1 or found[0].layer == "unknown":
            return None
        least = min(min(one.confidence for one in found), Confidence.MEDIUM)
        return Assignment(found[0].layer, least, f"all that implement it are {found[0].layer}")


def _find_workers(project: Project, evidence: Evidence) -> None:
    """Note the settings classes of workers and the functions they list as tasks."""
    for module in project.program.modules:
        for cls in module.classes:
            if cls.name.endswith("WorkerSettings") or {"redis_settings", "functions"} <= cls.bound:
                evidence.tasks.setdefault(cls, "settings of a worker")
                for function in worker_functions(project, cls):
                    evidence.tasks.setdefault(function, f"listed in {cls.name}")
