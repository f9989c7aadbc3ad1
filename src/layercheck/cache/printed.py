"""What a call printed, and what tells that it would print the same again."""

from __future__ import annotations

import os

from layercheck.cache.evidence import Evidence, around, digest
from layercheck.cache.own_code import OwnCode

_HEAD = b"layercheck printed 1"
_COLOUR = frozenset("0123456789;")


class Printed:
    """The output of one call, with the directories and files it depends on, relative to the root.

    ``times`` and ``contents`` are digests of these as they were then, see `Snapshot`, ``own_times`` and
    ``own_contents`` those of layercheck's own code. ``root`` leads from the cache to the root of the project,
    ``here`` from the root to where the call was made. ``place`` is the root itself where the text names
    it, else empty: text that does not is the same wherever the project lies.
    """

    def __init__(
        self,
        *,
        times: bytes,
        contents: bytes,
        own_times: bytes,
        own_contents: bytes,
        root: bytes,
        here: bytes,
        place: bytes,
        exit_code: int,
        text: str,
        directories: tuple[bytes, ...],
        files: tuple[bytes, ...],
    ) -> None:
        self.times = times
        self.contents = contents
        self.own_times = own_times
        self.own_contents = own_contents
        self.root = root
        self.here = here
        self.place = place
        self.exit_code = exit_code
        self.text = text
        self.directories = directories
        self.files = files

    def packed(self) -> bytes:
        """Return all of it as bytes for `unpacked`; raises UnicodeEncodeError for text that is none."""
        parts = (
            self.times,
            self.contents,
            self.own_times,
            self.own_contents,
            self.root,
            self.here,
            self.place,
            b"%d" % self.exit_code,
            self.text.encode(),
            b"\0".join(self.directories),
            b"\0".join(self.files),
        )
        lengths = b" ".join(b"%d" % len(part) for part in parts)
        body = lengths + b"\n" + b"".join(parts)
        return _HEAD + b"\n" + digest(body) + body

    def holds(self, cache: bytes, here: bytes) -> bool:
        """Return whether a call made ``here`` with this ``cache`` would print the same.

        Contents are compared where times differ; the times of now are afterwards those to go by.
        """
        root = os.path.normpath(os.path.join(cache, self.root))
        if os.path.relpath(here, root) != self.here or self.place not in (b"", root):
            return False
        own = OwnCode()
        then, self.own_times = self.own_times, own.times()
        if (not then or then != self.own_times) and own.contents() != self.own_contents:
            return False
        evidence = Evidence(root, self.directories, (*self.files, *around(root)))
        then, self.times = self.times, evidence.times()
        return (then != b"" and then == self.times) or evidence.snapshot().contents == self.contents


def unpacked(data: bytes) -> Printed | None:
    """Return what was packed; None for anything else, and for text that would command a terminal."""
    start = len(_HEAD) + 1
    body = data[start + len(digest(b"")) :]
    if data != _HEAD + b"\n" + digest(body) + body:
        return None
    lengths, _, rest = body.partition(b"\n")
    parts = []
    for length in map(int, lengths.split(b" ")):
        parts.append(rest[:length])
        rest = rest[length:]
    times, contents, own_times, own_contents, root, here, place, exit_code, text, directories, files = parts
    printed = Printed(
        times=times,
        contents=contents,
        own_times=own_times,
        own_contents=own_contents,
        root=root,
        here=here,
        place=place,
        exit_code=int(exit_code),
        text=text.decode(),
        directories=tuple(directories.split(b"\0")),
        files=tuple(files.split(b"\0")),
    )
    return printed if is_harmless(printed.text) else None


def is_harmless(text: str) -> bool:
    """Return whether text holds lines, tabs and colours, and no other code that terminals obey."""
    first, *others = text.replace("\n", "").replace("\t", "").split("\x1b[")
    for other in others:
        colour, end, rest = other.partition("m")
        if not end or not _COLOUR.issuperset(colour):
            return False
        first += rest
    return first.isprintable()
