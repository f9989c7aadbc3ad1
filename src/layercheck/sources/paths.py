"""Relative paths as plain strings: forward slashes, ``""`` for the project root."""

from __future__ import annotations

from collections.abc import Iterator


def join(directory: str, name: str) -> str:
    """Return the path of ``name`` in ``directory``."""
    return f"{directory}/{name}" if directory else name


def split(path: str) -> tuple[str, str]:
    """Return the directory of ``path`` and its last part."""
    directory, _, name = path.rpartition("/")
    return directory, name


def lineage(directory: str) -> Iterator[str]:
    """Yield ``directory`` and all directories above it, the innermost first, ``""`` last."""
    while directory:
        yield directory
        directory = directory.rpartition("/")[0]
    yield ""


def is_below(path: str, directory: str) -> bool:
    """Tell whether ``path`` is ``directory`` or lies somewhere in it."""
    return not directory or path == directory or path.startswith(directory + "/")


def shared_depth(left: str, right: str) -> int:
    """Return how many leading parts ``left`` and ``right`` have in common."""
    depth = 0
    for one, other in zip(left.split("/"), right.split("/"), strict=False):
        if one != other:
            break
        depth += 1
    return depth
