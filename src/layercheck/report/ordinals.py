"""Names that stay the same from run to run and differ from one another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator
from typing import TypeVar

from layercheck.finding import Finding

T = TypeVar("T", bound=Hashable)


def ordinals(names: Iterable[T]) -> Iterator[int]:
    """Yield for each of ``names`` how many times it has come up so far, counted from 1."""
    seen: Counter[T] = Counter()
    for name in names:
        seen[name] += 1
        yield seen[name]


def unique_fingerprints(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield one fingerprint per finding; those of one element and target are numbered in order."""
    fingerprints = [finding.fingerprint for finding in findings]
    for fingerprint, ordinal in zip(fingerprints, ordinals(fingerprints), strict=True):
        yield f"{fingerprint}:{ordinal}"
