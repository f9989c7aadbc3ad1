"""Commits that lie on one way through everything an entry point runs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable
from typing import NamedTuple

from layercheck.inference.frames import Frame
from layercheck.program.entities import Function
from layercheck.project.model import Dependency, Route
from layercheck.project.operations import OperationKind
from layercheck.rules.measures.constants import Constants
from layercheck.rules.measures.database import Database
from layercheck.rules.measures.running import Running
from layercheck.rules.measures.transaction_flow import TransactionFlow
from layercheck.rules.measures.transaction_states import Split, State, at_call
from layercheck.rules.view import View

_BLOCKS = (".begin", ".transaction")
"""Last words of outside calls that give a block whose end commits."""

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
        self._blocks = view.calls.frames_calling(lambda name: name.endswith(_BLOCKS))
        self._relevant = self._find_relevant()

    def split(self, entry: Frame, providers: Iterable[Frame], repeats: bool) -> Split | None:
        """Return two commits on one way through ``entry`` and what it calls, None where there are none."""
        ends = self.ends(entry, providers, repeats)
        return next((state.split for state in ends if state.split is not None), None)

    def ends(self, entry: Frame, providers: Iterable[Frame], repeats: bool) -> list[State]:
        """Return how the ways through ``entry`` and what it calls end.

        ``providers`` are generators the framework runs around it. ``repeats`` says whether the rounds of
        a loop belong together.
        """
        around = [frame for frame in providers if frame in self._relevant]
        depth = 0
        for provider in around:
            depth += max(
                (state.depth for state in self.flow(provider, {}, repeats).reached(State())), default=0
            )
        states = self.run(entry, {}, State(depth=depth), repeats)
        for provider in reversed(around):
            flow = self.flow(provider, {}, repeats)
            states = [end for state in states for end in flow.resumed(state)]
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
            if run in self._running:
                return [start]
            self._running.add(run)
            found = self._ends[run] = self.flow(frame, known, repeats).ends(at_call(start))
            self._running.discard(run)
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


def generators_of(view: View, route: Route) -> tuple[Frame, ...]:
    """Return the dependencies with ``yield`` of a route and of its dependencies, the first entered first."""
    found: dict[Frame, None] = {}
    seen: set[Dependency] = set()

    def visit(dependencies: tuple[Dependency, ...]) -> None:
        for one in dependencies:
            if one in seen:
                continue
            seen.add(one)
            if isinstance(one.provider, Function):
                visit(view.project.dependencies.get(one.provider, ()))
                if one.provider.is_generator and one.frame is not None:
                    found[one.frame] = None

    visit(route.dependencies)
    return tuple(found)
