"""Drawings of the graphs: what is a node, what is an arrow, and which boxes are around them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from layercheck.outcome import LayerCount, LayerEdge
from layercheck.report.as_mermaid import layer_map
from layercheck.report.pictures.drawing import Arrow, Drawing, Node

if TYPE_CHECKING:
    from layercheck.pipeline import Home, ModuleImport


def draw_calls(
    graph: Mapping[str, list[Any]], homes: Mapping[str, Home], forbidden: Collection[tuple[str, str]]
) -> Drawing:
    """Return the drawing of a call graph, with or without kinds, in the order of ``homes``.

    Functions stand in their module, that in its feature or package, that in its layer; what neither
    calls nor is called is left out. ``forbidden`` are the pairs of layers of which the first may not call
    the second.
    """
    arrows = []
    for caller, callees in sorted(graph.items()):
        for callee in callees:
            name, kinds = (
                (callee, "") if isinstance(callee, str) else (callee["callee"], ", ".join(callee["kinds"]))
            )
            allowed = (homes[caller].layer, homes[name].layer) not in forbidden
            arrows.append(Arrow(caller, name, kinds, allowed))
    met = {end for arrow in arrows for end in (arrow.source, arrow.target)}
    bare = _prefix({home.module for home in homes.values()})
    nodes = [
        Node(
            name,
            name.removeprefix(f"{home.module}.") if name != home.module else "(module)",
            (home.layer, _group(home, bare), home.module.removeprefix(bare)),
        )
        for name, home in homes.items()
        if name in met
    ]
    return Drawing(tuple(nodes), tuple(arrows), ("layers", _groups(homes), "modules", "functions"))


def draw_imports(imports: Iterable[ModuleImport], homes: Mapping[str, Home], kinds: bool) -> Drawing:
    """Return the drawing of an import graph, in the order of ``homes``.

    Modules stand in their feature or package, that in its layer.
    """
    bare = _prefix(homes.keys())
    return Drawing(
        tuple(
            Node(name, name.removeprefix(bare), (home.layer, _group(home, bare)))
            for name, home in homes.items()
        ),
        tuple(
            Arrow(one.source, one.target, ", ".join(one.kinds) if kinds else "", one.allowed)
            for one in imports
        ),
        ("layers", _groups(homes), "modules"),
    )


def draw_layers(graph: Mapping[str, list[dict[str, Any]]]) -> Drawing:
    """Return the drawing of a layer graph; what the matrix forbids stands out."""
    return layer_map(
        msgspec.convert(graph["layers"], list[LayerCount]), msgspec.convert(graph["edges"], list[LayerEdge])
    )


def _group(home: Home, bare: str) -> str:
    """Return the feature of a module, or the package it stands in where the layout has no features.

    A module at the top is a package of its own.
    """
    if home.feature:
        return home.feature.rpartition("/")[2]
    return home.module.removeprefix(bare).rpartition(".")[0] or home.module.removeprefix(bare)


def _groups(homes: Mapping[str, Home]) -> str:
    return "features" if any(home.feature for home in homes.values()) else "packages"


def _prefix(modules: Collection[str]) -> str:
    """Return the package all modules are in, which says nothing on a picture, with its dot."""
    roots = {name.partition(".")[0] for name in modules}
    return f"{roots.pop()}." if len(roots) == 1 else ""
