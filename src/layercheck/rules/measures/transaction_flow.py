"""What one function does to transactions, way by way."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Protocol

from layercheck.facts import records as r
from layercheck.graphs.calls import Edge
from layercheck.graphs.carrying import is_generator
from layercheck.inference.frames import CallSite, Frame
from layercheck.inference.models import library
from layercheck.inference.values import ClassValue, Instance, Made
from layercheck.location import NOWHERE, Span
from layercheck.program.entities import Function
from layercheck.project.operations import OperationKind
from layercheck.rules.measures.constants import Constants, handed
from layercheck.rules.measures.database import Database
from layercheck.rules.measures.flow import Flow
from layercheck.rules.measures.handlers import runs_now
from layercheck.rules.measures.savepoints import Savepoints
from layercheck.rules.measures.transaction_states import Commit, Split, State, at_call
from layercheck.rules.view import View

_DETACHING = ("create_task", "ensure_future", "run_coroutine_threadsafe", "start_soon")
"""Last words of outside calls that run a coroutine beside the caller."""

_NOT_YET = -1_000_000
"""The depth of a generator that has not come to its ``yield``."""


class Callees(Protocol):
    """Knows what the functions do that a function calls; ``writes`` are what leaves something to commit."""

    view: View
    database: Database
    writes: frozenset[OperationKind]

    def is_relevant(self, frame: Frame) -> bool:
        """Return whether running ``frame`` writes, commits or rolls back."""

    def run(self, frame: Frame, known: Constants, start: State, repeats: bool) -> list[State]:
        """Return how the ways through ``frame`` end that begin with ``start``."""


class TransactionFlow(Flow[State]):
    """The ways through one function, as far as transactions are concerned."""

    def __init__(
        self, paths: Callees, frame: Frame, function: Function, known: Constants, repeats: bool
    ) -> None:
        self._paths = paths
        self._frame = frame
        self._function = function
        self._constants = known
        self._loops = repeats
        self._touches = {touch.at: touch for touch in paths.database.touches(frame)}
        self._leading = {key: edges for key, site in frame.sites.items() if (edges := self._edges_of(site))}
        yields = (node.at for node in function.nodes_of(r.Yield))
        super().__init__(
            function, (*self._touches, *(at for at, _ in self._leading), *yields), known, repeats
        )
        self._resumed: State | None = None
        self._reached: dict[Hashable, State] = {}
        self._savepoints = Savepoints(function, self._touches.values())

    def ends(self, start: State) -> list[State]:
        """Return how the function ends; a session of its own keeps what it writes apart."""
        database = self._paths.database
        if not database.opens(self._frame) or database.takes_session(self._frame):
            return self.follow(start)
        ends = self.follow(start._replace(pending=False))
        return [end._replace(pending=start.pending) for end in ends]

    def reached(self, start: State) -> list[State]:
        """Return what holds where a generator yields."""
        self.follow(start)
        return list(self._reached.values())

    def resumed(self, state: State) -> list[State]:
        """Return what holds at the end of a generator that goes on from its ``yield`` with ``state``."""
        self._resumed = state
        ends = self.follow(State(is_over=True, depth=_NOT_YET))
        return [end for end in ends if end.depth >= 0]

    # What happens -------------------------------------------------------------------------------

    def called(self, call: r.Call, state: State) -> list[State]:
        """Count writes and commits of a call and of what it runs."""
        return self._enter(self._edges(call.at, ("call", "deferred")), call, self._done(call, state))

    def read(self, attribute: r.Attribute, state: State) -> list[State]:
        """Run properties."""
        return self._enter(self._edges(attribute.at, ("property",)), None, state)

    def yielded(self, state: State) -> list[State]:
        """Stop at a ``yield``, or go on from it."""
        self._reached.setdefault(state.kind, state)
        return [self._resumed] if self._resumed is not None else [state]

    def entered(self, item: r.WithItem, state: State) -> list[State]:
        """Begin a transaction block, run what a context manager does first."""
        at = _span(item.context)
        if self._begins(at):
            return [state._replace(depth=state.depth + 1)]
        managers = self._managers(at)
        if managers:
            return [one for edge in managers for one in self._manage(edge, state, False)]
        called = self._enter(self._edges(at, ("call",)), item.context, state)
        edges = [edge for edge in self._edges(at, ("context",)) if _is_entering(edge)]
        return [end for one in called for end in self._enter(edges, None, one)]

    def left(self, item: r.WithItem, state: State) -> list[State]:
        """End a transaction block, run what a context manager does last."""
        at = _span(item.context)
        if self._begins(at):
            outer = state._replace(depth=state.depth - 1)
            return [outer] if outer.depth else [self._commit(outer, at, self._names(at)[0])]
        managers = self._managers(at)
        if managers:
            return [one for edge in managers for one in self._manage(edge, state, True)]
        edges = [edge for edge in self._edges(at, ("context",)) if not _is_entering(edge)]
        return self._enter(edges, None, state)

    def defers(self, call: r.Call) -> bool:
        """Return whether the coroutines handed to ``call`` run beside this function."""
        return any(name.endswith(_DETACHING) for name in self._names(call.at))

    # How ----------------------------------------------------------------------------------------

    def _done(self, call: r.Call, state: State) -> State:
        touch = self._touches.get(call.at)
        if touch is None or state.is_over or self._savepoints.ends(call):
            return state
        match touch.operation.kind:
            case kind if kind in self._paths.writes:
                return state._replace(pending=True)
            case OperationKind.COMMIT:
                return self._commit(state, call.at, touch.operation.target)
            case OperationKind.ROLLBACK:
                return state._replace(is_over=True)
        return state

    def _commit(self, state: State, at: Span, target: str) -> State:
        if not state.pending or state.is_over:
            return state
        commit = Commit((), self._frame, at, target)
        session = _named_session(self._paths.view, self._function)
        if state.first is None:
            return state._replace(pending=False, first=commit, session=session)
        if session != state.session:
            return state._replace(pending=False)
        return state._replace(split=Split(state.first, commit), is_over=True)

    def alone(self, state: State) -> State:
        """Forget earlier commits."""
        return state if state.is_over else state._replace(first=None, session="")

    def _enter(self, edges: list[Edge], call: r.Expr | None, state: State) -> list[State]:
        """Run what ``edges`` lead to, one or the other."""
        if state.is_over:
            return [state]
        found: dict[Hashable, State] = {}
        for edge in edges:
            for end in self._paths.run(edge.target, self._handed(edge, call), state, self._loops):
                found.setdefault(end.kind, end.below(edge, state))
        return list(found.values()) or [state]

    def _handed(self, edge: Edge, call: r.Expr | None) -> Constants:
        """Return the constants the target of ``edge`` is handed."""
        if edge.kind == "context":  # nothing was raised: what follows an exception is not looked at
            params = edge.target.entity.params if isinstance(edge.target.entity, Function) else ()
            return {param.name: None for param in params if param.kind in ("plain", "positional")}
        if edge.kind == "deferred":
            return {}
        return handed(call if isinstance(call, r.Call) else None, edge.target, self._constants)

    def _manage(self, edge: Edge, state: State, is_left: bool) -> list[State]:
        """Run the part of a generator before its ``yield``, or the part behind it."""
        function = edge.target.entity
        assert isinstance(function, Function)
        flow = TransactionFlow(self._paths, edge.target, function, {}, self._loops)
        ends = (flow.resumed if is_left else flow.reached)(at_call(state))
        return [end.below(edge, state) for end in ends]

    # What the graph knows of a place ------------------------------------------------------------

    def _edges(self, at: Span, kinds: Iterable[str]) -> list[Edge]:
        """Return the calls at ``at`` that run before their caller goes on and change anything."""
        return [edge for kind in kinds for edge in self._leading.get((at, kind), ())]

    def _edges_of(self, site: CallSite) -> list[Edge]:
        edges = (
            Edge(self._frame, target, how, site)
            for target, how in site.edges
            if self._paths.is_relevant(target) and not is_generator(target)
        )
        return [edge for edge in edges if runs_now(edge) and not _is_kept(self._paths.view, edge)]

    def _managers(self, at: Span) -> list[Edge]:
        """Return the generators that are the context managers entered at ``at``."""
        site = self._frame.sites.get((at, "call"))
        if site is None or not any(
            isinstance(v, Instance) and v.cls == library.MANAGER for v in site.result
        ):
            return []
        edges = [Edge(self._frame, target, kind, site) for target, kind in site.edges]
        return [
            edge for edge in edges if is_generator(edge.target) and self._paths.is_relevant(edge.target)
        ]

    def _names(self, at: Span) -> list[str]:
        site = self._frame.sites.get((at, "call"))
        return list(site.externals) if site is not None else []

    def _begins(self, at: Span) -> bool:
        """Return whether a block begins at ``at`` whose end commits."""
        touch = self._touches.get(at)
        if touch is not None and touch.operation.kind is OperationKind.BEGIN:
            return not touch.operation.target.endswith("begin_nested")
        site = self._frame.sites.get((at, "call"))
        begins = any(name.endswith(".begin") for name in self._names(at))
        return site is not None and begins and self._paths.database.opens_at(site)


def _named_session(view: View, function: Function) -> str:
    """Return the name a program gives the type of the session ``function`` works with, empty without one.

    A ``NewType`` tells sessions apart that are injected side by side.
    """
    constructor = function.owner.methods.get("__init__") if function.owner is not None else None
    for one in (function, constructor):
        for param in one.params if one is not None else ():
            if isinstance(param.annotation, r.Name):
                values = view.project.inference.heap.read(
                    ("name", function.module, param.annotation.id), None
                )
                if any(isinstance(value, Made) and value.name == "typing.NewType" for value in values):
                    return param.annotation.id
    return ""


def _span(node: r.Expr) -> Span:
    return node.at if not isinstance(node, r.Slice) else NOWHERE


def _is_kept(view: View, edge: Edge) -> bool:
    """Return whether a construction may give an object made before: a metaclass of the program decides.

    Such an object is set up once in the life of the process, by whoever comes first.
    """
    cls = edge.target.entity.owner if isinstance(edge.target.entity, Function) else None
    if edge.kind != "construct" or cls is None:
        return False
    return any(
        isinstance(meta, ClassValue) and "__call__" in meta.cls.methods
        for one in view.project.inference.hierarchy.own(cls)
        for keyword in one.node.keywords
        if keyword.name == "metaclass" and isinstance(keyword.value, r.Name)
        for meta in view.project.inference.heap.read(("name", one.module, keyword.value.id), None)
    )


def _is_entering(edge: Edge) -> bool:
    return edge.target.qualname.endswith("enter__")
