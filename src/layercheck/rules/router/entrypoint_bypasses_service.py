"""LC103: an entry point uses a repository although services exist."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from layercheck.finding import Finding, Severity
from layercheck.inference.frames import Frame
from layercheck.location import Span
from layercheck.program.entities import Entity, Function
from layercheck.rules.measures.handlers import Handler, handlers
from layercheck.rules.measures.homes import Homes
from layercheck.rules.measures.queries import Access, Queries, name_of
from layercheck.rules.measures.thin import Thinness, not_thin
from layercheck.rules.measures.words import enumerate_words, evidence, hops, softened, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View


class _Entry(msgspec.Struct, frozen=True):
    """An entry point: the function, how a message names it, and the handler it is, if any."""

    function: Function
    frame: Frame
    title: str
    handler: Handler | None = None


class EntrypointBypassesService(Rule):
    """Entry points that use a repository although a service layer exists.

    ## What it does
    Reports a route handler that reaches a method of a repository without passing a service: the
    repository may be injected, held by a dependency object or used by a helper of the router.
    Data access in functions (`crud.py`) and entities that find themselves count as repositories.

    A thin handler may use a repository that no service uses. Loading a row in a dependency
    (the current user, an object by its id), or in a property of a class-based view, is fine, and
    what helpers of all look up for themselves is an import of theirs (LC601).

    ## Why is this bad
    The service is where checks, events and audit live. On a path around it they are skipped, and
    nobody notices until the rule that was added to the service does not hold.

    ## Example
    ```python
    # app/repositories/users.py
    class UserRepository:
        async def delete(self, user_id: int) -> None: ...

    # app/services/users.py
    from app.repositories.users import UserRepository

    class UserService:
        def __init__(self, users: UserRepository) -> None:
            self.users = users

        async def delete(self, user_id: int) -> None:
            await self.users.delete(user_id)

    # app/dependencies.py
    from typing import Annotated

    from fastapi import Depends

    from app.repositories.users import UserRepository
    from app.services.users import UserService

    def get_users() -> UserRepository:
        return UserRepository()

    UserRepositoryDep = Annotated[UserRepository, Depends(get_users)]

    def get_user_service(users: UserRepositoryDep) -> UserService:
        return UserService(users)

    UserServiceDep = Annotated[UserService, Depends(get_user_service)]

    # app/api/users.py
    from fastapi import APIRouter

    from app.dependencies import UserRepositoryDep, UserServiceDep

    router = APIRouter()

    @router.delete("/users/{user_id}")
    async def remove(user_id: int, users: UserServiceDep) -> None:
        await users.delete(user_id)

    @router.delete("/admin/users/{user_id}")
    async def remove_any(user_id: int, users: UserRepositoryDep) -> None:
        await users.delete(user_id)
    ```

    ## Use instead
    ```python
    # app/services/users.py
    class UserService:
        async def delete(self, user_id: int) -> None: ...

    # app/dependencies.py
    from typing import Annotated

    from fastapi import Depends

    from app.services.users import UserService

    def get_user_service() -> UserService:
        return UserService()

    UserServiceDep = Annotated[UserService, Depends(get_user_service)]

    # app/api/users.py
    from fastapi import APIRouter

    from app.dependencies import UserServiceDep

    router = APIRouter()

    @router.delete("/admin/users/{user_id}")
    async def remove_any(user_id: int, users: UserServiceDep) -> None:
        await users.delete(user_id)
    ```

    ## Options
    * `rules.LC103.entry-layers`: layers whose functions are entry points, `["router"]`; add `"task"`
      for background tasks.
    * `rules.LC103.allow-reads`: true lets entry points read through repositories.
    * The limits of a thin handler, see LC101.

    ## Known limits
    A repository whose type nothing tells is not seen.
    """

    code = "LC103"
    name = "entrypoint-bypasses-service"
    severity = Severity.ERROR
    requires = ("service",)

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each entry point that goes around the services."""
        queries, present = view.measure(Queries), view.project.presence
        allow_reads = view.config.option(self.code, "allow-reads", False)
        layers = view.config.option(self.code, "entry-layers", ("router",))
        for entry in _entries(view, layers):
            if view.project.layer(entry.function.module).layer == "service":
                continue  # a function among services that a router registers goes past none of them
            accesses = queries.accesses(entry.frame) if present.has("service", entry.function) else []
            if not accesses:
                continue
            homes, reason = view.measure(Homes), _reason(view, entry)
            found = [
                access
                for access in accesses
                if (reason or access.repository in homes.services)
                and (not allow_reads or queries.writes(access))
            ]
            if found:
                yield self._report(view, entry, reason, found, homes)

    def _report(
        self, view: View, entry: _Entry, reason: str, found: list[Access], homes: Homes
    ) -> Finding:
        project, function = view.project, entry.function
        first = found[0]
        target = first.edge.target.entity
        name = _method(first)
        owners = list(dict.fromkeys(access.owner for access in found))
        others = [owner for owner in owners if owner is not first.owner]
        users = homes.services
        owned = [access.repository for access in found if access.repository in users]
        reasons = [f"{spoken(users[one])} uses {name_of(one)}" for one in owned[:1]]
        if reason:
            reasons.append(reason)
        home = f"`{spoken(users[first.repository])}`" if first.repository in users else "a service"
        also = f", and {enumerate_words(map(spoken, others))}," if others else ""
        place = project.place(function, first.start)
        related = dict.fromkeys(project.place(one.edge.source.entity, one.edge.site.at) for one in found)
        last = step(project, target, _header(target), "repository", f"{name} is data access")
        return self.finding(
            place,
            f"{entry.title} calls {name}{also} past the service layer; {'; '.join(reasons)}",
            help=f"call a method of {home} that uses `{spoken(first.owner)}`",
            element=function.qualname,
            layer=project.layer(function).layer,
            target=", ".join(sorted(owner.qualname for owner in owners)),
            severity=softened(project, self.severity, function, target),
            evidence=evidence(project, function, target),
            chain=(*hops(project, (*first.chain, first.edge)), last),
            related=tuple(one for one in related if one != place),
        )


def _method(access: Access) -> str:
    """Return the method that is called as a message names it, by the repository it is called on."""
    return f"{spoken(access.owner)}.{access.edge.target.qualname.rpartition('.')[2]}"


def _header(target: Entity) -> Span:
    return getattr(target.node, "header", target.at) if isinstance(target, Function) else target.at


def _entries(view: View, layers: tuple[str, ...]) -> Iterator[_Entry]:
    if "router" in layers:
        for handler in handlers(view):
            yield _Entry(handler.function, handler.frame, handler.title, handler)
    for function in view.project.program.functions:
        layer = view.project.layer(function).layer
        frame = view.calls.declared(function)
        if layer != "router" and layer in layers and frame is not None:
            yield _Entry(function, frame, f"{layer} {spoken(function)}")


def _reason(view: View, entry: _Entry) -> str:
    """Return why an entry point must not use a repository; empty if it is a thin handler."""
    if entry.handler is None:
        return f"a {view.project.layer(entry.function).layer} is an entry point"
    failures = view.measure(Thinness).failures(entry.handler)
    return not_thin(failures) if failures else ""
