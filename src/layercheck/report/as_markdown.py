"""The report for a job summary or a comment on a pull request, in the Markdown GitHub and GitLab read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from layercheck.finding import Finding
from layercheck.outcome import Outcome
from layercheck.report.as_mermaid import render as layer_map
from layercheck.report.counts import found_line, summary_lines
from layercheck.report.proof import proof_lines
from layercheck.report.sections import sections
from layercheck.report.style import Options, counted, printable

LIMIT = 50_000
"""From how many characters on no more findings are shown: a comment holds 65536."""

_CODE_SPAN = re.compile(r"`([^`]+)`")
_MARKUP = re.compile(r"[\\`*_{}\[\]<>#!|~&@:$]")
_REFERENCES = "@#"
_END = "</details>"
_TICKS = re.compile(r"`+")


def render(outcome: Outcome, options: Options) -> str:
    """Return the new findings of ``outcome``, the loudest first, the counts and the layer map."""
    parts = ["## layercheck", f"**{escaped(found_line(outcome.new, options.everything))}**"]
    if outcome.internal_errors:
        parts.append("\n".join(f"- internal error: {escaped(one)}" for one in outcome.internal_errors))
    for heading, shown, hidden in sections(outcome, options):
        parts += [f"### {heading}", *(_item(finding, options) for finding in shown)]
        parts += [f"{escaped(rule)}: {more}" for rule, more in hidden]
    parts = _fitting(parts)
    if options.statistics and outcome.new:
        parts.append(_statistics(outcome.new))
    if not options.quiet:
        summary = "\n".join(summary_lines(outcome))
        parts.append(_folded("What was read", _block(summary)))
        if outcome.summary.layers:
            parts.append(_folded("Layer map", _block(layer_map(outcome, options), "mermaid")))
    return "\n\n".join(parts) + "\n"


def _fitting(parts: Sequence[str]) -> list[str]:
    """Return as many of ``parts`` as fit, and how many findings do not."""
    ends = list(accumulate(len(part) for part in parts))
    shown = [part for part, end in zip(parts, ends, strict=True) if end <= LIMIT]
    left = sum(part.endswith(_END) for part in parts[len(shown) :])
    return [*shown, f"{counted(left, 'more finding')} are not shown here."] if left else shown


def _item(finding: Finding, options: Options) -> str:
    place = f"{options.prefix}{finding.place.path}:{finding.place.line}"
    title = f"{code_span(place)} **{finding.code} {escaped(finding.name)}**"
    proof = _folded("proof and help", _block("\n".join(proof_lines(finding))))
    return f"{title}<br>{with_code(finding.message)}\n\n{proof}"


def _statistics(findings: Sequence[Finding]) -> str:
    by_rule = Counter((finding.code, finding.name) for finding in findings)
    rows = [
        f"| {count} | {code} | {escaped(name)} |"
        for (code, name), count in sorted(by_rule.items(), key=lambda item: (-item[1], item[0]))
    ]
    return "\n".join(("| findings | code | rule |", "| ---: | --- | --- |", *rows))


def with_code(text: str) -> str:
    """Return ``text`` escaped, with what stands between single backticks kept as code."""
    parts = _CODE_SPAN.split(text)
    return "".join(code_span(part) if odd % 2 else escaped(part) for odd, part in enumerate(parts))


def code_span(text: str) -> str:
    """Return ``text`` as inline code, fenced by more backticks than it holds."""
    shown = printable(text)
    fence = "`" * (_longest_ticks(shown) + 1)
    padding = " " if shown.startswith("`") or shown.endswith("`") or not shown.strip() else ""
    return f"{fence}{padding}{shown}{padding}{fence}"


def escaped(text: str) -> str:
    """Return ``text`` on one line so that Markdown reads no markup, mention, reference or address in it."""
    return _MARKUP.sub(_escaped_character, printable(text))


def _escaped_character(match: re.Match[str]) -> str:
    # mentions and references are looked for after Markdown is read: a comment keeps the sign alone
    return f"\\{match[0]}<!-- -->" if match[0] in _REFERENCES else f"\\{match[0]}"


def _folded(title: str, body: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{body}\n\n{_END}"


def _block(text: str, language: str = "text") -> str:
    fence = "`" * max(3, _longest_ticks(text) + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _longest_ticks(text: str) -> int:
    return max(map(len, _TICKS.findall(text)), default=0)
