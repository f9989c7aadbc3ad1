"""LC405: what belongs to a request is handed to code that runs when the request is over."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.facts import records as r
from layercheck.finding import Finding, Severity
from layercheck.inference.frames import Frame
from layercheck.program.entities import Function
from layercheck.rules.measures.deferring import Sink, deferring, sinks
from layercheck.rules.measures.fastapi_versions import exits_late, fastapi_versions
from layercheck.rules.measures.handlers import runs_now, titles
from layercheck.rules.measures.request_scope import Kind, Locals, RequestScope, Scoped, free_names
from layercheck.rules.measures.syntax import plain
from layercheck.rules.measures.words import evidence, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

_WHY = {
    Kind.SESSION: "the session belongs to the request",
    Kind.HOLDER: "{type} holds the session of the request",
    Kind.ENTITY: "a loaded {type} belongs to the session of the request",
    Kind.RESOURCE: "{type} closes it when the request ends",
}

_HELP = {
    Kind.SESSION: "let the task open its own session",
    Kind.HOLDER: "hand over ids and plain data, and let the task open its own session",
    Kind.ENTITY: "hand over its id and the values the task needs",
    Kind.RESOURCE: "let the task make its own",
}


class RequestScopeEscapes(Rule):
    """Sessions and loaded rows handed to code that runs after the request.

    ## What it does
    Reports arguments, bound methods and closures given to `BackgroundTasks.add_task`, to
    `asyncio.create_task` without waiting for it, to an executor or to the queue of a task, if they are
    or hold the session of the request, are a row it loaded, or come from a dependency that closes them.

    Ids and plain data are fine, and so is what a provider without `yield` gives.

    Background tasks run before the code behind `yield` in FastAPI below 0.106 and from 0.118 on; where
    files tell such a version, handing them the session is a warning.

    ## Why is this bad
    When the code runs, the session is closed or in the hands of somebody else, and rows can no longer
    load what they lack.

    ## Example
    ```python
    # app/database.py
    from collections.abc import Iterator

    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session

    engine = create_engine("sqlite://")

    def get_db() -> Iterator[Session]:
        with Session(engine) as session:
            yield session

    # app/repositories/visits.py
    from sqlalchemy import text
    from sqlalchemy.orm import Session

    class VisitRepository:
        def __init__(self, session: Session) -> None:
            self.session = session

        def count(self) -> None:
            self.session.execute(text("UPDATE visits SET number = number + 1"))

    # app/api/visits.py
    from typing import Annotated

    from fastapi import APIRouter, BackgroundTasks, Depends
    from sqlalchemy.orm import Session

    from app.database import get_db
    from app.repositories.visits import VisitRepository

    router = APIRouter()

    def get_visits(session: Annotated[Session, Depends(get_db)]) -> VisitRepository:
        return VisitRepository(session)

    @router.post("/visits")
    def visit(tasks: BackgroundTasks, visits: Annotated[VisitRepository, Depends(get_visits)]) -> None:
        tasks.add_task(visits.count)
    ```

    ## Use instead
    ```python
    # app/database.py
    from collections.abc import Iterator

    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session

    engine = create_engine("sqlite://")

    def get_db() -> Iterator[Session]:
        with Session(engine) as session:
            yield session

    # app/repositories/visits.py
    from sqlalchemy import text
    from sqlalchemy.orm import Session

    class VisitRepository:
        def __init__(self, session: Session) -> None:
            self.session = session

        def count(self) -> None:
            self.session.execute(text("UPDATE visits SET number = number + 1"))

    # app/tasks.py
    from sqlalchemy.orm import Session

    from app.database import engine
    from app.repositories.visits import VisitRepository

    def count_visit() -> None:
        with Session(engine) as session:
            VisitRepository(session).count()
            session.commit()

    # app/api/visits.py
    from fastapi import APIRouter, BackgroundTasks

    from app.tasks import count_visit

    router = APIRouter()

    @router.post("/visits")
    def visit(tasks: BackgroundTasks) -> None:
        tasks.add_task(count_visit)
    ```

    ## Options
    * `rules.LC405.allow-streaming`: with `false`, what the generator of a `StreamingResponse` is handed
      is reported, too; FastAPI from 0.106 to 0.117 closes dependencies before it runs.

    ## Known limits
    What is handed over inside another object, and threads, are not looked at.
    """

    code = "LC405"
    name = "request-scope-escapes"
    severity = Severity.ERROR

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each call that lets something of the request escape."""
        scope = view.measure(RequestScope)
        named = view.measure(titles)
        streams = not view.config.option(self.code, "allow-streaming", True)
        frames = deferring(view, streams)
        for function in view.project.program.functions:
            frame = view.calls.declared(function)
            if frame is None or frame not in frames:
                continue
            for call, sink in sinks(frame, function, streams):
                names = scope.locals(frame)
                escaped = _escaped(scope, names, frame, function, sink) if names is not None else []
                if escaped:
                    subject = named.get(function, spoken(function))
                    yield self._report(view, function, subject, call, sink, escaped)

    def _report(
        self, view: View, function: Function, subject: str, call: r.Call, sink: Sink, escaped: list[Scoped]
    ) -> Finding:
        project = view.project
        first, *others = escaped
        more = "".join(f" and `{one.name}`" for one in others)
        is_open = sink.is_background and first.kind is not Kind.RESOURCE and _outlives_tasks(view, function)
        fate = (
            "; it stays open as long as the task runs" if is_open else ", which is over when the task runs"
        )
        why = _WHY[first.kind].format(type=first.type)
        return self.finding(
            project.place(function, call.at),
            f"{subject} hands `{first.name}`{more} to {sink.name}; {why}{fate}",
            help=_HELP[first.kind],
            element=function.qualname,
            layer=project.layer(function).layer,
            target=first.type,
            severity=Severity.WARNING if is_open else self.severity,
            evidence=evidence(project, function),
            chain=(
                step(
                    project,
                    function,
                    call.at,
                    "deferred",
                    f"{spoken(function)} hands {first.name} to {sink.name}",
                ),
            ),
        )


