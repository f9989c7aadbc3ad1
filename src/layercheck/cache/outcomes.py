"""Outcomes of earlier runs: when nothing an outcome depends on has changed, it is told again."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from layercheck.cache.evidence import Snapshot, digest
from layercheck.cache.looking import Look
from layercheck.cache.stamp import stamp
from layercheck.cache.store import DAMAGED, Store
from layercheck.config.read import Table
from layercheck.outcome import Outcome

FILE = "outcomes.msgpack"

KEPT = 8
"""How many outcomes are kept: those of the last calls with different options or contents."""


class _Kept(msgspec.Struct, frozen=True):
    """The file of stored outcomes, the newest first."""

    stamp: bytes
    outcomes: tuple[tuple[bytes, msgspec.Raw], ...]


def key_of(
    seen: Look, snapshot: Snapshot, settings: Table, overrides: Mapping[str, Any], paths: Sequence[Path]
) -> bytes:
    """Return a digest of everything that decides the outcome of a run over ``paths``.

    That is the settings as written and as given in the call, and what is ``seen`` of the project: the
    names and contents of its Python files and of files that hold settings.
    """
    root = os.fsdecode(seen.evidence.root)
    said = {
        "settings": settings.values,
        "overrides": {key: value for key, value in overrides.items() if value},
        "paths": [os.path.relpath(os.path.abspath(path), root) for path in paths],
        "marks": seen.marks,
        "files": seen.digests(snapshot),
    }
    return digest(msgspec.msgpack.encode(said, enc_hook=str, order="deterministic"))


def recall(store: Store, key: bytes, project_root: Path) -> Outcome | None:
    """Return the outcome stored under ``key``, None without one."""
    for stored, outcome in _kept(store).outcomes:
        if stored == key:
            try:
                found = msgspec.msgpack.decode(outcome, type=Outcome)
            except DAMAGED:
                return None
            return msgspec.structs.replace(found, root=os.path.abspath(project_root))
    return None


def remember(store: Store, key: bytes, outcome: Outcome) -> None:
    """Store ``outcome`` under ``key``, unless it has internal errors."""
    if outcome.internal_errors:
        return
    others = [one for one in _kept(store).outcomes if one[0] != key]
    # the root is where the project lies today, no part of the result
    try:
        encoded = msgspec.Raw(msgspec.msgpack.encode(msgspec.structs.replace(outcome, root="")))
    except UnicodeEncodeError:  # a file name that is no text cannot be stored
        return
    kept = _Kept(stamp(), ((key, encoded), *others[: KEPT - 1]))
    store.write(FILE, msgspec.msgpack.encode(kept))


def _kept(store: Store) -> _Kept:
    try:
        kept = msgspec.msgpack.decode(store.read(FILE), type=_Kept)
    except DAMAGED:
        return _Kept(b"", ())
    return kept if kept.stamp == stamp() else _Kept(b"", ())
