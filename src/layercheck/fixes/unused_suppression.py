"""LC001: take away comments, or the codes of comments, that silence nothing."""

from __future__ import annotations

import re

from layercheck.facts.pragmas import find_pragmas
from layercheck.finding import Finding
from layercheck.fixes.code import Code, Edit, Refused
from layercheck.fixes.fix import Change, Context, Fix

_ENTRY = re.compile(r"[A-Za-z][\w-]*")


class DropSuppression(Fix):
    """Takes away what silences nothing; what else the comment says stays."""

    code = "LC001"

    def change(self, finding: Finding, context: Context) -> Change:
        """Return the comment without the entries the finding names."""
        code, place = context.code(finding.place.path), finding.place
        # columns of comments are counted in text whose line ends are newlines, as lines are
        normal = code.text.replace("\r\n", "\n").replace("\r", "\n")
        for pragma in find_pragmas(normal):
            if (pragma.line, pragma.column) == (place.line, place.column - 1):
                break
        else:
            raise Refused("the comment is not where it was expected")
        start = code.offset(pragma.line, pragma.column)
        end = code.offset(pragma.line, pragma.end_column)
        idle = set(finding.target.split(", ")) if finding.target else set()
        kept = [entry for entry in pragma.codes if entry not in idle]
        if not kept:
            return Change("removed the comment", (_without(code, pragma.line, start, end),))
        edit = Edit(code.path, start, end, _shortened(code.text[start:end], idle))
        return Change(f"removed {finding.target} from the comment", (edit,))


def _without(code: Code, line: int, start: int, end: int) -> Edit:
    """Return the edit that removes a comment up to the next one; a line left empty goes with it."""
    first, after = code.line_start(line), code.line_start(line + 1)
    rest = code.text[end:after]
    following = rest.find("#")
    if following >= 0:
        return code.delete(start, end + following)
    end = after - (len(rest) - len(rest.rstrip("\r\n")))
    before = code.text[first:start]
    if not before.strip():
        return code.delete(first, after)
    return code.delete(first + len(before.rstrip()), end)


def _shortened(comment: str, idle: set[str]) -> str:
    """Return ``comment`` without the entries ``idle``; the others stay as they are written."""
    opening = comment.find("[") + 1 or comment.find(":") + 1
    closing = comment.find("]") if "[" in comment else len(comment)
    entries = list(_ENTRY.finditer(comment, opening, closing))
    kept = [one for one in entries if _named(one[0]) not in idle]
    head, tail = comment[: entries[0].start()], comment[entries[-1].end() :]
    parts = [kept[0][0]]
    for one in kept[1:]:
        before = entries[entries.index(one) - 1]
        parts.append(comment[before.end() : one.start()] + one[0])
    return head + "".join(parts) + tail


def _named(entry: str) -> str:
    return entry.upper() if entry[-1].isdigit() else entry
