"""LC204: a service stores or takes a session."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.finding import Finding, Severity
from layercheck.program.entities import Class, Function, Module
from layercheck.project.model import Presence
from layercheck.rules.measures.sessions import Held, held_attributes, held_parameters
from layercheck.rules.measures.words import evidence, softened, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

_CALLED_BY_OTHERS = frozenset({"__init__", "__call__", "__new__"})


class ServiceHoldsSession(Rule):
    """Services that store or take a database session.

    ## What it does
    Reports a session or connection as a parameter of the constructor or of a public method of a
    service, of a public function of a service module, and as a declared attribute of a service class.
    A unit of work is no session.

    Silent in projects without a repository layer.

    ## Why is this bad
    A service that knows the session is a query away from running one, and its tests need a fake
    session where a fake repository would do.

    ## Example
    ```python
    # app/repositories/items.py
    from sqlalchemy import select
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.models import Item

    class ItemRepository:
        def __init__(self, session: AsyncSession) -> None:
            self.session = session

        async def count(self) -> int:
            return len(list(await self.session.scalars(select(Item))))

    # app/models.py
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    class Base(DeclarativeBase): ...

    class Item(Base):
        __tablename__ = "items"
        id: Mapped[int] = mapped_column(primary_key=True)

    # app/services/carts.py
    from sqlalchemy.ext.asyncio import AsyncSession

    from app.repositories.items import ItemRepository

    class CartService:
        def __init__(self, session: AsyncSession) -> None:
            self.items = ItemRepository(session)

        async def size(self) -> int:
            return await self.items.count()
    ```

    ## Use instead
    ```python
    # app/services/carts.py
    from app.repositories.items import ItemRepository

    class CartService:
        def __init__(self, items: ItemRepository) -> None:
            self.items = items

        async def size(self) -> int:
            return await self.items.count()
    ```

    ## Options
    * `transaction-owner`: silent where it names `service`.
    * `types.session`, `types.uow`: more classes that are sessions, or own the transaction.

    ## Known limits
    A parameter without annotation is judged by what its callers hand over.
    """

    code = "LC204"
    name = "service-holds-session"
    severity = Severity.WARNING
    requires = ("repository",)

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each function that takes a session, or class that declares one."""
        if "service" in view.config.transaction_owner:
            return
        present = view.project.presence
        for function in view.project.program.functions:
            if self._is_judged(view, present, function) and _is_public(function):
                for held in list(held_parameters(view, function))[:1]:
                    yield self._report(view, function, held)
        for cls in view.project.program.classes:
            if self._is_judged(view, present, cls) and not self._takes_in_constructor(view, cls):
                for held in held_attributes(view, cls, None):
                    if held.element is cls:
                        yield self._report(view, cls, held)
                        break

    def _is_judged(self, view: View, present: Presence, element: Class | Function) -> bool:
        if view.project.layer(element).layer != "service" or not present.has("repository", element):
            return False
        owner = element if isinstance(element, Class) else element.owner
        return owner is None or not view.project.sessions.is_unit_of_work(owner)

    def _takes_in_constructor(self, view: View, cls: Class) -> bool:
        constructor = cls.methods.get("__init__")
        return constructor is not None and any(held_parameters(view, constructor))

    def _report(self, view: View, element: Class | Function, held: Held) -> Finding:
        project = view.project
        name = held.name.removeprefix("self.")
        verb = "keeps" if isinstance(element, Class) else "takes"
        subject = element.owner if isinstance(element, Function) and element.name == "__init__" else element
        assert subject is not None
        return self.finding(
            project.place(held.element, held.at),
            f"service {spoken(subject)} {verb} the {held.type} `{name}`",
            help="take the repositories that need it, and let the provider hand them the session",
            element=element.qualname,
            layer="service",
            target=held.type,
            severity=softened(project, self.severity, element),
            evidence=evidence(project, element),
            chain=(step(project, element, held.at, "session", f"{spoken(subject)} {verb} {name}"),),
        )


def _is_public(function: Function) -> bool:
    if not isinstance(function.parent, (Class, Module)):
        return False
    return function.name in _CALLED_BY_OTHERS or not function.name.startswith("_")
