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

    ``lines`` maps each line a node begins or ends on, or a comment to layercheck stands on, to where it is
    now; ``reworded`` are the old lines with bare strings that end elsewhere now.
    """

    lines: dict[int, int]
    reworded: frozenset[int] = frozenset()

    @property
    def is_nothing(self) -> bool:
        """Whether every place is where it was."""
        return not self.reworded and all(was == now for was, now in self.lines.items())


def align(old: r.FileFacts, new: r.FileFacts) -> Moves | None:
    """Return how ``old`` moved to become ``new``, None where they do not say the same.

    They do not where comments that speak to layercheck are not the same, or do not stand as they did between
    the code around them: what such a comment speaks for depends on that.
    """
    alignment = _Alignment()
    if not alignment.fits(old.body, new.body) or not _are_in_order(alignment.lines):
        return None
    if len(old.pragmas) != len(new.pragmas):
        return None
    lines = dict(alignment.lines)
    for was, now in zip(old.pragmas, new.pragmas, strict=True):
        if not _speak_alike(was, now) or not _stand_alike(was.line, now.line, alignment.lines):
            return None
        lines[was.line] = now.line
    return Moves(lines, frozenset(alignment.reworded))


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


def _speak_alike(was: r.Pragma, now: r.Pragma) -> bool:
    """Return whether two comments are the same but for the line they stand on."""
    return all(
        getattr(was, name) == getattr(now, name) for name in was.__struct_fields__ if name != "line"
    )


def _stand_alike(was: int, now: int, lines: dict[int, int]) -> bool:
    """Return whether a comment moved with the code on its line, else with that before and behind it."""
    if was in lines:
        return lines[was] == now
    before = max((line for line in lines if line < was), default=None)
    behind = min((line for line in lines if line > was), default=None)
    return all(lines[line] - line == now - was for line in (before, behind) if line is not None)
