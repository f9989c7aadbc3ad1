"""Strings made of known strings: formatting, joining, trimming."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import product

from layercheck.inference.base import Arguments, Base
from layercheck.inference.frames import Activation
from layercheck.inference.values import Const, Container, TupleValue, Value, Values, only

LONGEST = 240
"""Longer strings are not followed; no path or name is."""

MOST_COMBINATIONS = 8
"""Parts with more combinations of values than this make a string nothing is known of."""

_WIDE = re.compile(r"\d{4}")
"""A width no name or path has; formatting with it could take any amount of memory."""

_TRIMMING = frozenset({
    "strip", "lstrip", "rstrip", "lower", "upper", "title", "capitalize", "removeprefix", "removesuffix",
    "replace", "casefold", "swapcase",
})  # fmt: skip


def call(
    interpreter: Base, act: Activation, name: str, receiver: Value | None, args: Arguments
) -> Values | None:
    """Return what a method of a known string gives; None where that is not known."""
    method = name.removeprefix("builtins.str.")
    if not isinstance(receiver, Const) or not isinstance(receiver.value, str) or args.rest or args.others:
        return None
    if method == "join":
        return join(
            interpreter, receiver.value, [frozenset(part) for part in _parts(interpreter, act, args.at(0))]
        )
    if method == "format":
        return _format(interpreter, receiver.value, args)
    if method not in _TRIMMING or args.keywords:
        return None
    given = [_only(values) for values in args.positional]
    if any(text is None for text in given):
        return None
    try:
        return _known(interpreter, [getattr(receiver.value, method)(*given)])
    except TypeError:  # `text.replace(old)`, or a count that came as text
        return None


def concatenate(interpreter: Base, parts: Iterable[Values]) -> Values:
    """Return the string made of ``parts`` one behind the other."""
    return join(interpreter, "", list(parts))


def join(interpreter: Base, separator: str, parts: list[Values]) -> Values:
    """Return ``parts`` joined by ``separator``: every combination of what the parts may be."""
    choices = [_texts(values) for values in parts]
    count = 1
    for texts in choices:
        count *= len(texts)
    if not 0 < count <= MOST_COMBINATIONS:
        return interpreter.instance("builtins.str")
    return _known(interpreter, [separator.join(combination) for combination in product(*choices)])


def percent(interpreter: Base, template: str, given: Values) -> Values:
    """Return ``template % given``."""
    single = next(iter(given)) if len(given) == 1 else None
    items = single.items if isinstance(single, TupleValue) else (given,)
    texts = [_only(values) for values in items]
    if any(text is None for text in texts):
        return interpreter.instance("builtins.str")
    if _WIDE.search(template):
        return interpreter.instance("builtins.str")
    try:
        return _known(interpreter, [template % tuple(texts)])
    except (TypeError, ValueError):
        return interpreter.instance("builtins.str")


def _format(interpreter: Base, template: str, args: Arguments) -> Values | None:
    positional = [_only(values) for values in args.positional]
    keywords = {name: _only(values) for name, values in args.keywords.items()}
    if None in positional or None in keywords.values() or _WIDE.search(template):
        return None
    try:
        return _known(interpreter, [template.format(*positional, **keywords)])
    except (LookupError, TypeError, ValueError, AttributeError):
        return None


def _known(interpreter: Base, texts: list[str]) -> Values:
    if any(len(text) > LONGEST for text in texts):
        return interpreter.instance("builtins.str")
    return frozenset(interpreter.u.const(text) for text in texts)


def _texts(values: Values) -> list[str]:
    """Return the strings and numbers among ``values``, in the order they were met."""
    known = [v for v in values if isinstance(v, Const) and isinstance(v.value, (str, int))]
    return [str(v.value) for v in sorted(known, key=lambda v: v.serial)]


def _only(values: Values) -> str | None:
    texts = _texts(values)
    return texts[0] if len(texts) == 1 else None


def _parts(interpreter: Base, act: Activation, values: Values) -> list[Values]:
    single = next(iter(values)) if len(values) == 1 else None
    if isinstance(single, TupleValue):
        return list(single.items)
    result: list[Values] = []
    if isinstance(single, Container) and single.kind in ("list", "tuple"):
        while held := interpreter.heap.read(("item", single, len(result)), act.reader):
            result.append(held)
    return result or [only(interpreter.u.instance("builtins.str"))]
