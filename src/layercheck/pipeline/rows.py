"""What the maps show: rows of layers and routes, and the graphs as plain objects."""

from __future__ import annotations

from typing import Any

import msgspec

from layercheck.graphs.calls import ALL_KINDS, CERTAIN_KINDS
from layercheck.graphs.exception_types import dotted
from layercheck.graphs.layers import layer_edges
from layercheck.graphs.outcomes import RouteOutcomes
from layercheck.location import line_of
from layercheck.outcome import LayerCount
from layercheck.pipeline.analysis import Analysis
from layercheck.pipeline.summary import layer_counts
from layercheck.program.entities import Entity, Function
from layercheck.project.fastapi import answered_routes
from layercheck.project.layer_rows import LayerRow
from layercheck.project.layer_rows import layer_rows as rows_of_layers
from layercheck.project.matrix import rank
from layercheck.project.model import UNKNOWN, Dependency, Route


def layer_rows(analysis: Analysis) -> list[LayerRow]:
    """Return the layer of every module, and of the classes and functions that differ from theirs."""
    return rows_of_layers(analysis.project)


def route_rows(analysis: Analysis) -> list[dict[str, Any]]:
    """Return the routes an application answers.

    Each with its handler, its tree of dependencies, the layers it reaches and the exceptions it lets out.
    """
    outcomes = RouteOutcomes(analysis.project, analysis.view.exceptions)
    return [_route_row(analysis, outcomes, route) for route in answered_routes(analysis.project)]


def _route_row(analysis: Analysis, outcomes: RouteOutcomes, route: Route) -> dict[str, Any]:
    project, view = analysis.project, analysis.view
    handler = route.handler
    name = handler.qualname.removeprefix(f"{handler.module.name}.")
    starts = [route.entry, *(one.frame for one in route.dependencies if one.frame is not None)]
    layers: set[str] = set()
    for start in starts:
        for frame in view.calls.reached(start, lambda edge: edge.kind in CERTAIN_KINDS):
            layers.add(project.layer(frame.entity).layer)
    return {
        "method": route.method,
        "path": route.path,
        "handler": f"{handler.module.name}:{name}",
        "file": handler.module.path,
        "line": line_of(handler.at),
        "dependencies": [_dependency(analysis, one, (handler,)) for one in route.dependencies],
        "layers": sorted(layers - {UNKNOWN.layer}, key=lambda layer: (rank(layer), layer)),
        "exceptions": [
            {"exception": dotted(one.exception), "status": one.status, "how": one.how}
            for one in outcomes.of(route)
        ],
    }


def _dependency(analysis: Analysis, one: Dependency, around: tuple[Entity, ...]) -> dict[str, Any]:
    provider = one.provider
    inner: tuple[Dependency, ...] = ()
    runs = one.frame.entity if one.frame is not None else None
    if isinstance(runs, Function) and provider not in around:
        inner = analysis.project.dependencies.get(runs, ())
    return {
        "provider": provider.qualname if provider is not None else one.name,
        "parameter": one.param,
        "file": one.module.path,
        "line": line_of(one.at),
        "dependencies": [_dependency(analysis, sub, (*around, provider)) for sub in inner if provider],
    }


def call_graph(analysis: Analysis, kinds: bool) -> dict[str, Any]:
    """Return ``{caller: [callees]}``, with ``kinds`` ``{caller: [{"callee", "kinds"}]}``.

    Calls that are merely possible are listed only where their kind is named.
    """
    names = analysis.view.calls.as_names(ALL_KINDS if kinds else CERTAIN_KINDS)
    if not kinds:
        return {caller: sorted(callees) for caller, callees in sorted(names.items())}
    return {
        caller: [{"callee": callee, "kinds": sorted(how)} for callee, how in sorted(callees.items())]
        for caller, callees in sorted(names.items())
    }


def unresolved_calls(analysis: Analysis) -> list[dict[str, Any]]:
    """Return the calls nothing is known of, in reading order."""
    rows = [
        {
            "caller": entity.qualname,
            "file": entity.module.path,
            "line": line_of(site.at),
            "reason": site.reason or "nothing is known of what is called",
        }
        for entity, site in analysis.view.calls.unresolved()
    ]
    return sorted(rows, key=lambda row: (row["file"], row["line"], row["caller"]))


def import_graph(analysis: Analysis) -> dict[str, Any]:
    """Return ``{module: [{"module", "line", "kind"}]}``."""
    return dict(analysis.view.imports.as_names())


def layer_graph(analysis: Analysis) -> dict[str, list[dict[str, Any]]]:
    """Return the layers with their counts, and what they use of each other.

    ``layers`` are rows of ``layer``, ``modules``, ``elements``; ``edges`` of ``source``, ``target``,
    ``imports``, ``calls`` and ``allowed``. Every layer with an edge is listed, one whose modules only
    import with counts of zero.
    """
    view = analysis.view
    edges = layer_edges(view.project, view.imports, view.calls, view.config)
    counts = {one.layer: one for one in layer_counts(analysis)}
    for edge in edges:
        for layer in (edge.source, edge.target):
            counts.setdefault(layer, LayerCount(layer, 0, 0))
    return {
        "layers": [
            msgspec.to_builtins(counts[layer])
            for layer in sorted(counts, key=lambda layer: (rank(layer), layer))
        ],
        "edges": msgspec.to_builtins(edges),
    }
