"""Which layers a project really uses.

A word in a name opens nothing: there is a service layer where handlers call services, and a
repository layer where handlers or services use repositories that run statements.
"""

from __future__ import annotations

from layercheck.config.schema import Config
from layercheck.inference.frames import Frame
from layercheck.program.entities import Class, Entity, Function, Module
from layercheck.project.evidence import Evidence
from layercheck.project.features import features
from layercheck.project.model import Confidence, Presence, Project

_MOST_BESIDE = 3
"""So many services that run statements themselves, for each module that uses repositories, deny the layer."""

_USERS = frozenset({"router", "service"})
_CARRIERS = frozenset({"repository", "database", "entity", "util", "infrastructure", "unknown"})
"""Layers whose functions may stand between a repository and its statements."""


def layers_present(project: Project, config: Config, evidence: Evidence) -> Presence:
    """Return which layers are used in the project and in each of its features.

    Layers must have been assigned. A project is feature-first where at least two directories hold
    a router beside other layers; the settings may name the directories instead.
    """
    homes = features(project, config)
    found = _Uses(project, evidence).used_layers()
    by_feature: dict[str, set[str]] = {home: set() for home in homes.values()}
    for layer, modules in found.items():
        for module in modules:
            if module in homes:
                by_feature[homes[module]].add(layer)
    gating = config.gating or ("feature" if homes else "project")
    return Presence(
        frozenset(layer for layer, modules in found.items() if modules),
        {home: frozenset(layers) for home, layers in by_feature.items()},
        homes,
        gating,
    )


class _Uses:
    """Who uses whom, and who runs statements in the end."""

    def __init__(self, project: Project, evidence: Evidence) -> None:
        self._project = project
        self._layer: dict[Entity, str] = {}
        self._callers: dict[Entity, set[Entity]] = {}
        self._uses: list[tuple[Entity, Entity]] = []
        self._running = set(evidence.rows)
        for source, owner in evidence.handed:
            self._hand(source, owner)
        calls = {
            (frame.entity, target): None
            for frame in project.inference.frames
            for site in frame.sites.values()
            for target, kind in site.edges
            if kind != "callback"
        }
        for source, target in calls:
            self._call(source, target)

    def used_layers(self) -> dict[str, set[Module]]:
        """Return, for *service* and *repository*, the modules whose elements are used as such.

        Where nearly all services run their statements themselves, a repository or two is no layer.
        """
        running = self._all_running()
        found: dict[str, set[Module]] = {"service": set(), "repository": set()}
        users: set[Module] = set()
        for source, target in self._uses:
            layer = self._layer_of(target)
            if layer == "service" and self._layer_of(source) == "router":
                found["service"].add(target.module)
            elif layer == "repository" and target in running:
                found["repository"].add(target.module)
                users.add(source.module)
        alone = {one.module for one in self._running if self._is_sure_service(one)} - users
        if len(users) * _MOST_BESIDE < len(alone):
            found["repository"].clear()
        return found

    def _is_sure_service(self, element: Entity) -> bool:
        return (
            self._layer_of(element) == "service"
            and self._project.layer(element).confidence >= Confidence.MEDIUM
        )

    def _hand(self, source: Entity, owner: Class | None) -> None:
        """Record that ``source`` hands a session to a library, or to a method one gives to ``owner``."""
        if owner is None:
            self._running.add(source)
            return
        self._running.add(owner)
        if self._layer_of(source) in _CARRIERS:
            self._running.add(source)
        self._use(source, owner)

    def _call(self, source: Entity, target: Frame) -> None:
        self._callers.setdefault(target.entity, set()).add(source)
        self._use(source, target.entity)
        if _is_wrapper(target) and self._layer_of(source) in _USERS:
            self._use_through(source, target)

    def _use_through(self, source: Entity, wrapper: Frame) -> None:
        """Record what a decorator's wrapper runs for ``source``."""
        pending, seen = [wrapper], {wrapper}
        while pending:
            for site in pending.pop().sites.values():
                for target, _ in site.edges:
                    self._use(source, target.entity)
                    if _is_wrapper(target) and target not in seen:
                        seen.add(target)
                        pending.append(target)

    def _use(self, source: Entity, target: Entity) -> None:
        if source.module is target.module:
            return
        if self._layer_of(source) in _USERS and self._layer_of(target) in ("service", "repository"):
            if self._is_believed(target):
                self._uses.append((source, target))

    def _is_believed(self, target: Entity) -> bool:
        """Return whether a layer is more than a guess.

        Modules and classes make a repository layer; single functions that query, beside the entities
        or among the database's own code, do not, nor do methods that entities inherit.
        """
        if self._project.layer(target).confidence < Confidence.MEDIUM:
            return False
        holder = target.parent if isinstance(target, Function) else target
        if isinstance(holder, Class) and self._is_part_of_entities(holder):
            return False
        return self._layer_of(target) != "repository" or self._layer_of(holder) == "repository"

    def _is_part_of_entities(self, cls: Class) -> bool:
        below = self._project.inference.hierarchy.descendants(cls)
        return bool(below) and all(self._layer_of(sub) == "entity" for sub in below)

    def _all_running(self) -> set[Entity]:
        """Return everything that runs statements, itself or through what lies below."""
        found = set(self._running)
        pending = list(found)
        while pending:
            for caller in self._callers.get(pending.pop(), ()):
                if caller not in found and self._layer_of(caller) in _CARRIERS:
                    found.add(caller)
                    pending.append(caller)
        return found

    def _layer_of(self, element: Entity) -> str:
        layer = self._layer.get(element)
        if layer is None:
            layer = self._layer[element] = self._project.layer(element).layer
        return layer


def _is_wrapper(frame: Frame) -> bool:
    """Return whether a frame is a function defined in another one, such as a decorator makes."""
    return isinstance(frame.entity, Function) and isinstance(frame.entity.parent, Function)
