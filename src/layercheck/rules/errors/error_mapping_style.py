"""LC505: exceptions that become responses in another place than the project has chosen."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.config.schema import Config
from layercheck.facts import records as r
from layercheck.facts.nodes import inside
from layercheck.finding import Finding, Severity, Step
from layercheck.graphs.exception_types import ExceptionType, dotted, types_of
from layercheck.graphs.outcomes import RouteOutcomes
from layercheck.graphs.statuses import StatusCodes
from layercheck.inference.frames import Frame
from layercheck.location import Span
from layercheck.program.entities import Class, Function
from layercheck.rules.measures.answers import specific_answers
from layercheck.rules.measures.clauses import Clause, bare, clauses, speaker
from layercheck.rules.measures.handlers import Handler, group, handlers
from layercheck.rules.measures.words import enumerate_words, evidence, hops, other_lines, softened, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

WEBSOCKET = "WEBSOCKET"
ABOUT_THE_REQUEST = frozenset({400, 405, 406, 408, 411, 413, 414, 415, 416, 417, 422, 426, 428, 431})
"""Statuses of guards on the request itself; what the business decides has others."""


class ErrorMappingStyle(Rule):
    """An exception becomes a response in another place than the project has chosen.

    ## What it does
    Keeps the style the setting `error-mapping` names. With `handlers`, a route handler neither
    catches an exception of the project to answer it, nor raises an `HTTPException` for an outcome of
    the business: domain exceptions go up to the registered exception handlers. With `router`, a route
    handler catches every exception of the project itself, and none is left to a registered handler.

    Off, and on as soon as `error-mapping` names a style. Selected by its code without one, it reports
    what is mapped twice: exceptions that a route handler answers although a handler is registered.

    ## Why is this bad
    Where the same exception is mapped in two places, the mappings diverge: another text, another
    status, a detail that leaks in one of them.

    ## Example
    ```python
    # app/errors.py
    from fastapi import FastAPI, Request
    from fastapi.responses import JSONResponse


    class OrderNotFound(Exception):
        pass


    def on_order_not_found(request: Request, error: OrderNotFound) -> JSONResponse:
        return JSONResponse({"detail": "no such order"}, status_code=404)


    def register(app: FastAPI) -> None:
        app.add_exception_handler(OrderNotFound, on_order_not_found)
    # app/services/orders.py
    from app.errors import OrderNotFound


    class OrderService:
        def show(self, order_id: int) -> str:
            if order_id > 100:
                raise OrderNotFound
            return f"order {order_id}"
    # app/api/orders.py
    from typing import Annotated

    from fastapi import APIRouter, Depends, HTTPException

    from app.errors import OrderNotFound
    from app.services.orders import OrderService

    router = APIRouter()


    @router.get("/orders/{order_id}")
    def show_order(order_id: int, service: Annotated[OrderService, Depends()]) -> str:
        try:
            return service.show(order_id)
        except OrderNotFound as error:
            raise HTTPException(404) from error
    ```

    ## Use instead
    ```python
    # app/errors.py
    from fastapi import FastAPI, Request
    from fastapi.responses import JSONResponse


    class OrderNotFound(Exception):
        pass


    def on_order_not_found(request: Request, error: OrderNotFound) -> JSONResponse:
        return JSONResponse({"detail": "no such order"}, status_code=404)


    def register(app: FastAPI) -> None:
        app.add_exception_handler(OrderNotFound, on_order_not_found)
    # app/services/orders.py
    from app.errors import OrderNotFound


    class OrderService:
        def show(self, order_id: int) -> str:
            if order_id > 100:
                raise OrderNotFound
            return f"order {order_id}"
    # app/api/orders.py
    from typing import Annotated

    from fastapi import APIRouter, Depends

    from app.services.orders import OrderService

    router = APIRouter()


    @router.get("/orders/{order_id}")
    def show_order(order_id: int, service: Annotated[OrderService, Depends()]) -> str:
        return service.show(order_id)
    ```

    ## Options
    - `error-mapping`: `either` (any style goes), `router` or `handlers`.

    ## Known limits
    With `handlers`, a status that guards on the request itself have (400, 422 and the like) is never
    an outcome of the business, nor is a redirect, a server error, or a status the code does not write
    down. Dependencies and middleware may raise and map as they like. Exceptions nobody maps are LC501.
    """

    code = "LC505"
    name = "error-mapping-style"
    severity = None
    fix = "unsafe"

    @classmethod
    def default(cls, config: Config) -> Severity | None:
        """Return that the rule is on where the settings name a style."""
        return cls.severity_when_named if config.error_mapping != "either" else None

    def check(self, view: View) -> Iterator[Finding]:
        """Yield what is mapped in the router or, by the settings, what is not."""
        outcomes = view.measure(specific_answers)
        if view.config.error_mapping == "router":
            yield from self._left_to_registered(view, outcomes)
            return
        parts = _parts(view)
        judged: dict[Function, set[Span]] = {}
        for clause in clauses(view, {view.project.layer(one).layer for one in parts}):
            names = [bare(kind) for kind in clause.kinds if _is_wrong_to_catch(view, outcomes, kind)]
            if clause.function in parts and names and _answers(view, clause):
                raises = {node.at for node in inside(*clause.node.body) if isinstance(node, r.Raise)}
                judged.setdefault(clause.function, set()).update(raises)
                yield self._caught(view, clause, names)
        if view.config.error_mapping == "handlers":
            for function, frames in parts.items():
                raised = _outcomes_raised(view, outcomes.statuses, frames, judged.get(function, set()))
                for kind, sites in raised.items():
                    yield self._raised(view, function, kind, sites)

    def _caught(self, view: View, clause: Clause, names: list[str]) -> Finding:
        project, function, at = view.project, clause.function, clause.node.header
        told = enumerate_words(f"`{name}`" for name in names)
        return self.finding(
            project.place(function, at),
            f"{speaker(view, function)} catches {told} to answer it, {_instead_of(view)}",
            help=f"let {told} go up, to an exception handler registered on the application",
            element=function.qualname,
            layer=project.layer(function).layer,
            target=", ".join(names),
            severity=softened(project, self.own_severity(), function),
            evidence=evidence(project, function),
            chain=(step(project, function, at, "except", clause.title),),
        )

    def _raised(
        self, view: View, function: Function, kind: ExceptionType, sites: dict[Span, int]
    ) -> Finding:
        project = view.project
        first, *others = sites
        title = f"{bare(kind)}({sites[first]})"
        place = project.place(function, first)
        return self.finding(
            place,
            f"{speaker(view, function)} raises {title}, {_instead_of(view)}",
            help="raise a domain exception where it is decided, and register an exception handler for it",
            element=function.qualname,
            layer=project.layer(function).layer,
            target=dotted(kind),
            severity=softened(project, self.own_severity(), function),
            evidence=evidence(project, function),
            chain=(step(project, function, first, "raise", f"raise {title}"),),
            related=other_lines(place, (project.place(function, at) for at in others)),
        )

    def _left_to_registered(self, view: View, outcomes: RouteOutcomes) -> Iterator[Finding]:
        for handler in handlers(view):
            seen: set[ExceptionType] = set()
            for route in handler.routes:
                if route.method.upper() == WEBSOCKET:
                    continue
                for outcome in outcomes.of(route, lambda raised: _is_domain(view, raised)):
                    raised = outcome.exception
                    is_injected = any(edge.kind == "depends" for edge in outcome.way.edges)
                    is_own = outcome.frame is route.entry and not is_injected
                    is_left = is_own and outcome.mapping is not None
                    if is_left and raised not in seen:
                        seen.add(raised)
                        way = outcome.way
                        last = step(
                            view.project, way.frame.entity, way.site.at, "raise", f"raise {bare(raised)}"
                        )
                        chain = (*hops(view.project, way.edges), last)
                        yield self._left(view, handler, raised, chain)

    def _left(
        self, view: View, handler: Handler, raised: ExceptionType, chain: tuple[Step, ...]
    ) -> Finding:
        project, function = view.project, handler.function
        return self.finding(
            project.place(function, getattr(function.node, "header", function.at)),
            f"{handler.title} leaves `{bare(raised)}` to a registered handler, but error-mapping is router",
            help=f"catch `{bare(raised)}` in the route handler and raise an HTTPException",
            element=function.qualname,
            layer=project.layer(function).layer,
            target=dotted(raised),
            severity=softened(project, self.own_severity(), function),
            evidence=evidence(project, function),
            chain=chain,
        )


def _parts(view: View) -> dict[Function, list[Frame]]:
    """Return the route handlers and the helpers that are part of one, with their frames."""
    found: dict[Function, list[Frame]] = {}
    for handler in handlers(view):
        if all(route.method.upper() == WEBSOCKET for route in handler.routes):
            continue
        for frame in group(view, handler):
            if isinstance(frame.entity, Function):
                found.setdefault(frame.entity, []).append(frame)
    return found


def _is_domain(view: View, kind: ExceptionType) -> bool:
    types = view.exceptions.types
    return isinstance(kind, Class) and not types.is_http(kind) and types.is_a(kind, "builtins.Exception")


def _is_wrong_to_catch(view: View, outcomes: RouteOutcomes, kind: ExceptionType) -> bool:
    is_chosen = view.config.error_mapping == "handlers"
    return _is_domain(view, kind) and (is_chosen or outcomes.mapping(kind) is not None)


def _instead_of(view: View) -> str:
    if view.config.error_mapping == "handlers":
        return "but error-mapping is handlers"
    return "although an exception handler is registered for it"


def _answers(view: View, clause: Clause) -> bool:
    """Return whether a clause raises an HTTP exception or returns a response."""
    for node in inside(*clause.node.body):
        for frame, _ in clause.runs:
            if isinstance(node, r.Raise):
                site = frame.raises.get(node.at)
                raised = view.exceptions.raised(frame, site) if site is not None else []
                if any(map(view.exceptions.types.is_http, raised)):
                    return True
            elif isinstance(node, r.Return) and isinstance(node.value, r.Call):
                call = frame.sites.get((node.value.at, "call"))
                made = types_of(call.result) if call is not None else {}
                orders = (view.exceptions.types.order(kind) for kind in made)
                if any(dotted(base).endswith("Response") for order in orders for base in order):
                    return True
    return False


def _outcomes_raised(
    view: View, statuses: StatusCodes, frames: list[Frame], judged: set[Span]
) -> dict[ExceptionType, dict[Span, int]]:
    """Return the HTTP exceptions ``frames`` raise for outcomes of the business, with their statuses."""
    found: dict[ExceptionType, dict[Span, int]] = {}
    for frame in frames:
        for site in sorted(frame.raises.values(), key=lambda site: site.at):
            for kind in view.exceptions.raised(frame, site):
                if site.at in judged or not view.exceptions.types.is_http(kind):
                    continue
                status = statuses.carried(statuses.thrown(kind, frame, site))
                if status is not None and 400 <= status < 500 and status not in ABOUT_THE_REQUEST:
                    found.setdefault(kind, {}).setdefault(site.at, status)
    return found
