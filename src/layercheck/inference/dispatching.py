"""Dispatch by class: functions that ask of what class a parameter is, to find out what handles it.

A mediator, a command bus or a message bus: ``handlers[type(command)].handle(command)``. Such a function is
run once for each class of objects it is handed, so that a command does not reach the handlers of the others.
"""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.inference.base import Base
from layercheck.inference.frames import Activation
from layercheck.inference.signatures import Signature
from layercheck.inference.values import Instance, Value, Values, only
from layercheck.program.entities import Class, Function

MOST_CLASSES = 3
"""An argument that may be of more classes than this makes no context: it would tell little apart."""


class Dispatching(Base):
    """Telling apart the runs of functions that dispatch by the class of what they are handed."""

    def asks_class(self, act: Activation, node: r.Expr) -> None:
        """Remember that the class of ``node`` is asked for, where it is a parameter as it was handed over."""
        if isinstance(node, r.Name) and act.env is not None:
            self._ask(act, act.env.get(node.id))

    def _ask(self, act: Activation, values: Values | None) -> None:
        function = act.frame.entity
        if not values or act.env is None or not isinstance(function, Function):
            return
        yes = only(self.u.const(True))
        for index, param in enumerate(function.params):
            if act.env.get(param.name) is values and (index or act.frame.receiver is None):
                self.heap.write(("asks", function), yes)
                self.heap.write(("asks", function, param.name), yes)

    def asked(
        self, act: Activation, function: Function, signature: Signature, bound: dict[str, Values]
    ) -> tuple[tuple[str, Values], ...]:
        """Return the arguments whose class ``function`` asks for, where it is known; its caller asks, too."""
        if not self.heap.read(("asks", function), act.reader):
            return ()
        found = []
        for meaning in signature:
            values = bound.get(meaning.name)
            if not values or not self.heap.read(("asks", function, meaning.name), act.reader):
                continue
            self._ask(act, values)
            if values != meaning.declared and len(values) <= MOST_CLASSES and all(map(_is_own, values)):
                found.append((meaning.name, values))
        return tuple(found)


def _is_own(value: Value) -> bool:
    return isinstance(value, Instance) and isinstance(value.cls, Class)
