"""Loops over literal tables, run once for each row so that what stands together stays together.

``for router, prefix in [(users, "/users"), (orders, "/orders")]`` must not mix the rows.
"""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.inference.base import Base
from layercheck.inference.frames import Activation
from layercheck.inference.heap import ANY, item_key
from layercheck.inference.values import Container, TupleValue, Value, Values, only

MOST_ROWS = 60
"""A longer table is run once for all its rows together."""


class Unrolling(Base):
    """Reading the rows of literal tables."""

    def rows(self, act: Activation, node: r.Expr) -> list[Values]:
        """Return what each round of a loop over ``node`` gets; empty where the rounds are not known."""
        match node:
            case r.Call(func=r.Attribute(value=inner, name="items"), args=()):
                found = self._pairs(act, self.evaluate(act, inner))
            case r.Call(func=r.Name(id="enumerate"), args=(inner, *_)):
                count = enumerate(self.rows(act, inner))
                found = [self._tuple(only(self.u.const(i)), row) for i, row in count]
            case r.Call(func=r.Name(id="zip"), args=columns) if columns:
                each = [self.rows(act, column) for column in columns]
                found = [self._tuple(*row) for row in zip(*each, strict=False)]
            case _:
                found = self._items(act, self.evaluate(act, node))
        return found if 2 <= len(found) <= MOST_ROWS else []

    def _tuple(self, *items: Values) -> Values:
        return only(self.u.tuple_of(items))

    def _items(self, act: Activation, values: Values) -> list[Values]:
        if len(values) != 1:
            return []
        (table,) = values
        match table:
            case TupleValue(items=items):
                return list(items)
            case Container(kind="dict"):
                return [only(key) for key in self._keys(act, table)]
            case Container():
                if self.heap.read(("item", table, ANY), act.reader):
                    return []
                result: list[Values] = []
                while held := self.heap.read(("item", table, len(result)), act.reader):
                    result.append(held)
                return result
        return []

    def _pairs(self, act: Activation, values: Values) -> list[Values]:
        if len(values) != 1:
            return []
        (table,) = values
        if not isinstance(table, Container) or table.kind != "dict":
            return []
        result = []
        for key in self._keys(act, table):
            known = item_key(key)
            cell = ("pair", table, key) if known is None else ("item", table, known)
            held = self.heap.read(cell, act.reader)
            if not held:
                return []
            result.append(self._tuple(only(key), held))
        return result

    def _keys(self, act: Activation, table: Container) -> list[Value]:
        return sorted(self.heap.read(("keys", table), act.reader), key=lambda key: key.serial)
