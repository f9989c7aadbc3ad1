"""Import roots: the directories from which a project's absolute imports resolve.

Nothing names them reliably, the imports do. Every absolute import is a vote for the directories
it resolves from, and a vote against the directories it passes through: these are packages. A
relative import is a vote against the package it counts from. A directory becomes a root when
more imports speak for it than against it; the one with the most votes is taken first, and the
imports it explains no longer speak for another.

A directory that looks like the top of a project (``src``, a ``pyproject.toml`` ...) and of which
no import says anything is a root too, unless the directories around it already explain its files.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from layercheck.sources.glimpse import Glimpse, Import
from layercheck.sources.layout import Layout, Resolution
from layercheck.sources.paths import is_below, join, lineage, shared_depth, split
from layercheck.sources.project_root import is_packaging_script
from layercheck.sources.walk import Listing

PROJECT_MARKS = frozenset(
    {
        "pyproject.toml", "setup.cfg", "Pipfile", "poetry.lock", "uv.lock",
        "alembic.ini", "pytest.ini", "tox.ini", "Dockerfile", "Procfile",
    }
)  # fmt: skip
PACKAGING_SCRIPT = "setup.py"
SOURCE_DIRECTORIES = frozenset({"src"})

_REQUIREMENTS = re.compile(r"requirements[\w.-]*\.(?:txt|in)")
_DECLARATIONS = re.compile(r"pyproject\.toml|Pipfile|setup\.cfg|" + _REQUIREMENTS.pattern)
_FIRST_WORD = re.compile(r"^\s*[\"']?([A-Za-z][\w.-]*)", re.MULTILINE)


class _Vote(msgspec.Struct, frozen=True):
    """One way to explain an import: it speaks for any of ``roots``; ``name`` is its first part."""

    roots: frozenset[str]
    name: str


def find_roots(
    project_root: Path, listing: Listing, layout: Layout, glimpses: Mapping[str, Glimpse]
) -> frozenset[str]:
    """Return the import roots of the files in ``listing``; ``""`` is always among them."""
    natural = frozenset(_natural_roots(project_root, listing, layout))
    foreign = _declared_names(project_root, listing)
    votes, against = _count(layout, glimpses, natural, foreign)

    def speaks_for(root: str, vote: _Vote) -> bool:
        # tasks/celery.py is not what `import celery` means in a project that requires celery.
        inside = layout.is_package(root) or against[root] > 0
        return root in natural or not inside or vote.name not in foreign

    votes = Counter({
        _Vote(frozenset(root for root in vote.roots if speaks_for(root, vote)), vote.name): count
        for vote, count in votes.items()
    })  # fmt: skip
    chosen = _elect(votes, against, natural)
    silent = {root for root in natural - chosen if not against[root]}
    return frozenset({""} | chosen | _unexplained(silent, chosen, layout, glimpses))


def root_of(path: str, roots: Iterable[str]) -> str | None:
    """Return the innermost of ``roots`` that ``path`` lies in, None if it lies in none."""
    return next((directory for directory in lineage(split(path)[0]) if directory in roots), None)


def _natural_roots(project_root: Path, listing: Listing, layout: Layout) -> Iterator[str]:
    yield ""
    for directory in layout.directories:
        names = listing.names.get(directory, frozenset())
        if (
            split(directory)[1] in SOURCE_DIRECTORIES
            or names & PROJECT_MARKS
            or any(_REQUIREMENTS.fullmatch(name) for name in names)
            or (
                PACKAGING_SCRIPT in names and is_packaging_script(project_root / directory / PACKAGING_SCRIPT)
            )
        ):
            yield directory


def _count(
    layout: Layout, glimpses: Mapping[str, Glimpse], natural: frozenset[str], foreign: frozenset[str]
) -> tuple[Counter[_Vote], Counter[str]]:
    votes: Counter[_Vote] = Counter()
    against: Counter[str] = Counter()
    for file, glimpse in glimpses.items():
        directory, name = split(file)
        for level in glimpse.levels:
            against.update(_packages_counted(directory, level))
        for wanted in glimpse.imports:
            name = wanted.module.partition(".")[0]
            pool = _plausible(layout, wanted, file, natural, apart=name not in foreign)
            if pool:
                votes[_Vote(frozenset(way.root for way in pool), name)] += 1
                against.update({package for way in pool for package in way.packages})
    return votes, against


def _packages_counted(directory: str, level: int) -> Iterator[str]:
    """Yield the directories that a relative import with ``level`` dots proves to be packages."""
    for step, ancestor in enumerate(lineage(directory)):
        if step == level or not ancestor:
            return
        yield ancestor


def _plausible(
    layout: Layout, wanted: Import, file: str, natural: frozenset[str], *, apart: bool
) -> list[Resolution]:
    """Return the ways to read an import of ``file`` that its place in the tree makes likely.

    Roots around the file come first; others are considered if ``apart`` allows it.
    """
    ways = [way for way in layout.resolve(wanted) if way.target + ".py" != file]
    if not ways:
        return []
    directory = split(file)[0]
    around = [way for way in ways if is_below(directory, way.root)]
    if not around:
        others = [way for way in ways if apart and not layout.is_package(way.root)]
        nearest = max((shared_depth(directory, way.root) for way in others), default=0)
        return [way for way in others if shared_depth(directory, way.root) == nearest]
    marked = [way for way in around if way.root in natural]
    return [max(marked, key=lambda way: len(way.root))] if marked else around


def _elect(votes: Counter[_Vote], against: Counter[str], natural: frozenset[str]) -> set[str]:
    chosen: set[str] = set()
    while True:
        supporters: Counter[str] = Counter()
        for vote, count in votes.items():
            for root in vote.roots:
                supporters[root] += count
        electable = [root for root, count in supporters.items() if count > against[root]]
        if not electable:
            return chosen
        best = min(electable, key=lambda root: (-supporters[root], root not in natural, len(root), root))
        chosen.add(best)
        votes = Counter({vote: count for vote, count in votes.items() if best not in vote.roots})


def _unexplained(
    silent: set[str], chosen: set[str], layout: Layout, glimpses: Mapping[str, Glimpse]
) -> set[str]:
    """Return the silent roots none of whose files imports from a chosen root around it."""
    explained: set[str] = set()
    for file, glimpse in glimpses.items():
        around = [root for root in lineage(split(file)[0]) if root in silent]
        if not around:
            continue
        sources = {way.root for wanted in glimpse.imports for way in layout.resolve(wanted)} & chosen
        explained.update(root for root in around if any(is_below(root, source) for source in sources))
    return silent - explained


def _declared_names(project_root: Path, listing: Listing) -> frozenset[str]:
    """Return the names that files of requirements begin a line with, spelled like modules."""
    declared: set[str] = set()
    for directory, names in listing.names.items():
        for name in names:
            if _DECLARATIONS.fullmatch(name):
                try:
                    text = (project_root / join(directory, name)).read_text("utf-8", "replace")
                except OSError:
                    continue
                declared.update(word.replace("-", "_").lower() for word in _FIRST_WORD.findall(text))
    return frozenset(declared)
