"""Graphs as values that can be drawn, and as text that Mermaid draws."""

from __future__ import annotations

from dataclasses import dataclass

from layercheck.report.style import printable


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


def as_mermaid(drawing: Drawing) -> str:
    """Return ``drawing`` as a Mermaid flowchart, every group a subgraph."""
    names = ids(drawing)
    lines = ["flowchart LR"]
    for number, (group, nodes) in enumerate(grouped(drawing.nodes)):
        rows = [f"{names[node.name]}[{_quoted(node.label)}]" for node in nodes]
        if not group:
            lines += [f"    {row}" for row in rows]
            continue
        lines.append(f"    subgraph g{number}[{_quoted(group)}]")
        lines += [f"        {row}" for row in rows]
        lines.append("    end")
    for arrow in drawing.arrows:
        label = f"|{_quoted(arrow.label)}|" if arrow.label else ""
        line = "-->" if arrow.allowed else "-.->"
        lines.append(f"    {names[arrow.source]} {line}{label} {names[arrow.target]}")
    forbidden = [str(number) for number, arrow in enumerate(drawing.arrows) if not arrow.allowed]
    if forbidden:
        lines.append(f"    linkStyle {','.join(forbidden)} stroke:red")
    return "\n".join((*lines, ""))


def ids(drawing: Drawing) -> dict[str, str]:
    """Return a name for each node that no language reads anything into."""
    return {node.name: f"n{number}" for number, node in enumerate(drawing.nodes)}


def grouped(nodes: tuple[Node, ...]) -> list[tuple[str, list[Node]]]:
    """Return the groups in the order they are first met, each with its nodes."""
    groups: dict[str, list[Node]] = {}
    for node in nodes:
        groups.setdefault(node.group, []).append(node)
    return list(groups.items())


_ENTITIES = str.maketrans({
    '"': "#quot;", "#": "#35;", "&": "#amp;", "<": "#lt;", ">": "#gt;", "`": "#96;", "%": "#37;",
    "\\": "#92;",
})  # fmt: skip


def _quoted(text: str) -> str:
    # Quotes end a label; the rest would be read as markup, an entity or, with two %, as a comment.
    # An empty label is an error.
    return f'"{printable(text).translate(_ENTITIES) or " "}"'
