"""Truth values and ``None`` that calls hand to parameters, so that ``commit=False`` closes a branch."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping

from layercheck.facts import records as r
from layercheck.inference.frames import Frame
from layercheck.program.build import target_names
from layercheck.program.entities import Function


class Unknown(enum.Enum):
    """What a value is that no constant of the source decides."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN
Constant = bool | None | Unknown
Constants = Mapping[str, object]
"""Parameter to `Constant`; that of ``*args`` to a tuple, that of ``**keywords`` to pairs of them."""


def truth(test: r.Expr, known: Constants) -> Constant:
    """Return what ``test`` comes out as where the parameters are ``known``."""
    match test:
        case r.Constant(kind="bool" | "none", value=bool() | None as value):
            return value
        case r.Name(id=name):
            held = known.get(name, UNKNOWN)
            return held if isinstance(held, bool) or held is None else UNKNOWN
        case r.Unary(op="not", operand=operand):
            inner = truth(operand, known)
            return UNKNOWN if inner is UNKNOWN else not inner
        case r.Compare(left=left, ops=("is" | "is not" | "==" | "!=" as op,), rights=(right,)):
            first, second = truth(left, known), truth(right, known)
            if first is UNKNOWN or second is UNKNOWN:
                return UNKNOWN
            return (first is second) is (op in ("is", "=="))
        case r.Compare(
            left=r.Constant(value=str() as key), ops=("in" | "not in" as op,), rights=(r.Name(id=name),)
        ):
            return _among(key, known.get(name), op)
        case r.BoolOp(op=op, values=values):
            return _combined(op, [truth(value, known) for value in values])
    return UNKNOWN


def _among(key: str, given: object, op: str) -> Constant:
    """Return whether ``key`` is (``in``) or is not one of the keywords a call handed on."""
    if not isinstance(given, tuple) or not all(isinstance(pair, tuple) for pair in given):
        return UNKNOWN
    return any(pair[0] == key for pair in given) is (op == "in")


def _combined(op: str, values: list[Constant]) -> Constant:
    decisive = op == "or"
    if any(value is not UNKNOWN and bool(value) is decisive for value in values):
        return decisive
    return UNKNOWN if UNKNOWN in values else not decisive


def handed(call: r.Call | None, target: Frame, known: Constants) -> dict[str, object]:
    """Return what ``call`` hands to the parameters of ``target``; without a call, the defaults hold."""
    function = target.entity
    assert isinstance(function, Function)
    params = list(function.params)
    if target.receiver is not None and params and params[0].kind in ("plain", "positional"):
        params = params[1:]
    positional, keywords, is_complete = _arguments(call, known)
    result: dict[str, object] = {}
    named = [param for param in params if param.kind in ("plain", "positional")]
    for param in params:
        if param.kind == "var":
            result[param.name] = tuple(positional[len(named) :]) if is_complete else UNKNOWN
        elif param.kind == "kwvar":
            names = {one.name for one in params}
            rest = tuple((name, value) for name, value in keywords.items() if name not in names)
            result[param.name] = rest if is_complete else UNKNOWN
        elif param in named and named.index(param) < len(positional):
            result[param.name] = positional[named.index(param)]
        elif param.name in keywords:
            result[param.name] = keywords[param.name]
        elif is_complete and param.default is not None:
            result[param.name] = truth(param.default, {})
    given = {name: value for name, value in result.items() if value is not UNKNOWN}
    for name in _bound_again(function) if given else ():
        given.pop(name, None)
    return given


def _arguments(call: r.Call | None, known: Constants) -> tuple[list[Constant], dict[str, Constant], bool]:
    """Return the arguments by position and by name, and whether those are all."""
    positional: list[Constant] = []
    keywords: dict[str, Constant] = {}
    for argument in call.args if call is not None else ():
        if isinstance(argument, r.Star):
            rest = known.get(getattr(argument.value, "id", ""))
            if not isinstance(rest, tuple):
                return positional, keywords, False
            positional.extend(rest)
        else:
            positional.append(truth(argument, known))
    for keyword in call.keywords if call is not None else ():
        if keyword.name is not None:
            keywords[keyword.name] = truth(keyword.value, known)
            continue
        rest = known.get(getattr(keyword.value, "id", ""))
        if not isinstance(rest, tuple):
            return positional, keywords, False
        keywords.update(rest)
    return positional, keywords, True


def _bound_again(function: Function) -> Iterator[str]:
    """Yield the names the body binds, whose first value says nothing about later ones."""
    for assigned in function.nodes_of(r.Assign):
        for target in assigned.targets:
            yield from target_names(target)
    others: tuple[r.Annotated | r.Augmented | r.For, ...] = (
        *function.nodes_of(r.Annotated), *function.nodes_of(r.Augmented), *function.nodes_of(r.For)
    )  # fmt: skip
    for node in others:
        yield from target_names(node.target)
    for block in function.nodes_of(r.With):
        for item in block.items:
            if item.target is not None:
                yield from target_names(item.target)
