"""From facts to entities: one pass over the statements of each file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from layercheck.facts import records as r
from layercheck.facts.records import FileFacts
from layercheck.program.entities import NO_NAMES, Class, Entity, Function, Module, Program
from layercheck.sources.source import Source

TYPE_CHECKING_NAME = "TYPE_CHECKING"

_COMPOUND = frozenset({r.If, r.For, r.While, r.With, r.Try, r.Match})
"""Statements with blocks that run in the same scope."""

_SILENT = frozenset({r.Evaluate, r.Return, r.Raise, r.Assert, r.Delete, r.Jump, r.While})
"""Statements that declare nothing themselves: half of all."""


def build_program(files: Iterable[tuple[Source, FileFacts]]) -> Program:
    """Return the program the files define together."""
    modules = []
    for source, facts in files:
        module = Module(source, facts)
        module.bound, _ = _declare(facts.body, module)
        modules.append(module)
    return Program(modules)


def bodies(statement: r.Stmt) -> Iterator[tuple[r.Stmt, ...]]:
    """Yield the blocks of a compound statement that run in the same scope."""
    match statement:
        case r.If() | r.For() | r.While():
            yield statement.body
            yield statement.orelse
        case r.With():
            yield statement.body
        case r.Try():
            yield statement.body
            for handler in statement.handlers:
                yield handler.body
            yield statement.orelse
            yield statement.finalbody
        case r.Match():
            for case in statement.cases:
                yield case.body


def statements(body: tuple[r.Stmt, ...]) -> Iterator[r.Stmt]:
    """Yield all statements of one scope in source order, without those of nested definitions."""
    for statement in body:
        yield statement
        if statement.__class__ in _COMPOUND:
            for block in bodies(statement):
                yield from statements(block)


def target_names(target: r.Target) -> Iterator[str]:
    """Yield the plain names an assignment target binds."""
    match target:
        case r.Name(id=name):
            yield name
        case r.Sequence(items=items):
            for item in items:
                yield from target_names(item)
        case r.Star(value=value):
            yield from target_names(value)


def _pattern_names(pattern: r.Pattern) -> Iterator[str]:
    if pattern.capture:
        yield pattern.capture
    for part in pattern.parts:
        yield from _pattern_names(part)


def _declare(body: tuple[r.Stmt, ...], parent: Entity) -> tuple[frozenset[str], frozenset[str]]:
    """Create the entities of one scope; return the names it binds, and those it declares elsewhere."""
    names: set[str] = set()
    outer: set[str] = set()
    module = parent.module
    scope = parent
    while isinstance(scope, Class):
        scope = scope.parent
    for statement in statements(body):
        if statement.__class__ in _SILENT:
            continue
        match statement:
            case r.Function():
                names.add(statement.name)
                _declare_function(statement, parent)
            case r.Class():
                names.add(statement.name)
                _declare_class(statement, parent)
            case r.Import():
                module.imports.append((statement, scope))
                names.update(alias.asname or alias.name.partition(".")[0] for alias in statement.names)
            case r.ImportFrom():
                module.imports.append((statement, scope))
                if any(alias.name == "*" for alias in statement.names):
                    module.stars.append(statement)
                names.update(alias.asname or alias.name for alias in statement.names if alias.name != "*")
            case r.Assign():
                for target in statement.targets:
                    if isinstance(target, r.Name):
                        names.add(target.id)
                    else:
                        names.update(target_names(target))
            case r.If() if _asks_for_type_checking(statement.test):
                module.typing_guards.append((statement, scope))
            case r.Annotated():
                names.update(target_names(statement.target))
                if isinstance(parent, Class) and isinstance(statement.target, r.Name):
                    parent.annotations[statement.target.id] = statement
            case r.Augmented():
                names.update(target_names(statement.target))
            case r.For():
                names.update(target_names(statement.target))
            case r.TypeAlias():
                names.add(statement.name)
            case r.With():
                for item in statement.items:
                    if item.target is not None:
                        names.update(target_names(item.target))
            case r.Try():
                names.update(handler.name for handler in statement.handlers if handler.name)
            case r.Match():
                for case in statement.cases:
                    names.update(_pattern_names(case.pattern))
            case r.Scope():
                outer.update(statement.names)
    return frozenset(names - outer), frozenset(outer) if outer else NO_NAMES


def _asks_for_type_checking(test: r.Expr) -> bool:
    match test:
        case r.Name(id=name) | r.Attribute(name=name):
            return name == TYPE_CHECKING_NAME
    return False


def _declare_function(node: r.Function, parent: Entity) -> None:
    function = Function(node, parent)
    parent.module.functions.append(function)
    if isinstance(parent, Class):
        parent.methods[node.name] = function
    elif isinstance(parent, Function):
        parent.captures = True
        parent.nested.append(function)
    names, function.outers = _declare(node.body, function)
    function.bound = names | {param.name for param in node.params}


def _declare_class(node: r.Class, parent: Entity) -> None:
    cls = Class(node, parent)
    parent.module.classes.append(cls)
    if isinstance(parent, Class):
        parent.classes.setdefault(node.name, cls)
    elif isinstance(parent, Function):
        parent.captures = True
    cls.bound, _ = _declare(node.body, cls)
