"""Builtins that run over the elements of what they are handed."""

from __future__ import annotations

from layercheck.inference.base import Arguments, Base
from layercheck.inference.frames import Activation, CallSite
from layercheck.inference.models.model import Model
from layercheck.inference.values import NOTHING, Const, Container, Instance, Value, Values, only
from layercheck.location import Span


def _elements(interpreter: Base, act: Activation, values: Values, at: Span) -> Values:
    return interpreter.iterate(act, values, at)


def _collect(kind: str) -> Model:
    """Return the model of ``list(x)``, ``set(x)`` ...: a container of the elements."""

    def model(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
              site: CallSite) -> Values:  # fmt: skip
        if not args.positional:
            return only(interpreter.u.of(Container, kind, (act.frame.module.path, at)))
        return interpreter.instance(f"builtins.{kind}", _elements(interpreter, act, args.at(0), at))

    return model


def _dict(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
          site: CallSite) -> Values:  # fmt: skip
    container = interpreter.u.of(Container, "dict", (act.frame.module.path, at))
    for name, values in args.keywords.items():
        interpreter.heap.write_item(container, name, values)
    result: Values = only(container)
    for value in args.at(0) | args.at(1):
        if isinstance(value, (Container, Instance)):
            result |= only(value)
    factories = frozenset(v for v in args.at(0) if not isinstance(v, (Container, Instance, Const)))
    if factories:
        interpreter.heap.write(("factory", container), factories)
    return result


def compare(interpreter: Base, act: Activation, elements: Values, args: Arguments, at: Span) -> None:
    """Run what putting ``elements`` in order runs: the ``key`` of the call, and their ``__lt__``."""
    key = args.keywords.get("key", NOTHING)
    if any(not isinstance(v, Const) for v in key):
        elements = interpreter.call(act, key, Arguments([elements]), at)
    for value in elements:
        interpreter.call_method(act, value, "__lt__", Arguments([elements]), at)


def _sorted(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
            site: CallSite) -> Values:  # fmt: skip
    elements = _elements(interpreter, act, args.at(0), at)
    compare(interpreter, act, elements, args, at)
    return interpreter.instance("builtins.list", elements)


def _same_elements(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
                   site: CallSite) -> Values:  # fmt: skip
    return interpreter.instance("builtins.list", _elements(interpreter, act, args.at(0), at))


def _one_element(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
                 site: CallSite) -> Values:  # fmt: skip
    if len(args.positional) > 1:
        elements = frozenset().union(*args.positional)
    else:
        elements = _elements(interpreter, act, args.at(0), at)
    compare(interpreter, act, elements, args, at)
    return elements | args.keywords.get("default", NOTHING)


def _iter(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
          site: CallSite) -> Values:  # fmt: skip
    result = NOTHING
    plain = NOTHING
    for value in args.at(0):
        got = interpreter.call_method(act, value, "__iter__", Arguments(), at)
        if got is None:
            plain |= only(value)
        else:
            result |= got
    if plain:
        result |= interpreter.instance("builtins.generator", _elements(interpreter, act, plain, at))
    return result


def _next(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
          site: CallSite) -> Values:  # fmt: skip
    result = args.at(1) if len(args.positional) > 1 else NOTHING
    plain = NOTHING
    for value in args.at(0):
        got = interpreter.call_method(act, value, "__next__", Arguments(), at)
        if got is None:
            plain |= only(value)
        else:
            result |= got
    return result | (_elements(interpreter, act, plain, at) if plain else NOTHING)


def _enumerate(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
               site: CallSite) -> Values:  # fmt: skip
    pair = interpreter.u.tuple_of(
        (interpreter.instance("builtins.int"), _elements(interpreter, act, args.at(0), at))
    )
    return interpreter.instance("builtins.generator", only(pair))


def _zip(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
         site: CallSite) -> Values:  # fmt: skip
    items = tuple(_elements(interpreter, act, values, at) for values in args.positional)
    return interpreter.instance("builtins.generator", only(interpreter.u.tuple_of(items)))


def _map(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
         site: CallSite) -> Values:  # fmt: skip
    items = [_elements(interpreter, act, values, at) for values in args.positional[1:]]
    return interpreter.instance("builtins.generator", interpreter.call(act, args.at(0), Arguments(items), at))


def _filter(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
            site: CallSite) -> Values:  # fmt: skip
    elements = _elements(interpreter, act, args.at(1), at)
    interpreter.call(act, args.at(0), Arguments([elements]), at)
    return interpreter.instance("builtins.generator", elements)


def _reduce(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
            site: CallSite) -> Values:  # fmt: skip
    elements = _elements(interpreter, act, args.at(1), at) | args.at(2)
    return interpreter.call(act, args.at(0), Arguments([elements, elements]), at)


MODELS: dict[str, Model] = {
    "builtins.list": _collect("list"), "builtins.set": _collect("set"), "builtins.tuple": _collect("tuple"),
    "builtins.frozenset": _collect("frozenset"), "builtins.dict": _dict, "builtins.sorted": _sorted,
    "builtins.reversed": _same_elements, "builtins.min": _one_element, "builtins.max": _one_element,
    "builtins.iter": _iter, "builtins.next": _next, "builtins.anext": _next, "builtins.aiter": _iter,
    "builtins.enumerate": _enumerate, "builtins.zip": _zip, "builtins.map": _map, "builtins.filter": _filter,
    "functools.reduce": _reduce,
}  # fmt: skip
"""Models by the canonical dotted name of what is called."""
