"""The values the interpreter computes with, and the table that makes equal values one object.

A *set of values* is what an expression may be; the empty set means that nothing is known. Values
are interned per run, so sets compare by identity of their members.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, TypeAlias, TypeVar, Union

from layercheck.program.entities import Class, Function

if TYPE_CHECKING:
    from layercheck.inference.frames import Frame

Values: TypeAlias = frozenset["Value"]
NOTHING: Values = frozenset()
V = TypeVar("V", bound="Value")


class Value:
    """Base of all values; equality is identity, the `Universe` makes equal values one."""

    __slots__ = ("serial", "depth", "alone")

    serial: int
    depth: int
    alone: Values | None
    """The set of just this value once somebody has asked for it: nobody does for half of all values."""

    def __hash__(self) -> int:
        return self.serial

    def __eq__(self, other: object) -> bool:
        return self is other


class Instance(Value):
    """An object of a class.

    ``cls`` is a class of the program, or the dotted name of one outside. ``args`` are its type
    arguments. ``site`` tells apart objects whose identity matters (routers, applications,
    containers); it is None for all others.
    """

    __slots__ = ("cls", "args", "site")

    def __init__(self, cls: Class | str, args: tuple[Values, ...], site: Hashable) -> None:
        self.cls = cls
        self.args = args
        self.site = site

    @property
    def class_name(self) -> str:
        """The dotted name of the class."""
        return self.cls if isinstance(self.cls, str) else self.cls.qualname

    def __repr__(self) -> str:
        args = f"[{', '.join(map(repr, map(list, self.args)))}]" if self.args else ""
        return f"<{self.class_name}{args}>"


class ClassValue(Value):
    """A class of the program used as a value, with type arguments if subscripted."""

    __slots__ = ("cls", "args")

    def __init__(self, cls: Class, args: tuple[Values, ...]) -> None:
        self.cls = cls
        self.args = args

    def __repr__(self) -> str:
        return f"<type {self.cls.qualname}>"


class FunctionValue(Value):
    """A function of the program, defined in the frame ``outer``, bound to ``receiver``."""

    __slots__ = ("function", "outer", "receiver")

    def __init__(self, function: Function, outer: Frame | None, receiver: Value | None) -> None:
        self.function = function
        self.outer = outer
        self.receiver = receiver

    def __repr__(self) -> str:
        bound = f" of {self.receiver!r}" if self.receiver is not None else ""
        return f"<{self.function.qualname}{bound}>"


class ModuleValue(Value):
    """A module or package by its dotted name; ``root`` is the import root of who asked."""

    __slots__ = ("name", "root")

    def __init__(self, name: str, root: str) -> None:
        self.name = name
        self.root = root

    def __repr__(self) -> str:
        return f"<module {self.name}>"


class External(Value):
    """Something outside the program, known by the dotted path that leads to it.

    A call adds ``()`` and an item ``[]`` to the path: ``sqlalchemy.select().where``. ``receiver``
    is the value a method was taken from, where that is known.
    """

    __slots__ = ("name", "receiver")

    def __init__(self, name: str, receiver: Value | None) -> None:
        self.name = name
        self.receiver = receiver

    def __repr__(self) -> str:
        return f"<external {self.name}>"


class Const(Value):
    """A string, number, truth value or None whose value is known."""

    __slots__ = ("value",)

    def __init__(self, value: str | int | float | bool | None) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"<{self.value!r}>"


class Container(Value):
    """A list, dict or set made at ``site``; what it holds is in the heap. ``kind`` says which."""

    __slots__ = ("kind", "site")

    def __init__(self, kind: str, site: Hashable) -> None:
        self.kind = kind
        self.site = site

    def __repr__(self) -> str:
        return f"<{self.kind} display>"


class TupleValue(Value):
    """A tuple of known length."""

    __slots__ = ("items",)

    def __init__(self, items: tuple[Values, ...]) -> None:
        self.items = items

    def __repr__(self) -> str:
        return f"<tuple {[list(item) for item in self.items]}>"


class Partial(Value):
    """``functools.partial(func, *args, **keywords)``."""

    __slots__ = ("func", "args", "keywords")

    def __init__(
        self, func: Value, args: tuple[Values, ...], keywords: tuple[tuple[str, Values], ...]
    ) -> None:
        self.func = func
        self.args = args
        self.keywords = keywords

    def __repr__(self) -> str:
        return f"<partial {self.func!r}>"


class Wrapped(Value):
    """A value behind a descriptor or a marker of the standard library.

    ``kind`` is property, setter, static, class, contextmanager, asynccontextmanager, cached. For a
    property ``extra`` is its setter.
    """

    __slots__ = ("kind", "value", "extra")

    def __init__(self, kind: str, value: Value, extra: Value | None) -> None:
        self.kind = kind
        self.value = value
        self.extra = extra

    def __repr__(self) -> str:
        return f"<{self.kind} {self.value!r}>"


class Super(Value):
    """``super()``: look-up on ``receiver`` that starts behind ``after`` in its resolution order."""

    __slots__ = ("after", "receiver")

    def __init__(self, after: Class, receiver: Value) -> None:
        self.after = after
        self.receiver = receiver

    def __repr__(self) -> str:
        return f"<super behind {self.after.qualname}>"


class TypeVariable(Value):
    """A type parameter by its name; ``bound`` is what it is at least."""

    __slots__ = ("name", "bound")

    def __init__(self, name: str, bound: Values) -> None:
        self.name = name
        self.bound = bound

    def __repr__(self) -> str:
        return f"<type variable {self.name}>"


class TypeOf(Value):
    """``type[T]`` of a type variable or of a class outside the program."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"<type of {self.value!r}>"


