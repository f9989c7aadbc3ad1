"""What a fix is: from a finding to edits of files, or a reason why there are none."""

from __future__ import annotations

import abc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, NamedTuple

from layercheck.finding import Finding
from layercheck.fixes.code import Code, Edit
from layercheck.outcome import Outcome
from layercheck.program.entities import Class, Function, Module
from layercheck.rules.view import View


class Change(NamedTuple):
    """What mends one finding: ``title`` tells it in words, ``edits`` are made for it alone.

    ``shared`` are edits other changes may need, too, such as imports: the same one is made once.
    """

    title: str
    edits: tuple[Edit, ...]
    shared: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """A project as an analysis found it; ``contents`` are the files that differ from those on disk."""

    view: View
    outcome: Outcome
    contents: Mapping[str, bytes] = field(default_factory=dict)


Analyse = Callable[[Mapping[str, bytes]], State]
"""Analyses the project with other contents for some of its files."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a fix may look at: the state of the project, and its files as text and syntax."""

    state: State
    _read: dict[str, Code] = field(default_factory=dict)

    @property
    def view(self) -> View:
        """The project and its graphs."""
        return self.state.view

    def data(self, path: str) -> bytes:
        """Return the bytes of a file of the project; raises `OSError`."""
        changed = self.state.contents.get(path)
        return Path(self.state.outcome.root, path).read_bytes() if changed is None else changed

    def code(self, path: str) -> Code:
        """Return the Python file at ``path``; raises `Refused` where it cannot be changed safely."""
        found = self._read.get(path)
        if found is None:
            found = self._read[path] = Code(path, self.data(path))
        return found

    def element(self, name: str) -> Module | Class | Function | None:
        """Return the one element of the project with a dotted name, None where there are others."""
        program = self.view.project.program
        every: tuple[Module | Class | Function, ...] = (
            *program.modules,
            *program.classes,
            *program.functions,
        )
        found = [one for one in every if one.qualname == name]
        return found[0] if len(found) == 1 else None

    def function(self, finding: Finding) -> Function | None:
        """Return the function ``finding`` is about."""
        found = self.element(finding.element)
        return found if isinstance(found, Function) else None


class Fix(abc.ABC):
    """Mends the findings of one rule; stateless like the rule."""

    code: ClassVar[str]

    @abc.abstractmethod
    def change(self, finding: Finding, context: Context) -> Change:
        """Return what mends ``finding``; raises `Refused` with the reason where nothing should be done."""

    def objection(self, finding: Finding, before: State, after: State) -> str:
        """Return what speaks against the project ``after`` the change of ``finding``, empty if nothing."""
        return ""
