"""LC601: imports from a layer that must not be used."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from layercheck.finding import Finding, Severity
from layercheck.graphs.imports import Kind
from layercheck.project.matrix import MAY_USE, Condition
from layercheck.project.overrides import is_stated
from layercheck.rules.measures.layering import PURE, Edge, Layering, hop
from layercheck.rules.measures.words import enumerate_words, evidence, spoken
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

_OUTWARD = {
    "service": frozenset({"router"}),
    "repository": frozenset({"router", "service"}),
    "entity": frozenset({"router", "service", "repository"}),
    "schema": frozenset({"router", "service", "repository"}),
}
"""Imports from the inside out, which nobody defends; the names of other layers mean many things."""

_CONDITIONAL_HELP = {
    Condition.ENQUEUE: "enqueue `{name}`, or move what it does to a service that the task calls",
    Condition.BASE: "leave `{name}` to repositories, or hand the entity what it needs",
}


class LayerImportDirection(Rule):
    """An element imports from a layer its own layer must not use.

    ## What it does
    Compares every import with the table of which layer may use which: a service must not import a
    router, a repository no service, a schema no repository. Re-exports are followed to the
    definition, and an import counts for the elements that use the name. Names used in annotations
    alone do not count, nor do exceptions, enums, constants and pure functions. An object counts for
    its class where both stand in one module, the provider of a session in a module of the database
    for the database, a factory among services or settings for these. A helper may use what the layer whose
    directory it lies in may use, and the data classes beside it, and a class what an interface it
    implements names in its signatures. What decorates a function is used by the code around it.
    Imports of the database by a router are left to LC101, LC102 and LC103. A router may use the
    infrastructure, and a service the database, where no layer lies between them.

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
    - `rules.LC601.type-only`: `ignore` (default) or `check` imports for annotations alone; `at-runtime`
      leaves out those that only type checkers make, under `TYPE_CHECKING`.
    - `rules.LC601.transitive`: also follow imports through modules of no known layer; off by default.

    ## Known limits
    Where the layer at either end rests on weak evidence, nothing is reported. Errors are imports from the
    inside out: services that import routers, repositories services or routers, entities and schemas any of
    the three. All others are warnings, unless settings or comments state the layer at one end or the row of
    the table: what is called database, dependency, task or helper means something else in many code bases.
    """

    code = "LC601"
    name = "layer-import-direction"
    severity = Severity.ERROR
    fix = "unsafe"

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding per import statement."""
        option = view.config.option
        kinds = {Kind.RUNTIME}
        if option(self.code, "lazy-imports", "check") == "check":
            kinds.add(Kind.LAZY)
        type_only = option(self.code, "type-only", "ignore")
        if type_only != "ignore":
            kinds.add(Kind.ANNOTATION)
        if type_only == "check":
            kinds.add(Kind.TYPE_ONLY)
        rows: dict[str, list[str]] = option(self.code, "matrix", {})
        layering = Layering(view, kinds, rows, option(self.code, "transitive", False))
        for module in view.project.program.modules:
            for edges in layering.statements(module):
                judged = [edge for edge in edges if view.project.layer(edge.source).layer not in PURE]
                if judged:
                    yield self._finding(view, judged)

    def _finding(self, view: View, edges: list[Edge]) -> Finding:
        project, first = view.project, edges[0]
        own, other = project.layer(first.source).layer, project.layer(first.target).layer
        names = tuple(dict.fromkeys(edge.one.dotted for edge in edges))
        lazily = " inside a function" if first.one.kind is Kind.LAZY else ""
        listed = enumerate_words(f"`{name}`" for name in names)
        condition = f", allowed {first.broken.value}" if first.broken else ""
        return self.finding(
            project.place(first.one.module, first.one.at),
            f"{own} `{spoken(first.source)}` imports {other} {listed}{lazily}{condition}",
            help=_help(view, own, other, first),
            element=first.source.qualname,
            layer=own,
            target=", ".join(names),
            severity=self.severity if any(_is_sure(view, edge) for edge in edges) else Severity.WARNING,
            evidence=evidence(project, first.source, first.target),
            chain=tuple(hop(project, edge) for edge in edges),
        )


def _is_sure(view: View, edge: Edge) -> bool:
    """Return whether the edge leads from the inside out, or people said what lies at one end."""
    own, other = view.project.layer(edge.source), view.project.layer(edge.target)
    rows: dict[str, list[str]] = view.config.option("LC601", "matrix", {})
    if own.layer in rows or is_stated(own) or is_stated(other):
        return True
    return other.layer in _OUTWARD.get(own.layer, ())


def _help(view: View, own: str, other: str, edge: Edge) -> str:
    name = edge.one.name or edge.target.qualname
    if edge.broken is not None:
        return _CONDITIONAL_HELP[edge.broken].format(name=name)
    listed = _used_by(view, own)
    if own in _used_by(view, other):
        return f"{other} may use {own}, not the other way: move `{name}` inward or hand in what is needed"
    if not listed:
        return f"a {own} may use no other layer: move `{name}` into it, or hand in what is needed"
    return f"a {own} may use {', '.join(sorted(listed))}: move `{name}` there, or hand in what is needed"


def _used_by(view: View, layer: str) -> Collection[str]:
    """Return the layers that ``layer`` may use by the settings or the table."""
    config = view.config
    rows: dict[str, list[str]] = config.option("LC601", "matrix", {})
    own = config.own_layers.get(layer)
    listed: Collection[str] = own.may_use if own is not None else MAY_USE.get(layer, ())
    return {*rows.get(layer, listed), *(target for source, target in config.allow_edges if source == layer)}