class CallableType(Value):
    """``Callable[..., result]``: something callable of which only the result is known."""

    __slots__ = ("result",)

    def __init__(self, result: Values) -> None:
        self.result = result

    def __repr__(self) -> str:
        return f"<callable giving {list(self.result)}>"


class Annotation(Value):
    """An annotation kept as a value (``Annotated[...]``, ``type X``): what it stands for, its metadata."""

    __slots__ = ("values", "metadata")

    def __init__(self, values: Values, metadata: tuple[Values, ...]) -> None:
        self.values = values
        self.metadata = metadata

    def __repr__(self) -> str:
        return f"<annotation {list(self.values)}>"


class Made(Value):
    """An object of an outside class or function together with the arguments it was made with.

    The framework knowledge reads them: ``Depends(get_session)``, ``APIRouter(prefix="/users")``.
    ``name`` is the canonical dotted name of what was called.
    """

    __slots__ = ("name", "args", "keywords", "site")

    def __init__(
        self,
        name: str,
        args: tuple[Values, ...],
        keywords: tuple[tuple[str, Values], ...],
        site: Hashable,
    ) -> None:
        self.name = name
        self.args = args
        self.keywords = keywords
        self.site = site

    def keyword(self, name: str) -> Values:
        """Return the values of one keyword argument."""
        return next((values for key, values in self.keywords if key == name), NOTHING)

    def argument(self, index: int, name: str) -> Values:
        """Return the values of an argument given by position or by name."""
        return self.args[index] if index < len(self.args) else self.keyword(name)

    def __repr__(self) -> str:
        return f"<{self.name}(...)>"


def only(value: Value) -> Values:
    """Return the set of just ``value``, the same one for all who ask."""
    found = value.alone
    if found is None:
        found = value.alone = frozenset((value,))
    return found


Callee = Union[FunctionValue, ClassValue, Partial, Instance, External, Wrapped, CallableType, TypeOf]


OPAQUE = frozenset({"bytes", "complex", "ellipsis"})
"""Kinds of constants that are known by their class alone."""


def is_own(value: Value) -> bool:
    """Return whether ``value`` is an object of a class of the program: only those have methods that run."""
    return isinstance(value, Instance) and not isinstance(value.cls, str)


DEEPEST = 4
"""How deeply type arguments and tuples nest before the inner ones are forgotten."""


def _depth_of(groups: tuple[Values, ...]) -> int:
    return max((value.depth for values in groups for value in values), default=0)


