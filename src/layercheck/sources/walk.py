"""The walk through a project's directories: pruned, and never through a link."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

import msgspec

from layercheck.sources.ignoring import GITIGNORE, Layer, is_ignored, outer_layers, read_gitignore, user_layer
from layercheck.sources.paths import join, split

PRUNED = frozenset({"__pycache__", "__pypackages__", "node_modules", "site-packages"})
ENVIRONMENT_MARKS = frozenset({"pyvenv.cfg", "conda-meta"})
BUILD_OUTPUT = frozenset({"build", "dist"})
DISTRIBUTION_MARKS = frozenset({"pyproject.toml", "setup.py", "setup.cfg"})


class Listing(msgspec.Struct, frozen=True):
    """What a walk met.

    ``files`` are the usable Python files, sorted; ``names`` maps every visited directory to the
    names of all that lies directly in it; ``skipped`` are the unusable ones with the reason.
    ``left`` are directories that were listed and left again, as what lies in them is not the project's.
    """

    files: tuple[str, ...]
    names: dict[str, frozenset[str]]
    skipped: tuple[tuple[str, str], ...]
    left: tuple[str, ...] = ()


def walk(project_root: Path, exclude: Sequence[str] = ()) -> Listing:
    """List the Python files below ``project_root``.

    Left out are hidden files and directories, virtual environments, caches, installed packages,
    build output, what ``.gitignore`` files name, and ``exclude``: gitignore patterns relative to
    the project root that win over ``.gitignore`` in both directions. Raises `UsageError` for a
    malformed one.
    """
    walker = _Walker(project_root, user_layer(exclude) if exclude else None)
    walker.run(outer_layers(project_root))
    return Listing(
        tuple(sorted(walker.files)), walker.names, tuple(sorted(walker.skipped)), tuple(walker.left)
    )


class _Walker:
    def __init__(self, project_root: Path, user: Layer | None) -> None:
        self._top = os.fspath(project_root)
        self._user = [user] if user else []
        self._pending: list[tuple[str, list[Layer], frozenset[str]]] = []
        self.files: list[str] = []
        self.names: dict[str, frozenset[str]] = {}
        self.skipped: list[tuple[str, str]] = []
        self.left: list[str] = []

    def run(self, layers: list[Layer]) -> None:
        self._pending = [("", layers, frozenset[str]())]
        while self._pending:
            self._visit(*self._pending.pop())

    def _visit(self, directory: str, layers: list[Layer], siblings: frozenset[str]) -> None:
        absolute = os.path.join(self._top, directory)
        try:
            with os.scandir(absolute) as scan:
                entries = list(scan)
        except OSError as error:
            self.skipped.append((directory or ".", f"directory cannot be listed: {_words(error)}"))
            return
        names = frozenset(entry.name for entry in entries)
        if directory and _is_foreign(split(directory)[1], names, siblings):
            self.left.append(directory)
            return
        self.names[directory] = names
        if GITIGNORE in names:
            layer = read_gitignore(Path(absolute), scope=directory)
            layers = [*layers, layer] if layer else layers
        weighed = layers + self._user
        for entry in entries:
            name = entry.name
            if name.startswith(".") or name in PRUNED:
                continue
            path = join(directory, name)
            if entry.is_dir(follow_symlinks=False):
                if not is_ignored(weighed, path + "/"):
                    self._pending.append((path, layers, names))
            elif name.endswith(".py"):
                if not is_ignored(weighed, path):
                    self._take(path, entry)
            elif entry.is_symlink() and os.path.isdir(entry.path) and self._leads_out(entry):
                if not is_ignored(weighed, path):
                    self.skipped.append((path, "link to a directory outside the project"))

    def _take(self, path: str, entry: os.DirEntry[str]) -> None:
        reason = _defect(entry)
        if reason:
            self.skipped.append((path, reason))
        else:
            self.files.append(path)

    def _leads_out(self, link: os.DirEntry[str]) -> bool:
        target = os.path.realpath(link.path)
        return os.path.commonpath((os.path.realpath(self._top), target)) != os.path.realpath(self._top)


def _is_foreign(name: str, names: frozenset[str], siblings: frozenset[str]) -> bool:
    """Tell whether a directory holds installed or built code instead of the project's own."""
    if names & ENVIRONMENT_MARKS:
        return True
    built = name in BUILD_OUTPUT and bool(siblings & DISTRIBUTION_MARKS)
    return built and not any(inner.endswith(".py") for inner in names)


def _defect(entry: os.DirEntry[str]) -> str:
    """Return why the file cannot be used, or nothing."""
    try:
        mode = entry.stat().st_mode
    except FileNotFoundError:
        return "link to nothing" if entry.is_symlink() else "vanished"
    except OSError as error:
        return _words(error)
    if stat.S_ISDIR(mode):
        return "link to a directory"
    if not stat.S_ISREG(mode):
        return "not a regular file"
    return "" if os.access(entry.path, os.R_OK) else "permission denied"


def _words(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
