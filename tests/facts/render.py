"""Records as short text, so that a test can show what it expects."""

from __future__ import annotations

import msgspec

from layercheck.facts.records import Node
from layercheck.location import Span, column_of, end_column_of, end_line_of, line_of

SPANS = ("at", "header", "name_at")


def render(value: object, lines: bool = False) -> str:
    """Return ``value``, a record or a tuple of them, without its spans.

    A record is shown like a call with its fields in order. With ``lines`` the first and last line
    of its span stand in front of it.
    """
    if isinstance(value, Node):
        fields = [
            render(getattr(value, name), lines) for name in value.__struct_fields__ if name not in SPANS
        ]
        at = getattr(value, "at", None) if lines else None
        place = "" if at is None else f"{line_of(at)}-{end_line_of(at)}:"
        return f"{place}{type(value).__name__}({', '.join(fields)})"
    if isinstance(value, tuple):
        return f"[{', '.join(render(item, lines) for item in value)}]"
    return repr(value)


def render_all(values: tuple[Node, ...], lines: bool = False) -> list[str]:
    """Return one text for each of ``values``."""
    return [render(value, lines) for value in values]


def cut(text: str, span: Span) -> str:
    """Return what stands at ``span`` in ``text``."""
    lines = text.split("\n")[line_of(span) - 1 : end_line_of(span)]
    lines[-1] = lines[-1][: end_column_of(span)]
    lines[0] = lines[0][column_of(span) :]
    return "\n".join(lines)


def round_trip(record: msgspec.Struct) -> bool:
    """Return whether ``record`` comes back from its stored form as it was."""
    stored = msgspec.msgpack.encode(record)
    return msgspec.msgpack.encode(msgspec.msgpack.decode(stored, type=type(record))) == stored
