"""What the code of a frame does to the database, itself or through a repository."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, cached_property

import msgspec

from layercheck.facts import records as r
from layercheck.graphs.calls import Edge
from layercheck.inference.frames import CallSite, Frame
from layercheck.inference.models import library
from layercheck.inference.values import External, Instance, Values
from layercheck.location import Span
from layercheck.program.build import statements
from layercheck.program.entities import Class, Function, Module
from layercheck.project.identity import is_entity_base
from layercheck.project.model import Confidence, Project
from layercheck.project.operations import Operation, OperationKind
from layercheck.project.statements import entities_of
from layercheck.rules.measures.handlers import runs_now, unwrapped, wrapped
from layercheck.rules.measures.parameters import parameters, product
from layercheck.rules.measures.running import Running
from layercheck.rules.view import View

RUNS = frozenset({OperationKind.READ, OperationKind.WRITE})
"""Operations that run a statement; the others begin, flush or end a transaction."""

_SAVING = frozenset({OperationKind.FLUSH, OperationKind.COMMIT})
_NOTHING: frozenset[OperationKind] = frozenset()


PLAIN = frozenset({"pydantic.BaseModel", "pydantic.RootModel", "builtins.Exception"})
"""Bases of classes that a domain folder makes entities, though no database keeps them."""


class Touch(msgspec.Struct, frozen=True):
    """One operation of one frame on the database."""

    frame: Frame
    site: CallSite
    operation: Operation

    @property
    def at(self) -> Span:
        """The span of the call."""
        return self.site.at

    @property
    def runs(self) -> bool:
        """Whether it runs a statement."""
        return self.operation.kind in RUNS

    @property
    def name(self) -> str:
        """The method as a message names it: ``AsyncSession.execute``, ``User.filter``."""
        owner, _, method = self.operation.target.rpartition(".")
        for receiver in self.site.externals.values():
            if isinstance(receiver, Instance) and isinstance(receiver.cls, Class):
                return f"{receiver.cls.name}.{method}"
        last = owner.rpartition(".")[2].removesuffix("()").removesuffix("[]")
        return f"{last}.{method}"


class Database:
    """Questions about the database, answered once per frame."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._touches: dict[Frame, tuple[Touch, ...]] = {}
        self._layers: dict[Frame, str] = {}
        self._opens: dict[Frame, bool] = {}
        self._gives_session = cache(self._are_sessions_given)
        self._calls: dict[Frame, tuple[Edge, ...]] = {}
        self._accesses: dict[Edge, bool] = {}
        self._handed: dict[Module, bool] = {}
        self._accesses_of: dict[Frame, list[Edge]] = {}

    def touches(self, frame: Frame) -> tuple[Touch, ...]:
        """Return the operations ``frame`` itself carries out, in source order."""
        found = self._touches.get(frame)
        if found is None:
            operations = self._view.project.sessions.operations_of(frame)
            made = [Touch(frame, site, operation) for site, operation in operations]
            found = self._touches[frame] = tuple(sorted(made, key=lambda touch: touch.at)) if made else ()
        return found

    def effect(self, frame: Frame) -> frozenset[OperationKind]:
        """Return the kinds of operations that running ``frame`` leads to."""
        return self._effects.get(frame, _NOTHING)

    @cached_property
    def _effects(self) -> dict[Frame, frozenset[OperationKind]]:
        kinds: dict[OperationKind, list[Frame]] = {}
        for frame in self._view.project.inference.frames:
            touches = self.touches(frame)
            for kind in {touch.operation.kind for touch in touches} if touches else ():
                kinds.setdefault(kind, []).append(frame)
        found: dict[Frame, frozenset[OperationKind]] = {}
        sets: dict[frozenset[OperationKind], frozenset[OperationKind]] = {}
        for kind, frames in kinds.items():
            for frame in self._view.measure(Running).leading_to(frames):
                grown = found.get(frame, _NOTHING) | {kind}
                found[frame] = sets.setdefault(grown, grown)  # a dozen for thousands of frames
        return found

    def writes(self, frame: Frame) -> bool:
        """Return whether running ``frame`` changes rows: by statements, or as objects it flushes or commits.

        What a session itself does when it is closed is no sign of a change.
        """
        return OperationKind.WRITE in self.effect(frame) or frame in self._saving

    @cached_property
    def _saving(self) -> dict[Frame, None]:
        """The frames that flush or commit, themselves or through others; what sessions do left out."""
        return self._view.measure(Running).leading_to(
            frame
            for frame in self._view.project.inference.frames
            if any(touch.operation.kind in _SAVING for touch in self.touches(frame))
            and self.layer(frame) != "database"
        )

    def accesses(self, frame: Frame) -> list[Edge]:
        """Return the edges that hand over from ``frame`` to a repository, or to an entity that queries."""
        found = self._accesses_of.get(frame)
        if found is None:
            edges = self._view.calls.edges(frame)
            found = self._accesses_of[frame] = [edge for edge in edges if self.is_data_access(edge)]
        return found

    def is_data_access(self, edge: Edge) -> bool:
        """Return whether ``edge`` hands over to a repository, or to an entity that queries for itself.

        Making a repository runs nothing yet, nor does taking it out of what holds several.
        """
        found = self._accesses.get(edge)
        if found is None:
            found = self._accesses[edge] = self._hands_over(edge)
        return found

    def _hands_over(self, edge: Edge) -> bool:
        target, layer = edge.target.entity, self.layer(edge.target)
        if layer not in ("repository", "entity") or not isinstance(target, Function):
            return False
        if edge.kind == "construct" or not runs_now(edge):
            return False
        if isinstance(target.parent, Function) and not wrapped(edge.target):
            return False  # what a method hands out was had by a call of the method
        if self._are_repositories(edge.site.result) and not self.effect(edge.target) & RUNS:
            return False
        if layer == "entity":
            return bool(self.effect(edge.target) & RUNS)
        return not self._belongs_to_unit_of_work(target) and not self.only_helps(edge.target)

    def only_helps(self, frame: Frame) -> bool:
        """Return whether ``frame`` runs a function without data access, beside some that are handed sessions.

        In a module of functions that take the session, one that takes none and runs no statement computes.
        """
        function = frame.entity
        if not isinstance(function, Function) or function.owner is not None:
            return False
        if self.takes_session(frame) or self.effect(frame) & RUNS:
            return False
        return self._is_handed_sessions(function.module)

    def _is_handed_sessions(self, module: Module) -> bool:
        found = self._handed.get(module)
        if found is None:
            frames = (self._view.calls.declared(function) for function in module.functions)
            found = self._handed[module] = any(
                frame is not None and self.takes_session(frame) for frame in frames
            )
        return found

    def layer(self, frame: Frame) -> str:
        """Return the layer ``frame`` acts for: that of its function; what a service inherits is its own."""
        found = self._layers.get(frame)
        if found is None:
            layer, receiver = self._view.project.layer, frame.receiver
            cls = receiver.cls if isinstance(receiver, Instance) else None
            is_service = isinstance(cls, Class) and layer(cls).layer == "service"
            found = self._layers[frame] = "service" if is_service else layer(frame.entity).layer
        return found

    def calls(self, frame: Frame) -> tuple[Edge, ...]:
        """Return what ``frame`` calls, decorated functions without their decorators, in source order."""
        found = self._calls.get(frame)
        if found is None:
            edges = self._view.calls.edges(frame)
            found = self._calls[frame] = tuple(
                inner for edge in edges for inner in unwrapped(self._view.calls, edge)
            )
        return found

    def opens(self, frame: Frame) -> bool:
        """Return whether ``frame`` opens a session or connection, itself or in a function made for that."""
        found = self._opens.get(frame)
        if found is None:
            sites = [site for (_, kind), site in frame.sites.items() if kind == "call"]
            found = self._opens[frame] = any(map(self.opens_at, sites))
        return found

    def opens_at(self, site: CallSite) -> bool:
        """Return whether a call opens a session or connection."""
        project = self._view.project
        for name, receiver in site.externals.items():
            if project.sessions.opened_by(name, receiver):
                return True
        if not self._gives_session(site.result):
            return False
        receivers = frozenset(receiver for receiver in site.externals.values() if receiver is not None)
        if not site.edges:
            return not self._is_session(receivers)
        if any(_returns_unknown(edge) for edge, _ in site.edges):
            return True
        reached = (inner for edge, _ in site.edges for inner in self._view.calls.reached(edge, runs_now))
        return any(
            project.sessions.opened_by(name, receiver)
            for inner in reached
            for one in inner.sites.values()
            for name, receiver in one.externals.items()
        )

    def _are_sessions_given(self, values: Values) -> bool:
        entered = [
            v.args[0] for v in values if isinstance(v, Instance) and v.cls == library.MANAGER and v.args
        ]
        return self._is_session(product(values)) or any(map(self._is_session, entered))

    def parameters(self, frame: Frame) -> dict[str, Values]:
        """Return the values of the parameters of the function ``frame`` runs."""
        return parameters(self._view.project, frame)

    def takes_session(self, frame: Frame) -> bool:
        """Return whether the function of ``frame`` has a parameter that is a session or connection."""
        return any(self._is_session(values) for values in self.parameters(frame).values())

    def hands_session(self, site: CallSite) -> bool:
        """Return whether a session is among the arguments a call of something outside is handed."""
        return any(map(self._is_session, (*site.args, *(values for _, values in site.keywords))))

    def entities(self, values: Values) -> Iterator[Class]:
        """Yield the classes mapped to tables that ``values`` are objects of or statements about."""
        for cls in entities_of(values):
            if self.is_mapped(cls):
                yield cls

    def holds_entity(self, values: Values) -> bool:
        """Return whether ``values`` are objects of entities, domain classes included."""
        return any(self._view.project.layer(cls).layer == "entity" for cls in entities_of(values))

    def is_mapped(self, cls: Class) -> bool:
        """Return whether ``cls`` is kept in the database: an entity that is no domain class or enum."""
        return is_mapped(self._view.project, cls)

    def _is_session(self, values: Values) -> bool:
        return self._view.project.sessions.are_among(values)

    def _are_repositories(self, values: Values) -> bool:
        layer = self._view.project.layer
        return bool(values) and all(
            isinstance(value, Instance)
            and isinstance(value.cls, Class)
            and layer(value.cls).layer == "repository"
            for value in values
        )

    def _belongs_to_unit_of_work(self, function: Function) -> bool:
        owner = function.owner
        return owner is not None and self._view.project.sessions.is_unit_of_work(owner)


def is_mapped(project: Project, cls: Class) -> bool:
    """Return whether objects of ``cls`` are rows or documents: an entity, but no domain class."""
    assignment = project.layer(cls)
    if assignment.layer != "entity" or assignment.confidence is not Confidence.CERTAIN:
        return False
    outside = project.inference.hierarchy.outside(cls)
    return not set(outside) & PLAIN or any(map(is_entity_base, outside))


def _returns_unknown(frame: Frame) -> bool:
    """Return whether a function returns what a call gives that only its annotation tells about."""
    node = frame.entity.node if isinstance(frame.entity, Function) else None
    for statement in statements(node.body) if isinstance(node, r.Function) else ():
        value = statement.value if isinstance(statement, r.Return) else None
        call = value.value if isinstance(value, r.Await) else value
        site = frame.sites.get((call.at, "call")) if isinstance(call, r.Call) else None
        if site is not None and site.externals and all(isinstance(v, External) for v in site.result):
            return True
    return False
