"""Which exception is a kind of which, for classes of the program and for those outside."""

from __future__ import annotations

import builtins
from functools import cache
from typing import TypeAlias

from layercheck.facts import records as r
from layercheck.inference.hierarchy import Hierarchy
from layercheck.inference.models import library
from layercheck.inference.values import ClassValue, External, Instance, Made, TypeOf, TypeVariable, Values
from layercheck.program.build import statements
from layercheck.program.entities import Class

ExceptionType: TypeAlias = Class | str
"""A class of the program, or the canonical dotted name of one outside."""

HTTP_EXCEPTIONS = frozenset({"fastapi.HTTPException", "starlette.exceptions.HTTPException"})
WEBSOCKET_EXCEPTIONS = frozenset({"fastapi.WebSocketException", "starlette.exceptions.WebSocketException"})
VALIDATION_ERRORS = frozenset({"fastapi.exceptions.RequestValidationError", "pydantic.ValidationError"})
GROUPS = frozenset({"builtins.ExceptionGroup", "builtins.BaseExceptionGroup"})

BASE_EXCEPTION = "builtins.BaseException"
CATCH_ALL = frozenset({"builtins.Exception", BASE_EXCEPTION})
_EXCEPTION = "builtins.Exception"
_OUTSIDE_BASES = {
    "fastapi.HTTPException": "starlette.exceptions.HTTPException",
    "fastapi.WebSocketException": "starlette.exceptions.WebSocketException",
    "fastapi.exceptions.RequestValidationError": "fastapi.exceptions.ValidationException",
    "fastapi.exceptions.ResponseValidationError": "fastapi.exceptions.ValidationException",
    "pydantic.ValidationError": "builtins.ValueError",
    "sqlalchemy.exc.DBAPIError": "sqlalchemy.exc.StatementError",
    "sqlalchemy.exc.DatabaseError": "sqlalchemy.exc.DBAPIError",
    "sqlalchemy.exc.IntegrityError": "sqlalchemy.exc.DatabaseError",
    "sqlalchemy.exc.OperationalError": "sqlalchemy.exc.DatabaseError",
    "sqlalchemy.exc.ProgrammingError": "sqlalchemy.exc.DatabaseError",
    "sqlalchemy.exc.DataError": "sqlalchemy.exc.DatabaseError",
    "sqlalchemy.exc.InternalError": "sqlalchemy.exc.DatabaseError",
    "sqlalchemy.exc.InterfaceError": "sqlalchemy.exc.DBAPIError",
    "sqlalchemy.exc.StatementError": "sqlalchemy.exc.SQLAlchemyError",
    "sqlalchemy.exc.InvalidRequestError": "sqlalchemy.exc.SQLAlchemyError",
    "sqlalchemy.exc.NoResultFound": "sqlalchemy.exc.InvalidRequestError",
    "sqlalchemy.exc.MultipleResultsFound": "sqlalchemy.exc.InvalidRequestError",
    "httpx.RequestError": "httpx.HTTPError",
    "httpx.HTTPStatusError": "httpx.HTTPError",
    "httpx.TransportError": "httpx.RequestError",
    "httpx.TimeoutException": "httpx.TransportError",
    "httpx.NetworkError": "httpx.TransportError",
    "httpx.ConnectError": "httpx.NetworkError",
    "httpx.ConnectTimeout": "httpx.TimeoutException",
    "httpx.ReadTimeout": "httpx.TimeoutException",
    "requests.RequestException": "builtins.OSError",
    "requests.HTTPError": "requests.RequestException",
    "requests.ConnectionError": "requests.RequestException",
    "requests.Timeout": "requests.RequestException",
}  # fmt: skip
"""The base of outside exceptions that is not plainly ``Exception``."""

_KNOWN = frozenset((*_OUTSIDE_BASES, *_OUTSIDE_BASES.values()))
_KNOWN_LIBRARIES = frozenset({"builtins", "fastapi", "starlette"})
"""Libraries of whose exceptions all bases are known."""

_ELSEWHERE = {
    "requests.exceptions.": "requests.", "sqlalchemy.orm.exc.NoResultFound": "sqlalchemy.exc.NoResultFound",
    "sqlalchemy.orm.exc.MultipleResultsFound": "sqlalchemy.exc.MultipleResultsFound",
    "pydantic_core.ValidationError": "pydantic.ValidationError",
    "pydantic_core._pydantic_core.ValidationError": "pydantic.ValidationError",
    "pydantic.error_wrappers.ValidationError": "pydantic.ValidationError",
    "fastapi.exceptions.WebSocketException": "fastapi.WebSocketException",
}  # fmt: skip
"""Other names of outside exceptions, whole or how they start."""


