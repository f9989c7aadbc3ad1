"""Statements: how each kind changes what is known, and where exceptions may stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from layercheck.facts import records as r
from layercheck.inference.assignments import Assignments
from layercheck.inference.base import Arguments
from layercheck.inference.branches import Branches
from layercheck.inference.definitions import Definitions
from layercheck.inference.frames import (
    Activation,
    HandlerClause,
    RaiseSite,
)
from layercheck.inference.guards import Guards
from layercheck.inference.patterns import Patterns
from layercheck.inference.values import (
    NOTHING,
    ClassValue,
)
from layercheck.program.entities import Class, Function


class Statements(Definitions, Assignments, Branches, Patterns, Guards):
    """Executing statements."""

    definitions: dict[r.Function | r.Class, Function | Class]

    def __init__(self) -> None:
        self._executors: dict[type[Any], Callable[[Activation, Any], None]] = {
            r.Import: self.import_module, r.ImportFrom: self.import_from, r.Function: self._function,
            r.Class: self._class, r.Assign: self._assign, r.Annotated: self._annotated,
            r.Augmented: self._augmented, r.TypeAlias: self._type_alias, r.Return: self._return,
            r.Raise: self._raise, r.Evaluate: self._evaluate_statement, r.If: self._if, r.For: self._for,
            r.While: self._while, r.With: self._with, r.Try: self._try, r.Match: self._match,
            r.Assert: self._assert, r.Delete: self._delete, r.Scope: self._nothing, r.Jump: self._jump,
        }  # fmt: skip

    def execute(self, act: Activation, body: tuple[r.Stmt, ...]) -> None:
        """Run the statements."""
        for statement in body:
            if act.env is None:
                return
            self._executors[statement.__class__](act, statement)

    def _nothing(self, act: Activation, node: r.Scope) -> None:
        """Names are sorted out before anything runs."""

    def _evaluate_statement(self, act: Activation, node: r.Evaluate) -> None:
        if not isinstance(node.value, r.Constant):
            self.evaluate(act, node.value)

    def _jump(self, act: Activation, node: r.Jump) -> None:
        if node.kind != "pass":
            if act.loops and act.env is not None:
                act.loops[-1].append(act.env)
            act.env = None

    def _return(self, act: Activation, node: r.Return) -> None:
        if node.value is not None:
            self.heap.write(("return", act.frame), self.evaluate(act, node.value))
        self.publish(act)
        act.env = None

    def _raise(self, act: Activation, node: r.Raise) -> None:
        values = NOTHING
        if node.exc is not None:
            raised = self.evaluate(act, node.exc)
            classes = frozenset(v for v in raised if isinstance(v, ClassValue))
            values = raised - classes
            if classes:
                values |= self.call(act, classes, Arguments(), node.at, "call")
        if node.cause is not None:
            self.evaluate(act, node.cause)
        clause = self._reraising(act, node)
        if clause is not None and clause.name and act.env is not None:
            # an isinstance test may have told the caught exceptions apart
            values = act.env.get(clause.name, NOTHING)
        site = RaiseSite(node.at, values, act.guard, clause)
        act.frame.raises = {**act.frame.raises, node.at: site}
        self.publish(act)
        act.env = None

    def _reraising(self, act: Activation, node: r.Raise) -> HandlerClause | None:
        """Return the clause whose exception ``raise``, or ``raise error`` by its name, raises again."""
        if node.exc is None:
            return act.handlers[-1] if act.handlers else None
        name = node.exc.id if isinstance(node.exc, r.Name) else ""
        return next((clause for clause in reversed(act.handlers) if name and clause.name == name), None)
