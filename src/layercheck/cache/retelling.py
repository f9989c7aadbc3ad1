"""A changed file that says the same: the outcome of an earlier run, moved to where its code is now.

Most of what is typed between two runs changes nothing that is found: a test, a migration, a comment, a
docstring, blank lines. That is told from the facts of the changed files alone; what is not sure is left to
a run.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from layercheck.cache.evidence import digest
from layercheck.cache.facts import FactsCache
from layercheck.cache.moving import NotMovable, moved
from layercheck.cache.outcomes import Ground, recall_near, shape_of
from layercheck.cache.store import Store
from layercheck.config.read import Table
from layercheck.errors import LayercheckError
from layercheck.facts.alignment import Moves, align
from layercheck.facts.batch import extract_file
from layercheck.facts.read import decode
from layercheck.outcome import Outcome
from layercheck.quoting import lines_to_quote, quote
from layercheck.sources import Role, Source, SourceTree, discover
from layercheck.sources.walk import Listing


def retell(
    store: Store, ground: Ground, project_root: Path, settings: Table, listing: Listing
) -> tuple[Outcome, bytes] | None:
    """Return what a run on ``ground`` would come to, with the shape of its source tree; None if not sure.

    ``settings`` are those of the project, ``listing`` what a walk through it met. The facts of what changed
    are kept for the next.
    """
    near = list(recall_near(store, ground))
    tree = _discovered(project_root, settings, listing) if near else None
    if tree is None:
        return None
    shape, cache = shape_of(tree), FactsCache(store)
    for stored, changed in near:
        if stored.shape != shape:
            continue
        edits = _edits(tree, ground, {_in_tree(path): was for path, was in changed.items()}, cache)
        outcome = stored.outcome_in(project_root) if edits is not None else None
        if edits is None or outcome is None:
            continue
        try:
            told = _retold(outcome, edits)
        except NotMovable:
            continue
        cache.keep_all()
        cache.save()
        return told, shape
    return None


class _Edit(msgspec.Struct, frozen=True):
    """A file that says the same as before: its text, how many lines it grew by, where its code moved."""

    path: str
    text: str
    growth: int
    moves: Moves


def _discovered(project_root: Path, settings: Table, listing: Listing) -> SourceTree | None:
    values = settings.values
    try:
        return discover(
            project_root, values.get("roots") or None, values.get("exclude", ()), listing=listing
        )
    except LayercheckError:
        return None


def _edits(
    tree: SourceTree, ground: Ground, changed: Mapping[str, bytes], cache: FactsCache
) -> list[_Edit] | None:
    """Return what was done to the code among the ``changed`` files; None where one may say something else.

    What is no code takes no part, except in contracts of import-linter.
    """
    sources = {source.path: source for source in tree.sources}
    now = {_in_tree(path): content for path, content in ground.code.items()}
    edits = []
    others = False
    for path, was in changed.items():
        source = sources.get(path)
        if source is not None and source.role is Role.CODE:
            edit = _edit(tree, source, was, now[path], cache)
            if edit is None:
                return None
            edits.append(edit)
        else:
            others = True
    return None if others and _has_contracts(tree) else edits


def _has_contracts(tree: SourceTree) -> bool:
    from layercheck.graphs.contracts import settings_files

    return bool(settings_files(Path(tree.project_root), tree.roots))


def _edit(tree: SourceTree, source: Source, was: bytes, now: bytes, cache: FactsCache) -> _Edit | None:
    old = cache.find(was)
    if old is None:
        return None
    try:
        data = tree.read(source)
    except OSError:
        return None
    new = extract_file(source.path, data).facts
    if new is None or digest(data) != now:
        return None
    moves = align(old, new)
    if moves is None:
        return None
    cache.add(now, new)
    return _Edit(source.path, decode(data), new.lines - old.lines, moves)


def _retold(outcome: Outcome, edits: Sequence[_Edit]) -> Outcome:
    """Return ``outcome`` as it is after ``edits``; raises `NotMovable`."""
    told = moved(outcome, {edit.path: edit.moves for edit in edits if not edit.moves.is_nothing})
    findings = (*(one.finding for one in told.findings), *(one.finding for one in told.suppressed))
    wanted = lines_to_quote(findings)
    quoted = {edit.path: quote(edit.text, wanted[edit.path]) for edit in edits if edit.path in told.sources}
    return msgspec.structs.replace(
        told,
        sources={path: quoted.get(path, lines) for path, lines in told.sources.items()},
        summary=msgspec.structs.replace(
            told.summary, lines=told.summary.lines + sum(edit.growth for edit in edits)
        ),
    )


def _in_tree(path: bytes) -> str:
    """Return the path of a file as source trees have it."""
    return os.fsdecode(path).replace(os.sep, "/")
