"""What could be imported from where: the directories and modules of a tree, by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from layercheck.sources.glimpse import Import
from layercheck.sources.paths import join, lineage, split


class Resolution(msgspec.Struct, frozen=True):
    """An import that leads somewhere when ``root`` is on the path.

    ``packages`` are the directories it passes through, ``target`` is the file or directory
    its dotted name stands for.
    """

    root: str
    packages: tuple[str, ...]
    target: str


class Layout:
    """Directories with Python files somewhere below them, and the modules in them."""

    def __init__(self, files: Iterable[str]) -> None:
        self.files = frozenset(files)
        self.directories: set[str] = {""}
        self._holders: defaultdict[str, list[str]] = defaultdict(list)
        self._known: dict[Import, tuple[Resolution, ...]] = {}
        for file in sorted(self.files):
            directory, name = split(file)
            self._holders[name[:-3]].append(directory)
            for ancestor in lineage(directory):
                if ancestor in self.directories:
                    break
                self.directories.add(ancestor)
                parent, own = split(ancestor)
                self._holders[own].append(parent)

    def is_package(self, directory: str) -> bool:
        """Tell whether ``directory`` is a regular package, with an ``__init__.py``."""
        return join(directory, "__init__.py") in self.files

    def resolve(self, wanted: Import) -> tuple[Resolution, ...]:
        """Return every way to read ``wanted``, one for each directory it resolves from.

        Each part of the dotted name must exist. A directory without ``__init__.py`` defines no
        names, so there the imported name must be a module as well: the folder ``alembic`` is not
        what ``from alembic import op`` means.
        """
        known = self._known.get(wanted)
        if known is None:
            holders = dict.fromkeys(self._holders.get(wanted.module.partition(".")[0], ()))
            known = tuple(found for root in holders if (found := self._follow(root, wanted)))
            self._known[wanted] = known
        return known

    def _follow(self, root: str, wanted: Import) -> Resolution | None:
        here = root
        packages: list[str] = []
        for part in wanted.module.split("."):
            if packages and here != packages[-1]:
                return None
            here = join(here, part)
            if here in self.directories:
                packages.append(here)
            elif here + ".py" not in self.files:
                return None
        if here not in self.directories or self.is_package(here):
            return Resolution(root, tuple(packages), here)
        inner = join(here, wanted.name)
        if wanted.name and (inner in self.directories or inner + ".py" in self.files):
            return Resolution(root, tuple(packages), inner)
        return None
