"""The calls whose exceptions come back to where they are made."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.graphs.calls import Edge
from layercheck.inference.frames import CallSite, Frame
from layercheck.inference.values import Instance, Value
from layercheck.location import Span, end_line_of, line_of
from layercheck.program.entities import Function

CARRYING = frozenset({"call", "construct", "property", "context", "decorator", "depends"})
"""Kinds of edges along which an exception comes back to the caller."""

AWAITED = frozenset({
    "asyncio.to_thread", "starlette.concurrency.run_in_threadpool", "anyio.to_thread.run_sync",
    "asyncio.get_event_loop().run_in_executor", "asyncio.get_running_loop().run_in_executor",
    "asyncio.gather", "asyncio.wait_for",
})  # fmt: skip
"""Outside functions that run what they are handed elsewhere, and hand its exceptions back."""


def calls_within(frame: Frame, at: Span) -> list[CallSite]:
    """Return the call sites of ``frame`` inside the statement at ``at``, in source order."""
    first, last = line_of(at), end_line_of(at)
    return [
        site
        for (where, kind), site in sorted(frame.sites.items())
        if kind == "call" and at <= where and first <= line_of(where) <= last
    ]


def carrying_edges(frame: Frame) -> Iterator[Edge]:
    """Yield the calls of ``frame`` that exceptions come back from.

    What a generator raises that is handed to a response comes when the response has begun.
    """
    streamed: frozenset[Value] | None = None
    for (at, kind), site in frame.sites.items():
        if not site.edges:
            continue
        call = frame.sites.get((at, "call")) if kind == "deferred" else None
        is_awaited = call is not None and not AWAITED.isdisjoint(call.externals)
        for target, how in site.edges:
            if how in CARRYING or is_awaited:
                if is_generator(target):
                    streamed = _streamed(frame) if streamed is None else streamed
                    if not streamed.isdisjoint(site.result):
                        continue
                yield Edge(frame, target, how, site)


def is_generator(frame: Frame) -> bool:
    """Return whether ``frame`` runs a generator function."""
    return isinstance(frame.entity, Function) and frame.entity.is_generator


def _streamed(frame: Frame) -> frozenset[Value]:
    """Return the generators ``frame`` hands to responses."""
    return frozenset(
        value
        for site in frame.sites.values()
        if any(name.endswith("Response") for name in (*site.externals, *(c.name for c in site.classes)))
        for values in (*site.args, *(given for _, given in site.keywords))
        for value in values
        if isinstance(value, Instance) and value.cls == "builtins.generator"
    )
