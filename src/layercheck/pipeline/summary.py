"""The counts of a run, and what had nothing to judge."""

from __future__ import annotations

from collections import Counter

from layercheck.graphs.layers import layer_edges
from layercheck.outcome import InactiveRule, LayerCount, Summary
from layercheck.pipeline.analysis import Analysis
from layercheck.program.entities import Class, Function
from layercheck.project.coverage import holds_code, is_classified
from layercheck.project.matrix import rank

NO_FASTAPI = "no FastAPI application or router found: nothing here can be told to be a route"
FLAT = "flat project: no service or repository layer found"


def summarise(analysis: Analysis, inactive: tuple[InactiveRule, ...]) -> Summary:
    """Return the counts of ``analysis``."""
    project, view = analysis.project, analysis.view
    modules = project.program.modules
    with_code = [module for module in modules if holds_code(module)]
    classified = [module for module in with_code if is_classified(project, module)]
    call_sites, resolved = view.calls.counts()
    notes = []
    if not project.apps and not project.routes:
        notes.append(NO_FASTAPI)
    elif project.presence.is_flat:
        notes.append(FLAT)
    return Summary(
        files=len(modules),
        lines=sum(module.facts.lines for module in modules),
        layers=layer_counts(analysis),
        classified=len(classified),
        classifiable=len(with_code),
        routes=len(project.routes),
        call_sites=call_sites,
        resolved_calls=resolved,
        inactive_rules=inactive,
        notes=tuple(notes),
        edges=tuple(layer_edges(project, view.imports, view.calls, view.config)),
    )


def layer_counts(analysis: Analysis) -> tuple[LayerCount, ...]:
    """Return how many modules with code and how many elements each layer holds, from the outside in."""
    project = analysis.project
    with_code = [module for module in project.program.modules if holds_code(module)]
    modules = Counter([project.layer(module).layer for module in with_code])
    inside: list[Function | Class] = [*project.program.functions, *project.program.classes]
    elements = Counter([project.layer(element).layer for element in inside])
    layers = sorted(modules.keys() | elements.keys(), key=lambda layer: (rank(layer), layer))
    return tuple(LayerCount(layer, modules[layer], elements[layer]) for layer in layers)
