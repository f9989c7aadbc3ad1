"""Silence findings by the comments of the code they stand in.

``# layercheck: ignore[LC101] reason`` speaks for the statement it stands in, on ``def`` or
``class`` for the whole body, in the first comment block of a file for the file. ``# noqa`` speaks
for the statement alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import msgspec

from layercheck.facts.records import FileFacts, Pragma
from layercheck.finding import Finding
from layercheck.outcome import Suppressed
from layercheck.rules.measures.comments import means, place_of
from layercheck.rules.view import UnusedPragma
from layercheck.triage.statements import Layout, Lines

OUR_CODES = "LC"


class Suppression(msgspec.Struct, frozen=True):
    """What comments made of the findings, in the order the findings came in."""

    kept: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...]
    unused: tuple[UnusedPragma, ...]


def suppress(findings: Iterable[Finding], files: Mapping[str, FileFacts]) -> Suppression:
    """Return which of ``findings`` are kept and which a comment silences.

    ``files`` holds the facts of the analysed files by the path findings name. Comments that
    silenced nothing are told for codes of layercheck only; a bare ``noqa`` may be meant for
    another tool and is never told.
    """
    comments = {path: _Comments(path, facts) for path, facts in sorted(files.items()) if _silencing(facts)}
    kept = []
    suppressed = []
    for finding in findings:
        comment = comments[finding.place.path].silencing(finding) if finding.place.path in comments else None
        if comment is None:
            kept.append(finding)
        else:
            suppressed.append(Suppressed(finding, place_of(finding.place.path, comment), comment.value))
    unused = tuple(unused for of_file in comments.values() for unused in of_file.unused())
    return Suppression(tuple(kept), tuple(suppressed), unused)


class _Comments:
    """The silencing comments of one file, with what each speaks for and has silenced."""

    def __init__(self, path: str, facts: FileFacts) -> None:
        self._path = path
        self._facts = facts
        self._silenced: dict[Pragma, set[str]] = {pragma: set() for pragma in _silencing(facts)}

    @cached_property
    def _reaches(self) -> list[tuple[Lines, Pragma]]:
        """What the comments speak for, the narrow ones first; only asked where something was found."""
        layout, last = Layout(self._facts), self._facts.lines
        reaches = [(lines, pragma) for pragma in self._silenced for lines in _reach(pragma, layout, last)]
        return sorted(reaches, key=lambda reach: reach[0].last - reach[0].first)

    def silencing(self, finding: Finding) -> Pragma | None:
        """Return the comment nearest around ``finding`` that names it, and note all that do."""
        nearest = None
        for lines, pragma in self._reaches:
            if finding.place.line in lines and (naming := _naming(pragma, finding)):
                self._silenced[pragma].update(naming)
                nearest = nearest or pragma
        return nearest

    def unused(self) -> Iterator[UnusedPragma]:
        for pragma, silenced in self._silenced.items():
            is_ours = pragma.kind == "ignore"
            idle = tuple(
                code
                for code in pragma.codes
                if code not in silenced and (is_ours or code.startswith(OUR_CODES))
            )
            if idle or (is_ours and not silenced):
                yield UnusedPragma(self._path, pragma, idle)


def _silencing(facts: FileFacts) -> list[Pragma]:
    return [pragma for pragma in facts.pragmas if pragma.kind in ("ignore", "noqa")]


def _reach(pragma: Pragma, layout: Layout, last_line: int) -> Iterator[Lines]:
    if pragma.kind == "ignore" and pragma.in_header:
        yield Lines(1, last_line)
    statement = layout.at(pragma.line)
    if statement is not None:
        for lines in statement.speaks_for(pragma.line, pragma.own_line):
            yield lines
            if pragma.kind == "noqa":
                break


def _naming(pragma: Pragma, finding: Finding) -> list[str]:
    """Return the entries of ``pragma`` that mean ``finding``; the empty one where it has none."""
    return [entry for entry in pragma.codes or ("",) if means(entry, finding.code, finding.name)]
