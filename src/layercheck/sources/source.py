"""What a source file is to its project: where it lies, how it is imported, what part it plays."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from pathlib import Path

import msgspec


class Role(enum.StrEnum):
    """The part a file plays; rules report on `CODE` only, the others are merely read."""

    CODE = "code"
    TEST = "test"
    MIGRATION = "migration"
    SCRIPT = "script"


class Source(msgspec.Struct, frozen=True):
    """One Python file of a project.

    ``path`` is relative to the project root, with forward slashes; bytes of a name that are not
    UTF-8 are kept as surrogates. ``root`` is the import root the file belongs to, in the same
    form, ``""`` for the project root. ``module`` is the dotted name counted from that root, with
    ``__init__`` left out; an ``__init__.py`` that lies directly in an import root has no package
    to stand for and is the plain module ``__init__``. A directory whose name is no identifier
    appears in ``module`` as it is.
    """

    path: str
    module: str
    root: str
    is_package: bool
    role: Role

    def read(self, project_root: str | Path) -> bytes:
        """Return the bytes of the file below ``project_root``; raises `OSError`."""
        return Path(project_root, self.path).read_bytes()


class SourceTree(msgspec.Struct, frozen=True):
    """All Python files of a project, sorted by path.

    ``project_root`` is absolute. ``roots`` are the import roots that hold at least one source.
    ``skipped`` are paths that look like Python sources but cannot be used, each with the reason;
    what is ignored or excluded on purpose is not among them. ``idle_excludes`` are the patterns given
    to leave something out that match nothing. ``unsaved`` maps paths to what an editor holds of them.
    """

    project_root: str
    roots: tuple[str, ...]
    sources: tuple[Source, ...]
    skipped: tuple[tuple[str, str], ...]
    idle_excludes: tuple[str, ...] = ()
    unsaved: Mapping[str, bytes] = {}

    def read(self, source: Source) -> bytes:
        """Return the bytes of ``source``, those not saved yet where there are; raises `OSError`."""
        unsaved = self.unsaved.get(source.path)
        return source.read(self.project_root) if unsaved is None else unsaved
