"""The cells functions share: they only grow, and who read one is run again when it does."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from layercheck.inference.values import (
    NOTHING,
    Const,
    Container,
    External,
    Instance,
    TupleValue,
    Universe,
    Value,
    Values,
)

if TYPE_CHECKING:
    from layercheck.inference.frames import Frame

ANY = "*"
"""The key of container items whose index is not known."""

MOST_CONSTANTS = 24
"""A cell with more constants forgets them all: no look-up by so many keys means anything."""

MOST_EXTERNALS = 24
"""A cell with more outside things only knows the packages they come from."""

MOST_ALIKE = 6
"""A cell with more tuples of one length, or more objects of one class that differ in their type
arguments, holds one with the unions of what they hold."""

MOST_VALUES = 80
"""A cell never holds more values than this; the first ones stay."""


class Heap:
    """Cells by key: ``(kind, owner, name)`` for globals, attributes, parameters and results."""

    def __init__(self, universe: Universe) -> None:
        self._universe = universe
        self._cells: dict[Hashable, Values] = {}
        self._readers: dict[Hashable, dict[Frame, None]] = {}
        self._full: set[Hashable] = set()
        self.stale: dict[Frame, None] = {}

    def read(self, key: Hashable, reader: Frame | None) -> Values:
        """Return what the cell holds and remember that ``reader`` depends on it."""
        if reader is not None:
            self._readers.setdefault(key, {})[reader] = None
        return self._cells.get(key, NOTHING)

    def write(self, key: Hashable, values: Values) -> bool:
        """Add ``values`` to the cell; return whether it grew."""
        old = self._cells.get(key, NOTHING)
        if values <= old:
            return False
        if key in self._full:
            return False
        new = old | values
        if len(new) > MOST_ALIKE:
            new = self.widen(new)
            if len(new) == MOST_VALUES:
                self._full.add(key)
            if new == old:
                return False
        self._cells[key] = new
        readers = self._readers.get(key)
        if readers:
            self.stale.update(readers)
        return True

    def settle(self, key: Hashable, values: Values) -> None:
        """Write the cell of a name; what it held is forgotten if nobody has read it yet."""
        if key not in self._readers:
            self._cells.pop(key, None)
            self._full.discard(key)
        self.write(key, values)

    def read_item(self, container: Container, key: str | int | None, reader: Frame | None) -> Values:
        """Return what ``container`` may hold under ``key``; None means any key."""
        if key is None:
            return self.read(("items", container), reader)
        known = self.read(("item", container, key), reader)
        return known | self.read(("item", container, ANY), reader)

    def write_item(self, container: Container, key: str | int | None, values: Values) -> None:
        """Add ``values`` to what ``container`` holds under ``key``."""
        self.write(("item", container, ANY if key is None else key), values)
        self.write(("items", container), values)

    def widen(self, values: Values) -> Values:
        """Return fewer values that stand for at least as much."""
        result = set(values)
        self._merge_constants(result)
        self._merge_externals(result)
        self._merge_alike(result)
        if len(result) > MOST_VALUES:
            return frozenset(sorted(result, key=lambda value: value.serial)[:MOST_VALUES])
        return frozenset(result)

    def _merge_constants(self, result: set[Value]) -> None:
        constants = [value for value in result if isinstance(value, Const)]
        if len(constants) > MOST_CONSTANTS:
            result.difference_update(constants)
            kinds = dict.fromkeys(type(value.value).__name__ for value in constants)
            result.update(self._universe.instance(f"builtins.{kind}") for kind in kinds)

    def _merge_externals(self, result: set[Value]) -> None:
        externals = [value for value in result if isinstance(value, External)]
        if len(externals) > MOST_EXTERNALS:
            result.difference_update(externals)
            packages = dict.fromkeys(value.name.partition(".")[0] for value in externals)
            result.update(self._universe.external(f"{package}.()") for package in packages)

    def _merge_alike(self, result: set[Value]) -> None:
        groups: dict[tuple[object, ...], list[TupleValue | Instance]] = {}
        for value in sorted(result, key=lambda value: value.serial):
            if isinstance(value, TupleValue):
                groups.setdefault(("tuple", len(value.items)), []).append(value)
            elif isinstance(value, Instance) and value.args:
                groups.setdefault((value.cls, value.site, len(value.args)), []).append(value)
        for group in groups.values():
            if len(group) <= MOST_ALIKE:
                continue
            result.difference_update(group)
            parts = [value.items if isinstance(value, TupleValue) else value.args for value in group]
            merged = tuple(frozenset().union(*column) for column in zip(*parts, strict=True))
            first = group[0]
            if isinstance(first, TupleValue):
                result.add(self._universe.tuple_of(merged))
            else:
                result.add(self._universe.instance(first.cls, merged, first.site))
