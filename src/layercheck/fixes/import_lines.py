"""The import statements at the top of a file, and where a new one goes."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

import libcst as cst
from libcst.helpers import get_absolute_module_for_import

from layercheck.fixes.code import Code, Edit
from layercheck.program.entities import Module, Program

Statement = tuple[cst.SimpleStatementLine, cst.Import | cst.ImportFrom]

_Import = tuple[str, list[str]]
"""A module, and the names to import from it; none to import the module itself."""

_FUTURE, _STANDARD, _OTHERS, _OWN, _RELATIVE = range(5)


def import_lines(code: Code) -> Iterator[Statement]:
    """Yield the import statements of the module itself, one to a line."""
    for statement in code.module.body:
        if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
            small = statement.body[0]
            if isinstance(small, (cst.Import, cst.ImportFrom)):
                yield statement, small


def source_of(small: cst.ImportFrom, module: Module | None) -> str | None:
    """Return the absolute name of what ``from ... import`` in ``module`` imports from."""
    if not small.relative:
        return _dotted(small.module)
    if module is None:
        return None
    here = f"{module.name}.x" if module.source.is_package else module.name
    return get_absolute_module_for_import(here, small)


def aliases(small: cst.ImportFrom) -> list[cst.ImportAlias]:
    """Return the names a statement imports, none for a star."""
    return [] if isinstance(small.names, cst.ImportStar) else list(small.names)


class ImportLines:
    """Adds imports to a file: to a statement that is there, else in the group and order of those there."""

    def __init__(self, code: Code, module: Module | None, program: Program) -> None:
        self._code = code
        self._module = module
        self._own = {one.name.partition(".")[0] for one in program.modules}
        self._top = list(import_lines(code))

    def added(self, wanted: Iterable[tuple[str, str]]) -> Iterator[Edit]:
        """Yield the edits that import pairs of a module and a name; without a name the module itself."""
        names: dict[str, set[str]] = {}
        fresh: dict[int, list[_Import]] = {}
        for module, name in sorted(set(wanted)):
            if name:
                names.setdefault(module, set()).add(name)
            else:
                fresh.setdefault(self._rank(module), []).append((module, []))
        for module, given in sorted(names.items()):
            statement = self._statement_for(module)
            if statement is None:
                fresh.setdefault(self._rank(module), []).append((module, sorted(given)))
            else:
                yield self._extended(*statement, sorted(given))
        if fresh and not self._top:
            yield self._first(fresh)
            return
        for rank, imports in sorted(fresh.items()):
            yield from self._into_group(rank, sorted(imports))

    def _statement_for(self, module: str) -> tuple[cst.SimpleStatementLine, cst.ImportFrom] | None:
        for statement, small in self._top:
            if isinstance(small, cst.ImportFrom) and aliases(small):
                if source_of(small, self._module) == module:
                    return statement, small
        return None

    def _into_group(self, rank: int, imports: list[_Import]) -> Iterator[Edit]:
        ranked = [(self._rank_of(small), statement) for statement, small in self._top]
        same = [(name, statement) for (one, name), statement in ranked if one == rank]
        if not same:
            block = "".join(_line(module, names) for module, names in imports)
            lower = [statement for (one, _), statement in ranked if one < rank]
            yield self._behind(lower[-1], f"\n{block}") if lower else self._in_front(
                ranked[0][1], f"{block}\n"
            )
            return
        for module, names in imports:
            before = [statement for name, statement in same if name <= module]
            text = _line(module, names)
            yield self._behind(before[-1], text) if before else self._in_front(same[0][1], text)

    def _behind(self, statement: cst.CSTNode, text: str) -> Edit:
        return self._code.insert_line(self._code.range(statement).end.line + 1, text)

    def _in_front(self, statement: cst.CSTNode, text: str) -> Edit:
        return self._code.insert_line(self._code.range(statement).start.line, text)

    def _extended(
        self, statement: cst.SimpleStatementLine, small: cst.ImportFrom, names: list[str]
    ) -> Edit:
        """Return what adds ``names`` to a statement that imports others of the module."""
        known = aliases(small)
        written = [alias.evaluated_name for alias in known]
        place = self._code.range(statement)
        is_long = place.start.line != place.end.line
        key = str if written == sorted(written) else str.lower
        first, end = self._code.span(known[0])[0], _end(self._code, known[-1])
        indent = self._code.indent_of(self._code.range(known[0]).start.line)
        lines = {self._code.range(one).start.line for one in known}
        is_column = is_long and len(lines) == len(known) and place.start.line not in lines
        is_plain = "#" not in self._code.text[first:end]
        if written == sorted(written, key=key) and is_plain and (is_column or not is_long):
            shown = (self._code.text[self._code.span(one)[0] : _end(self._code, one)] for one in known)
            every = list(zip(written, shown, strict=True))
            every += [(name, name) for name in names]
            separator = f",{self._code.newline}{indent}" if is_column else ", "
            text = separator.join(one for _, one in sorted(every, key=lambda one: key(one[0])))
            return Edit(self._code.path, first, end, text)
        line = self._code.range(known[-1]).start.line
        has_own_line = is_long and self._code.range(known[0]).start.line != place.start.line
        if has_own_line and (len(known) == 1 or self._code.range(known[-2]).start.line != line):
            indent = self._code.indent_of(line)
            return self._code.insert(end, "".join(f",\n{indent}{name}" for name in names))
        return self._code.insert(end, "".join(f", {name}" for name in names))

    def _first(self, groups: dict[int, list[_Import]]) -> Edit:
        """Return the first imports of a file: behind its docstring, in front of everything else."""
        text = "\n".join(
            "".join(_line(module, names) for module, names in sorted(imports))
            for _, imports in sorted(groups.items())
        )
        body = self._code.module.body
        if not body:
            return self._code.insert(len(self._code.text), text)
        if self._code.module.get_docstring() is not None:
            return self._behind(body[0], f"\n{text}")
        line = self._code.range(body[0]).start.line
        return self._code.insert(self._code.line_start(line), f"{text}\n\n")

    def _rank_of(self, small: cst.Import | cst.ImportFrom) -> tuple[int, str]:
        if isinstance(small, cst.ImportFrom):
            if small.relative:
                return _RELATIVE, ""
            name = _dotted(small.module)
        else:
            name = small.names[0].evaluated_name
        return self._rank(name), name

    def _rank(self, module: str) -> int:
        """Return the group a module is imported in: the future, Python itself, others, the project."""
        top = module.partition(".")[0]
        if top == "__future__":
            return _FUTURE
        if top in self._own:
            return _OWN
        return _STANDARD if top in sys.stdlib_module_names else _OTHERS


def _end(code: Code, alias: cst.ImportAlias) -> int:
    """Return where an imported name ends, without its comma."""
    return code.span(alias.asname.name if alias.asname is not None else alias.name)[1]


def _line(module: str, names: list[str]) -> str:
    return f"from {module} import {', '.join(names)}\n" if names else f"import {module}\n"


def _dotted(node: cst.BaseExpression | None) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""
