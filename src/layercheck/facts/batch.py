"""Reading many files in another process: batches go there as bytes and come back encoded.

A module of its own, so that a worker loads nothing but what parsing needs.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from layercheck.facts.read import read_facts
from layercheck.facts.records import FileFacts, one_word
from layercheck.facts.unreadable import Unreadable
from layercheck.failures import sentence


class Extracted(msgspec.Struct, frozen=True):
    """What became of one file: its facts, or why it is unreadable, or the bug met while reading it.

    ``line`` and ``column`` count from 1. ``encoded`` are the facts encoded, where another process did that.
    """

    facts: FileFacts | None = None
    line: int = 1
    column: int = 1
    reason: str = ""
    failure: str = ""
    encoded: bytes = b""


def extract_file(path: str, data: bytes) -> Extracted:
    """Return what becomes of the file at ``path`` with these bytes; raises nothing."""
    try:
        return Extracted(read_facts(data))
    except Unreadable as error:
        return Extracted(line=error.line, column=error.column + 1, reason=error.reason)
    except Exception as error:
        return Extracted(failure=sentence(f"reading {path}", error))


def extract_batch(batch: Sequence[tuple[str, bytes]]) -> bytes:
    """Return what becomes of the files of a batch, each its path and its bytes, for `decode_batch`."""
    found = (extract_file(path, data) for path, data in batch)
    encode = msgspec.msgpack.Encoder().encode
    return encode(
        [replace(one, facts=None, encoded=b"" if one.facts is None else encode(one.facts)) for one in found]
    )


def decode_batch(encoded: bytes) -> list[Extracted]:
    """Return what `extract_batch` found, in its order."""
    found = msgspec.msgpack.decode(encoded, type=list[Extracted])
    decode = msgspec.msgpack.Decoder(FileFacts, dec_hook=one_word).decode
    return [replace(one, facts=decode(one.encoded)) if one.encoded else one for one in found]
