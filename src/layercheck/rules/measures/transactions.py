"""Commits that lie on one way through everything an entry point runs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable
from typing import NamedTuple

from layercheck.graphs.calls import Edge
from layercheck.graphs.carrying import is_generator
from layercheck.graphs.exceptions import INJECTED
from layercheck.inference.frames import Frame
from layercheck.program.entities import Function
from layercheck.project.model import Dependency, Route
from layercheck.project.operations import OperationKind
from layercheck.rules.measures.constants import Constants
from layercheck.rules.measures.database import Database
from layercheck.rules.measures.providers import HELD
from layercheck.rules.measures.running import Running
from layercheck.rules.measures.transaction_flow import TransactionFlow
from layercheck.rules.measures.transaction_states import Split, State, at_call
from layercheck.rules.view import View

_BLOCKS = (".begin", ".transaction")
"""Last words of outside calls that give a block whose end commits."""

MOST_FLOWS = 1_000
"""How many functions are followed for one entry point: those of large applications need some two hundred.

Where events are handled within transactions that handle events, the ways are too many to follow them all.
"""

_NOT_JUDGED = frozenset({"script", "migration", "test"})

_COMMITS = frozenset({OperationKind.COMMIT})
_MATTERS = frozenset({OperationKind.WRITE, OperationKind.COMMIT, OperationKind.ROLLBACK})


class _Run(NamedTuple):
    """What a function was run with; equal runs end equally."""

    frame: Frame
    known: tuple[tuple[str, object], ...]
    start: Hashable
    repeats: bool


class Transactions:
    """Looks for second commits; ``is_allowed`` names functions whose commits do not count.

    ``writes`` are the operations that leave something to commit.
    """

    def __init__(
        self,
        view: View,
        database: Database,
        is_allowed: Callable[[Function], bool],
        writes: frozenset[OperationKind] = frozenset({OperationKind.WRITE}),
    ) -> None:
        self.view = view
        self.database = database
        self.writes = writes
        self._is_allowed = is_allowed
        self._ends: dict[_Run, list[State]] = {}
        self._running: set[_Run] = set()
        self._left = MOST_FLOWS
        self._blocks = view.calls.frames_calling(lambda name: name.endswith(_BLOCKS))
        self._relevant = self._find_relevant()

    def split(self, entry: Frame, injected: Iterable[Injected], repeats: bool) -> Split | None:
        """Return two commits on one way through ``entry`` and what it calls, None where there are none."""
        ends = self.ends(entry, injected, repeats)
        return next((state.split for state in ends if state.split is not None), None)

    def ends(self, entry: Frame, injected: Iterable[Injected], repeats: bool) -> list[State]:
        """Return how the ways through ``entry`` and what it calls end.

        ``injected`` is what the framework runs before it, in this order; generators go on behind it.
        """
        self._left = MOST_FLOWS
        states = [State()]
        around: list[Injected] = []
        for one in injected:
            if one.frame not in self._relevant:
                continue
            if is_generator(one.frame):
                around.append(one)
                flow = self.flow(one.frame, {}, repeats)
                states = [end.after(one.edge, s) for s in states for end in flow.reached(at_call(s)) or [s]]
            else:
                states = [e.after(one.edge, s) for s in states for e in self.run(one.frame, {}, s, repeats)]
        states = [end.after(None, s) for s in states for end in self.run(entry, {}, s, repeats)]
        for one in reversed(around):
            flow = self.flow(one.frame, {}, repeats)
            states = [end.after(one.edge, s) for s in states for end in flow.resumed(at_call(s))]
        return states

    def is_relevant(self, frame: Frame) -> bool:
        """Return whether running ``frame`` writes, commits or rolls back."""
        return frame in self._relevant

    def run(self, frame: Frame, known: Constants, start: State, repeats: bool) -> list[State]:
        """Return how the ways through ``frame`` end that begin with ``start``."""
        if frame not in self._relevant or start.is_over:
            return [start]
        run = _Run(frame, tuple(sorted(known.items())), start.kind, repeats)
        found = self._ends.get(run)
        if found is None:
            if run in self._running or not self._left:
                return [start]
            self._running.add(run)
            self._left -= 1
            found = self.flow(frame, known, repeats).ends(at_call(start))
            self._running.discard(run)
            if self._left:
                self._ends[run] = found
        return found

    def flow(self, frame: Frame, known: Constants, repeats: bool) -> TransactionFlow:
        """Return the flow of the function of ``frame``."""
        function = frame.entity
        assert isinstance(function, Function)
        return TransactionFlow(self, frame, function, known, repeats)

    def _find_relevant(self) -> frozenset[Frame]:
        """Return the frames that change anything, and those that run them."""
        frames = self.view.project.inference.frames
        changing = (frame for frame in frames if self._is_judged(frame) and self._changes(frame))
        return frozenset(self.view.measure(Running).leading_to(changing, self._is_judged))

    def _is_judged(self, frame: Frame) -> bool:
        if not isinstance(frame.entity, Function) or self._is_allowed(frame.entity):
            return False
        return self.view.project.layer(frame.entity).layer not in _NOT_JUDGED

    def _changes(self, frame: Frame) -> bool:
        """Return whether ``frame`` itself writes, commits, rolls back or opens a block that commits."""
        return frame in self._blocks or self._touches(frame, _MATTERS | self.writes)

    def commits(self, frame: Frame) -> bool:
        """Return whether ``frame`` itself commits, or opens a block that does."""
        return frame in self._blocks or self._touches(frame, _COMMITS)

    def _touches(self, frame: Frame, kinds: Collection[OperationKind]) -> bool:
        return any(touch.operation.kind in kinds for touch in self.database.touches(frame))


class Injected(NamedTuple):
    """A provider as the framework runs it, and the edge to it from what it is injected into, if any."""

    frame: Frame
    edge: Edge | None


def injected_into(view: View, route: Route) -> tuple[Injected, ...]:
    """Return what the framework runs for a route around its handler, the first run first.

    These are the generators, and the constructors of services and repositories, which work for the
    handler. What other dependencies commit, such as one that notes who has logged in, is no part of
    what the handler does. What several ask for runs once.
    """
    found: dict[Frame, Injected] = {}

    def visit(dependencies: tuple[Dependency, ...], frame: Frame) -> None:
        edges = {edge.target: edge for edge in view.calls.edges(frame) if edge.kind == INJECTED}
        for one in dependencies:
            provider = one.frame
            if provider is not None and provider not in found:
                visit(view.project.injected_into(provider), provider)
                if is_generator(provider) or _makes_collaborator(view, provider):
                    found.setdefault(provider, Injected(provider, edges.get(provider)))

    visit(route.dependencies, route.frame)
    return tuple(found.values())


def _makes_collaborator(view: View, provider: Frame) -> bool:
    owner = provider.entity.owner if isinstance(provider.entity, Function) else None
    return owner is not None and view.project.layer(owner).layer in HELD
