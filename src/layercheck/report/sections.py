"""What a report for people shows of the new findings: by severity, and of each rule's warnings the first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from layercheck.finding import Finding, Severity
from layercheck.outcome import Outcome
from layercheck.report.style import Options, counted

_HEADINGS = {Severity.ERROR: "Errors", Severity.WARNING: "Warnings", Severity.ADVICE: "Advice"}


class Hidden(NamedTuple):
    """The warnings of one rule that are only counted: the rule as it is named, and how many in words."""

    rule: str
    more: str


class Section(NamedTuple):
    """The findings of one severity that are shown, in reading order, and what is not."""

    heading: str
    shown: list[Finding]
    hidden: list[Hidden]


def sections(outcome: Outcome, options: Options) -> Iterator[Section]:
    """Yield what there is to show, the loudest first; advice only where everything is asked for."""
    for severity, heading in _HEADINGS.items():
        findings = [finding for finding in outcome.new if finding.severity is severity]
        if not findings or (severity is Severity.ADVICE and not options.everything):
            continue
        if options.everything or severity is not Severity.WARNING:
            yield Section(heading, findings, [])
            continue
        seen: Counter[tuple[str, str]] = Counter()
        shown = []
        for finding in findings:
            rule = (finding.code, finding.name)
            seen[rule] += 1
            if seen[rule] <= options.cap:
                shown.append(finding)
        hidden = [
            Hidden(f"{code} {name}", counted(count - options.cap, "more warning"))
            for (code, name), count in sorted(seen.items())
            if count > options.cap
        ]
        yield Section(heading, shown, hidden)
