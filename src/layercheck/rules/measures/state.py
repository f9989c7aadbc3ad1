"""State that methods leave in their object for whoever calls it next."""

from __future__ import annotations


import msgspec

from layercheck.facts import records as r
from layercheck.facts.nodes import inside
from layercheck.location import Span
from layercheck.program.build import bodies, target_names
from layercheck.program.entities import Class, Function
from layercheck.rules.measures.requests import Requests
from layercheck.rules.view import View

_MAKING = frozenset({"__init__", "__new__", "__post_init__", "__init_subclass__", "__set_name__"})


class Left(msgspec.Struct, frozen=True):
    """An attribute that ``method`` sets at ``at`` to something of its caller's."""

    method: Function
    attribute: str
    at: Span


def left_by_requests(view: View, requests: Requests, cls: Class) -> Left | None:
    """Return the first attribute a method that requests run sets to what it was handed, None without one.

    What is set where it was empty, once for all, is no state of a request.
    """
    for item in view.project.inference.hierarchy.order(cls):
        methods = item.methods.values() if isinstance(item, Class) else ()
        for method in methods:
            if method.name not in _MAKING and requests.serves(method):
                found = _Walk(method).run()
                if found is not None:
                    return found
    return None


class _Walk:
    """Follows what a method is handed through its body, in source order."""

    def __init__(self, method: Function) -> None:
        self._method = method
        first, *others = [param.name for param in method.params] or [""]
        self._receiver = first
        self._handed = set(others)

    def run(self) -> Left | None:
        return self._block(self._method.body, frozenset())

    def _block(self, body: tuple[r.Stmt, ...], tested: frozenset[str]) -> Left | None:
        for statement in body:
            found = self._statement(statement, tested)
            inner = tested | self._attributes(statement.test) if isinstance(statement, r.If) else tested
            for block in bodies(statement):
                found = found or self._block(block, inner)
            if found is not None:
                return found
        return None

    def _statement(self, statement: r.Stmt, tested: frozenset[str]) -> Left | None:
        match statement:
            case r.Assign(targets=targets, value=value):
                pass
            case r.Annotated(target=target, value=value) if value is not None:
                targets = (target,)
            case r.For(target=target, iter=value):
                targets = (target,)
            case r.With(items=items):
                for item in items:
                    if item.target is not None and self._mentions(item.context):
                        self._handed.update(target_names(item.target))
                return None
            case _:
                return None
        if not self._mentions(value):
            return None
        for target in targets:
            self._handed.update(target_names(target))
            match target:
                case r.Attribute(value=r.Name(id=name), name=attribute) if name == self._receiver:
                    if attribute not in tested:
                        return Left(self._method, attribute, statement.at)
        return None

    def _mentions(self, value: r.Expr) -> bool:
        return any(isinstance(node, r.Name) and node.id in self._handed for node in inside(value))

    def _attributes(self, test: r.Expr) -> frozenset[str]:
        """Return the attributes of the object that ``test`` looks at."""
        return frozenset(
            node.name
            for node in inside(test)
            if isinstance(node, r.Attribute)
            and isinstance(node.value, r.Name)
            and node.value.id == self._receiver
        )
