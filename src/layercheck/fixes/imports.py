"""Adding an import: once, where it belongs, and never one that makes a circle."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import libcst as cst
from libcst.helpers import get_absolute_module_for_import

from layercheck.fixes.code import Code, Edit, Refused
from layercheck.fixes.fix import Context
from layercheck.location import line_of
from layercheck.program.entities import Class, Function, Module

Statement = tuple[cst.SimpleStatementLine, cst.Import | cst.ImportFrom]


class Imports:
    """The imports one change needs in one file; ``edits`` add those that are missing."""

    def __init__(self, context: Context, code: Code, module: Module) -> None:
        self._context = context
        self._code = code
        self._module = module
        self._wanted: dict[str, dict[str, None]] = {}

    def element(self, element: Class | Function) -> str:
        """Return the name by which the file may use a class or function of the project.

        Raises `Refused` where the name means something else there, or the import would make a circle.
        """
        if not isinstance(element.parent, Module):
            raise Refused(f"{element.qualname} is not defined at the top of its module")
        if element.module is self._module:
            return element.name
        known = self._known(element)
        if known is not None:
            return known
        if self._leads_back(element.module):
            raise Refused(f"importing {element.module.name} would make a circle")
        return self.name(element.module.name, element.name)

    def name(self, module: str, name: str) -> str:
        """Return the name by which the file may use ``name`` of ``module``."""
        for _, small in self._top():
            if isinstance(small, cst.ImportFrom) and self._source(small) == module:
                for alias in _aliases(small):
                    if alias.evaluated_name == name:
                        return alias.evaluated_alias or name
        if name in self._code.names():
            raise Refused(f"the name {name} is taken in {self._code.path}")
        self._wanted.setdefault(module, {})[name] = None
        return name

    def edits(self) -> tuple[Edit, ...]:
        """Return what adds the imports that were asked for and are missing."""
        return tuple(self._added(module, sorted(names)) for module, names in sorted(self._wanted.items()))

    # What is there ------------------------------------------------------------------------------

    def _top(self) -> Iterator[Statement]:
        """Yield the import statements of the module itself, one to a line."""
        for statement in self._code.module.body:
            if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
                small = statement.body[0]
                if isinstance(small, (cst.Import, cst.ImportFrom)):
                    yield statement, small

    def _source(self, small: cst.ImportFrom) -> str | None:
        if not small.relative:
            return _dotted(small.module)
        here = self._module.name
        return get_absolute_module_for_import(f"{here}.x" if self._module.source.is_package else here, small)

    def _known(self, element: Class | Function) -> str | None:
        """Return the name ``element`` already has in the file, imported when the module is loaded."""
        tops = {self._code.range(statement).start.line for statement, _ in self._top()}
        for one in self._context.view.imports.of_module[self._module]:
            is_it = one.target is element.module and one.name == element.name
            if is_it and line_of(one.at) in tops:
                return one.bound
        return None

    def _leads_back(self, start: Module) -> bool:
        """Return whether ``start`` loads this module, directly or by what it imports."""
        edges = self._context.view.imports.edges()
        seen: set[Module] = set()
        pending = [start]
        while pending:
            module = pending.pop()
            if module is self._module:
                return True
            if module not in seen:
                seen.add(module)
                pending.extend(edges.get(module, ()))
        return False

    # Where the new one goes ---------------------------------------------------------------------

    def _added(self, module: str, names: list[str]) -> Edit:
        for statement, small in self._top():
            if isinstance(small, cst.ImportFrom) and self._source(small) == module and _aliases(small):
                return self._extended(statement, small, names)
        text = f"from {module} import {', '.join(names)}\n"
        group = self._rank(module)
        ranked = [(self._rank_of(small), statement) for statement, small in self._top()]
        same = [(name, statement) for (rank, name), statement in ranked if rank == group]
        if before := [statement for name, statement in same if name <= module]:
            return self._behind(before[-1], text)
        if same:
            return self._in_front(same[0][1], text)
        if lower := [statement for (rank, _), statement in ranked if rank < group]:
            return self._behind(lower[-1], f"\n{text}")
        return self._in_front(ranked[0][1], f"{text}\n") if ranked else self._first(text)

    def _behind(self, statement: cst.CSTNode, text: str) -> Edit:
        return self._code.insert_line(self._code.range(statement).end.line + 1, text)

    def _in_front(self, statement: cst.CSTNode, text: str) -> Edit:
        return self._code.insert_line(self._code.range(statement).start.line, text)

    def _extended(self, statement: cst.SimpleStatementLine, small: cst.ImportFrom, names: list[str]) -> Edit:
        """Return what adds ``names`` to a statement that imports others of the module."""
        aliases = _aliases(small)
        written = [alias.evaluated_name for alias in aliases]
        place = self._code.range(statement)
        is_long = place.start.line != place.end.line
        is_sorted = written == sorted(written, key=str.lower)
        if not is_long and is_sorted and len(names) == 1:
            for alias, name in zip(aliases, written, strict=True):
                if names[0].lower() < name.lower():
                    return self._code.insert(self._code.span(alias)[0], f"{names[0]}, ")
        last = aliases[-1]
        ending = last.asname.name if last.asname is not None else last.name
        end = self._code.span(ending)[1]
        line = self._code.range(last).start.line
        has_own_line = is_long and self._code.range(aliases[0]).start.line != place.start.line
        if has_own_line and (len(aliases) == 1 or self._code.range(aliases[-2]).start.line != line):
            return self._code.insert(end, "".join(f",\n{self._code.indent_of(line)}{name}" for name in names))
        return self._code.insert(end, "".join(f", {name}" for name in names))

    def _first(self, text: str) -> Edit:
        """Return the first import of a file: behind its docstring, in front of everything else."""
        body = self._code.module.body
        if not body:
            return self._code.insert(len(self._code.text), text)
        if self._code.module.get_docstring() is not None:
            line = self._code.range(body[0]).end.line + 1
            return self._code.insert_line(line, f"\n{text}")
        line = self._code.range(body[0]).start.line
        return self._code.insert(self._code.line_start(line), f"{text}\n\n")

    def _rank_of(self, small: cst.Import | cst.ImportFrom) -> tuple[int, str]:
        if isinstance(small, cst.ImportFrom):
            if small.relative:
                return 4, ""
            name = _dotted(small.module)
        else:
            name = small.names[0].evaluated_name
        return self._rank(name), name

    def _rank(self, module: str) -> int:
        """Return the group a module is imported in: the future, Python itself, others, the project."""
        top = module.partition(".")[0]
        if top == "__future__":
            return 0
        own = {one.name.partition(".")[0] for one in self._context.view.project.program.modules}
        if top in own:
            return 3
        return 1 if top in sys.stdlib_module_names else 2


def _aliases(small: cst.ImportFrom) -> list[cst.ImportAlias]:
    return [] if isinstance(small.names, cst.ImportStar) else list(small.names)


def _dotted(node: cst.BaseExpression | None) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""
