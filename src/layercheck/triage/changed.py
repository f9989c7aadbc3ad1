"""Keep what touches changed files: a finding may stand elsewhere and yet be caused by them."""

from __future__ import annotations

from collections.abc import Set

import msgspec

from layercheck.finding import Finding
from layercheck.outcome import Outcome


def touching(outcome: Outcome, files: Set[str], since: str) -> Outcome:
    """Return ``outcome`` with the findings that stand in one of ``files``, or whose proof leads through one.

    The proof is the chain and the related places. ``since`` is what the reader calls the state compared
    with; a note says how much is not shown.
    """
    findings = tuple(one for one in outcome.findings if _touches(one.finding, files))
    suppressed = tuple(one for one in outcome.suppressed if _touches(one.finding, files))
    hidden = len(outcome.findings) - len(findings)
    note = f"shown is what touches the files changed since {since}: {len(files)}; findings left out: {hidden}"
    summary = msgspec.structs.replace(outcome.summary, notes=(*outcome.summary.notes, note))
    return msgspec.structs.replace(outcome, findings=findings, suppressed=suppressed, summary=summary)


def _touches(finding: Finding, files: Set[str]) -> bool:
    places = (finding.place, *(step.place for step in finding.chain), *finding.related)
    return any(place.path in files for place in places)
