"""Drawings as Mermaid flowcharts."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from layercheck.report.pictures.drawing import Box, Drawing, boxed, ids
from layercheck.report.style import printable


def as_mermaid(drawing: Drawing) -> str:
    """Return ``drawing`` as a Mermaid flowchart, every group a subgraph."""
    names = ids(drawing)
    lines = ["flowchart LR", *_inside(boxed(drawing), names, "    ", count())]
    for arrow in drawing.arrows:
        words = arrow.label or (str(arrow.number) if arrow.number else "")
        label = f"|{_quoted(words)}|" if words else ""
        line = "-->" if arrow.allowed else "-.->"
        lines.append(f"    {names[arrow.source]} {line}{label} {names[arrow.target]}")
    forbidden = [str(number) for number, arrow in enumerate(drawing.arrows) if not arrow.allowed]
    if forbidden:
        lines.append(f"    linkStyle {','.join(forbidden)} stroke:red")
    return "\n".join((*lines, ""))


def _inside(box: Box, names: dict[str, str], indent: str, numbers: Iterator[int]) -> Iterator[str]:
    for node in box.nodes:
        yield f"{indent}{names[node.name]}[{_quoted(node.label)}]"
    for inner in box.boxes.values():
        yield f"{indent}subgraph g{next(numbers)}[{_quoted(inner.label)}]"
        yield from _inside(inner, names, f"{indent}    ", numbers)
        yield f"{indent}end"


_ENTITIES = str.maketrans({
    '"': "#quot;", "#": "#35;", "&": "#amp;", "<": "#lt;", ">": "#gt;", "`": "#96;", "%": "#37;",
    "\\": "#92;",
})  # fmt: skip


def _quoted(text: str) -> str:
    # Quotes end a label; the rest would be read as markup, an entity or, with two %, as a comment.
    # An empty label is an error.
    return f'"{printable(text).translate(_ENTITIES) or " "}"'
