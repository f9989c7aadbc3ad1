"""LC302: repositories that let the database show through."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

import msgspec

from layercheck.facts import records as r
from layercheck.finding import Finding, Severity
from layercheck.inference.frames import Frame
from layercheck.inference.values import Values
from layercheck.location import Span
from layercheck.program.entities import Class, Function
from layercheck.project.model import Confidence
from layercheck.rules.measures.database import Database
from layercheck.rules.measures.sessions import held_attributes, held_parameters
from layercheck.rules.measures.signatures import classes_in, is_public, return_at
from layercheck.rules.measures.words import enumerate_words, evidence, is_weak, softened, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

_STATEMENTS = frozenset({
    "Select", "SelectBase", "GenerativeSelect", "CompoundSelect", "Insert", "Update", "Delete", "Query",
    "TextClause", "Executable", "ColumnElement", "BinaryExpression", "BooleanClauseList", "ClauseElement",
    "InstrumentedAttribute", "UnaryExpression", "Subquery", "CTE",
})  # fmt: skip
_RESULTS = frozenset({
    "Result", "ScalarResult", "MappingResult", "CursorResult", "AsyncResult", "AsyncScalarResult",
    "AsyncMappingResult", "ChunkedIteratorResult", "Row", "RowMapping", "LegacyRow", "RowProxy", "Record",
    "Cursor", "AsyncCursor", "CommandCursor", "AsyncIOMotorCursor", "AsyncIOMotorCommandCursor",
})  # fmt: skip
_LEAKING = _STATEMENTS | _RESULTS
"""Classes of database packages that only who knows the database can use."""

_USERS = frozenset({"router", "dependency", "service", "task"})
"""Layers that repositories are for."""


class _Leak(msgspec.Struct, frozen=True):
    """One thing a signature lets through: in words, the class that does, where it stands."""

    words: str
    target: str
    at: Span


class RepositoryLeaksOrm(Rule):
    """Repositories that return or take statements, results or sessions, or do not say what they return.

    ## What it does
    Reports public methods and functions of repositories that return a statement, a query, a result, a
    row, a cursor or a session, that take a statement or a condition, or that have no return
    annotation. Not judged are abstract classes, interfaces, classes with subclasses, a session
    parameter of whatever keeps no session of its own, and helper functions that are handed both the
    session and the statement. A method that implements an annotated one needs no annotation, nor does
    what is a repository only by its folder and its statements and is used by the database's own code
    alone, as event listeners and repairs of data are.

    Silent in projects without a repository layer.

    ## Why is this bad
    A repository exposes typed methods and hides the database. A statement that gets out is finished by
    the callers, and then the queries are everywhere again.

    ## Example
    ```python
    # app/models.py
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    class Base(DeclarativeBase): ...

    class Item(Base):
        __tablename__ = "items"
        id: Mapped[int] = mapped_column(primary_key=True)

    # app/repositories/items.py
    from sqlalchemy import Select, select
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.models import Item

    class ItemRepository:
        def __init__(self, session: AsyncSession) -> None:
            self.session = session

        def newest(self) -> Select[tuple[Item]]:
            return select(Item).order_by(Item.id.desc())

        async def count(self) -> int:
            return len(list(await self.session.scalars(select(Item))))

    # app/services/items.py
    from app.repositories.items import ItemRepository

    class ItemService:
        def __init__(self, items: ItemRepository) -> None:
            self.items = items

        async def count(self) -> int:
            return await self.items.count()
    ```

    ## Use instead
    ```python
    # app/models.py
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    class Base(DeclarativeBase): ...

    class Item(Base):
        __tablename__ = "items"
        id: Mapped[int] = mapped_column(primary_key=True)

    # app/repositories/items.py
    from sqlalchemy import select
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.models import Item

    class ItemRepository:
        def __init__(self, session: AsyncSession) -> None:
            self.session = session

        async def newest(self, limit: int) -> list[Item]:
            return list(await self.session.scalars(select(Item).order_by(Item.id.desc()).limit(limit)))
    ```

    ## Options
    * `rules.LC302.require-annotations`: false accepts methods without return annotation; true by default.
    * `rules.LC302.statement-methods`: patterns of the names of methods that may pass statements.

    ## Known limits
    What a method with an annotation really returns is not compared with it.
    """

    code = "LC302"
    name = "repository-leaks-orm"
    severity = Severity.WARNING
    requires = ("repository",)

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each method or function that shows the database."""
        exempt: tuple[str, ...] = view.config.option(self.code, "statement-methods", ())
        wants_types = view.config.option(self.code, "require-annotations", True)
        known = _Signatures(view)
        for function in view.project.program.functions:
            if not self._is_judged(view, function) or any(fnmatchcase(function.name, one) for one in exempt):
                continue
            leaks = list(known.leaks(function))
            if not leaks and wants_types and known.lacks_annotation(function):
                leaks = [_Leak("has no return annotation", "return annotation", return_at(function))]
            if leaks:
                yield self._report(view, function, leaks)

    def _is_judged(self, view: View, function: Function) -> bool:
        project = view.project
        if project.layer(function).layer != "repository" or not is_public(function):
            return False
        if not project.presence.has("repository", function):
            return False
        owner, hierarchy = function.owner, project.inference.hierarchy
        if owner is None:
            return True
        return not hierarchy.is_interface(owner) and not hierarchy.descendants(owner)

    def _report(self, view: View, function: Function, leaks: list[_Leak]) -> Finding:
        project = view.project
        first, *others = leaks
        told = enumerate_words(dict.fromkeys(leak.words for leak in leaks))
        assert isinstance(function.node, r.Function)
        return self.finding(
            project.place(function, function.node.header),
            f"repository {spoken(function)} {told}",
            help=(
                "annotate what it returns"
                if first.target == "return annotation"
                else "run the statement here, and return entities or plain values"
            ),
            element=function.qualname,
            layer="repository",
            target=first.target,
            severity=softened(project, self.severity, function),
            evidence=evidence(project, function),
            chain=(step(project, function, first.at, "signature", f"{spoken(function)} {first.words}"),),
            related=tuple(project.place(function, leak.at) for leak in others),
        )


