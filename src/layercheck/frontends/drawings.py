"""Graphs as text that Graphviz and Mermaid draw."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from layercheck.outcome import LayerCount, LayerEdge
from layercheck.report.as_mermaid import layer_map
from layercheck.report.drawing import Arrow, Drawing, Node, as_mermaid, grouped, ids
from layercheck.report.style import printable


def draw_calls(graph: Mapping[str, list[Any]], modules: Iterable[str]) -> Drawing:
    """Return the drawing of a call graph, with or without kinds, the functions grouped by ``modules``."""
    known = set(modules)
    arrows = [
        Arrow(caller, callee) if isinstance(callee, str)
        else Arrow(caller, callee["callee"], ", ".join(callee["kinds"]))
        for caller, callees in graph.items()
        for callee in callees
    ]  # fmt: skip
    nodes = []
    for name in {*graph, *(arrow.target for arrow in arrows)}:
        group = next(_modules_around(name, known), "")
        nodes.append(Node(name, name.removeprefix(f"{group}.") if group else name, group))
    return Drawing(
        _by_group(nodes), tuple(sorted(arrows, key=lambda arrow: (arrow.source, arrow.target)))
    )


def draw_imports(graph: Mapping[str, list[dict[str, Any]]], kinds: bool) -> Drawing:
    """Return the drawing of an import graph, the modules grouped by the package they stand in."""
    found: dict[tuple[str, str], set[str]] = {}
    for module, rows in graph.items():
        for row in rows:
            found.setdefault((module, row["module"]), set()).add(row["kind"])
    names = sorted({*graph, *(target for _, target in found)})
    packages = {name.rpartition(".")[0] for name in names}
    groups = {name: name if name in packages else name.rpartition(".")[0] for name in names}
    return Drawing(
        _by_group(Node(name, name, groups[name]) for name in names),
        tuple(
            Arrow(*pair, ", ".join(sorted(how)) if kinds else "") for pair, how in sorted(found.items())
        ),
    )


def draw_layers(graph: Mapping[str, list[dict[str, Any]]]) -> Drawing:
    """Return the drawing of a layer graph; what the matrix forbids stands out."""
    return layer_map(
        msgspec.convert(graph["layers"], list[LayerCount]), msgspec.convert(graph["edges"], list[LayerEdge])
    )


def as_dot(drawing: Drawing) -> str:
    """Return ``drawing`` in the language of Graphviz, every group a cluster."""
    names = ids(drawing)
    lines = ["digraph {", "    rankdir=LR;", "    node [shape=box];"]
    for number, (group, nodes) in enumerate(grouped(drawing.nodes)):
        rows = [f"{names[node.name]} [label={_dot_quoted(node.label)}];" for node in nodes]
        if not group:
            lines += [f"    {row}" for row in rows]
            continue
        lines += [f"    subgraph cluster_{number} {{", f"        label={_dot_quoted(group)};"]
        lines += [f"        {row}" for row in rows]
        lines.append("    }")
    for arrow in drawing.arrows:
        lines.append(f"    {names[arrow.source]} -> {names[arrow.target]}{_dot_attributes(arrow)};")
    return "\n".join((*lines, "}", ""))


WRITERS: dict[str, Callable[[Drawing], str]] = {"dot": as_dot, "mermaid": as_mermaid}
"""The languages a graph can be drawn in."""


def _modules_around(name: str, modules: set[str]) -> Iterator[str]:
    """Yield the modules whose name ``name`` starts with, the longest first."""
    while name:
        if name in modules:
            yield name
        name = name.rpartition(".")[0]


def _by_group(nodes: Iterable[Node]) -> tuple[Node, ...]:
    return tuple(sorted(nodes, key=lambda node: (node.group, node.name)))


def _dot_attributes(arrow: Arrow) -> str:
    attributes = [f"label={_dot_quoted(arrow.label)}"] if arrow.label else []
    if not arrow.allowed:
        attributes += ["color=red", "style=dashed"]
    return f" [{', '.join(attributes)}]" if attributes else ""


def _dot_quoted(text: str) -> str:
    escaped = printable(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
