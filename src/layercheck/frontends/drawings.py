"""Graphs as text that Graphviz and Mermaid draw."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from layercheck.report.style import counted, printable


@dataclass(frozen=True, slots=True)
class Node:
    """Something to draw: ``name`` is what edges call it, ``label`` what the reader sees.

    ``group`` is the box it stands in, empty for none.
    """

    name: str
    label: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge between two nodes; one that is not ``allowed`` is drawn so that it stands out."""

    source: str
    target: str
    label: str = ""
    allowed: bool = True


@dataclass(frozen=True, slots=True)
class Drawing:
    """Nodes and arrows in the order in which they are written."""

    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]


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
    return Drawing(
        tuple(
            Node(
                row["layer"],
                f"{row['layer']}: {counted(row['modules'], 'module')}, {counted(row['elements'], 'element')}",
            )
            for row in graph["layers"]
        ),
        tuple(
            Arrow(
                row["source"],
                row["target"],
                f"{counted(row['imports'], 'import')}, {counted(row['calls'], 'call')}",
                row["allowed"],
            )
            for row in graph["edges"]
        ),
    )


def as_dot(drawing: Drawing) -> str:
    """Return ``drawing`` in the language of Graphviz, every group a cluster."""
    ids = _ids(drawing)
    lines = ["digraph {", "    rankdir=LR;", "    node [shape=box];"]
    for number, (group, nodes) in enumerate(_grouped(drawing.nodes)):
        rows = [f"{ids[node.name]} [label={_dot_quoted(node.label)}];" for node in nodes]
        if not group:
            lines += [f"    {row}" for row in rows]
            continue
        lines += [f"    subgraph cluster_{number} {{", f"        label={_dot_quoted(group)};"]
        lines += [f"        {row}" for row in rows]
        lines.append("    }")
    for arrow in drawing.arrows:
        lines.append(f"    {ids[arrow.source]} -> {ids[arrow.target]}{_dot_attributes(arrow)};")
    return "\n".join((*lines, "}", ""))


def as_mermaid(drawing: Drawing) -> str:
    """Return ``drawing`` as a Mermaid flowchart, every group a subgraph."""
    ids = _ids(drawing)
    lines = ["flowchart LR"]
    for number, (group, nodes) in enumerate(_grouped(drawing.nodes)):
        rows = [f"{ids[node.name]}[{_mermaid_quoted(node.label)}]" for node in nodes]
        if not group:
            lines += [f"    {row}" for row in rows]
            continue
        lines.append(f"    subgraph g{number}[{_mermaid_quoted(group)}]")
        lines += [f"        {row}" for row in rows]
        lines.append("    end")
    for arrow in drawing.arrows:
        label = f"|{_mermaid_quoted(arrow.label)}|" if arrow.label else ""
        line = "-->" if arrow.allowed else "-.->"
        lines.append(f"    {ids[arrow.source]} {line}{label} {ids[arrow.target]}")
    forbidden = [str(number) for number, arrow in enumerate(drawing.arrows) if not arrow.allowed]
    if forbidden:
        lines.append(f"    linkStyle {','.join(forbidden)} stroke:red")
    return "\n".join((*lines, ""))


WRITERS: dict[str, Callable[[Drawing], str]] = {"dot": as_dot, "mermaid": as_mermaid}
"""The languages a graph can be drawn in."""


def _ids(drawing: Drawing) -> dict[str, str]:
    """Return a name for each node that no language reads anything into."""
    return {node.name: f"n{number}" for number, node in enumerate(drawing.nodes)}


def _modules_around(name: str, modules: set[str]) -> Iterator[str]:
    """Yield the modules whose name ``name`` starts with, the longest first."""
    while name:
        if name in modules:
            yield name
        name = name.rpartition(".")[0]


def _by_group(nodes: Iterable[Node]) -> tuple[Node, ...]:
    return tuple(sorted(nodes, key=lambda node: (node.group, node.name)))


def _grouped(nodes: tuple[Node, ...]) -> list[tuple[str, list[Node]]]:
    groups: dict[str, list[Node]] = {}
    for node in nodes:
        groups.setdefault(node.group, []).append(node)
    return list(groups.items())


def _dot_attributes(arrow: Arrow) -> str:
    attributes = [f"label={_dot_quoted(arrow.label)}"] if arrow.label else []
    if not arrow.allowed:
        attributes += ["color=red", "style=dashed"]
    return f" [{', '.join(attributes)}]" if attributes else ""


def _dot_quoted(text: str) -> str:
    escaped = printable(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


_MERMAID = str.maketrans({
    '"': "#quot;", "#": "#35;", "&": "#amp;", "<": "#lt;", ">": "#gt;", "`": "#96;", "%": "#37;",
    "\\": "#92;",
})  # fmt: skip


def _mermaid_quoted(text: str) -> str:
    # Quotes end a label; the rest would be read as markup, an entity or, with two %, as a comment.
    # An empty label is an error.
    return f'"{printable(text).translate(_MERMAID) or " "}"'
