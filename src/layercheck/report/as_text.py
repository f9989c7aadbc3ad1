"""The report for people: every error with its proof, the first warnings of each rule, the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from layercheck.finding import Finding, Severity
from layercheck.outcome import Outcome
from layercheck.report.counts import found_line, statistics_lines, summary_lines
from layercheck.report.proof import proof_lines
from layercheck.report.style import Options, counted, printable

INDENT = "    "
_HEADINGS = {Severity.ERROR: "Errors", Severity.WARNING: "Warnings", Severity.ADVICE: "Advice"}


def render(outcome: Outcome, options: Options) -> str:
    """Return ``outcome`` as text, the loudest findings first, in reading order within."""
    paragraphs: list[str] = []
    for severity, heading in _HEADINGS.items():
        findings = [finding for finding in outcome.new if finding.severity is severity]
        if findings and (options.everything or severity is not Severity.ADVICE):
            paragraphs.append(options.style.strong(heading))
            paragraphs.extend(_shown(findings, severity, options))
    if options.statistics and outcome.new:
        paragraphs.append("\n".join(statistics_lines(outcome.new)))
    if not options.quiet:
        paragraphs.append("\n".join(options.style.faint(line) for line in summary_lines(outcome)))
        paragraphs.append(options.style.strong(found_line(outcome.new, options.everything)))
    return "".join(f"{paragraph}\n\n" for paragraph in paragraphs)[:-1]


def _shown(findings: Sequence[Finding], severity: Severity, options: Options) -> Iterator[str]:
    is_capped = severity is Severity.WARNING and not options.everything
    seen: Counter[tuple[str, str]] = Counter()
    for finding in findings:
        rule = (finding.code, finding.name)
        seen[rule] += 1
        if not is_capped or seen[rule] <= options.cap:
            yield "\n".join(_paragraph(finding, options))
    hidden = [
        f"{code} {name}: {counted(count - options.cap, 'more warning')} (--all prints them)"
        for (code, name), count in sorted(seen.items())
        if is_capped and count > options.cap
    ]
    if hidden:
        yield "\n".join(hidden)


def _paragraph(finding: Finding, options: Options) -> Iterator[str]:
    style = options.style
    place = style.strong(printable(str(finding.place)))
    code = style.severity(finding.severity, finding.code)
    yield f"{place}: {code} {finding.name}: {printable(finding.message)}"
    for line in proof_lines(finding):
        yield INDENT + (style.faint(line) if line.startswith("[") else line)
