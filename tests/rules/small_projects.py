"""Small projects written as one text, and what the rules find in them.

A line that is nothing but a comment with a path (``# app/services/users.py``) begins a file; what
stands before the first one is ``app/example.py``. That line is the first of its file, so that
what follows starts at line 2. ``# expect: LC201`` ends a guilty line.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from layercheck import pipeline
from layercheck.config.load import load
from layercheck.outcome import Outcome
from layercheck.rules.catalog import codes

UNNAMED = "app/example.py"

_FILE = re.compile(r"^# ([\w./-]+\.(?:py|json|cfg))[ \t]*$", re.MULTILINE)
_EXPECT = re.compile(r"# expect: (LC\d+(?:, LC\d+)*)")


def split(text: str) -> dict[str, str]:
    """Return the files of a text: path to content."""
    head, *rest = _FILE.split(textwrap.dedent(text))
    files = {UNNAMED: head} if head.strip() else {}
    for path, content in zip(rest[::2], rest[1::2], strict=True):
        files[path] = content
    return files


def check(root: Path, text: str, settings: Mapping[str, Any] | None = None) -> Outcome:
    """Write the files of ``text`` below ``root`` and return what is found in them."""
    for path, content in split(text).items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
    (root / "pyproject.toml").write_text('[project]\nname = "example"\n', encoding="utf-8")
    config = load(root, None, dict(settings or {}), known_codes=codes())
    outcome = pipeline.check([root], config)
    assert outcome.internal_errors == ()
    return outcome


def found(outcome: Outcome) -> list[str]:
    """Return the findings as ``path:line code``, sorted."""
    return sorted(f"{one.place.path}:{one.place.line} {one.code}" for one in outcome.new)


def expected(text: str) -> list[str]:
    """Return the marked lines as ``path:line code``, sorted."""
    lines: list[str] = []
    for path, content in split(text).items():
        for number, line in enumerate(content.split("\n"), start=1):
            if marked := _EXPECT.search(line):
                lines.extend(f"{path}:{number} {code}" for code in marked[1].split(", "))
    return sorted(lines)


def report(outcome: Outcome) -> list[str]:
    """Return all that a finding says, a line per message, step, related place and piece of evidence."""
    lines: list[str] = []
    for one in outcome.new:
        lines.append(f"{one.severity} {one.place.path}:{one.place.line}:{one.place.column} {one.message}")
        lines.extend(f"  {s.place.path}:{s.place.line} [{s.layer}] {s.kind}: {s.text}" for s in one.chain)
        lines.extend(f"  also {place.path}:{place.line}" for place in one.related)
        lines.extend(f"  {evidence}" for evidence in one.evidence)
        lines.append(f"  = {one.element} {one.target}")
    return lines
