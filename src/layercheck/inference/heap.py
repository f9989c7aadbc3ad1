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


class Cell:
    """What one place may hold and who has read it; one that ``is_full`` takes nothing more."""

    __slots__ = ("values", "readers", "is_full")

    def __init__(self) -> None:
        self.values: Values = NOTHING
        self.readers: dict[Frame, None] = {}
        self.is_full = False


class Heap:
    """Cells by key: ``(kind, owner, name)`` for globals, attributes, parameters and results."""

    def __init__(self, universe: Universe) -> None:
        self._universe = universe
        self._cells: dict[Hashable, Cell] = {}
        self.stale: dict[Frame, None] = {}

    def read(self, key: Hashable, reader: Frame | None) -> Values:
        """Return what the cell holds and remember that ``reader`` depends on it."""
        cell = self._cells.get(key)
        if cell is None:
            if reader is None:
                return NOTHING
            cell = self._cells[key] = Cell()
        if reader is not None:
            cell.readers[reader] = None
        return cell.values

    def write(self, key: Hashable, values: Values) -> None:
        """Add ``values`` to the cell."""
        if not values:
            return
        cell = self._cells.get(key)
        if cell is None:
            cell = self._cells[key] = Cell()
        old = cell.values
        if values is old or cell.is_full or values <= old:
            return
        new = old | values if old else values
        if len(new) > MOST_ALIKE:
            new = self.widen(new)
            cell.is_full = len(new) == MOST_VALUES
            if new == old:
                return
        cell.values = new
        if cell.readers:
            self.stale.update(cell.readers)

    def settle(self, key: Hashable, values: Values) -> None:
        """Write the cell of a name; what it held is forgotten if nobody has read it yet."""
        cell = self._cells.get(key)
        if cell is not None and not cell.readers:
            cell.values = NOTHING
            cell.is_full = False
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
