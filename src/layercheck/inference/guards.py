"""Guards: ``try`` and ``with``, where exceptions may stop."""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.inference.base import Arguments, Base
from layercheck.inference.frames import (
    Activation,
    Environment,
    Guard,
    HandlerClause,
    join,
)
from layercheck.inference.models import library
from layercheck.inference.values import (
    NOTHING,
    ClassValue,
    External,
    Instance,
    Made,
    Value,
    Values,
    only,
)
from layercheck.location import Span
from layercheck.program.build import target_names
from layercheck.program.entities import Class


class Guards(Base):
    """Executing what may stop exceptions."""

    def _new_guard(self, act: Activation) -> Guard:
        guard = Guard(len(act.frame.guards), act.guard)
        act.frame.guards = (*act.frame.guards, guard)
        return guard

    def _try(self, act: Activation, node: r.Try) -> None:
        outer = act.guard
        before = dict(act.env) if act.env is not None else None
        guard = self._new_guard(act)
        for handler in node.handlers:
            classes = self._caught(act, handler.type) if handler.type is not None else None
            guard.clauses.append(HandlerClause(handler.at, classes, handler.name, guard))
        act.guard = guard.index if node.handlers else outer
        self.execute(act, node.body)
        act.guard = outer
        partly = _everything(before, act.env, node.body, act)
        self.execute(act, node.orelse)
        result = act.env
        for handler, clause in zip(node.handlers, guard.clauses, strict=True):
            act.env = dict(partly) if partly is not None else None
            act.handlers.append(clause)
            if handler.name and act.env is not None:
                self.bind(act, handler.name, clause.classes or self.instance("builtins.BaseException"))
            self.execute(act, handler.body)
            act.handlers.pop()
            result = join(result, act.env)
        if node.finalbody:
            ended = result is None
            act.env = result if not ended else (dict(partly) if partly is not None else None)
            self.execute(act, node.finalbody)
            if ended:
                act.env = None
        else:
            act.env = result

    def _caught(self, act: Activation, node: r.Expr) -> Values:
        if isinstance(node, r.Sequence):
            return frozenset().union(*(self._caught(act, item) for item in node.items))
        values = self.evaluate(act, node)
        held = frozenset().union(
            *(
                self.iterate(act, only(v), Span(0))
                for v in values
                if not isinstance(v, (ClassValue, External))
            )
        )
        return self.type_meaning(act, values | held)[0]

    def _with(self, act: Activation, node: r.With) -> None:
        outer = act.guard
        for item in node.items:
            values = self.evaluate(act, item.context)
            at = item.context.at if not isinstance(item.context, r.Slice) else node.at
            guard = self._new_guard(act)
            entered = NOTHING
            for value in values:
                entered |= self._enter(act, value, node.is_async, at, guard)
            self._find_suppression(act, item.context, guard)
            if guard.suppressed or guard.managers:
                act.guard = guard.index
            if item.target is not None:
                self.assign(act, item.target, entered)
        self.execute(act, node.body)
        act.guard = outer

    def _enter(self, act: Activation, value: Value, is_async: bool, at: Span, guard: Guard) -> Values:
        names = ("__aenter__", "__aexit__") if is_async else ("__enter__", "__exit__")
        match value:
            case Instance(cls=str() as name, args=args) if name == library.MANAGER:
                for (_, kind), site in act.frame.sites.items():
                    if site.at == at and kind == "call":
                        guard.managers.extend(frame for frame, _ in site.edges)
                return args[0]
            case Instance(cls=Class()):
                got = self.call_method(act, value, names[0], Arguments(), at, "context")
                self.call_method(act, value, names[1], Arguments(), at, "context")
                if got is None:
                    return only(value)
                site = self.site(act, at, "context")
                guard.managers.extend(f for f, _ in site.edges if f.qualname.endswith(names[1]))
                return self.awaited(act, got, at)
            case Instance() | External() | Made():
                return only(value)
        return NOTHING

    def _find_suppression(self, act: Activation, context: r.Expr, guard: Guard) -> None:
        if isinstance(context, r.Call):
            for value in self.evaluate(act, context.func):
                if isinstance(value, External) and value.name == "contextlib.suppress":
                    for arg in context.args:
                        guard.suppressed |= self._caught(act, arg)


def _everything(
    before: Environment | None, after: Environment | None, body: tuple[r.Stmt, ...], act: Activation
) -> Environment | None:
    """Return what may be known where an exception left ``body`` somewhere in the middle."""
    if before is None:
        return after
    if after is None:
        result = dict(before)
        for statement in body:
            if isinstance(statement, r.Assign):
                for target in statement.targets:
                    for name in target_names(target):
                        result.setdefault(name, NOTHING)
        return result
    return join(before, after)
