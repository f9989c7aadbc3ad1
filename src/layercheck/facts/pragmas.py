"""Comments that speak to layercheck, and the counting of lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from layercheck.facts.lexemes import COMMENT, STRING
from layercheck.facts.records import Pragma

_CODE = r"[A-Za-z][\w-]*"
_PRAGMA = re.compile(
    rf"""
    \#\s*layercheck:\s*ignore(?![\w-])
        (?:\s*\[\s*(?P<codes>{_CODE}(?:\s*,\s*{_CODE})*)\s*,?\s*\]|(?!\s*\[))
        (?P<reason>[^#\n]*)
    | \#\s*layercheck:\s*layer\s*=\s*(?P<layer>[\w.-]+)
    | \#\s*(?i:noqa)\b(?:\s*:\s*(?P<noqa>[A-Za-z]+[0-9]+(?:(?:\s*,\s*|\s+)[A-Za-z]+[0-9]+)*))?
    """,
    re.VERBOSE,
)
_STRING_OR_COMMENT = re.compile(rf"""[^"'#]*+(?:{STRING}|(?P<comment>{COMMENT})|["']|\Z)""")
"""Up to the end of the next string or comment: what lies between is passed over in one step."""

_HEADER = re.compile(rf"(?:\s++|{COMMENT})*+(?:[rRuU]?{STRING})?+(?:\s++|{COMMENT})*+")


def find_pragmas(text: str) -> tuple[Pragma, ...]:
    """Return the pragmas among the comments of ``text``, in reading order.

    The first comment block of a file is every comment in front of its first statement, a docstring
    not counted. One comment may hold several pragmas. An ``ignore`` with unreadable brackets is no
    pragma, so that a slip of the pen does not silence everything.
    """
    if not ("layercheck:" in text or "noqa" in text or "NOQA" in text) or not _PRAGMA.search(text):
        return ()
    return tuple(_pragmas(text))


def _pragmas(text: str) -> Iterator[Pragma]:
    header = _HEADER.match(text)
    header_end = header.end() if header else 0
    line, line_start = 1, 0
    # `tokenize` takes as long as everything else together and stops at syntax newer than itself.
    for lexeme in _STRING_OR_COMMENT.finditer(text):
        comment = lexeme["comment"]
        if comment is None:
            continue
        start = lexeme.start("comment")
        for found in _PRAGMA.finditer(comment):
            line += text.count("\n", line_start, start)
            line_start = text.rfind("\n", 0, start) + 1
            own_line = not text[line_start:start].strip()
            column = start - line_start + found.start()
            kind, codes, value = _meaning(found)
            yield Pragma(
                kind,
                codes,
                value,
                line,
                column,
                column + len(found[0].rstrip()),
                own_line,
                own_line and start < header_end,
            )


def _meaning(found: re.Match[str]) -> tuple[str, tuple[str, ...], str]:
    """Return the kind, codes and value of a pragma."""
    if found["layer"] is not None:
        return "layer", (), found["layer"]
    if found["reason"] is not None:
        return "ignore", _codes(found["codes"]), found["reason"].strip(" \t-:\u2013\u2014")
    return "noqa", _codes(found["noqa"]), ""


def _codes(listed: str | None) -> tuple[str, ...]:
    return tuple(code.upper() if code[-1].isdigit() else code for code in re.findall(_CODE, listed or ""))


def count_lines(text: str) -> int:
    """Return the number of physical lines; a last line without an end counts."""
    return text.count("\n") + (not text.endswith("\n") and text != "")
