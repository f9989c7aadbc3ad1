"""Outcomes of earlier runs: when nothing an outcome depends on has changed, it is told again."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from layercheck.cache.stamp import DIGEST_SIZE, digest, stamp
from layercheck.cache.store import DAMAGED, Store
from layercheck.config.read import Table
from layercheck.config.schema import BASELINE_FILE
from layercheck.outcome import Outcome
from layercheck.sources.walk import walk

FILE = "outcomes.msgpack"

KEPT = 8
"""How many outcomes are kept: those of the last calls with different options or contents."""

_SETTINGS_OF_OTHERS = (".toml", ".cfg", ".ini", ".txt", ".lock")
"""Ends of names of files that may tell roots, versions of packages or contracts."""

_HIDDEN = (".gitignore", ".importlinter")


class _Kept(msgspec.Struct, frozen=True):
    """The file of stored outcomes, the newest first."""

    stamp: bytes
    outcomes: tuple[tuple[bytes, msgspec.Raw], ...]


def key_of(
    project_root: Path, settings: Table, overrides: Mapping[str, Any], paths: Sequence[Path]
) -> bytes:
    """Return a digest of everything that decides the outcome of a run over ``paths``.

    That is the settings as written and as given in the call, the names of all Python files of the
    project, and the contents of these and of files that hold settings.
    Raises `UsageError` for malformed patterns of excluded files.
    """
    root = Path(os.path.abspath(project_root))
    said = {
        "settings": settings.values,
        "overrides": {key: value for key, value in overrides.items() if value},
        "paths": [os.path.relpath(os.path.abspath(path), root) for path in paths],
    }
    words = msgspec.msgpack.encode(said, enc_hook=str, order="deterministic")
    whole = blake2b(words, digest_size=DIGEST_SIZE)
    for file, data in _contents(root, settings, overrides):
        whole.update(os.fsencode(file) + b"\0" + digest(data))
    return whole.digest()


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


def _contents(root: Path, settings: Table, overrides: Mapping[str, Any]) -> list[tuple[str, bytes]]:
    """Return the path and bytes of every file a run may look into, sorted."""
    exclude = settings.values.get("exclude", ())
    listing = walk(root, exclude if isinstance(exclude, list) else ())
    files = list(listing.files)
    for directory, names in listing.names.items():
        for name in names:
            if name.endswith(_SETTINGS_OF_OTHERS) or name in _HIDDEN:
                files.append(os.path.join(directory, name))
    for baseline in (BASELINE_FILE, overrides.get("baseline"), settings.values.get("baseline")):
        if isinstance(baseline, (str, os.PathLike)):
            files.append(os.fspath(baseline))
    skipped = [(f"{path}: {reason}", b"") for path, reason in listing.skipped]
    return sorted([*((file, _bytes(root / file)) for file in files), *skipped])


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
