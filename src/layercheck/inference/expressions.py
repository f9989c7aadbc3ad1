"""Expressions: what each kind may evaluate to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from layercheck.facts import records as r
from layercheck.inference.base import Arguments
from layercheck.inference.call_expressions import CallExpressions
from layercheck.inference.frames import Activation
from layercheck.inference.heap import ANY, MOST_VALUES, item_key
from layercheck.inference.items import Items, path_of
from layercheck.inference.models import library, strings
from layercheck.inference.operators import Operators
from layercheck.inference.values import (
    NOTHING,
    Container,
    External,
    OPAQUE,
    Instance,
    Value,
    Values,
    is_own,
    only,
)
from layercheck.location import Span
from layercheck.program.entities import Class, Function


class Expressions(Operators, Items, CallExpressions):
    """Evaluating expressions."""

    _lambdas: dict[r.Lambda, Function]

    def __init__(self) -> None:
        self._evaluators: dict[type[Any], Callable[[Activation, Any], Values]] = {
            r.Attribute: self._attribute, r.Call: self._call_expression,
            r.Subscript: self._subscript, r.Constant: self._constant, r.Sequence: self._sequence,
            r.Mapping: self._mapping, r.Lambda: self._lambda, r.Await: self._await, r.Yield: self._yield,
            r.BoolOp: self._bool_op, r.Conditional: self._conditional, r.Compare: self._compare,
            r.BinOp: self._bin_op, r.Unary: self._unary, r.Comprehension: self._comprehension,
            r.Walrus: self._walrus, r.Star: self._star, r.Text: self._text, r.Slice: self._slice,
        }  # fmt: skip

    def evaluate(self, act: Activation, node: r.Expr) -> Values:
        """Return what the expression may be."""
        env = act.env
        if env is None:
            return NOTHING
        if type(node) is r.Name:
            values = env[node.id] if node.id in env else self.lookup(act, node.id)
        else:
            values = self._evaluators[node.__class__](act, node)
        return values if len(values) <= MOST_VALUES else self.heap.widen(values)

    def _attribute(self, act: Activation, node: r.Attribute) -> Values:
        if act.knows_paths and act.env is not None and (path := path_of(node)) in act.env:
            self.evaluate(act, node.value)
            return act.env[path]
        if node.name == "__class__":
            self.asks_class(act, node.value)
        values = self.filled(act, self.evaluate(act, node.value))
        if len(values) == 1:
            (value,) = values
            return self.get_attribute(act, value, node.name, node.at)
        result = NOTHING
        for value in values:
            result |= self.get_attribute(act, value, node.name, node.at)
        return result

    def _constant(self, act: Activation, node: r.Constant) -> Values:
        if node.kind in OPAQUE:
            return self.instance(f"builtins.{node.kind}")
        return only(self.u.const(node.value))

    def _sequence(self, act: Activation, node: r.Sequence) -> Values:
        if node.kind == "tuple" and not any(isinstance(item, r.Star) for item in node.items):
            return only(self.u.tuple_of(tuple(self.evaluate(act, item) for item in node.items)))
        container = self.u.of(Container, node.kind, act.here(node.at))
        for index, item in enumerate(node.items):
            if isinstance(item, r.Star):
                elements = self.iterate(act, self.evaluate(act, item.value), item.at)
                self.heap.write_item(container, ANY, elements)
            else:
                self.heap.write_item(container, index, self.evaluate(act, item))
        return only(container)

    def _mapping(self, act: Activation, node: r.Mapping) -> Values:
        container = self.u.of(Container, "dict", act.here(node.at))
        for key, value in zip(node.keys, node.values, strict=True):
            values = self.evaluate(act, value)
            if key is None:
                self._spread(container, values, act)
                continue
            keys = self.evaluate(act, key)
            self.heap.write_items(container, keys, values)
            for unknown in keys:
                if item_key(unknown) is None:
                    self.heap.write(("pair", container, unknown), values)
        return only(container)

    def _spread(self, container: Container, values: Values, act: Activation) -> None:
        for value in values:
            if isinstance(value, Container):
                self.heap.copy_items(container, value, act.reader)
            elif isinstance(value, Instance) and len(value.args) == 2:
                self.heap.write_item(container, ANY, value.args[1])

    def _lambda(self, act: Activation, node: r.Lambda) -> Values:
        function = self._lambdas.get(node)
        if function is None:
            function = self._lambdas[node] = Function(node, act.scope)
            function.bound = frozenset(param.name for param in node.params)
            function.captures = True
        if not act.sharing and isinstance(act.scope, Function):
            act.sharing = act.scope.captures = True
            act.unpublished |= {name for name in act.env or () if "." not in name}
        self.define_parameters(act, function, act.frame)
        outer = act.frame if isinstance(act.frame.entity, Function) else None
        return only(self.u.function(function, outer))

    def _await(self, act: Activation, node: r.Await) -> Values:
        return self.awaited(act, self.evaluate(act, node.value), node.at)

    def awaited(self, act: Activation, values: Values, at: Span) -> Values:
        """Return what ``await values`` may be."""
        result: set[Value] = set()
        for value in values:
            match value:
                case Instance(cls="builtins.coroutine", args=args):
                    result |= args[0] if args else NOTHING
                case Instance(cls=str() as name) if name in library.AWAITABLES:
                    result |= value.args[-1] if value.args else NOTHING
                case Instance(cls=Class()):
                    got = self.call_method(act, value, "__await__", Arguments(), at)
                    result |= only(value) if got is None else self._returned(got)
                case External():
                    result.add(value)
                case Instance(cls=str() as name) if name == library.MANAGER:
                    result.add(value)
                case _:
                    result.add(value)
        return frozenset(result)

    def _returned(self, values: Values) -> Values:
        """Return what generators return, the result of ``yield from``."""
        return frozenset().union(*(v.args[1] for v in values if isinstance(v, Instance) and len(v.args) > 1))

    def _yield(self, act: Activation, node: r.Yield) -> Values:
        if node.value is None:
            return NOTHING
        values = self.evaluate(act, node.value)
        if node.delegates:
            self.heap.write(("yield", act.frame), self.iterate(act, values, node.at))
            return self._returned(values)
        self.heap.write(("yield", act.frame), values)
        return NOTHING

    def _comprehension(self, act: Activation, node: r.Comprehension) -> Values:
        saved = dict(act.env or {})
        if node.kind == "dict" and len(node.generators) == 1 and not node.generators[0].ifs:
            rows = self.rows(act, node.generators[0].iter)
            if rows:
                return self._table(act, node, rows)
        for generator in node.generators:
            values = self.evaluate(act, generator.iter)
            elements = self.iterate(act, values, generator.iter.at if not isinstance(generator.iter, r.Slice)
                                    else node.at, generator.is_async)  # fmt: skip
            self.bind_locally(act, generator.target, elements)
            for test in generator.ifs:
                self.test(act, test, node.at)
                self.narrow(act, test, True)
        keys = self.evaluate(act, node.key) if node.key is not None else NOTHING
        element = self.evaluate(act, node.element)
        bound = {name for g in node.generators for name in _target_names(g.target)}
        env = act.env if act.env is not None else {}
        walrus = {n: v for n, v in env.items() if n not in saved and n not in bound and "." not in n}
        act.env = {**walrus, **saved}
        if node.kind == "generator":
            return self.instance("builtins.generator", element, NOTHING)
        container = self.u.of(Container, node.kind, act.here(node.at))
        self.heap.write_item(container, None, element)
        if keys:
            self.heap.write(("keys", container), keys)
        return only(container)

    def _table(self, act: Activation, node: r.Comprehension, rows: list[Values]) -> Values:
        """Return the dict that a comprehension makes of a literal table, row by row."""
        assert node.key is not None
        container = self.u.of(Container, "dict", act.here(node.at))
        saved, outer = act.env, act.row
        for index, row in enumerate(rows):
            act.env, act.row = dict(saved or {}), (*outer, node.at, index)
            self.bind_locally(act, node.generators[0].target, row)
            self.heap.write_items(container, self.evaluate(act, node.key), self.evaluate(act, node.element))
        act.env, act.row = saved, outer
        return only(container)

    def bind_locally(self, act: Activation, target: r.Target, values: Values) -> None:
        """Bind the target of a comprehension: visible inside it only."""
        if isinstance(target, r.Name):
            if act.env is not None:
                act.env[target.id] = values
        elif isinstance(target, r.Sequence):
            for index, item in enumerate(target.items):
                key = only(self.u.const(index))
                inner = item.value if isinstance(item, r.Star) else item
                self.bind_locally(act, inner, self.item(act, values, key, target.at))

    def _walrus(self, act: Activation, node: r.Walrus) -> Values:
        values = self.evaluate(act, node.value)
        self.assign(act, r.Name(node.name, node.at), values)
        return values

    def _star(self, act: Activation, node: r.Star) -> Values:
        return self.iterate(act, self.evaluate(act, node.value), node.at)

    def _text(self, act: Activation, node: r.Text) -> Values:
        parts = []
        for part in node.parts:
            values = self.evaluate(act, part)
            parts.append(values)
            for value in values:
                for name in ("__format__", "__str__") if is_own(value) else ():
                    if self.call_method(act, value, name, Arguments(), node.at) is not None:
                        break
        return strings.concatenate(self, parts)

    def _slice(self, act: Activation, node: r.Slice) -> Values:
        for part in (node.lower, node.upper, node.step):
            if part is not None:
                self.evaluate(act, part)
        return self.instance("builtins.slice")


def _target_names(target: r.Target) -> list[str]:
    if isinstance(target, r.Name):
        return [target.id]
    if isinstance(target, r.Sequence):
        return [name for item in target.items for name in _target_names(item)]
    if isinstance(target, r.Star):
        return _target_names(target.value)
    return []
