"""LC606: the same logic in several entry points."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.finding import Finding, Severity
from layercheck.graphs.calls import Edge
from layercheck.location import Span
from layercheck.program.entities import Entity, Function
from layercheck.rules.measures.database import RUNS, Database
from layercheck.rules.measures.duplicates import Duplicates, Group
from layercheck.rules.measures.handlers import runs_now, titles, wrapped
from layercheck.rules.measures.words import enumerate_words, evidence, hops, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

_STATEMENTS, _HELPER = "equal-statements", "shared-helper"


class DuplicatedEntryLogic(Rule):
    """The same database or decision logic stands in two entry points.

    ## What it does
    Reports routes that share statements with another route or with a task: at least four in a row, one
    of which may end the transaction, that write, change an entity or decide by how a row is. Names of
    variables, refusals, logging and the schemas that are built make no difference; entities, attributes
    and values do. One finding per group, at its first route. A handler in such a group is not thin.

    Also reports a helper of a router module that uses the database and that another router module or a
    task calls. Handlers of one class-based controller, and generated ones, are left alone.

    ## Why is this bad
    Two copies of a rule drift apart. The moment logic is needed twice is the moment for a service.

    ## Example
    ```python
    # app/models.py
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    class Base(DeclarativeBase): ...

    class Subscription(Base):
        __tablename__ = "subscriptions"
        id: Mapped[int] = mapped_column(primary_key=True)
        state: Mapped[str]
        reason: Mapped[str]

    # app/api/subscriptions.py
    from typing import Annotated

    from fastapi import APIRouter, Depends, HTTPException
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.database import get_db
    from app.models import Subscription

    router = APIRouter()

    @router.post("/subscriptions/{sub_id}/cancel")
    async def cancel(  # layercheck: ignore[LC101] shown for LC606
        sub_id: int, db: Annotated[AsyncSession, Depends(get_db)]
    ) -> None:
        sub = await db.get(Subscription, sub_id)
        if sub is None:
            raise HTTPException(404)
        sub.state = "ended"
        sub.reason = "cancelled"
        await db.commit()

    @router.delete("/admin/subscriptions/{number}")
    async def remove(  # layercheck: ignore[LC101] shown for LC606
        number: int, session: Annotated[AsyncSession, Depends(get_db)]
    ) -> None:
        found = await session.get(Subscription, number)
        if found is None:
            raise HTTPException(404)
        found.state = "ended"
        found.reason = "cancelled"
        await session.commit()
    ```

    ## Use instead
    ```python
    # app/services/subscriptions.py
    class SubscriptionService:
        async def end(self, sub_id: int) -> None: ...

    # app/api/subscriptions.py
    from typing import Annotated

    from fastapi import APIRouter, Depends

    from app.services.subscriptions import SubscriptionService

    router = APIRouter()

    @router.post("/subscriptions/{sub_id}/cancel")
    async def cancel(sub_id: int, subs: Annotated[SubscriptionService, Depends()]) -> None:
        await subs.end(sub_id)

    @router.delete("/admin/subscriptions/{number}")
    async def remove(number: int, subs: Annotated[SubscriptionService, Depends()]) -> None:
        await subs.end(number)
    ```

    ## Options
    * `rules.LC606.min-statements`: how many statements must be equal, 4 by default.
    * `rules.LC606.kinds`: `equal-statements` and `shared-helper`, both by default.

    ## Known limits
    The same logic written another way is not seen.
    """

    code = "LC606"
    name = "duplicated-entry-logic"
    severity = Severity.ADVICE

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each group of entry points, and for each shared helper."""
        kinds = view.config.option(self.code, "kinds", (_STATEMENTS, _HELPER))
        database, names = view.measure(Database), view.measure(titles)
        if _STATEMENTS in kinds:
            for one in view.measure(Duplicates).groups():
                yield self._duplicate(view, names, one)
        if _HELPER in kinds:
            for helper, calls in _helpers(view, database).items():
                yield self._helper(view, names, helper, calls)

    def _duplicate(self, view: View, names: dict[Entity, str], found: Group) -> Finding:
        project = view.project
        first, *others = found.stretches
        told = enumerate_words(names.get(one.entry, spoken(one.entry)) for one in others)
        return self.finding(
            project.place(first.entry, _header(first.entry)),
            f"{names[first.entry]} has the same logic as {told}: {first.size} equal statements",
            help="move it to a service that all of them call",
            element=first.entry.qualname,
            layer="router",
            target=", ".join(sorted(one.entry.qualname for one in others)),
            evidence=evidence(project, *(one.entry for one in found.stretches)),
            chain=tuple(
                step(project, one.function, one.first, "duplicate", f"{spoken(one.function)}, from here on")
                for one in found.stretches
            ),
            related=tuple(project.place(one.entry, _header(one.entry)) for one in others),
        )

    def _helper(self, view: View, names: dict[Entity, str], helper: Function, calls: list[Edge]) -> Finding:
        project = view.project
        callers = dict.fromkeys(edge.source.entity for edge in calls)
        told = enumerate_words(names.get(one, spoken(one)) for one in callers)
        return self.finding(
            project.place(helper, _header(helper)),
            f"router helper {spoken(helper)} uses the database and is called from {told} as well",
            help=f"move `{spoken(helper)}` to a service",
            element=helper.qualname,
            layer="router",
            target=", ".join(sorted(one.qualname for one in callers)),
            evidence=evidence(project, helper),
            chain=hops(project, calls),
            related=tuple(project.place(edge.source.entity, edge.site.at) for edge in calls),
        )


def _helpers(view: View, database: Database) -> dict[Function, list[Edge]]:
    """Return the helpers of router modules that use the database, with the calls from other modules."""
    project = view.project
    modules = {function.module for function in project.handlers}
    found: dict[Function, dict[tuple[Entity, Span], Edge]] = {}
    for caller in project.program.functions:
        layer = project.layer(caller).layer
        if layer != "task" and not (layer == "router" and caller.module in modules):
            continue
        for frame in view.calls.frames(caller):
            for edge in database.calls(frame):
                helper = edge.target.entity
                if not isinstance(helper, Function) or helper.module is caller.module or not runs_now(edge):
                    continue
                if helper in wrapped(frame):  # what a decorator puts around it calls it for those who call it
                    continue
                if helper.module not in modules or helper in project.handlers or helper in project.providers:
                    continue
                if project.layer(helper).layer == "router" and database.effect(edge.target) & RUNS:
                    found.setdefault(helper, {}).setdefault((caller, edge.site.at), edge)
    return {helper: list(calls.values()) for helper, calls in found.items()}


def _header(function: Function) -> Span:
    at: Span = getattr(function.node, "header", function.at)
    return at
