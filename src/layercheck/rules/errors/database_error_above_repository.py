"""LC504: routers that know the exceptions of the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from layercheck.finding import Finding, Severity
from layercheck.graphs.exception_types import ExceptionType, dotted
from layercheck.graphs.middleware import belongs_to_middleware
from layercheck.location import Span
from layercheck.program.entities import Entity, Function
from layercheck.rules.measures.clauses import bare, clauses, speaker
from layercheck.rules.measures.exempt import thin_or_health_checks
from layercheck.rules.measures.words import enumerate_words, evidence, softened, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

LAYERS = ("router",)


class DatabaseErrorAboveRepository(Rule):
    """A router catches or raises exceptions of the database.

    ## What it does
    Reports an `except` clause of a router that names an exception of a database package, and a
    `raise` of one. Thin handlers and health checks may map a database error, and so may exception
    handlers that are registered on the application and middleware.

    Silent in projects without a repository layer.

    ## Why is this bad
    The router knows a business outcome ("this name is taken") only by the error of the database, so
    it has to know which table and which constraint lie below. Another query, another driver, and
    the mapping is wrong.

    ## Example
    ```python
    # app/models.py
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


    class Base(DeclarativeBase): ...


    class Tag(Base):
        __tablename__ = "tags"
        name: Mapped[str] = mapped_column(primary_key=True)
    # app/repositories/tags.py
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.models import Tag


    class TagRepository:
        def __init__(self, session: AsyncSession) -> None:
            self.session = session

        async def add(self, name: str) -> str:
            self.session.add(Tag(name=name))
            await self.session.flush()
            return name
    # app/services/tags.py
    from app.repositories.tags import TagRepository


    class TagService:
        def __init__(self, tags: TagRepository) -> None:
            self.tags = tags

        async def add(self, name: str) -> str:
            return await self.tags.add(name.strip())
    # app/api/tags.py
    from typing import Annotated

    from fastapi import APIRouter, Depends, HTTPException
    from sqlalchemy.exc import IntegrityError

    from app.dependencies import get_tag_service
    from app.services.tags import TagService

    router = APIRouter()


    @router.post("/tags")
    async def add_tag(name: str, service: Annotated[TagService, Depends(get_tag_service)]) -> str:
        try:
            return await service.add(name)
        except IntegrityError as error:
            raise HTTPException(409, "this tag exists") from error
    ```

    ## Use instead
    ```python
    # app/exceptions.py
    class TagExists(Exception):
        pass
    # app/models.py
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


    class Base(DeclarativeBase): ...


    class Tag(Base):
        __tablename__ = "tags"
        name: Mapped[str] = mapped_column(primary_key=True)
    # app/repositories/tags.py
    from sqlalchemy.exc import IntegrityError
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.exceptions import TagExists
    from app.models import Tag


    class TagRepository:
        def __init__(self, session: AsyncSession) -> None:
            self.session = session

        async def add(self, name: str) -> str:
            self.session.add(Tag(name=name))
            try:
                await self.session.flush()
            except IntegrityError as error:
                raise TagExists(name) from error
            return name
    ```

    ## Options
    - `rules.LC504.layers`: the layers that must not know exceptions of the database, by default
      `router`; the preset `strict` adds `service`.
    - `types.database-packages`: packages that count as the database, besides the known ones.

    ## Known limits
    What a helper of another layer catches for the router is not seen.
    """

    code = "LC504"
    name = "database-error-above-repository"
    severity = Severity.WARNING
    requires = ("repository",)

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding per guilty clause, and one per guilty raise."""
        layers = view.config.option(self.code, "layers", LAYERS)
        for clause in clauses(view, layers):
            guilty = _of_database(view, clause.kinds)
            if guilty and _is_judged(view, clause.function):
                yield self._finding(view, clause.function, clause.node.header, guilty, "catches")
        for function in view.project.program.functions:
            raised = _raised(view, function) if view.project.layer(function).layer in layers else {}
            if raised and _is_judged(view, function):
                for at, guilty in raised.items():
                    yield self._finding(view, function, at, guilty, "raises")

    def _finding(
        self, view: View, function: Function, at: Span, guilty: list[ExceptionType], does: str
    ) -> Finding:
        project = view.project
        names = enumerate_words(f"`{bare(kind)}`" for kind in guilty)
        kind = "except" if does == "catches" else "raise"
        text = f"{spoken(function)} {does} {names.replace('`', '')}"
        return self.finding(
            project.place(function, at),
            f"{speaker(view, function)} {does} {names} of the database",
            help="catch it in the repository and raise a domain exception there",
            element=function.qualname,
            layer=project.layer(function).layer,
            target=", ".join(map(dotted, guilty)),
            severity=softened(project, self.severity, function),
            evidence=evidence(project, function),
            chain=(step(project, function, at, kind, text),),
        )


def _of_database(view: View, kinds: Iterable[ExceptionType]) -> list[ExceptionType]:
    packages = view.config.types.database_packages
    return [kind for kind in kinds if isinstance(kind, str) and kind.partition(".")[0] in packages]


def _is_judged(view: View, function: Function) -> bool:
    exempt = view.measure(thin_or_health_checks)
    answering = {one.handler for one in view.project.mappings}
    current: Entity = function
    while isinstance(current, Function):
        if current in answering or current in exempt:
            return False
        current = current.parent
    return view.project.presence.has("repository", function) and not belongs_to_middleware(function)


def _raised(view: View, function: Function) -> dict[Span, list[ExceptionType]]:
    """Return the exceptions of the database ``function`` raises itself, by the place of the ``raise``."""
    found: dict[Span, list[ExceptionType]] = {}
    for frame in view.calls.frames(function):
        for site in frame.raises.values():
            if guilty := _of_database(view, view.exceptions.raised(frame, site)):
                found.setdefault(site.at, guilty)
    return dict(sorted(found.items()))
