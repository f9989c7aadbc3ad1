"""Cells only grow: what widening replaced does not come back and run its readers again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from layercheck.facts.records import FileFacts
from layercheck.inference.frames import Frame
from layercheck.inference.heap import MOST_ALIKE, MOST_CONSTANTS, MOST_EXTERNALS, Heap
from layercheck.inference.values import Universe, Value, only
from layercheck.program.entities import Module
from layercheck.sources.source import Role, Source

CELL = ("name", "somewhere", "x")


def constants(universe: Universe) -> list[Value]:
    return [universe.const(f"text {number}") for number in range(MOST_CONSTANTS + 2)]


def externals(universe: Universe) -> list[Value]:
    return [universe.external(f"package.thing_{number}") for number in range(MOST_EXTERNALS + 2)]


def tuples(universe: Universe) -> list[Value]:
    return [universe.tuple_of((frozenset((universe.const(number),)),)) for number in range(MOST_ALIKE + 2)]


def lists(universe: Universe) -> list[Value]:
    return [
        universe.instance("builtins.list", (frozenset((universe.const(number),)),))
        for number in range(MOST_ALIKE + 2)
    ]


@pytest.mark.parametrize("kind", [constants, externals, tuples, lists])
def test_widened_values_stay_away(kind: Callable[[Universe], list[Value]]) -> None:
    universe = Universe()
    heap = Heap(universe)
    module = Module(Source("a.py", "a", "", is_package=False, role=Role.CODE), FileFacts((), (), 0))
    reader = Frame(module, None, None, (), 0, True)
    values = kind(universe)
    for value in values:
        heap.write(CELL, only(value))
    wide = heap.read(CELL, reader)
    assert len(wide) < len(values)
    heap.stale.clear()
    for value in values:
        heap.write(CELL, only(value))
    assert heap.read(CELL, None) == wide
    assert not heap.stale


def test_other_values_are_news() -> None:
    universe = Universe()
    heap = Heap(universe)
    for value in constants(universe):
        heap.write(CELL, only(value))
    wide = heap.read(CELL, None)
    heap.write(CELL, only(universe.const(1)))
    heap.write(CELL, only(universe.instance("builtins.list")))
    assert heap.read(CELL, None) == wide | {universe.const(1), universe.instance("builtins.list")}
