"""Imports that go against the layers: who needs the name, what it stands for, whether that is allowed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import msgspec

from layercheck.facts import records as r
from layercheck.facts.nodes import inside, is_for_programs
from layercheck.finding import Step
from layercheck.graphs.imports import Import, Kind
from layercheck.inference.values import FunctionValue, Instance
from layercheck.location import Span, encloses
from layercheck.program.entities import Class, Entity, Function, Module
from layercheck.project.matrix import UNBOUND, Condition, condition, may_use
from layercheck.project.model import Confidence, Project
from layercheck.project.requests import takes_request
from layercheck.project.words import directory_layer
from layercheck.rules.measures.conditions import breaks
from layercheck.rules.measures.neutral import gives_client, is_neutral
from layercheck.rules.measures.words import step
from layercheck.rules.view import View

LEFT_TO_OTHERS = frozenset({("router", "entity"), ("router", "repository"), ("router", "database")})
"""Judged by LC101 to LC103, which know what is done with the import."""

PART_OF_MODULE = frozenset({("schema", "router"), ("dependency", "database")})
"""Layers of elements that count as the layer of their module, when they are imported."""

_FACTORIES = frozenset({("dependency", "service"), ("dependency", "config")})
"""The same for what ``Depends`` runs and the framework hands nothing: anybody may call it."""

_BETWEEN = {("service", "database"): "repository", ("router", "infrastructure"): "service"}
"""Edges that are forbidden only where the layer between the two exists."""

FREE_TO_ALL = frozenset({"exception"})

PURE = frozenset({"exception", "domain"})
"""Layers that no framework and no outer layer may enter; ``domain`` exists where the settings name it."""


class Edge(msgspec.Struct, frozen=True):
    """One name an element imports although its layer may not.

    ``broken`` is what the edge would have been allowed for, None where it never is.
    """

    one: Import
    source: Entity
    target: Entity
    broken: Condition | None = None


class Layering:
    """Finds the imports between elements that the layers forbid.

    ``kinds`` are the kinds of imports that count, ``rows`` layers with what they may use instead of
    the table. With ``transitive``, imports are followed through modules of no known layer.
    """

    def __init__(
        self,
        view: View,
        kinds: Collection[Kind] = (Kind.RUNTIME, Kind.LAZY),
        rows: Mapping[str, Collection[str]] | None = None,
        transitive: bool = False,
    ) -> None:
        self._view = view
        self._kinds = kinds
        self._rows = rows or {}
        self._transitive = transitive
        self._scripts: dict[Module, frozenset[Span]] = {}

    def statements(self, module: Module) -> Iterator[list[Edge]]:
        """Yield the forbidden edges of each import statement of ``module`` that has some."""
        found: dict[Span, list[Edge]] = {}
        for one in self._view.imports.of_module[module]:
            for edge in self._forbidden(one):
                found.setdefault(one.at, []).append(edge)
        yield from found.values()

    def _forbidden(self, one: Import) -> Iterator[Edge]:
        if one.kind not in self._kinds or one.target is one.module or self._is_of_script(one):
            return
        targets = list(self._targets(one))
        for source in _bearers(one) if targets else ():
            for element, target in targets:
                if _is_marked(self._view, source, element):
                    continue
                if self._is_forbidden(source, target):
                    yield Edge(one, source, target)
                    return
                broken = self._broken(one, source, element)
                if broken is not None:
                    yield Edge(one, source, element, broken)
                    return

    def _is_of_script(self, one: Import) -> bool:
        """Return whether an import is made where the module is run as a program."""
        spans = self._scripts.get(one.module)
        if spans is None:
            spans = self._scripts[one.module] = frozenset(
                node.at
                for statement in one.module.facts.body
                if isinstance(statement, r.If) and is_for_programs(statement)
                for node in inside(*statement.body)
                if isinstance(node, (r.Import, r.ImportFrom))
            )
        return one.at in spans

    def _targets(self, one: Import) -> Iterator[tuple[Entity, Entity]]:
        """Yield what is imported and what counts for it."""
        for element, target in meanings(self._view, one):
            yield element, self._as_told(target)
        if isinstance(one.target, Module) and self._transitive:
            for module in self._behind(one.target):
                yield module, module

    def _as_told(self, target: Entity) -> Entity:
        """Return what counts for ``target``: what is part of the module it stands in, or itself.

        A schema defined beside a router is part of the router, a provider of the database of the
        database, a factory among services or settings that nothing is injected into of these.
        """
        layer = self._view.project.layer
        pair = (layer(target).layer, layer(target.module).layer)
        is_factory = pair in _FACTORIES and _injects_nothing(self._view, target)
        return target.module if pair in PART_OF_MODULE or is_factory else target

    def _behind(self, start: Module) -> Iterator[Entity]:
        """Yield the modules reached through modules of no known layer."""
        seen = {start}
        pending = [start]
        while pending:
            module = pending.pop()
            if self._view.project.layer(module).layer not in UNBOUND:
                yield module
                continue
            for target in self._view.imports.edges().get(module, ()):
                if target not in seen:
                    seen.add(target)
                    pending.append(target)

    def _is_forbidden(self, source: Entity, target: Entity) -> bool:
        project, config = self._view.project, self._view.config
        own, other = project.layer(source), project.layer(target)
        pair = (own.layer, other.layer)
        row = None if pair in config.allow_edges else self._rows.get(own.layer)
        if row is None and (own.layer == "app" or may_use(own.layer, other.layer, config)):
            return False
        if pair in LEFT_TO_OTHERS or other.layer in FREE_TO_ALL or not self._is_believed(source, target):
            return False
        if own.layer == "repository" and gives_client(self._view, target):
            return False  # rows may be kept in a store, too
        if pair == ("entity", "service") and _are_in_one_domain(source.module, target.module):
            return False
        if _is_data_base(self._view, source, target) or _is_column_value(self._view, source, target):
            return False
        between = _BETWEEN.get(pair)
        if between is not None and not project.presence.has(between, source):
            return False
        if row is not None:
            return own.layer != other.layer and other.layer not in row and other.layer not in UNBOUND
        is_data = other.layer == "schema" or (
            other.layer == "entity" and other.confidence < Confidence.CERTAIN
        )
        if own.layer == "util" and is_data and _is_beside(source.module, target.module):
            return False
        if own.layer == "util" and self._may_help(source.module, other.layer):
            return False
        return not _is_told_by_interface(self._view, source, target)

    def _may_help(self, helper: Module, other: str) -> bool:
        """Return whether the layer a helper stands among, by its module or directory, may use ``other``."""
        names = (
            self._view.project.layer(helper).layer,
            *(directory_layer(name) for name in reversed(helper.name.split(".")[:-1])),
        )
        around = next((layer for layer in names if layer not in ("", "util", "unknown")), None)
        if around is None:
            return False
        return (around, other) in LEFT_TO_OTHERS or may_use(around, other, self._view.config)

    def _broken(self, one: Import, source: Entity, element: Entity) -> Condition | None:
        """Return what the edge is allowed for and not used for, None where nothing is wrong."""
        layer, config = self._view.project.layer, self._view.config
        bound = condition(layer(source).layer, layer(element).layer, config)
        if bound is None or layer(source).layer in self._rows or not self._is_believed(source, element):
            return None
        return bound if breaks(self._view, bound, one, source, element) else None

    def _is_believed(self, source: Entity, target: Entity) -> bool:
        layer = self._view.project.layer
        return min(layer(source).confidence, layer(target).confidence) >= Confidence.MEDIUM


def meanings(view: View, one: Import) -> Iterator[tuple[Entity, Entity]]:
    """Yield the elements an import is about, each with what it stands for: an object for its class.

    What any layer may share is left out.
    """
    if not isinstance(one.target, Module):
        return
    for element in view.imports.elements(one):
        if not is_neutral(view, one.target, element, one.name):
            for target in _made_of(view, element, one.name):
                yield element, target


def hop(project: Project, edge: Edge) -> Step:
    """Return the step of a chain that an edge is."""
    text = f"{edge.one.module.name} -> {edge.one.dotted}"
    return step(project, edge.source, edge.one.at, "import", text)


def _made_of(view: View, element: Entity, name: str) -> list[Entity]:
    """Return the classes of a variable that holds objects, else ``element`` itself.

    They are of its own module, or known for what they are better than the module is by its place.
    """
    if not isinstance(element, Module) or not name:
        return [element]
    values = view.project.inference.heap.read(("name", element, name), None)
    classes = [value.cls for value in values if isinstance(value, Instance) and isinstance(value.cls, Class)]
    sure, layer = view.project.layer(element).confidence, view.project.layer
    if not classes or len(classes) < len(values):
        return [element]
    if any(cls.module is not element and layer(cls).confidence <= sure for cls in classes):
        return [element]
    return sorted(dict.fromkeys(classes), key=lambda cls: cls.qualname)


def _is_marked(view: View, source: Entity, target: Entity) -> bool:
    """Return whether ``source`` names ``target`` in a ``Depends``, which LC205 judges.

    So do the markers of other libraries in a default: ``service: Service = TaskiqDepends(get_service)``.
    """
    if not isinstance(source, Function):
        return False
    if any(one.provider is target for one in view.project.dependencies.get(source, ())):
        return True
    heap = view.project.inference.heap
    handed = (
        value
        for param in source.params
        if isinstance(param.default, r.Call)
        for arg in param.default.args
        if isinstance(arg, r.Name)
        for value in heap.read(("name", source.module, arg.id), None)
    )
    return any(
        target is (value.function if isinstance(value, FunctionValue) else getattr(value, "cls", None))
        for value in handed
    )


def _bearers(one: Import) -> Iterator[Entity]:
    """Yield the elements that answer for an import: a decorator is what the code around a function does."""
    found: dict[Entity, None] = {}
    for user in one.users or (one.module,):
        node = user.node if isinstance(user, Function) else None
        decorators = node.decorators if isinstance(node, r.Function) else ()
        spans = [made.at for made in decorators if not isinstance(made, (r.Star, r.Slice))]
        uses = [use.at for use in one.uses if use.element is user] if spans else []
        decorates = bool(uses) and all(any(encloses(span, at) for span in spans) for at in uses)
        found[one.module if decorates else user] = None
    yield from found


def _injects_nothing(view: View, target: Entity) -> bool:
    if not isinstance(target, Function) or takes_request(view.project, target):
        return False
    return not view.project.dependencies.get(target)


def _is_told_by_interface(view: View, source: Entity, target: Entity) -> bool:
    """Return whether an interface ``source`` implements names ``target`` in its signatures."""
    cls = source.owner if isinstance(source, Function) else source
    if not isinstance(cls, Class):
        return False
    return any(
        target in view.imports.elements(one)
        for base in view.project.inference.hierarchy.order(cls)
        if isinstance(base, Class) and base.module is not cls.module
        for one in view.imports.of_module[base.module]
        if one.kind in (Kind.ANNOTATION, Kind.TYPE_ONLY)
    )


def _is_beside(one: Module, other: Module) -> bool:
    """Return whether two modules are files of one package below the topmost."""
    package = one.name.rpartition(".")[0]
    return "." in package and package == other.name.rpartition(".")[0]


def _are_in_one_domain(one: Module, other: Module) -> bool:
    """Return whether two modules lie in one folder of the domain, whose services its entities may use."""
    parts = one.name.split(".")[:-1]
    ends = (index for index, part in enumerate(parts, 1) if part == "domain")
    return any(other.name.split(".")[:end] == parts[:end] for end in ends)


def _is_column_value(view: View, source: Entity, target: Entity) -> bool:
    """Return whether ``target`` is a data class among the entities, which a column of theirs may hold."""
    layer = view.project.layer
    layers = (layer(source).layer, layer(target).layer, layer(target.module).layer)
    return layers == ("entity", "schema", "entity")


def _is_data_base(view: View, source: Entity, target: Entity) -> bool:
    """Return whether ``target`` is what the data class ``source`` derives from."""
    if not isinstance(source, Class) or not isinstance(target, Class):
        return False
    layers = {view.project.layer(source).layer, view.project.layer(target).layer}
    return layers == {"entity", "schema"} and target in view.project.inference.hierarchy.order(source)
