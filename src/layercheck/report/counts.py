"""The lines about all findings together: what was found, how often, in what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from layercheck.finding import Finding, Severity
from layercheck.outcome import Outcome, Verdict
from layercheck.report.style import counted, printable

LABEL = 10
"""The width of the words that the lines of a summary begin with."""


def found_line(findings: Iterable[Finding], shows_advice: bool) -> str:
    """Return the last line of a report: how many findings of which severity, and how to see all."""
    by_severity = Counter(finding.severity for finding in findings)
    if not by_severity:
        return "No findings."
    counts = [
        counted(by_severity[Severity.ERROR], "error"),
        counted(by_severity[Severity.WARNING], "warning"),
    ]
    if by_severity[Severity.ADVICE]:
        counts.append(
            f"{by_severity[Severity.ADVICE]} advice" + ("" if shows_advice else " (--all shows it)")
        )
    return f"Found {', '.join(counts)}."


def statistics_lines(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield one line per rule with findings, the most frequent first."""
    by_rule = Counter((finding.code, finding.name) for finding in findings)
    width = len(str(max(by_rule.values(), default=0)))
    for (code, name), count in sorted(by_rule.items(), key=lambda item: (-item[1], item[0])):
        yield f"{count:>{width}}  {code}  {name}"


def summary_lines(outcome: Outcome) -> Iterator[str]:
    """Yield what was read, how much of it is understood, and which rules had nothing to judge."""
    summary = outcome.summary
    read = ((summary.files, "file"), (summary.lines, "line"), (summary.routes, "route"))
    yield _row("read", ", ".join(counted(number, noun) for number, noun in read))
    if outcome.unread:
        yield _row("unread", counted(len(outcome.unread), "file"))
    layers = ", ".join(f"{row.layer} {row.modules}" for row in summary.layers if row.modules)
    yield _row("modules", f"{layers or 'none'} ({summary.classified_share:.0%} have a layer)")
    yield _row("calls", f"{counted(summary.call_sites, 'call site')}, {summary.resolved_share:.1%} resolved")
    known = sum(judged.verdict is Verdict.KNOWN for judged in outcome.findings)
    if known:
        yield _row("baseline", f"{counted(known, 'known finding')} not shown")
    if outcome.stale_baseline:
        entries = "entry" if len(outcome.stale_baseline) == 1 else "entries"
        yield _row("baseline", f"{len(outcome.stale_baseline)} stale {entries}")
    if outcome.suppressed:
        yield _row("silenced", f"{counted(len(outcome.suppressed), 'finding')} by comments")
    for rule in summary.inactive_rules:
        yield _row("inactive", f"{rule.code} {rule.name}: {rule.reason}")
    for note in summary.notes:
        yield _row("note", note)


def _row(label: str, text: str) -> str:
    return printable(f"{label:<{LABEL}}{text}")
