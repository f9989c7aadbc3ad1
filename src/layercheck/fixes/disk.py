"""Putting changed files in their places, each of them whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from layercheck.errors import UsageError


def write_files(
    root: Path,
    contents: Mapping[str, bytes],
    before: Mapping[str, bytes | None],
    replace: Callable[[Path, Path], None] = os.replace,
) -> None:
    """Write ``contents`` below ``root``; every file is old or new at any moment, never in between.

    ``before`` is what was read of the files, None of those that are yet to be made. All new contents are
    written beside the old ones first, as that is what may fail; then one file after the other is replaced
    by ``replace``, those that are made first. Raises `UsageError` where a file was changed meanwhile, gets
    different contents by two names or cannot be written, and says which files are new.
    """
    order = sorted(contents, key=lambda path: (before[path] is not None, path))
    targets = {path: Path(os.path.realpath(root / path)) for path in order}
    told: dict[Path, str] = {}
    for path, target in targets.items():
        other = told.setdefault(target, path)
        if contents[other] != contents[path]:
            raise UsageError(f"{other} and {path} are one file with different changes; nothing was written")
        if _read(target, path) != before[path]:
            raise UsageError(f"{path} was changed meanwhile; nothing was written")
    prepared: dict[str, Path] = {}
    written: list[str] = []
    current = ""
    try:
        for current, target in targets.items():
            prepared[current] = _beside(target, contents[current])
        for current, target in targets.items():
            replace(prepared[current], target)
            written.append(current)
    except OSError as error:
        raise UsageError(_told(current, error, written, list(targets))) from None
    finally:
        for file in prepared.values():
            with suppress(OSError):
                file.unlink(missing_ok=True)


def _read(target: Path, path: str) -> bytes | None:
    try:
        return target.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}; nothing was written") from None


def _beside(target: Path, data: bytes) -> Path:
    """Return a new file with ``data`` and the rights of ``target`` in the same directory."""
    is_new = not target.exists()
    target.parent.mkdir(parents=True, exist_ok=True)
    if not is_new and not os.access(target, os.W_OK):
        raise PermissionError(13, "the file may not be written")
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".new", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, _rights_of_new_files() if is_new else target.stat().st_mode & 0o7777)
    except OSError:
        os.unlink(name)
        raise
    return Path(name)


def _rights_of_new_files() -> int:
    """Return the rights other programs give to the files they make."""
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _told(path: str, error: OSError, written: list[str], every: list[str]) -> str:
    problem = f"cannot write {path}: {error.strerror}"
    if not written:
        return f"{problem}; nothing was written"
    old = [one for one in every if one not in written]
    return f"{problem}\nnew: {', '.join(written)}\nas before: {', '.join(old)}"
