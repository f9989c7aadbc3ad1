"""LC303: a repository flushes, where somebody above commits."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import libcst as cst

from layercheck.finding import Finding
from layercheck.fixes.code import Refused
from layercheck.fixes.fix import Change, Context, Fix, State
from layercheck.graphs.carrying import is_generator
from layercheck.inference.frames import Frame
from layercheck.program.entities import Entity, Function
from layercheck.project.operations import OperationKind
from layercheck.rules.measures.database import Database
from layercheck.rules.measures.handlers import handlers, runs_now
from layercheck.rules.measures.transaction_states import State as Ending
from layercheck.rules.measures.transactions import Transactions, injected_into
from layercheck.rules.measures.words import spoken
from layercheck.rules.view import View

_FLUSHING = frozenset({"Session", "AsyncSession", "scoped_session", "async_scoped_session"})

_WRITES = frozenset({OperationKind.WRITE, OperationKind.FLUSH})
"""What a repository flushes may be a change of an object, which no call tells of."""


class FlushInstead(Fix):
    """Turns ``commit`` into ``flush`` in a repository.

    Refused where an entry point that leads there would end without a commit: what it wrote would be lost.
    """

    code = "LC303"

    def change(self, finding: Finding, context: Context) -> Change:
        """Return the repository with ``flush`` for each ``commit`` of the function."""
        owner, _, method = finding.target.rpartition(".")
        if finding.layer != "repository":
            raise Refused(f"only repositories can leave the commit to others, and this is {finding.layer}")
        if method != "commit" or owner.rpartition(".")[2] not in _FLUSHING:
            raise Refused(f"nothing can stand for {method} here")
        for told in context.view.measure(_Commits).alone(context.function(finding)):
            raise Refused(told)
        code = context.code(finding.place.path)
        edits = []
        for place in (finding.place, *finding.related):
            call = code.at(cst.Call, place.line, place.column)
            if not isinstance(call.func, cst.Attribute) or call.func.attr.value != "commit":
                raise Refused("the function does more to the transaction than to commit")
            edits.append(code.replace(call.func.attr, "flush"))
        return Change("replaced commit by flush", tuple(edits))

    def objection(self, finding: Finding, before: State, after: State) -> str:
        """Return which entry point would leave without a commit what it wrote."""
        function = Context(after).element(finding.element)
        if not isinstance(function, Function):
            return "several functions have the same name"
        return next(after.view.measure(_Commits).missing(function), "")


class _Commits:
    """What commits in a project, worked out once for all findings."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._paths = Transactions(view, view.measure(Database), lambda one: False, _WRITES)
        self._reached: dict[Frame, set[Entity]] = {}

    def missing(self, function: Function) -> Iterator[str]:
        """Yield the entry points that lead to ``function`` and may end without a commit."""
        view = self._view
        known: set[Entity] = set()
        for handler in handlers(view):
            known.add(handler.function)
            for route in handler.routes:
                known.add(route.entry.entity)
                if function in self._reach(route.entry):
                    if _loses(self._paths.ends(route.entry, injected_into(view, route), True)):
                        yield _lost(handler.title)
        for root in _roots(view, function):
            frame = view.calls.declared(root) if isinstance(root, Function) else None
            if root not in known and root not in view.project.providers:
                is_judged = frame is not None and self._paths.is_relevant(frame)
                if frame is None or not is_judged or _loses(self._paths.ends(frame, (), True)):
                    yield _lost(spoken(root))

    def alone(self, function: Function) -> Iterator[str]:
        """Yield the entry points that lead to ``function``, and on to nothing else that commits."""
        view = self._view
        for handler in handlers(view):
            for route in handler.routes:
                if function in self._reach(route.entry):
                    injected = (one.frame for one in injected_into(view, route))
                    frames = (route.entry, *filter(is_generator, injected))
                    reached = set[Entity]().union(*map(self._reach, frames))
                    if reached.isdisjoint(self._committing - {function}):
                        yield _lost(handler.title)

    @cached_property
    def _committing(self) -> set[Entity]:
        """The functions that commit, or open a block that does."""
        return {frame.entity for frame in self._view.project.inference.frames if self._paths.commits(frame)}

    def _reach(self, entry: Frame) -> set[Entity]:
        found = self._reached.get(entry)
        if found is None:
            reached = self._view.calls.walk(entry, runs_now)
            found = self._reached[entry] = {frame.entity for frame, _ in reached}
        return found


def _lost(title: str) -> str:
    return f"nothing would commit what {title} writes"


def _roots(view: View, function: Function) -> list[Entity]:
    """Return what leads to ``function`` and is called by nothing itself."""
    seen: dict[Entity, None] = {}
    pending: list[Entity] = [function]
    while pending:
        current = pending.pop()
        if current not in seen:
            seen[current] = None
            pending.extend(view.calls.callers(current))
    return [one for one in seen if not view.calls.callers(one)]


def _loses(ends: list[Ending]) -> bool:
    """Return whether one of the ways ends, or may end, with something written and not committed.

    What follows two commits is not known.
    """
    return any((end.pending and not end.is_over) or end.split is not None for end in ends)
