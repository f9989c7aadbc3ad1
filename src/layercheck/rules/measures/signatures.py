"""What signatures say: whether somebody else may call the function, and which classes they name."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.facts import records as r
from layercheck.inference.values import Instance, TupleValue, Value, Values
from layercheck.location import NOWHERE, Span
from layercheck.program.entities import Class, Function, Module


def is_public(function: Function) -> bool:
    """Return whether ``function`` is a method or function for others, no special method and no lambda."""
    if not isinstance(function.node, r.Function) or not isinstance(function.parent, (Class, Module)):
        return False
    return function.name == "__call__" or not function.name.startswith("_")


def classes_in(values: Values) -> Iterator[Class | str]:
    """Yield the classes of the objects ``values`` are or hold, those outside the program by name."""
    pending: list[Value] = sorted(values, key=lambda value: value.serial)
    seen: set[Value] = set()
    while pending:
        value = pending.pop(0)
        if value in seen:
            continue
        seen.add(value)
        inner: tuple[Values, ...] = ()
        match value:
            case Instance(cls=cls, args=args):
                yield cls
                inner = args
            case TupleValue(items=items):
                inner = items
        for values in inner:
            pending.extend(sorted(values, key=lambda value: value.serial))


def return_at(function: Function) -> Span:
    """Return where the return annotation of ``function`` stands, its header where there is none."""
    assert isinstance(function.node, r.Function)
    at: Span = getattr(function.node.returns, "at", NOWHERE)
    return at if at != NOWHERE else function.node.header
