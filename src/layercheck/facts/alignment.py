"""Whether two versions of a file say the same, and where the lines of one are in the other.

Comments, blank lines and docstrings may come and go; all else must stay: every node with its columns,
and nodes of one line on one line. What is found in one version is then found in the other, each place on
the line that took its line's place.
"""

from __future__ import annotations

from typing import Final

import msgspec

from layercheck.facts import records as r
from layercheck.location import MAX_HEIGHT, Span, column_of, end_column_of, end_line_of, line_of

_PLACES: Final = frozenset(
    name
    for kind in r.Node.__subclasses__()
    for name, annotation in kind.__annotations__.items()
    if annotation == "Span"
)
"""Names of the fields that hold spans, in any kind of node."""


class Moves(msgspec.Struct, frozen=True):
    """What became of the lines of a file.

    ``lines`` maps each line a node begins or ends on to where it is now; ``reworded`` are the old lines
    with bare strings that end elsewhere now.
    """

    lines: dict[int, int]
    reworded: frozenset[int] = frozenset()

    @property
    def is_nothing(self) -> bool:
        """Whether every place is where it was."""
        return not self.reworded and all(was == now for was, now in self.lines.items())


def align(old: r.FileFacts, new: r.FileFacts) -> Moves | None:
    """Return how ``old`` moved to become ``new``, None where they do not say the same.

    They do not where comments that speak to layercheck are not the same in the same places, nor in a file
    with such comments where any line moved: what these speak for depends on the lines around.
    """
    alignment = _Alignment()
    if not alignment.fits(old.body, new.body):
        return None
    moves = Moves(alignment.lines, frozenset(alignment.reworded))
    return moves if _are_in_order(moves.lines) and _speak_alike(old, new, moves) else None


class _Alignment:
    """Two versions laid side by side, node by node."""

    def __init__(self) -> None:
        self.lines: dict[int, int] = {}
        self.reworded: set[int] = set()

    def fits(self, old: object, new: object) -> bool:
        """Return whether ``new`` is ``old`` in perhaps other lines, and note in which."""
        pending = [(old, new)]
        while pending:
            was, now = pending.pop()
            if was.__class__ is not now.__class__:
                return False
            if isinstance(was, tuple) and isinstance(now, tuple):
                if len(was) != len(now):
                    return False
                pending += zip(was, now, strict=True)
            elif isinstance(was, r.Node):
                if self._are_bare_strings(was, now):
                    continue
                for name in was.__struct_fields__:
                    part, other = getattr(was, name), getattr(now, name)
                    if name not in _PLACES:
                        pending.append((part, other))
                    elif not (self._begins_alike(part, other) and self._ends_alike(part, other)):
                        return False
            elif was != now:
                return False
        return True

    def _are_bare_strings(self, was: object, now: object) -> bool:
        match was, now:
            case (
                r.Evaluate(value=r.Constant(kind="str"), at=old),
                r.Evaluate(value=r.Constant(kind="str"), at=new),
            ) if self._begins_alike(old, new):
                if not self._ends_alike(old, new):
                    self.reworded.add(line_of(old))
                return True
        return False

    def _begins_alike(self, was: Span, now: Span) -> bool:
        return column_of(was) == column_of(now) and self._is_line(line_of(was), line_of(now))

    def _ends_alike(self, was: Span, now: Span) -> bool:
        first, last = end_line_of(was), end_line_of(now)
        if max(first - line_of(was), last - line_of(now)) >= MAX_HEIGHT:  # where it ends is not known
            return False
        return end_column_of(was) == end_column_of(now) and self._is_line(first, last)

    def _is_line(self, was: int, now: int) -> bool:
        return self.lines.setdefault(was, now) == now


def _are_in_order(lines: dict[int, int]) -> bool:
    """Return whether lines that were different ones still are, in the same order."""
    after = [lines[line] for line in sorted(lines)]
    return all(one < other for one, other in zip(after, after[1:], strict=False))


def _speak_alike(old: r.FileFacts, new: r.FileFacts, moves: Moves) -> bool:
    if not old.pragmas and not new.pragmas:
        return True
    return moves.is_nothing and repr(old.pragmas) == repr(new.pragmas)
