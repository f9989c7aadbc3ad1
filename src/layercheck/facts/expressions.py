"""Expressions: from ``ast`` nodes to records."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from layercheck.facts.literals import OPERATORS, constant_of, storable
from layercheck.facts.places import Places
from layercheck.facts.records import (
    Attribute,
    Await,
    BinOp,
    BoolOp,
    Call,
    Compare,
    Comprehension,
    Conditional,
    Constant,
    Expr,
    Generator,
    Keyword,
    Lambda,
    Mapping,
    Name,
    Parameter,
    ParameterKind,
    Sequence,
    SequenceKind,
    Slice,
    Star,
    Subscript,
    Text,
    Unary,
    Walrus,
    Yield,
)
from layercheck.facts.walk import Walk


def parse_expression(text: str) -> Expr | None:
    """Return the record of the expression in a string annotation, None if it holds none.

    Its spans count from the start of ``text``.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            node = ast.parse(text.strip(), mode="eval").body
        return read(node, Walk(Places(text.strip())))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def read(node: ast.expr, walk: Walk) -> Expr:
    """Return the record of one expression."""
    return EXPRESSIONS[node.__class__](node, walk)


def read_optional(node: ast.expr | None, walk: Walk) -> Expr | None:
    """Return the record of an expression that may be missing."""
    return None if node is None else EXPRESSIONS[node.__class__](node, walk)


def read_all(nodes: list[ast.expr], walk: Walk) -> tuple[Expr, ...]:
    """Return the records of ``nodes``, in their order."""
    if not nodes:
        return ()
    return tuple([EXPRESSIONS[node.__class__](node, walk) for node in nodes])


def read_keywords(nodes: list[ast.keyword], walk: Walk) -> tuple[Keyword, ...]:
    """Return the records of the keyword arguments of a call or a class."""
    if not nodes:
        return ()
    return tuple([Keyword(node.arg, EXPRESSIONS[node.value.__class__](node.value, walk)) for node in nodes])


def read_arguments(
    args: list[ast.expr], keywords: list[ast.keyword], walk: Walk
) -> tuple[tuple[Expr, ...], tuple[Keyword, ...]]:
    """Return the records of the arguments of a call or a class, walked in source order."""
    if keywords and args and _start(args[-1]) > _start(keywords[0].value):
        # ``f(key=lambda: 1, *[lambda: 2])``: lambdas are numbered as they are written.
        written = sorted([*args, *(keyword.value for keyword in keywords)], key=_start)
        found = {id(node): read(node, walk) for node in written}
        return (
            tuple(found[id(arg)] for arg in args),
            tuple(Keyword(keyword.arg, found[id(keyword.value)]) for keyword in keywords),
        )
    return read_all(args, walk), read_keywords(keywords, walk)


