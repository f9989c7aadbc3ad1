"""``functools.singledispatch``: one name, and an implementation for each class of the first argument."""

from __future__ import annotations

from layercheck.inference.base import Arguments, Base
from layercheck.inference.frames import Activation, CallSite
from layercheck.inference.models.model import Model
from layercheck.inference.values import (
    NOTHING,
    Const,
    FunctionValue,
    Instance,
    Partial,
    TupleValue,
    Value,
    Values,
    Wrapped,
    only,
)
from layercheck.location import Span
from layercheck.program.entities import Class

KIND = "dispatch"
"""The `Wrapped` a dispatching function is; its ``extra`` is the function as it was decorated."""

REGISTER = "functools.singledispatch.register"


def implementations(interpreter: Base, act: Activation, callee: Wrapped, args: Arguments) -> Values:
    """Return the functions that may run for the first argument, bound like ``callee``.

    Those are the registered ones whose class it may be of, and the decorated function itself unless
    one of them is sure to come first. Where nothing is known of the argument that is all of them.
    """
    bound = callee.value.receiver if isinstance(callee.value, FunctionValue) else None
    given = args.at(0)
    result = NOTHING
    met: set[Value] = set()
    for registered in interpreter.heap.read((KIND, callee.extra), act.reader):
        if not isinstance(registered, TupleValue):
            continue
        classes, functions = registered.items
        if not given or any(_may_be(interpreter, value, classes) for value in given):
            result |= frozenset(
                interpreter.u.function(one.function, one.outer, bound)
                for one in functions
                if isinstance(one, FunctionValue)
            )
        met.update(value for value in given if _is(interpreter, value, classes))
    return result if given and met.issuperset(given) else result | only(callee.value)


def _is(interpreter: Base, value: Value, classes: Values) -> bool:
    cls = _class_of(value)
    return any(isinstance(one, Instance) and interpreter.hierarchy.derives(cls, one.cls) for one in classes)


def _may_be(interpreter: Base, value: Value, classes: Values) -> bool:
    """Return whether ``value`` may be of one of ``classes``; what is declared may be of a class below."""
    cls = _class_of(value)
    return not cls or _is(interpreter, value, classes) or any(
        not isinstance(one, Instance) or interpreter.hierarchy.derives(one.cls, cls) for one in classes
    )


def _class_of(value: Value) -> Class | str:
    """Return the class of ``value``, empty where it is not known."""
    if isinstance(value, Instance):
        return value.cls
    return f"builtins.{type(value.value).__name__}" if isinstance(value, Const) else ""


def _decorate(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
              site: CallSite) -> Values:  # fmt: skip
    return frozenset(interpreter.u.of(Wrapped, KIND, value, value) for value in args.at(0))


def _register(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
              site: CallSite) -> Values:  # fmt: skip
    """Take up an implementation: ``register(cls, f)``, ``@register(cls)`` or ``@register`` by annotation."""
    functions = frozenset(v for v in args.at(1, "func") if isinstance(v, FunctionValue))
    classes = args.at(0, "cls")
    if not functions:
        functions = frozenset(v for v in classes if isinstance(v, FunctionValue))
        if not functions:
            register = interpreter.u.external(REGISTER, receiver)
            return only(interpreter.u.of(Partial, register, (classes,), ()))
        declared = NOTHING
        for value in functions:
            assert isinstance(value, FunctionValue)
            skipped = 1 if value.function.owner is not None else 0
            parameters = interpreter.signature(value.function, value.outer, act.reader).positional[skipped:]
            declared |= parameters[0].declared if parameters else NOTHING
    else:
        declared, _ = interpreter.type_meaning(act, classes)
    if isinstance(receiver, Wrapped):
        made = interpreter.u.tuple_of((declared, functions))
        interpreter.heap.write((KIND, receiver.extra), only(made))
    return functions


MODELS: dict[str, Model] = {
    "functools.singledispatch": _decorate,
    "functools.singledispatchmethod": _decorate,
    REGISTER: _register,
}
"""Models by the canonical dotted name of what is called."""
