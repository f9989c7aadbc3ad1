"""What a model of an outside function is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from layercheck.inference.base import Arguments, Base
from layercheck.inference.frames import Activation, CallSite
from layercheck.inference.values import Value, Values
from layercheck.location import Span

Model: TypeAlias = Callable[[Base, Activation, "Value | None", Arguments, Span, CallSite], Values]
"""Takes the interpreter, the run, the receiver, the arguments, the place and the call site."""


def first(interpreter: Base, act: Activation, receiver: Value | None, args: Arguments, at: Span,
          site: CallSite) -> Values:  # fmt: skip
    """Give the first argument back."""
    return args.at(0)
