"""The code that decides what comes out: layercheck's own files, what they stand on, the interpreter.

The files themselves, not the version number: results of a changed checkout are not its own.
"""

from __future__ import annotations

import os
import sys

from layercheck.cache.evidence import Evidence, digest

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_COUNTS = (b".py", b".toml", b".json")

_PLACES = ("site-packages", "dist-packages")
_OTHERS = frozenset({"grimp", "import_linter", "libcst", "packaging", "pathspec"})
"""Packages of others that decide what is found; the directories pip leaves name their versions."""


_OF_FACTS = (b"facts/", b"location.py", b"cache/facts.py")
_OTHERS_OF_FACTS = frozenset({"libcst"})


class OwnCode:
    """The files of layercheck and the places where packages of others are installed.

    ``parts`` are how the paths of the files that count begin, ``others`` the packages that count.
    """

    def __init__(self, parts: tuple[bytes, ...] = (b"",), others: frozenset[str] = _OTHERS) -> None:
        files = sorted(path for path in _below(os.fsencode(_PACKAGE)) if path.startswith(parts))
        self._files = Evidence(os.fsencode(_PACKAGE), (), files)
        self._others = others
        self._places = [place for place in sys.path if os.path.basename(place) in _PLACES]

    @classmethod
    def of_facts(cls) -> OwnCode:
        """Return only what decides which facts a file gives and how they are stored."""
        return cls(_OF_FACTS, _OTHERS_OF_FACTS)

    def times(self) -> bytes:
        """Return a digest of when all of it was last written, empty where that is too short ago to tell."""
        places = Evidence(b"", map(os.fsencode, self._places), ()).times()
        files = self._files.times()
        return files + places if files and places else b""

    def contents(self) -> bytes:
        """Return a digest of the contents, of the versions of the others and of that of Python."""
        told = [repr(sys.version_info[:2]), *sorted(self._versions())]
        return digest("\n".join(told).encode("utf-8", "surrogateescape") + self._files.snapshot().contents)

    def _versions(self) -> list[str]:
        names = []
        for place in self._places:
            try:
                names += os.listdir(place)
            except OSError:
                continue
        return [name for name in names if name.endswith("-info") and name.partition("-")[0] in self._others]


def _below(top: bytes, inner: bytes = b"") -> list[bytes]:
    """Return the paths of the files that count below ``top``."""
    found = []
    with os.scandir(os.path.join(top, inner)) as scan:
        for entry in scan:
            path = inner + entry.name
            if entry.name.endswith(_COUNTS):
                found.append(path)
            elif entry.is_dir() and entry.name != b"__pycache__":
                found += _below(top, path + b"/")
    return found
