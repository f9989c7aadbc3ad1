"""Graphs as values that can be drawn."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Node:
    """Something to draw: ``name`` is what arrows call it, ``label`` what the reader sees.

    ``groups`` are the boxes it stands in, from the outside in. ``folded`` is how many nodes it stands
    for, 0 where it is none but itself.
    """

    name: str
    label: str
    groups: tuple[str, ...] = ()
    folded: int = 0


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge between two nodes; one that is not ``allowed`` is drawn so that it stands out.

    ``label`` says in words what it is. ``number`` is how many uses it stands for, 0 for one alone; where
    room is short it is drawn in place of the words.
    """

    source: str
    target: str
    label: str = ""
    allowed: bool = True
    number: int = 0


@dataclass(frozen=True, slots=True)
class Drawing:
    """Nodes and arrows in the order in which they are written.

    ``levels`` names what the groups are, from the outside in, and last what the nodes are: ``layers``,
    ``packages``, ``modules``.
    """

    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]
    levels: tuple[str, ...] = ()


@dataclass(slots=True)
class Box:
    """A group with what stands in it: nodes, and groups of its own."""

    label: str
    nodes: list[Node]
    boxes: dict[str, Box]


def ids(drawing: Drawing) -> dict[str, str]:
    """Return a name for each node that no language reads anything into."""
    return {node.name: f"n{number}" for number, node in enumerate(drawing.nodes)}


def band(node: Node) -> str:
    """Return the outermost group ``node`` stands in, or is."""
    return node.groups[0] if node.groups else node.name


def boxed(drawing: Drawing) -> Box:
    """Return the tree of groups: a box without a label around everything.

    An inner group is left out where all that stands in it is one box, or one node that bears its name.
    """
    top = Box("", [], {})
    for node in drawing.nodes:
        box = top
        for group in node.groups:
            box = box.boxes.setdefault(group, Box(group, [], {}))
        box.nodes.append(node)
    for box in top.boxes.values():
        _simplify(box)
    return top


def _simplify(box: Box) -> None:
    for name, inner in list(box.boxes.items()):
        _simplify(inner)
        sole = len(inner.nodes) + len(inner.boxes) == 1
        if sole and all(inner.label in node.label for node in inner.nodes):
            del box.boxes[name]
            box.nodes += inner.nodes
            box.boxes |= inner.boxes
