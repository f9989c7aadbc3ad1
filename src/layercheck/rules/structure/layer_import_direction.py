"""LC601: imports from a layer that must not be used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from layercheck.finding import Finding, Severity, Step
from layercheck.graphs.imports import Import, Kind
from layercheck.inference.values import Instance
from layercheck.location import Span
from layercheck.program.entities import Class, Entity, Function, Module
from layercheck.project.matrix import MAY_USE, UNBOUND, may_use
from layercheck.project.model import Confidence, Project
from layercheck.rules.measures.neutral import is_neutral
from layercheck.rules.measures.words import enumerate_words, evidence, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

LEFT_TO_OTHERS = frozenset({("router", "entity"), ("router", "repository"), ("router", "database")})
"""Judged by LC101 to LC103, which know what is done with the import."""

PART_OF_MODULE = frozenset({("schema", "router"), ("dependency", "database")})
"""Layers of elements that count as the layer of their module, when they are imported."""

FREE_TO_ALL = frozenset({"exception"})


@dataclass(frozen=True, slots=True)
class Edge:
    """One name an element imports although its layer may not."""

    one: Import
    source: Entity
    target: Entity


class LayerImportDirection(Rule):
    """An element imports from a layer its own layer must not use.

    ## What it does
    Compares every import with the table of which layer may use which: a service must not import a
    router, a repository no service, a schema no repository. Re-exports are followed to the
    definition, and an import counts for the elements that use the name. Names used in annotations
    alone do not count, nor do exceptions, enums, constants and pure functions. An object counts for
    its class where both stand in one module, the provider of a session in a module of the database
    for the database. Imports of the database by a router are left to LC101, LC102 and LC103.

    ## Why is this bad
    The inner layer can no longer be understood, tested or replaced without the outer one.

    ## Example
    ```python
    # app/api/users.py
    from fastapi import APIRouter
    from pydantic import BaseModel

    router = APIRouter()


    class UserOut(BaseModel):
        name: str


    @router.get("/users/me")
    def show() -> UserOut:
        return UserOut(name="Ann")
    # app/services/users.py
    from app.api.users import UserOut


    def to_out(name: str) -> UserOut:
        return UserOut(name=name)
    ```

    ## Use instead
    ```python
    # app/schemas.py
    from pydantic import BaseModel


    class UserOut(BaseModel):
        name: str
    # app/services/users.py
    from app.schemas import UserOut


    def to_out(name: str) -> UserOut:
        return UserOut(name=name)
    ```

    ## Options
    - `allow-edges`: pairs of layers allowed besides the table.
    - `rules.LC601.matrix`: a layer and the layers it may use, instead of its row in the table.
    - `rules.LC601.lazy-imports`: `check` (default) or `ignore` imports inside functions.
    - `rules.LC601.type-only`: `ignore` (default) or `check` imports for annotations alone.
    - `rules.LC601.transitive`: also follow imports through modules of no known layer; off by default.

    ## Known limits
    Where the layer at either end rests on weak evidence, nothing is reported.
    """

    code = "LC601"
    name = "layer-import-direction"
    severity = Severity.ERROR

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding per import statement."""
        for module in view.project.program.modules:
            statements: dict[Span, list[Edge]] = {}
            for one in view.imports.of_module[module]:
                for edge in self._forbidden(view, one):
                    statements.setdefault(one.at, []).append(edge)
            for edges in statements.values():
                yield self._finding(view, edges)

    def _forbidden(self, view: View, one: Import) -> Iterator[Edge]:
        if one.kind not in self._kinds(view) or one.target is one.module:
            return
        sources = one.users or (one.module,)
        for source in sources:
            for element, target in self._targets(view, one):
                if not _is_marked(view, source, element) and self._is_forbidden(view, source, target):
                    yield Edge(one, source, target)
                    return

    def _kinds(self, view: View) -> frozenset[Kind]:
        kinds = {Kind.RUNTIME}
        if view.config.option(self.code, "lazy-imports", "check") == "check":
            kinds.add(Kind.LAZY)
        if view.config.option(self.code, "type-only", "ignore") == "check":
            kinds |= {Kind.ANNOTATION, Kind.TYPE_ONLY}
        return frozenset(kinds)

    def _targets(self, view: View, one: Import) -> Iterator[tuple[Entity, Entity]]:
        """Yield what is imported and what counts for it."""
        for element in view.imports.elements(one):
            if isinstance(one.target, Module) and not is_neutral(view, one.target, element, one.name):
                for target in _made_of(view, element, one.name):
                    yield element, self._as_told(view, target)
        if isinstance(one.target, Module) and view.config.option(self.code, "transitive", False):
            for module in self._behind(view, one.target):
                yield module, module

    def _as_told(self, view: View, target: Entity) -> Entity:
        """Return what counts for ``target``: what is part of the module it stands in, or itself.

        A schema defined beside a router is part of the router, a provider of the database of the
        database.
        """
        pair = (view.project.layer(target).layer, view.project.layer(target.module).layer)
        return target.module if pair in PART_OF_MODULE else target

    def _behind(self, view: View, start: Module) -> Iterator[Entity]:
        """Yield the modules reached through modules of no known layer."""
        seen = {start}
        pending = [start]
        while pending:
            module = pending.pop()
            if view.project.layer(module).layer not in UNBOUND:
                yield module
                continue
            for target in view.imports.edges().get(module, ()):
                if target not in seen:
                    seen.add(target)
                    pending.append(target)

    def _is_forbidden(self, view: View, source: Entity, target: Entity) -> bool:
        project, config = view.project, view.config
        own, other = project.layer(source), project.layer(target)
        pair = (own.layer, other.layer)
        if _is_data_base(view, source, target):
            return False
        if min(own.confidence, other.confidence) < Confidence.MEDIUM:
            return False
        if pair in LEFT_TO_OTHERS or other.layer in FREE_TO_ALL:
            return False
        if pair == ("service", "database") and not project.presence.has("repository", source):
            return False
        rows: dict[str, list[str]] = view.config.option(self.code, "matrix", {})
        row = rows.get(own.layer)
        if row is not None and pair not in config.allow_edges:
            return own.layer != other.layer and other.layer not in row and other.layer not in UNBOUND
        return own.layer != "app" and not may_use(own.layer, other.layer, config)

    def _finding(self, view: View, edges: list[Edge]) -> Finding:
        project, first = view.project, edges[0]
        own, other = project.layer(first.source).layer, project.layer(first.target).layer
        names = tuple(dict.fromkeys(edge.one.dotted for edge in edges))
        lazily = " inside a function" if first.one.kind is Kind.LAZY else ""
        listed = enumerate_words(f"`{name}`" for name in names)
        return self.finding(
            project.place(first.one.module, first.one.at),
            f"{own} `{spoken(first.source)}` imports {other} {listed}{lazily}",
            help=_help(own, other, first),
            element=first.source.qualname,
            layer=own,
            target=", ".join(names),
            evidence=evidence(project, first.source, first.target),
            chain=tuple(_hop(project, edge) for edge in edges),
        )


