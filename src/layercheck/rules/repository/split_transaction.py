"""LC304: one request or job commits more than once."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

import msgspec

from layercheck.finding import Finding, Severity, Step
from layercheck.graphs.calls import Edge
from layercheck.graphs.carrying import is_generator
from layercheck.inference.frames import Frame
from layercheck.program.entities import Entity, Function
from layercheck.rules.measures.database import Database
from layercheck.rules.measures.handlers import handlers, runs_now
from layercheck.rules.measures.parameters import product
from layercheck.rules.measures.transaction_states import Commit, Split
from layercheck.rules.measures.transactions import Injected, Transactions, injected_into
from layercheck.rules.measures.words import evidence, hops, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

_WEBSOCKET = "WEBSOCKET"


class _Entry(msgspec.Struct, frozen=True):
    """What runs a request or a job: its title, its frame and what is injected into it."""

    title: str
    function: Function
    frame: Frame
    injected: tuple[Injected, ...]
    repeats: bool


class SplitTransaction(Rule):
    """Requests and jobs that commit more than once.

    ## What it does
    Follows everything a handler or a task runs, way by way, and reports the second commit on one way
    if something was written before each of the two: two repositories that commit, a commit in a loop,
    a commit further down and that of the dependency with `yield`, a second session that is opened on
    the way and writes.

    Savepoints do not count, nor commits in an `except` clause or behind a `rollback`. A task may commit
    in every round of its loop. `add(..., commit=False)` is followed into the branch it chooses.

    Handlers that split the same way, in the same function, are told once.

    ## Why is this bad
    When something fails between the two commits, half of the business action stays in the database.

    ## Example
    ```python
    # app/repositories/users.py
    from sqlalchemy import text
    from sqlalchemy.orm import Session

    def forget_mails(db: Session, user_id: int) -> None:
        db.execute(text("DELETE FROM mails WHERE user_id = :id"), {"id": user_id})

    # app/tasks.py
    from celery import Celery
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session

    from app.repositories import users

    celery = Celery()
    engine = create_engine("sqlite://")

    @celery.task
    def forget(user_id: int, other_id: int) -> None:
        with Session(engine) as db:
            users.forget_mails(db, user_id)
            db.commit()
            users.forget_mails(db, other_id)
            db.commit()
    ```

    ## Use instead
    ```python
    # app/repositories/users.py
    from sqlalchemy import text
    from sqlalchemy.orm import Session

    def forget_mails(db: Session, user_id: int) -> None:
        db.execute(text("DELETE FROM mails WHERE user_id = :id"), {"id": user_id})

    # app/tasks.py
    from celery import Celery
    from sqlalchemy import create_engine
    from sqlalchemy.orm import Session

    from app.repositories import users

    celery = Celery()
    engine = create_engine("sqlite://")

    @celery.task
    def forget(user_id: int, other_id: int) -> None:
        with Session(engine) as db:
            users.forget_mails(db, user_id)
            users.forget_mails(db, other_id)
            db.commit()
    ```

    ## Options
    * `rules.LC304.commit-allowed`: patterns of dotted names whose commits do not count, such as an audit
      log's.
    * `rules.LC304.batch-commit`: patterns of dotted names of entry points that may commit in every round
      of a loop.

    ## Known limits
    Commits inside third-party code are not seen. Attributes assigned to a loaded row are no write. What
    dependencies commit before the handler runs counts only in the constructor of a service or repository.
    Where a request is given two sessions, nothing is reported.
    """

    code = "LC304"
    name = "split-transaction"
    severity = Severity.ERROR

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each function in which the ways to two commits part."""
        database = view.measure(Database)
        allowed: tuple[str, ...] = view.config.option(self.code, "commit-allowed", ())
        batches: tuple[str, ...] = view.config.option(self.code, "batch-commit", ())
        paths = Transactions(view, database, lambda function: _matches(function, allowed))
        found: dict[tuple[Entity, Entity], list[tuple[_Entry, Split]]] = {}
        for entry in _entries(view, batches):
            split = paths.split(entry.frame, entry.injected, entry.repeats)
            if split is not None:
                key = _parting(entry, split), split.second.frame.entity
                found.setdefault(key, []).append((entry, split))
        for (parting, _), splits in found.items():
            yield self._report(view, parting, splits)

    def _report(self, view: View, parting: Entity, splits: list[tuple[_Entry, Split]]) -> Finding:
        project = view.project
        (entry, split), *others = splits
        first, second = split.first, split.second
        assert isinstance(first, Commit)
        more = f", and of {len(others)} more" if others else ""
        begin, end = first.frame.entity, second.frame.entity
        if begin is not end:
            distinct = spoken(begin) != spoken(end)
            names = (spoken(begin), spoken(end)) if distinct else (begin.qualname, end.qualname)
            told = f"commits in {names[0]} and again in {names[1]}"
        elif first.at == second.at:
            told = f"commits in {spoken(end)} more than once"
        else:
            told = f"commits twice in {spoken(end)}" if end is not parting else "commits twice"
        return self.finding(
            project.place(second.frame.entity, second.at),
            f"{spoken(parting)} {told}; a failure in between leaves half of {entry.title} behind{more}",
            help=f"`flush` in {spoken(begin)}, and commit once, at the end",
            element=parting.qualname,
            layer=project.layer(parting).layer,
            target=f"{second.frame.entity.qualname}:{second.target}",
            evidence=evidence(project, parting),
            chain=(*_steps(view, first), *_steps(view, second)),
            related=(project.place(first.frame.entity, first.at),),
        )


