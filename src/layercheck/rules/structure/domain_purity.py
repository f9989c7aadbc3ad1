"""LC603: exceptions and domain code that know a framework or an outer layer."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.finding import Finding, Severity
from layercheck.graphs.imports import Import, Kind
from layercheck.location import Span
from layercheck.program.entities import Class, Entity, Function, Module
from layercheck.project.identity import is_entity_base
from layercheck.rules.measures.layering import PURE, Edge, Layering, hop
from layercheck.rules.measures.web import HTTP_EXCEPTION, STATUS
from layercheck.rules.measures.words import enumerate_words, evidence, softened, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

_RUNS = (Kind.RUNTIME, Kind.LAZY)


_OUTSIDE = frozenset({"app", "router", "dependency", "task", "repository", "database", "infrastructure"})
"""Layers of modules whose own exceptions are no part of the domain."""


class DomainPurity(Rule):
    """Exceptions or domain code import a framework or an outer layer.

    ## What it does
    Looks at the exceptions of the project, and at the code of a layer called `domain` where the
    settings have one, and reports imports of frameworks (web, database, queues, HTTP clients) and of
    layers they may not use. Names used in annotations alone do not count, nor do classes mapped to
    tables, exceptions that derive from one of the web framework, as `HTTPException`, and exceptions that
    are defined where frameworks are used, in a client, a dependency or a router.

    ## Why is this bad
    The innermost code is what everything else depends on. When it knows HTTP or SQL, no layer is
    free of them.

    ## Example
    ```python
    # app/exceptions.py
    from fastapi import status


    class NotFound(Exception):
        code = status.HTTP_404_NOT_FOUND
    ```

    ## Use instead
    ```python
    # app/exceptions.py
    class NotFound(Exception):
        "What was asked for does not exist."
    ```

    ## Options
    - `layers.domain`: the modules of the domain, and what it may use:
      `domain = { modules = ["app/domain/**"], may-use = ["exception", "util"] }`.
    - `types.framework-packages`: packages that count as frameworks, besides the known ones.
    - `rules.LC603.pydantic-in-domain`: whether Pydantic is allowed; on by default.

    ## Known limits
    A folder called `domain` is judged only where the settings name it, because it may hold anything.
    """

    code = "LC603"
    name = "domain-purity"
    severity = Severity.ERROR

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding per import statement."""
        layering = Layering(view)
        packages = set(view.config.types.framework_packages)
        if not view.config.option(self.code, "pydantic-in-domain", True):
            packages.add("pydantic")
        pure = {one.module for one, assigned in view.project.layers.items() if assigned.layer in PURE}
        for module in view.project.program.modules:
            if module not in pure:
                continue
            statements: dict[Span, list[tuple[Import, Entity]]] = {}
            for one in view.imports.outside(module, frozenset(packages)):
                source = _impure(view, one) if one.kind in _RUNS else None
                if source is not None:
                    statements.setdefault(one.at, []).append((one, source))
            for found in statements.values():
                yield self._framework(view, found)
            for edges in layering.statements(module):
                judged = [edge for edge in edges if view.project.layer(edge.source).layer in PURE]
                if judged:
                    yield self._layer(view, judged)

    def idle(self, view: View) -> str:
        """Return that there is neither an exception nor a domain, where there is neither."""
        layers = {assignment.layer for assignment in view.project.layers.values()}
        return "" if layers & PURE else "no domain or exception layer found"

    def _framework(self, view: View, found: list[tuple[Import, Entity]]) -> Finding:
        project, (first, source) = view.project, found[0]
        names = tuple(dict.fromkeys(name for one, _ in found for name in one.reached))
        listed = enumerate_words(f"`{name}`" for name in names)
        return self.finding(
            project.place(first.module, first.at),
            f"{project.layer(source).layer} `{spoken(source)}` imports {listed}{_lazily(first)}",
            help="keep plain values here, and translate them where the framework is used",
            element=source.qualname,
            layer=project.layer(source).layer,
            target=", ".join(names),
            severity=softened(project, self.severity, source),
            evidence=evidence(project, source),
            chain=tuple(
                step(project, source, first.at, "import", f"{first.module.name} -> {name}") for name in names
            ),
        )

    def _layer(self, view: View, edges: list[Edge]) -> Finding:
        project, first = view.project, edges[0]
        own, other = project.layer(first.source).layer, project.layer(first.target).layer
        names = tuple(dict.fromkeys(edge.one.dotted for edge in edges))
        listed = enumerate_words(f"`{name}`" for name in names)
        return self.finding(
            project.place(first.one.module, first.one.at),
            f"{own} `{spoken(first.source)}` imports {other} {listed}{_lazily(first.one)}",
            help=f"hand in what is needed, or let {other} translate it",
            element=first.source.qualname,
            layer=own,
            target=", ".join(names),
            evidence=evidence(project, first.source, first.target),
            chain=tuple(hop(project, edge) for edge in edges),
        )


def _lazily(one: Import) -> str:
    return " inside a function" if one.kind is Kind.LAZY else ""


def _impure(view: View, one: Import) -> Entity | None:
    """Return the first element of a pure layer that uses a framework's name, None without one."""
    for source in one.users or (one.module,):
        layer = view.project.layer(source).layer
        if layer not in PURE or _is_framework_class(view, source):
            continue
        if layer == "exception" and (_lies_outside(view, source, one) or _belongs_to_http(view, one)):
            continue
        return source
    return None


def _lies_outside(view: View, source: Entity, one: Import) -> bool:
    """Return whether an exception is defined where the frameworks are used: in a client, a dependency.

    That is also where functions and classes beside it use what is imported.
    """
    layer = view.project.layer
    if layer(source.module).layer in _OUTSIDE:
        return True
    if layer(source.module).layer in PURE:
        return False
    package = next(iter(one.reached), "").partition(".")[0]
    beside = view.imports.outside(source.module, frozenset({package}))
    users = {user for other in beside if other.kind in _RUNS for user in other.users}
    return any(not isinstance(user, Module) and layer(user).layer not in PURE for user in users)


def _is_framework_class(view: View, source: Entity) -> bool:
    """Return whether ``source`` is part of a class mapped to a table or of an exception of the web.

    What stands in the body of a module with mapped classes, such as a table between two of them, is
    part of the mapping.
    """
    if isinstance(source, Module):
        return any(_is_mapped(view, cls) for cls in source.classes)
    cls = source.owner if isinstance(source, Function) else source
    return cls is not None and (_is_mapped(view, cls) or _is_of_web(view, cls))


def _is_mapped(view: View, cls: Class) -> bool:
    outside = view.project.inference.hierarchy.outside(cls)
    return any(map(is_entity_base, outside)) or "__tablename__" in cls.bound


def _is_of_web(view: View, cls: Class) -> bool:
    outside = view.project.inference.hierarchy.outside(cls)
    return any(name.partition(".")[0] in view.config.types.web for name in outside)


def _belongs_to_http(view: View, one: Import) -> bool:
    """Return whether an exception module imports what its HTTP exceptions are made of."""
    names = [name.split(".") for name in one.reached]
    if all(parts[-1] == HTTP_EXCEPTION for parts in names):
        return True
    beside = view.imports.outside(one.module, frozenset(view.config.types.web))
    has_http = any(name.endswith(f".{HTTP_EXCEPTION}") for other in beside for name in other.reached)
    return has_http and all(STATUS in parts[1:] for parts in names)
