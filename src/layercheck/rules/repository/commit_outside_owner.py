"""LC303: a transaction is ended by somebody who does not own it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from layercheck.finding import Finding, Severity
from layercheck.inference.frames import Frame
from layercheck.program.entities import Function
from layercheck.project.model import Confidence
from layercheck.rules.measures.database import Database, Touch
from layercheck.rules.measures.savepoints import Savepoints
from layercheck.rules.measures.words import enumerate_words, evidence, softened, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

_METHODS = frozenset({"commit", "rollback", "begin"})

_HELP = {
    "commit": "replace `commit` by `flush`, and commit where the session is provided",
    "rollback": "let the exception pass, and roll back where the session is provided",
    "begin": "leave the transaction to where the session is provided",
}

_OWNABLE = ("router", "service", "repository", "entity", "dependency", "schema", "util", "infrastructure")
"""Layers that are judged where the settings name an owner; the others keep their own time."""


class CommitOutsideOwner(Rule):
    """Commits and rollbacks by somebody who does not own the transaction.

    ## What it does
    Reports `commit()`, `rollback()` and `session.begin()` on a session in code whose layer is not
    the owner of transactions. As long as `transaction-owner` names nobody, only repositories are
    reported. Dependencies with `yield`, the database layer and units of work open and end
    transactions by their nature; so do tasks, scripts and migrations.

    A repository that opens its own session is left to LC404. As long as nobody is named, what is taken
    for a repository only because it works with a session is not judged: a service would commit, too.

    ## Why is this bad
    A commit hidden in a repository ends the transaction of everybody who calls it: two calls that
    belong together are no longer atomic.

    ## Example
    ```python
    # app/repositories/users.py
    from sqlalchemy.ext.asyncio import AsyncSession

    class UserRepository:
        def __init__(self, session: AsyncSession) -> None:
            self.session = session

        async def add(self, user: object) -> None:
            self.session.add(user)
            await self.session.commit()
    ```

    ## Use instead
    ```python
    # app/repositories/users.py
    from sqlalchemy.ext.asyncio import AsyncSession

    class UserRepository:
        def __init__(self, session: AsyncSession) -> None:
            self.session = session

        async def add(self, user: object) -> None:
            self.session.add(user)
            await self.session.flush()
    ```

    ## Options
    * `transaction-owner`: `dependency`, `service`, `router`, `repository` or `uow`, or a list of them.
    * `rules.LC303.commit-allowed`: patterns of dotted names that may commit, such as an audit log.

    ## Known limits
    Commits inside third-party code are not seen.
    """

    code = "LC303"
    name = "commit-outside-owner"
    severity = Severity.WARNING
    fix = "unsafe"

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each function that ends a transaction it does not own."""
        database = view.measure(Database)
        owners = view.config.transaction_owner
        judged = tuple(layer for layer in _OWNABLE if layer not in owners) if owners else ("repository",)
        allowed: tuple[str, ...] = view.config.option(self.code, "commit-allowed", ())
        for function in view.project.program.functions:
            if not _is_judged(view, function, judged, bool(owners)) or _is_lifecycle(view, function):
                continue
            if any(fnmatchcase(function.qualname, pattern) for pattern in allowed):
                continue
            frames = view.calls.frames(function)
            ends = [
                touch for frame in frames for touch in _unnested(function, database.touches(frame))
                if _ends(touch)
            ]  # fmt: skip
            if ends and not _opens_its_own(view, database, function, frames):
                yield self._report(view, function, ends, owners)

    def _report(self, view: View, function: Function, ends: list[Touch], owners: tuple[str, ...]) -> Finding:
        project = view.project
        layer = project.layer(function).layer
        places = dict.fromkeys(
            project.place(function, touch.at) for touch in sorted(ends, key=lambda end: end.at)
        )
        first = min(ends, key=lambda end: end.at)
        owner = (
            f"the transaction belongs to {enumerate_words(owners)}"
            if owners
            else "its callers own the transaction"
        )
        method = first.name.rpartition(".")[2]
        place, *related = places
        return self.finding(
            place,
            f"{layer} {spoken(function)} calls {first.name}; {owner}",
            help=_HELP[method],
            element=function.qualname,
            layer=layer,
            target=first.operation.target,
            severity=softened(project, self.severity, function),
            evidence=evidence(project, function),
            chain=(
                step(project, function, first.at, "transaction", f"{spoken(function)} calls {first.name}"),
            ),
            related=tuple(related),
        )


def _unnested(function: Function, touches: Sequence[Touch]) -> list[Touch]:
    """Return ``touches`` without those of savepoints."""
    savepoints, made = Savepoints(function, touches), function.calls if touches else {}
    return [touch for touch in touches if touch.at not in made or not savepoints.ends(made[touch.at])]


def _ends(touch: Touch) -> bool:
    """Return whether a call of ``commit``, ``rollback`` or ``begin``; savepoints end nothing."""
    return touch.operation.target.rpartition(".")[2] in _METHODS


def _is_judged(view: View, function: Function, layers: tuple[str, ...], has_owner: bool) -> bool:
    """Return whether a function belongs to one of ``layers``, beyond a guess where nobody is the owner."""
    found = view.project.layer(function)
    return found.layer in layers and (has_owner or found.confidence is not Confidence.WEAK)


def _is_lifecycle(view: View, function: Function) -> bool:
    """Return whether a function opens and ends transactions by its nature."""
    if view.project.layer(function).layer == "dependency" and function.is_generator:
        return True
    owner = function.owner
    return owner is not None and view.project.sessions.is_unit_of_work(owner)


def _opens_its_own(view: View, database: Database, function: Function, frames: Sequence[Frame]) -> bool:
    """Return whether the function, or the constructor of its class, opens the session it ends."""
    seen = list(frames)
    if function.owner is not None:
        for name in ("__init__", "__aenter__", "__enter__"):
            method = function.owner.methods.get(name)
            seen.extend(view.calls.frames(method) if method is not None else [])
    return any(map(database.opens, seen))
