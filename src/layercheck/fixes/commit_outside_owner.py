"""LC303: a repository flushes, where somebody above commits."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from layercheck.finding import Finding
from layercheck.fixes.code import Refused
from layercheck.fixes.fix import Change, Context, Fix, State
from layercheck.program.entities import Entity, Function
from layercheck.rules.measures.database import Database
from layercheck.rules.measures.handlers import handlers, runs_now
from layercheck.rules.measures.transaction_states import State as Ending
from layercheck.rules.measures.transactions import Transactions, generators_of
from layercheck.rules.measures.words import spoken
from layercheck.rules.view import View

_FLUSHING = frozenset({"Session", "AsyncSession", "scoped_session", "async_scoped_session"})


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
        function = Context(after).function(finding)
        if function is None:
            return "several functions have the same name"
        return next(_without_commit(after.view, function), "")


def _without_commit(view: View, function: Function) -> Iterator[str]:
    paths = Transactions(view, view.measure(Database), lambda one: False)
    known: set[Entity] = set()
    for handler in handlers(view):
        known.add(handler.function)
        for route in handler.routes:
            known.add(route.entry.entity)
            reached = {frame.entity for frame, _ in view.calls.walk(route.entry, runs_now)}
            if function in reached:
                ends = paths.ends(route.entry, generators_of(view, route), True)
                if _loses(ends):
                    yield f"nothing would commit what {handler.title} writes"
    for root in _roots(view, function):
        frame = view.calls.declared(root) if isinstance(root, Function) else None
        if root not in known and root not in view.project.providers:
            if frame is None or not paths.is_relevant(frame) or _loses(paths.ends(frame, (), True)):
                yield f"nothing would commit what {spoken(root)} writes"


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
    """Return whether one of the ways ends with something written and not committed."""
    return any(end.pending and not end.is_over for end in ends)
