"""Literals and operators: how facts spell them."""

from __future__ import annotations

import ast
from types import EllipsisType, NoneType
from typing import Final

from layercheck.facts.records import MAX_TEXT, Constant, ConstantKind
from layercheck.location import Span

_INT64_END: Final = 1 << 63

_KINDS: Final[dict[type, ConstantKind]] = {
    str: "str",
    int: "int",
    float: "float",
    bool: "bool",
    NoneType: "none",
    bytes: "bytes",
    complex: "complex",
    EllipsisType: "ellipsis",
}

OPERATORS: Final[dict[type[ast.AST], str]] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.MatMult: "@",
    ast.Div: "/",
    ast.Mod: "%",
    ast.Pow: "**",
    ast.LShift: "<<",
    ast.RShift: ">>",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.BitAnd: "&",
    ast.FloorDiv: "//",
    ast.And: "and",
    ast.Or: "or",
    ast.Not: "not",
    ast.Invert: "~",
    ast.UAdd: "+",
    ast.USub: "-",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}


def constant_of(value: object, at: Span) -> Constant:
    """Return the record of a literal with this value."""
    kind = _KINDS[value.__class__]
    if isinstance(value, str):
        value = storable(value)
    elif kind == "bytes" or kind == "complex":
        value = repr(value)[:MAX_TEXT]
    elif kind == "int" and value >= _INT64_END:  # type: ignore[operator]
        # Decimal digits of huge integers are slow to make, and forbidden beyond a limit.
        value = f"{value:#x}"[:MAX_TEXT]
    elif value is ...:
        value = "..."
    return Constant(value, kind, at)  # type: ignore[arg-type]


def storable(text: str) -> str:
    """Return ``text`` cut to `MAX_TEXT` characters, without anything UTF-8 cannot hold."""
    text = text[:MAX_TEXT]
    # A literal may spell a lone surrogate as an escape.
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
