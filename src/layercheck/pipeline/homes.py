"""Where everything stands and whether it may use what it uses, for pictures of the graphs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from layercheck.graphs.imports import Kind
from layercheck.graphs.layers import layers_joined
from layercheck.pipeline.analysis import Analysis
from layercheck.program.entities import Entity, Module
from layercheck.project.coverage import holds_code
from layercheck.project.features import features
from layercheck.project.matrix import may_use, rank


class Home(NamedTuple):
    """Where a module or function stands; ``feature`` is a directory, empty where the layout has none."""

    layer: str
    feature: str
    module: str


class ModuleImport(NamedTuple):
    """That one module imports from another: how, and whether the layers of all that is used permit it."""

    source: str
    target: str
    kinds: tuple[str, ...]
    allowed: bool


def module_homes(analysis: Analysis) -> dict[str, Home]:
    """Return the homes of the modules that hold code by dotted name, from the outermost layer inwards."""
    return _homes(analysis, (one for one in analysis.project.program.modules if holds_code(one)))


def function_homes(analysis: Analysis) -> dict[str, Home]:
    """Return the homes of all that runs, functions and bodies of modules, like `module_homes`."""
    frames = analysis.project.inference.frames
    return _homes(analysis, dict.fromkeys(frame.entity for frame in frames if frame.runs))


def _homes(analysis: Analysis, entities: Iterator[Entity] | dict[Entity, None]) -> dict[str, Home]:
    project = analysis.project
    around = features(project, analysis.view.config)
    homes = {
        entity.qualname: Home(
            project.layer(entity).layer, around.get(entity.module, ""), entity.module.name
        )
        for entity in entities
    }
    return dict(sorted(homes.items(), key=lambda item: (rank(item[1].layer), item[1], item[0])))


def module_imports(analysis: Analysis) -> list[ModuleImport]:
    """Return what the modules that hold code import of each other, re-exports followed."""
    view = analysis.view
    found: dict[tuple[str, str], tuple[set[str], set[bool]]] = {}
    for one in view.imports.imports:
        target = one.target
        if not isinstance(target, Module) or target is one.module:
            continue
        if not holds_code(one.module) or not holds_code(target):
            continue
        kinds, verdicts = found.setdefault((one.module.name, target.name), (set(), set()))
        kinds.add(one.kind.value)
        if one.kind is not Kind.TYPE_ONLY:
            pairs = layers_joined(view.project, view.imports, one)
            verdicts.update(may_use(*pair, view.config) for pair in pairs)
    return [
        ModuleImport(*pair, tuple(sorted(kinds)), all(verdicts))
        for pair, (kinds, verdicts) in sorted(found.items())
    ]


def forbidden_calls(analysis: Analysis) -> set[tuple[str, str]]:
    """Return the pairs of layers of which the first may not call into the second."""
    layers = {analysis.project.layer(frame.entity).layer for frame in analysis.project.inference.frames}
    return {
        (source, target)
        for source in layers
        for target in layers
        if not may_use(source, target, analysis.view.config)
    }
