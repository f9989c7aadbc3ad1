"""What makes a stored result ours: the code that made it and the interpreter it ran on."""

from __future__ import annotations

import os
import sys
from functools import cache
from hashlib import blake2b
from pathlib import Path

DIGEST_SIZE = 16

_PACKAGE = Path(__file__).parent.parent
_COUNTS = (".py", ".toml", ".json")


def digest(data: bytes) -> bytes:
    """Return the name ``data`` goes by."""
    return blake2b(data, digest_size=DIGEST_SIZE).digest()


@cache
def stamp() -> bytes:
    """Return a digest of layercheck's own files and of the version of Python.

    The files themselves, not the version number: results of a changed checkout are not its own.
    """
    whole = blake2b(repr(sys.version_info[:2]).encode(), digest_size=DIGEST_SIZE)
    for directory, inner, files in os.walk(_PACKAGE):
        inner.sort()
        for name in sorted(files):
            if name.endswith(_COUNTS):
                path = os.path.join(directory, name)
                whole.update(os.path.relpath(path, _PACKAGE).encode())
                with open(path, "rb") as file:
                    whole.update(digest(file.read()))
    return whole.digest()
