"""Queries of object-relational mappers: which entity the result of a statement holds."""

from __future__ import annotations

from layercheck.inference.base import Arguments, Base
from layercheck.inference.frames import Activation
from layercheck.inference.values import (
    NOTHING,
    ClassValue,
    Instance,
    TypeOf,
    TypeVariable,
    Value,
    Values,
    only,
)
from layercheck.location import Span

SESSIONS = frozenset({
    "sqlalchemy.orm.Session", "sqlalchemy.ext.asyncio.AsyncSession", "sqlmodel.Session",
    "sqlmodel.ext.asyncio.session.AsyncSession", "sqlalchemy.orm.scoped_session",
    "sqlalchemy.ext.asyncio.async_scoped_session", "sqlalchemy.Connection",
    "sqlalchemy.ext.asyncio.AsyncConnection",
})  # fmt: skip
"""Classes whose methods run statements."""

SELECT, QUERY = "sqlalchemy.Select", "sqlalchemy.orm.Query"
RESULT, SCALARS = "sqlalchemy.Result", "sqlalchemy.ScalarResult"

_STATEMENTS = {
    "sqlalchemy.select": SELECT, "sqlmodel.select": SELECT,
    "sqlalchemy.insert": "sqlalchemy.Insert", "sqlmodel.insert": "sqlalchemy.Insert",
    "sqlalchemy.dialects.postgresql.insert": "sqlalchemy.Insert",
    "sqlalchemy.dialects.mysql.insert": "sqlalchemy.Insert",
    "sqlalchemy.dialects.sqlite.insert": "sqlalchemy.Insert",
    "sqlalchemy.update": "sqlalchemy.Update", "sqlmodel.update": "sqlalchemy.Update",
    "sqlalchemy.delete": "sqlalchemy.Delete", "sqlmodel.delete": "sqlalchemy.Delete",
    "sqlalchemy.Table.select": SELECT, "sqlalchemy.Table.insert": "sqlalchemy.Insert",
    "sqlalchemy.Table.update": "sqlalchemy.Update", "sqlalchemy.Table.delete": "sqlalchemy.Delete",
}  # fmt: skip
"""Functions and methods of tables that build statements, and the classes of what they build."""

_STATEMENT_CLASSES = frozenset(_STATEMENTS.values())
_HELD = _STATEMENT_CLASSES | {QUERY}
_CHAINED = _STATEMENT_CLASSES | {QUERY, RESULT, SCALARS}

_ONE = frozenset(
    {"first", "one", "one_or_none", "scalar", "scalar_one", "scalar_one_or_none", "get", "fetchone"}
)
_MANY = frozenset({"all", "fetchall", "fetchmany", "partitions", "unique"})


def knows(name: str) -> bool:
    """Return whether a call of ``name`` builds or runs a statement."""
    owner = name.rpartition(".")[0]
    return name in _STATEMENTS or owner in SESSIONS or owner in _CHAINED


def call(
    interpreter: Base, act: Activation, name: str, receiver: Value | None, args: Arguments, at: Span
) -> Values | None:
    """Return what a call that builds or runs a statement gives; None where ``name`` does neither."""
    built = _STATEMENTS.get(name)
    if built is not None:
        return interpreter.instance(built, entities(interpreter, args))
    owner, _, method = name.rpartition(".")
    if owner in SESSIONS:
        return _session(interpreter, act, owner, method, args, at)
    if isinstance(receiver, Instance) and receiver.cls in _CHAINED:
        return _chained(interpreter, receiver, method)
    return None


def entities(interpreter: Base, args: Arguments) -> Values:
    """Return objects of the classes handed to ``select`` and its kin."""
    result = NOTHING
    for values in args.positional:
        for value in values:
            if isinstance(value, ClassValue):
                result |= interpreter.instance(value.cls, *value.args)
            elif isinstance(value, TypeOf) and isinstance(value.value, TypeVariable):
                result |= only(value.value)
    return result


def _session(
    interpreter: Base, act: Activation, owner: str, method: str, args: Arguments, at: Span
) -> Values | None:
    is_async = ".asyncio." in owner
    held = NOTHING
    for values in args.positional[:1]:
        for value in values:
            if isinstance(value, Instance) and value.cls in _HELD and value.args:
                held |= value.args[0]
    match method:
        case "query":
            return interpreter.instance(QUERY, entities(interpreter, args))
        case "get" | "get_one":
            result = entities(interpreter, Arguments(args.positional[:1]))
        case "execute" | "stream":
            result = interpreter.instance(RESULT, held)
        case "exec":
            result = interpreter.instance(SCALARS, held)
        case "scalars" | "stream_scalars":
            result = interpreter.instance(SCALARS, held)
        case "scalar":
            result = held
        case "merge":
            result = args.at(0)
        case "begin" | "begin_nested":
            return interpreter.instance(owner)
        case "connection":
            result = interpreter.instance("sqlalchemy.Connection")
        case "run_sync":
            rest = Arguments(
                [interpreter.instance("sqlalchemy.orm.Session"), *args.positional[1:]], args.keywords
            )
            result = interpreter.call(act, args.at(0), rest, at, "deferred")
        case _:
            return None
    return interpreter.instance("builtins.coroutine", result) if is_async else result


def _chained(interpreter: Base, receiver: Instance, method: str) -> Values:
    held = receiver.args[0] if receiver.args else NOTHING
    if receiver.cls in _STATEMENT_CLASSES:
        return only(receiver)
    if method in _ONE:
        return held
    if method == "unique":
        return only(receiver)
    if method in _MANY:
        return interpreter.instance("builtins.list", held)
    if method == "scalars":
        return interpreter.instance(SCALARS, held)
    if method in ("mappings", "tuples", "yield_per", "columns", "freeze"):
        return only(receiver)
    if method in ("count", "exists"):
        return interpreter.instance("builtins.int") if method == "count" else only(receiver)
    return only(receiver) if receiver.cls == QUERY else NOTHING
