"""Attributes: what ``value.name`` may be, and where an assignment to it is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from layercheck.inference.base import Arguments, Base
from layercheck.inference.frames import Activation, Frame
from layercheck.inference.hierarchy import NEUTRAL
from layercheck.inference.models import dispatch, library
from layercheck.inference.values import (
    NOTHING,
    Annotation,
    CallableType,
    ClassValue,
    Const,
    Container,
    External,
    FunctionValue,
    Instance,
    Made,
    ModuleValue,
    Partial,
    Super,
    TupleValue,
    TypeOf,
    TypeVariable,
    Value,
    Values,
    Wrapped,
    only,
)
from layercheck.location import Span
from layercheck.program.entities import Class, Function


class Attributes(Base):
    """Reading and writing attributes."""

    def __init__(self) -> None:
        self._ways: dict[type[Value], Callable[[Activation, Any, str, Span], Values]] = {
            Instance: self._of_instance, ClassValue: self._class_attribute, ModuleValue: self._of_module,
            External: self._of_external, Made: self._of_made, Super: self._super_attribute,
            Const: self._of_constant, Container: self._of_container, TupleValue: self._of_tuple,
            FunctionValue: self._function_attribute, Wrapped: self._wrapped_attribute,
            TypeVariable: self._of_variable, TypeOf: self._of_type, Annotation: self._of_annotation,
            Partial: self._of_partial, CallableType: self._of_callable,
        }  # fmt: skip

    def get_attribute(self, act: Activation, value: Value, name: str, at: Span) -> Values:
        """Return what ``value.name`` may be; reading a property runs it."""
        return self._ways[value.__class__](act, value, name, at)

    def _of_instance(self, act: Activation, value: Instance, name: str, at: Span) -> Values:
        if isinstance(value.cls, str):
            return self._external_attribute(value.cls, name, value)
        return self._own_attribute(act, value, value.cls, name, at)

    def _of_module(self, act: Activation, value: ModuleValue, name: str, at: Span) -> Values:
        return self.module_attribute(value.name, value.root, name, act)

    def _of_external(self, act: Activation, value: External, name: str, at: Span) -> Values:
        kept = NOTHING
        if library.is_state(value.name):
            kept = self.heap.read(("state", value.name, name), act.reader)
            if any(not isinstance(v, Const) for v in kept):
                return kept
        found = self._external_attribute(value.name, name, value)
        return kept | found if kept else found

    def _of_made(self, act: Activation, value: Made, name: str, at: Span) -> Values:
        return self._external_attribute(value.name, name, value)

    def _of_constant(self, act: Activation, value: Const, name: str, at: Span) -> Values:
        if name == "value":
            return only(value)
        return only(self.u.external(f"builtins.{type(value.value).__name__}.{name}", value))

    def _of_container(self, act: Activation, value: Container, name: str, at: Span) -> Values:
        return only(self.u.external(f"builtins.{value.kind}.{name}", value))

    def _of_tuple(self, act: Activation, value: TupleValue, name: str, at: Span) -> Values:
        return only(self.u.external(f"builtins.tuple.{name}", value))

    def _of_variable(self, act: Activation, value: TypeVariable, name: str, at: Span) -> Values:
        return self._each(act, value.bound, name, at)

    def _of_type(self, act: Activation, value: TypeOf, name: str, at: Span) -> Values:
        match value.value:
            case Instance(cls=str() as outside):
                return self._external_attribute(outside, name, value)
            case TypeVariable() as variable:
                found = NOTHING
                for bound in variable.bound:
                    if isinstance(bound, Instance) and isinstance(bound.cls, Class):
                        found |= self._class_attribute(
                            act, self.u.class_value(bound.cls, bound.args), name, at
                        )
                return found
        return NOTHING

    def _of_annotation(self, act: Activation, value: Annotation, name: str, at: Span) -> Values:
        meaning, _ = self.type_meaning(act, only(value))
        classes = [
            self.u.class_value(v.cls, v.args)
            for v in meaning
            if isinstance(v, Instance) and isinstance(v.cls, Class)
        ]
        return self._each(act, frozenset(classes), name, at)

    def _of_partial(self, act: Activation, value: Partial, name: str, at: Span) -> Values:
        if name == "func":
            return only(value.func)
        return only(self.u.external(f"functools.partial.{name}", value))

    def _of_callable(self, act: Activation, value: CallableType, name: str, at: Span) -> Values:
        return NOTHING

    def _each(self, act: Activation, values: Values, name: str, at: Span) -> Values:
        return frozenset().union(*(self.get_attribute(act, value, name, at) for value in values))

    def _external_attribute(self, base: str, name: str, receiver: Value) -> Values:
        path = f"{base}.{name}"
        if name == "router" and library.keeps_identity(base):
            return only(receiver)
        declared = library.attribute_type(base, name) if name in library.ATTRIBUTES else ""
        if declared:
            return self.instance(declared)
        if isinstance(receiver, External) and base.endswith(".routes") and receiver.receiver is not None:
            receiver = receiver.receiver
        keeps = isinstance(receiver, (Instance, Made, Const, Container, TupleValue))
        # most are called at once: the set is not worth keeping
        return frozenset((self.u.external(path, receiver if keeps else None),))

    # Objects of the program --------------------------------------------------------------------

    def _own_attribute(
        self, act: Activation, value: Instance, cls: Class, name: str, at: Span
    ) -> Values:
        reader = act.reader
        result = NOTHING
        settled = False
        outside = ""
        for item in self.hierarchy.order(cls):
            if isinstance(item, str):
                if not outside and item not in NEUTRAL:
                    outside = item
                continue
            declared = self._declared(act, item, name) if name in item.annotations else NOTHING
            on_class = self.heap.read(("class", item, name), reader)
            if declared:
                result |= self.substitute(declared, self.hierarchy.mapping_of(value))
                held = self.heap.read(("own", value, name), reader) if value.site is not None else NOTHING
                if on_class:
                    result |= frozenset(v for v in on_class if isinstance(v, Const) and v.value is not None)
                if held:
                    told = (Const, Container, TupleValue, Made)
                    result |= frozenset(v for v in held if isinstance(v, told))
                if self.informative(declared):
                    settled = True
                else:
                    result |= self._bind_all(act, on_class, value, name, at)
                break
            if on_class:
                if self._is_abstract_property(on_class):
                    concrete = self._implementation_methods(act, value, cls, name, at)
                    if concrete:
                        result |= concrete
                        settled = True
                        break
                result |= self._bind_all(act, on_class, value, name, at)
                settled = not all([isinstance(v, Const) for v in on_class])
                break
        if not settled or not self.informative(result):
            result |= self._assigned(value, cls, name, reader)
        result = self.without_interfaces(result)
        if result:
            return self._through_interfaces(act, value, cls, name, result, at)
        found = self._below(act, value, cls, name, at)
        if found:
            return found
        if outside:
            return self._external_attribute(outside, name, value)
        if not name.startswith("__"):
            fallback = self.call_method(
                act, value, "__getattr__", Arguments([only(self.u.const(name))]), at, "property"
            )
            if fallback is not None:
                return fallback
        if name == "__class__":
            return only(self.u.class_value(cls, value.args))
        if name == "__dict__":
            return self.instance("builtins.dict")
        return NOTHING

    def without_interfaces(self, values: Values) -> Values:
        """Drop interfaces from values where objects of classes that implement them are known."""
        if len(values) < 2:
            return values
        concrete = [
            v.cls
            for v in values
            if isinstance(v, Instance) and isinstance(v.cls, Class) and not self.hierarchy.is_interface(v.cls)
        ]
        if not concrete:
            return values
        return frozenset(
            v for v in values
            if not isinstance(v, Instance) or isinstance(v.cls, str) or not self.hierarchy.is_interface(v.cls)
        )  # fmt: skip

    def _assigned(self, value: Instance, cls: Class, name: str, reader: Frame) -> Values:
        """Return what was assigned to an attribute of ``value``.

        Objects told apart by their site have cells of their own, beside what code that does not
        know the site assigned.
        """
        result = NOTHING
        kind = "instance"
        if value.site is not None:
            result |= self.heap.read(("own", value, name), reader)
            kind = "generic"
        for item in self.hierarchy.own(cls):
            result |= self.heap.read((kind if item is cls else "instance", item, name), reader)
        return result

    def _declared(self, act: Activation, cls: Class, name: str) -> Values:
        """Return what a class-level annotation says about ``name``."""
        statement = cls.annotations.get(name)
        if statement is None:
            return NOTHING
        return self.class_annotation(act, cls, statement)[0]

    def _bind_all(self, act: Activation, found: Values, receiver: Value, name: str, at: Span) -> Values:
        if len(found) == 1:
            (value,) = found
            return self._bind(act, value, receiver, name, at)
        return frozenset().union(*(self._bind(act, value, receiver, name, at) for value in found))

    def _bind(self, act: Activation, value: Value, receiver: Value, name: str, at: Span) -> Values:
        match value:
            case FunctionValue(receiver=None):
                if value.function.name == "__new__":
                    return only(value)
                # most are called at once: the set is not worth keeping
                return frozenset((self.u.function(value.function, value.outer, receiver),))
            case Wrapped(kind="static"):
                return only(value.value)
            case Wrapped(kind="class"):
                owner: Value = receiver
                if isinstance(receiver, Instance) and isinstance(receiver.cls, Class):
                    owner = self.u.class_value(receiver.cls, receiver.args)
                return self._bind(act, value.value, owner, name, at)
            case Wrapped(kind="property"):
                getter = self._bind(act, value.value, receiver, name, at)
                return self.call(act, getter, Arguments(), at, "property")
            case Wrapped():
                inner = self._bind(act, value.value, receiver, name, at)
                return frozenset(self.u.of(Wrapped, value.kind, v, value.extra) for v in inner)
            case Partial(func=FunctionValue()):
                return only(value)
            case Instance(cls=Class()):
                got = self.call_method(act, value, "__get__", Arguments([only(receiver)]), at, "property")
                return only(value) if got is None else got
        return only(value)

    def _through_interfaces(
        self, act: Activation, value: Instance, cls: Class, name: str, found: Values, at: Span
    ) -> Values:
        """Replace abstract methods by those of the implementations, add overrides in the same breath."""
        result = found
        for method in found:
            if not isinstance(method, FunctionValue) or method.receiver is None:
                continue
            if method.function.is_abstract:
                concrete = self._implementation_methods(act, value, cls, name, at)
                if concrete:
                    result = (result - {method}) | concrete
        return result

    def _is_abstract_property(self, found: Values) -> bool:
        for value in found:
            if isinstance(value, Wrapped) and value.kind == "property":
                if isinstance(value.value, FunctionValue) and value.value.function.is_abstract:
                    return True
        return False

    def _implementation_methods(
        self, act: Activation, value: Instance, cls: Class, name: str, at: Span
    ) -> Values:
        result = NOTHING
        for sub in self.hierarchy.implementations(cls, self.program.classes):
            found, _ = self.find_on_class(sub, name, act)
            receiver = self.u.instance(sub)
            bound = self._bind_all(act, found, receiver, name, at)
            result |= frozenset(
                v for v in bound if not (isinstance(v, FunctionValue) and v.function.is_abstract)
            )
        return result

    def _below(self, act: Activation, value: Instance, cls: Class, name: str, at: Span) -> Values:
        """Look for an attribute that only subclasses or implementations have."""
        result = NOTHING
        subs = self.hierarchy.descendants(cls)
        if self.hierarchy.is_interface(cls):
            implementations = self.hierarchy.implementations(cls, self.program.classes)
            subs = tuple(dict.fromkeys([*subs, *implementations]))
        for sub in subs:
            declared = self._declared(act, sub, name)
            if declared:
                result |= declared
            on_class = self.heap.read(("class", sub, name), act.reader)
            result |= self._bind_all(act, on_class, self.u.instance(sub), name, at)
            result |= self.heap.read(("instance", sub, name), act.reader)
        return result

    def find_on_class(self, cls: Class, name: str, act: Activation) -> tuple[Values, Class | None]:
        """Return what the class body of ``cls`` or a base binds to ``name``, and where."""
        for item in self.hierarchy.own(cls):
            found = self.heap.read(("class", item, name), act.reader)
            if found:
                return found, item
        return NOTHING, None

    # Classes ------------------------------------------------------------------------------------

    def _class_attribute(self, act: Activation, value: ClassValue, name: str, at: Span) -> Values:
        cls = value.cls
        found, _ = self.find_on_class(cls, name, act)
        result = NOTHING
        for item in found:
            match item:
                case Wrapped(kind="class"):
                    result |= self._bind(act, item.value, value, name, at)
                case Wrapped(kind="static"):
                    result |= only(item.value)
                case _:
                    result |= only(item)
        for item_cls in self.hierarchy.own(cls):
            declared = self._declared(act, item_cls, name) if name in item_cls.annotations else NOTHING
            if declared and not any(isinstance(v, FunctionValue) for v in result):
                result |= self.substitute(declared, self.hierarchy.mapping(cls, value.args))
                break
        if result:
            return result
        if name == "__name__" or name == "__qualname__":
            return only(self.u.const(cls.name))
        for outside in self.hierarchy.outside(cls):
            if outside.startswith("enum."):
                return only(self.u.instance(cls))
            return only(self.u.external(f"{outside}.{name}", self.u.instance(cls, value.args)))
        below = NOTHING
        for sub in self.hierarchy.descendants(cls):
            sub_found, _ = self.find_on_class(sub, name, act)
            below |= frozenset(v.value if isinstance(v, Wrapped) else v for v in sub_found)
        return below

    def _super_attribute(self, act: Activation, value: Super, name: str, at: Span) -> Values:
        receiver = value.receiver
        cls = receiver.cls if isinstance(receiver, (Instance, ClassValue)) else value.after
        if not isinstance(cls, Class):
            return NOTHING
        order = list(self.hierarchy.order(cls))
        behind = order[order.index(value.after) + 1 :] if value.after in order else order[1:]
        for item in behind:
            if isinstance(item, str):
                if item in NEUTRAL:
                    continue
                return only(self.u.external(f"{item}.{name}", receiver))
            found = self.heap.read(("class", item, name), act.reader)
            if found:
                return self._bind_all(act, found, receiver, name, at)
        return only(self.u.external(f"builtins.object.{name}", receiver))

    # Functions and the rest ---------------------------------------------------------------------

    def _function_attribute(self, act: Activation, value: FunctionValue, name: str, at: Span) -> Values:
        found = self.heap.read(("attribute", value.function, name), act.reader)
        if found:
            return found
        if name == "__wrapped__":
            return only(value)
        if name in ("__name__", "__qualname__"):
            return only(self.u.const(value.function.name))
        return only(self.u.external(f"types.FunctionType.{name}", value))

    def _wrapped_attribute(self, act: Activation, value: Wrapped, name: str, at: Span) -> Values:
        if value.kind == "property":
            if name in ("setter", "deleter", "getter"):
                return only(self.u.external(f"builtins.property.{name}", value))
            return NOTHING
        if value.kind == dispatch.KIND and name == "register":
            return only(self.u.external(dispatch.REGISTER, value))
        return self.get_attribute(act, value.value, name, at)

    def set_attribute(self, act: Activation, value: Value, name: str, values: Values, at: Span) -> None:
        """Assign ``value.name = values``."""
        match value:
            case Instance(cls=Class() as cls):
                on_class, _ = self.find_on_class(cls, name, act)
                for item in on_class:
                    if isinstance(item, Wrapped) and item.kind == "property" and item.extra is not None:
                        setter = self._bind(act, item.extra, value, name, at)
                        self.call(act, setter, Arguments([values]), at, "property")
                        return
                self.heap.write(("instance", cls, name), values)
                own = ("generic", cls, name) if value.site is None else ("own", value, name)
                self.heap.write(own, values)
                if "__setattr__" in self.hierarchy.names(cls):
                    args = Arguments([only(self.u.const(name)), values])
                    self.call_method(act, value, "__setattr__", args, at, "property")
            case ClassValue(cls=cls):
                if name not in cls.methods:
                    self.heap.write(("class", cls, name), values)
            case ModuleValue():
                module = self.program.find(value.name, value.root)
                if module is not None:
                    self.heap.write(("name", module, name), values)
            case FunctionValue(function=Function() as function):
                self.heap.write(("attribute", function, name), values)
            case Wrapped():
                self.set_attribute(act, value.value, name, values, at)
            case External(name=path) if library.is_state(path):
                self.heap.write(("state", path, name), values)
            case CallableType():
                return

    def delete_attribute(self, act: Activation, value: Value, name: str, at: Span) -> None:
        """Run ``del value.name`` where it is a property."""
        if isinstance(value, Instance) and isinstance(value.cls, Class):
            on_class, _ = self.find_on_class(value.cls, name, act)
            for item in on_class:
                if isinstance(item, Wrapped) and item.kind == "property" and item.extra is not None:
                    self.call(act, self._bind(act, item.extra, value, name, at), Arguments(), at, "property")
