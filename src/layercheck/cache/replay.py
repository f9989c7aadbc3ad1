"""The same call again: where nothing has changed, what ``check`` printed then is printed once more.

This runs before anything of the command line is loaded. It knows no option: a call is the same when
its words are, and the command says itself whether what it prints depends on files alone. What is not
sure is left to the command.
"""

from __future__ import annotations

import os
import sys

from layercheck.cache.evidence import Evidence, Snapshot, digest
from layercheck.cache.own_code import OwnCode
from layercheck.cache.printed import Printed, is_harmless, unpacked
from layercheck.cache.whole_files import modified, remove, write_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CACHE = ".layercheck_cache"
"""Name of the cache below the project root, unless a place is given."""

DIRECTORY = "printed"
"""Name of the directory in the cache with one file for each call."""

KEPT = 8
"""How many calls with different words are kept: the last."""

VARIABLES = ("NO_COLOR", "FORCE_COLOR", "TERM", "COLUMNS", "LINES")
"""Variables of the environment that decide how a report looks."""

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./")
"""Characters of paths that stand for themselves in JSON, in URIs and in HTML."""


class Call:
    """One call of ``check``: its words, where it was made, and what its output is made for."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = tuple(words)
        self._here = os.getcwdb()
        out = sys.stdout
        look = [repr(os.environ.get(name)) for name in VARIABLES]
        look += map(str, (out.isatty(), out.encoding, out.errors, sys.version_info[:2]))
        if out.isatty():
            try:
                look.append(repr(os.get_terminal_size(out.fileno())))
            except OSError:  # one of no size, for which there is a fallback
                pass
        told = "\0".join((*self._words, *look))
        self._name = digest(told.encode("utf-8", "surrogateescape")).hex()

    def replay(self) -> int | None:
        """Print what this call printed before and return its exit code; None where that is not sure."""
        for cache in self._caches():
            try:
                with open(os.path.join(cache, DIRECTORY, self._name), "rb") as file:
                    printed = unpacked(file.read())
            except (OSError, ValueError):
                continue
            if printed is None:
                continue
            then = printed.times, printed.own_times
            if printed.holds(os.fsencode(cache), self._here):
                now = printed.times, printed.own_times
                if all(now) and now != then:
                    self._write(cache, printed)
                try:
                    sys.stdout.write(printed.text)
                except UnicodeEncodeError:
                    return None
                sys.stdout.flush()
                return printed.exit_code
        return None

    def keep(self, cache: str, evidence: Evidence, snapshot: Snapshot, text: str, exit_code: int) -> None:
        """Keep below the directory ``cache`` what this call printed; where that fails nothing is kept."""
        if not is_harmless(text):
            return
        own = OwnCode()
        root = evidence.root
        printed = Printed(
            times=snapshot.times,
            contents=snapshot.contents,
            own_times=own.times(),
            own_contents=own.contents(),
            root=os.path.relpath(root, os.fsencode(os.path.abspath(cache))),
            here=os.path.relpath(self._here, root),
            # seen from elsewhere, paths of a report name the root by its last words
            place=root if self._here != root or _may_name(text, os.fsdecode(root)) else b"",
            exit_code=exit_code,
            text=text,
            directories=evidence.directories,
            files=evidence.files,
        )
        self._write(cache, printed)

    def _write(self, cache: str, printed: Printed) -> None:
        directory = os.path.join(cache, DIRECTORY)
        if os.path.islink(cache) or os.path.islink(directory):
            return  # a project must not make us write, let alone remove, what lies outside of it
        try:
            os.makedirs(directory, exist_ok=True)
            write_whole(os.path.join(directory, self._name), printed.packed())
            kept = [os.path.join(directory, name) for name in os.listdir(directory) if name[0] != "."]
        except (OSError, UnicodeEncodeError):
            return
        for file in sorted(kept, key=modified)[:-KEPT]:
            remove(file)

    def _caches(self) -> Iterator[str]:
        """Yield where a cache of this call may lie: at a place it names, or in a directory above of one."""
        seen = set()
        for word in (*self._words, "."):
            path = os.path.abspath(word.partition("=")[2] if word.startswith("-") else word)
            yield path
            while path not in seen:
                seen.add(path)
                yield os.path.join(path, CACHE)
                path = os.path.dirname(path)


def _may_name(text: str, root: str) -> bool:
    """Return whether ``text`` may hold the path ``root``, which some formats write in codes of their own."""
    return root in text or not _PLAIN.issuperset(root)
