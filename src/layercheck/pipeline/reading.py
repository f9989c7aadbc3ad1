"""From sources to facts: from the cache where the content is known, else parsed, on many cores if asked."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from layercheck.cache.facts import FactsCache
from layercheck.cache.evidence import digest
from layercheck.facts.batch import Extracted, decode_batch, extract_batch, extract_file
from layercheck.facts.records import FileFacts
from layercheck.location import Place
from layercheck.outcome import Unread
from layercheck.sources import Role, Source, SourceTree

if TYPE_CHECKING:
    from concurrent.futures import Executor

BATCH = 32
"""How many files one task of an executor reads."""

MANY = 200
"""From how many files on starting processes costs less than it saves."""


class Workers(msgspec.Struct, frozen=True):
    """Who parses: an executor handed in, else up to ``jobs`` processes where there are many files.

    Any executor of the kind of `concurrent.futures` will do; it is left running. The facts do not
    depend on who parsed.
    """

    jobs: int = 1
    executor: Executor | None = None

    @contextmanager
    def started(self) -> Iterator[Executor]:
        """Give the executor; processes started for this end afterwards."""
        if self.executor is not None:
            yield self.executor
            return
        from concurrent.futures import ProcessPoolExecutor

        # an interrupt reaches all processes of a terminal; this one ends them, in silence
        executor = ProcessPoolExecutor(
            self.jobs, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)
        )
        try:
            yield executor
        finally:
            executor.shutdown(cancel_futures=True)


class ReadFiles(msgspec.Struct, frozen=True):
    """The files that take part with their facts, those that cannot be read, and bugs as sentences."""

    files: list[tuple[Source, FileFacts]]
    unread: tuple[Unread, ...]
    internal_errors: tuple[str, ...]


def read_files(tree: SourceTree, cache: FactsCache, workers: Workers) -> ReadFiles:
    """Return the facts of all code of ``tree``; ``workers`` parse what ``cache`` does not know."""
    unread = [Unread(Place(path, 1, 1, 1, 1), reason) for path, reason in tree.skipped]
    contents: dict[Source, tuple[bytes, bytes]] = {}
    for source in tree.sources:
        if source.role is Role.CODE:
            try:
                data = tree.read(source)
            except OSError as error:
                unread.append(Unread(Place(source.path, 1, 1, 1, 1), error.strerror or str(error)))
            else:
                contents[source] = digest(data), data
    known: dict[Source, FileFacts] = {}
    for source, (name, _) in contents.items():
        facts = cache.find(name)
        if facts is not None:
            known[source] = facts
    wanted = [(source.path, data) for source, (_, data) in contents.items() if source not in known]
    extracted = dict(zip((path for path, _ in wanted), _extract_all(wanted, workers), strict=True))
    files = []
    errors = []
    for source, (name, _) in contents.items():
        if source in known:
            files.append((source, known[source]))
            continue
        found = extracted[source.path]
        if found.facts is not None:
            cache.add(name, found.facts, found.encoded)
            files.append((source, found.facts))
        elif found.failure:
            errors.append(found.failure)
        else:
            place = Place(source.path, found.line, found.column, found.line, found.column)
            unread.append(Unread(place, found.reason))
    cache.save()
    return ReadFiles(files, tuple(sorted(unread, key=lambda one: one.place)), tuple(errors))


def _extract_all(wanted: Sequence[tuple[str, bytes]], workers: Workers) -> list[Extracted]:
    if len(wanted) <= BATCH or (workers.executor is None and (workers.jobs < 2 or len(wanted) < MANY)):
        return [extract_file(path, data) for path, data in wanted]
    from concurrent.futures import BrokenExecutor

    batches = [wanted[start : start + BATCH] for start in range(0, len(wanted), BATCH)]
    try:
        with workers.started() as executor:
            return [one for encoded in executor.map(extract_batch, batches) for one in decode_batch(encoded)]
    except (BrokenExecutor, OSError, ImportError):
        if workers.executor is not None:
            raise
        # a process was killed, or the system has no means to start any
        return [extract_file(path, data) for path, data in wanted]
