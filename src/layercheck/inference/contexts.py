"""Contexts: which frame of a function a call runs, and when there are no more of them."""

from __future__ import annotations

from layercheck.inference.dispatching import Dispatching
from layercheck.inference.frames import Activation, Frame
from layercheck.inference.inertness import Inertness
from layercheck.inference.signatures import Signature
from layercheck.inference.values import (
    NOTHING,
    ClassValue,
    Const,
    Container,
    FunctionValue,
    Partial,
    TupleValue,
    Value,
    Values,
    Wrapped,
)
from layercheck.location import Span
from layercheck.program.entities import Function, Module

MOST_RECEIVERS = 100
"""A method with more different receivers than this is run once for all the others."""

MOST_CALLABLES = 2_000
"""The same for a function handed different callables: a decorator must not mix what it wraps."""

MOST_REGISTRATIONS = 2000
"""The same for a function that registers routes: each of its calls may be a route of its own."""

MOST_GIVEN = 3
"""An argument that may be more values than this makes no context, whatever is callable among them.

It would tell little apart, and there would be one more context with each value that is found out.
"""

FEW_CONTEXTS = 6
"""What a function gets once it, or the program as a whole, has used up its contexts."""

MOST_CALLS = 20_000
"""A function that has made so many calls, all its contexts and runs together, has used up its own.

Decorators of large applications make some thousands. Code that calls whatever it is handed, as the
standard library's ``copy`` does, would make millions and learn nothing from them.
"""

HOOKS = frozenset({"__getattr__", "__getattribute__", "__setattr__", "__delattr__"})
"""Methods that are told the name of an attribute: what they do for one they do not do for another."""

DEEPEST_CONTEXT = 5
"""How deeply the contexts of closures may nest before they are merged."""


class Contexts(Inertness, Dispatching):
    """Choosing frames."""

    _contexts: dict[Function, int]
    _spent: dict[Function | Module, int]
    _callables: dict[Values, bool]
    _depths: dict[Value, int]
    _most_frames: int
    _frames: dict[tuple[object, ...], Frame]
    _reached: set[tuple[Function, Frame | None]]

    def frame_for(
        self,
        act: Activation,
        callee: FunctionValue,
        signature: Signature,
        bound: dict[str, Values],
        at: Span,
    ) -> Frame:
        """Return the frame of ``callee`` in the context of the callables it is handed.

        Where routes are registered, paths and routers make a context, too.
        """
        handed = [bound.get(m.name, m.default) for m in signature.parameters]
        registers = self.registers(act, callee.function, handed)
        if registers:
            full = ((m.name, bound.get(m.name, m.default)) for m in signature.parameters)
            given = tuple((name, values) for name, values in full if self.sets_apart(values))
        else:
            given = tuple([
                (m.name, bound[m.name])
                for m in signature.telling
                if m.name in bound and self._makes_context(callee.function, m.name, bound[m.name])
            ])  # fmt: skip
            if callee.function.captures:
                given += self._left_out(signature, bound)
            if callee.function.name in HOOKS:
                given += _hooked(signature, bound)
            given += self.asked(act, callee.function, signature, bound)
        depth = 1 + (callee.outer.depth if callee.outer is not None else 0)
        for _, values in given:
            depth = max(depth, 1 + max((self._depth(value) for value in values), default=0))
        if depth > DEEPEST_CONTEXT:
            given = ()
        receiver = callee.receiver
        if isinstance(receiver, Const):
            receiver = None
        origin = self.origin(act, callee.function, at)
        plain = (callee.function, callee.outer, receiver, given)
        key = plain if origin is None else (*plain, origin)
        frame = self._frames.get(key)
        if frame is None:
            count = self._contexts.get(callee.function, 0)
            most = MOST_CALLABLES if given or callee.outer is not None else MOST_RECEIVERS
            if len(self._frames) >= self._most_frames or self.is_exhausted(callee.function):
                most = FEW_CONTEXTS
            if registers or origin is not None:
                most = MOST_REGISTRATIONS
            if count >= most and (given or receiver is not None or origin is not None):
                return self.declared_frame(callee.function, callee.outer)
            self._contexts[callee.function] = count + 1
            self._reached.add((callee.function, callee.outer))
            frame = self._frames[key] = Frame(
                callee.function, callee.outer, receiver, given, min(depth, DEEPEST_CONTEXT), False, origin
            )
        return frame

    def _makes_context(self, function: Function, name: str, values: Values) -> bool:
        if len(values) > MOST_GIVEN or not self.calls_back(values):
            return False
        return not self.is_inert(function, name, values)

    def is_exhausted(self, function: Function | Module) -> bool:
        """Return whether ``function`` has made all the calls it may make."""
        return self._spent.get(function, 0) > MOST_CALLS

    def _left_out(self, signature: Signature, bound: dict[str, Values]) -> tuple[tuple[str, Values], ...]:
        """Return the parameters of a factory that a call leaves at None: ``@decorator(option=1)``."""
        return tuple(
            (m.name, m.default)
            for m in signature
            if m.name not in bound and not m.declared and m.default
            and all(isinstance(v, Const) and v.value is None for v in m.default)
        )  # fmt: skip

    def _depth(self, value: Value) -> int:
        depth = self._depths.get(value)
        if depth is None:
            depth = self._depths[value] = self._depth_of(value)
        return depth

    def _depth_of(self, value: Value) -> int:
        match value:
            case FunctionValue(outer=outer, receiver=receiver):
                inner = self._depth(receiver) if receiver is not None else 0
                return max(outer.depth if outer is not None else 0, inner)
            case Partial(func=func, args=args):
                return 1 + max([self._depth(func)] + [self._depth(v) for values in args for v in values])
            case TupleValue(items=items):
                return max((self._depth(v) for values in items for v in values), default=0)
            case Wrapped(value=inner_value):
                return self._depth(inner_value)
        return 0

    def calls_back(self, values: Values) -> bool:
        known = self._callables.get(values)
        if known is None:
            known = self._callables[values] = any(self._is_callable(value) for value in values)
        return known

    def _is_callable(self, value: Value) -> bool:
        match value:
            case FunctionValue() | ClassValue() | Partial():
                return True
            case TupleValue(items=items):
                return any(self.calls_back(item) for item in items)
            case Wrapped(value=inner):
                return self._is_callable(inner)
            case Container(kind="dict", site=("keywords", _, shape)):
                return bool(shape)
        return False


def _hooked(signature: Signature, bound: dict[str, Values]) -> tuple[tuple[str, Values], ...]:
    """Return the parameter that holds the name of an attribute, if the name is known."""
    return tuple(
        (m.name, bound[m.name])
        for m in signature.positional[1:2]
        if len(bound.get(m.name, NOTHING)) == 1
        and all(isinstance(v, Const) and isinstance(v.value, str) for v in bound[m.name])
    )
