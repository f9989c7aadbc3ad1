"""Statements: from ``ast`` nodes to records."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, Final

from layercheck.facts.expressions import (
    EXPRESSIONS,
    read,
    read_all,
    read_arguments,
    read_optional,
    read_parameters,
)
from layercheck.facts.literals import OPERATORS
from layercheck.facts.patterns import read_pattern
from layercheck.facts.records import (
    Alias,
    Annotated,
    Assert,
    Assign,
    Augmented,
    Case,
    Class,
    Constant,
    Delete,
    Evaluate,
    For,
    Function,
    Handler,
    If,
    Import,
    ImportFrom,
    Jump,
    Match,
    Raise,
    Return,
    Scope,
    Stmt,
    Try,
    TypeAlias,
    TypeParameter,
    While,
    With,
    WithItem,
)
from layercheck.facts.walk import Walk


def read_statement(node: ast.stmt, walk: Walk) -> Stmt:
    """Return the record of one statement."""
    return _STATEMENTS[node.__class__](node, walk)


def _read_block(nodes: list[ast.stmt], walk: Walk) -> tuple[Stmt, ...]:
    if not nodes:
        return ()
    return tuple([_STATEMENTS[node.__class__](node, walk) for node in nodes])


def _import(node: ast.Import, walk: Walk) -> Import:
    return Import(_aliases(node.names, walk), walk.at(node))


def _import_from(node: ast.ImportFrom, walk: Walk) -> ImportFrom:
    return ImportFrom(node.module or "", node.level, _aliases(node.names, walk), walk.at(node))


def _aliases(nodes: list[ast.alias], walk: Walk) -> tuple[Alias, ...]:
    return tuple([Alias(node.name, node.asname, walk.at(node)) for node in nodes])


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, walk: Walk) -> Function:
    decorators = read_all(node.decorator_list, walk)
    type_params = _type_parameters(node, node.name, walk)
    params = read_parameters(node.args, walk)
    returns = read_optional(node.returns, walk)
    body, is_generator = _read_scope(node.body, walk)
    name_at = walk.places.name_of(node)
    return Function(
        node.name,
        params,
        returns,
        decorators,
        body,
        type_params,
        node.__class__ is ast.AsyncFunctionDef,
        is_generator,
        walk.at(node),
        walk.places.header_of(node, node.returns or _last_parameter(node) or name_at),
        name_at,
    )


def _class(node: ast.ClassDef, walk: Walk) -> Class:
    decorators = read_all(node.decorator_list, walk)
    type_params = _type_parameters(node, node.name, walk)
    bases, keywords = read_arguments(node.bases, node.keywords, walk)
    body, _ = _read_scope(node.body, walk)
    name_at = walk.places.name_of(node)
    last = max([*node.bases, *node.keywords, *_type_params_of(node)], key=_end, default=name_at)
    return Class(
        node.name,
        bases,
        keywords,
        decorators,
        body,
        type_params,
        walk.at(node),
        walk.places.header_of(node, last),
        name_at,
    )


def _read_scope(nodes: list[ast.stmt], walk: Walk) -> tuple[tuple[Stmt, ...], bool]:
    """Return the body of a class or function and whether it has a ``yield`` of its own."""
    lambdas, yields = walk.lambdas, walk.yields
    walk.lambdas, walk.yields = 0, False
    body = _read_block(nodes, walk)
    is_generator = walk.yields
    walk.lambdas, walk.yields = lambdas, yields
    return body, is_generator


def _last_parameter(node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST | None:
    args = node.args
    parts: list[ast.AST] = [*args.posonlyargs, *args.args, *args.kwonlyargs, *args.defaults]
    parts += (default for default in args.kw_defaults if default is not None)
    parts += (arg for arg in (args.vararg, args.kwarg) if arg is not None)
    parts += _type_params_of(node)
    return max(parts, key=_end, default=None)


def _end(node: Any) -> tuple[int, int]:
    return node.end_lineno, node.end_col_offset


def _type_params_of(node: ast.AST) -> list[Any]:
    return getattr(node, "type_params", [])


def _type_parameters(node: Any, name: str, walk: Walk) -> tuple[TypeParameter, ...]:
    """Return the type parameters of a definition, also those its text lost when rewritten."""
    found = _type_params_of(node)
    if walk.rewritten is not None:
        found = [*found, *walk.rewritten.type_params.get((node.lineno, name), ())]
    if not found:
        return ()
    return tuple(
        TypeParameter(each.name, read_optional(getattr(each, "bound", None), walk)) for each in found
    )


def _assign(node: ast.Assign, walk: Walk) -> Stmt:
    target = node.targets[0]
    if walk.rewritten is not None and isinstance(target, ast.Name):
        if (node.lineno, target.id) in walk.rewritten.type_aliases:
            type_params = _type_parameters(node, target.id, walk)
            return TypeAlias(target.id, type_params, read(node.value, walk), walk.at(node))
    targets = read_all(node.targets, walk)
    return Assign(targets, read(node.value, walk), walk.at(node))


def _annotated(node: ast.AnnAssign, walk: Walk) -> Annotated:
    target = read(node.target, walk)
    annotation = read(node.annotation, walk)
    return Annotated(target, annotation, read_optional(node.value, walk), walk.at(node))


def _augmented(node: ast.AugAssign, walk: Walk) -> Augmented:
    target = read(node.target, walk)
    return Augmented(target, OPERATORS[node.op.__class__], read(node.value, walk), walk.at(node))


def _type_alias(node: Any, walk: Walk) -> TypeAlias:
    type_params = _type_parameters(node, node.name.id, walk)
    return TypeAlias(node.name.id, type_params, read(node.value, walk), walk.at(node))


def _return(node: ast.Return, walk: Walk) -> Return:
    return Return(read_optional(node.value, walk), walk.at(node))


def _raise(node: ast.Raise, walk: Walk) -> Raise:
    exc = read_optional(node.exc, walk)
    return Raise(exc, read_optional(node.cause, walk), walk.at(node))


def _evaluate(node: ast.Expr, walk: Walk) -> Evaluate:
    value = node.value
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        at = walk.at(node)
        return Evaluate(Constant("", "str", at), at)
    return Evaluate(EXPRESSIONS[value.__class__](value, walk), walk.at(node))


def _if(node: ast.If, walk: Walk) -> If:
    test = read(node.test, walk)
    body = _read_block(node.body, walk)
    return If(test, body, _read_block(node.orelse, walk), walk.at(node))


def _for(node: ast.For | ast.AsyncFor, walk: Walk) -> For:
    target = read(node.target, walk)
    iterated = read(node.iter, walk)
    body = _read_block(node.body, walk)
    orelse = _read_block(node.orelse, walk)
    return For(target, iterated, body, orelse, node.__class__ is ast.AsyncFor, walk.at(node))


def _while(node: ast.While, walk: Walk) -> While:
    test = read(node.test, walk)
    body = _read_block(node.body, walk)
    return While(test, body, _read_block(node.orelse, walk), walk.at(node))


def _with(node: ast.With | ast.AsyncWith, walk: Walk) -> With:
    items = tuple(
        [
            WithItem(read(item.context_expr, walk), read_optional(item.optional_vars, walk))
            for item in node.items
        ]
    )
    return With(items, _read_block(node.body, walk), node.__class__ is ast.AsyncWith, walk.at(node))


def _try(node: ast.Try | ast.TryStar, walk: Walk) -> Try:
    body = _read_block(node.body, walk)
    handlers = tuple([_handler(handler, walk) for handler in node.handlers])
    orelse = _read_block(node.orelse, walk)
    finalbody = _read_block(node.finalbody, walk)
    return Try(body, handlers, orelse, finalbody, node.__class__ is ast.TryStar, walk.at(node))


def _handler(node: ast.ExceptHandler, walk: Walk) -> Handler:
    caught = read_optional(node.type, walk)
    body = _read_block(node.body, walk)
    return Handler(caught, node.name, body, walk.at(node), walk.places.header_of(node, node.type))


def _match(node: ast.Match, walk: Walk) -> Match:
    subject = read(node.subject, walk)
    return Match(subject, tuple([_case(case, walk) for case in node.cases]), walk.at(node))


def _case(node: ast.match_case, walk: Walk) -> Case:
    pattern = read_pattern(node.pattern, walk)
    guard = read_optional(node.guard, walk)
    return Case(pattern, guard, _read_block(node.body, walk))


def _assert(node: ast.Assert, walk: Walk) -> Assert:
    test = read(node.test, walk)
    return Assert(test, read_optional(node.msg, walk), walk.at(node))


def _delete(node: ast.Delete, walk: Walk) -> Delete:
    return Delete(read_all(node.targets, walk), walk.at(node))


def _scope(kind: str) -> Callable[[Any, Walk], Scope]:
    def read_scope(node: ast.Global | ast.Nonlocal, walk: Walk) -> Scope:
        return Scope(kind, tuple(node.names), walk.at(node))

    return read_scope


def _jump(kind: str) -> Callable[[Any, Walk], Jump]:
    def read_jump(node: ast.stmt, walk: Walk) -> Jump:
        return Jump(kind, walk.at(node))

    return read_jump


_STATEMENTS: Final[dict[type[ast.AST], Callable[[Any, Walk], Stmt]]] = {
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Expr: _evaluate,
    ast.If: _if,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.While: _while,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.Match: _match,
    ast.Assert: _assert,
    ast.Delete: _delete,
    ast.Global: _scope("global"),
    ast.Nonlocal: _scope("nonlocal"),
    ast.Pass: _jump("pass"),
    ast.Break: _jump("break"),
    ast.Continue: _jump("continue"),
}

if hasattr(ast, "TypeAlias"):
    _STATEMENTS[ast.TypeAlias] = _type_alias
