"""LC507: the text of an unexpected exception goes into the response."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.facts import records as r
from layercheck.finding import Finding, Severity, Step
from layercheck.graphs.exception_types import CATCH_ALL
from layercheck.location import Span
from layercheck.program.entities import Function
from layercheck.project.model import Project
from layercheck.rules.measures.clauses import bare, clauses, speaker
from layercheck.rules.measures.error_text import Leak, TextFlow
from layercheck.rules.measures.handlers import wrapped
from layercheck.rules.measures.words import evidence, softened, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

DATABASE_BASES = frozenset({
    "sqlalchemy.exc.SQLAlchemyError", "sqlalchemy.exc.StatementError", "sqlalchemy.exc.DBAPIError",
    "sqlalchemy.exc.DatabaseError", "asyncpg.PostgresError", "asyncpg.exceptions.PostgresError",
    "psycopg.Error", "psycopg.DatabaseError", "psycopg2.Error", "psycopg2.DatabaseError", "sqlite3.Error",
    "sqlite3.DatabaseError", "aiosqlite.Error", "aiosqlite.DatabaseError", "pymongo.errors.PyMongoError",
    "tortoise.exceptions.BaseORMException", "peewee.PeeweeException", "peewee.DatabaseError",
})  # fmt: skip
"""The bases of what databases raise; their text holds statements and values."""

SERVER_ERROR = 500
ANY = CATCH_ALL | DATABASE_BASES


class ExceptionTextInResponse(Rule):
    """The text of an unexpected exception goes into the response.

    ## What it does
    Looks into every `except` of a router that catches everything or every error of the database, and
    into the exception handlers registered for `Exception`. Where the text of the exception (`str`,
    `repr`, an f-string, `.args`, a formatted traceback) reaches the `detail` of an `HTTPException` or
    the `content` of a response, directly or through a helper of the project, the finding stands at the
    clause.

    ## Why is this bad
    Nobody knows what the text says: it may hold SQL, paths, hosts or personal data. Clients begin to
    depend on messages of libraries, which change with the next update.

    ## Example
    ```python
    # app/api/files.py
    from pathlib import Path

    from fastapi import APIRouter, HTTPException

    router = APIRouter()


    @router.get("/files/{name}")
    def show_file(name: str) -> str:
        try:
            return Path(name).read_text()
        except Exception as error:
            raise HTTPException(500, detail=f"failed: {error}")
    ```

    ## Use instead
    ```python
    # app/api/files.py
    import logging
    from pathlib import Path

    from fastapi import APIRouter, HTTPException

    router = APIRouter()
    logger = logging.getLogger(__name__)


    @router.get("/files/{name}")
    def show_file(name: str) -> str:
        try:
            return Path(name).read_text()
        except Exception as error:
            logger.exception("could not read a file")
            raise HTTPException(500, detail="could not read the file") from error
    ```

    ## Known limits
    Text that a handler keeps and answers with after its `try`, or returns as plain data, is not seen.
    Branches that ask for the class of the exception, a debugging switch or the environment are not
    judged.
    """

    code = "LC507"
    name = "exception-text-in-response"
    severity = Severity.WARNING
    fix = "unsafe"

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding per clause, and one per registered handler."""
        flow = TextFlow(view.exceptions.types)
        for clause in clauses(view, ("router",)):
            if clause.is_for_all or not ANY.isdisjoint(clause.kinds):
                leaks = (flow.leak(frame, clause.node.body, clause.node.name) for frame, _ in clause.runs)
                leak = next((found for found in leaks if found is not None), None)
                if leak is not None:
                    title = f"`{clause.title}` in {speaker(view, clause.function)}"
                    yield self._finding(view, clause.function, clause.node.header, title, leak)
        for handler, caught in _handlers_for_all(view.project).items():
            for frame in view.calls.frames(handler):
                if wrapped(frame):
                    continue
                leak = flow.leak(frame, handler.body, _error_of(handler))
                if leak is not None:
                    title = f"exception handler `{spoken(handler)}` for {caught}"
                    yield self._finding(view, handler, leak.hops[0][1], title, leak)
                    break

    def _finding(self, view: View, function: Function, at: Span, title: str, leak: Leak) -> Finding:
        project = view.project
        return self.finding(
            project.place(function, at),
            f"{title} puts the text of the exception into the response",
            help="log the exception, and answer with a text of your own",
            element=function.qualname,
            layer=project.layer(function).layer,
            target="exception text",
            severity=softened(project, self.severity, function),
            evidence=evidence(project, function),
            chain=tuple(_chain(project, leak)),
        )


def _chain(project: Project, leak: Leak) -> Iterator[Step]:
    *hops, (last, at) = leak.hops
    for (frame, where), (target, _) in zip(hops, leak.hops[1:], strict=True):
        text = f"{spoken(frame.entity)} -> {spoken(target.entity)}"
        yield step(project, frame.entity, where, "call", text)
    yield step(project, last.entity, at, "response", f"{spoken(last.entity)} answers with the text")


def _handlers_for_all(project: Project) -> dict[Function, str]:
    """Return the functions registered for every exception, with what they are registered for."""
    found: dict[Function, str] = {}
    for one in project.mappings:
        if one.handler is None or not isinstance(one.handler.node, r.Function):
            continue
        if one.exception == SERVER_ERROR:
            found.setdefault(one.handler, f"status {SERVER_ERROR}")
        elif not isinstance(one.exception, int) and one.exception in ANY:
            found.setdefault(one.handler, f"`{bare(one.exception)}`")
    return found


def _error_of(handler: Function) -> str | None:
    """Return the name of the parameter that takes the exception: the second one, after a bound object."""
    params = handler.params[1:] if len(handler.params) > 2 else handler.params
    return params[1].name if len(params) == 2 else None
