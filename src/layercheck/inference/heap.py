"""The cells functions share: they only grow, and who read one is run again when it does."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, TypeAlias

from layercheck.inference.values import (
    NOTHING,
    ClassValue,
    Const,
    Container,
    External,
    Instance,
    TupleValue,
    Universe,
    Value,
    Values,
)
from layercheck.program.entities import Class

if TYPE_CHECKING:
    from layercheck.inference.frames import Frame

ANY = "*"
"""The key of container items whose index is not known."""

Key: TypeAlias = str | int | Class
"""What items are told apart by: strings, numbers and classes of the program."""

MOST_CONSTANTS = 24
"""A cell with more constants forgets them all: no look-up by so many keys means anything."""

MOST_EXTERNALS = 24
"""A cell with more outside things only knows the packages they come from."""

MOST_ALIKE = 6
"""A cell with more tuples of one length, or more objects of one class that differ in their type
arguments, holds one with the unions of what they hold."""

MOST_VALUES = 80
"""A cell never holds more values than this; the first ones stay."""


_HELD = frozenset({"keys", "item", "items"})
"""Kinds of cells that say what a container holds."""

FULL = 0
"""What a cell takes of what is alike that takes nothing more."""


def item_key(value: Value) -> Key | None:
    """Return the key ``value`` is as an index, None where items under it are not told apart."""
    if isinstance(value, Const) and isinstance(value.value, (str, int)):
        return value.value
    return value.cls if isinstance(value, ClassValue) else None


def item_keys(values: Values) -> list[Key]:
    """Return the keys among ``values``, in a fixed order."""
    found = (item_key(value) for value in sorted(values, key=lambda value: value.serial))
    return [key for key in found if key is not None]


class Cell:
    """What one place may hold and who has read it.

    ``reader`` read it in its run ``run``, ``others`` in theirs: of each the latest counts. Three cells in
    four have one reader at most, and a dict for each would be a tenth of what the interpreter holds.
    With one slot more it would be of a size little else has, and the room of all cells lost at the end.
    """

    __slots__ = ("values", "reader", "run", "others")

    def __init__(self) -> None:
        self.values: Values = NOTHING
        self.reader: Frame | None = None
        self.run = 0
        self.others: dict[Frame, int] | None = None


class Heap:
    """Cells by key: ``(kind, owner, name)`` for globals, attributes, parameters and results.

    ``_most_alike`` says of cells that hold values that stand for others how many tuples or objects they take
    that differ in their parts; those that are `FULL` take nothing more.
    """

    def __init__(self, universe: Universe) -> None:
        self._universe = universe
        self._cells: dict[Hashable, Cell] = {}
        self._settled: dict[Hashable, Values] = {}
        self._most_alike: dict[Hashable, int] = {}
        self._changes: dict[Hashable, int] = {}
        self._copied: dict[tuple[Container, Container], int] = {}
        self.stale: dict[Frame, None] = {}

    def read(self, key: Hashable, reader: Frame | None) -> Values:
        """Return what the cell holds and remember that ``reader`` depends on it."""
        cell = self._cells.get(key)
        if cell is None:
            if reader is None:
                return self._settled.get(key, NOTHING)
            cell = self._new_cell(key)
        if reader is not None:
            if cell.reader is reader or cell.reader is None:
                cell.reader = reader
                cell.run = reader.runs
            elif cell.others is None:
                cell.others = {reader: reader.runs}
            else:
                cell.others[reader] = reader.runs
        return cell.values

    def write(self, key: Hashable, values: Values) -> None:
        """Add ``values`` to the cell."""
        if not values:
            return
        cell = self._cells.get(key)
        if cell is None:
            cell = self._new_cell(key)
        old = cell.values
        if values is old or values <= old:
            return
        most_alike = self._most_alike.get(key) if old else None
        if most_alike == FULL:
            return
        if most_alike is not None:
            # without this the cell would lose them again, and its readers would run for ever
            values = frozenset(v for v in values - old if not self._is_covered(v, old))
            if not values:
                return
        new = old | values if old else values
        if len(new) > MOST_ALIKE:
            wide, has_merged = self._widened(new, most_alike or MOST_ALIKE)
            if len(wide) == MOST_VALUES:
                self._most_alike[key] = FULL
            elif has_merged:
                self._most_alike[key] = 1  # what comes later joins what was merged
            elif wide != new:
                self._most_alike[key] = most_alike or MOST_ALIKE
            new = wide
            if new == old:
                return
        cell.values = self._universe.shared(new)
        self._tell(cell)
        if key.__class__ is tuple and key[0] in _HELD:
            held = ("changes", key[1])
            self._changes[held] = self._changes.get(held, 0) + 1
            changes = self._cells.get(held)
            if changes is not None:
                self._tell(changes)

    def _tell(self, cell: Cell) -> None:
        """Let those run again that have read ``cell`` in their latest run."""
        if cell.reader is not None and cell.run == cell.reader.runs:
            self.stale[cell.reader] = None
        if cell.others is not None:
            for reader, run in cell.others.items():
                if run == reader.runs:
                    self.stale[reader] = None

    def settle(self, key: Hashable, values: Values) -> None:
        """Write the cell of a name; what it held is forgotten if nobody has read it yet."""
        cell = self._cells.get(key)
        if cell is not None and cell.reader is None:
            cell.values = NOTHING
            self._most_alike.pop(key, None)
        self.write(key, values)

    def settle_all(self) -> None:
        """Keep of all cells what they hold, where nothing is run again: four in ten hold nothing."""
        self._copied = {}
        self._settled = {key: cell.values for key, cell in self._cells.items() if cell.values}
        self._cells = {}

    def _new_cell(self, key: Hashable) -> Cell:
        cell = self._cells[key] = Cell()
        cell.values = self._settled.get(key, NOTHING)
        return cell

    def read_item(self, container: Container, key: Key | None, reader: Frame | None) -> Values:
        """Return what ``container`` may hold under ``key``; None means any key."""
        if key is None:
            return self.read(("items", container), reader)
        known = self.read(("item", container, key), reader)
        return known | self.read(("item", container, ANY), reader)

    def write_item(self, container: Container, key: Key | None, values: Values) -> None:
        """Add ``values`` to what ``container`` holds under ``key``."""
        self.write(("item", container, ANY if key is None else key), values)
        self.write(("items", container), values)

    def write_items(self, container: Container, keys: Values, values: Values) -> None:
        """Add ``values`` to what a dict holds under each of ``keys``."""
        self.write(("keys", container), keys)
        for key in item_keys(keys) or (None,):
            self.write_item(container, key, values)

    def copy_items(self, container: Container, other: Container, reader: Frame | None) -> None:
        """Add the items of one dict to another, unless they were and have not changed since."""
        held = ("changes", other)
        self.read(held, reader)
        changes = self._changes.get(held, 0)
        if self._copied.get((container, other)) == changes:
            return
        self._copied[container, other] = changes
        keys = self.read(("keys", other), reader)
        self.write(("keys", container), keys)
        for key in (*item_keys(keys), ANY):
            self.write_item(container, key, self.read(("item", other, key), reader))
        if not keys:
            self.write_item(container, ANY, self.read(("items", other), reader))

    def _is_covered(self, value: Value, held: Values) -> bool:
        """Return whether something in ``held``, that was widened, stands for ``value``, too."""
        match value:
            case Const():
                return self._universe.instance(f"builtins.{type(value.value).__name__}") in held
            case External():
                return self._universe.external(f"{value.name.partition('.')[0]}.()") in held
            case TupleValue(items=parts):
                alike = (v.items for v in held if isinstance(v, TupleValue))
            case Instance(cls=cls, args=parts, site=site) if parts:
                alike = (v.args for v in held if isinstance(v, Instance) and v.cls == cls and v.site == site)
            case _:
                return False
        return any(
            len(other) == len(parts) and all(part <= more for part, more in zip(parts, other, strict=True))
            for other in alike
        )

    def widen(self, values: Values) -> Values:
        """Return fewer values that stand for at least as much."""
        return self._widened(values, MOST_ALIKE)[0]

    def _widened(self, values: Values, most_alike: int) -> tuple[Values, bool]:
        """Return what `widen` does, and whether tuples or objects were merged."""
        result = set(values)
        self._merge_constants(result)
        self._merge_externals(result)
        has_merged = self._merge_alike(result, most_alike)
        if len(result) > MOST_VALUES:
            return frozenset(sorted(result, key=lambda value: value.serial)[:MOST_VALUES]), has_merged
        return frozenset(result), has_merged

    def _merge_constants(self, result: set[Value]) -> None:
        if len(result) <= MOST_CONSTANTS:
            return
        constants = [value for value in result if isinstance(value, Const)]
        if len(constants) > MOST_CONSTANTS:
            result.difference_update(constants)
            kinds = dict.fromkeys(type(value.value).__name__ for value in constants)
            result.update(self._universe.instance(f"builtins.{kind}") for kind in kinds)

    def _merge_externals(self, result: set[Value]) -> None:
        if len(result) <= MOST_EXTERNALS:
            return
        externals = [value for value in result if isinstance(value, External)]
        if len(externals) > MOST_EXTERNALS:
            result.difference_update(externals)
            packages = dict.fromkeys(value.name.partition(".")[0] for value in externals)
            result.update(self._universe.external(f"{package}.()") for package in packages)

    def _merge_alike(self, result: set[Value], most_alike: int) -> bool:
        alike = [v for v in result if isinstance(v, TupleValue) or (isinstance(v, Instance) and v.args)]
        if len(alike) <= most_alike:
            return False
        has_merged = False
        groups: dict[tuple[object, ...], list[TupleValue | Instance]] = {}
        for value in sorted(alike, key=lambda value: value.serial):
            if isinstance(value, TupleValue):
                groups.setdefault(("tuple", len(value.items)), []).append(value)
            elif isinstance(value, Instance):
                groups.setdefault((value.cls, value.site, len(value.args)), []).append(value)
        for group in groups.values():
            if len(group) <= most_alike:
                continue
            has_merged = True
            result.difference_update(group)
            parts = [value.items if isinstance(value, TupleValue) else value.args for value in group]
            merged = tuple(frozenset().union(*column) for column in zip(*parts, strict=True))
            first = group[0]
            if isinstance(first, TupleValue):
                result.add(self._universe.tuple_of(merged))
            else:
                result.add(self._universe.instance(first.cls, merged, first.site))
        return has_merged
