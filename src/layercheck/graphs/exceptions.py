"""Exception flow: which exceptions leave which function, and the way each of them takes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

import msgspec

from layercheck.facts import records as r
from layercheck.facts.nodes import inside
from layercheck.graphs.calls import Edge
from layercheck.graphs.carrying import calls_within, carrying_edges, is_generator
from layercheck.graphs.exception_types import (
    BASE_EXCEPTION,
    CATCH_ALL,
    GROUPS,
    ExceptionType,
    ExceptionTypes,
    type_of,
    types_of,
)
from layercheck.graphs.syntax import tries_around
from layercheck.inference.engine import Inference
from layercheck.inference.frames import Frame, Guard, HandlerClause, RaiseSite
from layercheck.inference.values import Const, Container, Instance, TupleValue, Value, Values
from layercheck.location import Span
from layercheck.program.entities import Function

INJECTED = "depends"
"""The kind of edges the framework follows for what it runs, which a plain call does not."""


class Way(msgspec.Struct, frozen=True):
    """How an exception leaves a function: the calls down to where it is raised.

    ``edges`` is empty where the function itself raises; ``frame`` is the frame that raises at
    ``site``.
    """

    edges: tuple[Edge, ...]
    frame: Frame
    site: RaiseSite


class ExceptionFlow:
    """The exceptions that leave each frame, and those that reach each guard.

    Raised in a frame, plus what leaves the frames it calls, minus what its guards stop. Calls nothing
    is known of raise nothing. What a ``with`` block's manager may swallow, it swallows. What the
    dependencies of a function raise leaves it where the framework runs it, not where code calls it.
    """

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self.types = ExceptionTypes(inference.hierarchy)
        self._escapes: dict[Frame, dict[ExceptionType, RaiseSite | Edge]] = {}
        self._called: dict[Frame, dict[ExceptionType, RaiseSite | Edge]] = {}
        self._arrivals: dict[tuple[Frame, int], dict[ExceptionType, RaiseSite | Edge]] = {}
        self._caught: dict[tuple[Frame, Span], dict[ExceptionType, None]] = {}
        self._reraisers: dict[tuple[Frame, Span], list[RaiseSite]] = {}
        self._clauses: dict[HandlerClause, tuple[ExceptionType, ...]] = {}
        self._incoming: dict[Frame, list[Edge]] = {}
        self._outgoing: dict[Frame, list[Edge]] = {}
        self._of_site: dict[RaiseSite, dict[ExceptionType, None]] = {}
        self._around_yields: dict[Function, list[tuple[r.Try, ...]]] = {}
        self._queue: deque[tuple[Frame, ExceptionType, bool]] = deque()
        self._run()

    def escapes(self, frame: Frame) -> list[ExceptionType]:
        """Return the exceptions that leave ``frame``, nearest first."""
        return list(self._escapes.get(frame, ()))

    def way(self, frame: Frame, raised: ExceptionType) -> Way:
        """Return a shortest way by which ``raised`` leaves ``frame``; KeyError where it does not."""
        edges: list[Edge] = []
        origin = self._escapes[frame][raised]
        while isinstance(origin, Edge):
            edges.append(origin)
            frame = origin.target
            origin = self._leaving(origin)[raised]
        return Way(tuple(edges), frame, origin)

    def ways(self, frame: Frame, raised: ExceptionType, guard: Guard | None = None) -> list[Way]:
        """Return a shortest way to every place that raises what leaves ``frame`` as ``raised``.

        With a ``guard`` of ``frame``, what reaches that guard from inside.
        """
        found: list[Way] = []
        ways: dict[Frame, tuple[Edge, ...]] = {frame: ()}
        queue = deque([frame])
        while queue:
            current = queue.popleft()
            is_called = any(edge.kind != INJECTED for edge in ways[current][-1:])
            until = guard.index if guard is not None and current is frame else -1
            for site in current.raises.values():
                if site.reraises is None and raised in self._raised(current, site):
                    if self._passes(current, site.guard, raised, until):
                        found.append(Way(ways[current], current, site))
            for edge in self._outgoing.get(current, ()):
                if edge.target in ways or raised not in self._leaving(edge):
                    continue
                if is_called and edge.kind == INJECTED:
                    continue
                if self._passes(current, edge.site.guard, raised, until):
                    ways[edge.target] = (*ways[current], edge)
                    queue.append(edge.target)
        return found

    def raised(self, frame: Frame, site: RaiseSite) -> list[ExceptionType]:
        """Return what a ``raise`` raises; nothing for one that hands on what its clause caught."""
        return [] if site.reraises is not None else list(self._raised(frame, site))

    def leaves(self, frame: Frame, site: RaiseSite, raised: ExceptionType) -> bool:
        """Return whether ``raised`` leaves ``frame`` from where ``site`` raises it."""
        return raised in self._escapes.get(frame, ()) and self._passes(frame, site.guard, raised)

    def way_up(
        self, frame: Frame, raised: ExceptionType, found: Callable[[Frame], bool],
        ends: Callable[[Frame], bool] | None = None,
    ) -> tuple[Edge, ...]:  # fmt: skip
        """Return the calls by which the nearest frame that is ``found`` gets ``raised`` from ``frame``.

        The topmost call comes first; empty where there is none. No way leads through a frame that ``ends``.
        """
        below: dict[Frame, Edge] = {}
        queue = deque([frame])
        while queue:
            current = queue.popleft()
            is_injected = current in below and below[current].kind == INJECTED
            for edge in self._incoming.get(current, ()):
                source = edge.source
                if source is frame or source in below or raised not in self._leaving(edge):
                    continue
                if is_injected and edge.kind != INJECTED:
                    continue
                below[source] = edge
                if ends is not None and ends(source):
                    continue
                if found(source):
                    edges = [edge]
                    while edges[-1].target is not frame:
                        edges.append(below[edges[-1].target])
                    return tuple(edges)
                queue.append(source)
        return ()

    def raised_inside(self, frame: Frame, guard: Guard) -> dict[ExceptionType, RaiseSite | Edge]:
        """Return the exceptions that reach ``guard`` from inside, with where each comes from."""
        return dict(self._arrivals.get((frame, guard.index), {}))

    def caught(self, frame: Frame, clause: HandlerClause) -> list[ExceptionType]:
        """Return the exceptions ``clause`` really catches."""
        return list(self._caught.get((frame, clause.at), ()))

    def stopped_at_yield(self, frame: Frame, raised: ExceptionType) -> bool:
        """Return whether a generator that ``raised`` is thrown into at its ``yield`` swallows it.

        A clause that raises another exception instead swallows this one, too.
        """
        function = frame.entity
        if not isinstance(function, Function):
            return False
        clauses = {clause.at: clause for guard in frame.guards for clause in guard.clauses}
        around = self._around_yields.get(function)
        if around is None:
            around = self._around_yields[function] = list(tries_around(function.body, _is_yield))
        return bool(around) and all(
            any(
                self._swallows([clauses[h.at] for h in node.handlers if h.at in clauses], frame, raised)
                for node in tries
            )
            for tries in around
        )

    def answered(
        self, frame: Frame, index: int, raised: ExceptionType,
        converts: bool, knows: Callable[[Frame, HandlerClause], bool] | None = None,
    ) -> bool:  # fmt: skip
        """Return whether ``raised`` that comes up inside a guard of ``frame`` is answered in the frame.

        With ``knows``, a clause for all exceptions answers it only where that is true of the clause; one
        that knows it does, even if it raises others again. A clause that always raises something else
        answers where it ``converts``: an HTTPException is a response inside of the application.
        """
        while index >= 0:
            guard = frame.guards[index]
            clause = self._catching(guard.clauses, raised)
            if clause is not None:
                again = [site.guard for site in self._raising_again(frame, clause, raised)]
                is_broad = knows is not None and self._is_for_all(clause)
                is_known = knows is not None and is_broad and knows(frame, clause)
                if _always_raises(frame, clause):
                    if converts and (is_known or not again):
                        return True
                    again = again or [guard.outer]
                elif is_known or (is_broad and not again):
                    return is_known
                return all(self.answered(frame, one, raised, converts, knows) for one in again)
            if self._suppresses(guard, raised):
                return True
            index = guard.outer
        return False

    def _is_for_all(self, clause: HandlerClause) -> bool:
        return not CATCH_ALL.isdisjoint(_caught_by(clause))

    # The fix-point ------------------------------------------------------------------------------

    def _run(self) -> None:
        frames = [frame for frame in self._inference.frames if frame.runs]
        for frame in frames:
            for site in frame.raises.values():
                if site.reraises is not None:
                    self._reraisers.setdefault((frame, site.reraises.at), []).append(site)
            edges = [*carrying_edges(frame)]
            if edges:
                self._outgoing[frame] = edges
            for edge in edges:
                self._incoming.setdefault(edge.target, []).append(edge)
        for frame in frames:
            for site in frame.raises.values():
                if site.reraises is None:
                    for raised in self._raised(frame, site):
                        if not self.types.is_never_made(raised):
                            self._arrive(frame, raised, site.guard, site)
        while self._queue:
            frame, raised, is_called = self._queue.popleft()
            for edge in self._incoming.get(frame, ()):
                if is_called is (edge.kind != INJECTED):
                    self._arrive(edge.source, raised, edge.site.guard, edge)
        for frame, edges in self._outgoing.items():
            self._outgoing[frame] = [edge for edge in edges if self._leaving(edge)]

    def _leaving(self, edge: Edge) -> dict[ExceptionType, RaiseSite | Edge]:
        """Return what leaves the target of ``edge``, run as ``edge`` runs it."""
        return (self._escapes if edge.kind == INJECTED else self._called).get(edge.target, {})

    def _arrive(self, frame: Frame, raised: ExceptionType, index: int, origin: RaiseSite | Edge) -> None:
        """Let ``raised`` pass the guards of ``frame`` from ``index`` outward."""
        while index >= 0:
            arrivals = self._arrivals.setdefault((frame, index), {})
            if raised in arrivals:
                return
            arrivals[raised] = origin
            guard = frame.guards[index]
            clause = self._catching(guard.clauses, raised)
            if clause is not None:
                self._caught.setdefault((frame, clause.at), {})[raised] = None
                for site in self._raising_again(frame, clause, raised):
                    self._arrive(frame, raised, site.guard, origin)
                return
            if self._suppresses(guard, raised):
                return
            index = guard.outer
        is_injected = isinstance(origin, Edge) and origin.kind == INJECTED
        for is_called, known in ((False, self._escapes), (True, self._called)):
            escapes = known.setdefault(frame, {})
            if raised not in escapes and not (is_called and is_injected):
                escapes[raised] = origin
                self._queue.append((frame, raised, is_called))

    def _passes(self, frame: Frame, index: int, raised: ExceptionType, until: int = -1) -> bool:
        """Return whether ``raised`` leaves ``frame`` past its guards from ``index`` outward.

        With ``until``, whether it gets to that guard.
        """
        while index != until:
            if index < 0:
                return False
            guard = frame.guards[index]
            clause = self._catching(guard.clauses, raised)
            if clause is not None:
                return any(
                    self._passes(frame, site.guard, raised, until)
                    for site in self._raising_again(frame, clause, raised)
                )
            if self._suppresses(guard, raised):
                return False
            index = guard.outer
        return True

    def _catching(self, clauses: list[HandlerClause], raised: ExceptionType) -> HandlerClause | None:
        """Return the first clause that catches ``raised``; one of unknown classes catches everything."""
        for clause in clauses:
            kinds = self._clauses.get(clause)
            if kinds is None:
                kinds = self._clauses[clause] = _caught_by(clause)
            if any(kind in GROUPS or self.types.is_a(raised, kind) for kind in kinds):
                return clause
        return None

    def _raising_again(
        self, frame: Frame, clause: HandlerClause, raised: ExceptionType
    ) -> Iterator[RaiseSite]:
        is_a = self.types.is_a
        for site in self._reraisers.get((frame, clause.at), ()):
            left = types_of(site.values)
            if not left or any(is_a(raised, kind) or is_a(kind, raised) for kind in left):
                yield site

    def _swallows(self, clauses: list[HandlerClause], frame: Frame, raised: ExceptionType) -> bool:
        clause = self._catching(clauses, raised)
        return clause is not None and not any(self._raising_again(frame, clause, raised))

    def _suppresses(self, guard: Guard, raised: ExceptionType) -> bool:
        if any(self.types.is_a(raised, kind) for kind in types_of(guard.suppressed)):
            return True
        return any(
            self.stopped_at_yield(manager, raised) if is_generator(manager) else self._may_swallow(manager)
            for manager in guard.managers
        )

    def _may_swallow(self, leaving: Frame) -> bool:
        """Return whether an ``__exit__`` may return something true."""
        results = self._inference.heap.read(("return", leaving), None)
        if isinstance(leaving.entity, Function):
            results |= self._inference.declared_result(leaving.entity, leaving.outer, leaving)
        return any(
            bool(value.value) if isinstance(value, Const) else getattr(value, "cls", "") == "builtins.bool"
            for value in _awaited(results)
        )

    # What is raised -----------------------------------------------------------------------------

    def _raised(self, frame: Frame, site: RaiseSite) -> dict[ExceptionType, None]:
        result = self._of_site.get(site)
        if result is not None:
            return result
        result = self._of_site[site] = {}
        for raised in types_of(site.values):
            if isinstance(raised, str) and raised in GROUPS:
                result.update(types_of(self._members(frame, site)))
            else:
                result[raised] = None
        return result

    def _members(self, frame: Frame, site: RaiseSite) -> Values:
        """Return the exceptions a group is made of where it is raised."""
        found: set[Value] = set()
        for call in calls_within(frame, site.at):
            if GROUPS & call.externals.keys() and len(call.args) > 1:
                for value in call.args[1]:
                    if isinstance(value, Container):
                        found |= self._inference.heap.read_item(value, None, None)
                    elif isinstance(value, TupleValue):
                        found.update(*value.items)
        return frozenset(found)


def _always_raises(frame: Frame, clause: HandlerClause) -> bool:
    """Return whether a clause ends by raising, and returns nowhere before."""
    nodes = frame.entity.nodes_of(r.Handler)
    body = next((node.body for node in nodes if node.at == clause.at), ())
    return bool(body) and isinstance(body[-1], r.Raise) and not any(
        isinstance(node, r.Return) for node in inside(*body)
    )


def _caught_by(clause: HandlerClause) -> tuple[ExceptionType, ...]:
    known = tuple(types_of(clause.classes or frozenset()))
    if clause.classes and all(type_of(value) is not None for value in clause.classes):
        return known
    return (*known, BASE_EXCEPTION)


def _is_yield(node: r.Node) -> bool:
    return isinstance(node, r.Yield)


def _awaited(results: Values) -> Iterator[Value]:
    for value in results:
        if isinstance(value, Instance) and value.cls == "builtins.coroutine" and value.args:
            yield from value.args[0]
        else:
            yield value
