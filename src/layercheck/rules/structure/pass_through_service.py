"""LC607: a service that only passes calls on."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from layercheck.facts import records as r
from layercheck.finding import Finding, Severity
from layercheck.program.entities import Class, Function, Module
from layercheck.project.model import Confidence
from layercheck.rules.measures.database import Database
from layercheck.rules.measures.queries import Owner, owner_of
from layercheck.rules.measures.signatures import is_public
from layercheck.rules.measures.size import decisions
from layercheck.rules.measures.syntax import plain
from layercheck.rules.measures.words import evidence, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View


class _Passing(msgspec.Struct, frozen=True):
    """A method that only forwards: the attribute of the object it forwards to, and the repository that is."""

    method: Function
    attribute: str
    repository: Owner


class PassThroughService(Rule):
    """A service whose public methods only forward to one repository.

    ## What it does
    Reports a service class with at least three public methods of which four in five consist of one call
    of the same repository with the same arguments, where one router module is all that calls them. A
    service that decides, raises or uses anything else than that repository is none, nor is one that
    implements an interface.

    ## Why is this bad
    A layer without function: every change is made in three places instead of two. A thin route on the
    repository is enough until there is a rule to keep.

    ## Example
    ```python
    # app/models.py
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    class Base(DeclarativeBase): ...

    class Tag(Base):
        __tablename__ = "tags"
        id: Mapped[int] = mapped_column(primary_key=True)

    # app/repositories/tags.py
    from sqlalchemy import select
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.models import Tag

    class TagRepository:
        def __init__(self, session: AsyncSession) -> None:
            self.session = session

        async def get(self, tag_id: int) -> Tag | None:
            return await self.session.get(Tag, tag_id)

        async def list(self) -> list[Tag]:
            return list(await self.session.scalars(select(Tag)))

        async def delete(self, tag: Tag) -> None:
            await self.session.delete(tag)

    # app/services/tags.py
    from app.models import Tag
    from app.repositories.tags import TagRepository

    class TagService:
        def __init__(self, tags: TagRepository) -> None:
            self.tags = tags

        async def get(self, tag_id: int) -> Tag | None:
            return await self.tags.get(tag_id)

        async def list(self) -> list[Tag]:
            return await self.tags.list()

        async def delete(self, tag: Tag) -> None:
            await self.tags.delete(tag)

    # app/dependencies.py
    from typing import Annotated

    from fastapi import Depends

    from app.repositories.tags import TagRepository
    from app.services.tags import TagService

    def get_tags(tags: Annotated[TagRepository, Depends()]) -> TagService:
        return TagService(tags)

    # app/api/tags.py
    from typing import Annotated

    from fastapi import APIRouter, Depends

    from app.dependencies import get_tags
    from app.services.tags import TagService

    router = APIRouter()

    @router.get("/tags")
    async def count(tags: Annotated[TagService, Depends(get_tags)]) -> int:
        return len(await tags.list())
    ```

    ## Use instead
    ```python
    # app/repositories/tags.py
    class TagRepository:
        async def names(self) -> list[str]: ...

    # app/api/tags.py
    from typing import Annotated

    from fastapi import APIRouter, Depends

    from app.repositories.tags import TagRepository

    router = APIRouter()

    @router.get("/tags")
    async def names(tags: Annotated[TagRepository, Depends()]) -> list[str]:
        return await tags.names()
    ```

    ## Options
    * `rules.LC607.min-methods`: how many public methods a service must have, 3 by default.
    * `rules.LC607.ratio`: how many of them must only forward, 0.8 by default.

    ## Known limits
    Services that are modules of functions are not judged.
    """

    code = "LC607"
    name = "pass-through-service"
    severity = None
    severity_when_named = Severity.ADVICE

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each service class without function."""
        fewest = view.config.option(self.code, "min-methods", 3)
        ratio = view.config.option(self.code, "ratio", 0.8)
        database = view.measure(Database)
        interfaces = _implementing(view)
        for cls in view.project.program.classes:
            assigned = view.project.layer(cls)
            if assigned.layer != "service" or assigned.confidence < Confidence.MEDIUM or cls in interfaces:
                continue
            methods = [method for method in cls.methods.values() if is_public(method)]
            passing = [one for method in methods if (one := _passing(view, database, method)) is not None]
            if len(methods) < fewest or not passing or len(passing) < ratio * len(methods):
                continue
            router = _only_router(view, methods)
            if router is not None and _has_one_collaborator(cls, passing):
                yield self._report(view, cls, router, methods, passing)

    def _report(
        self, view: View, cls: Class, router: Module, methods: list[Function], passing: list[_Passing]
    ) -> Finding:
        project = view.project
        repository = passing[0].repository
        told = "all" if len(passing) == len(methods) else f"{len(passing)} of"
        return self.finding(
            project.place(cls, cls.node.header),
            f"service {spoken(cls)} only forwards to {spoken(repository)}: {told} {len(methods)} methods;"
            f" only {router.name} calls it",
            help=f"let the routes use `{spoken(repository)}` until there is a rule to keep",
            element=cls.qualname,
            layer="service",
            target=repository.qualname,
            evidence=evidence(project, cls, repository),
            chain=tuple(
                step(
                    project,
                    one.method,
                    one.method.node.at,
                    "forward",
                    f"{spoken(one.method)} -> {spoken(repository)}",
                )
                for one in passing
            ),
        )


