"""LC203: a service runs statements or builds SQL."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from layercheck.finding import Finding, Severity, Step
from layercheck.inference.frames import Frame
from layercheck.location import Place, Span
from layercheck.program.entities import Function
from layercheck.project.statements import builds_statement
from layercheck.rules.measures.database import Database, Touch
from layercheck.rules.measures.homes import Homes
from layercheck.rules.measures.queries import Queries
from layercheck.rules.measures.words import evidence, hops, other_lines, softened, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View


class _Deed(msgspec.Struct, frozen=True):
    """One statement that is built or run: where the service starts it, what it is, the way there."""

    start: Span
    place: Place
    does: str
    target: str
    chain: tuple[Step, ...]


class ServiceExecutesQuery(Rule):
    """Services that run statements or build SQL.

    ## What it does
    Reports a function or method of a service that queries a session, or an entity that finds itself,
    directly or through helpers, and one that builds a statement with `select`, `insert`, `update`,
    `delete` or `text`. Calls of repositories are the right way and end the search. Beginning, flushing
    and ending a transaction is left to LC303, handing a session on to LC204.

    Silent in projects without a repository layer.

    ## Why is this bad
    I/O hides in logic: the service cannot be tested without a database, and service and repository
    drift apart because both know how a row is found.

    ## Example
    ```python
    # app/models.py
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    class Base(DeclarativeBase): ...

    class Invoice(Base):
        __tablename__ = "invoices"
        id: Mapped[int] = mapped_column(primary_key=True)

    # app/repositories/invoices.py
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.models import Invoice

    class InvoiceRepository:
        def __init__(self, session: AsyncSession) -> None:
            self.session = session

        async def get(self, invoice_id: int) -> Invoice | None:
            return await self.session.get(Invoice, invoice_id)

    # app/services/invoices.py
    from sqlalchemy import select

    from app.models import Invoice
    from app.repositories.invoices import InvoiceRepository

    class InvoiceService:
        def __init__(self, invoices: InvoiceRepository) -> None:
            self.invoices = invoices

        async def show(self, invoice_id: int) -> Invoice | None:
            return await self.invoices.get(invoice_id)

        async def list_all(self) -> list[Invoice]:
            statement = select(Invoice).order_by(Invoice.id)
            return list(await self.invoices.session.scalars(statement))
    ```

    ## Use instead
    ```python
    # app/models.py
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    class Base(DeclarativeBase): ...

    class Invoice(Base):
        __tablename__ = "invoices"
        id: Mapped[int] = mapped_column(primary_key=True)

    # app/repositories/invoices.py
    from sqlalchemy import select
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.models import Invoice

    class InvoiceRepository:
        def __init__(self, session: AsyncSession) -> None:
            self.session = session

        async def list_all(self) -> list[Invoice]:
            return list(await self.session.scalars(select(Invoice).order_by(Invoice.id)))

    # app/services/invoices.py
    from app.models import Invoice
    from app.repositories.invoices import InvoiceRepository

    class InvoiceService:
        def __init__(self, invoices: InvoiceRepository) -> None:
            self.invoices = invoices

        async def list_all(self) -> list[Invoice]:
            return await self.invoices.list_all()
    ```

    ## Options
    * `rules.LC203.sql-building-only`: true counts only the building of statements, not `session.add`
      and the like; set by the preset `session-in-service`.
    * `types.session`, `types.uow`: more classes that run statements, or own the transaction.

    ## Known limits
    A session nothing is known of is not seen.
    """

    code = "LC203"
    name = "service-executes-query"
    severity = Severity.ERROR
    requires = ("repository",)

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each function of a service that queries or builds statements."""
        database = view.measure(Database)
        search = _Search(view, database, view.config.option(self.code, "sql-building-only", False))
        homes, present = view.measure(Homes), view.project.presence
        for function in view.project.program.functions:
            if view.project.layer(function).layer != "service" or not present.has("repository", function):
                continue
            deeds = search.deeds(function)
            if deeds:
                yield self._report(view, function, deeds, homes.advice(search.touches(function))[0])

    def _report(self, view: View, function: Function, deeds: list[_Deed], home: str) -> Finding:
        project = view.project
        first = deeds[0]
        place = project.place(function, first.start)
        return self.finding(
            place,
            f"service {spoken(function)} {first.does}",
            help=f"move it to {home} and call that",
            element=function.qualname,
            layer="service",
            target=first.target,
            severity=softened(project, self.severity, function),
            evidence=evidence(project, function),
            chain=first.chain,
            related=other_lines(place, (deed.place for deed in deeds)),
        )


class _Search:
    """Looks for statements in the functions of services."""

    def __init__(self, view: View, database: Database, only_building: bool) -> None:
        self._view = view
        self._database = database
        self._queries = view.measure(Queries)
        self._only_building = only_building

    def deeds(self, function: Function) -> list[_Deed]:
        """Return what ``function`` does that belongs to a repository, in source order."""
        owner = function.owner
        if owner is not None and self._view.project.sessions.is_unit_of_work(owner):
            return []
        found: dict[tuple[Span, str], _Deed] = {}
        for frame in self._view.calls.frames(function):
            for deed in (*self._built(frame), *self._run(frame)):
                found.setdefault((deed.start, deed.target), deed)
        return sorted(found.values(), key=lambda deed: deed.start)

    def touches(self, function: Function) -> list[Touch]:
        """Return the operations of ``function`` on the database."""
        return [
            touch for frame in self._view.calls.frames(function) for touch in self._database.touches(frame)
        ]

    def _built(self, frame: Frame) -> Iterator[_Deed]:
        project = self._view.project
        for site in frame.sites.values():
            for name in site.externals:
                if builds_statement(name):
                    does = f"builds a statement with {name.rpartition('.')[2]}"
                    hop = step(project, frame.entity, site.at, "statement", f"{spoken(frame.entity)} {does}")
                    yield _Deed(site.at, hop.place, does, name, (hop,))

    def _run(self, frame: Frame) -> Iterator[_Deed]:
        project = self._view.project
        if self._only_building:
            return
        for query in self._queries.run_by(frame):
            runner, touch = query.touch.frame.entity, query.touch
            via = f" via {spoken(runner)}" if query.chain else ""
            last = step(project, runner, touch.at, "query", f"{spoken(runner)} runs {touch.name}")
            does = f"runs {touch.name}{via}"
            chain = (*hops(project, query.chain), last)
            yield _Deed(query.start, query.place, does, touch.operation.target, chain)
