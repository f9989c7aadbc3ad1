"""Classes: resolution order, type arguments, subclasses, interfaces and their implementations."""

from __future__ import annotations

from collections.abc import Iterable

from layercheck.facts import records as r
from layercheck.facts.nodes import written_name
from layercheck.inference.values import NOTHING, Instance, TypeVariable, Values, only
from layercheck.program.entities import Class, Function

Base = tuple[Class | str, tuple[Values, ...]]

SELF = "Self"
"""The type parameter that stands for the object itself (PEP 673)."""

Mapping = dict[str, Values]
"""Type parameters by name."""

NEUTRAL = frozenset({
    "builtins.object", "typing.Generic", "typing.Protocol", "typing_extensions.Protocol", "abc.ABC",
    "typing_extensions.Generic",
})  # fmt: skip
"""Outside bases that add no attribute a program would use."""

PROTOCOLS = frozenset({"typing.Protocol", "typing_extensions.Protocol"})

_PROPERTIES = frozenset({"property", "cached_property", "abstractproperty", "setter", "deleter"})
"""What decorators of properties are called at the end."""


class Hierarchy:
    """What the class statements that were run say about each other; ``version`` grows as they say more."""

    def __init__(self) -> None:
        self._bases: dict[Class, tuple[Base, ...]] = {}
        self._parameters: dict[Class, tuple[str, ...]] = {}
        self._abstract_meta: set[Class] = set()
        self._interfaces: dict[Class, bool] = {}
        self._children: dict[Class | str, dict[Class, None]] = {}
        self._implementations: dict[Class, tuple[Class, ...]] = {}
        self._orders: dict[Class, tuple[Class | str, ...]] = {}
        self._linear: dict[Class, tuple[Class | str, ...]] = {}
        self._own: dict[Class, tuple[Class, ...]] = {}
        self._names: dict[Class, frozenset[str]] = {}
        self._outside: dict[Class, tuple[str, ...]] = {}
        self._below: dict[Class | str, tuple[Class, ...]] = {}
        self._overriders: dict[tuple[Class, str], tuple[Class, ...]] = {}
        self._mappings: dict[tuple[Class, tuple[Values, ...]], Mapping] = {}
        self._object_mappings: dict[Instance, Mapping] = {}
        self.version = 0
        self.metaclasses: dict[Class, list[Class]] = {}
        self.bindings: dict[Class, dict[Class, None]] = {}

    def define(
        self, cls: Class, bases: tuple[Base, ...], parameters: tuple[str, ...], abstract: bool
    ) -> None:
        """Record the bases, type parameters and ``metaclass=ABCMeta`` of ``cls``."""
        if cls not in self._bases or self._bases[cls] != bases:
            self.version += 1
            self._interfaces.pop(cls, None)
            self._implementations.clear()
            self._below.clear()
            for changed in (cls, *self.descendants(cls)):
                for derived in (self._orders, self._linear, self._own, self._names, self._outside):
                    derived.pop(changed, None)
            self._below.clear()
            self._overriders.clear()
        if self._bases.get(cls) != bases or self._parameters.get(cls) != parameters:
            self._mappings.clear()
            self._object_mappings.clear()
        self._bases[cls] = bases
        self._parameters[cls] = parameters
        if abstract:
            self._abstract_meta.add(cls)
        for base, _ in bases:
            self._children.setdefault(base, {})[cls] = None

    def bases(self, cls: Class) -> tuple[Base, ...]:
        """Return the bases of ``cls`` with their type arguments."""
        return self._bases.get(cls, ())

    def metaclasses_of(self, cls: Class) -> list[Class]:
        """Return the metaclasses of the program that ``cls`` names or inherits."""
        for item in self.order(cls):
            if isinstance(item, Class) and item in self.metaclasses:
                return self.metaclasses[item]
        return []

    def parameters(self, cls: Class) -> tuple[str, ...]:
        """Return the names of the type parameters of ``cls``."""
        return self._parameters.get(cls, ())

    def order(self, cls: Class) -> tuple[Class | str, ...]:
        """Return the method resolution order of ``cls``, outside classes by name.

        C3 linearisation (https://www.python.org/download/releases/2.3/mro/); where it fails, because
        bases contradict each other or form a circle, depth first without repetition.
        """
        found = self._orders.get(cls)
        if found is None:
            found = self._orders[cls] = tuple(self._linearise(cls, ()) or self._depth_first(cls))
        return found

    def own(self, cls: Class) -> tuple[Class, ...]:
        """Return the classes of the program among the resolution order of ``cls``."""
        found = self._own.get(cls)
        if found is None:
            found = self._own[cls] = tuple(item for item in self.order(cls) if isinstance(item, Class))
        return found

    def names(self, cls: Class) -> frozenset[str]:
        """Return the names that the bodies of ``cls`` and of its bases bind."""
        found = self._names.get(cls)
        if found is None:
            own = self.own(cls)
            found = cls.bound if len(own) == 1 else frozenset().union(*(item.bound for item in own))
            self._names[cls] = found
        return found

    def _linearise(self, cls: Class | str, path: tuple[Class, ...]) -> list[Class | str] | None:
        if isinstance(cls, str):
            return [cls]
        if cls in path:
            return None
        known = self._linear.get(cls)
        if known is not None:
            return list(known)
        direct = list(dict.fromkeys(base for base, _ in self.bases(cls)))
        pending: list[list[Class | str]] = []
        for base in direct:
            order = self._linearise(base, (*path, cls))
            if order is None:
                return None
            pending.append(order)
        pending.append(list(direct))
        result: list[Class | str] = [cls]
        while pending := [order for order in pending if order]:
            tails = {item for order in pending for item in order[1:]}
            head = next((order[0] for order in pending if order[0] not in tails), None)
            if head is None:
                return None
            result.append(head)
            for order in pending:
                if order[0] == head:
                    del order[0]
        self._linear[cls] = tuple(result)
        return result

    def _depth_first(self, cls: Class) -> list[Class | str]:
        seen: dict[Class | str, None] = {}
        stack: list[Class | str] = [cls]
        while stack:
            item = stack.pop()
            if item not in seen:
                seen[item] = None
                if isinstance(item, Class):
                    stack.extend(base for base, _ in reversed(self.bases(item)))
        return list(seen)

    def outside(self, cls: Class) -> tuple[str, ...]:
        """Return the outside classes ``cls`` derives from, neutral ones left out."""
        found = self._outside.get(cls)
        if found is None:
            found = tuple([item for item in self.order(cls) if isinstance(item, str) and item not in NEUTRAL])
            self._outside[cls] = found
        return found

    def derives(self, cls: Class | str, ancestor: Class | str) -> bool:
        """Return whether ``cls`` is ``ancestor`` or derives from it."""
        return cls == ancestor or (isinstance(cls, Class) and ancestor in self.order(cls))

    def descendants(self, cls: Class | str) -> tuple[Class, ...]:
        """Return all classes below ``cls``, nearest first, in the order they were defined."""
        found = self._below.get(cls)
        if found is None:
            found = self._below[cls] = tuple(self._find_below(cls))
        return found

    def _find_below(self, cls: Class | str) -> dict[Class, None]:
        result: dict[Class, None] = {}
        level: list[Class | str] = [cls]
        while level:
            nearer = [child for item in level for child in self._children.get(item, ())]
            level = [child for child in nearer if child not in result and child is not cls]
            result.update(dict.fromkeys(child for child in nearer if child is not cls))
        return result

    def overriders(self, cls: Class, name: str) -> tuple[Class, ...]:
        """Return the classes below ``cls`` whose bodies bind ``name``."""
        found = self._overriders.get((cls, name))
        if found is None:
            found = tuple(sub for sub in self.descendants(cls) if name in sub.bound)
            self._overriders[cls, name] = found
        return found

    def mapping(self, cls: Class, args: tuple[Values, ...]) -> Mapping:
        """Return what the type parameters of ``cls`` and its bases stand for: not to be changed."""
        known = self._mappings.get((cls, args))
        if known is None:
            known = self._mappings[cls, args] = self._find_mapping(cls, args)
        return known

    def mapping_of(self, instance: Instance) -> Mapping:
        """Return the same for an object, what ``Self`` stands for included."""
        if isinstance(instance.cls, str):
            return {}
        known = self._object_mappings.get(instance)
        if known is None:
            known = {**self.mapping(instance.cls, instance.args), SELF: only(instance)}
            self._object_mappings[instance] = known
        return known

    def _find_mapping(self, cls: Class, args: tuple[Values, ...]) -> Mapping:
        result: Mapping = dict(zip(self.parameters(cls), args, strict=False))
        pending = [(cls, result)]
        seen = {cls}
        while pending:
            item, known = pending.pop()
            for base, base_args in self.bases(item):
                if isinstance(base, str) or base in seen:
                    continue
                seen.add(base)
                inner = {
                    name: frozenset().union(*(_stands_for(value, known) for value in values))
                    for name, values in zip(self.parameters(base), base_args, strict=False)
                }
                for name, values in inner.items():
                    result.setdefault(name, values)
                pending.append((base, inner))
        return result

    def is_interface(self, cls: Class) -> bool:
        """Return whether ``cls`` is a Protocol itself, an ABC, or has abstract methods of its own."""
        known = self._interfaces.get(cls)
        if known is None:
            known = self.is_protocol(cls) or any(method.is_abstract for method in cls.methods.values())
            if cls in self._bases:
                self._interfaces[cls] = known
        return known

    def is_protocol(self, cls: Class) -> bool:
        """Return whether ``cls`` names Protocol among its bases, or only gives a name to one that does."""
        return any(base in PROTOCOLS for base, _ in self.bases(cls)) or self._names_a_protocol(cls)

    def _names_a_protocol(self, cls: Class) -> bool:
        """Return whether ``cls`` has nothing of its own and inherits stubs: ``class Users(Rows[User])``."""
        if cls.methods or cls.annotations or len(self.own(cls)) < 2:
            return False
        above = self.own(cls)[1:]
        return any(base in PROTOCOLS for item in above for base, _ in self.bases(item)) and all(
            method.is_abstract for item in above for method in item.methods.values()
        )

    def implementations(self, cls: Class, classes: Iterable[Class]) -> tuple[Class, ...]:
        """Return the concrete classes that implement the interface ``cls``.

        Bound classes win; else all subclasses; a Protocol without any explicit one is matched by the
        names of all its members against ``classes``.
        """
        if cls in self.bindings:
            return tuple(self.bindings[cls])
        found = self._implementations.get(cls)
        if found is None:
            explicit = [sub for sub in self.descendants(cls) if not self.is_protocol(sub)]
            structural: list[Class] = []
            if self.is_protocol(cls):
                structural = self._about_the_same(cls, self._structural(cls, classes, explicit))
            found = self._implementations[cls] = tuple(dict.fromkeys([*explicit, *structural]))
        return found

    def _about_the_same(self, cls: Class, matching: list[Class]) -> list[Class]:
        """Keep the classes with the type arguments of ``cls``, if any has: ``Rows[User]`` is of users."""
        wanted = self._arguments(cls)
        return [other for other in matching if wanted & self._arguments(other)] or matching

    def _arguments(self, cls: Class) -> Values:
        return frozenset().union(*(values for _, args in self.bases(cls) for values in args))

    def _structural(self, cls: Class, classes: Iterable[Class], explicit: list[Class]) -> list[Class]:
        wanted: set[str] = set()
        called: set[str] = set()
        for item in self.order(cls):
            if isinstance(item, Class) and self.is_protocol(item):
                wanted |= item.methods.keys() | item.annotations.keys()
                called |= {name for name, method in item.methods.items() if not _is_property(method)}
        methods = {name for name in wanted if not name.startswith("__") or name == "__call__"}
        if methods <= {"__call__"}:
            return []  # any callable would do; which ones are meant, only the values can tell
        result = []
        for other in classes:
            if other is cls or other in explicit or self.is_protocol(other):
                continue
            if methods <= self.names(other) and not any(self._is_property(other, name) for name in called):
                result.append(other)
        return result

    def _is_property(self, cls: Class, name: str) -> bool:
        """Return whether ``name`` is a property of ``cls``: one is no method that can be called."""
        for item in self.own(cls):
            if name in item.bound:
                return name in item.methods and _is_property(item.methods[name])
        return False


def _is_property(method: Function) -> bool:
    decorators = method.node.decorators if isinstance(method.node, r.Function) else ()
    return any(written_name(decorator) in _PROPERTIES for decorator in decorators)


def _stands_for(value: object, known: Mapping) -> Values:
    if isinstance(value, TypeVariable):
        return known.get(value.name, frozenset((value,)))
    return frozenset((value,)) if value is not None else NOTHING  # type: ignore[arg-type]
