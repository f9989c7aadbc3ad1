"""What the signature of a function says, in the form calls need it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeGuard

from layercheck.inference.values import FunctionValue, Instance, Made, Value, Values, Wrapped
from layercheck.location import Span

MARKERS = frozenset({"fastapi.Depends", "fastapi.Security"})
"""What marks a parameter as injected."""


def is_marker(value: Value) -> TypeGuard[Made]:
    """Return whether ``value`` marks a parameter as injected: what ``Depends`` or ``Security`` returns."""
    return isinstance(value, Made) and value.name in MARKERS


def is_foreign(declared: Values) -> bool:
    """Return whether all that is declared are types outside the program and Python."""
    for one in declared:
        if not isinstance(one, Instance) or not isinstance(one.cls, str) or one.cls.startswith("builtins."):
            return False
    return True


def handed(values: Values) -> Values:
    """Return the functions and markers among ``values``: what they are whatever an outside type says."""
    return frozenset(value for value in values if _says_more(value))


def _says_more(value: Value) -> bool:
    return is_marker(value) or isinstance(value, (FunctionValue, Wrapped))


class ParameterMeaning(NamedTuple):
    """What a signature says about one parameter.

    ``informative`` is true where its type says which code runs, ``foreign`` where that type is one
    outside the program all the same. ``markers`` are those of its annotation and its default.
    """

    name: str
    kind: str
    at: Span
    declared: Values
    metadata: tuple[Values, ...]
    default: Values
    informative: bool
    foreign: bool
    markers: tuple[Made, ...]


class Signature:
    """The parameters of a function in source order, and what binding arguments asks of them each time.

    ``positional`` are those an argument without a name may reach, ``names`` those it may name.
    ``gathering`` are ``*args`` and ``**kwargs``, ``flowing`` those whose values say more than their
    annotations, ``typed`` the flowing ones that are annotated: arguments tell what type variables are.
    ``foreign`` are those of types outside the program, any of which may be a type variable or an alias
    of callables: functions that are handed over for them are what they are. ``telling`` are the flowing and
    the foreign ones: which functions they get tells calls apart.
    """

    __slots__ = ("parameters", "positional", "names", "gathering", "flowing", "typed", "foreign", "telling")

    def __init__(self, parameters: tuple[ParameterMeaning, ...]) -> None:
        self.parameters = parameters
        self.positional = tuple([p for p in parameters if p.kind in ("positional", "plain")])
        self.names = tuple([p.name for p in parameters if p.kind in ("plain", "keyword")])
        self.gathering = tuple([p for p in parameters if p.kind in ("var", "kwvar")])
        self.flowing = tuple([p for p in parameters if not p.informative])
        self.typed = tuple([p for p in self.flowing if p.declared and p.kind not in ("var", "kwvar")])
        self.foreign = tuple([p for p in parameters if p.foreign])
        self.telling = self.flowing + self.foreign

    def __iter__(self) -> Iterator[ParameterMeaning]:
        return iter(self.parameters)
