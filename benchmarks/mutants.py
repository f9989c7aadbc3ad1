"""Programs nobody wrote: real files with lines cut, swapped, doubled, renamed or broken off."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

_WORD = re.compile(r"\b[A-Za-z_]\w*\b")
_IMPORT = re.compile(r"\s*(?:from|import)\b")
_MIDDLEWARE = re.compile(r"\bscope\b.*\breceive\b.*\bsend\b|\bcall_next\b", re.DOTALL)
_ODD = "\0\f\t\\'\"(){}[]:=@*,.;#\u00e9\u202e\ufeff\n "
"""Characters that mean something to a parser, to a terminal or to a decoder."""

LARGEST = 16_000
"""How many bytes a seed has at most: broken files are as good small, and there are more of them."""

Lines = list[str]


def _cut(lines: Lines, choice: random.Random) -> Lines:
    start = choice.randrange(len(lines))
    return lines[:start] + lines[start + choice.randint(1, 5) :]


def _swap(lines: Lines, choice: random.Random) -> Lines:
    one, other = choice.randrange(len(lines)), choice.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return lines


def _double(lines: Lines, choice: random.Random) -> Lines:
    start = choice.randrange(len(lines))
    part = lines[start : start + choice.randint(1, 20)]
    at = choice.randrange(len(lines))
    return lines[:at] + part + lines[at:]


def _rename(lines: Lines, choice: random.Random) -> Lines:
    text = "".join(lines)
    words = sorted(set(_WORD.findall(text)))
    if not words:
        return lines
    old, new = choice.choice(words), choice.choice(words)
    return re.sub(rf"\b{old}\b", new, text).splitlines(keepends=True)


def _no_import(lines: Lines, choice: random.Random) -> Lines:
    imports = [number for number, line in enumerate(lines) if _IMPORT.match(line)]
    gone = choice.choice(imports) if imports else -1
    return [line for number, line in enumerate(lines) if number != gone]


def _break_off(lines: Lines, choice: random.Random) -> Lines:
    text = "".join(lines)
    return text[: choice.randrange(len(text) + 1)].splitlines(keepends=True)


def _indent(lines: Lines, choice: random.Random) -> Lines:
    at = choice.randrange(len(lines))
    lines[at] = choice.choice(("    ", "\t", " ")) + lines[at]
    return lines


def _odd_character(lines: Lines, choice: random.Random) -> Lines:
    at = choice.randrange(len(lines))
    column = choice.randrange(len(lines[at]) + 1)
    lines[at] = lines[at][:column] + choice.choice(_ODD) + lines[at][column:]
    return lines


MUTATIONS: tuple[Callable[[Lines, random.Random], Lines], ...] = (
    _cut, _swap, _double, _rename, _no_import, _break_off, _indent, _odd_character,
)  # fmt: skip


def seeds(directories: Iterable[Path]) -> list[str]:
    """Return the texts of the smaller Python files below ``directories``, in a fixed order.

    Middleware is left out: it stands around every request of an application, so it is not unrelated to one.
    """
    texts = []
    for directory in directories:
        for path in sorted(directory.rglob("*.py")):
            if path.is_file() and 0 < path.stat().st_size <= LARGEST:
                text = path.read_bytes().decode("utf-8", "replace")
                if not _MIDDLEWARE.search(text):
                    texts.append(text)
    return texts


def mutants(texts: list[str], seed: int) -> Iterator[str]:
    """Yield ever new programs made of ``texts``; the same ``seed`` gives the same."""
    choice = random.Random(seed)
    while True:
        lines = choice.choice(texts).splitlines(keepends=True)
        for _ in range(choice.randint(1, 4)):
            if lines:
                lines = choice.choice(MUTATIONS)(lines, choice)
        yield "".join(lines)
