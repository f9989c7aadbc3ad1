"""Small projects written as one text, and the text that is left after fixes.

A line that is nothing but a comment with a path (``# app/services/users.py``) begins a file, and is its
first line.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from layercheck.config.load import load
from layercheck.frontends.fix_run import Mended, mend
from layercheck.rules.catalog import codes

_FILE = re.compile(r"^# [\w./-]+\.py$", re.MULTILINE)


def write(root: Path, text: str) -> None:
    """Write the files of ``text`` below ``root``."""
    (root / "pyproject.toml").write_text('[project]\nname = "example"\n', encoding="utf-8")
    text = textwrap.dedent(text).lstrip("\n")
    starts = [found.start() for found in _FILE.finditer(text)]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        file = root / text[start : text.index("\n", start)].removeprefix("# ")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text[start:end].encode("utf-8"))


def read(root: Path) -> str:
    """Return the files below ``root`` as one text, in the order of their paths.

    A file that a fix has made has no line with its path; it gets one.
    """
    return "".join(_read(root, file) for file in sorted(root.rglob("*.py")))


def _read(root: Path, file: Path) -> str:
    text = file.read_bytes().decode("utf-8")
    head = f"# {file.relative_to(root).as_posix()}\n"
    return text if text.startswith(head) else head + text


def ordered(text: str) -> str:
    """Return ``text`` with its files in the order of their paths."""
    text = textwrap.dedent(text).lstrip("\n")
    starts = [found.start() for found in _FILE.finditer(text)]
    files = [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]
    return "".join(sorted(files, key=lambda file: file.partition("\n")[0].removeprefix("# ").split("/")))


def plan(
    root: Path, select: Sequence[str], settings: Mapping[str, Any] | None = None, *, unsafe: bool = True
) -> Mended:
    """Return what fixes make of the project in ``root``."""
    config = load(root, None, {**(settings or {}), "extend-select": list(select)}, known_codes=codes())
    return mend([root], config, select=select, unsafe=unsafe)


def fixed(
    root: Path, text: str, select: str, settings: Mapping[str, Any] | None = None
) -> tuple[str, list[str]]:
    """Write ``text``, fix it twice, and return what is left of it and what the first run told.

    The second run must have nothing to do.
    """
    write(root, text)
    first = plan(root, [select], settings)
    first.write()
    after = read(root)
    again = plan(root, [select], settings)
    again.write()
    assert (again.plan.done, again.plan.contents, read(root)) == ([], {}, after)
    return after, list(first.told())
