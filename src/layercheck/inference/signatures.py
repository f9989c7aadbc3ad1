"""What the signature of a function says, in the form calls need it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from layercheck.inference.values import Values
from layercheck.location import Span


@dataclass(frozen=True, slots=True)
class ParameterMeaning:
    """What a signature says about one parameter."""

    name: str
    kind: str
    at: Span
    declared: Values
    metadata: tuple[Values, ...]
    default: Values
    informative: bool


class Signature:
    """The parameters of a function in source order, and what binding arguments asks of them each time.

    ``positional`` are those an argument without a name may reach, ``names`` those it may name.
    ``gathering`` are ``*args`` and ``**kwargs``, ``flowing`` those whose values say more than their
    annotations, ``typed`` the flowing ones that are annotated: arguments tell what type variables are.
    """

    __slots__ = ("parameters", "positional", "names", "gathering", "flowing", "typed")

    def __init__(self, parameters: tuple[ParameterMeaning, ...]) -> None:
        self.parameters = parameters
        self.positional = tuple(p for p in parameters if p.kind in ("positional", "plain"))
        self.names = frozenset(p.name for p in parameters if p.kind in ("plain", "keyword"))
        self.gathering = tuple(p for p in parameters if p.kind in ("var", "kwvar"))
        self.flowing = tuple(p for p in parameters if not p.informative)
        self.typed = tuple(p for p in self.flowing if p.declared and p.kind not in ("var", "kwvar"))

    def __iter__(self) -> Iterator[ParameterMeaning]:
        return iter(self.parameters)
