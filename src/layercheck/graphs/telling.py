"""Code for all exceptions that tells some of them apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from layercheck.facts import records as r
from layercheck.facts.nodes import inside
from layercheck.graphs.exception_types import CATCH_ALL, ExceptionType, ExceptionTypes, types_of
from layercheck.graphs.named_values import named_values
from layercheck.inference.engine import Inference
from layercheck.inference.frames import Frame, HandlerClause
from layercheck.inference.values import Container, TupleValue, Values
from layercheck.program.entities import Class, Function

DEEPEST = 3
"""How many functions are looked into that hand the exception to the next."""

STATUSES = frozenset({"status_code", "http_status", "status", "code"})
"""Attributes by which an exception says itself which response it becomes."""


class Telling:
    """Asks what broad clauses and handlers for ``Exception`` make of one class.

    They know it where they ask for it, or for a class it derives from, by ``isinstance``, a ``case``,
    a table of types, or by an attribute with a status code that it has; themselves, or in what they
    hand the exception to.
    """

    def __init__(self, inference: Inference, types: ExceptionTypes) -> None:
        self._inference = inference
        self._types = types
        self._frames: dict[Function, list[Frame]] = {}
        for frame in inference.frames:
            if frame.runs and isinstance(frame.entity, Function):
                self._frames.setdefault(frame.entity, []).append(frame)

    def in_clause(self, frame: Frame, clause: HandlerClause, raised: ExceptionType) -> bool:
        """Return whether ``clause`` of ``frame`` tells ``raised`` from other exceptions."""
        function = frame.entity
        if clause.name is None or not isinstance(function, Function):
            return False
        bodies = (node.body for node in function.nodes_of(r.Handler) if node.at == clause.at)
        return any(self._knows(frame, inside(*body), clause.name, raised, DEEPEST) for body in bodies)

    def in_handler(self, handler: Function, raised: ExceptionType) -> bool:
        """Return whether a registered exception handler tells ``raised`` from other exceptions."""
        name = handler.params[-1].name if handler.params else ""
        return any(
            self._knows(frame, handler.nodes, name, raised, DEEPEST)
            for frame in self._frames.get(handler, ())
        )

    def _knows(
        self, frame: Frame, nodes: Sequence[r.Node], name: str, raised: ExceptionType, depth: int
    ) -> bool:
        asks_type = False
        for node in nodes:
            match node:
                case r.Call(func=r.Name(id="isinstance"), args=(r.Name(id=asked), _)) if asked == name:
                    site = frame.sites.get((node.at, "call"))
                    if site is not None and self._are_kinds(site.args[-1], raised):
                        return True
                case r.Call(func=r.Name(id="getattr" | "hasattr"), args=(r.Name(id=asked), wanted, *_)):
                    if asked == name and self._has(raised, getattr(wanted, "value", None)):
                        return True
                case r.Attribute(value=r.Name(id=asked), name=attribute) if asked == name:
                    asks_type = asks_type or attribute == "__class__"
                    if self._has(raised, attribute):
                        return True
                case r.Match(subject=r.Name(id=asked), cases=cases) if asked == name:
                    kinds = (kind for case in cases for kind in _classes(case.pattern))
                    if any(self._are_kinds(self._values(kind, frame), raised) for kind in kinds):
                        return True
                case r.Call(func=r.Name(id="type"), args=(r.Name(id=asked),)) if asked == name:
                    asks_type = True
                case r.Call() if depth and self._helper_knows(frame, node, name, raised, depth):
                    return True
        return asks_type and any(
            self._are_kinds(self._values(node, frame), raised)
            for node in nodes
            if isinstance(node, (r.Name, r.Attribute))
        )

    def _helper_knows(self, frame: Frame, call: r.Call, name: str, raised: ExceptionType, depth: int) -> bool:
        places = [index for index, one in enumerate(call.args) if getattr(one, "id", "") == name]
        names = [one.name for one in call.keywords if getattr(one.value, "id", "") == name]
        site = frame.sites.get((call.at, "call")) if places or names else None
        for target, _ in site.edges if site is not None else ():
            function = target.entity
            if isinstance(function, Function):
                params = [one.name for one in function.params]
                params = params[1:] if target.receiver is not None else params
                handed = [*(params[index] for index in places if index < len(params)), *names]
                if any(
                    self._knows(target, function.nodes, str(one), raised, depth - 1) for one in handed
                ):
                    return True
        return False

    def _values(self, node: r.Expr, frame: Frame) -> Values:
        return named_values(self._inference, node, frame.module, frame)

    def _are_kinds(self, values: Values, raised: ExceptionType) -> bool:
        """Return whether ``values`` hold a class of ``raised``, in a tuple or as a key of a table, too."""
        kinds = (kind for kind in types_of(self._flat(values)) if kind not in CATCH_ALL)
        return any(self._types.is_a(raised, kind) for kind in kinds)

    def _flat(self, values: Values) -> Values:
        found = set(values)
        heap = self._inference.heap
        for value in values:
            if isinstance(value, TupleValue):
                found.update(*value.items)
            elif isinstance(value, Container):
                held = ("keys", value) if value.kind == "dict" else ("items", value)
                found |= heap.read(held, None)
        return frozenset(found)

    def _has(self, raised: ExceptionType, attribute: object) -> bool:
        """Return whether objects of ``raised`` have an ``attribute`` with a status code."""
        if attribute not in STATUSES or not isinstance(raised, Class):
            return False
        hierarchy, heap = self._inference.hierarchy, self._inference.heap
        return attribute in hierarchy.names(raised) or any(
            heap.read(("instance", one, attribute), None) for one in hierarchy.own(raised)
        )


def _classes(pattern: r.Pattern) -> Iterator[r.Expr]:
    """Yield the classes a ``case`` asks for."""
    if pattern.kind == "class" and pattern.value is not None:
        yield pattern.value
    elif pattern.kind == "or":
        for part in pattern.parts:
            yield from _classes(part)
