"""LC502: error mappings for exceptions that nothing raises."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, cached_property

from layercheck.facts import records as r
from layercheck.facts.nodes import inside, written_name
from layercheck.finding import Finding, Severity
from layercheck.graphs.exception_types import ExceptionType, types_of
from layercheck.graphs.middleware import is_middleware, next_step, passes_on, route_class
from layercheck.inference.frames import CallSite, Frame, Guard
from layercheck.inference.values import ClassValue, Values
from layercheck.program.entities import Class, Entity, Function
from layercheck.project.model import ErrorMapping
from layercheck.rules.measures.clauses import Clause, clauses, speaker
from layercheck.rules.measures.handlers import wrapped
from layercheck.rules.measures.mentions import Mentions
from layercheck.rules.measures.words import evidence, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

MAPPING_LAYERS = ("router", "dependency")
HARMLESS = ("exception_handler", "builtins.isinstance", "builtins.issubclass", "contextlib.suppress")
DYNAMIC = frozenset({
    "builtins.getattr", "builtins.globals", "builtins.vars", "builtins.eval", "builtins.exec",
    "builtins.__import__", "importlib.import_module", "importlib.metadata.entry_points",
})  # fmt: skip


class DeadExceptionMapping(Rule):
    """A mapping for an exception of the project that nothing raises.

    ## What it does
    Reports an `except` clause of a router or a dependency for an exception of the project that
    nothing inside its `try` raises, and an exception handler registered for one that nothing a
    request reaches raises. Where the exception is raised somewhere and a call on the way could not be
    resolved, nothing is reported. A base class of which a subclass is raised somewhere is left alone.

    ## Why is this bad
    It is a leftover: the reader believes in an outcome that cannot happen, and does not see that the
    mapping has moved, or that the exception is now another one.

    ## Example
    ```python
    # app/exceptions.py
    class QuotaExceeded(Exception):
        pass
    # app/services/users.py
    class UserService:
        def rename(self, name: str) -> str:
            return name.strip()
    # app/api/users.py
    from typing import Annotated

    from fastapi import APIRouter, Depends, HTTPException

    from app.exceptions import QuotaExceeded
    from app.services.users import UserService

    router = APIRouter()


    @router.put("/me")
    def rename(name: str, service: Annotated[UserService, Depends()]) -> str:
        try:
            return service.rename(name)
        except QuotaExceeded as error:
            raise HTTPException(429, "too many changes") from error
    ```

    ## Use instead
    ```python
    # app/services/users.py
    class UserService:
        def rename(self, name: str) -> str:
            return name.strip()
    # app/api/users.py
    from typing import Annotated

    from fastapi import APIRouter, Depends

    from app.services.users import UserService

    router = APIRouter()


    @router.put("/me")
    def rename(name: str, service: Annotated[UserService, Depends()]) -> str:
        return service.rename(name)
    ```

    ## Options
    - `rules.LC502.is-library`: whether code outside the project may raise its exceptions; off by
      default. Nothing is reported then.

    ## Known limits
    A `try` around a `yield`, around the next step of a middleware, or in a decorator catches what it
    cannot see. It is judged only where nothing in the whole project raises the exception.
    """

    code = "LC502"
    name = "dead-exception-mapping"
    severity = Severity.WARNING
    fix = "unsafe"

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding per clause and class, and one per registration and class."""
        if view.config.option(self.code, "is-library", False):
            return
        search = _Search(view)
        for clause in clauses(view, MAPPING_LAYERS):
            for kind in () if clause.reraises else clause.kinds:
                if isinstance(kind, Class) and search.is_dead_clause(clause, kind):
                    yield self._of_clause(view, clause, kind)
        for mapping in view.project.mappings:
            if isinstance(mapping.exception, Class) and search.is_dead_registration(mapping.exception):
                yield self._of_registration(view, mapping, mapping.exception)

    def _of_clause(self, view: View, clause: Clause, kind: Class) -> Finding:
        project, function, at = view.project, clause.function, clause.node.header
        return self.finding(
            project.place(function, at),
            f"{speaker(view, function)} catches `{kind.name}`, but nothing in its `try` raises it",
            help=f"remove `{kind.name}` from the clause, or raise it where it is meant",
            element=function.qualname,
            layer=project.layer(function).layer,
            target=kind.qualname,
            evidence=evidence(project, function),
            chain=(step(project, function, at, "except", f"{spoken(function)} catches {kind.name}"),),
        )

    def _of_registration(self, view: View, mapping: ErrorMapping, kind: Class) -> Finding:
        project = view.project
        handler = f"`{spoken(mapping.handler)}`" if mapping.handler is not None else "an exception handler"
        return self.finding(
            project.place(mapping.module, mapping.at),
            f"{handler} is registered for `{kind.name}`, but nothing a request reaches raises it",
            help=f"remove the registration, or raise `{kind.name}` where it is meant",
            element=(mapping.handler or mapping.module).qualname,
            layer=project.layer(mapping.module).layer,
            target=kind.qualname,
            evidence=evidence(project, mapping.module),
            chain=(step(project, mapping.module, mapping.at, "register", f"handler for {kind.name}"),),
        )


