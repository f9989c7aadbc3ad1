"""Functions of the standard library whose calls move functions and objects of the program around."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from layercheck.inference.base import Arguments, Base
from layercheck.inference.frames import Activation, CallSite
from layercheck.inference.models import library
from layercheck.inference.values import (
    NOTHING,
    ClassValue,
    Const,
    Container,
    FunctionValue,
    Instance,
    ModuleValue,
    Partial,
    TupleValue,
    Value,
    Values,
    Wrapped,
)
from layercheck.location import Span
from layercheck.program.entities import Class

Model: TypeAlias = Callable[[Base, Activation, "Value | None", Arguments, Span, CallSite], Values]
"""Takes the interpreter, the run, the receiver, the arguments, the place and the call site."""


def _first(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
           site: CallSite) -> Values:  # fmt: skip
    return args.at(0)


def _cast(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
          site: CallSite) -> Values:  # fmt: skip
    meaning, _ = interpreter.type_meaning(act, args.at(0))
    return meaning or args.at(1)


def _partial(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
             site: CallSite) -> Values:  # fmt: skip
    rest = tuple(args.positional[1:])
    keywords = tuple(sorted(args.keywords.items()))
    return frozenset(interpreter.u.of(Partial, func, rest, keywords) for func in args.at(0))


def _result_of(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
               site: CallSite) -> Values:  # fmt: skip
    """Give what a task or future was made for: ``task.result()``."""
    return receiver.args[0] if isinstance(receiver, Instance) and receiver.args else NOTHING


def _shown(*names: str) -> Model:
    """Return the model of a builtin that runs the first special method its argument has."""

    def model(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
              site: CallSite) -> Values:  # fmt: skip
        result = NOTHING
        for values in args.positional:
            for value in values:
                if isinstance(value, Const) and isinstance(value.value, (str, int)) and "__str__" in names:
                    result |= interpreter.one(interpreter.u.const(str(value.value)))
                for name in names:
                    got = interpreter.call_method(act, value, name, Arguments(), at)
                    if got is not None:
                        result |= got
                        break
        return result

    return model


def _context_variable(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
                      site: CallSite) -> Values:  # fmt: skip
    """Make a context variable: what it holds is kept under the place it is made at."""
    name = "contextvars.ContextVar"
    made = interpreter.made(name, args, at, act)
    interpreter.heap.write(("held", made), args.keywords.get("default", NOTHING))
    return interpreter.one(made)


def _get_held(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
              site: CallSite) -> Values:  # fmt: skip
    return interpreter.heap.read(("held", receiver), act.reader) | args.at(0)


def _set_held(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
              site: CallSite) -> Values:  # fmt: skip
    interpreter.heap.write(("held", receiver), args.at(0))
    return interpreter.instance("contextvars.Token")


def _getattr(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
             site: CallSite) -> Values:  # fmt: skip
    names = [v.value for v in args.at(1) if isinstance(v, Const) and isinstance(v.value, str)]
    result = args.at(2)
    for value in args.at(0):
        for name in names:
            result |= interpreter.get_attribute(act, value, name, at)
    if not names:
        site.reason = "dynamic attribute name"
    return result


def _setattr(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
             site: CallSite) -> Values:  # fmt: skip
    for name in args.at(1):
        if isinstance(name, Const) and isinstance(name.value, str):
            for value in args.at(0):
                if not isinstance(value, ClassValue):
                    interpreter.set_attribute(act, value, name.value, args.at(2), at)
    return NOTHING


def _type(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
          site: CallSite) -> Values:  # fmt: skip
    if len(args.positional) != 1:
        return NOTHING
    return frozenset(
        interpreter.u.class_value(v.cls, v.args)
        for v in args.at(0)
        if isinstance(v, Instance) and isinstance(v.cls, Class)
    )


def _elements(interpreter: Base, act: Activation, values: Values, at: Span) -> Values:
    return interpreter.iterate(act, values, at)


def _collect(kind: str) -> Model:
    """Return the model of ``list(x)``, ``set(x)`` ...: a container of the elements."""

    def model(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
              site: CallSite) -> Values:  # fmt: skip
        if not args.positional:
            return interpreter.one(interpreter.u.of(Container, kind, (act.frame.module.path, at)))
        return interpreter.instance(f"builtins.{kind}", _elements(interpreter, act, args.at(0), at))

    return model


def _dict(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
          site: CallSite) -> Values:  # fmt: skip
    container = interpreter.u.of(Container, "dict", (act.frame.module.path, at))
    for name, values in args.keywords.items():
        interpreter.heap.write_item(container, name, values)
    result: Values = interpreter.one(container)
    for value in args.at(0) | args.at(1):
        if isinstance(value, (Container, Instance)):
            result |= interpreter.one(value)
    factories = frozenset(v for v in args.at(0) if not isinstance(v, (Container, Instance, Const)))
    if factories:
        interpreter.heap.write(("factory", container), factories)
    return result


def _same_elements(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
                   site: CallSite) -> Values:  # fmt: skip
    elements = _elements(interpreter, act, args.at(0), at)
    key = args.keywords.get("key", NOTHING)
    if key:
        interpreter.call(act, key, Arguments([elements]), at)
    return interpreter.instance("builtins.list", elements)


def _one_element(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
                 site: CallSite) -> Values:  # fmt: skip
    if len(args.positional) > 1:
        elements = frozenset().union(*args.positional)
    else:
        elements = _elements(interpreter, act, args.at(0), at)
    key = args.keywords.get("key", NOTHING)
    if key:
        interpreter.call(act, key, Arguments([elements]), at)
    return elements | args.keywords.get("default", NOTHING)


def _iter(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
          site: CallSite) -> Values:  # fmt: skip
    result = NOTHING
    plain = NOTHING
    for value in args.at(0):
        got = interpreter.call_method(act, value, "__iter__", Arguments(), at)
        if got is None:
            plain |= interpreter.one(value)
        else:
            result |= got
    if plain:
        result |= interpreter.instance("builtins.generator", _elements(interpreter, act, plain, at))
    return result


def _next(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
          site: CallSite) -> Values:  # fmt: skip
    result = args.at(1) if len(args.positional) > 1 else NOTHING
    plain = NOTHING
    for value in args.at(0):
        got = interpreter.call_method(act, value, "__next__", Arguments(), at)
        if got is None:
            plain |= interpreter.one(value)
        else:
            result |= got
    return result | (_elements(interpreter, act, plain, at) if plain else NOTHING)


def _enumerate(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
               site: CallSite) -> Values:  # fmt: skip
    pair = interpreter.u.tuple_of(
        (interpreter.instance("builtins.int"), _elements(interpreter, act, args.at(0), at))
    )
    return interpreter.instance("builtins.generator", interpreter.one(pair))


def _zip(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
         site: CallSite) -> Values:  # fmt: skip
    items = tuple(_elements(interpreter, act, values, at) for values in args.positional)
    return interpreter.instance("builtins.generator", interpreter.one(interpreter.u.tuple_of(items)))


def _map(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
         site: CallSite) -> Values:  # fmt: skip
    items = [_elements(interpreter, act, values, at) for values in args.positional[1:]]
    return interpreter.instance("builtins.generator", interpreter.call(act, args.at(0), Arguments(items), at))


def _filter(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
            site: CallSite) -> Values:  # fmt: skip
    elements = _elements(interpreter, act, args.at(1), at)
    interpreter.call(act, args.at(0), Arguments([elements]), at)
    return interpreter.instance("builtins.generator", elements)


def _reduce(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
            site: CallSite) -> Values:  # fmt: skip
    elements = _elements(interpreter, act, args.at(1), at) | args.at(2)
    return interpreter.call(act, args.at(0), Arguments([elements, elements]), at)


def _wrap(kind: str) -> Model:
    """Return the model of a decorator that puts a function behind a descriptor."""

    def model(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
              site: CallSite) -> Values:  # fmt: skip
        setter = args.at(1) if kind == "property" and len(args.positional) > 1 else NOTHING
        extra = next(iter(setter), None)
        return frozenset(interpreter.u.of(Wrapped, kind, value, extra) for value in args.at(0))

    return model


def _setter(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
            site: CallSite) -> Values:  # fmt: skip
    if not isinstance(receiver, Wrapped):
        return NOTHING
    return frozenset(interpreter.u.of(Wrapped, "property", receiver.value, value) for value in args.at(0))


def _deleter(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
             site: CallSite) -> Values:  # fmt: skip
    """Keep the property; its deleter stands where a setter would unless there is one."""
    if not isinstance(receiver, Wrapped):
        return NOTHING
    extra = receiver.extra or next(iter(args.at(0)), None)
    return interpreter.one(interpreter.u.of(Wrapped, "property", receiver.value, extra))


def _map_later(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
               site: CallSite) -> Values:  # fmt: skip
    """Call the first argument with the elements of the others, some time later: ``pool.map(f, xs)``."""
    items = [_elements(interpreter, act, values, at) for values in args.positional[1:]]
    result = interpreter.call(act, args.at(0), Arguments(items), at, "deferred")
    return interpreter.instance("builtins.generator", result)


def _identity_decorator(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
                        site: CallSite) -> Values:  # fmt: skip
    """Give the decorated function back, or for ``@decorator(options)`` something that does."""
    given = args.at(0)
    if any(isinstance(v, (FunctionValue, ClassValue, Wrapped)) for v in given):
        return given
    return interpreter.one(interpreter.u.external("layercheck.identity"))


def _wraps(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
           site: CallSite) -> Values:  # fmt: skip
    """Return the decorator that makes a wrapper look like the function handed over."""
    update = interpreter.u.external("functools.update_wrapper")
    return interpreter.one(interpreter.u.of(Partial, update, (), (("wrapped", args.at(0, "wrapped")),)))


def _update_wrapper(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
                    site: CallSite) -> Values:  # fmt: skip
    for wrapper in args.at(0, "wrapper"):
        interpreter.heap.write(("wrapped", wrapper), args.at(1, "wrapped"))
    return args.at(0, "wrapper")


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
        result = interpreter.one(interpreter.u.tuple_of(items))
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


def _import_module(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
                   site: CallSite) -> Values:  # fmt: skip
    root = act.frame.module.source.root
    names = [v.value for v in args.at(0) if isinstance(v, Const) and isinstance(v.value, str)]
    result = NOTHING
    for name in names:
        if interpreter.program.find(name, root) is not None:
            result |= interpreter.one(interpreter.u.of(ModuleValue, name, root))
        else:
            result |= interpreter.one(interpreter.u.external(name))
    if not names:
        site.reason = "dynamic import"
    return result


def _dynamic(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
             site: CallSite) -> Values:  # fmt: skip
    site.reason = "dynamic code"
    return NOTHING


def _type_variable(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
                   site: CallSite) -> Values:  # fmt: skip
    return NOTHING


def _sessionmaker_call(result: str) -> Model:
    """Return the model of calling a session factory: a session, of the class it was told to make."""

    def model(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
              site: CallSite) -> Values:  # fmt: skip
        told = getattr(receiver, "keyword", lambda _name: NOTHING)("class_")
        meaning, _ = interpreter.type_meaning(act, told)
        return meaning or interpreter.instance(result)

    return model


def _made_class(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
                site: CallSite) -> Values:  # fmt: skip
    """Give an object of the class handed over: ``container.resolve(Service)``; of several, a tuple."""
    meanings = tuple(interpreter.type_meaning(act, values)[0] for values in args.positional)
    if len(meanings) > 1:
        return interpreter.one(interpreter.u.tuple_of(meanings))
    return meanings[0] if meanings else NOTHING


def _made_class_later(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
                      site: CallSite) -> Values:  # fmt: skip
    made = _made_class(interpreter, act, receiver, args, at, site)
    return interpreter.instance("builtins.coroutine", made)


MODELS: dict[str, Model] = {
    "typing.cast": _cast, "functools.partial": _partial, "functools.partialmethod": _partial,
    "builtins.getattr": _getattr, "builtins.setattr": _setattr, "builtins.type": _type,
    "builtins.list": _collect("list"), "builtins.set": _collect("set"), "builtins.tuple": _collect("tuple"),
    "builtins.frozenset": _collect("frozenset"), "builtins.dict": _dict, "builtins.sorted": _same_elements,
    "builtins.reversed": _same_elements, "builtins.min": _one_element, "builtins.max": _one_element,
    "builtins.iter": _iter, "builtins.next": _next, "builtins.anext": _next, "builtins.aiter": _iter,
    "builtins.enumerate": _enumerate, "builtins.zip": _zip, "builtins.map": _map, "builtins.filter": _filter,
    "functools.wraps": _wraps, "functools.update_wrapper": _update_wrapper,
    "builtins.coroutine.result": _result_of, "builtins.str": _shown("__str__", "__repr__"),
    "builtins.repr": _shown("__repr__"), "builtins.print": _shown("__str__", "__repr__"),
    "builtins.format": _shown("__format__", "__str__"), "builtins.len": _shown("__len__"),
    "builtins.bool": _shown("__bool__", "__len__"), "builtins.int": _shown("__int__", "__index__"),
    "builtins.float": _shown("__float__"), "builtins.hash": _shown("__hash__"),
    "builtins.abs": _shown("__abs__"), "builtins.round": _shown("__round__"),
    "contextvars.ContextVar": _context_variable, "contextvars.ContextVar.get": _get_held,
    "contextvars.ContextVar.set": _set_held, "fastapi_injector.Injected": _made_class,
    "lagom.Container.__getitem__": _made_class,
    "functools.reduce": _reduce, "builtins.staticmethod": _wrap("static"),
    "builtins.classmethod": _wrap("class"), "builtins.property": _wrap("property"),
    "functools.cached_property": _wrap("property"), "abc.abstractproperty": _wrap("property"),
    "builtins.property.setter": _setter, "builtins.property.deleter": _deleter,
    "concurrent.futures.ThreadPoolExecutor.map": _map_later,
    "concurrent.futures.ProcessPoolExecutor.map": _map_later, "concurrent.futures.Executor.map": _map_later,
    "dishka.make_container().get": _made_class, "dishka.make_async_container().get": _made_class_later,
    "dishka.Container.get": _made_class, "dishka.AsyncContainer.get": _made_class_later,
    "contextlib.contextmanager": _wrap("contextmanager"),
    "contextlib.asynccontextmanager": _wrap("asynccontextmanager"),
    "asyncio.to_thread": _call_now, "starlette.concurrency.run_in_threadpool": _call_now,
    "anyio.to_thread.run_sync": _call_now, "asgiref.sync.sync_to_async": _first,
    "asyncio.AbstractEventLoop.run_in_executor": _call_second,
    "asyncio.get_event_loop().run_in_executor": _call_second,
    "asyncio.get_running_loop().run_in_executor": _call_second,
    "asyncio.new_event_loop().run_in_executor": _call_second,
    "asyncio.create_task": _first, "asyncio.ensure_future": _first, "asyncio.wait_for": _first,
    "asyncio.shield": _first, "asyncio.run": _first, "asyncio.TaskGroup.create_task": _first,
    "asyncio.get_event_loop().create_task": _first, "asyncio.get_running_loop().create_task": _first,
    "asyncio.get_event_loop().run_until_complete": _first, "asyncio.gather": _gather,
    "starlette.background.BackgroundTasks.add_task": _later, "starlette.background.BackgroundTask": _later,
    "concurrent.futures.ThreadPoolExecutor.submit": _later, "concurrent.futures.Executor.submit": _later,
    "concurrent.futures.ProcessPoolExecutor.submit": _later, "threading.Thread": _thread,
    "threading.Timer": _thread, "multiprocessing.Process": _thread,
    "contextlib.ExitStack.enter_context": _enter, "contextlib.AsyncExitStack.enter_context": _enter,
    "contextlib.AsyncExitStack.enter_async_context": _enter_later, "copy.copy": _first,
    "copy.deepcopy": _first, "importlib.import_module": _import_module, "builtins.eval": _dynamic,
    "builtins.exec": _dynamic, "builtins.__import__": _import_module, "layercheck.identity": _first,
    "sqlalchemy.orm.sessionmaker()": _sessionmaker_call("sqlalchemy.orm.Session"),
    "sqlalchemy.orm.sessionmaker().begin": _sessionmaker_call("sqlalchemy.orm.Session"),
    "sqlalchemy.orm.scoped_session()": _sessionmaker_call("sqlalchemy.orm.Session"),
    "sqlalchemy.ext.asyncio.async_sessionmaker()": _sessionmaker_call("sqlalchemy.ext.asyncio.AsyncSession"),
    "sqlalchemy.ext.asyncio.async_sessionmaker().begin": _sessionmaker_call(
        "sqlalchemy.ext.asyncio.AsyncSession"
    ),
    "sqlalchemy.ext.asyncio.async_scoped_session()": _sessionmaker_call(
        "sqlalchemy.ext.asyncio.AsyncSession"
    ),
    "sqlalchemy.orm.sessionmaker.__call__": _sessionmaker_call("sqlalchemy.orm.Session"),
    "sqlalchemy.ext.asyncio.async_sessionmaker.__call__": _sessionmaker_call(
        "sqlalchemy.ext.asyncio.AsyncSession"
    ),
    "punq.Container.resolve": _made_class, "lagom.Container.resolve": _made_class,
    "kink.di": _made_class, "svcs.Container.get": _made_class, "svcs.Container.aget": _made_class_later,
    "injector.Injector.get": _made_class, "svcs.fastapi.DepContainer.get": _made_class,
    "svcs.fastapi.DepContainer.aget": _made_class_later,
}  # fmt: skip
"""Models by the canonical dotted name of what is called."""

TRANSPARENT_DECORATORS = (
    "functools.lru_cache", "functools.cache", "functools.singledispatch", "typing.final",
    "typing.override", "abc.abstractmethod", "typing.runtime_checkable", "typing.overload",
    "dataclasses.dataclass", "functools.total_ordering", "enum.unique",
)  # fmt: skip
"""Decorators that leave what they decorate as it is."""

MODELS.update(dict.fromkeys(TRANSPARENT_DECORATORS, _identity_decorator))
