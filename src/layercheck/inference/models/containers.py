"""Methods of lists, dicts, sets and tuples: what goes in and what comes out."""

from __future__ import annotations

from layercheck.inference.base import Arguments, Base
from layercheck.inference.frames import Activation
from layercheck.inference.heap import ANY
from layercheck.inference.models import library
from layercheck.inference.models.iteration import compare
from layercheck.inference.values import (
    NOTHING,
    Container,
    Instance,
    TupleValue,
    Value,
    Values,
    only,
)
from layercheck.location import Span

_ADDERS = frozenset({"append", "add", "appendleft"})
_TAKERS = frozenset({"pop", "popleft", "popitem", "__getitem__"})
_COPIES = frozenset({"copy", "union", "intersection", "difference", "symmetric_difference"})


def call(
    interpreter: Base, act: Activation, name: str, receiver: Value | None, args: Arguments, at: Span
) -> Values | None:
    """Return what a method of a container gives; None where ``name`` is no such method."""
    kind, _, method = name.removeprefix("builtins.").partition(".")
    if not method or receiver is None:
        return None
    if isinstance(receiver, Container):
        return _held(interpreter, act, receiver, method, args, at)
    if isinstance(receiver, TupleValue) and method in ("index", "count"):
        return interpreter.instance("builtins.int")
    if isinstance(receiver, Instance) and receiver.args and f"builtins.{kind}" in library.CONTAINERS:
        if method == "sort":
            compare(interpreter, act, receiver.args[0], args, at)
        return _typed(interpreter, receiver, kind, method)
    return None


def _held(
    interpreter: Base, act: Activation, receiver: Container, method: str, args: Arguments, at: Span
) -> Values:
    heap = interpreter.heap
    if receiver.kind == "dict":
        return _dict(interpreter, act, receiver, method, args, at)
    if method in _ADDERS:
        heap.write_item(receiver, ANY, args.at(0))
    elif method == "insert":
        heap.write_item(receiver, ANY, args.at(1))
    elif method in ("extend", "update"):
        heap.write_item(receiver, ANY, interpreter.iterate(act, args.at(0), at))
    elif method in _TAKERS:
        return heap.read_item(receiver, None, act.reader)
    elif method in _COPIES:
        return only(receiver)
    elif method == "sort":
        compare(interpreter, act, heap.read_item(receiver, None, act.reader), args, at)
    return NOTHING


def _dict(
    interpreter: Base, act: Activation, receiver: Container, method: str, args: Arguments, at: Span
) -> Values:
    heap = interpreter.heap
    values = heap.read_item(receiver, None, act.reader)
    match method:
        case "get" | "pop" | "__getitem__":
            return interpreter.item(act, only(receiver), args.at(0), at) | args.at(1)
        case "setdefault":
            heap.write_items(receiver, args.at(0), args.at(1))
            return interpreter.item(act, only(receiver), args.at(0), at) | args.at(1)
        case "values":
            return interpreter.instance("builtins.generator", values, NOTHING)
        case "keys":
            return interpreter.instance(
                "builtins.generator", heap.read(("keys", receiver), act.reader), NOTHING
            )
        case "items":
            keys = heap.read(("keys", receiver), act.reader)
            pair = interpreter.u.tuple_of((keys, values))
            return interpreter.instance("builtins.generator", only(pair), NOTHING)
        case "update":
            for other in args.at(0):
                if isinstance(other, Container):
                    heap.copy_items(receiver, other, act.reader)
            for key, given in args.keywords.items():
                heap.write_item(receiver, key, given)
        case "copy":
            return only(receiver)
        case "popitem":
            pair = interpreter.u.tuple_of((heap.read(("keys", receiver), act.reader), values))
            return only(pair)
    return NOTHING


def _typed(interpreter: Base, receiver: Instance, kind: str, method: str) -> Values:
    if kind == "dict":
        key, value = receiver.args[0], receiver.args[-1]
        match method:
            case "get" | "pop" | "setdefault" | "__getitem__":
                return value
            case "values":
                return interpreter.instance("builtins.generator", value, NOTHING)
            case "keys":
                return interpreter.instance("builtins.generator", key, NOTHING)
            case "items":
                pair = interpreter.u.tuple_of((key, value))
                return interpreter.instance("builtins.generator", only(pair), NOTHING)
            case "copy":
                return only(receiver)
        return NOTHING
    if method in _TAKERS:
        return receiver.args[0]
    return only(receiver) if method in _COPIES else NOTHING
