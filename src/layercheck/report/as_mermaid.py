"""The layer map: which layer holds how much, and what it uses of the others, as a Mermaid flowchart."""

from __future__ import annotations

from collections.abc import Sequence

from layercheck.outcome import LayerCount, LayerEdge, Outcome
from layercheck.report.pictures.as_mermaid import as_mermaid
from layercheck.report.pictures.drawing import Arrow, Drawing, Node
from layercheck.report.style import Options, counted


def render(outcome: Outcome, options: Options) -> str:
    """Return the layers of ``outcome``; what they may not use is drawn so that it stands out."""
    layers = {row.layer: row for row in outcome.summary.layers}
    for edge in outcome.summary.edges:
        for layer in (edge.source, edge.target):
            layers.setdefault(layer, LayerCount(layer, 0, 0))
    return as_mermaid(layer_map(tuple(layers.values()), outcome.summary.edges))


def layer_map(layers: Sequence[LayerCount], edges: Sequence[LayerEdge]) -> Drawing:
    """Return the drawing of ``layers``, which name every end of ``edges``."""
    return Drawing(
        tuple(
            Node(
                row.layer,
                f"{row.layer}: {counted(row.modules, 'module')}, {counted(row.elements, 'element')}",
            )
            for row in layers
        ),
        tuple(
            Arrow(
                edge.source,
                edge.target,
                _uses(edge),
                edge.allowed,
                edge.imports + edge.calls,
            )
            for edge in edges
        ),
        ("layers",),
    )


def _uses(edge: LayerEdge) -> str:
    counts = [(edge.imports, "import"), (edge.calls, "call")]
    return ", ".join(counted(number, noun) for number, noun in counts if number)
