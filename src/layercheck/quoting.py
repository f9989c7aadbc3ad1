"""Which lines of the code an outcome quotes, and what stands there."""

from __future__ import annotations

from collections.abc import Iterable

from layercheck.finding import Finding
from layercheck.location import MAX_COLUMN

QUOTED = 3
"""Of how many lines of a place, counted from its first, an outcome holds the source."""


def lines_to_quote(findings: Iterable[Finding]) -> dict[str, set[int]]:
    """Return by path the first lines of ``findings``, and those their chains and related places point at."""
    wanted: dict[str, set[int]] = {}
    for finding in findings:
        guilty = finding.place
        last = min(guilty.end_line, guilty.line + QUOTED - 1)
        wanted.setdefault(guilty.path, set()).update(range(guilty.line, last + 1))
        for place in (*finding.related, *(step.place for step in finding.chain)):
            wanted.setdefault(place.path, set()).add(place.line)
    return wanted


def quote(text: str, wanted: Iterable[int]) -> dict[int, str]:
    """Return what stands on the ``wanted`` lines of ``text`` by line number, cut where no column counts."""
    lines = text.split("\n")
    return {line: lines[line - 1][:MAX_COLUMN] for line in sorted(wanted) if 0 < line <= len(lines)}
