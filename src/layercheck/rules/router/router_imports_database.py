"""LC102: a router imports what builds queries or opens the database."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.finding import Finding, Severity
from layercheck.graphs.imports import Import, Kind
from layercheck.graphs.uses import Use
from layercheck.inference.values import NOTHING, FunctionValue
from layercheck.location import Span
from layercheck.program.entities import Class, Entity, Function, Module
from layercheck.project.identity import is_exception
from layercheck.project.model import Confidence
from layercheck.rules.measures.exempt import Exempt, thin_or_health_checks
from layercheck.rules.measures.words import enumerate_words, evidence, other_lines, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

_EXCEPTION_MODULES = frozenset({"exc", "exceptions", "errors"})


class RouterImportsDatabase(Rule):
    """Routers that import query builders, drivers, engines or session factories.

    ## What it does
    Reports an import of a database package, or of the project's own database layer, whose name a
    router uses when it runs. A name that only stands in annotations is fine, and so are providers
    that are handed to `Depends`, exceptions of the database, and what thin handlers and health
    checks use.

    ## Why is this bad
    With the import, knowledge of the database enters the router. It is the earliest and cheapest
    sign that a query will follow.

    ## Example
    ```python
    # app/models.py
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    class Base(DeclarativeBase): ...

    class Item(Base):
        __tablename__ = "items"
        id: Mapped[int] = mapped_column(primary_key=True)

    # app/api/items.py
    from fastapi import APIRouter
    from sqlalchemy import select

    from app.models import Item

    router = APIRouter()

    def newest():
        return select(Item).order_by(Item.id.desc()).limit(3)

    @router.get("/items")
    async def list_items() -> str:
        return str(newest())

    @router.get("/items.sql")
    async def show_sql() -> str:
        return str(newest())
    ```

    ## Use instead
    ```python
    # app/api/items.py
    from typing import Annotated

    from fastapi import APIRouter, Depends
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.db import get_db

    router = APIRouter()
    Db = Annotated[AsyncSession, Depends(get_db)]
    ```

    ## Options
    * `types.database-packages`: packages that count as the database, besides the known ones.
    * `rules.LC102.allowed-names`: names a router may import, dotted or by their last part.

    ## Known limits
    What a router reaches through another module is not its import; LC101 follows the calls.
    """

    code = "LC102"
    name = "router-imports-database"
    severity = Severity.WARNING
    fix = "unsafe"

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each import statement that brings the database into a router."""
        exempt = view.measure(thin_or_health_checks)
        allowed = view.config.option(self.code, "allowed-names", ())
        packages = frozenset(view.config.types.database_packages)
        for imports in view.imports.of_module.values():
            statements: dict[Span, dict[Import, list[Use]]] = {}
            for one in imports:
                if one.dotted in allowed or one.dotted.rpartition(".")[2] in allowed:
                    continue
                if _is_database(view, one, packages):
                    uses = [use for use in one.uses if _counts(view, use, exempt)]
                    if uses and one.kind is not Kind.TYPE_ONLY:
                        statements.setdefault(one.at, {})[one] = uses
            for found in statements.values():
                yield self._report(view, found)

    def _report(self, view: View, found: dict[Import, list[Use]]) -> Finding:
        project = view.project
        first = next(iter(found))
        module = first.module
        users = dict.fromkeys(use.element for uses in found.values() for use in uses)
        speakers = enumerate_words(dict.fromkeys(f"`{spoken(user)}`" for user in users))
        names = enumerate_words([f"`{one.dotted}`" for one in found])
        steps = [
            step(project, use.element, use.at, "use", f"{spoken(use.element)} uses {one.bound}")
            for one, uses in found.items()
            for use in uses
        ]
        start = step(project, module, first.at, "import", f"{module.name} imports {names.replace('`', '')}")
        place = project.place(module, first.at)
        return self.finding(
            place,
            f"router `{module.name}` imports {names}, used by {speakers}",
            help=f"move what {speakers} builds to a repository; keep session types in annotations only",
            element=module.qualname,
            layer="router",
            target=", ".join(one.dotted for one in found),
            evidence=evidence(project, *users),
            chain=(start, *steps[:1]),
            related=other_lines(place, (one.place for one in steps)),
        )


def _is_database(view: View, one: Import, packages: frozenset[str]) -> bool:
    if isinstance(one.target, str):
        return one.target.partition(".")[0] in packages and not _is_exception_name(one.target)
    if isinstance(one.target, Module) and _is_provider(view, one.target, one.name):
        return False
    return any(_is_database_element(view, element) for element in view.imports.elements(one))


def _is_provider(view: View, module: Module, name: str) -> bool:
    """Return whether a variable holds a provider that a function made: ``get_db = make_get_db(engine)``."""
    values = view.project.inference.heap.read(("name", module, name), None) if name else NOTHING
    return bool(values) and all(
        isinstance(value, FunctionValue) and value.function in view.project.providers for value in values
    )


def _is_database_element(view: View, element: Entity) -> bool:
    if isinstance(element, (Function, Class)) and element in view.project.providers:
        return False
    return view.project.layer(element).layer == "database"


def _is_exception_name(dotted: str) -> bool:
    return is_exception(dotted) or bool(_EXCEPTION_MODULES & set(dotted.split(".")[1:]))


def _counts(view: View, use: Use, exempt: Exempt) -> bool:
    """Return whether a router uses the name when it runs, for more than an exception."""
    if use.in_annotation or (use.path and _is_exception_name(".".join((use.name, *use.path)))):
        return False
    assignment = view.project.layer(use.element)
    if assignment.layer != "router" or assignment.confidence <= Confidence.WEAK:
        return False
    element: Entity = use.element
    while not isinstance(element, Module):
        if element in exempt:
            return False
        element = element.parent
    return True
