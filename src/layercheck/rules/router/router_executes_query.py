"""LC101: a handler reads or writes the database itself."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.finding import Finding, Severity
from layercheck.rules.measures.handlers import Handler, handlers
from layercheck.rules.measures.health import HealthChecks
from layercheck.rules.measures.homes import Homes
from layercheck.rules.measures.queries import Queries, Query
from layercheck.rules.measures.thin import Thinness, not_thin
from layercheck.rules.measures.words import evidence, hops, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View


class RouterExecutesQuery(Rule):
    """Handlers that read or write the database themselves, or through helpers nobody owns.

    ## What it does
    Follows the calls of every route handler through the router, helper functions and schemas, and
    reports the handler when a session, a connection or an entity that finds itself is queried on the
    way. Receivers are judged by their type, never by a name like `db`.

    Thin handlers are fine: plain CRUD of a few statements on one entity, without a decision that
    belongs to the business (see *Options*). So are health checks that run a constant statement. In a
    project that has neither services nor repositories the finding is a warning.

    ## Why is this bad
    Logic that is bound to HTTP can neither be reused by a background task nor tested without a
    database, and the next handler that needs it copies it.

    ## Example
    ```python
    # app/models.py
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    class Base(DeclarativeBase): ...

    class Item(Base):
        __tablename__ = "items"
        id: Mapped[int] = mapped_column(primary_key=True)
        stock: Mapped[int]

    # app/api/orders.py
    from typing import Annotated

    from fastapi import APIRouter, Depends, HTTPException
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.db import get_db
    from app.models import Item

    router = APIRouter()
    Db = Annotated[AsyncSession, Depends(get_db)]

    @router.post("/orders")
    async def place(item_id: int, quantity: int, db: Db) -> int:
        item = await db.get(Item, item_id)
        if item is None or item.stock < quantity:
            raise HTTPException(409)
        item.stock -= quantity
        return item.stock
    ```

    ## Use instead
    ```python
    # app/services/orders.py
    class OrderService:
        async def place(self, item_id: int, quantity: int) -> int: ...

    # app/api/orders.py
    from typing import Annotated

    from fastapi import APIRouter, Depends

    from app.services.orders import OrderService

    router = APIRouter()

    @router.post("/orders")
    async def place(item_id: int, quantity: int, orders: Annotated[OrderService, Depends()]) -> int:
        return await orders.place(item_id, quantity)
    ```

    ## Options
    * `thin-crud`: `on` (default), `reads` or `off`; `thin-max-statements`, `thin-max-reads`,
      `thin-max-writes`, `thin-max-entities` and `thin-max-guards` are the limits of a thin handler.
    * `gating`: in a project without service and repository layer the finding is a warning, unless this
      is `off`.
    * `types.session`: classes whose methods run statements, besides the known ones.
    * `rules.LC101.health-paths`: patterns of the paths health checks answer.

    ## Known limits
    A session nothing is known of (no annotation, no provider that tells its type) is not seen. A
    helper of a library that is handed the session is left to LC104.
    """

    code = "LC101"
    name = "router-executes-query"
    severity = Severity.ERROR

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each handler that queries and is not thin."""
        queries, thinness = view.measure(Queries), view.measure(Thinness)
        presence = view.project.presence
        is_excused = presence.is_flat and presence.gating != "off"
        severity = Severity.WARNING if is_excused else self.severity
        for handler in handlers(view):
            found = queries.run_by(handler.frame)
            if not found or view.measure(HealthChecks).covers(handler):
                continue
            failures = thinness.failures(handler)
            if failures:
                home = view.measure(Homes).advice([query.touch for query in found])
                yield self._report(view, handler, found, failures, home, severity)

    def _report(
        self,
        view: View,
        handler: Handler,
        found: list[Query],
        failures: tuple[str, ...],
        home: tuple[str, str],
        severity: Severity,
    ) -> Finding:
        project, function = view.project, handler.function
        first = found[0]
        runner = first.touch.frame.entity
        via = f" via {spoken(runner)}" if first.chain else ""
        place = project.place(function, first.start)
        repository, service = home
        last = step(project, runner, first.touch.at, "query", f"{spoken(runner)} runs {first.touch.name}")
        related = dict.fromkeys(query.place for query in found)
        return self.finding(
            place,
            f"{handler.title} runs {first.touch.name}{via}; {not_thin(failures)}",
            help=f"move the query to {repository} and call it from {service}",
            element=function.qualname,
            layer="router",
            target=first.touch.operation.target,
            severity=severity,
            evidence=evidence(project, function),
            chain=(*hops(project, first.chain), last),
            related=tuple(one for one in related if one != place),
        )