def _hop(project: Project, edge: Edge) -> Step:
    text = f"{edge.one.module.name} -> {edge.one.dotted}"
    return step(project, edge.source, edge.one.at, "import", text)


def _made_of(view: View, element: Entity, name: str) -> list[Entity]:
    """Return the classes of a variable that holds objects of its own module, else ``element`` itself."""
    if not isinstance(element, Module) or not name:
        return [element]
    values = view.project.inference.heap.read(("name", element, name), None)
    classes = [value.cls for value in values if isinstance(value, Instance) and isinstance(value.cls, Class)]
    if not classes or len(classes) < len(values) or any(cls.module is not element for cls in classes):
        return [element]
    return sorted(dict.fromkeys(classes), key=lambda cls: cls.qualname)


def _is_marked(view: View, source: Entity, target: Entity) -> bool:
    """Return whether ``source`` names ``target`` in a ``Depends``, which LC205 judges."""
    if not isinstance(source, Function):
        return False
    return any(one.provider is target for one in view.project.dependencies.get(source, ()))


def _is_data_base(view: View, source: Entity, target: Entity) -> bool:
    """Return whether ``target`` is what the data class ``source`` derives from."""
    if not isinstance(source, Class) or not isinstance(target, Class):
        return False
    layers = {view.project.layer(source).layer, view.project.layer(target).layer}
    return layers == {"entity", "schema"} and target in view.project.inference.hierarchy.order(source)


def _help(own: str, other: str, edge: Edge) -> str:
    allowed = ", ".join(sorted(MAY_USE.get(own, ())))
    name = edge.one.name or edge.target.qualname
    if own in MAY_USE.get(other, ()):
        return f"{other} may use {own}, not the other way: move `{name}` inward or hand in what is needed"
    return f"a {own} may use {allowed}: move `{name}` there, or hand in what is needed"
