"""Items and iteration: what subscripts and loops take out of values."""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.inference.base import Arguments, Base
from layercheck.inference.frames import Activation
from layercheck.inference.heap import ANY, item_keys
from layercheck.inference.models import library
from layercheck.inference.values import (
    NOTHING,
    Annotation,
    CallableType,
    ClassValue,
    Const,
    Container,
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
from layercheck.location import Span
from layercheck.program.entities import Class


_DISPLAYS = frozenset({"builtins.list", "builtins.dict", "builtins.set"})


class Items(Base):
    """Taking items and elements."""

    def _subscript(self, act: Activation, node: r.Subscript) -> Values:
        values = self.evaluate(act, node.value)
        if act.knows_paths and act.env is not None and (path := path_of(node)) in act.env:
            return act.env[path]
        if isinstance(node.index, r.Slice):
            values = self._sliced(act, values, node.index, node.at)
        types = [v for v in values if self._is_type(v)]
        result: Values = NOTHING
        for head in types:
            meaning, metadata = self.subscript_type(act, head, node.index)
            if isinstance(head, ClassValue):
                result |= frozenset(
                    self.u.class_value(v.cls, v.args)
                    for v in meaning
                    if isinstance(v, Instance) and isinstance(v.cls, Class)
                )
            elif meaning or metadata:
                result |= only(self.u.of(Annotation, meaning, metadata))
        rest = self.filled(act, values.difference(types))
        if rest:
            index = self.evaluate(act, node.index)
            result |= self._defaults(act, rest, index, node.at)
            result |= self.item(act, rest, index, node.at)
        elif not types:
            self.evaluate(act, node.index)
        return result

    def _defaults(self, act: Activation, values: Values, index: Values, at: Span) -> Values:
        """Return what dicts with a default factory put where nothing is, and hold from then on."""
        result: Values = NOTHING
        for value in values:
            if not isinstance(value, Container) or value.kind != "dict":
                continue
            made = self.produced(act, self.heap.read(("factory", value), act.reader), at)
            if made:
                self.heap.write_items(value, index, made)
                result |= made
        return result

    def produced(self, act: Activation, factories: Values, at: Span, kind: str = "call") -> Values:
        """Return what calling ``factories`` without arguments gives; of outside ones displays alone."""
        result: Values = NOTHING
        for factory in factories:
            if not isinstance(factory, External):
                result |= self.call(act, only(factory), Arguments(), at, kind)
            elif factory.name in _DISPLAYS:
                display = factory.name.removeprefix("builtins.")
                result |= only(self.u.of(Container, display, act.here(at)))
        return result

    def filled(self, act: Activation, values: Values) -> Values:
        """Drop containers known by what they are declared to hold where one is known whose items are.

        That holds for declarations of interfaces and callables, which do not say which code runs:
        ``dict[type, Handler]`` for one.
        """
        if len(values) < 2 or not any(
            isinstance(v, Container) and self.heap.read(("items", v), act.reader) for v in values
        ):
            return values
        return frozenset(v for v in values if not self._holds_interfaces(v))

    def _holds_interfaces(self, value: Value) -> bool:
        if not isinstance(value, Instance) or value.cls not in library.CONTAINERS or not value.args:
            return False
        return any(
            isinstance(v, (CallableType, ClassValue, TypeOf, TypeVariable))
            or (isinstance(v, Instance) and isinstance(v.cls, Class) and self.hierarchy.is_interface(v.cls))
            or self._holds_interfaces(v)
            for v in value.args[-1]
        )

    def _sliced(self, act: Activation, values: Values, bounds: r.Slice, at: Span) -> Values:
        """Return lists cut at constant bounds, other values as they are."""
        lower = bounds.lower.value if isinstance(bounds.lower, r.Constant) else 0
        if not isinstance(lower, int) or lower < 0 or bounds.step is not None:
            return values
        result: set[Value] = set()
        for value in values:
            if not isinstance(value, Container) or value.kind != "list":
                result.add(value)
                continue
            cut = self.u.of(Container, "list", act.here(at))
            index = 0
            while items := self.heap.read(("item", value, lower + index), act.reader):
                self.heap.write_item(cut, index, items)
                index += 1
            self.heap.write_item(cut, None, self.heap.read(("item", value, ANY), act.reader))
            result.add(cut)
        return frozenset(result)

    def _is_type(self, value: Value) -> bool:
        match value:
            case ClassValue():
                return True
            case External(name=name, receiver=None):
                plain = library.canonical(name)
                return plain.startswith("typing.") or library.is_class_name(plain) or plain in (
                    "builtins.list", "builtins.dict", "builtins.tuple", "builtins.type", "builtins.set",
                    "builtins.frozenset",
                )  # fmt: skip
            case Annotation():
                return any(
                    isinstance(v, TypeVariable) or (isinstance(v, Instance) and v.args) for v in value.values
                )
        return False

    def item(self, act: Activation, values: Values, index: Values, at: Span) -> Values:
        """Return what ``values[index]`` may be."""
        keys = item_keys(index)
        result: set[Value] = set()
        for value in values:
            match value:
                case Container() if any(isinstance(v, Instance) and v.cls == "builtins.slice" for v in index):
                    result.add(value)
                case Container():
                    for key in keys if keys and len(keys) == len(index) else [None]:
                        if isinstance(key, Class):
                            result |= self._under_class(act, value, key)
                            continue
                        if isinstance(key, int) and key < 0:
                            key = None
                        result |= self.heap.read_item(value, key, act.reader)
                case TupleValue(items=items):
                    known = [k for k in keys if isinstance(k, int) and -len(items) <= k < len(items)]
                    if known:
                        result.update(*(items[k] for k in known))
                    elif any(isinstance(v, Instance) and v.cls == "builtins.slice" for v in index):
                        result.add(value)
                    else:
                        result.update(*items)
                case Instance(cls=str() as name, args=args) if args:
                    if name in library.MAPPINGS:
                        result |= args[-1]
                    elif any(isinstance(v, Instance) and v.cls == "builtins.slice" for v in index):
                        result.add(value)
                    else:
                        result |= args[0]
                case Instance(cls=Class()):
                    got = self.call_method(act, value, "__getitem__", Arguments([index]), at)
                    result |= got or NOTHING
                case Instance(cls="lagom.Container"):
                    result |= self.type_meaning(act, index)[0]
                case External(name=name) | Made(name=name):
                    result.add(self.u.outcome(name, "[]"))
                case Const(value=str()) | Instance(cls="builtins.str"):
                    result |= self.instance("builtins.str")
                case Instance(cls=str() as name) if not name.startswith("builtins."):
                    result.add(self.u.outcome(name, "[]"))
        return frozenset(result)

    def _under_class(self, act: Activation, container: Container, cls: Class) -> Values:
        """Return what a dict may hold under ``cls``, or under a class below: an object may be of one.

        What stands there under a key that is not known counts where nothing else does.
        """
        result: Values = NOTHING
        for key in self.heap.read(("keys", container), act.reader):
            if isinstance(key, ClassValue) and self.hierarchy.derives(key.cls, cls):
                result |= self.heap.read(("item", container, key.cls), act.reader)
        return result or self.heap.read(("item", container, ANY), act.reader)

    def iterate(self, act: Activation, values: Values, at: Span, is_async: bool = False) -> Values:
        """Return the elements an iteration may give."""
        result: set[Value] = set()
        values = self.filled(act, values)
        enter, step = ("__aiter__", "__anext__") if is_async else ("__iter__", "__next__")
        for value in values:
            match value:
                case Container(kind="dict"):
                    result |= self.heap.read(("keys", value), act.reader)
                case Container():
                    result |= self.heap.read_item(value, None, act.reader)
                case TupleValue(items=items):
                    result.update(*items)
                case Instance(cls=str() as name, args=args) if args:
                    if name == "builtins.coroutine" and is_async:
                        result |= self.iterate(act, args[0], at, True)
                    elif name != "builtins.coroutine":
                        result |= args[0]
                case Instance(cls=Class()):
                    result |= self._iterate_object(act, value, enter, step, at)
                case External(name=name) | Made(name=name) | Instance(cls=str() as name):
                    if not name.startswith("builtins."):
                        result.add(self.u.outcome(name, "[]"))
                case ClassValue(cls=cls):
                    result.add(self.u.instance(cls))
                case Const(value=str()):
                    result |= self.instance("builtins.str")
        return frozenset(result)

    def _iterate_object(self, act: Activation, value: Instance, enter: str, step: str, at: Span) -> Values:
        iterators = self.call_method(act, value, enter, Arguments(), at)
        if iterators is None:
            got = self.call_method(act, value, "__getitem__", Arguments(), at)
            return got or NOTHING
        result: Values = NOTHING
        for iterator in iterators:
            got = self.call_method(act, iterator, step, Arguments(), at)
            if got is not None:
                result |= self.awaited(act, got, at)
            elif iterator is not value:
                result |= self.iterate(act, only(iterator), at)
        return result


def path_of(node: r.Expr) -> str:
    """Return ``a.b.['key']`` for attributes and constant items of a name, empty for anything else."""
    parts: list[str] = []
    while isinstance(node, (r.Attribute, r.Subscript)):
        if isinstance(node, r.Attribute):
            parts.append(node.name)
        elif isinstance(node.index, r.Constant) and node.index.kind in ("str", "int"):
            parts.append(f"[{node.index.value!r}]")
        else:
            return ""
        node = node.value
    if parts and isinstance(node, r.Name):
        return ".".join([node.id, *reversed(parts)])
    return ""
