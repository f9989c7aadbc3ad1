"""Stretches of a file as new text: with pieces replaced, and moved to another indent."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from layercheck.fixes.code import Code, Edit

STEP = "    "


def spliced(code: Code, start: int, end: int, edits: Iterable[Edit]) -> str:
    """Return the text from ``start`` to ``end`` with ``edits`` made; an edit inside of another is dropped."""
    pieces: list[str] = []
    position = start
    for edit in _outermost(edits):
        if start <= edit.start and edit.end <= end:
            pieces += (code.text[position : edit.start], edit.new)
            position = edit.end
    pieces.append(code.text[position:end])
    return "".join(pieces)


def _outermost(edits: Iterable[Edit]) -> list[Edit]:
    """Return edits in order, without those that lie inside of others."""
    kept: list[Edit] = []
    for edit in sorted(edits, key=lambda one: (one.start, one.start != one.end, -one.end)):
        last = next((one for one in reversed(kept) if one.start != one.end), None)
        if last is None or edit.start >= last.end:
            kept.append(edit)
    return kept


def moved(code: Code, start: int, end: int, edits: Iterable[Edit], indent: str) -> str:
    """Return whole lines from ``start`` to ``end`` with ``edits`` made, their first one at ``indent``.

    Lines inside of strings stay where they are.
    """
    made = list(edits)
    first, last = code.line_of(start), code.line_of(max(start, end - 1))
    lines = list(code.movable(first, last))
    old = code.indent_of(lines[0]) if lines else ""
    for line in lines:
        at = code.line_start(line)
        own = code.indent_of(line)
        if any(edit.start < at < edit.end for edit in made):
            continue
        kept = own.removeprefix(old) if own.startswith(old) else ""
        made.append(Edit(code.path, at, at + len(own), indent + kept))
    return spliced(code, start, end, made)


def one_line(text: str) -> str:
    """Return an expression on one line, as far as it holds no comment and no text of several lines."""
    if "\n" not in text or "#" in text or '"""' in text or "'''" in text:
        return text
    joined = ""
    for line in (one.strip() for one in text.splitlines()):
        tight = not joined or joined[-1] in "([{" or line[:1] in ".)]}"
        if line[:1] in ")]}" and joined.endswith(","):
            joined = joined[:-1]
        joined += line if tight else f" {line}"
    return joined


def returned(text: str, indent: str, width: int, word: str = "return ") -> list[str]:
    """Return the lines that return an expression: one where it fits, else its own lines in brackets."""
    single = one_line(text)
    if "\n" not in single and len(f"{indent}{word}{single}") <= width:
        return [f"{indent}{word}{single}"]
    lines = text.splitlines()
    if len(lines) == 1:
        return [f"{indent}{word}{text}"]
    rest = [line for line in lines[1:] if line.strip()]
    least = min(len(line) - len(line.lstrip()) for line in rest)
    closing = rest[-1].strip()[:1] in ")]}" and len(rest[-1]) - len(rest[-1].lstrip()) == least
    if closing and not any(line.strip().startswith(".") for line in rest):
        return [f"{indent}{word}{lines[0].strip()}", *(indent + line[least:] for line in rest)]
    inner = indent + STEP
    return [
        f"{indent}{word}(",
        f"{inner}{lines[0].strip()}",
        *(inner + line[least:] for line in rest),
        f"{indent})",
    ]


def signature(head: str, params: list[str], tail: str, indent: str, width: int) -> list[str]:
    """Return the lines of ``head(params)tail``: one where they fit, else each parameter on its own."""
    single = f"{indent}{head}({', '.join(params)}){tail}"
    if len(single) <= width or not params:
        return [single]
    inner = f"{indent}{STEP}{', '.join(params)}"
    if len(inner) <= width and not any("=" in one for one in params):
        return [f"{indent}{head}(", inner, f"{indent}){tail}"]
    return [f"{indent}{head}(", *(f"{indent}{STEP}{one}," for one in params), f"{indent}){tail}"]


def whole(code: Code, statements: list[cst.BaseStatement] | tuple[cst.BaseStatement, ...]) -> tuple[int, int]:
    """Return where statements begin and end in whole lines, with the comments in front of them."""
    start = code.span_with_comments(statements[0])[0]
    end = code.span_with_comments(statements[-1])[1]
    return start, end
