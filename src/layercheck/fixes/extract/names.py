"""Names in code: which a stretch of it reads, which it binds, and where the module has them from."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import libcst as cst
from libcst.helpers import get_absolute_module_for_import

from layercheck.fixes.code import Code, Refused
from layercheck.program.entities import Module
from layercheck.rules.view import View

_BUILTINS = frozenset(dir(builtins))
_COMPREHENSIONS = (cst.ListComp, cst.SetComp, cst.DictComp, cst.GeneratorExp)


class Origin(NamedTuple):
    """Where a name comes from: ``name`` of ``module``, or the module itself where ``name`` is empty.

    ``bound`` is the name it has in the file.
    """

    module: str
    name: str
    bound: str


def reads(*nodes: cst.CSTNode) -> dict[str, None]:
    """Return the names ``nodes`` read from around them, in the order they stand."""
    found: dict[str, None] = {}
    for node in nodes:
        for name in _reads(node, frozenset()):
            found[name] = None
    return found


def _reads(node: cst.CSTNode, hidden: frozenset[str]) -> Iterator[str]:
    match node:
        case cst.Name():
            if node.value not in hidden:
                yield node.value
        case cst.Attribute():
            yield from _reads(node.value, hidden)
        case cst.Arg():
            yield from _reads(node.value, hidden)
        case cst.AssignTarget(target=cst.Name()):
            return
        case cst.NamedExpr(target=cst.Name()):
            yield from _reads(node.value, hidden)
        case cst.For(target=target):
            inner = hidden | frozenset(_targets(target))
            yield from _reads(node.iter, hidden)
            yield from _reads(node.body, inner)
            if node.orelse is not None:
                yield from _reads(node.orelse, inner)
        case cst.Lambda():
            inner = hidden | {param.name.value for param in node.params.params}
            yield from _reads(node.body, inner)
        case cst.ListComp() | cst.SetComp() | cst.DictComp() | cst.GeneratorExp():
            yield from _reads_of_comprehension(node, hidden)
        case cst.ExceptHandler(name=cst.AsName(name=cst.Name(value=bound))):
            if node.type is not None:
                yield from _reads(node.type, hidden)
            yield from _reads(node.body, hidden | {bound})
        case _:
            for child in node.children:
                yield from _reads(child, hidden)


def _reads_of_comprehension(node: cst.BaseComp, hidden: frozenset[str]) -> Iterator[str]:
    bound: set[str] = set()
    clause: cst.CompFor | None = node.for_in
    while clause is not None:
        yield from _reads(clause.iter, hidden | bound)
        bound.update(_targets(clause.target))
        for condition in clause.ifs:
            yield from _reads(condition.test, hidden | bound)
        clause = clause.inner_for_in
    if isinstance(node, cst.DictComp):
        yield from _reads(node.key, hidden | bound)
        yield from _reads(node.value, hidden | bound)
    elif isinstance(node, cst.BaseSimpleComp):
        yield from _reads(node.elt, hidden | bound)


def binds(*nodes: cst.CSTNode) -> dict[str, None]:
    """Return the local names ``nodes`` give a value, in the order they stand."""
    found: dict[str, None] = {}
    for node in nodes:
        for name in _binds(node):
            found[name] = None
    return found


def _binds(node: cst.CSTNode) -> Iterator[str]:
    match node:
        case cst.AssignTarget() | cst.AnnAssign() | cst.AugAssign() | cst.NamedExpr() | cst.For():
            yield from _targets(node.target)
        case cst.AsName():
            yield from _targets(node.name)
        case cst.FunctionDef() | cst.ClassDef():
            yield node.name.value
            return
        case cst.ImportAlias(asname=None):
            yield node.evaluated_name.partition(".")[0]
        case cst.Lambda():
            return
    for child in node.children:
        if not isinstance(child, _COMPREHENSIONS):
            yield from _binds(child)


def _targets(node: cst.BaseExpression) -> Iterator[str]:
    match node:
        case cst.Name():
            yield node.value
        case cst.Tuple() | cst.List():
            for element in node.elements:
                yield from _targets(element.value)
        case cst.StarredElement():
            yield from _targets(node.value)


def is_same(view: View, one: Origin, other: Origin) -> bool:
    """Return whether two ways of importing lead to the same thing, re-exports followed.

    Of packages from outside, which are not read, a name is one thing.
    """
    if (one.module, one.name) == (other.module, other.name):
        return True
    if one.name != other.name or one.module.partition(".")[0] != other.module.partition(".")[0]:
        return False
    modules = {module.name: module for module in view.project.program.modules}
    if one.module not in modules or other.module not in modules:
        return one.module not in modules and other.module not in modules
    found = view.imports.entity(modules[one.module], one.name)
    return found is not None and found is view.imports.entity(modules[other.module], other.name)


class Origins:
    """Where the names of one file come from."""

    def __init__(self, code: Code, module: Module) -> None:
        self._code = code
        self.module = module
        self._imported: dict[str, Origin] = {}
        self._defined: set[str] = set()
        for statement in code.module.body:
            self._read(statement)

    def of(self, name: str) -> Origin | None:
        """Return where ``name`` comes from, None for a builtin; raises `Refused` where that is not clear."""
        found = self._imported.get(name)
        if found is not None:
            return found
        if name in self._defined:
            return Origin(self.module.name, name, name)
        if name in _BUILTINS:
            return None
        raise Refused(f"{self._code.path} does not say by name where `{name}` comes from")

    def knows(self, name: str) -> bool:
        """Return whether the module binds ``name`` itself."""
        return name in self._imported or name in self._defined

    def defines(self, name: str) -> bool:
        """Return whether ``name`` is made in the module, not imported."""
        return name in self._defined

    def called(self, module: str, name: str) -> str | None:
        """Return how the file calls ``name`` of ``module``, None where it does not import it."""
        return next(
            (one.bound for one in self._imported.values() if (one.module, one.name) == (module, name)), None
        )

    def _read(self, statement: cst.BaseStatement) -> None:
        if isinstance(statement, (cst.FunctionDef, cst.ClassDef)):
            self._defined.add(statement.name.value)
        elif isinstance(statement, cst.SimpleStatementLine):
            for small in statement.body:
                if isinstance(small, cst.ImportFrom):
                    self._from(small)
                elif isinstance(small, cst.Import):
                    self._import(small)
            self._defined.update(name for name in binds(statement) if name not in self._imported)
        elif isinstance(statement, cst.If) and "TYPE_CHECKING" in self._code.source(statement.test):
            for inner in statement.body.body if isinstance(statement.body, cst.IndentedBlock) else ():
                self._read(inner)

    def _from(self, small: cst.ImportFrom) -> None:
        here = self.module.name
        package = f"{here}.x" if self.module.source.is_package else here
        source = get_absolute_module_for_import(package, small) if small.relative else _dotted(small.module)
        if source is None or isinstance(small.names, cst.ImportStar):
            return
        for alias in small.names:
            bound = alias.evaluated_alias or alias.evaluated_name
            self._imported[bound] = Origin(source, alias.evaluated_name, bound)

    def _import(self, small: cst.Import) -> None:
        for alias in small.names:
            name, bound = alias.evaluated_name, alias.evaluated_alias
            if bound is not None:
                self._imported[bound] = Origin(name, "", bound)
            else:
                top = name.partition(".")[0]
                self._imported[top] = Origin(name, "", top)


def _dotted(node: cst.BaseExpression | None) -> str:
    if isinstance(node, cst.Attribute):
        return f"{_dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


def paths_of(name: str, nodes: Iterable[cst.CSTNode], code: Code) -> tuple[dict[str, None], bool]:
    """Return the attributes read of the local ``name`` in ``nodes``, and whether that is all done with it."""
    attributes: dict[str, None] = {}
    only = True
    for node in nodes:
        for one in uses(name, node):
            parent = code.parent(one)
            around = code.parent(parent)
            is_called = isinstance(around, cst.Call) and around.func is parent
            is_set = isinstance(around, (cst.AssignTarget, cst.AugAssign, cst.AnnAssign, cst.Del))
            if isinstance(parent, cst.Attribute) and parent.value is one and not is_called and not is_set:
                attributes[parent.attr.value] = None
            else:
                only = False
    return attributes, only


def uses(name: str, node: cst.CSTNode) -> Iterator[cst.Name]:
    """Yield where ``name`` is read in ``node``: no attribute, no keyword."""
    if isinstance(node, cst.Name):
        if node.value == name:
            yield node
    elif isinstance(node, cst.Attribute):
        yield from uses(name, node.value)
    elif isinstance(node, cst.Arg):
        yield from uses(name, node.value)
    else:
        for child in node.children:
            yield from uses(name, child)