class _Signatures:
    """Reads the signatures of repositories."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._sessions = view.project.sessions.types
        self._database = view.measure(Database)
        hierarchy, classes = view.project.inference.hierarchy, view.project.program.classes
        self._interfaces: dict[Class, list[Class]] = {}
        for cls in classes:
            if hierarchy.is_protocol(cls):
                for one in hierarchy.implementations(cls, list(classes)):
                    self._interfaces.setdefault(one, []).append(cls)

    def leaks(self, function: Function) -> Iterator[_Leak]:
        """Yield what the signature of ``function`` lets through, of an untyped one what it returns."""
        frame = self._view.calls.declared(function)
        if frame is None:
            return
        inference = self._view.project.inference
        held = list(held_parameters(self._view, function))
        runs_for_callers = bool(held) and function.owner is None
        for meaning in inference.signature(function, frame.outer, frame):
            name = self._leaking(meaning.declared, frozenset())
            if name and not runs_for_callers:
                yield _Leak(f"takes the {_last(name)} `{meaning.name}`", name, meaning.at)
        if self._keeps_session(function):
            for one in held:
                yield _Leak(f"takes the {one.type} `{one.name}`", one.type, one.at)
        name = self._leaking(self._returned(function, frame), self._sessions)
        if name:
            yield _Leak(f"returns `{_last(name)}`", name, return_at(function))

    def lacks_annotation(self, function: Function) -> bool:
        """Return whether neither ``function`` nor a method it implements says what it returns.

        Only of what is surely a repository is that asked: what is called so, or is used as one, and
        does not only help functions that are handed the session.
        """
        if not self._is_surely_repository(function) or self._is_annotated(function):
            return False
        frame = self._view.calls.declared(function)
        return frame is None or not self._database.only_helps(frame)

    def _is_surely_repository(self, function: Function) -> bool:
        project = self._view.project
        if project.layer(function).confidence > Confidence.MEDIUM:
            return True
        if is_weak(project, function):
            return False
        callers = self._view.calls.callers(function)
        return any(project.layer(caller).layer in _USERS for caller in callers)

    def _is_annotated(self, function: Function) -> bool:
        if _says(function):
            return True
        owner = function.owner
        if owner is None:
            return False
        hierarchy = self._view.project.inference.hierarchy
        above = (*hierarchy.own(owner), *self._interfaces.get(owner, []))
        return any(_says(cls.methods[function.name]) for cls in above if function.name in cls.methods)

    def _returned(self, function: Function, frame: Frame) -> Values:
        inference = self._view.project.inference
        if _says(function):
            return inference.declared_result(function, frame.outer, frame)
        return inference.heap.read(("return", frame), None)

    def _leaking(self, values: Values, more: frozenset[str]) -> str:
        """Return the first class among ``values`` that belongs to the database, or is one of ``more``."""
        packages = self._view.config.types.database_packages
        for cls in classes_in(values):
            if isinstance(cls, str):
                package, _, _ = cls.partition(".")
                if cls in more or (package in packages and _last(cls) in _LEAKING):
                    return cls
        return ""

    def _keeps_session(self, function: Function) -> bool:
        """Return whether the object of a method has a session already."""
        owner = function.owner
        if owner is None:
            return False
        if any(held_attributes(self._view, owner, None)):
            return True
        order = self._view.project.inference.hierarchy.order(owner)
        constructors = (cls.methods.get("__init__") for cls in order if isinstance(cls, Class))
        return any(one is not None and any(held_parameters(self._view, one)) for one in constructors)


def _says(function: Function) -> bool:
    return isinstance(function.node, r.Function) and function.node.returns is not None


def _last(name: str) -> str:
    return name.rpartition(".")[2]