def _start(node: ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def read_parameters(node: ast.arguments, walk: Walk) -> tuple[Parameter, ...]:
    """Return all parameters in source order."""
    found: list[Parameter] = []
    plain = [*node.posonlyargs, *node.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(node.defaults))
    defaults += node.defaults
    positional = len(node.posonlyargs)
    for number, (arg, default) in enumerate(zip(plain, defaults)):
        found.append(_parameter(arg, "positional" if number < positional else "plain", default, walk))
    if node.vararg:
        found.append(_parameter(node.vararg, "var", None, walk))
    for arg, default in zip(node.kwonlyargs, node.kw_defaults):
        found.append(_parameter(arg, "keyword", default, walk))
    if node.kwarg:
        found.append(_parameter(node.kwarg, "kwvar", None, walk))
    return tuple(found)


def _parameter(node: ast.arg, kind: ParameterKind, default: ast.expr | None, walk: Walk) -> Parameter:
    annotation = read_optional(node.annotation, walk)
    return Parameter(node.arg, kind, annotation, read_optional(default, walk), walk.at(node))


def _name(node: ast.Name, walk: Walk) -> Name:
    return Name(node.id, walk.at(node))


def _attribute(node: ast.Attribute, walk: Walk) -> Attribute:
    value = node.value
    return Attribute(EXPRESSIONS[value.__class__](value, walk), node.attr, walk.at(node))


def _call(node: ast.Call, walk: Walk) -> Call:
    func = node.func
    callee = EXPRESSIONS[func.__class__](func, walk)
    args, keywords = read_arguments(node.args, node.keywords, walk)
    return Call(callee, args, keywords, walk.at(node))


def _subscript(node: ast.Subscript, walk: Walk) -> Expr:
    if walk.rewritten is not None and _is_text_stand_in(node):
        return _text_of(_stand_in_parts(node), node, walk)
    return Subscript(read(node.value, walk), read(node.slice, walk), walk.at(node))


def _constant(node: ast.Constant, walk: Walk) -> Constant:
    return constant_of(node.value, walk.at(node))


def _sequence(kind: SequenceKind) -> Callable[[Any, Walk], Sequence]:
    def read_sequence(node: ast.Tuple | ast.List | ast.Set, walk: Walk) -> Sequence:
        return Sequence(kind, read_all(node.elts, walk), walk.at(node))

    return read_sequence


def _dict(node: ast.Dict, walk: Walk) -> Mapping:
    keys: list[Expr | None] = []
    values: list[Expr] = []
    for key, value in zip(node.keys, node.values):
        keys.append(read_optional(key, walk))
        values.append(read(value, walk))
    return Mapping(tuple(keys), tuple(values), walk.at(node))


def _lambda(node: ast.Lambda, walk: Walk) -> Lambda:
    walk.lambdas = number = walk.lambdas + 1
    params = read_parameters(node.args, walk)
    lambdas, yields = walk.lambdas, walk.yields
    walk.lambdas = 0
    body = read(node.body, walk)
    walk.lambdas, walk.yields = lambdas, yields
    return Lambda(params, body, number, walk.at(node))


def _await(node: ast.Await, walk: Walk) -> Await:
    return Await(read(node.value, walk), walk.at(node))


def _yield(node: ast.Yield, walk: Walk) -> Yield:
    walk.yields = True
    return Yield(read_optional(node.value, walk), False, walk.at(node))


def _yield_from(node: ast.YieldFrom, walk: Walk) -> Yield:
    walk.yields = True
    return Yield(read(node.value, walk), True, walk.at(node))


def _bool_op(node: ast.BoolOp, walk: Walk) -> BoolOp:
    return BoolOp(OPERATORS[node.op.__class__], read_all(node.values, walk), walk.at(node))


def _conditional(node: ast.IfExp, walk: Walk) -> Conditional:
    body = read(node.body, walk)
    test = read(node.test, walk)
    return Conditional(test, body, read(node.orelse, walk), walk.at(node))


def _compare(node: ast.Compare, walk: Walk) -> Compare:
    left = read(node.left, walk)
    ops = tuple([OPERATORS[op.__class__] for op in node.ops])
    return Compare(left, ops, read_all(node.comparators, walk), walk.at(node))


def _bin_op(node: ast.BinOp, walk: Walk) -> BinOp:
    left = EXPRESSIONS[node.left.__class__](node.left, walk)
    return BinOp(OPERATORS[node.op.__class__], left, read(node.right, walk), walk.at(node))


def _unary(node: ast.UnaryOp, walk: Walk) -> Unary:
    return Unary(OPERATORS[node.op.__class__], read(node.operand, walk), walk.at(node))


def _comprehension(kind: str) -> Callable[[Any, Walk], Comprehension]:
    def read_comprehension(
        node: ast.ListComp | ast.SetComp | ast.GeneratorExp, walk: Walk
    ) -> Comprehension:
        element = read(node.elt, walk)
        return Comprehension(kind, None, element, _generators(node.generators, walk), walk.at(node))

    return read_comprehension


def _dict_comprehension(node: ast.DictComp, walk: Walk) -> Comprehension:
    key = read(node.key, walk)
    element = read(node.value, walk)
    return Comprehension("dict", key, element, _generators(node.generators, walk), walk.at(node))


def _generators(nodes: list[ast.comprehension], walk: Walk) -> tuple[Generator, ...]:
    return tuple(
        [
            Generator(
                read(node.target, walk),
                read(node.iter, walk),
                read_all(node.ifs, walk),
                bool(node.is_async),
            )
            for node in nodes
        ]
    )


def _walrus(node: ast.NamedExpr, walk: Walk) -> Walrus:
    return Walrus(node.target.id, read(node.value, walk), walk.at(node))


def _star(node: ast.Starred, walk: Walk) -> Star:
    return Star(read(node.value, walk), walk.at(node))


def _slice(node: ast.Slice, walk: Walk) -> Slice:
    lower = read_optional(node.lower, walk)
    upper = read_optional(node.upper, walk)
    return Slice(lower, upper, read_optional(node.step, walk))


def _text(node: ast.JoinedStr, walk: Walk) -> Text:
    return _text_of(_parts(node.values), node, walk)


def _parts(nodes: list[ast.expr]) -> Iterator[ast.expr]:
    """Yield constants and interpolated expressions; of format specifications only the latter."""
    for node in nodes:
        if isinstance(node, ast.Constant):
            yield node
        else:
            # FormattedValue, or Interpolation where the interpreter has it
            yield _converted(node.value, node.conversion)  # type: ignore[attr-defined]
            specification = node.format_spec  # type: ignore[attr-defined]
            if specification is not None:
                yield from _parts(
                    [part for part in specification.values if not isinstance(part, ast.Constant)]
                )


def _converted(value: ast.expr, conversion: int) -> ast.expr:
    """Return ``repr(value)`` for ``{value!r}``, ``ascii(value)`` for ``{value!a}``."""
    function = {"r": "repr", "a": "ascii"}.get(chr(conversion)) if conversion > 0 else None
    if function is None:
        return value
    name = ast.copy_location(ast.Name(function, ast.Load()), value)
    return ast.copy_location(ast.Call(name, [value], []), value)


def _is_text_stand_in(node: ast.Subscript) -> bool:
    """Return whether ``node`` is ``()[...]``, written in place of an f-string or t-string."""
    return isinstance(node.value, ast.Tuple) and not node.value.elts


def _stand_in_parts(node: ast.Subscript) -> list[ast.expr]:
    return node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]


