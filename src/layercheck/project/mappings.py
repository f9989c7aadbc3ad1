"""Error mappings: which exceptions an application turns into responses."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.inference.frames import Registration
from layercheck.inference.models import library
from layercheck.inference.values import (
    NOTHING,
    ClassValue,
    Const,
    External,
    Instance,
    TypeOf,
    Value,
    Values,
)
from layercheck.program.entities import Class
from layercheck.project.model import ErrorMapping
from layercheck.project.reading import Reader, in_order
from layercheck.project.routers import Routers

_HANDLING_MIDDLEWARE = "starlette.middleware.exceptions.ExceptionMiddleware"
"""Starlette's own middleware that answers exceptions, which an application may add once more."""


def error_mappings(routers: Routers, reader: Reader) -> list[ErrorMapping]:
    """Return what methods, the ``exception_handlers`` of applications and Starlette's middleware register."""
    found: dict[ErrorMapping, None] = {}
    for made in routers.registrations:
        if made.method == "exception_handler":
            found.update(
                _mapped(
                    made, made.argument(0, "exc_class_or_status_code"), made.target or NOTHING, reader
                )
            )
        elif made.method == "add_exception_handler":
            exceptions = made.argument(0, "exc_class_or_status_code")
            found.update(_mapped(made, exceptions, made.argument(1, "handler"), reader))
        else:
            for table in _tables(made, reader):
                for key, handlers in reader.pairs(table):
                    found.update(_mapped(made, frozenset((key,)), handlers, reader))
    return list(found)


def _tables(made: Registration, reader: Reader) -> Iterator[Values]:
    """Yield the tables of handlers by exception that a call hands to the framework."""
    if made.method == "add_middleware":
        if _handles_exceptions(made.argument(0, "middleware_class")):
            yield made.keyword("handlers")
    elif made.method in ("", "__init__"):
        yield made.keyword("exception_handlers")
        for item in reader.items(made.keyword("middleware")):
            for middleware in reader.made(item):
                if _handles_exceptions(middleware.argument(0, "cls")):
                    yield middleware.keyword("handlers")


def _handles_exceptions(middleware: Values) -> bool:
    return any(
        isinstance(one, External) and library.canonical(one.name) == _HANDLING_MIDDLEWARE
        for one in middleware
    )


def _mapped(
    made: Registration, exceptions: Values, handlers: Values, reader: Reader
) -> Iterator[tuple[ErrorMapping, None]]:
    functions = [value.function for value in reader.functions(handlers)]
    for value in in_order(exceptions):
        exception = _exception(value)
        if exception is not None:
            handler = functions[0] if functions else None
            yield ErrorMapping(exception, handler, made.frame.module, made.at), None


def _exception(value: Value) -> Class | str | int | None:
    match value:
        case ClassValue(cls=cls):
            return cls
        case External(name=name):
            digits = name.rpartition(".")[2].removeprefix("HTTP_")[:3]
            return int(digits) if digits.isdigit() else library.canonical(name)
        case TypeOf(value=Instance(cls=str() as name)):
            return library.canonical(name)
        case Const(value=int() as status) if not isinstance(status, bool):
            return status
    return None
