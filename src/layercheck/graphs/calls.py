"""The call graph: frames and the edges between them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from operator import attrgetter

import msgspec

from layercheck.inference.engine import Inference
from layercheck.inference.frames import CallSite, Frame
from layercheck.location import Span
from layercheck.program.entities import Entity, Function

CERTAIN_KINDS = frozenset({"call", "construct", "property", "context", "decorator", "depends", "deferred"})
"""Kinds of edges a reader expects; *possible* and *callback* edges are left out by default."""

_AT = attrgetter("at")

ALL_KINDS = CERTAIN_KINDS | {"possible", "callback"}


class Edge(msgspec.Struct, frozen=True, gc=False):
    """One call: ``source`` runs ``target`` at ``site``."""

    source: Frame
    target: Frame
    kind: str
    site: CallSite


class CallGraph:
    """Questions about who runs whom.

    Nodes are frames: a function together with its receiver and the callables it was handed, so that
    a chain through a shared wrapper or base class does not mix its users.
    """

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._frames: dict[Entity, list[Frame]] = {}
        self._edges: dict[Frame, tuple[Edge, ...]] = {}
        self._incoming: dict[Entity, dict[Frame, None]] | None = None
        self._outside: dict[str, list[Frame]] | None = None
        for frame in inference.frames:
            if frame.runs:
                self._frames.setdefault(frame.entity, []).append(frame)
        self._declared_first = {
            entity: sorted(frames, key=lambda frame: not frame.generic) if len(frames) > 1 else frames
            for entity, frames in self._frames.items()
        }

    def frames(self, entity: Entity) -> Sequence[Frame]:
        """Return all frames of a function or module, the declared one first where there is one."""
        return self._declared_first.get(entity, ())

    def declared(self, function: Function) -> Frame | None:
        """Return the frame of ``function`` as it is declared."""
        frames = self._declared_first.get(function)
        return frames[0] if frames and frames[0].generic else None

    def edges(self, frame: Frame) -> tuple[Edge, ...]:
        """Return the edges that leave ``frame``, in source order."""
        found = self._edges.get(frame)
        if found is None:
            calling = sorted([site for site in frame.sites.values() if site.edges], key=_AT)
            found = self._edges[frame] = tuple(
                [Edge(frame, target, kind, site) for site in calling for target, kind in site.edges]
            )
        return found

    def sites(
        self, entity: Entity, counts: Callable[[CallSite], bool] = lambda site: True
    ) -> Iterator[tuple[Frame, CallSite]]:
        """Yield the call sites of all frames of ``entity`` that count, in source order per frame."""
        for frame in self.frames(entity):
            for site in sorted(filter(counts, frame.sites.values()), key=_AT):
                yield frame, site

    def reached(self, start: Frame, follow: Callable[[Edge], bool]) -> Iterator[Frame]:
        """Yield ``start`` and every frame reached from it by edges that are followed, nearest first."""
        seen = {start}
        queue = deque([start])
        while queue:
            frame = queue.popleft()
            yield frame
            for edge in self.edges(frame):
                if edge.target not in seen and follow(edge):
                    seen.add(edge.target)
                    queue.append(edge.target)

    def walk(self, start: Frame, follow: Callable[[Edge], bool]) -> Iterator[tuple[Frame, tuple[Edge, ...]]]:
        """Yield what is `reached` with a shortest chain to each frame, empty for ``start``.

        Breadth first, so every chain is as short as any.
        """
        chains: dict[Frame, tuple[Edge, ...]] = {start: ()}
        queue = deque([start])
        while queue:
            frame = queue.popleft()
            chain = chains[frame]
            yield frame, chain
            for edge in self.edges(frame):
                if edge.target not in chains and follow(edge):
                    chains[edge.target] = (*chain, edge)
                    queue.append(edge.target)

    def frames_calling(self, is_meant: Callable[[str], bool]) -> frozenset[Frame]:
        """Return the frames that call something outside whose dotted name ``is_meant``."""
        if self._outside is None:
            self._outside = {}
            for frames in self._frames.values():
                for frame in frames:
                    for site in frame.sites.values():
                        for name in site.externals:
                            using = self._outside.get(name)
                            if using is None:
                                self._outside[name] = [frame]
                            elif using[-1] is not frame:
                                using.append(frame)
        return frozenset(frame for name, using in self._outside.items() if is_meant(name) for frame in using)

    def callers(self, entity: Entity) -> list[Entity]:
        """Return the functions and modules that may run ``entity``, by any kind of edge."""
        return list(dict.fromkeys([frame.entity for frame in self.running(entity)]))

    def running(self, entity: Entity) -> Collection[Frame]:
        """Return the frames that may run ``entity``, by any kind of edge."""
        if self._incoming is None:
            self._incoming = {}
            for frames in self._frames.values():
                for frame in frames:
                    for site in frame.sites.values():
                        for target, _ in site.edges or ():
                            self._incoming.setdefault(target.entity, {})[frame] = None
        return self._incoming.get(entity, ())

    def as_names(self, kinds: frozenset[str] = CERTAIN_KINDS) -> dict[str, dict[str, set[str]]]:
        """Return ``{caller: {callee: kinds}}`` by dotted name, every function a key."""
        result: dict[str, dict[str, set[str]]] = {}
        for entity, frames in self._frames.items():
            callees = result.setdefault(entity.qualname, {})
            for frame in frames:
                for site in frame.sites.values():
                    for target, kind in site.edges:
                        if kind in kinds:
                            callees.setdefault(target.qualname, set()).add(kind)
        return result

    def unresolved(self) -> Iterator[tuple[Entity, CallSite]]:
        """Yield the call sites nothing is known of, once per place."""
        for entity, frames in self._frames.items():
            seen: dict[tuple[Span, str], CallSite] = {}
            known: set[tuple[Span, str]] = set()
            for frame in frames:
                for key, site in frame.sites.items():
                    if is_resolved(site):
                        known.add(key)
                    elif key[1] == "call":
                        seen.setdefault(key, site)
            for key, site in sorted(seen.items()):
                if key not in known:
                    yield entity, site

    def counts(self) -> tuple[int, int]:
        """Return how many call sites there are and how many of them are resolved."""
        total = resolved = 0
        for frames in self._frames.values():
            calls: set[Span] = set()
            known: set[Span] = set()
            for frame in frames:
                for (at, kind), site in frame.sites.items():
                    if kind == "call" and at not in known:
                        (known if is_resolved(site) else calls).add(at)
            total += len(calls | known)
            resolved += len(known)
        return total, resolved


def is_resolved(site: CallSite) -> bool:
    """Return whether it is known what a call site runs.

    A call on the result of an outside call whose type is not known (``client.get().json()``) is not.
    """
    if site.edges or site.classes:
        return True
    for name in site.externals:
        if "()" not in name and "[]" not in name:
            return True
    return False