def _text_of(parts: Iterable[ast.expr], node: ast.expr, walk: Walk) -> Text:
    """Return the text made of ``parts``; neighbouring constants become one.

    Interpreters disagree on the places of the constants, so these get the place of the whole.
    """
    at = walk.at(node)
    found: list[Expr] = []
    pending = ""
    for part in parts:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            pending += part.value
            continue
        if pending:
            found.append(Constant(storable(pending), "str", at))
            pending = ""
        found.append(read(part, walk))
    if pending:
        found.append(Constant(storable(pending), "str", at))
    return Text(tuple(found), at)


EXPRESSIONS: Final[dict[type[ast.AST], Callable[[Any, Walk], Expr]]] = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Subscript: _subscript,
    ast.Constant: _constant,
    ast.Tuple: _sequence("tuple"),
    ast.List: _sequence("list"),
    ast.Set: _sequence("set"),
    ast.Dict: _dict,
    ast.Lambda: _lambda,
    ast.Await: _await,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
    ast.BoolOp: _bool_op,
    ast.IfExp: _conditional,
    ast.Compare: _compare,
    ast.BinOp: _bin_op,
    ast.UnaryOp: _unary,
    ast.ListComp: _comprehension("list"),
    ast.SetComp: _comprehension("set"),
    ast.GeneratorExp: _comprehension("generator"),
    ast.DictComp: _dict_comprehension,
    ast.NamedExpr: _walrus,
    ast.Starred: _star,
    ast.JoinedStr: _text,
    ast.Slice: _slice,
}

if hasattr(ast, "TemplateStr"):
    EXPRESSIONS[ast.TemplateStr] = _text
