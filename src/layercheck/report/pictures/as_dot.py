"""Drawings in the language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, pairwise

from layercheck.report.pictures import look
from layercheck.report.pictures.drawing import Box, Drawing, Node, band, boxed, ids
from layercheck.report.style import printable


def as_dot(drawing: Drawing) -> str:
    """Return ``drawing`` as text that Graphviz reads, every group a cluster.

    The outermost groups are bands in their order: columns, or rows where they are all there is.
    """
    names = ids(drawing)
    tree = boxed(drawing)
    bands: dict[str, list[str]] = {}
    for node in drawing.nodes:
        bands.setdefault(band(node), []).append(node.name)
    place = {name: at for at, inside in enumerate(bands.values()) for name in inside}
    lines = [
        "digraph {",
        f"    graph {_listed(look.GRAPH | (look.ACROSS if tree.boxes else look.DOWN))};",
        f"    node {_listed(look.NODE)};",
        f"    edge {_listed(look.EDGE)};",
        *_inside(tree, names, "    ", count(), look.LAYER),
        *(f"    {{rank=same; {'; '.join(map(names.__getitem__, inside))}}}" for inside in bands.values()),
    ]
    for outer, inner in pairwise(bands.values()):
        lines.append(f"    {names[outer[0]]} -> {names[inner[0]]} {_listed(look.UNSEEN)};")
    for number, arrow in enumerate(drawing.arrows):
        label = str(arrow.number) if arrow.number else arrow.label
        attributes = {"id": f"a{number}"} | ({"label": label} if label else {})
        ends = arrow.source, arrow.target
        if not arrow.allowed:
            attributes |= look.FORBIDDEN
        if place[arrow.source] > place[arrow.target]:
            # laid out as if it led the other way, it needs no detour and keeps the order of the bands
            attributes |= look.LEADING_BACK
            ends = arrow.target, arrow.source
        lines.append(f"    {' -> '.join(map(names.__getitem__, ends))} {_listed(attributes)};")
    return "\n".join((*lines, "}", ""))


def _inside(
    box: Box, names: dict[str, str], indent: str, numbers: Iterator[int], kind: look.Attributes
) -> Iterator[str]:
    for node in box.nodes:
        yield f"{indent}{names[node.name]} {_listed(_of_node(node))};"
    for inner in box.boxes.values():
        yield f"{indent}subgraph cluster_{next(numbers)} {{"
        yield f"{indent}    graph {_listed({'label': inner.label} | kind)};"
        yield from _inside(inner, names, f"{indent}    ", numbers, look.GROUP)
        yield f"{indent}}}"


def _of_node(node: Node) -> look.Attributes:
    return {"label": node.label} | (look.FOLDED if node.folded else {})


def _listed(attributes: look.Attributes) -> str:
    return f"[{', '.join(f'{name}={_quoted(value)}' for name, value in attributes.items())}]"


def _quoted(text: str) -> str:
    escaped = printable(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
