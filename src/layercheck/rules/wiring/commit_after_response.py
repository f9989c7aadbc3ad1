"""LC408: a dependency commits when the client has its answer already."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from layercheck.facts import records as r
from layercheck.finding import Finding, Severity
from layercheck.graphs.calls import Edge
from layercheck.inference.frames import Frame
from layercheck.location import Span, encloses
from layercheck.program.build import statements
from layercheck.program.entities import Function
from layercheck.project.model import Dependency
from layercheck.project.operations import OperationKind
from layercheck.rules.measures.database import Database
from layercheck.rules.measures.fastapi_versions import exits_late, fastapi_versions
from layercheck.rules.measures.handlers import Handler, handlers, runs_now
from layercheck.rules.measures.words import evidence, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View
from layercheck.sources.requirements import Versions

_WRITING_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class _Use(msgspec.Struct, frozen=True):
    """A handler that writes, and the dependency through which a provider runs for it."""

    handler: Handler
    dependency: Dependency


class CommitAfterResponse(Rule):
    """Dependencies that commit when the response has been sent.

    ## What it does
    Reports a commit behind the `yield` of a dependency that handlers use which write, where FastAPI
    runs that code after the response: before 0.106, and from 0.118 on unless the dependency is taken
    with `scope="function"`.

    The version is read from lock files and requirements. Where they leave it open, the finding is an
    advice.

    ## Why is this bad
    The client is told that everything went well before, or although, the commit fails. A client that
    reads at once what it has just written may not find it.

    ## Example
    ```python
    # app/main.py
    from collections.abc import Iterator
    from typing import Annotated

    from fastapi import Depends, FastAPI
    from sqlalchemy import create_engine, text
    from sqlalchemy.orm import Session

    engine = create_engine("sqlite://")
    app = FastAPI()

    def get_db() -> Iterator[Session]:
        with Session(engine) as session:
            yield session
            session.commit()

    @app.post("/visits")
    def count(db: Annotated[Session, Depends(get_db)]) -> None:
        db.execute(text("UPDATE visits SET number = number + 1"))
    ```

    ## Use instead
    ```python
    # app/main.py
    from collections.abc import Iterator
    from typing import Annotated

    from fastapi import Depends, FastAPI
    from sqlalchemy import create_engine, text
    from sqlalchemy.orm import Session

    engine = create_engine("sqlite://")
    app = FastAPI()

    def get_db() -> Iterator[Session]:
        with Session(engine) as session:
            yield session
            session.commit()

    @app.post("/visits")
    def count(db: Annotated[Session, Depends(get_db, scope="function")]) -> None:
        db.execute(text("UPDATE visits SET number = number + 1"))
    ```

    ## Options
    * `rules.LC408.fastapi-version`: the version of FastAPI the project runs with, such as `0.121` or
      `>=0.118`, where no file tells it.

    ## Known limits
    Requirements in `setup.py` and `setup.cfg` are not read.
    """

    code = "LC408"
    name = "commit-after-response"
    severity = Severity.WARNING
    fix = "unsafe"

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each provider that commits behind its ``yield``."""
        database = view.measure(Database)
        users: dict[Frame, list[_Use]] | None = None
        for provider in view.project.providers:
            frame = view.calls.declared(provider) if isinstance(provider, Function) else None
            if frame is None or not isinstance(provider, Function) or not provider.is_generator:
                continue
            commits = _commits_behind_yield(view, database, frame)
            if not commits:
                continue
            versions = fastapi_versions(view, provider)
            is_late = exits_late(versions)
            if is_late is False:
                continue
            users = _users(view, database) if users is None else users
            uses = users.get(frame, [])
            if uses:
                yield self._report(view, provider, commits, uses, versions if is_late else None)

    def _report(
        self,
        view: View,
        provider: Function,
        commits: list[Span],
        uses: list[_Use],
        versions: Versions | None,
    ) -> Finding:
        project = view.project
        handler, dependency = uses[0].handler, uses[0].dependency
        more = f", and of {len(uses) - 1} more" if len(uses) > 1 else ""
        when = f"commits after FastAPI {versions} has" if versions else "may commit after FastAPI has"
        place, *related = (project.place(provider, at) for at in commits)
        asked = f'Depends({dependency.name.rpartition(".")[2]}, scope="function")'
        return self.finding(
            place,
            f"{spoken(provider)} {when} sent the response of {handler.title}{more}",
            help=f"take it as `{asked}` (FastAPI 0.121 and later), or commit before the handler returns",
            element=provider.qualname,
            layer=project.layer(provider).layer,
            target="commit",
            severity=self.severity if versions else Severity.ADVICE,
            evidence=evidence(project, provider),
            chain=(
                step(
                    project,
                    handler.function,
                    handler.routes[0].at
                    if dependency.module is not handler.function.module
                    else dependency.at,
                    "depends",
                    f"{spoken(handler.function)} -> {spoken(provider)}",
                ),
                step(
                    project, provider, commits[0], "transaction", f"{spoken(provider)} commits after yield"
                ),
            ),
            related=tuple(related),
        )


