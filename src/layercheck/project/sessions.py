"""Which objects are sessions and connections, and what calls do to the database through them.

Everything is judged by the type of the receiver and never by a name like ``db``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from types import MappingProxyType

from layercheck.config.schema import Types
from layercheck.inference.frames import CallSite, Frame
from layercheck.inference.hierarchy import Hierarchy
from layercheck.inference.models import library
from layercheck.inference.values import Instance, Made, Value, Values
from layercheck.program.entities import Class, Entity, Function
from layercheck.project.operations import (
    CHAINED_WRITES,
    ENTITY_VERBS,
    MONGO_VERBS,
    OPENERS,
    QUERY_WRITES,
    SESSION_VERBS,
    SHAREABLE,
    Operation,
    OperationKind,
    Statement,
    Verbs,
)
from layercheck.project.statements import statement_kind

_ANY_VERBS: Verbs = {
    name: kind for verbs in (*MONGO_VERBS.values(), *SESSION_VERBS.values()) for name, kind in verbs.items()
}
"""Verbs of a class of which only the settings say that it is a session."""


class Sessions:
    """Knows the sessions of a program by the tables here and by the settings, which add ``types``.

    ``wrappers`` are classes of the program that run the statements they are handed, ``wrapped`` what
    calls of their methods do.

    Nearly every call of a program is asked about, so each class and each outside name is judged once.
    ``are_among`` tells whether one of some values is a session or a connection.
    """

    def __init__(
        self, types: Types, hierarchy: Hierarchy,
        wrappers: Collection[Class] = (), wrapped: Mapping[CallSite, Operation] = MappingProxyType({}),
    ) -> None:  # fmt: skip
        self._wrappers = frozenset(wrappers)
        self._wrapped = wrapped
        self._shared = frozenset(cls.qualname for cls in self._wrappers)
        listed = frozenset(types.session) | frozenset(map(library.canonical, types.session))
        self.types = listed | self._shared
        self._units = types.uow
        self._hierarchy = hierarchy
        self._name_of = cache(self._find_name)
        self._is_configured = cache(self._is_listed)
        self._meaning = cache(_meaning)
        self.are_among = cache(self._are_among)
        self._operations: dict[Frame, tuple[tuple[CallSite, Operation], ...]] = {}

    # Objects -------------------------------------------------------------------------------------

    def class_of(self, value: Value) -> str:
        """Return the dotted name of the session class ``value`` is an object of, empty for no session."""
        if value.__class__ is Instance:
            return self._name_of(value.cls)
        if isinstance(value, Made) and value.name in self.types:
            return value.name
        return ""

    def _are_among(self, values: Values) -> bool:
        return any(map(self.class_of, values))

    def of_one_user_are_among(self, values: Values) -> bool:
        """Return whether one of ``values`` is a session or connection of one user, no pool or client."""
        names = map(self.class_of, values)
        return any(
            name and library.canonical(name) not in SHAREABLE and name not in self._shared for name in names
        )

    def _find_name(self, cls: Class | str) -> str:
        if isinstance(cls, str):
            return cls if library.canonical(cls) in self.types else ""
        order = self._hierarchy.order(cls)
        names = (item if isinstance(item, str) else item.qualname for item in order)
        return next((one for one in names if one in self.types), "")

    # Classes -------------------------------------------------------------------------------------

    def has_class(self, cls: Class) -> bool:
        """Return whether ``cls`` derives from a session class or is listed as one."""
        return self._name_of(cls) != ""

    def runs_what_it_is_handed(self, cls: Class) -> bool:
        """Return whether ``cls`` is a wrapper around a driver, or derives from one."""
        return any(one in self._wrappers for one in self._hierarchy.own(cls))

    def is_unit_of_work(self, cls: Class) -> bool:
        """Return whether ``cls`` owns a transaction: by its name, or because it can commit and roll back.

        Sessions themselves are none. A class whose context manager commits and rolls back is one, too.
        """
        if any(fnmatchcase(cls.name, pattern) for pattern in self._units):
            return True
        bound = self._hierarchy.names(cls)
        if not ({"__aenter__", "__enter__"} & bound) or self.has_class(cls):
            return False
        return {"commit", "rollback"} <= bound

    def _is_listed(self, cls: Class | str) -> bool:
        if isinstance(cls, str):
            return cls in self.types
        own = self._hierarchy.own(cls)
        return any(item.qualname in self.types and item not in self._wrappers for item in own)

    # Calls ---------------------------------------------------------------------------------------

    def opened_by(self, external_name: str, receiver: Value | None = None) -> bool:
        """Return whether calling the outside thing opens a session or a connection."""
        if external_name in OPENERS:
            return True
        return receiver is None and external_name in SESSION_VERBS and external_name in self.types

    def operations_of(self, frame: Frame) -> tuple[tuple[CallSite, Operation], ...]:
        """Return what the calls of ``frame`` do to the database themselves, in the order they were met.

        A wrapper around a driver does nothing itself: that is done by the code that calls it.
        """
        known = self._operations.get(frame)
        if known is None:
            sites = () if self._is_of_wrapper(frame.entity) else frame.sites.values()
            found = [(site, one) for site in sites for one in self.operations(site)]
            known = self._operations[frame] = tuple(found)
        return known

    def _is_of_wrapper(self, entity: Entity) -> bool:
        return isinstance(entity, Function) and entity.owner in self._wrappers

    def operations(self, site: CallSite) -> list[Operation]:
        """Return what a call does to the database itself, through outside code or a configured session."""
        found: list[Operation] = []
        for name, receiver in site.externals.items():
            meaning = self._meaning(name)
            if receiver.__class__ is Instance and not isinstance(meaning, dict):
                meaning = _ANY_VERBS if self._is_configured(receiver.cls) else meaning
            if meaning is not None:
                found += _operations(meaning, name.rpartition(".")[2], name, site.args)
        if site in self._wrapped:
            found.append(self._wrapped[site])
        elif site.edges:
            for frame, _ in site.edges:
                function = frame.entity
                if isinstance(function, Function) and function.owner is not None:
                    if self._is_configured(function.owner):
                        found += _operations(_ANY_VERBS, function.name, function.qualname, site.args)
        return found


def _meaning(external_name: str) -> Verbs | Operation | None:
    """Return the verbs of the class the method belongs to, or what the call does whatever it is handed."""
    owner, _, method = external_name.rpartition(".")
    verbs = _verbs_of(library.canonical(owner))
    if verbs is not None:
        return verbs
    if method in QUERY_WRITES.get(owner, ()):
        return Operation(OperationKind.WRITE, external_name)
    if any(external_name.startswith(f"{base}.") for base in ENTITY_VERBS):
        if "()" in owner and method in CHAINED_WRITES:
            return Operation(OperationKind.WRITE, external_name)
        if "()" not in owner and owner.endswith(".objects"):
            kind = OperationKind.WRITE if method in CHAINED_WRITES else OperationKind.READ
            return Operation(kind, external_name)
    return None


def _verbs_of(owner: str) -> Verbs | None:
    """Return the verbs of the class whose method is called through the canonical path ``owner``."""
    known = SESSION_VERBS.get(owner) or ENTITY_VERBS.get(owner) or MONGO_VERBS.get(owner)
    if known is not None:
        return known
    return next(
        (verbs for name, verbs in MONGO_VERBS.items() if owner.startswith((f"{name}.", f"{name}["))), None
    )


def _operations(
    meaning: Verbs | Operation, method: str, target: str, args: tuple[Values, ...]
) -> Iterator[Operation]:
    """Yield the operation ``method`` stands for, if any; a statement it is handed may decide which."""
    if isinstance(meaning, Operation):
        yield meaning
        return
    verb = meaning.get(method)
    if isinstance(verb, Statement):
        yield Operation((statement_kind(args[0]) if args else None) or verb.value, target)
    elif verb is not None:
        yield Operation(verb, target)
    elif not method.startswith("_"):
        yield Operation(OperationKind.OTHER, target)