def _matches(function: Function, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(function.qualname, pattern) for pattern in patterns)


def _steps(view: View, commit: Commit) -> tuple[Step, ...]:
    element = commit.frame.entity
    method = ".".join(commit.target.split(".")[-2:])
    text = f"{spoken(element)} calls {method}"
    return (*hops(view.project, commit.chain), step(view.project, element, commit.at, "transaction", text))


def _parting(entry: _Entry, split: Split) -> Entity:
    """Return the function in which the ways to the two commits part."""
    frame: Frame = entry.frame
    assert isinstance(split.first, Commit)
    for one, other in zip(split.first.chain, split.second.chain, strict=False):
        if (one.target, one.site) != (other.target, other.site):
            break
        frame = one.target
    return frame.entity


# Entry points -----------------------------------------------------------------------------------


def _entries(view: View, batches: tuple[str, ...]) -> Iterator[_Entry]:
    for handler in handlers(view):
        route = handler.routes[0]
        injected = injected_into(view, route)
        generators = (one.frame for one in injected if is_generator(one.frame))
        sessions = [frame for frame in generators if _gives_session(view, frame)]
        if len({frame.entity for frame in sessions}) < 2:
            repeats = route.method != _WEBSOCKET and not _matches(handler.function, batches)
            yield _Entry(handler.title, handler.function, route.entry, injected, repeats)
    called = _called(view)
    for function in view.project.program.functions:
        frame = view.calls.declared(function)
        if view.project.layer(function).layer == "task" and function not in called and frame is not None:
            yield _Entry(spoken(function), function, frame, (), False)


def _called(view: View) -> set[Entity]:
    """Return what other functions run before they go on."""
    functions = (frame for frame in view.project.inference.frames if isinstance(frame.entity, Function))
    edges: Iterator[Edge] = (edge for frame in functions for edge in view.calls.edges(frame))
    return {
        edge.target.entity
        for edge in edges
        if runs_now(edge) and edge.source.entity is not edge.target.entity
    }


def _gives_session(view: View, frame: Frame) -> bool:
    inference = view.project.inference
    function = frame.entity
    assert isinstance(function, Function)
    given = inference.declared_result(function, frame.outer, frame)
    given |= inference.heap.read(("yield", frame), None)
    return view.project.sessions.are_among(product(given))
