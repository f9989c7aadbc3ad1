"""The shape of strings in source text, for the steps that look at text instead of a tree."""

from __future__ import annotations

from typing import Final

STRING: Final = (
    r"(?s:"
    r'"{3}(?:\\.|[^\\])*?"{3}'
    r"|'{3}(?:\\.|[^\\])*?'{3}"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'(?:\\.|[^'\\\n])*'"
    r")"
)
"""A string literal without its prefix.

An f-string with its own quotes inside its braces is taken for several strings with code between
them, which does no harm as long as these hold neither ``#`` nor triple quotes.
"""
COMMENT: Final = r"\#[^\n]*"
