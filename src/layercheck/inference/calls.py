"""Calls: binding arguments, running a frame, and what comes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from layercheck.inference.base import Arguments
from layercheck.inference.contexts import Contexts
from layercheck.inference.frames import Activation, CallSite, Frame
from layercheck.inference.heap import ANY
from layercheck.inference.hierarchy import Mapping
from layercheck.inference.models import dispatch, library
from layercheck.inference.signatures import ParameterMeaning, Signature, handed, is_foreign
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
    Partial,
    TypeOf,
    TypeVariable,
    Value,
    Values,
    Wrapped,
    only,
)
from layercheck.location import Span
from layercheck.program.entities import Class

RECORDS = frozenset({"typing.NamedTuple", "pydantic.BaseModel"})
"""Outside bases of classes whose objects only hold what they are made with."""


class Calls(Contexts):
    """Calling values."""

    def __init__(self) -> None:
        self._callers: dict[
            type[Value], Callable[[Activation, Any, Arguments, Span, str, CallSite], Values]
        ] = {
            FunctionValue: self._call_function, ClassValue: self._construct, Partial: self._call_partial,
            Wrapped: self._call_wrapped, Instance: self._call_object, External: self._call_external,
            Made: self._call_made, CallableType: self._call_callable, TypeOf: self._call_type,
            Annotation: self._call_annotation,
        }  # fmt: skip

    def call(self, act: Activation, callees: Values, args: Arguments, at: Span, kind: str = "call") -> Values:
        """Call every callee, record the edges at ``at`` and return what may come back."""
        site = self.site(act, at, "call" if kind in ("call", "construct") else kind)
        if len(callees) == 1:
            (callee,) = callees
            way = self._callers.get(callee.__class__)
            result = way(act, callee, args, at, kind, site) if way is not None else NOTHING
        else:
            result = NOTHING
            for callee in callees:
                result |= self._call_one(act, callee, args, at, kind, site)
        site.result = self.u.shared(site.result | result if site.result else result)
        return result

    def _call_one(
        self, act: Activation, callee: Value, args: Arguments, at: Span, kind: str, site: CallSite
    ) -> Values:
        way = self._callers.get(callee.__class__)
        return way(act, callee, args, at, kind, site) if way is not None else NOTHING

    def _call_function(self, act: Activation, callee: FunctionValue, args: Arguments,
                       at: Span, kind: str, site: CallSite) -> Values:  # fmt: skip
        return self.call_function(act, callee, args, kind, site)

    def _call_partial(self, act: Activation, callee: Partial, args: Arguments,
                      at: Span, kind: str, site: CallSite) -> Values:  # fmt: skip
        merged = Arguments(
            [*callee.args, *args.positional],
            {**dict(callee.keywords), **args.keywords}, args.rest, args.others,
        )  # fmt: skip
        return self._call_one(act, callee.func, merged, at, kind, site)

    def _call_wrapped(self, act: Activation, callee: Wrapped, args: Arguments,
                      at: Span, kind: str, site: CallSite) -> Values:  # fmt: skip
        if callee.kind == dispatch.KIND:
            return self.call(act, dispatch.implementations(self, act, callee, args), args, at, kind)
        made = self._call_one(act, callee.value, args, at, kind, site)
        if callee.kind in ("contextmanager", "asynccontextmanager"):
            return self.instance(library.MANAGER, self.iterate(act, made, at))
        return made

    def _call_object(self, act: Activation, callee: Instance, args: Arguments,
                     at: Span, kind: str, site: CallSite) -> Values:  # fmt: skip
        if isinstance(callee.cls, str):
            return self.invoke_external(act, f"{callee.cls}.__call__", callee, args, at, site)
        return self.call_method(act, callee, "__call__", args, at, kind) or NOTHING

    def _call_external(self, act: Activation, callee: External, args: Arguments,
                       at: Span, kind: str, site: CallSite) -> Values:  # fmt: skip
        return self.invoke_external(act, callee.name, callee.receiver, args, at, site)

    def _call_made(self, act: Activation, callee: Made, args: Arguments,
                   at: Span, kind: str, site: CallSite) -> Values:  # fmt: skip
        return self.invoke_external(act, f"{callee.name}()", callee, args, at, site)

    def _call_callable(self, act: Activation, callee: CallableType, args: Arguments,
                       at: Span, kind: str, site: CallSite) -> Values:  # fmt: skip
        return callee.result

    def _call_type(self, act: Activation, callee: TypeOf, args: Arguments,
                   at: Span, kind: str, site: CallSite) -> Values:  # fmt: skip
        if isinstance(callee.value, TypeVariable):
            for bound in callee.value.bound:
                if isinstance(bound, Instance) and isinstance(bound.cls, Class):
                    self._construct(act, self.u.class_value(bound.cls), args, at, kind, site)
        return only(callee.value)

    def _call_annotation(self, act: Activation, callee: Annotation, args: Arguments,
                         at: Span, kind: str, site: CallSite) -> Values:  # fmt: skip
        meaning, _ = self.type_meaning(act, only(callee))
        classes = [
            self.u.class_value(v.cls, v.args)
            for v in meaning
            if isinstance(v, Instance) and isinstance(v.cls, Class)
        ]
        return frozenset().union(*(self._construct(act, c, args, at, kind, site) for c in classes))

    def call_method(
        self, act: Activation, value: Value, name: str, args: Arguments, at: Span, kind: str = "call"
    ) -> Values | None:
        """Call a method of an object of the program; None where its class has no such method."""
        if not isinstance(value, Instance) or isinstance(value.cls, str):
            return None
        if name not in self.hierarchy.names(value.cls):
            return None
        found = self.get_attribute(act, value, name, at)
        return self.call(act, found, args, at, kind)

    # Functions ----------------------------------------------------------------------------------

    def call_function(
        self, act: Activation, callee: FunctionValue, args: Arguments, kind: str, site: CallSite
    ) -> Values:
        """Run a function of the program and return what may come back."""
        written, (callee, args) = callee, self._with_receiver(callee, args)
        function = callee.function
        caller = act.frame.entity
        self._spent[caller] = self._spent.get(caller, 0) + 1
        signature = self.signature(function, callee.outer, act.reader)
        mapping = self.receiver_mapping(callee.receiver)
        if signature.typed:
            mapping = mapping.copy()  # what type variables stand for here is learnt from the arguments
        bound = self._bind_arguments(act, callee, signature, args, mapping)
        frame = self.frame_for(act, callee, signature, bound, site.at)
        site.edges = self.sharing.with_entry(site.edges, (frame, kind), None)
        given = dict(frame.given)
        for meaning in signature.flowing:
            values = bound.get(meaning.name, meaning.default)
            if values and meaning.name not in given:
                self.heap.write(("param", frame, meaning.name), values)
        for meaning in signature.foreign:
            values = bound.get(meaning.name, NOTHING)
            if values and meaning.name not in given and self.calls_back(values):
                self.heap.write(("param", frame, meaning.name), values)
        if act.unpublished or act.outer is not None:
            self.publish(act)
        if not frame.runs:
            self.ensure(frame)
        result = self.result(frame, callee, mapping, act)
        if kind in ("call", "property") and callee is written:
            overridden = self._overrides(act, callee, args, site)
            return result | overridden if overridden else result
        return result

    def _with_receiver(self, callee: FunctionValue, args: Arguments) -> tuple[FunctionValue, Arguments]:
        """Return the call of a method that calling its plain function stands for: ``function(*args)``.

        The object is the first of the arguments; where nothing is known of it, one of the class as declared.
        Where all arguments are written out the call stays as it stands: rules line it up with the parameters.
        """
        if callee.receiver is not None or callee.function.owner is None:
            return callee, args
        declared = self.declared_receiver(callee.function)
        if not isinstance(declared, Instance):
            return callee, args
        first, *others = args.positional or (args.rest or NOTHING,)
        if not first:
            receiver: Value = declared
        elif args.is_starred and len(first) == 1:
            (receiver,) = first
            if not isinstance(receiver, Instance) or not self.hierarchy.derives(receiver.cls, declared.cls):
                return callee, args
        else:
            return callee, args
        bound = self.u.function(callee.function, callee.outer, receiver)
        return bound, Arguments(others, args.keywords, args.rest, args.others)

    def _overrides(self, act: Activation, callee: FunctionValue, args: Arguments, site: CallSite) -> Values:
        """Record the overrides in subclasses a concrete method of a declared receiver may stand for."""
        receiver = callee.receiver
        function = callee.function
        if (
            not isinstance(receiver, Instance)
            or not isinstance(receiver.cls, Class)
            or function.owner is None
        ):
            return NOTHING
        if function.name.startswith("__"):
            return NOTHING
        below = self.hierarchy.overriders(receiver.cls, function.name)
        if not below:
            return NOTHING
        nearest, _ = self.find_on_class(receiver.cls, function.name, act)
        if not any(getattr(v, "function", None) is function for v in nearest):
            return NOTHING  # a call of super(): no override stands behind it
        result = NOTHING
        for sub in below:
            for found in self.heap.read(("class", sub, function.name), act.reader):
                if isinstance(found, FunctionValue) and not found.function.is_abstract:
                    bound = self.u.function(found.function, found.outer, self.u.instance(sub))
                    result |= self.call_function(act, bound, args, "possible", site)
        return result

    def _bind_arguments(
        self,
        act: Activation,
        callee: FunctionValue,
        signature: Signature,
        args: Arguments,
        mapping: Mapping,
    ) -> dict[str, Values]:
        """Return the values each parameter gets; learn type parameters into ``mapping``."""
        positional = signature.positional
        bound: dict[str, Values] = {}
        skip = 1 if callee.receiver is not None and positional else 0
        rest = [only(callee.receiver)] if callee.receiver is not None and not positional else []
        for index, values in enumerate(args.positional, start=skip):
            if index < len(positional):
                bound[positional[index].name] = values
            else:
                rest.append(values)
        names = signature.names
        extra: dict[str, Values] = {}
        for name, values in args.keywords.items():
            target = bound if name in names else extra
            target[name] = values
        if args.rest:
            for meaning in positional[len(args.positional) + skip :]:
                bound.setdefault(meaning.name, args.rest)
        if args.others:
            for meaning in signature:
                if meaning.name in names and meaning.name not in bound:
                    bound[meaning.name] = args.others
        for meaning in signature.gathering:
            if meaning.kind == "var":
                bound[meaning.name] = self._rest_tuple(callee, meaning, rest, args)
            elif extra or args.others:
                bound[meaning.name] = self._keyword_dict(act, callee, extra, args)
        for meaning in signature.typed:
            if meaning.name in bound:
                self.match_types(meaning.declared, bound[meaning.name], mapping, act)
        return bound

    def _rest_tuple(
        self, callee: FunctionValue, meaning: ParameterMeaning, rest: list[Values], args: Arguments
    ) -> Values:
        if args.rest:
            items = frozenset().union(args.rest, *rest)
            return self.instance("builtins.tuple", items)
        return only(self.u.tuple_of(tuple(rest)))

    def _keyword_dict(
        self, act: Activation, callee: FunctionValue, extra: dict[str, Values], args: Arguments
    ) -> Values:
        matters = self.sets_apart if self.registers(act, callee.function, extra.values()) else self.calls_back
        shape = tuple(sorted((name, values) for name, values in extra.items() if matters(values)))
        site = (
            "keywords",
            callee.function,
            tuple((name, frozenset(v.serial for v in vs)) for name, vs in shape),
        )
        container = self.u.of(Container, "dict", site)
        for name, values in extra.items():
            self.heap.write_items(container, only(self.u.const(name)), values)
        if args.others:
            self.heap.write_item(container, ANY, args.others)
        return only(container)

    def result(self, frame: Frame, callee: FunctionValue, mapping: Mapping, act: Activation) -> Values:
        """Return what calling ``callee`` in ``frame`` gives: its declared result, or what it returns."""
        function = callee.function
        reader = act.reader
        declared = self.declared_result(function, callee.outer, reader)
        if self.variables(declared):
            declared = self.settle(self.substitute(declared, mapping))
        if function.is_generator:
            yielded = self._generator_elements(declared)
            if not self.informative(yielded):
                yielded = self.heap.read(("yield", frame), reader) | yielded
            returned = self.heap.read(("return", frame), reader)
            return self.instance("builtins.generator", yielded, returned)
        if self.informative(declared):
            result = declared
            if _gives_strings(declared):
                returned = self.heap.read(("return", frame), reader)
                result |= frozenset(v for v in returned if isinstance(v, Const) and isinstance(v.value, str))
            elif is_foreign(declared):
                result |= handed(self.heap.read(("return", frame), reader))
        else:
            returned = self.heap.read(("return", frame), reader)
            result = self._narrower(declared, returned)
        return self.instance("builtins.coroutine", result) if function.is_async else result

    def _generator_elements(self, declared: Values) -> Values:
        return frozenset().union(
            *(v.args[0] for v in declared if isinstance(v, Instance) and isinstance(v.cls, str) and v.args)
        )

    def _narrower(self, declared: Values, flowing: Values) -> Values:
        """Return what flows where it says more than an interface or an open type, else both."""
        if not declared:
            return flowing
        concrete = any(isinstance(v, (Instance, FunctionValue, ClassValue, Partial, Made)) for v in flowing)
        if not concrete:
            return declared | flowing
        given = any(isinstance(v, ClassValue) for v in flowing)
        kept = [
            v for v in declared if not self._is_interface(v) and not (given and isinstance(v, ClassValue))
        ]
        return frozenset(kept) | flowing

    def _is_interface(self, value: Value) -> bool:
        if isinstance(value, (CallableType, TypeVariable, TypeOf)):
            return True
        if isinstance(value, Instance) and value.site is None and self.is_identified(value.cls):
            return True
        return (
            isinstance(value, Instance)
            and isinstance(value.cls, Class)
            and self.hierarchy.is_interface(value.cls)
        )

    # Classes ------------------------------------------------------------------------------------

    def _construct(
        self, act: Activation, callee: ClassValue, args: Arguments, at: Span, kind: str, site: CallSite
    ) -> Values:
        cls = callee.cls
        edge = "construct" if kind in ("call", "decorator") else kind
        site.classes = self.sharing.with_entry(site.classes, cls, None)
        for meta in self.hierarchy.metaclasses_of(cls):
            if act.frame.entity not in meta.methods.values():
                for value in self._find_method(meta, "__call__", act)[0]:
                    self.call_function(
                        act, self.u.function(value.function, value.outer, callee), args, edge, site
                    )
        outside = self.hierarchy.outside(cls)
        identity = None
        if self.is_identified(cls):
            self.mark_maker(act.frame)
            identity = act.here(at)
        elif RECORDS.issuperset(outside) and any(self._is_distinctive(values) for values in args.all()):
            identity = act.here(at)
        instance = self.u.instance(cls, callee.args, identity)
        result: Values = only(instance)
        new, _ = self._find_method(cls, "__new__", act)
        for value in new:
            bound = Arguments([only(callee), *args.positional], args.keywords, args.rest, args.others)
            made = self.call_function(act, self.u.function(value.function, value.outer), bound, edge, site)
            result |= frozenset(v for v in made if isinstance(v, Instance))
        found, owner = self._find_method(cls, "__init__", act)
        for value in found:
            method = self.u.function(value.function, value.outer, instance)
            if not callee.args and self.hierarchy.parameters(cls):
                mapping = self.hierarchy.mapping_of(instance).copy()
                signature = self.signature(value.function, value.outer, act.reader)
                self._bind_arguments(act, method, signature, args, mapping)
                learned = tuple(mapping.get(name, NOTHING) for name in self.hierarchy.parameters(cls))
                if any(learned):
                    instance = self.u.instance(cls, learned, identity)
                    method = self.u.function(value.function, value.outer, instance)
                    result = only(instance)
            self.call_function(act, method, args, edge, site)
        if not found:
            self._fill_fields(instance, cls, args)
            post, _ = self._find_method(cls, "__post_init__", act)
            for value in post:
                self.call_function(
                    act, self.u.function(value.function, value.outer, instance), Arguments(), edge, site
                )
            for name in outside:
                site.externals = self.sharing.with_entry(site.externals, name, None)
                self.keep_arguments(site, args)
            if self.is_identified(cls):
                self.construct_router(act, instance, args, at)
        return result

    def _find_method(
        self, cls: Class, name: str, act: Activation
    ) -> tuple[list[FunctionValue], Class | None]:
        if name not in self.hierarchy.names(cls):
            return [], None
        for item in self.hierarchy.own(cls):
            if name in item.bound:
                found = self.heap.read(("class", item, name), act.reader)
                plain = [v.value if isinstance(v, Wrapped) else v for v in found]
                return [v for v in plain if isinstance(v, FunctionValue)], item
        return [], None

    def _is_distinctive(self, values: Values) -> bool:
        if self.calls_back(values):
            return True
        return any([isinstance(value, Made) and library.keeps_identity(value.name) for value in values])

    def _fill_fields(self, instance: Instance, cls: Class, args: Arguments) -> None:
        """Give the annotated fields of a class without a constructor their arguments."""
        fields: dict[str, Class] = {}
        for item in reversed(self.hierarchy.own(cls)):
            fields.update(dict.fromkeys(item.annotations, item))
        for name, values in [*zip(fields, args.positional, strict=False), *args.keywords.items()]:
            if name in fields:
                self.heap.write(("instance", cls, name), values)
                own = ("generic", cls, name) if instance.site is None else ("own", instance, name)
                self.heap.write(own, values)

    def made(self, name: str, args: Arguments, at: Span, act: Activation) -> Made:
        """Return the outside object made by calling ``name`` here."""
        return self.u.of(Made, name, tuple(args.positional), args.sorted_keywords(), act.here(at))


def _gives_strings(declared: Values) -> bool:
    for value in declared:
        if isinstance(value, Instance) and value.cls == "builtins.str":
            return True
    return False
