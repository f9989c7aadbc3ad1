"""The layer graph: which layer imports from and calls into which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from layercheck.config.schema import Config
from layercheck.graphs.calls import CERTAIN_KINDS, CallGraph
from layercheck.graphs.imports import Import, ImportGraph, Kind
from layercheck.outcome import LayerEdge
from layercheck.project.matrix import may_use, rank
from layercheck.project.model import Project


def layer_edges(project: Project, imports: ImportGraph, calls: CallGraph, config: Config) -> list[LayerEdge]:
    """Return the edges between different layers, from the outside in.

    Imported names are counted and pairs of functions (or module bodies) one of which runs the other.
    Imports under ``TYPE_CHECKING`` do not count, nor do calls that are merely possible.
    """
    imported = Counter(_imports(project, imports))
    called = Counter(_calls(project, calls))
    pairs = [pair for pair in imported.keys() | called.keys() if pair[0] != pair[1]]
    return [
        LayerEdge(*pair, imported[pair], called[pair], may_use(*pair, config))
        for pair in sorted(pairs, key=lambda pair: [(rank(layer), layer) for layer in pair])
    ]


def layers_joined(project: Project, imports: ImportGraph, one: Import) -> Iterator[tuple[str, str]]:
    """Yield the layers of both ends of an import: several where it has users or elements of several."""
    sources = {project.layer(user).layer for user in one.users or (one.module,)}
    targets = {project.layer(element).layer for element in imports.elements(one)}
    for source in sources:
        for target in targets:
            yield source, target


def _imports(project: Project, imports: ImportGraph) -> Iterator[tuple[str, str]]:
    for one in imports.imports:
        if one.kind is not Kind.TYPE_ONLY:
            yield from layers_joined(project, imports, one)


def _calls(project: Project, calls: CallGraph) -> Iterator[tuple[str, str]]:
    pairs = {
        (frame.entity, edge.target.entity)
        for frame in project.inference.frames
        if frame.runs
        for edge in calls.edges(frame)
        if edge.kind in CERTAIN_KINDS
    }
    for caller, callee in pairs:
        yield project.layer(caller).layer, project.layer(callee).layer
