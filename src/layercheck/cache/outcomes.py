"""Outcomes of earlier runs: when nothing an outcome depends on has changed, it is told again."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from layercheck.cache.evidence import Snapshot, digest
from layercheck.cache.looking import Look
from layercheck.cache.stamp import stamp
from layercheck.cache.store import DAMAGED, Store
from layercheck.config.read import Table
from layercheck.outcome import Outcome
from layercheck.sources import SourceTree

FILE = "outcomes.msgpack"

KEPT = 8
"""How many outcomes are kept: those of the last calls with different options or contents."""

MOST_CHANGED = 32
"""In how many Python files a run may differ from an earlier one to be worth a comparison."""


class Ground(msgspec.Struct, frozen=True):
    """What decides the outcome of a run.

    ``code`` are the digests of the contents of the Python files by path, ``rest`` is one of all else.
    """

    rest: bytes
    code: dict[bytes, bytes]

    @property
    def key(self) -> bytes:
        """A digest of all of it."""
        return digest(self.rest + _encoded(sorted(self.code.items())))


class Stored(msgspec.Struct, frozen=True):
    """An outcome with its ground; ``shape`` is that of the source tree it was worked out on."""

    key: bytes
    rest: bytes
    code: msgspec.Raw
    shape: bytes
    outcome: msgspec.Raw

    def outcome_in(self, project_root: Path) -> Outcome | None:
        """Return the outcome for the project as it lies in ``project_root`` now, None where it is damaged."""
        try:
            found = msgspec.msgpack.decode(self.outcome, type=Outcome)
        except DAMAGED:
            return None
        return msgspec.structs.replace(found, root=os.path.abspath(project_root))


class _Kept(msgspec.Struct, frozen=True):
    """The file of stored outcomes, the newest first."""

    stamp: bytes
    outcomes: tuple[Stored, ...]


def ground_of(
    seen: Look, snapshot: Snapshot, settings: Table, overrides: Mapping[str, Any], paths: Sequence[Path]
) -> Ground:
    """Return what decides the outcome of a run over ``paths``.

    That is the settings as written and as given in the call, and what is ``seen`` of the project: the
    names and contents of its Python files and of files that hold settings.
    """
    root = os.fsdecode(seen.evidence.root)
    files = seen.digests(snapshot)
    said = {
        "settings": settings.values,
        "overrides": {key: value for key, value in overrides.items() if value},
        "paths": [os.path.relpath(os.path.abspath(path), root) for path in paths],
        "marks": seen.marks,
        "files": [(path, b"" if _is_code(path) else content) for path, content in files],
    }
    return Ground(digest(_encoded(said)), {path: content for path, content in files if _is_code(path)})


def shape_of(tree: SourceTree) -> bytes:
    """Return a digest of which files a project has, under which names and in which roles."""
    return digest(_encoded((tree.roots, tree.sources, tree.skipped, tree.idle_excludes)))


def recall(store: Store, ground: Ground, project_root: Path) -> Outcome | None:
    """Return the outcome stored for ``ground``, None without one."""
    key = ground.key
    for stored in _kept(store).outcomes:
        if stored.key == key:
            return stored.outcome_in(project_root)
    return None


def recall_near(store: Store, ground: Ground) -> Iterator[tuple[Stored, dict[bytes, bytes]]]:
    """Yield the outcomes stored for what differs from ``ground`` in a few Python files alone.

    The newest comes first, each with the digests these files had then, by path.
    """
    for stored in _kept(store).outcomes:
        if stored.rest != ground.rest:
            continue
        try:
            code = msgspec.msgpack.decode(stored.code, type=dict[bytes, bytes])
        except DAMAGED:
            continue
        changed = {path: was for path, was in code.items() if ground.code.get(path) != was}
        if len(changed) <= MOST_CHANGED and code.keys() == ground.code.keys():
            yield stored, changed


def remember(store: Store, ground: Ground, shape: bytes, outcome: Outcome) -> None:
    """Store ``outcome`` of a run on a tree of ``shape``, unless it has internal errors."""
    if outcome.internal_errors:
        return
    key = ground.key
    others = [one for one in _kept(store).outcomes if one.key != key]
    # the root is where the project lies today, no part of the result
    try:
        encoded = msgspec.Raw(msgspec.msgpack.encode(msgspec.structs.replace(outcome, root="")))
    except UnicodeEncodeError:  # a file name that is no text cannot be stored
        return
    code = msgspec.Raw(msgspec.msgpack.encode(ground.code))
    kept = _Kept(stamp(), (Stored(key, ground.rest, code, shape, encoded), *others[: KEPT - 1]))
    store.write(FILE, msgspec.msgpack.encode(kept))


def _is_code(path: bytes) -> bool:
    return path.endswith(b".py")


def _encoded(said: object) -> bytes:
    try:
        return msgspec.msgpack.encode(said, enc_hook=str, order="deterministic")
    except UnicodeEncodeError:  # a name that is no text
        return repr(said).encode("utf-8", "surrogatepass")


def _kept(store: Store) -> _Kept:
    try:
        kept = msgspec.msgpack.decode(store.read(FILE), type=_Kept)
    except DAMAGED:
        return _Kept(b"", ())
    return kept if kept.stamp == stamp() else _Kept(b"", ())
