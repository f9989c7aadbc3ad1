"""Could a provider know what an expression is made of, or only the code that stands before it?"""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.facts.nodes import inside
from layercheck.inference.frames import Frame
from layercheck.program.build import statements, target_names
from layercheck.program.entities import Function
from layercheck.rules.view import View

_DATA = frozenset({"entity", "schema", "exception"})


class Injectable:
    """Tells for one function which of its names a provider could have as well.

    Those are its parameters, what is global, and locals that global functions and classes made of
    these. What is awaited, what methods return, entities and schemas are data of the request; and
    nobody injects into a function that stands in another one.
    """

    def __init__(self, view: View, function: Function, frame: Frame) -> None:
        self._view = view
        self._function = function
        self._frame = frame
        self._made: dict[str, list[r.Expr | None]] = {}
        for statement in statements(function.body):
            self._read(statement)

    def all(self, *expressions: r.Expr) -> bool:
        """Return whether a provider could have all that ``expressions`` are made of."""
        return all(self._is_known(expression, frozenset()) for expression in expressions)

    def _read(self, statement: r.Stmt) -> None:
        match statement:
            case r.Assign(targets=targets, value=value):
                for target in targets:
                    self._bind(target, value)
            case r.Annotated(target=target, value=value):
                self._bind(target, value)
            case r.With(items=items):
                for item in items:
                    if item.target is not None:
                        self._bind(item.target, item.context)

    def _bind(self, target: r.Target, value: r.Expr | None) -> None:
        for name in target_names(target):
            self._made.setdefault(name, []).append(value)

    def _is_known(self, expression: r.Expr, seen: frozenset[str]) -> bool:
        for node in inside(expression):
            if isinstance(node, (r.Await, r.Comprehension, r.Lambda)):
                return False
            if isinstance(node, r.Call) and not self._makes_parts(node):
                return False
            if isinstance(node, r.Name) and not self._is_name_known(node.id, seen):
                return False
        return True

    def _is_name_known(self, name: str, seen: frozenset[str]) -> bool:
        if name in seen or name not in self._function.bound:
            return True
        if any(param.name == name for param in self._function.params):
            return not isinstance(self._function.parent, Function)
        made = self._made.get(name, [])
        return bool(made) and all(
            value is not None and self._is_known(value, seen | {name}) for value in made
        )

    def _makes_parts(self, call: r.Call) -> bool:
        """Return whether something global is called that gives no data."""
        root: r.Expr = call.func
        while isinstance(root, r.Attribute):
            root = root.value
        if not isinstance(root, r.Name) or root.id in self._function.bound:
            return False
        site = self._frame.sites.get((call.at, "call"))
        made = site.classes if site is not None else ()
        return not any(self._view.project.layer(cls).layer in _DATA for cls in made)