def _outlives_tasks(view: View, function: Function) -> bool:
    """Return whether the version of FastAPI is known to close dependencies after background tasks."""
    scopes = {one.scope for found in view.project.providers.values() for one in found}
    return exits_late(fastapi_versions(view, function)) is True and "function" not in scopes


# What escapes -----------------------------------------------------------------------------------


def _escaped(
    scope: RequestScope, names: Locals, frame: Frame, function: Function, sink: Sink
) -> list[Scoped]:
    found = [one for argument in sink.arguments for one in _of_argument(names, argument)]
    match plain(sink.function):
        case r.Attribute(value=value):
            holder = names.find(value)
            if holder is not None and holder.kind in (Kind.HOLDER, Kind.RESOURCE):
                if holder.kind is Kind.RESOURCE or _uses_session(scope, frame, sink):
                    found.insert(0, holder)
        case r.Lambda() as closure:
            found.extend(_of_closure(names, closure))
        case r.Call() as call:  # functools.partial
            found.extend(one for argument in call.args for one in _of_argument(names, argument))
        case r.Name(id=name):
            nested = next((one.node for one in function.nested if one.name == name), None)
            if nested is not None:
                found.extend(_of_closure(names, nested))
    unique = {one.name: one for one in found}
    return list(unique.values())


def _of_argument(names: Locals, argument: r.Expr) -> Iterator[Scoped]:
    argument = plain(argument)
    if isinstance(argument, r.Sequence):
        for item in argument.items:
            yield from _of_argument(names, item)
    elif isinstance(argument, r.Mapping):
        for value in argument.values:
            yield from _of_argument(names, value)
    elif isinstance(argument, (r.Name, r.Attribute)):
        found = names.find(argument)
        if found is not None:
            yield found


def _of_closure(names: Locals, node: r.Lambda | r.Function) -> Iterator[Scoped]:
    for name in sorted(free_names(node)):
        found = names.find(r.Name(name, node.at))
        if found is not None and found.kind in (Kind.SESSION, Kind.ENTITY):
            yield found


def _uses_session(scope: RequestScope, frame: Frame, sink: Sink) -> bool:
    """Return whether the method that runs later, or one it calls, reads the session its object holds."""
    name = getattr(plain(sink.function), "name", "")
    for edge in scope.view.calls.edges(frame):
        receiver = edge.target.receiver
        if edge.kind not in ("call", "deferred") or getattr(edge.target.entity, "name", "") != name:
            continue
        reached = scope.view.calls.reached(
            edge.target, lambda one: runs_now(one) and one.target.receiver is receiver
        )
        if any(scope.reads_session(inner) for inner in reached):
            return True
    return False
