"""Reading constants, items and functions out of sets of values."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.inference.engine import Inference
from layercheck.inference.frames import Registration
from layercheck.inference.heap import ANY, item_key
from layercheck.inference.values import (
    ClassValue,
    Const,
    Container,
    External,
    FunctionValue,
    Instance,
    Made,
    Partial,
    TupleValue,
    Value,
    Values,
    Wrapped,
)
from layercheck.program.entities import Class

UNKNOWN_PART = "{?}"
"""Stands in a path for what could not be read."""


class Reader:
    """Reads what one inference found."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference

    def path(self, values: Values) -> str:
        """Return the path ``values`` stand for; of several the one met first."""
        texts = [
            str(v.value) for v in in_order(values) if isinstance(v, Const) and isinstance(v.value, str)
        ]
        if texts:
            return texts[0]
        return "" if any(isinstance(v, Const) and v.value is None for v in values) else UNKNOWN_PART

    def named_path(self, keywords: tuple[tuple[str, Values], ...], name: str) -> str:
        """Return the path given as the keyword ``name``, empty where it is not given."""
        return next((self.path(values) for key, values in keywords if key == name), "")

    def argument_path(self, call: Registration, index: int, name: str) -> str:
        """Return the path given by position or by name, empty where it is not given."""
        if index < len(call.args):
            return self.path(call.args[index])
        return self.named_path(call.keywords, name)

    def items(self, values: Values) -> list[Values]:
        """Return the items of the lists, tuples and sets among ``values``."""
        result: list[Values] = []
        for value in in_order(values):
            if isinstance(value, TupleValue):
                result.extend(value.items)
            elif isinstance(value, Container):
                index = 0
                while held := self._inference.heap.read(("item", value, index), None):
                    result.append(held)
                    index += 1
                rest = self._inference.heap.read(("item", value, ANY), None)
                result.extend(frozenset((item,)) for item in in_order(rest))
        return result

    def pairs(self, values: Values) -> Iterator[tuple[Value, Values]]:
        """Yield the keys of the dicts among ``values``, each with what it maps to."""
        heap = self._inference.heap
        for value in in_order(values):
            if not isinstance(value, Container):
                continue
            for key in in_order(heap.read(("keys", value), None)):
                known = item_key(key)
                if known is not None:
                    yield key, heap.read_item(value, known, None)
                else:
                    held = heap.read(("pair", value, key), None)
                    yield key, held or heap.read(("item", value, ANY), None)

    def texts(self, values: Values) -> list[str]:
        """Return the strings held by the lists, tuples and sets among ``values``."""
        found: list[str] = []
        for item in self.items(values):
            for value in in_order(item):
                if isinstance(value, Const):
                    found.append(str(value.value))
                elif isinstance(value, External):
                    found.append(value.name.rpartition(".")[2])
        return found

    def functions(self, values: Values) -> Iterator[FunctionValue]:
        """Yield the functions behind ``values``, wrappers replaced by what they wrap."""
        for value in in_order(values):
            yield from self._behind(value, frozenset())

    def _behind(self, value: Value, seen: frozenset[Value]) -> Iterator[FunctionValue]:
        if value in seen:
            return
        seen |= {value}
        inner = self._inference.heap.read(("wrapped", value), None)
        match value:
            case _ if inner:
                for other in in_order(inner):
                    yield from self._behind(other, seen)
            case FunctionValue():
                yield value
            case Partial(func=other) | Wrapped(value=other):
                yield from self._behind(other, seen)
            case Instance(cls=Class() as cls):
                yield from self.method(cls, "__call__", value)

    def method(self, cls: Class, name: str, receiver: Value | None) -> Iterator[FunctionValue]:
        """Yield the method ``name`` of ``cls`` or its bases, bound to ``receiver`` if given."""
        for item in self._inference.hierarchy.order(cls):
            if isinstance(item, Class) and name in item.bound:
                for found in in_order(self._inference.heap.read(("class", item, name), None)):
                    plain = found.value if isinstance(found, Wrapped) else found
                    if isinstance(plain, FunctionValue):
                        yield self._inference.u.function(plain.function, plain.outer, receiver)
                return

    def made(self, values: Values) -> Iterator[Made]:
        """Yield the outside objects among ``values`` that were kept with their arguments."""
        for value in in_order(values):
            if isinstance(value, Made):
                yield value

    def classes(self, values: Values) -> Iterator[Class]:
        """Yield the classes among ``values``."""
        for value in in_order(values):
            if isinstance(value, ClassValue):
                yield value.cls


def in_order(values: Values) -> list[Value]:
    """Return ``values`` in the order in which the interpreter met them."""
    return sorted(values, key=lambda value: value.serial)
