"""Settings: values that come from outside, and the default that stands in the code."""

from __future__ import annotations

from layercheck.inference.base import Arguments, Base
from layercheck.inference.frames import Activation
from layercheck.inference.values import NOTHING, ClassValue, Const, Container, Values
from layercheck.location import Span

_READERS = {
    "os.getenv": 1, "os.environ.get": 1, "environs.Env.str": 1, "environs.Env.__call__": 1,
    "decouple.config": 1, "starlette.config.Config.__call__": 2, "environ.Env.__call__": 2,
    "environ.Env.str": 1, "pydantic.Field": 0, "sqlmodel.Field": 0, "dataclasses.field": 9,
    "attrs.field": 9, "attr.ib": 0, "msgspec.field": 9,
}  # fmt: skip
"""Outside calls that give a setting or a field, with the position of its default."""


def knows(name: str) -> bool:
    """Return whether a call of ``name`` gives a setting or a field."""
    return name in _READERS


def call(interpreter: Base, act: Activation, name: str, args: Arguments, at: Span) -> Values | None:
    """Return the default of a setting, beside any other string; None where ``name`` reads no setting.

    Of what a field makes itself only lists, sets and dicts are known: programs keep there what they register.
    """
    position = _READERS.get(name)
    if position is None:
        return None
    told = args.keywords.get(
        "default", args.positional[position] if position < len(args.positional) else None
    )
    known = frozenset(v for v in told or () if isinstance(v, Const) and v.value is not None)
    if name.endswith(("Field", "field", ".ib")):
        told = args.keywords.get("default_factory", args.keywords.get("factory", NOTHING))
        factories = frozenset(v for v in told if not isinstance(v, ClassValue))
        made = interpreter.produced(act, factories, at, "callback")
        return known | frozenset(v for v in made if isinstance(v, Container)) or None
    return known | interpreter.instance("builtins.str")
