"""What a call does to the database, judged by the type of its receiver and never by a name like ``db``."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache

import msgspec

from layercheck.config.schema import Config
from layercheck.inference.frames import CallSite
from layercheck.inference.models import library
from layercheck.inference.values import NOTHING, ClassValue, Const, External, Instance, Made, Value, Values
from layercheck.program.entities import Class, Function
from layercheck.project.model import Project
from layercheck.project.operations import (
    CHAINED_WRITES,
    ENTITY_VERBS,
    MONGO_VERBS,
    OPENERS,
    QUERY_WRITES,
    READ_WORDS,
    SESSION_VERBS,
    SHAREABLE,
    STATEMENT_CLASSES,
    STATEMENTS,
    TRANSACTION_WORDS,
    WRITE_WORDS,
    WRITING_CLAUSES,
    OperationKind,
    Statement,
    Verbs,
)

_TEXTS = frozenset({"sqlalchemy.text", "sqlmodel.text"})


class Operation(msgspec.Struct, frozen=True):
    """One thing done to the database.

    ``target`` is the dotted name of the method. ``refreshes`` is true where rows already loaded are
    only read again, which no count of queries includes.
    """

    kind: OperationKind
    target: str

    @property
    def refreshes(self) -> bool:
        """Whether it only brings loaded rows up to date."""
        return self.target.endswith((".refresh", ".refresh_from_db"))


def operations(project: Project, config: Config, site: CallSite) -> Iterator[Operation]:
    """Yield what a call site does to the database itself, through outside code or a configured session."""
    for name, receiver in site.externals.items():
        found = session_operation(project, config, name, receiver, site.args)
        if found is not None:
            yield found
    for frame, _ in site.edges:
        if isinstance(frame.entity, Function):
            found = configured_operation(project, config, frame.entity, site.args)
            if found is not None:
                yield found


def session_operation(
    project: Project,
    config: Config,
    external_name: str,
    receiver: Value | None,
    args: tuple[Values, ...] = (),
) -> Operation | None:
    """Return what calling the outside thing ``external_name`` does to a database, None for nothing.

    ``receiver`` is the object the method was taken from, ``args`` what it is handed: a statement
    decides whether ``execute`` reads or writes.
    """
    owner, _, method = external_name.rpartition(".")
    verbs = _verbs_of(owner)
    if verbs is None and isinstance(receiver, Instance) and _is_configured(project, config, receiver.cls):
        verbs = _any_verbs()
    if verbs is not None:
        return _operation(verbs, method, external_name, args)
    if method in QUERY_WRITES.get(owner, ()):
        return Operation(OperationKind.WRITE, external_name)
    if _starts_with_entity(external_name):
        if "()" in owner and method in CHAINED_WRITES:
            return Operation(OperationKind.WRITE, external_name)
        if "()" not in owner and owner.endswith(".objects"):
            kind = OperationKind.WRITE if method in CHAINED_WRITES else OperationKind.READ
            return Operation(kind, external_name)
    return None


def configured_operation(
    project: Project, config: Config, function: Function, args: tuple[Values, ...] = ()
) -> Operation | None:
    """Return what a method does that belongs to a class the settings list as a session."""
    if function.owner is None or not _is_configured(project, config, function.owner):
        return None
    return _operation(_any_verbs(), function.name, function.qualname, args)


def _operation(verbs: Verbs, method: str, target: str, args: tuple[Values, ...]) -> Operation | None:
    verb = verbs.get(method)
    if verb is None:
        return None if method.startswith("_") else Operation(OperationKind.OTHER, target)
    if isinstance(verb, Statement):
        return Operation(statement_kind(args[0] if args else NOTHING) or verb.value, target)
    return Operation(verb, target)


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


def opens_session(
    project: Project, config: Config, external_name: str, receiver: Value | None = None
) -> bool:
    """Return whether calling the outside thing opens a session or a connection."""
    if external_name in OPENERS:
        return True
    return external_name in session_types(config) and external_name in SESSION_VERBS and receiver is None


def holds_session(project: Project, config: Config, values: Values) -> bool:
    """Return whether one of ``values`` is a session or a connection."""
    return any(session_class(project, config, value) for value in values)


def session_class(project: Project, config: Config, value: Value) -> str:
    """Return the dotted name of the session class ``value`` is an object of, empty for no session."""
    known = session_types(config)
    match value:
        case Made(name=name) if name in known:
            return name
        case Instance(cls=str() as name):
            return name if library.canonical(name) in known else ""
        case Instance(cls=Class() as cls):
            for item in project.inference.hierarchy.order(cls):
                name = item if isinstance(item, str) else item.qualname
                if name in known:
                    return name
    return ""


def holds_transaction(project: Project, config: Config, values: Values) -> bool:
    """Return whether one of ``values`` is a session or connection of one user, no pool or client."""
    found = (session_class(project, config, value) for value in values)
    return any(name and library.canonical(name) not in SHAREABLE for name in found)


def session_types(config: Config) -> frozenset[str]:
    """Return the canonical names of all session classes the settings know."""
    return _canonical(config.types.session)


@cache
def _canonical(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(names) | frozenset(map(library.canonical, names))


def is_session_class(project: Project, config: Config, cls: Class) -> bool:
    """Return whether ``cls`` derives from a session class or is listed as one."""
    return bool(session_class(project, config, project.inference.u.instance(cls)))


def is_unit_of_work(project: Project, cls: Class, config: Config) -> bool:
    """Return whether ``cls`` owns a transaction: by its name, or because it can commit and roll back.

    Sessions themselves are none. A class whose context manager commits and rolls back is one, too.
    """
    if any(fnmatchcase(cls.name, pattern) for pattern in config.types.uow):
        return True
    classes = project.inference.hierarchy.own(cls)
    bound = frozenset().union(*(item.bound for item in classes))
    if not ({"__aenter__", "__enter__"} & bound) or is_session_class(project, config, cls):
        return False
    return {"commit", "rollback"} <= bound


def _is_configured(project: Project, config: Config, cls: Class | str) -> bool:
    """Return whether the settings, and not a table here, make the class of ``cls`` a session."""
    known = session_types(config)
    if isinstance(cls, str):
        return cls in known
    return any(
        isinstance(item, Class) and item.qualname in known for item in project.inference.hierarchy.order(cls)
    )


@cache
def _verbs_of(owner: str) -> Verbs | None:
    """Return the verbs of the class whose method is called through the path ``owner``."""
    owner = library.canonical(owner)
    known = SESSION_VERBS.get(owner) or ENTITY_VERBS.get(owner) or MONGO_VERBS.get(owner)
    if known is not None:
        return known
    return next(
        (verbs for name, verbs in MONGO_VERBS.items() if owner.startswith((f"{name}.", f"{name}["))), None
    )


@cache
def _any_verbs() -> Verbs:
    return {
        name: kind
        for verbs in (*MONGO_VERBS.values(), *SESSION_VERBS.values())
        for name, kind in verbs.items()
    }


@cache
def _starts_with_entity(name: str) -> bool:
    return any(name.startswith(f"{base}.") for base in ENTITY_VERBS)


def entities_of(values: Values) -> Iterator[Class]:
    """Yield the classes of the program that ``values`` are objects of or statements about."""
    for value in values:
        match value:
            case Instance(cls=Class() as cls) | ClassValue(cls=cls):
                yield cls
            case Instance(args=args):
                for inner in args:
                    yield from entities_of(inner)
