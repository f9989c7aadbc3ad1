"""Statements: whether they read or write, what builds them, which classes they are about."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.inference.values import ClassValue, Const, External, Instance, Made, Value, Values
from layercheck.program.entities import Class
from layercheck.project.operations import (
    READ_WORDS,
    STATEMENT_CLASSES,
    STATEMENTS,
    TRANSACTION_WORDS,
    WRITE_WORDS,
    WRITING_CLAUSES,
    OperationKind,
)

_TEXTS = frozenset({"sqlalchemy.text", "sqlmodel.text"})


def statement_kind(values: Values) -> OperationKind | None:
    """Return whether a statement reads or writes, None where nothing is known of it.

    One possible writing statement is enough.
    """
    kinds = {kind for value in values if (kind := _kind_of(value)) is not None}
    for kind in (OperationKind.WRITE, OperationKind.COMMIT, OperationKind.ROLLBACK, OperationKind.BEGIN):
        if kind in kinds:
            return kind
    return OperationKind.READ if kinds else None


def _kind_of(value: Value) -> OperationKind | None:
    match value:
        case Instance(cls=str() as name):
            return STATEMENT_CLASSES.get(name)
        case Const(value=str() as text):
            return _kind_of_sql(text)
        case Made(name=name) if name in _TEXTS:
            return statement_kind(value.argument(0, "text")) or OperationKind.READ
        case External(name=name):
            return _kind_of_path(name)
    return None


def _kind_of_path(name: str) -> OperationKind | None:
    """Judge a statement by the path that built it: ``sqlalchemy.Table.insert().values()``."""
    built = name.split("()", 1)[0]
    if built.partition(".")[0] not in _STATEMENT_PACKAGES:
        return None
    last = name.removesuffix("()").rpartition(".")[2]
    if last in WRITING_CLAUSES:
        return OperationKind.WRITE
    return STATEMENTS.get(built.rpartition(".")[2])


def _kind_of_sql(text: str) -> OperationKind | None:
    word = text.split(maxsplit=1)[0].rstrip(";").lower() if text.strip() else ""
    if word in READ_WORDS:
        return OperationKind.READ
    if word in WRITE_WORDS:
        return OperationKind.WRITE
    return TRANSACTION_WORDS.get(word)


_STATEMENT_PACKAGES = frozenset({"sqlalchemy", "sqlmodel", "gino"})


def builds_statement(external_name: str) -> bool:
    """Return whether calling the outside thing builds a statement: select, insert, update, delete, text."""
    package, _, rest = external_name.partition(".")
    if package not in _STATEMENT_PACKAGES or "()" in external_name:
        return False
    head, _, last = rest.rpartition(".")
    return last in STATEMENTS and (
        not head or head in ("Table", "sql.expression") or head.startswith("dialects.")
    )


def entities_of(values: Values) -> Iterator[Class]:
    """Yield the classes of the program that ``values`` are objects of or statements about."""
    for value in values:
        match value:
            case Instance(cls=Class() as cls) | ClassValue(cls=cls):
                yield cls
            case Instance(args=args):
                for inner in args:
                    yield from entities_of(inner)
