"""The map of a project, for reports that draw it."""

from __future__ import annotations

from collections import Counter

import msgspec

from layercheck.graphs.imports import Kind
from layercheck.outcome import MapImport, MapModule, MapRoute, ProjectMap
from layercheck.pipeline.analysis import Analysis
from layercheck.pipeline.rows import route_rows
from layercheck.program.entities import Module
from layercheck.project.coverage import holds_code
from layercheck.project.features import features


def project_map(analysis: Analysis) -> ProjectMap:
    """Return the modules that hold code, what they import of each other, and the routes."""
    project = analysis.project
    modules = [module for module in project.program.modules if holds_code(module)]
    homes = features(project, analysis.view.config)
    index = {module: at for at, module in enumerate(modules)}
    counts: Counter[tuple[int, int]] = Counter()
    for one in analysis.view.imports.imports:
        target = one.target
        if one.kind is Kind.TYPE_ONLY or not isinstance(target, Module) or target is one.module:
            continue
        if one.module in index and target in index:
            counts[index[one.module], index[target]] += 1
    return ProjectMap(
        modules=tuple(
            MapModule(
                module.name, module.path, project.layer(module).layer, homes.get(module, "")
            )
            for module in modules
        ),
        imports=tuple(MapImport(*pair, counts[pair]) for pair in sorted(counts)),
        routes=msgspec.convert(route_rows(analysis), tuple[MapRoute, ...]),
    )
