"""Which directories and files a run looks at, worked out before it does."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from layercheck.cache.evidence import Evidence, Snapshot, around
from layercheck.config.read import OWN_FILE, Table
from layercheck.config.schema import BASELINE_FILE, PROJECT_FILE
from layercheck.sources.roles import MIGRATION_TEMPLATE
from layercheck.sources.roots import PROJECT_MARKS
from layercheck.sources.walk import PRUNED, Listing, walk

_SETTINGS = (".toml", ".cfg", ".ini", ".lock")
_NAMED = frozenset({"Pipfile", ".gitignore", ".importlinter"})
_REQUIREMENTS = "requirements"
"""Ends and names of files that may tell roots, versions of packages or contracts."""

ENDS = (*_SETTINGS, *sorted(_NAMED), ".txt", ".in")
"""Ends of names all of them have, and some other files."""

_MARKS = PROJECT_MARKS | {MIGRATION_TEMPLATE}
"""Files that tell something by being there."""


class Look(msgspec.Struct, frozen=True):
    """What a run over one project looks at: ``below`` are the files that count below its root.

    ``listing`` are the files and names a walk met, ``marks`` other names that decide what comes out.
    ``is_whole`` says that this is all of it.
    """

    evidence: Evidence
    listing: Listing
    below: tuple[bytes, ...]
    marks: tuple[str, ...]
    is_whole: bool

    def digests(self, snapshot: Snapshot) -> list[tuple[bytes, bytes]]:
        """Return path and content of the files that count, as they were when ``snapshot`` was taken."""
        return [(path, snapshot.files[path]) for path in self.below]


def look(
    root: Path,
    settings: Table,
    overrides: Mapping[str, Any],
    config_file: Path | None,
    paths: Sequence[Path],
) -> Look:
    """Return what a run over ``paths`` of the project in ``root`` looks at.

    Raises `UsageError` for malformed patterns of excluded files.
    """
    given = settings.values.get("exclude", ())
    exclude = given if isinstance(given, list) else ()
    listing = walk(root, exclude)
    skipped = [path for path, _ in listing.skipped]
    named = [os.path.relpath(root / path, root) for path in _named(settings, overrides, config_file)]
    files = sorted({*listing.files, *skipped, *_settings(listing), *named})
    below = tuple(map(os.fsencode, files))
    directories = map(os.fsencode, sorted({*listing.names, *listing.left, *skipped}))
    top = os.fsencode(root)
    return Look(
        Evidence(top, directories, (*below, *around(top))),
        listing,
        below,
        tuple(sorted(_marks(listing, everything=bool(exclude)))),
        _is_whole(root, listing, paths),
    )


def _named(settings: Table, overrides: Mapping[str, Any], config_file: Path | None) -> Iterator[Path]:
    yield from map(Path, (OWN_FILE, PROJECT_FILE, BASELINE_FILE))
    for file in (overrides.get("baseline"), settings.values.get("baseline")):
        if isinstance(file, (str, os.PathLike)):
            yield Path(file)
    if config_file is not None:
        yield Path(os.path.abspath(config_file))


def _settings(listing: Listing) -> Iterator[str]:
    for directory, names in listing.names.items():
        of_requirements = os.path.basename(directory) == _REQUIREMENTS
        for name in names:
            if name in _NAMED or name.endswith(_SETTINGS):
                yield os.path.join(directory, name)
            elif (of_requirements or name.startswith(_REQUIREMENTS)) and name.endswith((".txt", ".in")):
                yield os.path.join(directory, name)


def _marks(listing: Listing, *, everything: bool) -> Iterator[str]:
    """Yield the names that count; ``everything`` there is where patterns may mean it."""
    for directory, names in listing.names.items():
        for name in names:
            if name in _MARKS or (everything and name not in PRUNED and not name.startswith(".")):
                yield os.path.join(directory, name)


def _is_whole(root: Path, listing: Listing, paths: Sequence[Path]) -> bool:
    """Return whether a run looks at nothing else.

    It does where it is asked about directories no walk enters, and where requirements lie in one.
    """
    for path in paths:
        directory = path if path.is_dir() else path.parent
        relative = os.path.relpath(os.path.abspath(directory), root)
        if ("" if relative == "." else relative) not in listing.names:
            return False
    inner = (os.path.join(directory, _REQUIREMENTS) for directory in listing.names)
    return not any(one not in listing.names and (root / one).is_dir() for one in inner)
