"""What a run looked at on disk, so that the next can tell that nothing of it has changed.

Loaded before anything else when ``check`` starts: this module imports only what the interpreter has
loaded already, or what loads faster than the files are looked at.
"""

from __future__ import annotations

import os
import stat
import time

try:
    from _blake2 import blake2b  # hashlib loads all of OpenSSL
except ImportError:
    from hashlib import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

DIGEST_SIZE = 16

NOT_ENTERED = frozenset({b"__pycache__", b"__pypackages__", b"node_modules", b"site-packages"})
"""Directories no walk enters: whether there are any is no news. Nor are hidden names, but these."""

HIDDEN = frozenset({b".git", b".gitignore", b".importlinter"})

AROUND = (b".git", b".gitignore", b"layercheck.toml", b"pyproject.toml", b"setup.cfg", b"setup.py")
"""What has a say above the root of a project: in where it begins and in what it ignores."""

_SETTLED = 2 * 10**9
"""How many nanoseconds ago a change must be for the next to get another time: the FAT file system
counts in steps of two seconds, all others in smaller ones."""

_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_ABSENT = b"-"
_OTHER = b"no file"
_UNREADABLE = b"unreadable"


class Snapshot:
    """What `Evidence` was like at one time.

    ``times`` is a digest of when and where all of it was last written, empty where changes are so
    young that the next might get the same time. ``files`` are digests of the contents of the files,
    ``written`` says of each when and where it was, empty where that is too young. ``contents`` is a digest
    of all contents and of the names in the directories.
    """

    def __init__(
        self, times: bytes, files: dict[bytes, bytes], written: dict[bytes, bytes], contents: bytes
    ) -> None:
        self.times = times
        self.files = files
        self.written = written
        self.contents = contents


class Evidence:
    """Directories that were listed and files that were read, relative to ``root``; all paths are bytes.

    Files that are not there may be among them: that they appear is a change.
    """

    def __init__(self, root: bytes, directories: Iterable[bytes], files: Iterable[bytes]) -> None:
        self.root = root
        self.directories = tuple(directories)
        self.files = tuple(files)

    def snapshot(self, before: Snapshot | None = None) -> Snapshot:
        """Return what all of it is like now; what changes meanwhile has another time than it tells.

        Files that have the same times as ``before`` are not read again.
        """
        now = time.time_ns()
        written = {path: self._written(path, stat.S_IFREG, now) for path in self.files}
        times = self._times(written, now)
        files = {
            path: before.files[path]
            if before is not None and told and told == before.written.get(path)
            else content(os.path.join(self.root, path))
            for path, told in written.items()
        }
        whole = blake2b(digest_size=DIGEST_SIZE)
        for directory in self.directories:
            whole.update(directory + b"\n" + b"\0".join(self._names(directory)) + b"\n")
        for path, found in files.items():
            if found != _ABSENT:
                whole.update(path + b"\n" + found)
        return Snapshot(times, files, written, whole.digest())

    def snapshot_after(self, before: Snapshot) -> Snapshot:
        """Return what all of it is like now: as ``before`` where nothing has another time than then."""
        return before if before.times and self.times() == before.times else self.snapshot(before)

    def times(self) -> bytes:
        """Return what `Snapshot.times` is."""
        now = time.time_ns()
        return self._times({path: self._written(path, stat.S_IFREG, now) for path in self.files}, now)

    def _times(self, written: dict[bytes, bytes], now: int) -> bytes:
        told = [self._written(path, stat.S_IFDIR, now) for path in self.directories]
        told += [written[path] for path in self.files]
        return digest(b"\n".join(told)) if all(told) else b""

    def _written(self, path: bytes, wanted: int, now: int) -> bytes:
        """Return when and where ``path`` was last written, nothing if that is too young.

        For what is not ``wanted`` there is a word.
        """
        try:
            found = os.stat(os.path.join(self.root, path))
        except OSError:
            return _ABSENT
        if stat.S_IFMT(found.st_mode) != wanted:
            return _OTHER
        modified, changed = found.st_mtime_ns, found.st_ctime_ns
        if max(modified, changed) >= now - _SETTLED:
            return b""
        return b"%d %d %d %d" % (found.st_ino, found.st_size, modified, changed)

    def _names(self, directory: bytes) -> list[bytes]:
        """Return what lies in ``directory``, sorted, each name with what it is."""
        names = []
        try:
            with os.scandir(os.path.join(self.root, directory)) as scan:
                for entry in scan:
                    name = entry.name
                    if (name[:1] == b"." and name not in HIDDEN) or name in NOT_ENTERED:
                        continue
                    if entry.is_file(follow_symlinks=False):
                        names.append(name)
                    elif entry.is_dir(follow_symlinks=False):
                        names.append(name + b"/")
                    else:
                        names.append(name + b"@" + self._target(entry))
        except OSError:
            return [_UNREADABLE]
        names.sort()
        return names

    def _target(self, entry: os.DirEntry[bytes]) -> bytes:
        """Return where a link leads, seen from the root, and whether that is a directory."""
        if not entry.is_symlink():
            return b""
        target = os.path.relpath(os.path.realpath(entry.path), os.path.realpath(self.root))
        return target + (b"/" if entry.is_dir() else b"")


def around(root: bytes) -> list[bytes]:
    """Return what counts in the directories above ``root``, up to the top of the repository."""
    above: list[bytes] = []
    directory, way = root, b""
    while not os.path.exists(os.path.join(directory, b".git")):
        parent = os.path.dirname(directory)
        if parent == directory:
            break
        directory, way = parent, way + b"../"
        above.extend(way + name for name in AROUND)
    return above


def content(path: bytes) -> bytes:
    """Return the digest of what the file at ``path`` holds, else a word for what it is instead."""
    try:
        handle = os.open(path, _READ)
    except FileNotFoundError:
        return _ABSENT
    except OSError:
        return _UNREADABLE
    try:
        found = os.fstat(handle)
        # one byte more than there should be tells that it has grown meanwhile
        return digest(os.read(handle, found.st_size + 1)) if stat.S_ISREG(found.st_mode) else _OTHER
    except OSError:
        return _UNREADABLE
    finally:
        os.close(handle)


def digest(data: bytes) -> bytes:
    """Return the name ``data`` goes by."""
    return blake2b(data, digest_size=DIGEST_SIZE).digest()
