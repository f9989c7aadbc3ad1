"""How large a piece of code is: its statements, its decisions, how deeply it nests."""

from __future__ import annotations

from collections.abc import Iterable

from layercheck.facts import records as r
from layercheck.facts.nodes import inside
from layercheck.inference.frames import Frame
from layercheck.program.build import bodies
from layercheck.project.operations import OperationKind
from layercheck.rules.measures.database import Database
from layercheck.rules.measures.effects import logs, reaches_out
from layercheck.rules.measures.handlers import runs_now
from layercheck.rules.view import View

_DECIDING = (r.If, r.For, r.While, r.Handler, r.Conditional)
_NESTING = (r.If, r.For, r.While, r.Try, r.Match)


class Size:
    """Counts statements: no docstring, ``pass``, logging or block that only begins a transaction."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._database = view.measure(Database)
        self._only_logs: dict[Frame, bool] = {}

    def statements(self, frame: Frame, body: Iterable[r.Stmt]) -> int:
        """Return how many statements of ``body``, which ``frame`` runs, count."""
        total = 0
        for statement in body:
            if self.is_silent(frame, statement):
                continue
            total += not self.is_transaction(frame, statement)
            total += sum(self.statements(frame, block) for block in bodies(statement))
        return total

    def is_silent(self, frame: Frame, statement: r.Stmt) -> bool:
        """Return whether ``statement`` does nothing that counts."""
        match statement:
            case r.Jump(kind="pass") | r.Evaluate(value=r.Constant()):
                return True
            case r.Evaluate(value=r.Call(at=at)) | r.Evaluate(value=r.Await(value=r.Call(at=at))):
                site = frame.sites.get((at, "call"))
                if site is None:
                    return False
                return logs(site) or (bool(site.edges) and all(self.only_logs(f) for f, _ in site.edges))
        return False

    def only_logs(self, frame: Frame) -> bool:
        """Return whether running ``frame`` logs and does nothing else outside the program."""
        found = self._only_logs.get(frame)
        if found is None:
            found = self._only_logs[frame] = self._does_only_log(frame)
        return found

    def _does_only_log(self, frame: Frame) -> bool:
        has_logged = False
        for reached in self._view.calls.reached(frame, runs_now):
            if self._database.touches(reached):
                return False
            for site in reached.sites.values():
                if reaches_out(site) or any(kind in ("deferred", "event") for _, kind in site.edges):
                    return False
                has_logged = has_logged or logs(site)
        return has_logged

    def is_transaction(self, frame: Frame, statement: r.Stmt) -> bool:
        """Return whether ``statement`` is a ``with`` block that only begins a transaction."""
        if not isinstance(statement, r.With):
            return False
        begun = {
            touch.at for touch in self._database.touches(frame) if touch.operation.kind is OperationKind.BEGIN
        }
        return all(isinstance(item.context, r.Call) and item.context.at in begun for item in statement.items)


def decisions(body: Iterable[r.Stmt]) -> int:
    """Return how often ``body`` decides where to go on.

    Branches, loops, ``except`` clauses, cases that do not match everything, conditional expressions,
    ``and``, ``or``, and the conditions of comprehensions.
    """
    total = 0
    for node in inside(*body):
        match node:
            case r.BoolOp(values=values):
                total += len(values) - 1
            case r.Generator(ifs=ifs):
                total += len(ifs)
            case r.Case(pattern=r.Pattern(kind="any"), guard=None):
                pass
            case r.Case():
                total += 1
            case _:
                total += isinstance(node, _DECIDING)
    return total


def nesting(body: Iterable[r.Stmt]) -> int:
    """Return how deeply branches, loops and ``try`` nest; an ``elif`` is as deep as its ``if``."""
    deepest = 0
    for statement in body:
        if isinstance(statement, (r.Function, r.Class)):
            continue
        inner = 0
        for block in bodies(statement):
            depth = nesting(block)
            is_elif = isinstance(statement, r.If) and block is statement.orelse and _is_branch(block)
            inner = max(inner, depth - 1 if is_elif else depth)
        deepest = max(deepest, inner + isinstance(statement, _NESTING))
    return deepest


def _is_branch(block: tuple[r.Stmt, ...]) -> bool:
    """Return whether ``block`` is one ``if``; that is how an ``elif`` is kept, and no deeper to read."""
    return len(block) == 1 and isinstance(block[0], r.If)
