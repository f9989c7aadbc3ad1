"""Functions of the standard library whose calls move functions and objects of the program around."""

from __future__ import annotations

from layercheck.inference.base import Arguments, Base
from layercheck.inference.frames import Activation, CallSite
from layercheck.inference.models.model import Model, first
from layercheck.inference.values import (
    NOTHING,
    ClassValue,
    Const,
    FunctionValue,
    Instance,
    ModuleValue,
    Partial,
    Value,
    Values,
    Wrapped,
    only,
)
from layercheck.location import Span
from layercheck.program.entities import Class


def _cast(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
          site: CallSite) -> Values:  # fmt: skip
    meaning, _ = interpreter.type_meaning(act, args.at(0))
    return meaning or args.at(1)


def _partial(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
             site: CallSite) -> Values:  # fmt: skip
    rest = tuple(args.positional[1:])
    keywords = tuple(sorted(args.keywords.items()))
    return frozenset(interpreter.u.of(Partial, func, rest, keywords) for func in args.at(0))


def _shown(*names: str) -> Model:
    """Return the model of a builtin that runs the first special method its argument has."""

    def model(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
              site: CallSite) -> Values:  # fmt: skip
        result = NOTHING
        for values in args.positional:
            for value in values:
                if isinstance(value, Const) and isinstance(value.value, (str, int)) and "__str__" in names:
                    result |= only(interpreter.u.const(str(value.value)))
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
    return only(made)


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
    return only(interpreter.u.of(Wrapped, "property", receiver.value, extra))


def _identity_decorator(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
                        site: CallSite) -> Values:  # fmt: skip
    """Give the decorated function back, or for ``@decorator(options)`` something that does."""
    given = args.at(0)
    if any(isinstance(v, (FunctionValue, ClassValue, Wrapped)) for v in given):
        return given
    return only(interpreter.u.external("layercheck.identity"))


def _wraps(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
           site: CallSite) -> Values:  # fmt: skip
    """Return the decorator that makes a wrapper look like the function handed over."""
    update = interpreter.u.external("functools.update_wrapper")
    return only(interpreter.u.of(Partial, update, (), (("wrapped", args.at(0, "wrapped")),)))


def _update_wrapper(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
                    site: CallSite) -> Values:  # fmt: skip
    for wrapper in args.at(0, "wrapper"):
        interpreter.heap.write(("wrapped", wrapper), args.at(1, "wrapped"))
    return args.at(0, "wrapper")


def _import_module(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
                   site: CallSite) -> Values:  # fmt: skip
    root = act.frame.module.source.root
    names = [v.value for v in args.at(0) if isinstance(v, Const) and isinstance(v.value, str)]
    result = NOTHING
    for name in names:
        if interpreter.program.find(name, root) is not None:
            result |= only(interpreter.u.of(ModuleValue, name, root))
        else:
            result |= only(interpreter.u.external(name))
    if not names:
        site.reason = "dynamic import"
    return result


def _dynamic(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
             site: CallSite) -> Values:  # fmt: skip
    site.reason = "dynamic code"
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
        return only(interpreter.u.tuple_of(meanings))
    return meanings[0] if meanings else NOTHING


def _made_class_later(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
                      site: CallSite) -> Values:  # fmt: skip
    made = _made_class(interpreter, act, receiver, args, at, site)
    return interpreter.instance("builtins.coroutine", made)


_SESSION = _sessionmaker_call("sqlalchemy.orm.Session")
_ASYNC_SESSION = _sessionmaker_call("sqlalchemy.ext.asyncio.AsyncSession")

TRANSPARENT_DECORATORS = (
    "functools.lru_cache", "functools.cache", "typing.final", "typing.override", "abc.abstractmethod",
    "typing.runtime_checkable", "typing.overload", "dataclasses.dataclass", "functools.total_ordering",
    "enum.unique",
)  # fmt: skip
"""Decorators that leave what they decorate as it is."""

MODELS: dict[str, Model] = {
    **dict.fromkeys(TRANSPARENT_DECORATORS, _identity_decorator),
    "typing.cast": _cast, "functools.partial": _partial, "functools.partialmethod": _partial,
    "builtins.getattr": _getattr, "builtins.setattr": _setattr, "builtins.type": _type,
    "functools.wraps": _wraps, "functools.update_wrapper": _update_wrapper,
    "builtins.str": _shown("__str__", "__repr__"),
    "builtins.repr": _shown("__repr__"), "builtins.print": _shown("__str__", "__repr__"),
    "builtins.format": _shown("__format__", "__str__"), "builtins.len": _shown("__len__"),
    "builtins.bool": _shown("__bool__", "__len__"), "builtins.int": _shown("__int__", "__index__"),
    "builtins.float": _shown("__float__"), "builtins.hash": _shown("__hash__"),
    "builtins.abs": _shown("__abs__"), "builtins.round": _shown("__round__"),
    "contextvars.ContextVar": _context_variable, "contextvars.ContextVar.get": _get_held,
    "contextvars.ContextVar.set": _set_held,
    "builtins.staticmethod": _wrap("static"), "builtins.classmethod": _wrap("class"),
    "builtins.property": _wrap("property"), "functools.cached_property": _wrap("property"),
    "abc.abstractproperty": _wrap("property"),
    "builtins.property.setter": _setter, "builtins.property.deleter": _deleter,
    "contextlib.contextmanager": _wrap("contextmanager"),
    "contextlib.asynccontextmanager": _wrap("asynccontextmanager"),
    "copy.copy": first, "copy.deepcopy": first, "layercheck.identity": first,
    "importlib.import_module": _import_module, "builtins.__import__": _import_module,
    "builtins.eval": _dynamic, "builtins.exec": _dynamic,
    "sqlalchemy.orm.sessionmaker()": _SESSION, "sqlalchemy.orm.sessionmaker().begin": _SESSION,
    "sqlalchemy.orm.sessionmaker.__call__": _SESSION, "sqlalchemy.orm.scoped_session()": _SESSION,
    "sqlalchemy.ext.asyncio.async_sessionmaker()": _ASYNC_SESSION,
    "sqlalchemy.ext.asyncio.async_sessionmaker().begin": _ASYNC_SESSION,
    "sqlalchemy.ext.asyncio.async_sessionmaker.__call__": _ASYNC_SESSION,
    "sqlalchemy.ext.asyncio.async_scoped_session()": _ASYNC_SESSION,
    "dishka.make_container().get": _made_class, "dishka.make_async_container().get": _made_class_later,
    "dishka.Container.get": _made_class, "dishka.AsyncContainer.get": _made_class_later,
    "fastapi_injector.Injected": _made_class, "injector.Injector.get": _made_class,
    "punq.Container.resolve": _made_class, "lagom.Container.resolve": _made_class,
    "lagom.Container.__getitem__": _made_class, "kink.di": _made_class,
    "svcs.Container.get": _made_class, "svcs.Container.aget": _made_class_later,
    "svcs.fastapi.DepContainer.get": _made_class, "svcs.fastapi.DepContainer.aget": _made_class_later,
}  # fmt: skip
"""Models by the canonical dotted name of what is called."""
