"""The ``except`` clauses of functions: what stands in the code, with what is known of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec

from layercheck.facts import records as r
from layercheck.graphs.exception_types import CATCH_ALL, ExceptionType, dotted, types_of
from layercheck.inference.frames import Frame, HandlerClause
from layercheck.location import Span
from layercheck.program.build import statements
from layercheck.program.entities import Function
from layercheck.rules.measures.words import spoken
from layercheck.rules.view import View


class Clause(msgspec.Struct, frozen=True):
    """One ``except`` clause of ``function``: its ``try``, itself, and each run with what it catches there."""

    function: Function
    statement: r.Try
    node: r.Handler
    runs: tuple[tuple[Frame, HandlerClause], ...]

    @property
    def kinds(self) -> tuple[ExceptionType, ...]:
        """The classes it names, as far as they are known."""
        found: dict[ExceptionType, None] = {}
        for _, known in self.runs:
            found.update(types_of(known.classes or frozenset()))
        return tuple(found)

    @property
    def is_for_all(self) -> bool:
        """Whether it is a bare ``except`` or names ``Exception`` or ``BaseException``."""
        return self.node.type is None or not CATCH_ALL.isdisjoint(self.kinds)

    @property
    def title(self) -> str:
        """The clause as a message names it: ``except ValueError``."""
        if self.node.type is None:
            return "except"
        named = ", ".join(bare(kind) for kind in self.kinds)
        return f"except ({named})" if len(self.kinds) > 1 else f"except {named}"

    @property
    def reraises(self) -> bool:
        """Whether it raises what it caught again, on one way at least."""
        return any(
            site.reraises is not None and site.reraises.at == self.node.at
            for frame, _ in self.runs
            for site in frame.raises.values()
        )


def clauses(view: View, layers: Collection[str]) -> Iterator[Clause]:
    """Yield the ``except`` clauses of the functions of ``layers``, in the order of files and lines."""
    for function, found in view.measure(_clauses).items():
        if view.project.layer(function).layer in layers:
            yield from found


def _clauses(view: View) -> dict[Function, list[Clause]]:
    """Return the ``except`` clauses of the functions that have some; a measure."""
    result: dict[Function, list[Clause]] = {}
    for function in view.project.program.functions:
        runs: dict[Span, list[tuple[Frame, HandlerClause]]] = {}
        for frame in view.calls.frames(function):
            for guard in frame.guards:
                for known in guard.clauses:
                    runs.setdefault(known.at, []).append((frame, known))
        if runs:
            tries = (one for one in statements(function.body) if isinstance(one, r.Try))
            result[function] = [
                Clause(function, statement, node, tuple(runs[node.at]))
                for statement in tries
                for node in statement.handlers
                if node.at in runs
            ]
    return result


def bare(raised: ExceptionType) -> str:
    """Return the name of an exception class without what it is defined in."""
    return dotted(raised).rpartition(".")[2]


def speaker(view: View, function: Function) -> str:
    """Return a function of a router as a message names it: a handler by its route, others by their name."""
    routes = view.project.handlers.get(function)
    if routes:
        return f"{routes[0].method} {routes[0].path} ({function.name})"
    return f"{view.project.layer(function).layer} `{spoken(function)}`"
