"""Annotations of GitHub Actions: workflow commands a job prints and the runner shows beside the code.

What ends a command or a property is written as percent escapes, the only ones the runner knows.
"""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.finding import Finding, Severity
from layercheck.outcome import Outcome
from layercheck.report.proof import proof_lines
from layercheck.report.style import Options, printable

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "notice"}
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def render(outcome: Outcome, options: Options) -> str:
    """Return one workflow command per new finding, and one per part of the run that failed.

    The runner shows no more than ten of each kind per step, so the loudest come first.
    """
    ranks = list(Severity)
    findings = [one for one in outcome.new if options.everything or one.severity is not Severity.ADVICE]
    findings.sort(key=lambda finding: ranks.index(finding.severity))
    lines = [_annotation(finding, options) for finding in findings]
    lines += [f"::error title=layercheck::{_data(sentence)}" for sentence in outcome.internal_errors]
    return "".join(f"{line}\n" for line in lines)


def _annotation(finding: Finding, options: Options) -> str:
    title = f"{finding.code} {finding.name}"
    properties = ",".join(
        f"{key}={_property(value)}" for key, value in (*_where(finding, options), ("title", title))
    )
    body = "\n".join((printable(finding.message), *proof_lines(finding)))
    return f"::{_COMMANDS[finding.severity]} {properties}::{_data(body)}"


def _where(finding: Finding, options: Options) -> Iterator[tuple[str, str]]:
    place = finding.place
    yield "file", options.prefix + place.path
    yield "line", str(place.line)
    yield "endLine", str(place.end_line)
    # columns of more than one line are refused
    if place.line == place.end_line:
        yield "col", str(place.column)
        yield "endColumn", str(place.end_column)


def _data(text: str) -> str:
    return text.translate(_DATA)


def _property(text: str) -> str:
    return printable(text).translate(_PROPERTY)
