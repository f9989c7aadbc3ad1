"""Calls that let something run later: in the background, beside the caller, in a queue."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from layercheck.facts import records as r
from layercheck.inference.externals import TASK_METHODS
from layercheck.inference.frames import Frame
from layercheck.program.entities import Function
from layercheck.rules.view import View

_BACKGROUND = frozenset(
    {"starlette.background.BackgroundTasks.add_task", "starlette.background.BackgroundTask"}
)
_COROUTINES = ("asyncio.create_task", "asyncio.ensure_future")
_LOOPS = (".create_task", ".ensure_future")
_POOLS = frozenset({
    "concurrent.futures.Executor.submit", "concurrent.futures.ThreadPoolExecutor.submit",
    "concurrent.futures.ProcessPoolExecutor.submit",
})  # fmt: skip
_QUEUED = frozenset({f"types.FunctionType.{name}" for name in TASK_METHODS})
_STREAMS = frozenset({"fastapi.responses.StreamingResponse", "starlette.responses.StreamingResponse"})
_KEEPING = frozenset({"add_done_callback", "add", "discard"})
"""What may be done with a task without waiting for it."""


class Sink(msgspec.Struct, frozen=True):
    """A call that lets something run later: what it calls, with which arguments."""

    name: str
    function: r.Expr
    arguments: tuple[r.Expr, ...]
    is_background: bool = False


def deferring(view: View, streams: bool) -> frozenset[Frame]:
    """Return the frames that may have `sinks`."""
    return view.calls.frames_calling(lambda name: _defers(name) or (streams and name in _STREAMS))


def sinks(frame: Frame, function: Function, streams: bool) -> Iterator[tuple[r.Call, Sink]]:
    """Yield the calls in ``function`` that let something run later; streamed responses with ``streams``."""
    calls = function.calls
    for (at, kind), site in sorted(frame.sites.items()):
        if kind != "call" or at not in calls:
            continue
        name = next(
            (name for name in site.externals if _defers(name) or (streams and name in _STREAMS)), ""
        )
        sink = _sink(function, calls[at], name) if name else None
        if sink is not None:
            yield calls[at], sink


def _defers(name: str) -> bool:
    return (
        name in _BACKGROUND or name in _POOLS or name in _QUEUED
        or name in _COROUTINES or (name.startswith("asyncio.get_") and name.endswith(_LOOPS))
    )  # fmt: skip


def _sink(function: Function, call: r.Call, name: str) -> Sink | None:
    arguments = (*call.args, *(keyword.value for keyword in call.keywords))
    if name in _QUEUED and isinstance(call.func, r.Attribute):
        return Sink(
            f"the queue of `{getattr(call.func.value, 'id', call.func.name)}`", call.func.value, arguments
        )
    if not arguments:
        return None
    target, *rest = arguments
    if name in _BACKGROUND:
        return Sink("a background task", target, tuple(rest), is_background=True)
    if name in _STREAMS:
        return _of_coroutine("a streaming response", target)
    if not _is_left_alone(function, call):
        return None
    if name in _POOLS:
        return None if _is_managed(function, call) else Sink("an executor", target, tuple(rest))
    return _of_coroutine("a task nobody waits for", target)


def _of_coroutine(name: str, target: r.Expr) -> Sink | None:
    """Return what is called by ``target``, the call of a coroutine or generator function."""
    if not isinstance(target, r.Call):
        return None
    return Sink(name, target.func, (*target.args, *(keyword.value for keyword in target.keywords)))


def _is_left_alone(function: Function, call: r.Call) -> bool:
    """Return whether ``function`` does not wait for what it has started."""
    for node in function.nodes:
        if isinstance(node, r.Evaluate) and node.value is call:
            return True
        if isinstance(node, r.Assign) and node.value is call and len(node.targets) == 1:
            target = node.targets[0]
            return isinstance(target, r.Name) and _is_only_kept(function, target.id)
    return False


def _is_only_kept(function: Function, name: str) -> bool:
    reads = kept = 0
    for node in function.nodes:
        if isinstance(node, r.Name) and node.id == name:
            reads += 1
        if isinstance(node, r.Call) and getattr(node.func, "name", "") in _KEEPING:
            handed = (getattr(node.func, "value", None), *node.args)
            kept += sum(isinstance(one, r.Name) and one.id == name for one in handed)
    return reads - 1 <= kept


def _is_managed(function: Function, call: r.Call) -> bool:
    """Return whether a block around ``call`` waits for what its executor runs."""
    pool = getattr(getattr(call.func, "value", None), "id", "")
    return any(
        isinstance(item.target, r.Name) and item.target.id == pool
        for node in function.nodes_of(r.With)
        for item in node.items
    )
