"""LC604: features that reach into each other."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator

import msgspec

from layercheck.finding import Finding, Step
from layercheck.graphs.imports import Import, Kind
from layercheck.location import Span
from layercheck.program.entities import Entity, Function, Module
from layercheck.project.matrix import UNBOUND
from layercheck.project.model import Confidence
from layercheck.rules.measures.handlers import runs_now
from layercheck.rules.measures.layering import meanings
from layercheck.rules.measures.neutral import is_neutral
from layercheck.rules.measures.words import enumerate_words, evidence, hops, softened, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View
from layercheck.sources.paths import is_below

PUBLIC_LAYERS = ("service", "schema", "exception")
_KINDS = frozenset({Kind.RUNTIME, Kind.LAZY, Kind.ANNOTATION})
_NOT_CALLED_INTO = frozenset({"entity", "util", "config", "app", "dependency", *UNBOUND})
"""Layers whose functions are called without knowing whose they are: objects travel, helpers are handed on."""


class Reach(msgspec.Struct, frozen=True):
    """What one feature uses of another."""

    one: Import
    source: Entity
    target: Entity
    private: bool


class FeatureIsolation(Rule):
    """A feature uses the inside of another one.

    ## What it does
    Looks at imports and calls between the directories of two features, and reports those that reach
    past the layers a feature shows to others: its services, schemas and exceptions. Names and modules
    that begin with an underscore are never shown. The application may use everything, and entities
    may know each other.

    ## Why is this bad
    Features that know each other's tables and repositories cannot be changed, or taken apart, alone.

    ## Example
    ```python
    # app/users/router.py
    from fastapi import APIRouter

    router = APIRouter()
    # app/users/repository.py
    class UserRepository:
        def exists(self, user_id: int) -> bool:
            return user_id > 0
    # app/orders/router.py
    from fastapi import APIRouter

    router = APIRouter()
    # app/orders/service.py
    from app.users.repository import UserRepository


    class OrderService:
        def __init__(self, users: UserRepository) -> None:
            self.users = users
    ```

    ## Use instead
    ```python
    # app/users/router.py
    from fastapi import APIRouter

    router = APIRouter()
    # app/users/service.py
    class UserService:
        def exists(self, user_id: int) -> bool:
            return user_id > 0
    # app/orders/router.py
    from fastapi import APIRouter

    router = APIRouter()
    # app/orders/service.py
    from app.users.service import UserService


    class OrderService:
        def __init__(self, users: UserService) -> None:
            self.users = users
    ```

    ## Options
    - `features`: where the features are, as `app/{feature}/**`; found for feature-first layouts.
    - `rules.LC604.public-layers`: layers a feature shows, `service`, `schema` and `exception`.
    - `rules.LC604.shared-features`: names of features that all others may use.
    - `rules.LC604.entity-relations`: whether entities may import each other; on by default.

    ## Known limits
    Code of no known layer, or of one that is only guessed, is open to all, and so are enums, constants
    and pure functions. Imports for type checkers alone do not count.
    """

    code = "LC604"
    name = "feature-isolation"
    severity = None

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding per import statement, and one per function and feature called without one."""
        homes = view.project.presence.homes
        for module in homes:
            statements: dict[Span, list[Reach]] = {}
            known: set[Module] = set()
            for one in view.imports.of_module[module]:
                for reach in self._reaches(view, one):
                    statements.setdefault(one.at, []).append(reach)
                    known.add(reach.target.module)
            for reaches in statements.values():
                yield self._imported(view, reaches)
            for function in module.functions:
                yield from self._called(view, function, known)

    def idle(self, view: View) -> str:
        """Return that there are no features, where the layout has none."""
        return "" if len(set(view.project.presence.homes.values())) > 1 else "no feature-first layout found"

    def _reaches(self, view: View, one: Import) -> Iterator[Reach]:
        if one.kind not in _KINDS or not isinstance(one.target, Module):
            return
        if not self._are_apart(view, one.module, one.target):
            return
        for element, target in meanings(view, one):
            private = _is_private(view, one, element)
            for source in one.users or (one.module,):
                if self._is_hidden(view, source, target, private):
                    yield Reach(one, source, target, private)
                    break

    def _are_apart(self, view: View, one: Module, other: Module) -> bool:
        """Return whether two modules are of different features, none inside the other or shared."""
        homes = view.project.presence.homes
        mine, its = homes.get(one), homes.get(other)
        if mine is None or its is None or is_below(mine, its) or is_below(its, mine):
            return False
        shared: Collection[str] = view.config.option(self.code, "shared-features", ())
        return _name(view, its) not in shared and its.rpartition("/")[2] not in shared

    def _is_hidden(self, view: View, source: Entity, target: Entity, private: bool) -> bool:
        own, other = view.project.layer(source).layer, view.project.layer(target).layer
        if own == "app" or _handles_exceptions(view, source):
            return False
        if private:
            return True
        public: Collection[str] = view.config.option(self.code, "public-layers", PUBLIC_LAYERS)
        believed = min(view.project.layer(one).confidence for one in (source, target))
        if other in public or other in UNBOUND or believed is Confidence.WEAK:
            return False
        relations = view.config.option(self.code, "entity-relations", True)
        return not (own == other == "entity" and relations)

    def _called(self, view: View, function: Function, known: set[Module]) -> Iterator[Finding]:
        told: set[str] = set()
        for frame in view.calls.frames(function):
            for edge in view.calls.edges(frame):
                target = edge.target.entity
                if target.module in known or not runs_now(edge) or not isinstance(target, Function):
                    continue
                if view.project.layer(target).layer in _NOT_CALLED_INTO:
                    continue
                if not self._are_apart(view, function.module, target.module):
                    continue
                if target.owner is None and is_neutral(view, target.module, target, target.name):
                    continue
                home = view.project.presence.homes[target.module]
                if home not in told and self._is_hidden(view, function, target, False):
                    told.add(home)
                    chain = hops(view.project, (edge,))
                    yield self._report(view, edge.site.at, function, target, f"`{spoken(target)}`", chain)

    def _imported(self, view: View, reaches: list[Reach]) -> Finding:
        project, first = view.project, reaches[0]
        names = tuple(dict.fromkeys(reach.one.dotted for reach in reaches))
        listed = enumerate_words(f"`{name}`" for name in names)
        chain = tuple(
            step(project, one.source, one.one.at, "import", f"{one.one.module.name} -> {one.one.dotted}")
            for one in reaches
        )
        private = "private " if first.private else ""
        return self._report(view, first.one.at, first.source, first.target, listed, chain, private, names)

    def _report(
        self,
        view: View,
        at: Span,
        source: Entity,
        target: Entity,
        listed: str,
        chain: tuple[Step, ...],
        private: str = "",
        names: tuple[str, ...] = (),
    ) -> Finding:
        project = view.project
        homes = project.presence.homes
        mine, its = _name(view, homes[source.module]), _name(view, homes[target.module])
        public = view.config.option(self.code, "public-layers", PUBLIC_LAYERS)
        other = project.layer(target).layer
        verb = "imports" if names else "calls"
        return self.finding(
            project.place(source, at),
            f"feature `{mine}`: {project.layer(source).layer} `{spoken(source)}`"
            f" {verb} {private}{other} {listed} of feature `{its}`",
            help=f"use what `{its}` shows to others: {enumerate_words(public) if public else 'nothing'}",
            element=source.qualname,
            layer=project.layer(source).layer,
            target=", ".join(names) or target.qualname,
            severity=softened(project, self.own_severity(), source, target),
            evidence=evidence(project, source, target),
            chain=chain,
        )


def _name(view: View, home: str) -> str:
    """Return the directory of a feature as seen from where all features are."""
    top = posixpath.commonpath([posixpath.dirname(one) for one in view.project.presence.homes.values()])
    return posixpath.relpath(home, top or ".")


def _is_private(view: View, one: Import, element: Entity) -> bool:
    """Return whether the module inside its feature, or the name in it, begins with an underscore."""
    home = view.project.presence.homes[element.module]
    inside = element.module.path.removeprefix(f"{home}/").removesuffix(".py").split("/")
    name = one.name or ("" if isinstance(element, Module) else element.name)
    return any(part.startswith("_") and not part.startswith("__") for part in (*inside, name))


def _handles_exceptions(view: View, source: Entity) -> bool:
    return any(mapping.handler is source for mapping in view.project.mappings)
