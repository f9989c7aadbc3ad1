"""Which layers exist, so that rules may ask for them."""

from __future__ import annotations

from layercheck.project.model import Presence
from layercheck.project.presence import layers_present
from layercheck.rules.view import View


def presence(view: View) -> Presence:
    """Return which layers the project and its features really use."""
    return layers_present(view.project, view.config)
