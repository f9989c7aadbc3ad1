"""The formats an outcome can be written in; each is loaded when it is asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from layercheck.outcome import Outcome
    from layercheck.report.style import Options

_MODULES = {
    "text": "layercheck.report.as_text",
    "concise": "layercheck.report.as_concise",
    "json": "layercheck.report.as_json",
    "sarif": "layercheck.report.as_sarif",
    "github": "layercheck.report.as_github",
    "gitlab": "layercheck.report.as_gitlab",
    "junit": "layercheck.report.as_junit",
    "markdown": "layercheck.report.as_markdown",
    "mermaid": "layercheck.report.as_mermaid",
    "html": "layercheck.report.as_html",
}

WITH_MAP = frozenset({"html"})
"""Formats that show the map of the project, which an outcome has only where it was asked for."""

NAMES = tuple(_MODULES)


class Render(Protocol):
    """Writes an outcome in one format."""

    def __call__(self, outcome: Outcome, options: Options) -> str:
        """Return ``outcome`` as text."""


def formatter(name: str) -> Render:
    """Return the function that writes format ``name``, one of `NAMES`."""
    return cast("Render", importlib.import_module(_MODULES[name]).render)
