"""The report for people: every error with its proof, the first warnings of each rule, the counts."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.finding import Finding
from layercheck.outcome import Outcome
from layercheck.report.counts import found_line, statistics_lines, summary_lines
from layercheck.report.proof import proof_lines
from layercheck.report.sections import sections
from layercheck.report.style import Options, printable

INDENT = "    "


def render(outcome: Outcome, options: Options) -> str:
    """Return ``outcome`` as text, the loudest findings first, in reading order within."""
    paragraphs: list[str] = []
    for heading, shown, hidden in sections(outcome, options):
        paragraphs.append(options.style.strong(heading))
        paragraphs.extend("\n".join(_paragraph(finding, options)) for finding in shown)
        if hidden:
            paragraphs.append("\n".join(f"{rule}: {more} (--all prints them)" for rule, more in hidden))
    if options.statistics and outcome.new:
        paragraphs.append("\n".join(statistics_lines(outcome.new)))
    if not options.quiet:
        paragraphs.append("\n".join(options.style.faint(line) for line in summary_lines(outcome)))
        paragraphs.append(options.style.strong(found_line(outcome.new, options.everything)))
    return "".join(f"{paragraph}\n\n" for paragraph in paragraphs)[:-1]


def _paragraph(finding: Finding, options: Options) -> Iterator[str]:
    style = options.style
    place = style.strong(printable(str(finding.place)))
    code = style.severity(finding.severity, finding.code)
    yield f"{place}: {code} {finding.name}: {printable(finding.message)}"
    for line in proof_lines(finding):
        yield INDENT + (style.faint(line) if line.startswith("[") else line)
