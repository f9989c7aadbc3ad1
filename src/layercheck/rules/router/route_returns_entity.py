"""LC107: an entity leaves the API unfiltered."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.finding import Finding, Severity
from layercheck.inference.frames import Frame
from layercheck.inference.values import NOTHING, Const, Container, Instance, TupleValue, Value, Values
from layercheck.program.entities import Class
from layercheck.project.model import Project, Route
from layercheck.rules.measures.database import is_mapped
from layercheck.rules.measures.handlers import Handler, handlers
from layercheck.rules.measures.words import evidence, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

NO_CONTENT = 204
SQLMODEL = "sqlmodel.SQLModel"

_RESPONSES = ("starlette.responses.", "fastapi.responses.", "starlette.templating.", "sse_starlette.")
_CLOSED = (*_RESPONSES, "builtins.coroutine")
"""What serialises nothing of what it holds: responses, and coroutines nobody awaits."""
_OPEN = frozenset({
    "builtins.dict", "builtins.list", "builtins.tuple", "builtins.set", "builtins.object", "typing.Any",
    "typing.Mapping", "typing.Sequence",
})  # fmt: skip
"""Annotations that let everything through."""

_SEQUENCES = frozenset({"builtins.list", "builtins.set", "builtins.tuple", "typing.Sequence"})


class RouteReturnsEntity(Rule):
    """Handlers that give an ORM entity to the client as it is.

    ## What it does
    Reports a handler that returns an entity of the database, a list or page of them, or a dict that
    holds one, while neither `response_model` nor the return annotation names a schema. Where both
    are given, FastAPI uses `response_model`, and so does this rule. An entity as `response_model`
    filters nothing either.

    ## Why is this bad
    Every column that is added becomes public, the password hash included, and relations are loaded
    one by one while the response is serialised.

    ## Example
    ```python
    # app/models.py
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    class Base(DeclarativeBase): ...

    class User(Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)
        password_hash: Mapped[str]

    # app/services/users.py
    from app.models import User

    class UserService:
        async def get(self, user_id: int) -> User: ...

    # app/api/users.py
    from typing import Annotated

    from fastapi import APIRouter, Depends

    from app.services.users import UserService

    router = APIRouter()

    @router.get("/users/{user_id}")
    async def show(user_id: int, users: Annotated[UserService, Depends()]):
        return await users.get(user_id)
    ```

    ## Use instead
    ```python
    # app/schemas.py
    from pydantic import BaseModel

    class UserOut(BaseModel):
        id: int

    # app/services/users.py
    class UserService:
        async def get(self, user_id: int): ...

    # app/api/users.py
    from typing import Annotated

    from fastapi import APIRouter, Depends

    from app.schemas import UserOut
    from app.services.users import UserService

    router = APIRouter()

    @router.get("/users/{user_id}")
    async def show(user_id: int, users: Annotated[UserService, Depends()]) -> UserOut:
        return await users.get(user_id)
    ```

    ## Options
    * `rules.LC107.sqlmodel-entities-as-schemas`: true lets tables of SQLModel serve as schemas,
      false by default.

    ## Known limits
    What an untyped library call returns is not known, and nothing is said of a response model that is
    handed down in a way nobody can follow.
    """

    code = "LC107"
    name = "route-returns-entity"
    severity = Severity.WARNING

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each handler whose response is an entity."""
        tables_are_schemas = view.config.option(self.code, "sqlmodel-entities-as-schemas", False)
        for handler in handlers(view):
            for route in handler.routes:
                if route.status == NO_CONTENT:
                    continue
                entity, how = _leaking(view.project, route, tables_are_schemas)
                if entity is not None:
                    yield self._report(view, handler, route, entity, how)
                    break

    def _report(self, view: View, handler: Handler, route: Route, entity: Class, how: str) -> Finding:
        project, function = view.project, handler.function
        at = getattr(function.node, "header", function.at)
        return self.finding(
            project.place(function, at),
            f"{route.method} {route.path} ({function.name}) {how} `{entity.name}`, an entity",
            help=f"return a schema with the fields of `{entity.name}` the client may see,"
            " or name it as response_model",
            element=function.qualname,
            layer="router",
            target=entity.qualname,
            evidence=evidence(project, function, entity),
            chain=(
                step(project, function, at, "return", f"{function.name} {how} {entity.name}"),
                step(project, entity, entity.node.header, "entity", f"{entity.name} is an entity"),
            ),
        )


