"""Whether the layers a rule asks for exist."""

from __future__ import annotations

from layercheck.program.entities import Entity
from layercheck.rules.view import View


def is_flat(view: View) -> bool:
    """Return whether the project has neither a service nor a repository layer."""
    layers = {assignment.layer for assignment in view.project.layers.values()}
    return not layers & {"service", "repository"}


def has_layer(view: View, layer: str, element: Entity) -> bool:
    """Return whether ``layer`` exists where ``element`` stands."""
    return any(assignment.layer == layer for assignment in view.project.layers.values())
