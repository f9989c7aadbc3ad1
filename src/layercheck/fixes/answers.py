"""What routes answer before and after a change."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.finding import Finding
from layercheck.fixes.fix import State
from layercheck.graphs.exceptions import Way
from layercheck.location import encloses
from layercheck.project.model import Route
from layercheck.rules.measures.answers import all_answers
from layercheck.rules.view import View

Answer = tuple[str, int | None]


def other_answers(finding: Finding, before: State, after: State) -> str:
    """Return which route of the handler ``finding`` is about would answer with other statuses."""
    return difference(*(set(_of_handler(state.view, finding.element)) for state in (before, after)))


def other_answers_anywhere(before: State, after: State) -> str:
    """Return which route of the project would answer with other statuses."""
    return difference(*(state.view.measure(_Everywhere).answers for state in (before, after)))


def other_answers_to(element: str, before: State, after: State) -> str:
    """Return which route that exceptions of ``element`` leave would answer with other statuses."""
    titles = {
        title(route)
        for view in (before.view, after.view)
        for route in view.project.routes
        for frame in (route.entry, *(one.frame for one in route.dependencies if one.frame is not None))
        for raised in view.exceptions.escapes(frame)
        for way in view.exceptions.ways(frame, raised)
        if way.frame.qualname == element
    }
    was, now = (state.view.measure(_Everywhere).answers for state in (before, after))
    return difference({one for one in was if one[0] in titles}, {one for one in now if one[0] in titles})


def difference(was: set[Answer], now: set[Answer]) -> str:
    """Return in words which route answers otherwise, empty where none does."""
    changed = sorted(was ^ now, key=str)
    return f"{changed[0][0]} would not answer with the same status" if changed else ""


class _Everywhere:
    """What all routes of a project answer."""

    def __init__(self, view: View) -> None:
        self.answers = {one for route in view.project.routes for one in _of_route(view, route)}


def _of_handler(view: View, element: str) -> Iterator[Answer]:
    for route in view.project.routes:
        if route.handler.qualname == element:
            yield from _of_route(view, route)


def _of_route(view: View, route: Route) -> Iterator[Answer]:
    for outcome in view.measure(all_answers).of(route):
        if not _is_dead(view, outcome.way):
            yield title(route), outcome.status


def _is_dead(view: View, way: Way) -> bool:
    """Return whether what is raised stands in an ``except`` clause that nothing leads to."""
    clauses = [clause for guard in way.frame.guards for clause in guard.clauses]
    around = [clause for clause in clauses if encloses(clause.at, way.site.at)]
    return any(not view.exceptions.caught(way.frame, clause) for clause in around)


def title(route: Route) -> str:
    """Return a route as a message names it."""
    return f"{route.method} {route.path}"
