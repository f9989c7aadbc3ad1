"""By which name a file may use something: one it has, or one it is to import without making a circle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst

from layercheck.fixes.code import Code, Refused
from layercheck.fixes.fix import Context, Needed
from layercheck.fixes.import_lines import aliases, import_lines, source_of
from layercheck.location import line_of
from layercheck.program.entities import Class, Function, Module

WOULD_BE_A_CIRCLE = "importing {} would make a circle"


class Imports:
    """The imports one change needs in one file; ``needed`` are those that are missing.

    ``module`` is None for a file that is yet to be made. Circles are refused here, unless the change takes
    imports away that would be part of them: then what comes out tells.
    """

    def __init__(
        self, context: Context, code: Code, module: Module | None, refuses_circles: bool = True
    ) -> None:
        self._refuses_circles = refuses_circles
        self._context = context
        self._code = code
        self._module = module
        self._needed: dict[Needed, None] = {}

    @property
    def needed(self) -> tuple[Needed, ...]:
        """What was asked for and is missing, in the order of the first question."""
        return tuple(self._needed)

    def element(self, element: Class | Function) -> str:
        """Return the name by which the file may use a class or function of the project.

        Raises `Refused` where the name means something else there, or the import would make a circle.
        """
        if not isinstance(element.parent, Module):
            raise Refused(f"{element.qualname} is not defined at the top of its module")
        if element.module is self._module:
            return element.name
        known = self._known(element.module, element.name)
        if known is not None:
            return known
        return self.made(element.module.name, element.name, (element.module,))

    def made(self, module: str, name: str, behind: Iterable[Module]) -> str:
        """Return the name by which the file may use what is to be made in ``module``.

        ``behind`` are the modules that loading ``module`` leads to.
        """
        if self._refuses_circles and any(map(self._leads_back, behind)):
            raise Refused(WOULD_BE_A_CIRCLE.format(module))
        return self.name(module, name)

    def name(self, module: str, name: str) -> str:
        """Return the name by which the file may use ``name`` of ``module``."""
        for _, small in import_lines(self._code):
            if isinstance(small, cst.ImportFrom) and source_of(small, self._module) == module:
                for alias in aliases(small):
                    if alias.evaluated_name == name:
                        return alias.evaluated_alias or name
        if name in self._code.names:
            raise Refused(f"the name {name} is taken in {self._code.path}")
        self._needed[Needed(self._code.path, module, name)] = None
        return name

    def copied(self, name: str, origin: Module) -> None:
        """Make ``name`` mean the same in this file as at the top of ``origin``.

        Raises `Refused` where that cannot be had.
        """
        if origin is self._module:
            return
        for one in reversed(self._context.view.imports.of_module[origin]):
            if one.bound == name and one.scope is origin:
                if isinstance(one.target, Module) and one.name:
                    wanted = self._known(one.target, one.name)
                    found = wanted or self.made(one.target.name, one.name, (one.target,))
                elif isinstance(one.target, str) and "." in one.target and one.written != one.target:
                    module, _, last = one.target.rpartition(".")
                    found = self.name(module, last)
                else:
                    found = ""
                if found == name:
                    return
                raise Refused(f"{name} cannot be imported by that name in {self._code.path}")
        if name in origin.bound:
            if self.made(origin.name, name, (origin,)) != name:
                raise Refused(f"{name} has another name in {self._code.path}")

    def _known(self, module: Module, name: str) -> str | None:
        """Return the name a definition already has in the file, imported when the module is loaded."""
        if self._module is None:
            return None
        tops = {self._code.range(statement).start.line for statement, _ in import_lines(self._code)}
        for one in self._context.view.imports.of_module[self._module]:
            if one.target is module and one.name == name and line_of(one.at) in tops:
                return one.bound
        return None

    def _leads_back(self, start: Module) -> bool:
        """Return whether ``start`` loads this module, directly or by what it imports."""
        if self._module is None:
            return False
        return self._module in loaded_by(self._context, start)


def loaded_by(context: Context, start: Module) -> Iterable[Module]:
    """Return ``start`` and the modules that loading it leads to."""
    edges = context.view.imports.edges()
    seen: dict[Module, None] = {}
    pending = [start]
    while pending:
        module = pending.pop()
        if module not in seen:
            seen[module] = None
            pending.extend(edges.get(module, ()))
    return seen.keys()


def names_in(node: cst.CSTNode) -> Iterator[str]:
    """Yield the names an expression reads, attributes and names of arguments left out."""
    if isinstance(node, cst.Name):
        yield node.value
    elif isinstance(node, cst.Attribute):
        yield from names_in(node.value)
    elif isinstance(node, cst.Arg):
        yield from names_in(node.value)
    else:
        for child in node.children:
            yield from names_in(child)
