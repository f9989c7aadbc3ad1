"""LC503: exceptions of the business that derive from HTTPException."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec

from layercheck.finding import Finding, Severity
from layercheck.graphs.calls import Edge
from layercheck.inference.frames import Frame
from layercheck.location import Span
from layercheck.program.entities import Class, Entity, Function
from layercheck.rules.measures.web import http_raises
from layercheck.rules.measures.words import (
    enumerate_words,
    evidence,
    hops,
    other_lines,
    softened,
    spoken,
    step,
)
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

BELOW_THE_ROUTER = frozenset({"service", "repository", "task"})


class Use(msgspec.Struct, frozen=True):
    """A place of ``function`` that raises or makes an exception; ``edges`` lead there from ``user``."""

    function: Function
    at: Span
    does: str
    title: str
    user: Entity
    edges: tuple[Edge, ...] = ()


class DomainExceptionInheritsHttp(Rule):
    """An exception that services raise derives from `HTTPException`.

    ## What it does
    Reports a class of the project that derives from `HTTPException` and is raised or made in a service,
    a repository or a task, or raised in a helper one of them calls. Where all that is raised of a
    family of classes is raised there, the finding stands at the class all of them derive from. Where
    it is raised is LC202 or LC301.

    ## Why is this bad
    The service reads as if it knew nothing of HTTP, and still ends requests. A task cannot tell a
    business outcome from an error of the web framework, and nobody may answer it in another way.

    ## Example
    ```python
    # app/exceptions.py
    from fastapi import HTTPException


    class OrderNotFound(HTTPException):
        def __init__(self, order_id: int) -> None:
            super().__init__(404, f"no order {order_id}")
    # app/services/orders.py
    from app.exceptions import OrderNotFound

    ORDERS = {1: "open"}


    class OrderService:
        def check(self, order_id: int) -> OrderNotFound | None:
            return None if order_id in ORDERS else OrderNotFound(order_id)
    ```

    ## Use instead
    ```python
    # app/exceptions.py
    class OrderNotFound(Exception):
        def __init__(self, order_id: int) -> None:
            super().__init__(f"no order {order_id}")
            self.order_id = order_id
    # app/services/orders.py
    from app.exceptions import OrderNotFound

    ORDERS = {1: "open"}


    class OrderService:
        def check(self, order_id: int) -> OrderNotFound | None:
            return None if order_id in ORDERS else OrderNotFound(order_id)
    ```

    ## Options
    - `http-exceptions-in`: the layers that may raise `HTTPException`, by default `router`,
      `dependency` and `app`.

    ## Known limits
    A helper counts where a call of it from a service, repository or task could be resolved. What a
    plain exception carries, such as a `status_code`, is its own business.
    """

    code = "LC503"
    name = "domain-exception-inherits-http"
    severity = Severity.WARNING
    fix = "unsafe"

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding per class, or one per family of classes."""
        guilty, innocent = _raised(view)
        families: dict[Class, list[Class]] = {}
        for cls in guilty:
            families.setdefault(_head(view, cls, innocent), []).append(cls)
        for head, members in families.items():
            yield self._finding(view, head, members, guilty)

    def _finding(
        self, view: View, head: Class, members: list[Class], guilty: dict[Class, list[Use]]
    ) -> Finding:
        project = view.project
        uses = [use for cls in members for use in guilty[cls]]
        use = uses[0]
        places = [project.place(one.function, one.at) for one in uses]
        others = [f"`{cls.name}`" for cls in members if cls is not head]
        of_family = f" (as {enumerate_words(others)})" if others else ""
        user = f"{project.layer(use.user).layer} `{spoken(use.user)}`"
        kind = use.does.removesuffix("s")
        last = step(project, use.function, use.at, kind, f"{kind} {use.title}")
        return self.finding(
            project.place(head, head.node.header),
            f"`{head.name}` derives from HTTPException, but {user} {use.does} it{of_family}",
            help="derive it from a domain exception, and register a handler that gives it its status",
            element=head.qualname,
            layer=project.layer(head).layer,
            target="HTTPException",
            severity=softened(project, self.severity, use.user),
            evidence=evidence(project, head, use.user),
            chain=(*hops(project, use.edges), last),
            related=other_lines(places[0], places[1:]),
        )


def _raised(view: View) -> tuple[dict[Class, list[Use]], set[Class]]:
    """Return the classes used below the router, with where, and those raised elsewhere only."""
    allowed = view.config.http_exceptions_in
    layers = BELOW_THE_ROUTER - set(allowed)
    guilty: dict[Class, list[Use]] = {}
    seen: set[Class] = set()

    def is_below(frame: Frame) -> bool:
        return view.project.layer(frame.entity).layer in layers

    for found in view.measure(http_raises):
        cls, function = found.exception, found.function
        if not isinstance(cls, Class) or not view.exceptions.types.is_http(cls):
            continue
        seen.add(cls)
        edges: tuple[Edge, ...] = ()
        if not is_below(found.frame) and view.project.layer(function).layer not in allowed:
            edges = view.exceptions.way_up(found.frame, found.escaping, is_below)
        if edges or is_below(found.frame):
            user = edges[0].source.entity if edges else function
            uses = (Use(function, site.at, "raises", found.title, user, edges) for site in found.sites)
            guilty.setdefault(cls, []).extend(uses)
    for cls, use in _made(view, layers):
        if use.function not in {one.function for one in guilty.get(cls, ())}:
            guilty.setdefault(cls, []).append(use)
    return guilty, seen - guilty.keys()


def _made(view: View, layers: Collection[str]) -> Iterator[tuple[Class, Use]]:
    """Yield the HTTP exceptions that functions of ``layers`` make, to raise them or to hand them on."""
    for function in view.project.program.functions:
        if view.project.layer(function).layer not in layers or _is_of_http(view, function.owner):
            continue
        found: dict[tuple[Class, Span], Use] = {}
        for _, site in view.calls.sites(function, lambda site: bool(site.classes)):
            for cls in site.classes:
                if _is_of_http(view, cls):
                    found.setdefault((cls, site.at), Use(function, site.at, "makes", cls.name, function))
        yield from ((cls, use) for (cls, _), use in found.items())


def _is_of_http(view: View, cls: Class | None) -> bool:
    return cls is not None and view.exceptions.types.is_http(cls)


def _head(view: View, cls: Class, innocent: set[Class]) -> Class:
    """Return the topmost HTTP exception ``cls`` derives from, of which no innocent class derives."""
    types = view.exceptions.types
    head = cls
    for base in types.order(cls):
        if not isinstance(base, Class) or not types.is_http(base):
            continue
        if any(types.is_a(other, base) for other in innocent):
            break
        head = base
    return head
