"""How pictures look, as attributes of Graphviz (https://graphviz.org/doc/info/attrs.html).

The page draws with them in the browser and the SVG on disk, so both are one picture. Colours are those
of the light report; where style sheets count, ``assets/picture.css`` gives the dark ones too.
"""

from __future__ import annotations

Attributes = dict[str, str]

_FONT = "Helvetica,Arial,sans-serif"

GRAPH: Attributes = {
    "newrank": "true", "bgcolor": "transparent",
    "fontname": _FONT, "fontsize": "12",
}  # fmt: skip
ACROSS: Attributes = {"rankdir": "LR", "ranksep": "0.7", "nodesep": "0.14"}
"""Bands as columns."""
DOWN: Attributes = {"rankdir": "TB", "ranksep": "0.3", "nodesep": "0.14"}
"""Bands as rows, of one node each."""
NODE: Attributes = {
    "shape": "box", "style": "rounded,filled", "fillcolor": "#ffffff", "color": "#5b6675", "height": "0.32",
    "margin": "0.2,0.06", "fontname": _FONT, "fontsize": "12",
}  # fmt: skip
EDGE: Attributes = {
    "color": "#8b94a1", "arrowsize": "0.6", "fontname": _FONT, "fontsize": "10", "fontcolor": "#5b6675",
}  # fmt: skip
LAYER: Attributes = {
    "style": "filled", "fillcolor": "#eef1f5", "color": "#d5dae1", "fontname": _FONT, "fontsize": "13",
    "class": "layer",
}  # fmt: skip
"""A band around the nodes of one layer."""
GROUP: Attributes = {
    "style": "rounded", "color": "#aab2bd", "fontname": _FONT, "fontsize": "11", "fontcolor": "#5b6675",
    "class": "group",
}  # fmt: skip
"""A box inside of a band."""
FOLDED: Attributes = {"peripheries": "2", "class": "folded"}
"""A node that stands for several."""
FORBIDDEN: Attributes = {
    "color": "#b3390a", "fontcolor": "#b3390a", "style": "dashed", "penwidth": "2", "class": "forbidden",
}  # fmt: skip
"""What layers may not do: told by the line as well as by the colour."""
LEADING_BACK: Attributes = {"dir": "back"}
"""An arrow from an inner band to an outer one, written with its ends exchanged."""
UNSEEN: Attributes = {"style": "invis", "weight": "20"}
"""Keeps the bands in order."""

BY_NAME: dict[str, Attributes] = {
    "graph": GRAPH, "across": ACROSS, "down": DOWN, "node": NODE, "edge": EDGE, "layer": LAYER,
    "group": GROUP, "folded": FOLDED, "forbidden": FORBIDDEN, "leading_back": LEADING_BACK, "unseen": UNSEEN,
}  # fmt: skip
