"""layercheck: an architecture linter for FastAPI code bases.

``from layercheck import check`` is what the command line does, for tests of one's own architecture.
"""

from __future__ import annotations

TYPE_CHECKING = False  # what type checkers go by; loading `typing` takes longer than telling the version
if TYPE_CHECKING:
    from layercheck.config.schema import Config
    from layercheck.errors import LayercheckError
    from layercheck.finding import Finding, Severity
    from layercheck.frontends.api import check, render
    from layercheck.outcome import Outcome

__version__ = "0.1.0"

__all__ = ["Config", "Finding", "LayercheckError", "Outcome", "Severity", "check", "render"]

_HOMES = {
    "Config": "layercheck.config.schema",
    "Finding": "layercheck.finding",
    "LayercheckError": "layercheck.errors",
    "Outcome": "layercheck.outcome",
    "Severity": "layercheck.finding",
    "check": "layercheck.frontends.api",
    "render": "layercheck.frontends.api",
}


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for, so that plugins and the version cost nothing."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    return value
