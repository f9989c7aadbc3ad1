"""Making a drawing so small that it can be read: groups drawn as one node, or what one node touches."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator

from layercheck.report.pictures.drawing import Arrow, Drawing, Node
from layercheck.report.style import counted

MOST_NODES = 60
MOST_ARROWS = 120
"""What a reader can follow with the eye: about what fits on a screen without shrinking the letters."""

_SEPARATOR = "/"


def fold(drawing: Drawing, level: str) -> Drawing:
    """Return ``drawing`` with every group of ``level``, one of its levels, as one node.

    An arrow between two such nodes bears the number of arrows it stands for; allowed ones and others
    are told apart. What runs inside of a node is gone.
    """
    kept = drawing.levels.index(level)
    if kept + 1 >= len(drawing.levels):
        return drawing
    standing = {node.name: _box_around(node, kept) for node in drawing.nodes}
    sizes = Counter(standing.values())
    what = drawing.levels[-1].removesuffix("s")
    counts = Counter(
        (standing[arrow.source], standing[arrow.target], arrow.allowed)
        for arrow in drawing.arrows
        if standing[arrow.source] != standing[arrow.target]
    )
    return Drawing(
        tuple(
            Node(_SEPARATOR.join(path), f"{path[-1]}: {counted(size, what)}", path[:-1], size)
            for path, size in sizes.items()
        ),
        tuple(
            Arrow(_SEPARATOR.join(source), _SEPARATOR.join(target), "", allowed, number)
            for (source, target, allowed), number in counts.items()
        ),
        drawing.levels[: kept + 1],
    )


def finest_readable(drawing: Drawing) -> str:
    """Return the innermost level at which ``drawing`` can still be read, at worst the outermost."""
    for level in reversed(drawing.levels):
        folded = fold(drawing, level)
        if len(folded.nodes) <= MOST_NODES and len(folded.arrows) <= MOST_ARROWS:
            return level
    return drawing.levels[0]


def focus(drawing: Drawing, names: Iterable[str], depth: int) -> Drawing:
    """Return what ``names`` lead to and what leads to them, in at most ``depth`` arrows.

    Of the arrows those are kept that lie on the way.
    """
    start = set(names)
    forth = _distances(start, _neighbours((arrow.source, arrow.target) for arrow in drawing.arrows), depth)
    back = _distances(start, _neighbours((arrow.target, arrow.source) for arrow in drawing.arrows), depth)
    return Drawing(
        tuple(node for node in drawing.nodes if node.name in forth or node.name in back),
        tuple(
            arrow
            for arrow in drawing.arrows
            if forth.get(arrow.source, depth) < depth or back.get(arrow.target, depth) < depth
        ),
        drawing.levels,
    )


def _box_around(node: Node, kept: int) -> tuple[str, ...]:
    return node.groups[: kept + 1]


def _neighbours(pairs: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for source, target in pairs:
        result.setdefault(source, []).append(target)
    return result


def _distances(start: set[str], neighbours: dict[str, list[str]], depth: int) -> dict[str, int]:
    """Return how far what can be reached from ``start`` in ``depth`` steps is, breadth first."""
    reached = dict.fromkeys(start, 0)
    waiting = deque(start)
    while waiting:
        name = waiting.popleft()
        if reached[name] == depth:
            continue
        for other in neighbours.get(name, ()):
            if other not in reached:
                reached[other] = reached[name] + 1
                waiting.append(other)
    return reached
