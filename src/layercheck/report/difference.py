"""What a check finds that the one before it did not, and the other way round."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec

from layercheck.finding import Finding, Severity, sort_key
from layercheck.outcome import Judged, Outcome
from layercheck.report import as_concise, as_text
from layercheck.report.counts import found_line
from layercheck.report.sections import sections
from layercheck.report.style import Options, counted


def render(before: Outcome, after: Outcome, options: Options, *, is_concise: bool = False) -> str:
    """Return what is new in ``after``, what of ``before`` is gone, and how much there is now.

    A finding is the same when it, or the code around it, has moved. What is new is told with its source and
    proof, or where ``is_concise`` is asked for in one line, as what is gone always is. As long as a file
    cannot be read that could be read ``before``, that alone is told.
    """
    new = _missing(after.new, before.new, options)
    gone = _missing(before.new, after.new, options)
    unread = newly_unread(before, after)
    if unread:
        new, gone = [one for one in new if one.place.path in unread], []
        last = f"Not compared: {counted(len(unread), 'file')} cannot be read."
    else:
        last = f"{found_line(after.new, options.everything)} {len(new)} new, {len(gone)} gone."
    told = _in_lines("New", new, options) if is_concise else _in_full(after, new, options)
    paragraphs = [*told, *_in_lines("Gone", gone, options)]
    if not options.quiet:
        paragraphs.append(options.style.strong(last))
    return "".join(f"{text}\n\n" for text in paragraphs)


def newly_unread(before: Outcome, after: Outcome) -> frozenset[str]:
    """Return the files ``after`` could not read although ``before`` could."""
    unread, still = ({one.place.path for one in outcome.unread} for outcome in (after, before))
    return frozenset(unread - still)


def _missing(findings: Sequence[Finding], others: Sequence[Finding], options: Options) -> list[Finding]:
    """Return those of ``findings`` that are shown and not among ``others``, in reading order."""
    left = Counter(one.fingerprint for one in others)
    stayed = {(one.fingerprint, one.place) for one in others}
    missing = []
    # of several that are the same those that did not move are taken for each other first
    for one in sorted(findings, key=lambda one: (one.fingerprint, one.place) not in stayed):
        if left[one.fingerprint]:
            left[one.fingerprint] -= 1
        elif options.everything or one.severity is not Severity.ADVICE:
            missing.append(one)
    return sorted(missing, key=sort_key)


def _in_full(outcome: Outcome, new: Sequence[Finding], options: Options) -> Iterator[str]:
    alone = msgspec.structs.replace(outcome, findings=tuple(map(Judged, new)))
    for heading, shown, hidden in sections(alone, options):
        yield options.style.strong(f"New {heading.lower()}")
        yield from (as_text.paragraph(finding, outcome.sources, options) for finding in shown)
        if hidden:
            yield "\n".join(f"{rule}: {more}" for rule, more in hidden)


def _in_lines(heading: str, findings: Sequence[Finding], options: Options) -> Iterator[str]:
    if findings:
        lines = (as_concise.line(finding, options) for finding in findings)
        yield "\n".join((options.style.strong(heading), *lines))
