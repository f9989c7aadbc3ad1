"""Drawings as a page: folded and unfolded by clicks, around whatever one looks for.

Graphviz draws in the browser, as compiled by Viz.js (MIT licence, https://viz-js.com; Graphviz itself:
Eclipse Public License, https://graphviz.org), which is part of the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from layercheck.report.page import asset, colours, data, filled, script
from layercheck.report.pictures import look
from layercheck.report.pictures.drawing import Drawing
from layercheck.report.pictures.folding import MOST_ARROWS, MOST_NODES
from layercheck.report.style import printable

SCRIPTS = ("graphviz.js", "folding.js", "picture.js")


class Opening(NamedTuple):
    """What the page shows when it is opened.

    ``level`` is one of the levels of the drawing, empty for the finest that can be read; ``focus`` is
    what is looked for, and ``names`` the nodes that means; ``depth`` how far around them.
    """

    title: str
    level: str
    focus: str
    names: tuple[str, ...]
    depth: int


def as_html(drawing: Drawing, opening: Opening, routes: Mapping[str, str]) -> str:
    """Return ``drawing`` as a page; ``routes`` are more names for nodes, to look for."""
    document = {
        "opening": opening._asdict(),
        "levels": drawing.levels,
        "nodes": [
            [printable(node.name), printable(node.label), list(map(printable, node.groups))]
            for node in drawing.nodes
        ],
        "arrows": _arrows(drawing),
        "routes": sorted((printable(route), printable(name)) for route, name in routes.items()),
        "readable": {"nodes": MOST_NODES, "arrows": MOST_ARROWS},
        "look": look.BY_NAME,
    }  # fmt: skip
    return filled(
        asset("picture.html"),
        {
            "STYLE": colours() + asset("page.css") + asset("picture.css"),
            "DATA": data(document),
            "LIBRARY": script(asset("viz-global.js")),
            "SCRIPT": script("\n".join(asset(name) for name in SCRIPTS)),
        },
    )


def _arrows(drawing: Drawing) -> list[list[object]]:
    at = {node.name: number for number, node in enumerate(drawing.nodes)}
    return [
        [at[one.source], at[one.target], printable(one.label), one.allowed, one.number]
        for one in drawing.arrows
    ]
