"""How findings speak of elements, of the hops of a chain, and of the evidence for a layer."""

from __future__ import annotations

from collections.abc import Iterable

from layercheck.finding import Severity, Step
from layercheck.graphs.calls import Edge
from layercheck.location import Place, Span
from layercheck.program.entities import Entity, Module
from layercheck.project.model import Confidence, Project


_LOWER = {
    Severity.ERROR: Severity.WARNING,
    Severity.WARNING: Severity.ADVICE,
    Severity.ADVICE: Severity.ADVICE,
}


def spoken(element: Entity) -> str:
    """Return the name of an element as a reader knows it: ``UserService.register``, ``count_rows``."""
    if isinstance(element, Module):
        return element.name
    if isinstance(element.parent, Module):
        return element.name
    around = spoken(element.parent)
    return around if element.name == "__init__" else f"{around}.{element.name}"


def enumerate_words(words: Iterable[str]) -> str:
    """Return ``a``, ``a and b`` or ``a, b and c``."""
    *head, last = words
    return f"{', '.join(head)} and {last}" if head else last


def other_lines(place: Place, places: Iterable[Place]) -> tuple[Place, ...]:
    """Return ``places``, the first of each line, without those in the line of ``place``."""
    found: dict[tuple[str, int], Place] = {}
    for one in places:
        found.setdefault((one.path, one.line), one)
    found.pop((place.path, place.line), None)
    return tuple(found.values())


def evidence(project: Project, *elements: Entity) -> tuple[str, ...]:
    """Return why the layers of ``elements`` are believed, one entry per layer."""
    found: dict[str, str] = {}
    for element in elements:
        assignment = project.layer(element)
        weakness = ", weak" if assignment.confidence is Confidence.WEAK else ""
        found.setdefault(assignment.layer, f"{assignment.layer}: {assignment.evidence}{weakness}")
    return tuple(found.values())


def is_weak(project: Project, *elements: Entity) -> bool:
    """Return whether the layer of one of ``elements`` rests on weak evidence only."""
    return any(project.layer(element).confidence <= Confidence.WEAK for element in elements)


def softened(project: Project, severity: Severity, *elements: Entity) -> Severity:
    """Return ``severity``, one step lower where the layer of an element rests on weak evidence only."""
    return _LOWER[severity] if is_weak(project, *elements) else severity


def hops(project: Project, edges: Iterable[Edge]) -> tuple[Step, ...]:
    """Return the steps of a chain of calls."""
    return tuple(
        step(
            project,
            edge.source.entity,
            edge.site.at,
            edge.kind,
            f"{spoken(edge.source.entity)} -> {spoken(edge.target.entity)}",
        )
        for edge in edges
    )


def step(project: Project, element: Entity, at: Span, kind: str, text: str) -> Step:
    """Return one step that stands in ``element``."""
    place: Place = project.place(element, at)
    return Step(place, element.qualname, project.layer(element).layer, kind, text)
