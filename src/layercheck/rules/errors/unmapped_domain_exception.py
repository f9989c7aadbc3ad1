"""LC501: domain exceptions that leave a handler and become a 500."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import msgspec

from layercheck.finding import Finding, Severity, Step
from layercheck.graphs.exception_types import ExceptionType, dotted
from layercheck.graphs.outcomes import RouteOutcome
from layercheck.location import Place
from layercheck.program.entities import Class
from layercheck.rules.measures.answers import all_answers, specific_answers
from layercheck.rules.measures.handlers import Handler, handlers
from layercheck.rules.measures.words import evidence, hops, softened, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

PROGRAMMING_ERRORS = frozenset({
    "builtins.AssertionError", "builtins.NotImplementedError", "builtins.TypeError",
    "builtins.Warning", "builtins.StopIteration", "builtins.StopAsyncIteration",
})  # fmt: skip
BUSINESS_BUILTINS = frozenset({"builtins.ValueError", "builtins.LookupError"})
"""What ``builtin`` adds; KeyError and IndexError are kinds of LookupError."""

WEBSOCKET = "WEBSOCKET"
CONSEQUENCE = "and no exception handler maps it: the client gets a 500"


class Leak(msgspec.Struct, frozen=True):
    """An exception that leaves a handler unmapped."""

    handler: Handler
    outcome: RouteOutcome


class UnmappedDomainException(Rule):
    """A domain exception leaves a handler although nothing turns it into a response.

    ## What it does
    Follows every exception of the project that a handler or one of its dependencies lets out, and
    looks for a registered exception handler for it or a class it derives from, and for middleware in
    use that catches it around the next step of the request. Without one the finding stands at the
    handler; its chain leads to the `raise`. An exception that leaves more than `group-above` handlers is
    told once, at its class.

    ## Why is this bad
    The client gets "500 Internal Server Error" for an outcome the business logic knows by name.

    ## Example
    ```python
    # app/exceptions.py
    class EmailTaken(Exception):
        pass
    # app/services/users.py
    from app.exceptions import EmailTaken


    class UserService:
        def register(self, email: str) -> str:
            if email in {"ann@example.org"}:
                raise EmailTaken(email)
            return email
    # app/api/users.py
    from typing import Annotated

    from fastapi import APIRouter, Depends

    from app.services.users import UserService

    router = APIRouter()


    @router.post("/users")
    def register(email: str, service: Annotated[UserService, Depends()]) -> str:
        return service.register(email)
    ```

    ## Use instead
    ```python
    # app/exceptions.py
    class EmailTaken(Exception):
        pass
    # app/services/users.py
    from app.exceptions import EmailTaken


    class UserService:
        def register(self, email: str) -> str:
            if email in {"ann@example.org"}:
                raise EmailTaken(email)
            return email
    # app/api/users.py
    from typing import Annotated

    from fastapi import APIRouter, Depends, HTTPException

    from app.exceptions import EmailTaken
    from app.services.users import UserService

    router = APIRouter()


    @router.post("/users")
    def register(email: str, service: Annotated[UserService, Depends()]) -> str:
        try:
            return service.register(email)
        except EmailTaken as error:
            raise HTTPException(409, "email taken") from error
    ```

    ## Options
    - `rules.LC501.builtin`: also `ValueError`, `LookupError` and `KeyError`; off by default.
    - `rules.LC501.intended-500`: exceptions meant to become a 500, by dotted or bare class name.
    - `rules.LC501.catch-all-maps`: whether a handler registered for `Exception`, or middleware that
      catches it, maps whatever it is; off by default, so that only those count which tell the exception
      from others, by `isinstance`, a `case`, a table of types or its status code.
    - `rules.LC501.group-above`: from how many handlers on to report the class instead; 5.

    ## Known limits
    Calls that could not be resolved raise nothing. Exceptions of libraries are not judged, nor
    routes of WebSockets. Of the ways to a `raise` a shortest one is looked at; where a constant or a
    data object handed down it never passes a condition on the way, nothing is reported.
    """

    code = "LC501"
    name = "unmapped-domain-exception"
    severity = Severity.ERROR
    fix = "unsafe"

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding per handler and exception, or one per exception that leaves many."""
        leaks: dict[ExceptionType, list[Leak]] = {}
        for leak in self._leaks(view):
            leaks.setdefault(leak.outcome.exception, []).append(leak)
        most = view.config.option(self.code, "group-above", 5)
        for raised, group in leaks.items():
            if len(group) > most and isinstance(raised, Class):
                yield self._of_class(view, raised, group)
            else:
                yield from (self._of_handler(view, leak) for leak in group)

    def idle(self, view: View) -> str:
        """Return that there is no domain exception, where there is none."""
        if view.config.option(self.code, "builtin", False):
            return ""
        types = view.exceptions.types
        own = (cls for cls in view.project.program.classes if types.is_exception(cls))
        return "" if any(not types.is_http(cls) for cls in own) else "no domain exception found"

    def _leaks(self, view: View) -> Iterator[Leak]:
        catch_all_maps = view.config.option(self.code, "catch-all-maps", False)
        outcomes = view.measure(all_answers if catch_all_maps else specific_answers)

        @cache
        def is_judged(raised: ExceptionType) -> bool:
            return not outcomes.is_answered(raised) and self._is_business(view, raised)

        for handler in handlers(view):
            seen: set[ExceptionType] = set()
            for route in handler.routes:
                if route.method.upper() == WEBSOCKET:
                    continue
                for outcome in outcomes.of(route, is_judged):
                    if outcome.exception not in seen and not outcome.is_mapped:
                        seen.add(outcome.exception)
                        yield Leak(handler, outcome)

    def _is_business(self, view: View, raised: ExceptionType) -> bool:
        types = view.exceptions.types
        intended = view.config.option(self.code, "intended-500", ())
        names = {name for kind in types.order(raised) for name in (dotted(kind), _bare(kind))}
        if not names.isdisjoint(intended):
            return False
        if types.is_any(raised, PROGRAMMING_ERRORS) or not types.is_a(raised, "builtins.Exception"):
            return False
        if isinstance(raised, Class):
            return True
        with_builtins = view.config.option(self.code, "builtin", False)
        return with_builtins and raised.startswith("builtins.") and types.is_any(raised, BUSINESS_BUILTINS)

    def _of_handler(self, view: View, leak: Leak) -> Finding:
        project, function = view.project, leak.handler.function
        name = _bare(leak.outcome.exception)
        return self.finding(
            _definition(view, leak.handler),
            f"{leak.handler.title} lets `{name}` out, {CONSEQUENCE}",
            help=f"catch `{name}` in the handler and raise an HTTPException, or register a handler for it",
            element=function.qualname,
            layer=project.layer(function).layer,
            target=dotted(leak.outcome.exception),
            severity=softened(project, self.severity, function),
            evidence=evidence(project, function, *_class_of(leak)),
            chain=_chain(view, leak),
        )

    def _of_class(self, view: View, raised: Class, group: list[Leak]) -> Finding:
        project = view.project
        function = group[0].handler.function
        return self.finding(
            project.place(raised, raised.node.header),
            f"`{raised.name}` leaves {len(group)} handlers, {CONSEQUENCE}",
            help=f"register an exception handler for `{raised.name}` on the app",
            element=raised.qualname,
            layer=project.layer(raised).layer,
            target=raised.qualname,
            severity=softened(project, self.severity, function),
            evidence=evidence(project, function, raised),
            chain=_chain(view, group[0]),
            related=tuple(_definition(view, leak.handler) for leak in group),
        )


def _definition(view: View, handler: Handler) -> Place:
    """Return the ``def`` of a handler, or the lambda."""
    function = handler.function
    return view.project.place(function, getattr(function.node, "header", function.at))


def _chain(view: View, leak: Leak) -> tuple[Step, ...]:
    project, way = view.project, leak.outcome.way
    start: tuple[Step, ...] = ()
    if leak.outcome.frame is not leak.handler.frame:
        function, provider = leak.handler.function, leak.outcome.frame.entity
        for dependency in leak.handler.routes[0].dependencies:
            if dependency.frame is leak.outcome.frame:
                place = project.place(dependency.module, dependency.at)
                layer = project.layer(function).layer
                text = f"{spoken(function)} -> {spoken(provider)}"
                start = (Step(place, function.qualname, layer, "depends", text),)
                break
    last = step(
        project, way.frame.entity, way.site.at, "raise", f"raise {_bare(leak.outcome.exception)}"
    )
    return (*start, *hops(project, way.edges), last)


def _class_of(leak: Leak) -> tuple[Class, ...]:
    return (leak.outcome.exception,) if isinstance(leak.outcome.exception, Class) else ()


def _bare(raised: ExceptionType) -> str:
    return dotted(raised).rpartition(".")[2]
