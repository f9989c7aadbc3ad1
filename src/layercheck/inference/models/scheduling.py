"""Functions of the standard library that run others: now, later, in a thread, on the way in or out."""

from __future__ import annotations

from layercheck.inference.base import Arguments, Base
from layercheck.inference.frames import Activation, CallSite
from layercheck.inference.models import library
from layercheck.inference.models.model import Model, first
from layercheck.inference.values import NOTHING, Instance, TupleValue, Value, Values, only
from layercheck.location import Span


def _result_of(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
               site: CallSite) -> Values:  # fmt: skip
    """Give what a task or future was made for: ``task.result()``."""
    return receiver.args[0] if isinstance(receiver, Instance) and receiver.args else NOTHING


def _map_later(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
               site: CallSite) -> Values:  # fmt: skip
    """Call the first argument with the elements of the others, some time later: ``pool.map(f, xs)``."""
    items = [interpreter.iterate(act, values, at) for values in args.positional[1:]]
    result = interpreter.call(act, args.at(0), Arguments(items), at, "deferred")
    return interpreter.instance("builtins.generator", result)


def _call_now(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
              site: CallSite) -> Values:  # fmt: skip
    """Call the first argument with the rest: ``asyncio.to_thread(f, x)``."""
    rest = Arguments(args.positional[1:], args.keywords, args.rest, args.others)
    result = interpreter.call(act, args.at(0), rest, at, "deferred")
    return interpreter.instance("builtins.coroutine", interpreter.awaited(act, result, at) or result)


def _call_second(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
                 site: CallSite) -> Values:  # fmt: skip
    """Call the second argument with the rest: ``loop.run_in_executor(None, f, x)``."""
    rest = Arguments(args.positional[2:], args.keywords, args.rest, args.others)
    result = interpreter.call(act, args.at(1), rest, at, "deferred")
    return interpreter.instance("builtins.coroutine", result)


def _later(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
           site: CallSite) -> Values:  # fmt: skip
    """Call the first argument with the rest, some time later."""
    rest = Arguments(args.positional[1:], args.keywords, args.rest, args.others)
    interpreter.call(act, args.at(0), rest, at, "deferred")
    return NOTHING


def _thread(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
            site: CallSite) -> Values:  # fmt: skip
    target = args.keywords.get("target", NOTHING)
    given = args.keywords.get("args", NOTHING)
    positional = next((list(v.items) for v in given if isinstance(v, TupleValue)), [])
    if target:
        interpreter.call(act, target, Arguments(positional), at, "deferred")
    return interpreter.instance("threading.Thread")


def _gather(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
            site: CallSite) -> Values:  # fmt: skip
    items = tuple(interpreter.awaited(act, values, at) for values in args.positional)
    if args.rest:
        result = interpreter.instance("builtins.list", interpreter.awaited(act, args.rest, at))
    else:
        result = only(interpreter.u.tuple_of(items))
    return interpreter.instance("builtins.coroutine", result)


def _enter(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
           site: CallSite) -> Values:  # fmt: skip
    """Enter the context manager handed over: ``stack.enter_context(manager)``."""
    result = NOTHING
    for value in args.at(0):
        if isinstance(value, Instance) and value.cls == library.MANAGER:
            result |= value.args[0]
            continue
        for enter, leave in (("__enter__", "__exit__"), ("__aenter__", "__aexit__")):
            got = interpreter.call_method(act, value, enter, Arguments(), at, "context")
            if got is not None:
                result |= interpreter.awaited(act, got, at)
                interpreter.call_method(act, value, leave, Arguments(), at, "context")
    return result


def _enter_later(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
                 site: CallSite) -> Values:  # fmt: skip
    entered = _enter(interpreter, act, receiver, args, at, site)
    return interpreter.instance("builtins.coroutine", entered)


MODELS: dict[str, Model] = {
    "builtins.coroutine.result": _result_of,
    "concurrent.futures.ThreadPoolExecutor.map": _map_later,
    "concurrent.futures.ProcessPoolExecutor.map": _map_later, "concurrent.futures.Executor.map": _map_later,
    "asyncio.to_thread": _call_now, "starlette.concurrency.run_in_threadpool": _call_now,
    "anyio.to_thread.run_sync": _call_now, "asgiref.sync.sync_to_async": first,
    "asyncio.AbstractEventLoop.run_in_executor": _call_second,
    "asyncio.get_event_loop().run_in_executor": _call_second,
    "asyncio.get_running_loop().run_in_executor": _call_second,
    "asyncio.new_event_loop().run_in_executor": _call_second,
    "asyncio.create_task": first, "asyncio.ensure_future": first, "asyncio.wait_for": first,
    "asyncio.shield": first, "asyncio.run": first, "asyncio.TaskGroup.create_task": first,
    "asyncio.get_event_loop().create_task": first, "asyncio.get_running_loop().create_task": first,
    "asyncio.get_event_loop().run_until_complete": first, "asyncio.gather": _gather,
    "starlette.background.BackgroundTasks.add_task": _later, "starlette.background.BackgroundTask": _later,
    "concurrent.futures.ThreadPoolExecutor.submit": _later, "concurrent.futures.Executor.submit": _later,
    "concurrent.futures.ProcessPoolExecutor.submit": _later, "threading.Thread": _thread,
    "threading.Timer": _thread, "multiprocessing.Process": _thread,
    "contextlib.ExitStack.enter_context": _enter, "contextlib.AsyncExitStack.enter_context": _enter,
    "contextlib.AsyncExitStack.enter_async_context": _enter_later,
}  # fmt: skip
"""Models by the canonical dotted name of what is called."""
