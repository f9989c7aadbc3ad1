"""Savepoints: transactions inside one, which end nothing for others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from layercheck.facts import records as r
from layercheck.location import Span
from layercheck.program.build import statements
from layercheck.program.entities import Function
from layercheck.rules.measures.database import Touch


class Savepoints:
    """The names ``function`` gives to savepoints; ``touches`` are its operations on the database."""

    def __init__(self, function: Function, touches: Iterable[Touch]) -> None:
        self._begun = {
            touch.at for touch in touches if touch.operation.target.endswith("begin_nested")
        }
        self._names = frozenset(self._bound(function)) if self._begun else frozenset()

    def ends(self, call: r.Expr) -> bool:
        """Return whether ``call`` is one of a method of a savepoint: ``nested.rollback()``."""
        func = call.func if isinstance(call, r.Call) else None
        receiver = func.value if isinstance(func, r.Attribute) else None
        return isinstance(receiver, r.Name) and receiver.id in self._names

    def _bound(self, function: Function) -> Iterator[str]:
        for statement in statements(function.body):
            match statement:
                case r.Assign(targets=(r.Name(id=name),), value=value) if self._begins(value):
                    yield name
                case r.With(items=items):
                    for item in items:
                        if isinstance(item.target, r.Name) and self._begins(item.context):
                            yield item.target.id

    def _begins(self, value: r.Expr) -> bool:
        call = value.value if isinstance(value, r.Await) else value
        at: Span | None = getattr(call, "at", None)
        return at in self._begun
