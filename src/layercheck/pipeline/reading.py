"""From sources to facts: from the cache where the content is known, else parsed, on many cores if asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor

import msgspec

from layercheck.cache.facts import FactsCache
from layercheck.cache.stamp import digest
from layercheck.facts.read import read_facts
from layercheck.facts.records import FileFacts
from layercheck.facts.unreadable import Unreadable
from layercheck.location import Place
from layercheck.outcome import Unread
from layercheck.pipeline.failures import sentence
from layercheck.sources import Role, Source, SourceTree

BATCH = 32
"""How many files one task of an executor reads."""


class Extracted(msgspec.Struct, frozen=True):
    """What became of one file: its facts, or why it is unreadable, or the bug met while reading it."""

    facts: FileFacts | None = None
    line: int = 1
    column: int = 1
    reason: str = ""
    failure: str = ""


class ReadFiles(msgspec.Struct, frozen=True):
    """The files that take part with their facts, those that cannot be read, and bugs as sentences."""

    files: list[tuple[Source, FileFacts]]
    unread: tuple[Unread, ...]
    internal_errors: tuple[str, ...]


def read_files(tree: SourceTree, cache: FactsCache, executor: Executor | None = None) -> ReadFiles:
    """Return the facts of all code of ``tree``.

    ``executor`` parses what the cache does not know, any of `concurrent.futures` or one of its kind;
    without one this process does. The result does not depend on it.
    """
    unread = [Unread(Place(path, 1, 1, 1, 1), reason) for path, reason in tree.skipped]
    contents: dict[Source, tuple[bytes, bytes]] = {}
    for source in tree.sources:
        if source.role is Role.CODE:
            try:
                data = source.read(tree.project_root)
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
    extracted = dict(zip((path for path, _ in wanted), _extract_all(wanted, executor), strict=True))
    files = []
    errors = []
    for source, (name, _) in contents.items():
        if source in known:
            files.append((source, known[source]))
            continue
        found = extracted[source.path]
        if found.facts is not None:
            cache.add(name, found.facts)
            files.append((source, found.facts))
        elif found.failure:
            errors.append(found.failure)
        else:
            place = Place(source.path, found.line, found.column, found.line, found.column)
            unread.append(Unread(place, found.reason))
    cache.save()
    return ReadFiles(files, tuple(sorted(unread, key=lambda one: one.place)), tuple(errors))


def extract_batch(batch: Sequence[tuple[str, bytes]]) -> bytes:
    """Return what became of the files of a batch, encoded: each is its path and its bytes."""
    return msgspec.msgpack.encode([_extract(path, data) for path, data in batch])


def _extract_all(wanted: Sequence[tuple[str, bytes]], executor: Executor | None) -> Iterable[Extracted]:
    if executor is None or len(wanted) <= BATCH:
        return [_extract(path, data) for path, data in wanted]
    batches = [wanted[start : start + BATCH] for start in range(0, len(wanted), BATCH)]
    decoder = msgspec.msgpack.Decoder(list[Extracted])
    return [one for encoded in executor.map(extract_batch, batches) for one in decoder.decode(encoded)]


def _extract(path: str, data: bytes) -> Extracted:
    try:
        return Extracted(read_facts(data))
    except Unreadable as error:
        return Extracted(line=error.line, column=error.column + 1, reason=error.reason)
    except Exception as error:
        return Extracted(failure=sentence(f"reading {path}", error))