class Universe:
    """Makes equal values one object, for one run.

    Values hash by the order they were made in, so that sets iterate in the same order in every run
    whatever addresses or hash seeds are.
    """

    def __init__(self) -> None:
        self._table: dict[tuple[object, ...], Value] = {}
        self._sets: dict[Values, Values] = {}

    def of(self, kind: type[V], *fields: object) -> V:
        """Return the one value of ``kind`` with these fields."""
        key = (kind, *fields)
        found = self._table.get(key)
        if found is None:
            found = self._enter(key, kind(*fields))
        return found  # type: ignore[return-value]  # the key holds the kind

    def _enter(self, key: tuple[object, ...], value: Value) -> Value:
        self._table[key] = value
        value.serial = len(self._table)
        value.depth = 0
        value.alone = None
        return value

    def shared(self, values: Values) -> Values:
        """Return the one set that is kept of all that are equal to ``values``.

        A set takes 216 bytes or more, and a hundred thousand of 160 000 were equal to another.
        """
        if len(values) == 1:
            (value,) = values
            if value.alone is None:
                value.alone = values
            return value.alone
        return self._sets.setdefault(values, values) if values else NOTHING

    def forget_sets(self) -> None:
        """Forget which sets there are: those that something holds stay, the others nobody needs."""
        self._sets = {}
        for value in self._table.values():
            value.alone = None

    def tuple_of(self, items: tuple[Values, ...]) -> Value:
        """Return the tuple of ``items``; one that nests too deeply is only known to be a tuple."""
        found = self._table.get((TupleValue, items))
        if found is not None:
            return found
        depth = 1 + _depth_of(items)
        if depth > DEEPEST:
            return self.instance("builtins.tuple")
        made = self.of(TupleValue, items)
        made.depth = depth
        return made

    def instance(self, cls: Class | str, args: tuple[Values, ...] = (), site: Hashable = None) -> Instance:
        """Return the object of ``cls``; type arguments that nest too deeply are forgotten."""
        found = self._table.get((Instance, cls, args, site))
        if found is not None:
            return found  # type: ignore[return-value]  # the key holds the kind
        if not args:
            return self.of(Instance, cls, args, site)
        depth = 1 + _depth_of(args)
        if depth > DEEPEST:
            return self.of(Instance, cls, (), site)
        made = self.of(Instance, cls, args, site)
        made.depth = depth
        return made

    def class_value(self, cls: Class, args: tuple[Values, ...] = ()) -> ClassValue:
        """Return ``cls`` as a value."""
        key = (ClassValue, cls, args)
        found = self._table.get(key)
        if found is None:
            found = self._enter(key, ClassValue(cls, args))
        return found  # type: ignore[return-value]  # the key holds the kind

    def function(
        self, function: Function, outer: Frame | None = None, receiver: Value | None = None
    ) -> FunctionValue:
        """Return ``function``, bound to ``receiver`` if given."""
        key = (FunctionValue, function, outer, receiver)
        found = self._table.get(key)
        if found is None:
            found = self._enter(key, FunctionValue(function, outer, receiver))
        return found  # type: ignore[return-value]  # the key holds the kind

    def external(self, name: str, receiver: Value | None = None) -> External:
        """Return the outside thing at the dotted path ``name``."""
        key = (External, name, receiver)
        found = self._table.get(key)
        if found is None:
            found = self._enter(key, External(name, receiver))
        return found  # type: ignore[return-value]  # the key holds the kind

    def outcome(self, name: str, mark: str) -> External:
        """Return what a call (``()``) or an item (``[]``) of the outside thing ``name`` gives.

        One step is remembered, ``httpx.get()``; what comes out of that is only known to come from
        its package, ``httpx.()``: paths stay short and few.
        """
        if "()" in name or "[]" in name:
            return self.external(f"{name.partition('.')[0]}.()")
        return self.external(name + mark)

    def const(self, value: str | int | float | bool | None) -> Const:
        """Return the constant ``value``; 1, 1.0 and True stay apart."""
        key = (Const, type(value), value)
        found = self._table.get(key)
        if found is None:
            found = self._enter(key, Const(value))
        return found  # type: ignore[return-value]  # the key holds the kind
