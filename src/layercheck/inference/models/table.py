"""All models of outside functions, by the canonical dotted name of what is called."""

from __future__ import annotations

from layercheck.inference.models import dispatch, functions, iteration, scheduling
from layercheck.inference.models.model import Model

MODELS: dict[str, Model] = {
    **functions.MODELS,
    **iteration.MODELS,
    **scheduling.MODELS,
    **dispatch.MODELS,
}
