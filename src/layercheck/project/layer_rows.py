"""Layers as rows of plain data, for ``layercheck layers``."""

from __future__ import annotations

import msgspec

from layercheck.location import line_of
from layercheck.program.entities import Class, Entity, Function, Module
from layercheck.project.model import UNKNOWN, Project


class LayerRow(msgspec.Struct, frozen=True):
    """The layer of one element, how sure it is (in lower case) and why."""

    element: str
    path: str
    line: int
    layer: str
    confidence: str
    evidence: str


def layer_rows(project: Project) -> list[LayerRow]:
    """Return a row for every module, and for each class and function that differs from what holds it.

    Rows stand in the order of the files. A package file that defines nothing is left out.
    """
    rows = []
    for module in project.program.modules:
        if is_classifiable(project, module):
            rows.append(_row(project, module))
        elements: list[Class | Function] = [*module.classes, *module.functions]
        for element in sorted(elements, key=lambda e: e.at):
            own = project.layers.get(element)
            if own is not None and own.layer != project.layer(element.parent).layer:
                rows.append(_row(project, element))
    return rows


def is_classifiable(project: Project, module: Module) -> bool:
    """Return whether a module holds code that can have a layer, and not only imports."""
    if not module.path.endswith("__init__.py"):
        return True
    return module in project.layers or bool(module.classes or module.functions)


def _row(project: Project, element: Entity) -> LayerRow:
    found = project.layers.get(element, UNKNOWN)
    line = 1 if isinstance(element, Module) else line_of(element.at)
    return LayerRow(
        element.qualname,
        element.module.path,
        line,
        found.layer,
        found.confidence.name.lower(),
        found.evidence,
    )
