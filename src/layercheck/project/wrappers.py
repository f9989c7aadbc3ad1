"""Classes of the program around a driver: they run whatever statements they are handed.

``Database.fetch_all(sql)`` around a pool is no data access of its own, whatever the class is called: who
calls it writes the statement. So objects of such a class are connections like those of the driver.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from layercheck.config.schema import Types
from layercheck.facts import records as r
from layercheck.inference.engine import Inference
from layercheck.inference.frames import CallSite, Frame
from layercheck.program.entities import Class, Function
from layercheck.project.handed_statements import Source, kind_of_call, source_at, source_of
from layercheck.project.operations import (
    SESSION_VERBS,
    Operation,
    OperationKind,
    Statement,
    Verbs,
)
from layercheck.project.sessions import Sessions
from layercheck.project.words import class_word

_RUNNING = frozenset(
    name for verbs in SESSION_VERBS.values() for name, verb in verbs.items() if isinstance(verb, Statement)
)
"""Methods of drivers and sessions that are handed a statement."""

_FETCHING = frozenset({
    "fetch", "fetchrow", "fetchval", "fetchone", "fetchmany", "fetchall", "fetch_one", "fetch_all",
    "fetch_val", "iterate", "scalar", "scalars", "scalar_one", "scalar_one_or_none", "first", "one",
    "one_or_none", "all", "mappings",
})  # fmt: skip
"""Methods that bring rows."""

_ROWS = frozenset({OperationKind.READ, OperationKind.WRITE})
_NAMED = frozenset({"service", "repository", "dependency", "task", "exception"})
"""Layers a class keeps by its name, whatever it does."""

Run: TypeAlias = tuple[Function, Frame]
"""A method, and one of its frames."""


def with_wrappers(inference: Inference, types: Types) -> Sessions:
    """Return the sessions of a program, with its classes that run the statements they are handed.

    All such a class runs is handed to it; one with statements of its own is data access. The classes it
    derives from count, too, where they declare the same methods. A wrapper may have one around it.
    """
    sessions = Sessions(types, inference.hierarchy)
    found: dict[Class, Verbs] = {}
    wrapped: dict[CallSite, Operation] = {}
    names = _RUNNING
    while new := _wrappers(inference, sessions, names):
        found.update(new)
        wrapped.update(_calls(inference, new))
        sessions = Sessions(types, inference.hierarchy, found, wrapped)
        names = frozenset(name for verbs in new.values() for name in verbs)
    return sessions


def _calls(inference: Inference, verbs: Mapping[Class, Verbs]) -> Iterator[tuple[CallSite, Operation]]:
    """Yield the calls of the methods of wrappers, with what each does; a statement that is known says it."""
    for frame in inference.frames:
        for (at, kind), site in frame.sites.items() if frame.runs else ():
            for target, _ in site.edges if kind == "call" else ():
                function = target.entity
                owner = function.owner if isinstance(function, Function) else None
                if owner is None or owner not in verbs:
                    continue
                verb = verbs[owner].get(function.name)
                if isinstance(verb, OperationKind):
                    call = frame.entity.calls.get(at)
                    if verb in _ROWS and call is not None:
                        verb = kind_of_call(inference, frame, call) or verb
                    yield site, Operation(verb, function.qualname)


def _wrappers(inference: Inference, sessions: Sessions, names: frozenset[str]) -> dict[Class, Verbs]:
    runs: dict[Class, list[Run]] = {
        cls: [] for cls in _candidates(inference, names) if not sessions.has_class(cls)
    }
    for frame in inference.frames if runs else ():
        function = frame.entity
        if isinstance(function, Function) and function.owner in runs and frame.runs:
            runs[function.owner].append((function, frame))
    found: dict[Class, Verbs] = {}
    for cls, own in runs.items():
        verbs = _Wrapper(inference, sessions, cls, own).verbs()
        if verbs:
            for one in inference.hierarchy.own(cls):
                if one is cls or not verbs.keys().isdisjoint(one.methods):
                    found.setdefault(one, {}).update(verbs)
    return found


def _candidates(inference: Inference, names: frozenset[str]) -> Iterator[Class]:
    """Yield the classes with methods that hand a parameter to a method of one of these names."""
    for function in inference.program.functions:
        if function.owner is not None and len(function.params) > 1:
            for call in function.nodes_of(r.Call):
                if isinstance(call.func, r.Attribute) and call.func.name in names and call.args:
                    if source_of(function, call.args[0]) is Source.HANDED:
                        yield function.owner
                        break


class _Wrapper:
    """Judges one class by what its methods do with the driver."""

    def __init__(self, inference: Inference, sessions: Sessions, cls: Class, runs: list[Run]) -> None:
        self._hierarchy = inference.hierarchy
        self._sessions = sessions
        self._cls = cls
        self._runs = runs

    def verbs(self) -> Verbs:
        """Return what the public methods do to the database, nothing where ``cls`` is no wrapper."""
        if self._is_something_else():
            return {}
        handed: dict[str, OperationKind] = {}
        plain = False
        ends: dict[str, OperationKind] = {}
        opens = False
        for function, frame in self._runs:
            opens = opens or self._opens(frame)
            for site in frame.sites.values():
                for operation in self._sessions.operations(site):
                    if operation.kind not in _ROWS:
                        ends[function.name] = operation.kind
                        continue
                    source = source_at(function, site)
                    if source is Source.OWN:
                        return {}
                    plain = plain or source is Source.HANDED
                    if source is not Source.SETUP:
                        handed[function.name] = _kind(function, frame, operation.kind)
        if not plain or not self._follow(handed):
            return {}
        public: Verbs = {name: kind for name, kind in handed.items() if not name.startswith("_")}
        if not public or (len(public) == 1 and not opens):
            return {}
        rest = {name: kind for name, kind in ends.items() if name not in handed}
        return {**public, **{name: kind for name, kind in rest.items() if not name.startswith("_")}}

    def _is_something_else(self) -> bool:
        """Return whether the name, a base or a subclass says that ``cls`` is no connection."""
        cls, hierarchy = self._cls, self._hierarchy
        word = class_word(cls.name)
        if word is not None and word[0] in _NAMED:
            return True
        if self._sessions.is_unit_of_work(cls) or hierarchy.outside(cls):
            return True
        known = hierarchy.names(cls)
        return any(
            not name.startswith("_") and name not in known
            for sub in hierarchy.descendants(cls)
            for name in sub.methods
        )

    def _opens(self, frame: Frame) -> bool:
        """Return whether ``frame`` gets a connection, from a pool or a factory, or makes the pool."""
        return any(
            self._sessions.opened_by(name, receiver)
            for site in frame.sites.values()
            for name, receiver in site.externals.items()
        ) or any(self._sessions.are_among(site.result) and not site.edges for site in frame.sites.values())

    def _follow(self, handed: dict[str, OperationKind]) -> bool:
        """Add the methods that hand their parameter on to these; return whether none writes a statement."""
        size = -1
        while size != len(handed):
            size = len(handed)
            for function, frame in self._runs:
                for site in frame.sites.values():
                    names = [self._own_name(target) for target, _ in site.edges]
                    for name in names if function.name not in handed else ():
                        source = source_at(function, site) if name in handed else Source.SETUP
                        if source is Source.OWN:
                            return False
                        if source is not Source.SETUP:
                            handed[function.name] = _kind(function, frame, handed[name])
        return True

    def _own_name(self, frame: Frame) -> str:
        function = frame.entity
        return function.name if isinstance(function, Function) and function.owner is self._cls else ""


def _kind(function: Function, frame: Frame, ran: OperationKind) -> OperationKind:
    """Return whether a method brings rows or changes them: its callers alone know the statement."""
    called = {name.rpartition(".")[2] for site in frame.sites.values() for name in site.externals}
    returns = any(node.value is not None for node in function.nodes_of(r.Return)) or function.is_generator
    if "commit" in called or not returns:
        return OperationKind.WRITE
    return OperationKind.READ if _FETCHING & called else ran