def _passing(view: View, database: Database, method: Function) -> _Passing | None:
    """Return what ``method`` forwards to, None where it does anything else."""
    body = [one for one in method.body if not _is_text(one)]
    if len(body) != 1 or not isinstance(body[0], (r.Return, r.Evaluate)) or body[0].value is None:
        return None
    call = plain(body[0].value)
    receiver = method.params[0].name if method.params else ""
    match call:
        case r.Call(func=r.Attribute(value=r.Attribute(value=r.Name(id=name), name=attribute))):
            if name != receiver or not _hands_all(method, call):
                return None
        case _:
            return None
    frame = view.calls.declared(method)
    for edge in database.calls(frame) if frame is not None else ():
        if edge.site.at == call.at and database.is_data_access(edge):
            return _Passing(method, attribute, owner_of(view, edge))
    return None


def _hands_all(method: Function, call: r.Call) -> bool:
    """Return whether ``call`` hands on the parameters of ``method`` and nothing else."""
    handed = [*call.args, *(keyword.value for keyword in call.keywords)]
    bare = [one.value if isinstance(one, r.Star) else one for one in handed]
    names = [one.id for one in bare if isinstance(one, r.Name)]
    return len(names) == len(bare) and sorted(names) == sorted(param.name for param in method.params[1:])


def _has_one_collaborator(cls: Class, passing: list[_Passing]) -> bool:
    """Return whether ``cls`` uses that one repository alone, and neither decides nor raises."""
    attributes = {one.attribute for one in passing}
    if len(attributes) != 1 or len({one.repository for one in passing}) != 1:
        return False
    constructor = cls.methods.get("__init__")
    if constructor is not None and len(constructor.params) > 2:
        return False
    for method in cls.methods.values():
        receiver = method.params[0].name if method.params else ""
        if decisions(method.body):
            return False
        for node in method.nodes:
            match node:
                case r.Raise():
                    return False
                case r.Attribute(value=r.Name(id=name), name=attribute) if name == receiver:
                    if attribute not in attributes and attribute not in cls.methods:
                        return False
    return True


def _only_router(view: View, methods: list[Function]) -> Module | None:
    """Return the one router module that calls ``methods``, None where others do or nobody does."""
    callers = {caller for method in methods for caller in view.calls.callers(method)} - set(methods)
    modules = {caller.module for caller in callers}
    if len(modules) != 1 or any(view.project.layer(caller).layer != "router" for caller in callers):
        return None
    return modules.pop()


def _implementing(view: View) -> set[Class]:
    """Return the classes that implement an interface of the program."""
    classes = list(view.project.program.classes)
    hierarchy = view.project.inference.hierarchy
    return {
        one
        for cls in classes
        if hierarchy.is_interface(cls)
        for one in hierarchy.implementations(cls, classes)
    }


def _is_text(statement: r.Stmt) -> bool:
    return isinstance(statement, r.Evaluate) and isinstance(statement.value, r.Constant)
