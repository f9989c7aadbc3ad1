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


def error_mappings(routers: Routers, reader: Reader) -> list[ErrorMapping]:
    """Return what methods and the ``exception_handlers`` of applications register."""
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
        elif made.method in ("", "__init__"):
            for key, handlers in reader.pairs(made.keyword("exception_handlers")):
                found.update(_mapped(made, frozenset((key,)), handlers, reader))
    return list(found)


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