def _leaking(project: Project, route: Route, tables_are_schemas: bool) -> tuple[Class | None, str]:
    """Return the entity ``route`` lets out, None for none, and in words how."""
    declared = _declared(project, route)
    source = "has the response model" if route.has_response_model else "is annotated to return"

    def first(values: Values) -> Class | None:
        found = (cls for cls in _held(project, values) if _is_table(project, cls, tables_are_schemas))
        return next(found, None)

    entity = first(declared)
    if entity is not None:
        return entity, source
    if _filters(declared) or (route.has_response_model and _is_unknown(declared)):
        return None, ""
    entity = first(project.inference.heap.read(("return", route.frame), None))
    if entity is not None and _is_belied(project, route, entity):
        return None, ""
    return entity, "returns"


def _is_belied(project: Project, route: Route, entity: Class) -> bool:
    """Return whether all that gives ``entity`` are calls annotated so that really return responses."""
    sites = [site for site in route.frame.sites.values() if entity in _held(project, site.result)]
    return bool(sites) and all(
        site.edges and not site.classes and all(_responds(project, target) for target, _ in site.edges)
        for site in sites
    )


def _responds(project: Project, frame: Frame) -> bool:
    """Return whether running ``frame`` returns responses and nothing else."""
    returned = project.inference.heap.read(("return", frame), None)
    return bool(returned) and all(
        isinstance(value, Instance) and isinstance(value.cls, str) and value.cls.startswith(_RESPONSES)
        for value in returned
    )


def _declared(project: Project, route: Route) -> Values:
    inference, function = project.inference, route.handler
    if route.has_response_model:
        run = inference.static_activation(function.parent, route.frame.outer, None)
        return inference.type_meaning(run, route.response_model)[0]
    return inference.declared_result(function, route.frame.outer, route.frame)


def _filters(declared: Values) -> bool:
    """Return whether a response model or return annotation says what may go out."""
    for value in declared:
        if isinstance(value, Const):
            continue
        if not isinstance(value, Instance) or value.cls not in _OPEN:
            return True
        if any(_filters(values) for values in value.args[-1:]):
            return True
    return False


def _is_unknown(declared: Values) -> bool:
    """Return whether nobody knows what a response model is: a name, or what a list of it holds."""
    return not declared or any(
        isinstance(value, Instance) and value.cls in _SEQUENCES and value.args and not value.args[0]
        for value in declared
    )


def _held(project: Project, values: Values) -> Iterator[Class]:
    """Yield the classes of the objects among ``values``, and of those that containers among them hold."""
    pending: list[Value] = sorted(values, key=lambda value: value.serial)
    seen: set[Value] = set()
    while pending:
        value = pending.pop(0)
        if value in seen:
            continue
        seen.add(value)
        inner: list[Values] = []
        match value:
            case Instance(cls=Class() as cls, args=args):
                yield cls
                inner = list(args)
            case Instance(cls=str() as name, args=args) if not name.startswith(_CLOSED):
                inner = list(args)
            case TupleValue(items=items):
                inner = list(items)
            case Container():
                inner = [project.inference.heap.read_item(value, None, None)]
        for found in inner:
            pending.extend(sorted(found or NOTHING, key=lambda value: value.serial))


def _is_table(project: Project, cls: Class, tables_are_schemas: bool) -> bool:
    if tables_are_schemas and SQLMODEL in project.inference.hierarchy.outside(cls):
        return False
    return is_mapped(project, cls)
