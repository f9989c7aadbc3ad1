"""LC104: a handler takes a database session without querying it."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.finding import Finding, Severity
from layercheck.graphs.calls import Edge
from layercheck.program.entities import Class, Function
from layercheck.rules.measures.handlers import Handler, handlers, unwrapped
from layercheck.rules.measures.health import HealthChecks
from layercheck.rules.measures.queries import Queries
from layercheck.rules.measures.sessions import (
    Doing,
    Held,
    Use,
    held_attributes,
    held_locals,
    held_parameters,
)
from layercheck.rules.measures.thin import Thinness, not_thin
from layercheck.rules.measures.words import enumerate_words, evidence, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

_ENDS = frozenset({"commit", "rollback"})


class RouterHoldsSession(Rule):
    """Handlers that take a database session, usually only to hand it on.

    ## What it does
    Reports a session or connection among the parameters of a route handler, also through an alias
    (`SessionDep`), as an attribute of a class-based view or read from `request.state`, where LC101
    has nothing to say: the handler hands it to a service, commits, or never uses it.

    Thin handlers and health checks are fine.

    ## Why is this bad
    Wiring belongs to a provider. A handler that takes the session cannot be tested without one, and
    every handler that calls the service has to know that it needs a session.

    ## Example
    ```python
    # app/services/users.py
    from sqlalchemy.ext.asyncio import AsyncSession

    async def profile(db: AsyncSession, user_id: int) -> dict[str, int]:
        return {"id": user_id}

    # app/api/users.py
    from typing import Annotated

    from fastapi import APIRouter, Depends
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.db import get_db
    from app.services import users

    router = APIRouter()

    @router.get("/users/{user_id}")
    async def show(user_id: int, db: Annotated[AsyncSession, Depends(get_db)]) -> dict[str, int]:
        return await users.profile(db, user_id)
    ```

    ## Use instead
    ```python
    # app/services/users.py
    class UserService:
        async def profile(self, user_id: int) -> dict[str, int]:
            return {"id": user_id}

    # app/api/users.py
    from typing import Annotated

    from fastapi import APIRouter, Depends

    from app.services.users import UserService

    router = APIRouter()

    @router.get("/users/{user_id}")
    async def show(user_id: int, users: Annotated[UserService, Depends()]) -> dict[str, int]:
        return await users.profile(user_id)
    ```

    ## Options
    * `transaction-owner`: with `router` a handler may take the session to commit or roll back.
    * The limits of a thin handler, see LC101.

    ## Known limits
    `request.state.db` is known as a session only where the program assigns or annotates it.
    """

    code = "LC104"
    name = "router-holds-session"
    severity = Severity.WARNING
    fix = "unsafe"

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each handler that holds a session."""
        queries, thinness = view.measure(Queries), view.measure(Thinness)
        for handler in handlers(view):
            held = _held(view, handler)
            if not held or queries.run_by(handler.frame):
                continue
            is_used = any(one.uses for one in held)
            if is_used and view.measure(HealthChecks).covers(handler):
                continue
            failures = thinness.failures(handler)
            if is_used and (not failures or self._may_end(view, held)):
                continue
            yield self._report(view, handler, held, failures if is_used else ())

    def _may_end(self, view: View, held: list[Held]) -> bool:
        uses = [use for one in held for use in one.uses]
        ends = all(use.doing is Doing.CALL and use.name in _ENDS for use in uses)
        return ends and "router" in view.config.transaction_owner

    def _report(self, view: View, handler: Handler, held: list[Held], failures: tuple[str, ...]) -> Finding:
        project = view.project
        first, *others = held
        does = _doings(view, handler, first) if first.uses else "never uses it"
        reason = f"; {not_thin(failures)}" if failures else ""
        # What a class declares, maybe in another file, serves many handlers: each is told of by itself.
        of_class = isinstance(first.element, Class)
        at = getattr(handler.function.node, "header", handler.function.at) if of_class else first.at
        takes = "declares" if of_class else "takes"
        return self.finding(
            project.place(handler.function, at),
            f"{handler.title} takes the {first.type} `{first.name}` and {does}{reason}",
            help=_help(view, handler, first),
            element=handler.function.qualname,
            layer="router",
            target=first.type,
            evidence=evidence(project, handler.function),
            chain=(
                step(
                    project,
                    first.element,
                    first.at,
                    "session",
                    f"{spoken(first.element)} {takes} {first.name}",
                ),
            ),
            related=tuple(project.place(one.element, one.at) for one in others),
        )


def _held(view: View, handler: Handler) -> list[Held]:
    held = [*held_parameters(view, handler.function), *held_locals(view, handler.function)]
    owner = handler.function.owner
    if owner is not None and not held:
        held = [one for one in held_attributes(view, owner, handler.function) if one.uses]
    return held


def _doings(view: View, handler: Handler, held: Held) -> str:
    """Return in words what the handler does with the session."""
    told: dict[Doing, dict[str, None]] = {}
    for use in held.uses:
        told.setdefault(use.doing, {})[_name(view, handler, use)] = None
    return enumerate_words(f"{doing.value} {enumerate_words(names)}".strip() for doing, names in told.items())


def _name(view: View, handler: Handler, use: Use) -> str:
    """Return what is called, as the code says it; a function without a module before its name gets one."""
    if use.doing is Doing.HAND and "." not in use.name:
        target = _target(view, handler, use)
        if isinstance(target, Function) and target.module is not handler.function.module:
            return target.qualname
    return use.name


def _target(view: View, handler: Handler, use: Use) -> Class | Function | None:
    """Return the class or function of the program that is handed the session, None for one outside."""
    site = handler.frame.sites.get((use.at, "call"))
    if site is None:
        return None
    for frame, kind in site.edges:
        for edge in unwrapped(view.calls, Edge(handler.frame, frame, kind, site)):
            entity = edge.target.entity
            if isinstance(entity, Function):
                return entity.owner or entity
    return next(iter(site.classes), None)


def _help(view: View, handler: Handler, held: Held) -> str:
    if not held.uses:
        return f"remove the parameter `{held.name}`"
    handed = next((use for use in held.uses if use.doing is Doing.HAND), None)
    if handed is None:
        return "let the provider of the session end the transaction"
    target = _target(view, handler, handed)
    if isinstance(target, Class):
        return f"take `{target.name}` from a provider that builds it with the session"
    if target is not None:
        return f"call `{target.qualname}` from a service that its provider builds with the session"
    return f"call `{handed.name}` where the session is known, in a repository"
