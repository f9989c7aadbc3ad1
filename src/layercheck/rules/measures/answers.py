"""What the application makes of exceptions, as the rules ask it."""

from __future__ import annotations

from layercheck.graphs.outcomes import RouteOutcomes
from layercheck.rules.view import View


def specific_answers(view: View) -> RouteOutcomes:
    """Return the outcomes where a handler registered for ``Exception`` maps nothing; for `View.measure`."""
    return RouteOutcomes(view.project, view.exceptions, catch_all_maps=False)


def all_answers(view: View) -> RouteOutcomes:
    """Return the outcomes where such a handler counts like any other; a measure, too."""
    return RouteOutcomes(view.project, view.exceptions, catch_all_maps=True)
