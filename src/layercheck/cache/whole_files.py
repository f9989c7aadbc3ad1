"""Files that are replaced as a whole: whoever reads one meets the old or the new, never half of it."""

from __future__ import annotations

import os
import time

_LEFT_OVER = 3600.0
"""After how many seconds a file beside its place has nobody any more who will move it there."""


def write_whole(path: str, data: bytes) -> None:
    """Write ``data`` beside ``path`` and move it there in one step; raises `OSError`.

    What a process that was killed left beside ``path`` is removed.
    """
    directory, name = os.path.split(path)
    beside = os.path.join(directory, f".{name}.{os.getpid()}.{time.monotonic_ns()}")
    try:
        with open(beside, "xb") as file:
            file.write(data)
        os.replace(beside, path)
    except BaseException:
        remove(beside)
        raise
    oldest = time.time() - _LEFT_OVER
    for other in os.listdir(directory):
        if other.startswith(f".{name}."):
            left = os.path.join(directory, other)
            if modified(left) < oldest:
                remove(left)


def modified(path: str) -> float:
    """Return when the file was last written; what is gone was written last of all."""
    try:
        return os.stat(path).st_mtime
    except OSError:
        return float("inf")


def remove(path: str) -> None:
    """Remove a file that may be gone already, or not ours to remove."""
    try:
        os.unlink(path)
    except OSError:
        pass
