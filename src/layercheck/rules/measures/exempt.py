"""What may use the database though it is in the router: thin handlers, health checks, their helpers."""

from __future__ import annotations

from collections.abc import Callable

from layercheck.program.entities import Entity
from layercheck.rules.measures.handlers import Handler, group, handlers
from layercheck.rules.measures.health import HealthChecks
from layercheck.rules.measures.thin import Thinness
from layercheck.rules.view import View


class Exempt:
    """The handlers that are free, and the helpers that are part of them; judged when they are asked for."""

    def __init__(self, view: View, is_free: Callable[[Handler], bool]) -> None:
        self._handlers = view.measure(_handlers_by_part)
        self._is_free = is_free

    def __contains__(self, element: Entity) -> bool:
        return any(map(self._is_free, self._handlers.get(element, ())))


def thin(view: View) -> Exempt:
    """Return the thin handlers and the helpers that are part of them; a measure for `View.measure`."""
    return Exempt(view, view.measure(Thinness).is_thin)


def thin_or_health_checks(view: View) -> Exempt:
    """Return what `thin` does, and health checks with their helpers; a measure, too."""
    checks, thinness = view.measure(HealthChecks), view.measure(Thinness)
    return Exempt(view, lambda handler: checks.covers(handler) or thinness.is_thin(handler))


def _handlers_by_part(view: View) -> dict[Entity, list[Handler]]:
    """Return, for every handler and helper, the handlers it is part of."""
    found: dict[Entity, list[Handler]] = {}
    for handler in handlers(view):
        for element in dict.fromkeys(frame.entity for frame in group(view, handler)):
            found.setdefault(element, []).append(handler)
    return found
