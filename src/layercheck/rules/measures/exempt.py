"""What may use the database though it is in the router: thin handlers, health checks, their helpers."""

from __future__ import annotations

from collections.abc import Callable

from layercheck.program.entities import Entity
from layercheck.rules.measures.handlers import Handler, group, handlers
from layercheck.rules.measures.health import HealthChecks
from layercheck.rules.measures.thin import Thinness
from layercheck.rules.view import View


def thin(view: View) -> frozenset[Entity]:
    """Return the thin handlers and the helpers that are part of them; a measure for `View.measure`."""
    thinness = view.measure(Thinness)
    return _parts(view, lambda handler: not thinness.failures(handler))


def thin_or_health_checks(view: View) -> frozenset[Entity]:
    """Return what `thin` does, and health checks with their helpers; a measure, too."""
    checks = view.measure(HealthChecks)
    return view.measure(thin) | _parts(view, checks.covers)


def _parts(view: View, is_free: Callable[[Handler], bool]) -> frozenset[Entity]:
    return frozenset(
        frame.entity for handler in handlers(view) if is_free(handler) for frame in group(view, handler)
    )