def _commits_behind_yield(view: View, database: Database, frame: Frame) -> list[Span]:
    """Return the calls and blocks that commit once ``frame`` goes on from its ``yield``."""
    function = frame.entity
    assert isinstance(function, Function)
    yields = [node.at for node in function.nodes_of(r.Yield)]
    first = min(yields, default=Span(0))
    found: dict[Span, None] = {}
    for touch in database.touches(frame):
        if touch.operation.kind is OperationKind.COMMIT and touch.at > first:
            found[touch.at] = None
    for edge in view.calls.edges(frame):
        if edge.kind == "call" and edge.site.at > first and _commits(database, edge):
            found[edge.site.at] = None
    for statement in statements(function.body):
        if isinstance(statement, r.With) and any(encloses(statement.at, at) for at in yields):
            for item in statement.items:
                at = item.context.at if not isinstance(item.context, r.Slice) else statement.at
                if _block_commits(database, frame, at):
                    found[at] = None
    return sorted(found)


def _block_commits(database: Database, frame: Frame, at: Span) -> bool:
    """Return whether the end of the block entered at ``at`` commits."""
    for touch in database.touches(frame):
        if touch.at == at and touch.operation.kind is OperationKind.BEGIN:
            return not touch.operation.target.endswith("begin_nested")
    for kind in ("call", "context"):
        site = frame.sites.get((at, kind))
        if site is None:
            continue
        if any(name.endswith(".begin") for name in site.externals) and database.opens_at(site):
            return True
        if any(_commits(database, Edge(frame, target, how, site)) for target, how in site.edges):
            return True
    return False


def _commits(database: Database, edge: Edge) -> bool:
    return runs_now(edge) and OperationKind.COMMIT in database.effect(edge.target)


def _users(view: View, database: Database) -> dict[Frame, list[_Use]]:
    """Return the handlers that write, by the providers that are unwound after their response."""
    found: dict[Frame, list[_Use]] = {}
    for handler in handlers(view):
        effect = database.effect(handler.routes[0].entry)
        is_writing = any(route.method in _WRITING_METHODS for route in handler.routes)
        if OperationKind.WRITE not in effect and not (effect and is_writing):
            continue
        used: dict[Frame, Dependency] = {}
        pending, seen = list(handler.routes[0].dependencies), set(handler.routes[0].dependencies)
        while pending:
            one = pending.pop(0)
            if one.frame is not None and one.scope != "function":
                used.setdefault(one.frame, one)
            below = view.project.injected_into(one.frame)
            pending.extend(sub for sub in below if sub not in seen)
            seen.update(below)
        for frame, dependency in used.items():
            found.setdefault(frame, []).append(_Use(handler, dependency))
    return found
