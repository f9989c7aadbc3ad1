"""The report for people: errors with source and proof, the first warnings of each rule, the counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from layercheck.finding import Finding
from layercheck.outcome import Outcome
from layercheck.report.counts import LABEL, found_line, statistics_lines, summary_lines
from layercheck.report.excerpt import excerpt
from layercheck.report.proof import proof_lines
from layercheck.report.sections import sections
from layercheck.report.style import Options, folded, located, printable

INDENT = "    "
HANG = 2
"""By how much the rest of a line that is folded is indented."""

WIDTH = 116
"""What an excerpt is cut to where the report goes to no terminal."""

Sources = Mapping[str, Mapping[int, str]]
"""Lines that may be quoted, by path and number."""


def render(outcome: Outcome, options: Options) -> str:
    """Return ``outcome`` as text, the loudest findings first, in reading order within."""
    paragraphs: list[str] = []
    for heading, shown, hidden in sections(outcome, options):
        paragraphs.append(options.style.strong(heading))
        paragraphs.extend(paragraph(finding, outcome.sources, options) for finding in shown)
        if hidden:
            paragraphs.append("\n".join(f"{rule}: {more} (--all prints them)" for rule, more in hidden))
    if options.statistics and outcome.new:
        paragraphs.append("\n".join(statistics_lines(outcome.new)))
    if not options.quiet:
        counts = (folded(line, options.width, LABEL) for line in summary_lines(outcome))
        paragraphs.append("\n".join(options.style.faint(line) for row in counts for line in row))
        paragraphs.append(options.style.strong(found_line(outcome.new, options.everything)))
    return "".join(f"{text}\n\n" for text in paragraphs)[:-1]


def paragraph(finding: Finding, sources: Sources, options: Options) -> str:
    """Return ``finding`` with its place in ``sources`` and its proof, in lines that end with no newline."""
    return "\n".join(_lines(finding, sources, options))


def _lines(finding: Finding, sources: Sources, options: Options) -> Iterator[str]:
    style = options.style
    place = located(finding.place, options)
    first, *others = folded(
        f"{place}: {finding.code} {finding.name}: {printable(finding.message)}", options.width, HANG
    )
    head = f"{place}: {finding.code}"
    if first.startswith(head):
        first = f"{style.strong(place)}: {style.severity(finding.severity, finding.code)}{first[len(head) :]}"
    yield first
    yield from others
    room = options.width - len(INDENT) if options.width else None
    lines = sources.get(finding.place.path, {})
    for row in excerpt(finding.place, lines, room or WIDTH):
        text = style.severity(finding.severity, row.text) if row.is_mark else row.text
        yield f"{INDENT}{style.faint(row.margin)}{text}"
    for line in proof_lines(finding, room, options.shown):
        is_faint = line.startswith("[")
        for part in folded(line, room, HANG):
            yield INDENT + (style.faint(part) if is_faint else part)
