"""LC005: drop entries of the baseline that nothing needs any more."""

from __future__ import annotations

import msgspec

from layercheck.errors import BaselineError
from layercheck.finding import Finding
from layercheck.fixes.code import Edit, Refused
from layercheck.fixes.fix import Change, Context, Fix
from layercheck.outcome import Judged, Verdict
from layercheck.triage.baseline_file import Entry, Known, parse_baseline, written


class DropEntry(Fix):
    """Drops the entries nothing needs, and lets those that know too much count what is left.

    The file is written anew, so all of them go at once.
    """

    code = "LC005"

    def change(self, finding: Finding, context: Context) -> Change:
        """Return the baseline without what is stale."""
        path = finding.place.path
        text = context.data(path).decode("utf-8")
        try:
            entries = parse_baseline(text, path)
        except BaselineError as error:
            raise Refused(str(error)) from None
        judged = context.state.outcome.findings
        stale = [one.finding for one in judged if one.finding.code == self.code]
        kept = []
        for one in entries:
            left = _left(judged, one.entry) if any(_speaks_of(it, one) for it in stale) else one.entry.count
            if left:
                kept.append(msgspec.structs.replace(one.entry, count=left))
        edit = Edit(path, 0, len(text), written(kept))
        return Change("dropped what is gone from the baseline", shared=(edit,))


def _speaks_of(finding: Finding, known: Known) -> bool:
    entry = known.entry
    offence = " ".join(filter(None, (entry.code, entry.target)))
    return (finding.place.line, finding.element, finding.target) == (known.line, entry.element, offence)


def _left(judged: tuple[Judged, ...], entry: Entry) -> int:
    """Return how many findings ``entry`` still knows."""
    offence = (entry.path, entry.code, entry.element, entry.target)
    return sum(
        (one.finding.place.path, one.finding.code, one.finding.element, one.finding.target) == offence
        for one in judged
        if one.verdict is Verdict.KNOWN
    )