class _Search:
    """Looks for what raises an exception of the project."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._flow = view.exceptions
        self._types = view.exceptions.types
        self._raised: dict[ExceptionType, list[Frame]] = {}
        for frame in view.project.inference.frames:
            for site in frame.raises.values():
                for raised in types_of(site.values) if site.reraises is None else ():
                    self._raised.setdefault(raised, []).append(frame)

    def is_dead_clause(self, clause: Clause, kind: Class) -> bool:
        """Return whether nothing ``clause`` guards raises ``kind``."""
        if any(self._arrives(frame, kind) for frame, _ in clause.runs) or _is_for_checkers(kind):
            return False
        if self._is_raised_nowhere(kind):
            return True
        if self._has_raised_subclass(kind) or self._is_handed_out(kind) or _lets_anything_in(clause):
            return False
        starts = [(frame, known.guard) for frame, known in clause.runs]
        sites = [site for frame, guard in starts for site in _sites_inside(frame, guard)]
        reached = self._reached(edge for site in sites for edge, _ in site.edges)
        if any(self._makes(site, kind) for site in (*sites, *_sites(reached))):
            return False
        return _are_known(sites) and self._is_known(reached)

    def is_dead_registration(self, kind: Class) -> bool:
        """Return whether no request leads to a raise of ``kind``."""
        if self._is_raised_nowhere(kind):
            return True
        raising = [
            frame.entity
            for raised, frames in self._raised.items()
            if self._types.is_a(raised, kind)
            for frame in frames
        ]
        if not raising or self._is_handed_out(kind) or not self._served.isdisjoint(raising):
            return False
        if any(self._makes(site, kind) for site in _sites(self._requests)):
            return False
        return self._is_known(self._requests)

    def _arrives(self, frame: Frame, kind: Class) -> bool:
        """Return whether ``kind`` is raised anywhere in ``frame``, in a ``try`` or out of it.

        What a call outside the ``try`` makes may raise only when it is awaited or iterated inside.
        """
        below = (self._flow.escapes(target) for site in frame.sites.values() for target, _ in site.edges)
        own = (self._flow.raised(frame, site) for site in frame.raises.values())
        return any(self._types.is_a(raised, kind) for found in (*below, *own) for raised in found)

    # Nowhere ------------------------------------------------------------------------------------

    @cached_property
    def _mentions(self) -> Mentions:
        return self._view.measure(Mentions)

    def _is_raised_nowhere(self, kind: Class) -> bool:
        """Return whether no code raises ``kind`` or a subclass, or does anything that could lead to it."""
        if self._view.unread or any(self._types.is_a(raised, kind) for raised in self._raised):
            return False
        return all(
            mention.in_passing for cls in self._family(kind) for mention in self._mentions.of(cls.name)
        )

    def _has_raised_subclass(self, kind: Class) -> bool:
        return any(raised is not kind and self._types.is_a(raised, kind) for raised in self._raised)

    def _is_handed_out(self, kind: Class) -> bool:
        """Return whether outside code is handed ``kind`` or a subclass, so that it may raise it."""
        return any(self._types.is_a(cls, kind) for cls in self._handed)

    @cached_property
    def _handed(self) -> frozenset[Class]:
        classes = cache(_classes)
        found: set[Class] = set()
        for site in _sites(self._view.project.inference.frames):
            given = {cls for values in site.args for cls in classes(values)}
            given.update(cls for _, values in site.keywords for cls in classes(values))
            if given and not any(name.endswith(HARMLESS) for name in site.externals):
                found |= given
        return frozenset(found)

    def _family(self, kind: Class) -> list[Class]:
        return [cls for cls in self._view.project.program.classes if self._types.is_a(cls, kind)]

    # What is reached ----------------------------------------------------------------------------

    @cached_property
    def _requests(self) -> list[Frame]:
        """The frames that requests lead to."""
        project = self._view.project
        starts = [route.entry for route in project.routes]
        dependencies = (one.frame for route in project.routes for one in route.dependencies)
        starts += [frame for frame in dependencies if frame is not None]
        starts += [
            frame
            for frame in project.inference.frames
            if frame.runs and isinstance(frame.entity, Function) and is_middleware(frame.entity)
        ]
        return self._reached(starts)

    @cached_property
    def _served(self) -> frozenset[Entity]:
        return frozenset(frame.entity for frame in self._requests)

    def _reached(self, starts: Iterable[Frame]) -> list[Frame]:
        found: dict[Frame, None] = {}
        pending = list(starts)
        while pending:
            frame = pending.pop()
            if frame not in found:
                found[frame] = None
                pending += [target for site in frame.sites.values() if site.edges for target, _ in site.edges]
        return list(found)

    def _makes(self, site: CallSite, kind: Class) -> bool:
        return any(self._types.is_a(cls, kind) for cls in site.classes)

    def _is_known(self, frames: list[Frame]) -> bool:
        """Return whether it is known what all calls of ``frames`` run and what they raise."""
        return _are_known(_sites(frames)) and all(
            site.reraises is not None or types_of(site.values)
            for frame in frames
            for site in frame.raises.values()
        )


def _classes(values: Values) -> list[Class]:
    return [value.cls for value in values if isinstance(value, ClassValue)]


def _sites(frames: Iterable[Frame]) -> Iterator[CallSite]:
    for frame in frames:
        yield from frame.sites.values()


def _sites_inside(frame: Frame, guard: Guard) -> Iterator[CallSite]:
    for site in frame.sites.values():
        index = site.guard
        while index > guard.index:
            index = frame.guards[index].outer
        if index == guard.index:
            yield site


def _are_known(sites: Iterable[CallSite]) -> bool:
    """Return whether all calls run something known; what lies outside raises nothing of the project.

    What is looked up by a name may lead to code that no call shows.
    """
    return all(
        (site.edges or site.externals or site.classes or not site.reason)
        and DYNAMIC.isdisjoint(site.externals)
        for site in sites
    )


def _lets_anything_in(clause: Clause) -> bool:
    """Return whether a ``try`` runs any code: at a ``yield``, as the next step, what a decorator wraps."""
    function = clause.function
    step = next_step(function, is_dispatch=False)
    for node in inside(*clause.statement.body):
        if isinstance(node, r.Yield) or (isinstance(node, r.Call) and passes_on(function, node, step)):
            return True
    if route_class(function) is not None:
        return True
    return any(wrapped(frame) for frame, _ in clause.runs)


def _is_for_checkers(kind: Class) -> bool:
    """Return whether ``kind`` is defined for type checkers alone: what runs is another class of the name."""
    return any(
        written_name(block.test) == "TYPE_CHECKING"
        and any(node is kind.node for node in inside(*block.body))
        for block in kind.module.nodes_of(r.If)
    )
