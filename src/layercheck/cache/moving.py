"""An outcome whose code has moved: every place on its new line, every quoted line as it is now."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from layercheck.facts.alignment import Moves
from layercheck.finding import Finding, Step
from layercheck.location import Place
from layercheck.outcome import Judged, MapRoute, Outcome, ProjectMap, RouteDependency, Suppressed

_LINE_IN_WORDS = re.compile(r"\blines? \d")


class NotMovable(Exception):
    """Something stands where it is not known what the code became, or names a line in words."""


def moved(outcome: Outcome, moves: Mapping[str, Moves]) -> Outcome:
    """Return ``outcome`` with its places moved; ``moves`` are those of files by path.

    What it quotes, and how many lines it counts, stay as they are. Raises `NotMovable` where a place of one
    of these files is on no line that is known, or a finding in one of them speaks of a line.
    """
    if not moves:
        return outcome
    move = _Mover(moves)
    return msgspec.structs.replace(
        outcome,
        findings=tuple(Judged(move.finding(one.finding), one.verdict) for one in outcome.findings),
        suppressed=tuple(
            Suppressed(move.finding(one.finding), move.place(one.comment), one.reason)
            for one in outcome.suppressed
        ),
        map=outcome.map and move.map(outcome.map),
    )


class _Mover:
    def __init__(self, moves: Mapping[str, Moves]) -> None:
        self._moves = moves

    def finding(self, finding: Finding) -> Finding:
        if not any(place.path in self._moves for place in _places(finding)):
            return finding
        words = (finding.message, finding.help, *finding.evidence, *(step.text for step in finding.chain))
        if any(map(_LINE_IN_WORDS.search, words)):
            raise NotMovable
        return msgspec.structs.replace(
            finding,
            place=self.place(finding.place),
            chain=tuple(self._step(step) for step in finding.chain),
            related=tuple(map(self.place, finding.related)),
        )

    def place(self, place: Place) -> Place:
        moves = self._moves.get(place.path)
        if moves is None:
            return place
        if _is_whole_file(place):
            if moves.lines.get(1, 1) != 1:  # what else began there may come before it or after
                raise NotMovable
            return place
        return msgspec.structs.replace(
            place, line=_new(moves, place.line), end_line=_new(moves, place.end_line)
        )

    def map(self, known: ProjectMap) -> ProjectMap:
        return msgspec.structs.replace(known, routes=tuple(map(self._route, known.routes)))

    def _step(self, step: Step) -> Step:
        return msgspec.structs.replace(step, place=self.place(step.place))

    def _route(self, route: MapRoute) -> MapRoute:
        return msgspec.structs.replace(
            route, line=self._line(route), dependencies=tuple(map(self._dependency, route.dependencies))
        )

    def _dependency(self, one: RouteDependency) -> RouteDependency:
        return msgspec.structs.replace(
            one, line=self._line(one), dependencies=tuple(map(self._dependency, one.dependencies))
        )

    def _line(self, one: MapRoute | RouteDependency) -> int:
        moves = self._moves.get(one.file)
        return one.line if moves is None else _new(moves, one.line)


def _places(finding: Finding) -> Iterator[Place]:
    yield finding.place
    yield from finding.related
    yield from (step.place for step in finding.chain)


def _is_whole_file(place: Place) -> bool:
    """Return whether ``place`` stands for all of a file: it begins and ends where the file begins."""
    return (place.end_line, place.end_column) <= (1, 1)


def _new(moves: Moves, line: int) -> int:
    found = moves.lines.get(line)
    if found is None or line in moves.reworded:
        raise NotMovable
    return found
