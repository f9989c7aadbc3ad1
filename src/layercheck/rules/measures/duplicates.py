"""Entry points that hold the same logic: routes and tasks with equal statements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

try:
    from _blake2 import blake2b  # hashlib loads all of OpenSSL
except ImportError:
    from hashlib import blake2b

from layercheck.location import Span
from layercheck.program.entities import Class, Function
from layercheck.rules.measures.database import Database
from layercheck.rules.measures.handlers import group, handlers
from layercheck.rules.measures.size import Size
from layercheck.rules.measures.structure import Writer, Written
from layercheck.rules.view import View

MIN_STATEMENTS = 4
"""So many statements must be equal; one of them may be the end of the transaction."""

Key = bytes
"""A digest of words: those of all stretches of 181 000 lines, most of which no other has, are 20 MiB."""


class Stretch(msgspec.Struct, frozen=True):
    """Statements of an entry point that stand in others as well, in the code of ``function``."""

    entry: Function
    function: Function
    first: Span
    size: int


class Group(msgspec.Struct, frozen=True):
    """Entry points that share statements, routes first; ``stretches`` has one for each."""

    stretches: tuple[Stretch, ...]


class Duplicates:
    """Finds entry points with equal logic."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._database = view.measure(Database)
        self._minimum: int = view.config.option("LC606", "min-statements", MIN_STATEMENTS)
        self._groups: tuple[Group, ...] | None = None
        self._others: dict[Function, Function] = {}

    def groups(self) -> tuple[Group, ...]:
        """Return the groups with at least one route, in the order of their first routes."""
        if self._groups is None:
            self._groups = tuple(self._find())
        return self._groups

    def other(self, entry: Function) -> Function | None:
        """Return an entry point with the same logic as ``entry``, None where there is none."""
        if not self._others:
            for one in self.groups():
                first, second, *rest = (stretch.entry for stretch in one.stretches)
                self._others.setdefault(first, second)
                self._others.update({entry: first for entry in (second, *rest)})
        return self._others.get(entry)

    def _find(self) -> Iterator[Group]:
        found: dict[Key, dict[Function, Stretch]] = {}
        for entry, writers in self._entries():
            for function, writer in writers:
                for block in writer.blocks():
                    for key, stretch in self._windows(entry, function, block):
                        found.setdefault(key, {}).setdefault(entry, stretch)
        routes = self._view.project.handlers
        shared: dict[frozenset[Function], dict[Function, Stretch]] = {}
        for stretches in found.values():
            members = frozenset(stretches)
            if any(entry in routes for entry in members) and _are_apart(members):
                shared.setdefault(members, stretches)
        for members, stretches in shared.items():
            if not any(members < others for others in shared):
                yield Group(tuple(sorted(stretches.values(), key=lambda one: one.entry not in routes)))

    def _entries(self) -> Iterator[tuple[Function, list[tuple[Function, Writer]]]]:
        """Yield the entry points with what writes down their code and that of their own helpers."""
        size = self._view.measure(Size)
        for handler in handlers(self._view):
            if not isinstance(handler.function.parent, Function):
                frames = {f.entity: f for f in reversed(group(self._view, handler))}
                yield handler.function, [
                    (function, Writer(self._view, self._database, size, frame))
                    for function, frame in reversed(frames.items())
                    if isinstance(function, Function)
                ]
        for function in self._view.project.program.functions:
            declared = self._view.calls.declared(function)
            if self._view.project.layer(function).layer == "task" and declared is not None:
                yield function, [(function, Writer(self._view, self._database, size, declared))]

    def _windows(
        self, entry: Function, function: Function, block: list[Written]
    ) -> Iterator[tuple[Key, Stretch]]:
        """Yield the shortest stretches of a block that are large enough and decide something."""
        if sum(one.size for one in block) < self._minimum:
            return
        for start in range(len(block)):
            size = substance = 0
            decides = False
            for end in range(start, len(block)):
                size += block[end].size
                substance += block[end].substance
                decides = decides or block[end].decides
                if decides and size >= self._minimum and substance >= self._minimum - 1:
                    key = _key(block[start : end + 1])
                    yield key, Stretch(entry, function, block[start].at, size)
                    break


def _key(statements: Iterable[Written]) -> Key:
    """Return what tells the words of ``statements`` from others, local names numbered as they come up."""
    numbers: dict[str, str] = {}
    words = [
        (kind, numbers.setdefault(word, str(len(numbers))) if kind != "word" else word)
        for statement in statements
        for kind, word in statement.words
    ]
    return blake2b(msgspec.msgpack.encode(words), digest_size=16).digest()


def _are_apart(members: frozenset[Function]) -> bool:
    """Return whether ``members`` are several, and not all of one class-based controller."""
    owners: set[Class | None] = {entry.owner for entry in members}
    return len(members) > 1 and (None in owners or len(owners) > 1)
