"""The report for editors and for grep: one line per finding."""

from __future__ import annotations

from layercheck.finding import Severity
from layercheck.outcome import Outcome
from layercheck.report.counts import found_line, statistics_lines
from layercheck.report.style import Options, printable


def render(outcome: Outcome, options: Options) -> str:
    """Return ``outcome`` as one line per new finding, in reading order, and a line of counts."""
    style = options.style
    lines = [
        f"{style.strong(printable(str(finding.place)))}: {style.severity(finding.severity, finding.code)} "
        f"{finding.name}: {printable(finding.message)}"
        for finding in outcome.new
        if options.everything or finding.severity is not Severity.ADVICE
    ]
    if options.statistics:
        lines.extend(statistics_lines(outcome.new))
    if not options.quiet:
        lines.append(found_line(outcome.new, options.everything))
    return "".join(f"{line}\n" for line in lines)
