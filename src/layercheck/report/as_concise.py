"""The report for editors and for grep: one line per finding."""

from __future__ import annotations

from layercheck.finding import Finding, Severity
from layercheck.outcome import Outcome
from layercheck.report.counts import found_line, statistics_lines
from layercheck.report.style import Options, located, printable


def render(outcome: Outcome, options: Options) -> str:
    """Return ``outcome`` as one line per new finding, in reading order, and a line of counts."""
    lines = [
        line(finding, options)
        for finding in outcome.new
        if options.everything or finding.severity is not Severity.ADVICE
    ]
    if options.statistics:
        lines.extend(statistics_lines(outcome.new))
    if not options.quiet:
        lines.append(found_line(outcome.new, options.everything))
    return "".join(f"{text}\n" for text in lines)


def line(finding: Finding, options: Options) -> str:
    """Return ``finding`` in one line, however long."""
    style = options.style
    place = style.strong(located(finding.place, options))
    code = style.severity(finding.severity, finding.code)
    return f"{place}: {code} {finding.name}: {printable(finding.message)}"
