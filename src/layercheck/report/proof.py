"""The proof of a finding in lines of plain text, as every report shows it that has no form of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from layercheck.finding import Finding
from layercheck.report.style import printable

ALSO = 10
"""How many related places are named; reports for programs have them all."""


def proof_lines(
    finding: Finding, width: int | None = None, shown: Callable[[str], str] = str
) -> Iterator[str]:
    """Yield the chain of ``finding``, its related places, what helps, and why the layers were believed.

    The hops of a chain stand below each other where ``width`` has room for that; None is any room.
    ``shown`` turns paths into those the reader knows.
    """
    places = [printable(f"{shown(step.place.path)}:{step.place.line}") for step in finding.chain]
    texts = [printable(step.text) for step in finding.chain]
    column = max(map(len, places), default=0)
    if width is not None and column + len("  ") + max(map(len, texts), default=0) > width:
        column = 0
    for place, text in zip(places, texts, strict=True):
        yield f"{place:<{column}}  {text}"
    if finding.related:
        also = ", ".join(f"{shown(place.path)}:{place.line}" for place in finding.related[:ALSO])
        more = len(finding.related) - ALSO
        yield printable(f"also {also} and {more} more" if more > 0 else f"also {also}")
    yield printable(help_line(finding))
    if finding.evidence:
        yield printable(f"[{'; '.join(finding.evidence)}]")


def help_line(finding: Finding) -> str:
    """Return what helps, and where to read on."""
    advice = f"{finding.help.rstrip('.')}; " if finding.help else ""
    return f"help: {advice}see `layercheck explain {finding.code}`"
