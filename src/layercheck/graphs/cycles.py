"""Cycles in a directed graph: which nodes reach each other, and a shortest way round."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Generic, TypeVar

import msgspec

N = TypeVar("N", bound=Hashable)
E = TypeVar("E")


class Cycle(msgspec.Struct, Generic[N, E], frozen=True):
    """A strongly connected component: all its members, and the edges of a shortest cycle in it."""

    members: tuple[N, ...]
    nodes: tuple[N, ...]
    edges: tuple[E, ...]


def find_cycles(
    graph: Mapping[N, Mapping[N, E]], counts: Callable[[N, N], bool] = lambda one, other: True
) -> list[Cycle[N, E]]:
    """Return a shortest cycle of every component, in the order of ``graph``.

    Only cycles with an edge that ``counts`` are looked for. A cycle starts at the edge that comes
    first in ``graph``; of equally short ones the first wins, so that the same graph gives the same
    cycles.
    """
    position = {node: index for index, node in enumerate(graph)}
    result = []
    for component in components(graph):
        members = tuple(sorted(component, key=position.__getitem__))
        inside = frozenset(members)
        rounds = [
            (source, *shortest_way(graph, target, source, inside)[:-1])
            for source in members
            for target in graph[source]
            if target in inside and counts(source, target)
        ]
        if rounds:
            nodes = min(rounds, key=len)
            edges = tuple(graph[one][other] for one, other in zip(nodes, (*nodes[1:], nodes[0]), strict=True))
            result.append(Cycle(members, nodes, edges))
    return sorted(result, key=lambda cycle: position[cycle.members[0]])


def shortest_way(graph: Mapping[N, Iterable[N]], start: N, goal: N, inside: frozenset[N]) -> tuple[N, ...]:
    """Return the nodes of a shortest way from ``start`` to ``goal`` through ``inside``, both included."""
    if start == goal:
        return (start,)
    came_from: dict[N, N] = {}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for target in graph.get(node, ()):
            if target in inside and target not in came_from:
                came_from[target] = node
                if target == goal:
                    way = [goal]
                    while way[-1] != start:
                        way.append(came_from[way[-1]])
                    return tuple(reversed(way))
                queue.append(target)
    return ()


def components(graph: Mapping[N, Iterable[N]]) -> list[list[N]]:
    """Return the strongly connected components of ``graph``.

    Tarjan's algorithm (https://doi.org/10.1137/0201010) without recursion.
    """
    index: dict[N, int] = {}
    low: dict[N, int] = {}
    stack: list[N] = []
    waiting: set[N] = set()
    result = []
    for root in graph:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        waiting.add(root)
        work = [(root, iter(graph[root]))]
        while work:
            node, targets = work[-1]
            for target in targets:
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    waiting.add(target)
                    work.append((target, iter(graph.get(target, ()))))
                    break
                if target in waiting:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    component = [stack.pop()]
                    while component[-1] != node:
                        component.append(stack.pop())
                    waiting.difference_update(component)
                    result.append(component)
    return result
