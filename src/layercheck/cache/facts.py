"""Facts of files met before, by the content of the file."""

from __future__ import annotations

import msgspec

from layercheck.cache.stamp import stamp_of_facts
from layercheck.cache.store import DAMAGED, Store
from layercheck.facts.records import FileFacts, one_word

FILE = "facts.msgpack"


class _Kept(msgspec.Struct, frozen=True):
    """The file of stored facts: digest of the content to the encoded facts."""

    stamp: bytes
    facts: dict[bytes, msgspec.Raw]


class FactsCache:
    """Looks facts up and collects those of this run.

    What a run did not use is dropped when it ends, so that the file never grows beyond the project.
    """

    def __init__(self, store: Store | None) -> None:
        self._store = store
        self._known = _known(store) if store is not None else {}
        self._used: dict[bytes, msgspec.Raw] = {}
        self._decoder = msgspec.msgpack.Decoder(FileFacts, dec_hook=one_word)
        self._encoder = msgspec.msgpack.Encoder()

    def find(self, digest: bytes) -> FileFacts | None:
        """Return the facts of the file with this content, None where it was never met."""
        raw = self._known.get(digest)
        if raw is None:
            return None
        try:
            facts = self._decoder.decode(raw)
        except DAMAGED:
            return None
        self._used[digest] = raw
        return facts

    def add(self, digest: bytes, facts: FileFacts, encoded: bytes = b"") -> None:
        """Keep ``facts`` for the next run; they may be ``encoded`` already."""
        if self._store is not None:
            self._used[digest] = msgspec.Raw(encoded or self._encoder.encode(facts))

    def keep_all(self) -> None:
        """Keep what earlier runs used, too."""
        self._used = {**self._known, **self._used}

    def save(self) -> None:
        """Write what this run used, unless that is what is stored already."""
        if self._store is not None and self._used.keys() != self._known.keys():
            ordered = {digest: self._used[digest] for digest in sorted(self._used)}
            self._store.write(FILE, self._encoder.encode(_Kept(stamp_of_facts(), ordered)))


def _known(store: Store) -> dict[bytes, msgspec.Raw]:
    try:
        kept = msgspec.msgpack.decode(store.read(FILE), type=_Kept)
    except DAMAGED:
        return {}
    return kept.facts if kept.stamp == stamp_of_facts() else {}
