"""Imports that a change leaves without use."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator

import libcst as cst
from libcst.metadata import GlobalScope, ImportAssignment

from layercheck.fixes.code import Code, Edit
from layercheck.fixes.import_lines import import_lines
from layercheck.rules.view import View

_WORD = re.compile(r"\w+")


def without_leftovers(view: View, before: Code, data: bytes) -> bytes:
    """Return the contents ``data`` of the file ``before`` became, without imports only ``before`` used.

    What another module takes from the file stays, and all of a package's own file.
    """
    after = Code(before.path, data)
    if not _may_be_idle(before, after):
        return data
    idle = _unused(after) - _unused(before)
    taken = _taken(view, before.path) if idle else frozenset()
    if not idle or taken is None:
        return data
    gone = {name for name in idle if name not in taken}
    edits = list(_removals(after, gone))
    return after.with_edits(edits) if edits else data


def _may_be_idle(before: Code, after: Code) -> bool:
    """Return whether an imported name is written less often, which is cheaper to know than who uses it."""
    was, now = Counter(_WORD.findall(before.text)), Counter(_WORD.findall(after.text))
    return any(now[word] < was[word] for word in _bound_by_imports(after))


def _bound_by_imports(code: Code) -> Iterator[str]:
    for _, small in import_lines(code):
        if not isinstance(small.names, cst.ImportStar):
            yield from (_bound(alias).partition(".")[0] for alias in small.names)


def _unused(code: Code) -> set[str]:
    """Return the names the module imports and does not use."""
    found: dict[str, bool] = {}
    for scope in code.scopes():
        if isinstance(scope, GlobalScope):
            for one in scope.assignments:
                if isinstance(one, ImportAssignment):
                    found[one.name] = found.get(one.name, False) or bool(one.references)
    exported = {node.raw_value for node in code.nodes(cst.SimpleString) if isinstance(node.raw_value, str)}
    return {name for name, is_used in found.items() if not is_used and name not in exported}


def _taken(view: View, path: str) -> frozenset[str] | None:
    """Return the names other modules take from the file at ``path``, None where that may be any."""
    module = next((one for one in view.project.program.modules if one.path == path), None)
    if module is None or module.source.is_package:
        return None
    return view.imports.taken(module)


def _removals(code: Code, names: set[str]) -> Iterator[Edit]:
    """Yield the edits that take the imports of ``names`` away."""
    for statement, small in import_lines(code):
        if not isinstance(small.names, cst.ImportStar):
            yield from without_names(code, statement, small, names)


def without_names(
    code: Code, statement: cst.SimpleStatementLine, small: cst.Import | cst.ImportFrom, names: Collection[str]
) -> Iterator[Edit]:
    """Yield the edits that take names out of an import statement, with the whole of it where that is all."""
    assert not isinstance(small.names, cst.ImportStar)
    aliases = list(small.names)
    kept = [alias for alias in aliases if _bound(alias) not in names]
    if not kept:
        place = code.range(statement)
        end = place.end.line + 1
        if _is_blank(code, place.start.line - 1) and _is_blank(code, end):
            end += 1
        yield code.delete(code.line_start(place.start.line), code.line_start(end))
    elif len(kept) < len(aliases):
        yield from _without(code, aliases, names)


def _is_blank(code: Code, line: int) -> bool:
    """Return whether a line holds nothing, or lies before the first one."""
    return line < 1 or not code.text[code.line_start(line) : code.line_start(line + 1)].strip()


def _bound(alias: cst.ImportAlias) -> str:
    return alias.evaluated_alias or alias.evaluated_name


def _without(code: Code, aliases: list[cst.ImportAlias], names: Collection[str]) -> Iterator[Edit]:
    """Yield the edits that take some of the names of a statement away, each with a comma."""
    last_kept = max(index for index, alias in enumerate(aliases) if _bound(alias) not in names)
    for index, alias in enumerate(aliases):
        if _bound(alias) not in names:
            continue
        if index < last_kept:
            yield code.delete(code.span(alias)[0], code.span(aliases[index + 1])[0])
        else:
            # the comma in front goes: what follows the last name may be a comment or a bracket
            yield code.delete(_end_of_name(code, aliases[index - 1]), _end_of_name(code, alias))


def _end_of_name(code: Code, alias: cst.ImportAlias) -> int:
    """Return where an imported name ends, without its comma."""
    last = alias.asname.name if alias.asname is not None else alias.name
    return code.span(last)[1]
