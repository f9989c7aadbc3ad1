"""Definitions: functions, classes and their decorators."""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.facts.nodes import written_name
from layercheck.inference.base import Arguments, Base
from layercheck.inference.frames import (
    Activation,
)
from layercheck.inference.models import library
from layercheck.inference.values import (
    NOTHING,
    Annotation,
    ClassValue,
    Const,
    External,
    FunctionValue,
    Instance,
    Made,
    TypeVariable,
    Value,
    Values,
    only,
)
from layercheck.location import Span
from layercheck.program.entities import Class, Function


class Definitions(Base):
    """Executing ``def`` and ``class``."""

    def _function(self, act: Activation, node: r.Function) -> None:
        function = self.definitions[node]
        assert isinstance(function, Function)
        self.define_parameters(act, function, act.frame)
        outer = act.frame if isinstance(act.frame.entity, Function) else None
        values = only(self.u.function(function, outer))
        for decorator in reversed(node.decorators):
            values = self._decorate(act, decorator, values)
        if node.name in (act.env or {}) and self._is_overload(act, node):
            return
        self.bind(act, node.name, values)

    def _is_overload(self, act: Activation, node: r.Function) -> bool:
        return any(written_name(d) == "overload" for d in node.decorators)

    def _decorate(self, act: Activation, decorator: r.Expr, values: Values) -> Values:
        """Apply a decorator; one from outside gives back what it got unless a model knows better."""
        callees = self.evaluate(act, decorator)
        at = decorator.at if not isinstance(decorator, (r.Star, r.Slice)) else Span(0)
        inside = frozenset(v for v in callees if not isinstance(v, (External, Made)) and not _is_outside(v))
        result = NOTHING
        if inside:
            result |= self.call(act, inside, Arguments([values]), at, "decorator")
            result = frozenset(v for v in result if not isinstance(v, Const))
        outside = callees - inside
        if outside:
            made = self.call(act, outside, Arguments([values]), at, "decorator")
            known = frozenset(v for v in made if not isinstance(v, (External, Made)) and not _is_outside(v))
            result |= known or values
        return result or values

    def _class(self, act: Activation, node: r.Class) -> None:
        cls = self.definitions[node]
        assert isinstance(cls, Class)
        bases: list[tuple[Class | str, tuple[Values, ...]]] = []
        parameters: dict[str, None] = {}
        explicit: dict[str, None] = {}
        inner = Activation(act.frame, cls, {}, act, act.reader)
        inner.guard = act.guard
        for param in node.type_params:
            bound = self.annotate(act, param.bound) if param.bound is not None else NOTHING
            inner.env = {
                **(inner.env or {}),
                param.name: only(self.u.of(TypeVariable, param.name, bound)),
            }
            explicit[param.name] = None
        for base in node.bases:
            for value in self._base_values(inner, base):
                self._add_base(inner, value, base, bases, parameters, explicit)
        abstract = False
        for keyword in node.keywords:
            values = self.evaluate(act, keyword.value)
            if keyword.name == "metaclass":
                abstract = any(isinstance(v, External) and v.name == "abc.ABCMeta" for v in values)
                self.hierarchy.metaclasses[cls] = [v.cls for v in values if isinstance(v, ClassValue)]
        self.hierarchy.define(cls, tuple(bases), tuple(explicit or parameters), abstract)
        value = self.u.class_value(cls)
        type_names = dict(inner.env or {})
        self.execute(inner, node.body)
        for name, values in (inner.env or {}).items():
            if name not in type_names and "." not in name:
                self.heap.write(("class", cls, name), values)
        self._make_by_metaclass(act, cls, node)
        self._tell_bases(act, value, node)
        result = only(value)
        for decorator in reversed(node.decorators):
            result = self._decorate(act, decorator, result)
        self.bind(act, node.name, result)

    def _base_values(self, act: Activation, base: r.Expr) -> Values:
        if isinstance(base, r.Subscript):
            heads = self.evaluate(act, base.value)
            if any(isinstance(h, (External, Made)) for h in heads):
                return heads
        return self.evaluate(act, base)

    def _add_base(
        self,
        act: Activation,
        value: Value,
        node: r.Expr,
        bases: list[tuple[Class | str, tuple[Values, ...]]],
        parameters: dict[str, None],
        explicit: dict[str, None],
    ) -> None:
        match value:
            case ClassValue(cls=base, args=args):
                bases.append((base, args))
                for values in args:
                    parameters.update(dict.fromkeys(v.name for v in values if isinstance(v, TypeVariable)))
            case External(name=name) | Made(name=name):
                name = library.canonical(name)
                args = ()
                if isinstance(node, r.Subscript):
                    items = node.index.items if isinstance(node.index, r.Sequence) else (node.index,)
                    args = tuple(self.annotate(act, item) for item in items)
                    names = dict.fromkeys(v.name for a in args for v in a if isinstance(v, TypeVariable))
                    (explicit if name in ("typing.Generic", "typing.Protocol") else parameters).update(names)
                bases.append((name, args))
            case Annotation(values=values):
                for inner in values:
                    if isinstance(inner, Instance):
                        bases.append((inner.cls, inner.args))

    def _make_by_metaclass(self, act: Activation, cls: Class, node: r.Class) -> None:
        """Run ``__new__`` and ``__init__`` of a metaclass of the program: it makes the class."""
        for meta in self.hierarchy.metaclasses_of(cls):
            for name in ("__new__", "__init__"):
                found, _ = self.find_on_class(meta, name, act)
                functions = frozenset(v for v in found if isinstance(v, FunctionValue))
                if functions:
                    self.call(act, functions, Arguments(), node.name_at, "construct")

    def _tell_bases(self, act: Activation, value: ClassValue, node: r.Class) -> None:
        """Run ``__init_subclass__`` of the nearest base that has one."""
        for item in self.hierarchy.order(value.cls)[1:]:
            if isinstance(item, Class) and "__init_subclass__" in item.bound:
                hook = self.heap.read(("class", item, "__init_subclass__"), act.reader)
                bound = frozenset(
                    self.u.function(v.function, v.outer, value) for v in hook if isinstance(v, FunctionValue)
                )
                self.call(act, bound, Arguments(), node.name_at, "call")
                return


def _is_outside(value: Value) -> bool:
    return isinstance(value, Instance) and isinstance(value.cls, str)
