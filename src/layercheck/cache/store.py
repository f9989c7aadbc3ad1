"""The directory of the cache: small named files, each replaced as a whole."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import msgspec

from layercheck.cache.replay import CACHE
from layercheck.cache.whole_files import write_whole

DIRECTORY = CACHE

LOCK = "lock"
"""Name of the file that says somebody works with the cache alone."""

DAMAGED = (msgspec.MsgspecError, UnicodeDecodeError)
"""What decoding stored bytes may raise when something else wrote over them."""

_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# A cache of layercheck; safe to delete.\n"
"""What marks a cache for backup tools, see https://bford.info/cachedir/."""


class Store:
    """Reads and writes the files of a cache directory.

    Two runs at once do no harm: a file is written beside its place and moved there in one step, the
    later run wins. ``failure`` says in words why nothing can be kept, empty as long as that works.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.failure = ""

    def read(self, name: str) -> bytes:
        """Return what is stored under ``name``, nothing where there is none."""
        try:
            return (self.directory / name).read_bytes()
        except OSError:
            return b""

    def write(self, name: str, data: bytes) -> None:
        """Store ``data`` under ``name``; where that fails, ``failure`` says why.

        A directory that is a link is left alone: a project must not make us write outside of it.
        """
        try:
            self._prepare()
            write_whole(str(self.directory / name), data)
        except OSError as error:
            self.failure = f"cannot write to {self.directory}: {error.strerror}"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep out other processes that ask for the same; where nothing can be written nobody waits."""
        from filelock import FileLock

        with ExitStack() as held:
            with suppress(OSError, NotImplementedError):  # some file systems know no locks
                self._prepare()
                held.enter_context(FileLock(self.directory / LOCK))
            yield

    def _prepare(self) -> None:
        if self.directory.is_symlink():
            raise OSError(errno.ELOOP, "it is a link, name where it leads with --cache-dir")
        if self.directory.is_dir():
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / "CACHEDIR.TAG").write_text(_TAG, "utf-8")
        (self.directory / ".gitignore").write_text("*\n", "utf-8")
