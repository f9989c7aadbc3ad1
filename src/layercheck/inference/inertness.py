"""Inertness: parameters whose functions are looked at and never called.

A function that only logs the name of what it is handed does the same for all its callers: one frame is
enough for all of them.
"""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.facts.nodes import children
from layercheck.inference.base import Base
from layercheck.inference.models import library
from layercheck.inference.values import External, FunctionValue, ModuleValue, Value, Values
from layercheck.program.entities import Function

LABELS = frozenset({"__name__", "__qualname__", "__module__", "__doc__"})
"""Attributes of functions that say what they are called."""

_PLAIN = (External, FunctionValue, ModuleValue)
"""Values whose attributes can be read without running anything."""


class Inertness(Base):
    """Telling parameters that are called, or may be, from those that are only looked at."""

    _inert: dict[tuple[Function, str], bool]

    def is_inert(self, function: Function, name: str, values: Values) -> bool:
        """Return whether nothing ``function`` does can call the functions handed to its parameter."""
        if function.captures or not all(isinstance(value, FunctionValue) for value in values):
            return False
        key = (function, name)
        known = self._inert.get(key)
        if known is None and self.is_finished(function.module):
            self._inert[key] = False  # should the function hand it to itself
            known = self._inert[key] = all(self._is_harmless(function, node, name) for node in function.body)
        return known is True

    def _is_harmless(self, function: Function, node: r.Node, name: str) -> bool:
        """Return whether the functions called ``name`` only stand in ``node`` where they cannot be called."""
        match node:
            case r.Name(id=found):
                return found != name
            case r.Attribute(value=r.Name(id=found), name=attribute) if found == name:
                return attribute in LABELS
            case r.If(test=r.Name(id=found)) | r.Conditional(test=r.Name(id=found)) if found == name:
                parts = [part for part in children(node) if part is not node.test]
            case r.Compare(left=r.Name(id=found), ops=("is" | "is not",)) if found == name:
                parts = list(node.rights)
            case r.Call():
                handed: list[tuple[int | str | None, r.Expr]] = [*enumerate(node.args)]
                handed += [(keyword.name, keyword.value) for keyword in node.keywords]
                places = [place for place, value in handed if _is_name(value, name)]
                if not all(self._takes(function, node.func, place) for place in places):
                    return False
                parts = [node.func, *(value for _, value in handed if not _is_name(value, name))]
            case _:
                parts = children(node)
        return all(self._is_harmless(function, part, name) for part in parts)

    def _takes(self, function: Function, callee: r.Expr, place: int | str | None) -> bool:
        """Return whether what is called there does not call what it is handed."""
        root = callee
        while isinstance(root, r.Attribute):
            root = root.value
        if not isinstance(root, r.Name) or root.id in function.bound:
            return False
        act = self.static_activation(function.module, None, None)
        if not all(isinstance(value, _PLAIN) for value in self.lookup(act, root.id)):
            return False
        found = self.evaluate(act, callee)
        return bool(found) and all(self._looks_only(value, place) for value in found)

    def _looks_only(self, callee: Value, place: int | str | None) -> bool:
        if isinstance(callee, External):
            return library.looks_only(callee.name)
        if not isinstance(callee, FunctionValue) or callee.receiver is not None:
            return False
        target = callee.function
        if isinstance(place, int):
            here = target.params[place : place + 1]
            names = [param.name for param in here if param.kind in ("plain", "positional")]
        else:
            names = [param.name for param in target.params if param.name == place]
        return bool(names) and self.is_inert(target, names[0], frozenset())


def _is_name(node: r.Expr, name: str) -> bool:
    return isinstance(node, r.Name) and node.id == name
