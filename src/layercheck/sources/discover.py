"""The one entry: from a project's directory to its sources."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path, PurePosixPath

from layercheck.errors import NothingToAnalyse, UsageError
from layercheck.sources.glimpse import Glimpse, glance, glimpse_of
from layercheck.sources.ignoring import idle_patterns
from layercheck.sources.layout import Layout
from layercheck.sources.paths import is_below, join, split
from layercheck.sources.roles import Roles
from layercheck.sources.roots import find_roots, root_of
from layercheck.sources.source import Role, Source, SourceTree
from layercheck.sources.walk import PRUNED, Listing, walk

_PACKAGE_FILE = "__init__"


def discover(
    project_root: Path,
    roots: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    unsaved: Mapping[str, bytes] | None = None,
    listing: Listing | None = None,
) -> SourceTree:
    """Find the Python files of the project in ``project_root``, with their modules and roles.

    ``roots`` are import roots relative to the project root; without them they are inferred from
    the tree and its imports. With them, application code outside of them is left out, as it
    cannot be imported; tests, migrations and scripts are kept wherever they lie. ``exclude``
    are gitignore patterns. ``unsaved`` maps paths to contents that count instead of those on disk; a path
    that is not on disk yet is one more file. ``listing`` is what a walk met that was made already.

    Raises `UsageError` when the project root or a given root is no directory or a pattern is
    malformed, `NothingToAnalyse` when no Python file is found.
    """
    top = Path(os.path.abspath(project_root))
    if not top.is_dir():
        raise UsageError(f"{project_root}: {'not a directory' if top.exists() else 'no such directory'}")
    given = None if roots is None else frozenset(_checked_root(top, root) for root in roots)
    listing = listing or walk(top, exclude)
    buffers = dict(unsaved or {})
    files = sorted({*listing.files, *(path for path in buffers if not (top / path).exists())})
    glimpses = {
        file: glimpse_of(buffers[file]) if file in buffers else glance(f"{top}/{file}") for file in files
    }
    layout = Layout(files)
    known_roots = find_roots(top, listing, layout, glimpses) if given is None else given
    roles = Roles(top, listing, known_roots, glimpses, _imported_directories(layout, known_roots, glimpses))
    sources = tuple(
        source for file in files if (source := _source(file, known_roots, roles)) is not None
    )
    if not sources:
        raise NothingToAnalyse(_nothing(top, roots, exclude, len(listing.files), listing.skipped))
    return SourceTree(
        project_root=str(top),
        roots=tuple(sorted({source.root for source in sources} | (given or frozenset()))),
        sources=sources,
        skipped=listing.skipped,
        idle_excludes=idle_patterns(exclude, listing.names, PRUNED) if exclude else (),
        unsaved=buffers,
    )


def _source(file: str, roots: Collection[str], roles: Roles) -> Source | None:
    root = root_of(file, roots)
    role = roles.of(file)
    if root is None:
        if role is Role.CODE:
            return None
        root = ""
    module, is_package = module_name(file, root)
    return Source(file, module, root, is_package, role)


def module_name(file: str, root: str) -> tuple[str, bool]:
    """Return the dotted name of ``file`` as seen from ``root``, and whether it is a package."""
    parts = file[len(root) + 1 if root else 0 :].removesuffix(".py").split("/")
    if len(parts) > 1 and parts[-1] == _PACKAGE_FILE:
        return ".".join(parts[:-1]), True
    return ".".join(parts), False


def _checked_root(top: Path, root: str) -> str:
    relative = PurePosixPath(root)
    if relative.is_absolute() or ".." in relative.parts:
        raise UsageError(f'roots: "{root}" must be a path inside the project root {top}')
    if not (top / relative).is_dir():
        raise UsageError(f'roots: "{root}" is no directory in {top}')
    return "" if str(relative) == "." else str(relative)


def _imported_directories(
    layout: Layout, roots: Collection[str], glimpses: Mapping[str, Glimpse]
) -> frozenset[str]:
    """Return the directories that imports from outside of them lead into."""
    imported: set[str] = set()
    for file, glimpse in glimpses.items():
        here = split(file)[0]
        for wanted in glimpse.imports:
            for way in layout.resolve(wanted):
                if way.root in roots:
                    imported.update(package for package in way.packages if not is_below(here, package))
    return frozenset(imported)


def _nothing(
    top: Path,
    roots: Sequence[str] | None,
    exclude: Sequence[str],
    met: int,
    skipped: Sequence[tuple[str, str]],
) -> str:
    where = ", ".join(str(top / join("", root)) for root in roots) if roots else str(top)
    words = f"no Python file to analyse in {where}"
    if met:
        words += f" ({met} lie outside of the given roots)"
    elif skipped:
        path, reason = skipped[0]
        others = f" and {len(skipped) - 1} more" if len(skipped) > 1 else ""
        words += f" ({path}: {reason}{others})"
    elif exclude:
        words += f"; excluded are {', '.join(exclude)} and what .gitignore names"
    return words
