"""From changes to the contents of files: edits, imports and definitions of many changes, each made once."""

from __future__ import annotations

from collections.abc import Sequence

from layercheck.fixes.code import Code, Edit, Refused
from layercheck.fixes.fix import Change, Context, Definition, Needed
from layercheck.fixes.import_lines import ImportLines
from layercheck.fixes.leftovers import without_leftovers

CODE = (".py", ".pyi")


def changed_files(context: Context, changes: Sequence[Change]) -> dict[str, bytes]:
    """Return the contents of the files ``changes`` touch, without imports they leave unused.

    Raises `Refused` where a file would not be valid.
    """
    edits: dict[str, dict[Edit, None]] = {}
    needed: dict[str, dict[Needed, None]] = {}
    definitions: dict[str, dict[Definition, None]] = {}
    for change in changes:
        for edit in (*change.edits, *change.added, *change.shared):
            edits.setdefault(edit.path, {})[edit] = None
        for name in change.imports:
            needed.setdefault(name.path, {})[name] = None
        for definition in change.definitions:
            definitions.setdefault(definition.path, {})[definition] = None
    paths = sorted({*edits, *needed, *definitions})
    return {
        path: _changed(
            context, path, list(edits.get(path, ())), needed.get(path, {}), definitions.get(path, {})
        )
        for path in paths
    }


def _changed(
    context: Context,
    path: str,
    edits: list[Edit],
    needed: dict[Needed, None],
    definitions: dict[Definition, None],
) -> bytes:
    if not path.endswith(CODE):
        (edit,) = edits
        return edit.new.encode("utf-8")
    code = context.code(path)
    key = (path, *map(tuple, (edits, needed, definitions)))
    if key not in context.made:
        context.made[key] = _composed(context, code, edits, needed, definitions)
    return context.made[key]


def _composed(
    context: Context,
    code: Code,
    edits: list[Edit],
    needed: dict[Needed, None],
    definitions: dict[Definition, None],
) -> bytes:
    path = code.path
    lines = ImportLines(code, context.module(path), context.view.project.program)
    imports = list(lines.added((one.module, one.name) for one in needed))
    if any(one.start < other.end and other.start < one.end for one in imports for other in edits):
        raise Refused(f"the imports of {path} are changed, too")
    placed = [
        code.insert(one.offset, f"{one.text}\n\n") for one in definitions if one.offset is not None
    ]
    last = [one.text for one in definitions if one.offset is None]
    data = code.with_edits([*imports, *edits, *placed, *_appended(code, last, bool(imports))])
    return without_leftovers(context.view, code, data)


def _appended(code: Code, texts: list[str], has_imports: bool) -> list[Edit]:
    """Return the edit that puts definitions at the end of a file, each behind two blank lines."""
    if not texts:
        return []
    text = "\n\n".join(texts)
    if code.text.strip() or has_imports:
        ends = code.text.replace("\r\n", "\n").replace("\r", "\n")
        there = len(ends) - len(ends.rstrip("\n")) if ends else 1
        text = "\n" * max(3 - there, 0) + text
    return [code.insert(len(code.text), text)]


def overlap(one: Edit, other: Edit) -> bool:
    """Return whether two edits of different changes must not be made together."""
    if one.path != other.path:
        return False
    if one.start == other.start:
        return True
    return one.start < other.end and other.start < one.end
