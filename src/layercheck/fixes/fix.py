"""What a fix is: from a finding to edits of files, or a reason why there are none."""

from __future__ import annotations

import abc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import ClassVar, NamedTuple

from layercheck.config.places import lies_inside
from layercheck.finding import Finding
from layercheck.fixes.code import Code, Edit, Refused
from layercheck.outcome import Outcome
from layercheck.program.entities import Class, Function, Module
from layercheck.rules.view import View


class Needed(NamedTuple):
    """A name the file at ``path`` has to import: ``from module import name``."""

    path: str
    module: str
    name: str


class Definition(NamedTuple):
    """A function or class that is to stand at the top of the file at ``path``.

    ``offset`` is where, at the start of a statement; without one it goes to the end, and the file is made
    where there is none. ``text`` ends with a line end.
    """

    path: str
    name: str
    text: str
    offset: int | None = None


class Change(NamedTuple):
    """What mends one finding: ``title`` tells it in words, ``edits`` are made for it alone.

    ``added`` are statements; those of several changes may follow each other in one place. What other
    changes may need, too, is made once: ``shared`` edits, imports and definitions.
    """

    title: str
    edits: tuple[Edit, ...] = ()
    added: tuple[Edit, ...] = ()
    shared: tuple[Edit, ...] = ()
    imports: tuple[Needed, ...] = ()
    definitions: tuple[Definition, ...] = ()

    @property
    def paths(self) -> frozenset[str]:
        """The files that become different."""
        edits = (*self.edits, *self.added, *self.shared)
        made = (*(one.path for one in self.imports), *(one.path for one in self.definitions))
        return frozenset((*(edit.path for edit in edits), *made))


@dataclass(frozen=True, slots=True)
class State:
    """A project as an analysis found it; ``contents`` are the files that differ from those on disk."""

    view: View
    outcome: Outcome
    contents: Mapping[str, bytes] = field(default_factory=dict)


Analyse = Callable[[Mapping[str, bytes]], State]
"""Analyses the project with other contents for some of its files."""


@dataclass(frozen=True)
class Context:
    """What a fix may look at: the state of the project, and its files as text and syntax.

    ``codes`` are files read before, as long as they are the same; ``made`` is what came of changes.
    """

    state: State
    codes: dict[str, Code] = field(default_factory=dict)
    made: dict[object, bytes] = field(default_factory=dict)
    _data: dict[str, bytes] = field(default_factory=dict)

    @property
    def view(self) -> View:
        """The project and its graphs."""
        return self.state.view

    def exists(self, path: str) -> bool:
        """Return whether there is a file at ``path``."""
        is_known = path in self._data or path in self.state.contents
        return is_known or Path(self.state.outcome.root, path).exists()

    def data(self, path: str) -> bytes:
        """Return the bytes of a file of the project; raises `OSError`."""
        found = self._data.get(path)
        if found is None:
            changed = self.state.contents.get(path)
            found = Path(self.state.outcome.root, path).read_bytes() if changed is None else changed
            self._data[path] = found
        return found

    def code(self, path: str) -> Code:
        """Return the Python file at ``path``, an empty one where there is none.

        Raises `Refused` where it cannot be changed safely.
        """
        root = Path(self.state.outcome.root)
        if not lies_inside(root, root / path):
            raise Refused(f"{path} lies outside of the project, behind a link")
        data = self.data(path) if self.exists(path) else b""
        found = self.codes.get(path)
        if found is None or found.data != data:
            found = self.codes[path] = Code(path, data)
        return found

    def module(self, path: str) -> Module | None:
        """Return the module the file at ``path`` is, None where it takes no part."""
        return self._modules.get(path)

    def element(self, name: str) -> Module | Class | Function | None:
        """Return the one element of the project with a dotted name, None where there are others."""
        found = self._elements.get(name, ())
        return found[0] if len(found) == 1 else None

    def function(self, finding: Finding) -> Function:
        """Return the function ``finding`` is about; raises `Refused` where that is not one alone."""
        found = self.element(finding.element)
        if not isinstance(found, Function):
            raise Refused("several functions have the same name")
        return found

    @cached_property
    def _modules(self) -> dict[str, Module]:
        return {module.path: module for module in self.view.project.program.modules}

    @cached_property
    def _elements(self) -> dict[str, list[Module | Class | Function]]:
        program = self.view.project.program
        found: dict[str, list[Module | Class | Function]] = {}
        every: tuple[Module | Class | Function, ...] = (
            *program.modules,
            *program.classes,
            *program.functions,
        )
        for one in every:
            found.setdefault(one.qualname, []).append(one)
        return found


class Fix(abc.ABC):
    """Mends the findings of one rule; stateless like the rule."""

    code: ClassVar[str]

    @abc.abstractmethod
    def change(self, finding: Finding, context: Context) -> Change:
        """Return what mends ``finding``; raises `Refused` with the reason where nothing should be done."""

    def objection(self, finding: Finding, before: State, after: State) -> str:
        """Return what speaks against the project ``after`` the change of ``finding``, empty if nothing."""
        return ""
