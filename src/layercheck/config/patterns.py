"""Patterns of paths as gitignore files write them, matched in bounded time.

A pattern such as ``*a*a*a*a*b`` becomes a regular expression that tries every way to share a name among
its stars. Where another star follows, the shortest share is as good as any, since the next can take the
rest; so all stars but the last of a name are told to keep the first share that fits, and so are all
``**`` but the last of a path. What matches stays the same. The same is done in `fnmatch.translate`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pathspec import GitIgnoreSpec
from pathspec.pattern import RegexPattern

_STAR = "[^/]*"
_ONE = "[^/]"
_DIRECTORIES = "(?:/.+)?/"
_ANYWHERE = "^(?:.+/)?"

_GROUP_NAME = re.compile(r"\(\?P<\w+>")
_TRANSLATOR: Any = type(next(iter(GitIgnoreSpec.from_lines(["*"]).patterns)))
"""The class of the library's own patterns, which is called differently in its versions."""

MOST = 3
"""How many stars that cannot be bound a pattern may hold: each takes the length of a name times as long."""


def path_patterns(lines: Iterable[str]) -> GitIgnoreSpec:
    """Return the patterns of ``lines``.

    Raises `ValueError` for a line that is no pattern, or for one that takes too long to match.
    """
    return GitIgnoreSpec.from_lines(lines, _pattern)


def any_pattern(lines: Iterable[str]) -> re.Pattern[str]:
    """Return one expression for all patterns of ``lines``: most paths match none, and asking each is slow.

    Raises `ValueError` as `path_patterns` does.
    """
    told = (_TRANSLATOR.pattern_to_regex(line)[0] for line in lines)
    expressions = [_GROUP_NAME.sub("(?:", bounded(one)) for one in told if one is not None]
    anywhere = [one.removeprefix(_ANYWHERE) for one in expressions if one.startswith(_ANYWHERE)]
    others = [one for one in expressions if not one.startswith(_ANYWHERE)]
    return re.compile("|".join([*others, f"{_ANYWHERE}(?:{'|'.join(anywhere) or '(?!)'})"]))


def _pattern(line: str) -> RegexPattern:
    expression, include = _TRANSLATOR.pattern_to_regex(line)
    if expression is None:
        return RegexPattern(None)
    return RegexPattern(re.compile(bounded(expression)), include)


def bounded(expression: str) -> str:
    """Return an expression of `pathspec` that matches the same in bounded time; raises `ValueError`."""
    head, *parts = expression.split(_DIRECTORIES)
    if not parts:
        return _bounded_names(expression)
    if head.startswith(_ANYWHERE):
        head = f"^(?>(?:.+?/)??{_bounded_names(head.removeprefix(_ANYWHERE))}(?=/))"
    else:
        head = _bounded_names(head)
    inner = [f"(?>(?:/.+?)??/{_bounded_names(part)}(?=/))" for part in parts[:-1]]
    return f"{head}{''.join(inner)}{_DIRECTORIES}{_bounded_names(parts[-1])}"


def _bounded_names(expression: str) -> str:
    head, *parts = expression.split(_STAR)
    free = 0
    for number, part in enumerate(parts[:-1]):
        rest = part.replace(_ONE, "")
        if "/" in rest or "(?" in rest:
            free += "[" in rest  # else another name begins here
            parts[number] = _STAR + part
        else:
            parts[number] = f"(?>[^/]*?{part})"
    if free > MOST:
        raise ValueError("too many stars beside brackets")
    return "".join((head, *parts[:-1], *(_STAR + part for part in parts[-1:])))