class ExceptionTypes:
    """Questions about the kinds of exceptions of one program."""

    def __init__(self, hierarchy: Hierarchy) -> None:
        self._hierarchy = hierarchy
        self._kinds: dict[ExceptionType, frozenset[ExceptionType]] = {}
        self._orders: dict[ExceptionType, tuple[ExceptionType, ...]] = {}
        self._libraries: dict[ExceptionType, frozenset[str]] = {}

    def order(self, raised: ExceptionType) -> tuple[ExceptionType, ...]:
        """Return ``raised`` and all it derives from, nearest first."""
        found = self._orders.get(raised)
        if found is None:
            own = (raised,) if isinstance(raised, str) else self._hierarchy.order(raised)
            result: dict[ExceptionType, None] = {}
            for item in own:
                result.update(dict.fromkeys(_outside_order(item) if isinstance(item, str) else (item,)))
            found = self._orders[raised] = tuple(result)
        return found

    def is_a(self, raised: ExceptionType, kind: ExceptionType) -> bool:
        """Return whether ``raised`` is ``kind`` or derives from it, or may do so outside the program."""
        kinds = self._kinds.get(raised)
        if kinds is None:
            kinds = self._kinds[raised] = frozenset(self.order(raised))
        return kind in kinds or (isinstance(kind, str) and self.may_be(raised, kind))

    def may_be(self, raised: ExceptionType, kind: str) -> bool:
        """Return whether a library that is not known may have put ``raised`` below its own ``kind``."""
        libraries = self._libraries.get(raised)
        if libraries is None:
            outside = (item for item in self.order(raised) if isinstance(item, str))
            libraries = self._libraries[raised] = frozenset(
                _package(item) for item in outside if item not in _KNOWN
            ).difference(_KNOWN_LIBRARIES)
        return bool(libraries) and _package(kind) in libraries

    def is_any(self, raised: ExceptionType, kinds: frozenset[str]) -> bool:
        """Return whether ``raised`` is one of the outside ``kinds`` or derives from one."""
        return any(self.is_a(raised, kind) for kind in kinds)

    def is_exception(self, cls: Class) -> bool:
        """Return whether ``cls`` is an exception at all, as far as the names of outside bases tell."""
        outside = (item for item in self._hierarchy.order(cls) if isinstance(item, str))
        return any(
            _builtin(name) is not None or name in _OUTSIDE_BASES or name.endswith(("Error", "Exception"))
            for name in outside
        )

    def is_never_made(self, raised: ExceptionType) -> bool:
        """Return whether the constructor of ``raised`` always ends by raising something else."""
        own = self._hierarchy.own(raised) if isinstance(raised, Class) else ()
        made = next((cls.methods["__init__"] for cls in own if "__init__" in cls.methods), None)
        body = made.node.body if made is not None and isinstance(made.node, r.Function) else ()
        if not body or not isinstance(body[-1], r.Raise):
            return False
        return not any(isinstance(statement, r.Return) for statement in statements(body))

    def is_http(self, raised: ExceptionType) -> bool:
        """Return whether ``raised`` is an HTTPException."""
        return self.is_any(raised, HTTP_EXCEPTIONS)


def type_of(value: object) -> ExceptionType | None:
    """Return the class of an exception object or the class a value stands for, None if not known."""
    match value:
        case Instance(cls=cls):
            return _known(cls) if isinstance(cls, str) else cls
        case ClassValue(cls=cls):
            return cls
        case Made(name=name) | External(name=name):
            return _known(name)
        case TypeOf(value=inner):
            return type_of(inner)
    return None


def _known(name: str) -> str | None:
    """Return the one name of an outside class, None for what only comes out of outside code."""
    return None if "()" in name or "[]" in name else outside_name(name)


def types_of(values: Values) -> dict[ExceptionType, None]:
    """Return the classes of all exceptions among ``values``, in a fixed order."""
    result: dict[ExceptionType, None] = {}
    for value in sorted(values, key=lambda value: value.serial) if len(values) > 1 else values:
        if isinstance(value, TypeVariable):
            result.update(types_of(value.bound))
        elif (found := type_of(value)) is not None:
            result[found] = None
    return result


@cache
def outside_name(name: str) -> str:
    """Return the one name of an outside exception that can be imported from several places.

    Builtins have several names, too: ``IOError`` is ``OSError``.
    """
    for start, plain in _ELSEWHERE.items():
        if name.startswith(start):
            return plain + name[len(start) :]
    cls = _builtin(name)
    return f"builtins.{cls.__name__}" if cls is not None else library.canonical(name)


def dotted(raised: ExceptionType) -> str:
    """Return the dotted name of an exception class, builtins without their module."""
    return raised.removeprefix("builtins.") if isinstance(raised, str) else raised.qualname


def _outside_order(name: str) -> list[str]:
    result = [outside_name(name)]
    while (base := _OUTSIDE_BASES.get(result[-1])) is not None:
        result.append(base)
    last = _builtin(result[-1])
    if last is not None:
        result.extend(f"builtins.{cls.__name__}" for cls in last.__mro__[:-1])
    elif not result[-1].startswith("builtins."):
        result.extend((_EXCEPTION, BASE_EXCEPTION))
    return result


def _package(name: str) -> str:
    return name.partition(".")[0]


def _builtin(name: str) -> type[BaseException] | None:
    head, _, tail = name.rpartition(".")
    cls = getattr(builtins, tail, None) if head == "builtins" else None
    return cls if isinstance(cls, type) and issubclass(cls, BaseException) else None
