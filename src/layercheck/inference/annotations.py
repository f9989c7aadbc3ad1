"""Annotations: which objects they admit, and what is attached to them."""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.facts.expressions import parse_expression
from layercheck.inference.base import Base
from layercheck.inference.frames import Activation, Frame
from layercheck.inference.hierarchy import SELF, Mapping
from layercheck.inference.models import library
from layercheck.inference.values import (
    NOTHING,
    Annotation,
    CallableType,
    ClassValue,
    Const,
    External,
    Instance,
    Made,
    TupleValue,
    TypeOf,
    TypeVariable,
    Value,
    Values,
    only,
)
from layercheck.location import NOWHERE
from layercheck.program.entities import Class, Function, Module

Meaning = tuple[Values, tuple[Values, ...]]
UNKNOWN: Meaning = (NOTHING, ())

TRANSPARENT = frozenset({
    "typing.Optional", "typing.Union", "typing.ClassVar", "typing.Final", "typing.Required",
    "typing.NotRequired", "typing.ReadOnly", "typing.Unpack",
})  # fmt: skip
"""Heads that admit what their arguments admit."""

DEEPEST_ANNOTATION = 40
"""How deeply annotations and the aliases in them are followed."""


class Annotations(Base):
    """The meaning of annotations, type aliases and type parameters."""

    _annotations_deep = 0
    _class_annotations: dict[tuple[Class, int], Meaning]
    _known_variables: dict[Values, tuple[TypeVariable, ...]]
    _meanings: dict[Values, Meaning]
    _told: dict[Values, bool]
    _told_of: int

    def annotate(self, act: Activation, node: r.Expr) -> Values:
        """Return the objects an annotation admits."""
        return self.declaration(act, node)[0]

    def declaration(self, act: Activation, node: r.Expr) -> Meaning:
        """Return the objects an annotation admits and the metadata of its ``Annotated``."""
        if self._annotations_deep >= DEEPEST_ANNOTATION:
            return UNKNOWN  # an alias that means itself
        self._annotations_deep += 1
        try:
            return self._declaration(act, node)
        finally:
            self._annotations_deep -= 1

    def _declaration(self, act: Activation, node: r.Expr) -> Meaning:
        match node:
            case r.Constant(kind="str", value=str(text)):
                parsed = parse_expression(text)
                return self.declaration(act, parsed) if parsed is not None else UNKNOWN
            case r.Constant(kind="none"):
                return only(self.u.const(None)), ()
            case r.Constant() | r.Sequence():
                return UNKNOWN
            case r.BinOp(op="|"):
                left, right = self.declaration(act, node.left), self.declaration(act, node.right)
                return left[0] | right[0], left[1] + right[1]
            case r.Subscript():
                return self._subscripted(act, node)
            case _:
                return self.type_meaning(act, self.evaluate(act, node))

    def _subscripted(self, act: Activation, node: r.Subscript) -> Meaning:
        values: Values = NOTHING
        metadata: tuple[Values, ...] = ()
        for head in self.evaluate(act, node.value):
            found, attached = self.subscript_type(act, head, node.index)
            values |= found
            metadata += attached
        return self.u.shared(values), metadata

    def subscript_type(self, act: Activation, head: Value, index: r.Expr) -> Meaning:
        """Return the meaning of ``head[index]`` in an annotation."""
        items = index.items if isinstance(index, r.Sequence) else (index,)
        match head:
            case External(name=name):
                return self._external_generic(act, library.canonical(name), items)
            case ClassValue(cls=cls):
                args = tuple(self.annotate(act, item) for item in items)
                return self.instance(cls, *args), ()
            case Annotation():
                names = sorted({v.name for v in self.variables(head.values)})
                mapping = {n: self.annotate(act, i) for n, i in zip(names, items, strict=False)}
                return self.substitute(head.values, mapping), head.metadata
            case Made(name=name):
                return self._external_generic(act, name, items)
        return UNKNOWN

    def _external_generic(self, act: Activation, name: str, items: tuple[r.Expr, ...]) -> Meaning:
        if name == "typing.Annotated":
            values, inner = self.declaration(act, items[0])
            return values, inner + tuple(self.evaluate(act, item) for item in items[1:])
        if name == "typing.Literal":
            return frozenset().union(*(self.evaluate(act, item) for item in items)), ()
        if name == "typing.Callable":
            result = self.annotate(act, items[-1]) if len(items) > 1 else NOTHING
            return only(self.u.of(CallableType, result)), ()
        meanings = [self.declaration(act, item) for item in items]
        if name in TRANSPARENT:
            values = frozenset().union(*(values for values, _ in meanings))
            if name == "typing.Optional":
                values |= only(self.u.const(None))
            return values, tuple(part for _, metadata in meanings for part in metadata)
        args = tuple(values for values, _ in meanings)
        if name in ("typing.Type", "builtins.type"):
            return frozenset(self._class_of(value) for value in args[0]), ()
        if name == "builtins.tuple":
            if len(items) == 2 and isinstance(items[1], r.Constant) and items[1].kind == "ellipsis":
                return self.instance(name, args[0]), ()
            return only(self.u.tuple_of(args)), ()
        if name in library.AWAITABLES:
            return self.instance("builtins.coroutine", args[-1]), ()
        transparent = library.TRANSPARENT_GENERICS.get(name)
        if transparent is not None and args:
            marker = only(self.u.of(Made, name, (), (), None))
            return args[0], (*meanings[0][1], marker) if transparent else meanings[0][1]
        return self.instance(name, *args), ()

    def _class_of(self, value: Value) -> Value:
        if isinstance(value, Instance) and isinstance(value.cls, Class):
            return self.u.class_value(value.cls, value.args)
        return self.u.of(TypeOf, value)

    def type_meaning(self, act: Activation, values: Values) -> Meaning:
        """Return the objects admitted by an annotation that evaluated to ``values``, and its metadata."""
        known = self._meanings.get(values)
        if known is not None:
            return known
        meaning = self._find_meaning(act, values)
        if all([isinstance(v, ClassValue) or (isinstance(v, External) and not _is_self(v)) for v in values]):
            self._meanings[values] = meaning
        return meaning

    def _find_meaning(self, act: Activation, values: Values) -> Meaning:
        result: set[Value] = set()
        metadata: tuple[Values, ...] = ()
        for value in values:
            match value:
                case ClassValue():
                    result.add(self.u.instance(value.cls, value.args))
                case External(name=name):
                    result.update(self._external_type(act, library.canonical(name)))
                case Annotation():
                    result |= value.values
                    metadata += value.metadata
                case TypeVariable():
                    result.add(value)
                case Const(value=None):
                    result.add(value)
                case Const(value=str() as text):
                    parsed = parse_expression(text)
                    if parsed is not None:
                        inner, attached = self.declaration(act, parsed)
                        result |= inner
                        metadata += attached
                case Made(name="typing.TypeVar" | "typing.ParamSpec"):
                    result.add(self.type_variable(act, value))
                case Made(name=name) if name.startswith("dependency_injector.providers."):
                    result |= self.heap.read(("product", value), act.reader)
                case Made(name="typing.NewType"):
                    result |= self.type_meaning(act, value.argument(1, "tp"))[0]
                case TypeOf(value=Instance() as made):
                    result.add(made)
        return self.u.shared(frozenset(result)), metadata

    def _external_type(self, act: Activation, name: str) -> Values:
        if name in ("typing.Any", "builtins.object", "typing.Generic", "typing.Protocol"):
            return NOTHING
        if name == "typing.Self":
            cls = self._enclosing_class(act)
            bound = self.instance(cls) if cls is not None else NOTHING
            return only(self.u.of(TypeVariable, SELF, bound))
        if name == "typing.Callable":
            return only(self.u.of(CallableType, NOTHING))
        if name in ("typing.Type", "builtins.type"):
            return NOTHING
        if name in library.STRING_TYPES:
            return self.instance("builtins.str")
        return self.instance(name)

    def _enclosing_class(self, act: Activation) -> Class | None:
        scope: Module | Class | Function | None = act.scope
        while scope is not None and not isinstance(scope, (Class, Module)):
            scope = scope.parent
        return scope if isinstance(scope, Class) else None

    def type_variable(self, act: Activation, made: Made) -> TypeVariable:
        """Return the type parameter that ``TypeVar("T", bound=...)`` declares."""
        names = [v.value for v in made.argument(0, "name") if isinstance(v, Const)]
        bound = self.type_meaning(act, made.keyword("bound"))[0]
        for constraint in made.args[1:]:
            bound |= self.type_meaning(act, constraint)[0]
        return self.u.of(TypeVariable, str(names[0]) if names else "?", bound)

    # Classes and functions ----------------------------------------------------------------------

    def class_annotation(self, act: Activation, cls: Class, statement: object) -> Meaning:
        """Return the meaning of a class-level annotation and its metadata."""
        assert isinstance(statement, r.Annotated)
        key = (cls, statement.at)
        found = self._class_annotations.get(key)
        if found is None:
            static = self.static_activation(cls, None, act.reader)
            found = self.declaration(static, statement.annotation)
            if self.is_finished(cls.module):
                self._class_annotations[key] = found
        return found

    def static_activation(
        self, scope: Module | Class | Function, outer: Frame | None, reader: Frame | None
    ) -> Activation:
        """Return a run that only looks names up, for annotations read outside the run of their scope."""
        frame = outer if outer is not None else self.frame_of_module(scope.module)
        return Activation(frame, scope, {}, None, reader)

    def is_finished(self, module: Module) -> bool:
        """Return whether the body of ``module`` has been run to its end."""
        frame = self.frame_of_module(module)
        return frame.runs > 0 and not frame.running

    # Type parameters ----------------------------------------------------------------------------

    def informative(self, values: Values) -> bool:
        """Return whether declared values say which code runs.

        Interfaces, callables and type parameters do not: the values that flow say more.
        """
        if not values:
            return False
        if self._told_of != self.hierarchy.version:
            self._told, self._told_of = {}, self.hierarchy.version
        known = self._told.get(values)
        if known is None:
            told = [v for v in values if not (isinstance(v, Const) and v.value is None)]
            known = self._told[values] = bool(told) and all(self._tells(value) for value in told)
        return known

    def _tells(self, value: Value) -> bool:
        match value:
            case Instance(cls=cls, site=None) if self.is_identified(cls):
                return False
            case Instance(cls=Class() as cls):
                return not self.hierarchy.is_interface(cls)
            case Instance(cls=str() as name, args=args):
                if name in library.CONTAINERS or name in library.ITERATORS or name == "builtins.coroutine":
                    return bool(args) and all(self.informative(arg) for arg in args)
                return True
            case TupleValue(items=items):
                return all(self.informative(item) for item in items)
            case ClassValue(cls=cls):
                return not self.hierarchy.descendants(cls)
            case TypeVariable() | CallableType() | TypeOf():
                return False
        return True

    def variables(self, values: Values) -> tuple[TypeVariable, ...]:
        """Return the type variables in ``values``; they depend on nothing else."""
        if not values:
            return ()
        known = self._known_variables.get(values)
        if known is None:
            known = self._known_variables[values] = tuple(self._find_variables(values))
        return known

    def _find_variables(self, values: Values) -> dict[TypeVariable, None]:
        found: dict[TypeVariable, None] = {}
        for value in values:
            match value:
                case TypeVariable():
                    found[value] = None
                case Instance(args=args) | TupleValue(items=args):
                    for arg in args:
                        found.update(dict.fromkeys(self.variables(arg)))
                case TypeOf(value=inner):
                    found.update(dict.fromkeys(self.variables(only(inner))))
                case CallableType(result=result):
                    found.update(dict.fromkeys(self.variables(result)))
        return found

    def substitute(self, values: Values, mapping: Mapping) -> Values:
        """Replace type parameters by what they stand for."""
        if not self.variables(values):
            return values
        result: set[Value] = set()
        for value in values:
            match value:
                case TypeVariable(name=name):
                    result |= mapping.get(name) or only(value)
                case Instance(cls=cls, args=args, site=site) if args:
                    result.add(self.u.instance(cls, tuple(self.substitute(a, mapping) for a in args), site))
                case TupleValue(items=items):
                    result.add(self.u.tuple_of(tuple(self.substitute(i, mapping) for i in items)))
                case TypeOf(value=inner):
                    result |= {self._class_of(v) for v in self.substitute(only(inner), mapping)}
                case CallableType(result=given):
                    result.add(self.u.of(CallableType, self.substitute(given, mapping)))
                case _:
                    result.add(value)
        return frozenset(result)

    def settle(self, values: Values) -> Values:
        """Replace type parameters nothing is known of by what they are at least."""
        variables = self.variables(values)
        return (
            self.substitute(values, {v.name: v.bound for v in variables if v.bound}) if variables else values
        )

    def match_types(self, declared: Values, given: Values, mapping: Mapping, act: Activation) -> None:
        """Learn from an argument what the type parameters of its declaration stand for."""
        for want in declared:
            match want:
                case TypeVariable(name=name):
                    mapping[name] = mapping.get(name, NOTHING) | given
                case TypeOf(value=TypeVariable(name=name)):
                    made = {self.u.instance(v.cls, v.args) for v in given if isinstance(v, ClassValue)}
                    mapping[name] = mapping.get(name, NOTHING) | made
                case Instance(cls=str(), args=(item, *_)) if self.variables(item):
                    self.match_types(item, self.iterate(act, given, NOWHERE), mapping, act)
                case Instance(cls=Class() as cls, args=args) if args:
                    for value in given:
                        if isinstance(value, Instance) and value.cls is cls:
                            for inner, got in zip(args, value.args, strict=False):
                                self.match_types(inner, got, mapping, act)


def _is_self(value: External) -> bool:
    return library.canonical(value.name) == "typing.Self"
