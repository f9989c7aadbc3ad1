"""Routers and applications: what is registered on them, and which calls must be told apart for it."""

from __future__ import annotations

from collections.abc import Iterable

from layercheck.inference.base import Arguments, Base
from layercheck.inference.frames import Activation, CallSite, Frame, Registration
from layercheck.inference.models import library
from layercheck.inference.values import (
    NOTHING,
    Const,
    Container,
    FunctionValue,
    Instance,
    Made,
    Partial,
    TupleValue,
    Value,
    Values,
    only,
)
from layercheck.location import Span
from layercheck.program.entities import Class, Function

DECORATORS = frozenset({
    "get", "post", "put", "patch", "delete", "head", "options", "trace", "api_route", "websocket",
    "websocket_route", "route", "exception_handler", "middleware", "on_event",
})  # fmt: skip
"""Methods that give a decorator."""

METHODS = frozenset({
    "add_route", "add_api_route", "add_api_websocket_route", "add_websocket_route", "include_router",
    "mount", "add_exception_handler", "add_middleware", "add_event_handler",
})  # fmt: skip
"""Methods that register what they are handed."""

CLASS_LIBRARIES = frozenset({"classy_fastapi", "fastapi_controllers", "nest"})
"""Libraries on top of FastAPI whose decorators make routes of methods: the class is the router."""

LIST_METHODS = frozenset({"append", "extend", "insert"})
"""Methods of the list of routes of a router; they are recorded as ``routes.append`` and so on."""


CLASS_ROUTER = "fastapi.class.APIRouter"
"""The router a class is whose library makes it one; how it gets to the application is not seen."""


def may_register(name: str) -> bool:
    """Return whether an outside name may be that of a method that registers something."""
    owner = name.rpartition(".")[0]
    return (
        owner.partition(".")[0] in CLASS_LIBRARIES
        or library.keeps_identity(owner)
        or library.keeps_identity(owner.removesuffix(".routes"))
    )


class Registering(Base):
    """Recording what programs register on routers and applications."""

    _apart: dict[Values, bool]

    def register(
        self, act: Activation, name: str, receiver: Value | None, args: Arguments, at: Span
    ) -> Values | None:
        """Record a call on a router; None where ``name`` is no method that registers anything."""
        if isinstance(receiver, Made) and name == f"{receiver.name}()":
            return self._apply(act, receiver, args)
        owner, _, method = name.rpartition(".")
        if receiver is None and owner.partition(".")[0] in CLASS_LIBRARIES and isinstance(act.scope, Class):
            return self._of_class(act, method.lower(), args, at)
        if owner.endswith(".routes") and method in LIST_METHODS:
            owner, method = owner.removesuffix(".routes"), f"routes.{method}"
        if not library.keeps_identity(owner):
            return None
        if receiver is None and method == "__init__":
            receiver = next(iter(args.at(0)), None)
            args = Arguments(args.positional[1:], args.keywords, args.rest, args.others)
        if receiver is None:
            return None
        if method in DECORATORS:
            self._mark(act.frame)
            handed = Arguments([only(receiver), *args.positional], _told(args))
            made = self.made(name, handed, at, act)
            return only(made)
        if method in METHODS or method == "__init__" or method.startswith("routes."):
            self._mark(act.frame)
            self._record(act, Registration(
                method, receiver, tuple(args.positional), tuple(sorted(_told(args).items())), None,
                act.frame, at,
            ))  # fmt: skip
            self._prepare(act, args, at)
            return NOTHING
        return None

    def _of_class(self, act: Activation, method: str, args: Arguments, at: Span) -> Values | None:
        """Return the decorator that makes a route of a method, on a router of its own."""
        if method not in DECORATORS:
            return None
        self._mark(act.frame)
        router = self.made(CLASS_ROUTER, Arguments(), at, act)
        self.construct_router(act, router, Arguments(), at)
        handed = Arguments([only(router), *args.positional], _told(args))
        return only(self.made(f"{CLASS_ROUTER}.{method}", handed, at, act))

    def _apply(self, act: Activation, decorator: Made, args: Arguments) -> Values | None:
        owner, _, method = decorator.name.rpartition(".")
        if (
            method not in DECORATORS
            or not library.keeps_identity(owner)
            or not isinstance(decorator.site, tuple)
        ):
            return None
        at, frame = decorator.site[:2]
        self._mark(act.frame)
        for receiver in decorator.args[0]:
            self._record(act, Registration(
                method, receiver, decorator.args[1:], decorator.keywords, args.at(0), frame, at
            ))  # fmt: skip
        self._prepare(act, args, at)
        return args.at(0)

    def _prepare(self, act: Activation, args: Arguments, at: Span) -> None:
        """Run what the framework will call, without a call from here."""
        for values in args.all():
            for value in values:
                if isinstance(value, FunctionValue):
                    handed = self._handed(act, value)
                    self.call_function(act, value, handed, "callback", CallSite(at, act.guard))

    def _handed(self, act: Activation, registered: FunctionValue) -> Arguments:
        """Return what a framework hands over by itself: what a class body registers gets an object of it."""
        scope, node = act.scope, registered.function.node
        names = {getattr(d, "id", "") for d in getattr(node, "decorators", ())}
        if not isinstance(scope, Class) or registered.receiver is not None or "staticmethod" in names:
            return Arguments()
        return Arguments([only(self.u.instance(scope))])

    def construct_router(self, act: Activation, router: Made | Instance, args: Arguments, at: Span) -> None:
        """Record that ``router`` is made here, with these arguments for the outside class."""
        self.mark_maker(act.frame)
        self._record(
            act,
            Registration(
                "", router, tuple(args.positional), args.sorted_keywords(), None, act.frame, at
            ),
        )

    def _record(self, act: Activation, made: Registration) -> None:
        key = (made.frame, made.at, made.method, made.owner, made.target, made.args, made.keywords)
        act.frame.registrations = {**act.frame.registrations, key: made}

    def _mark(self, frame: Frame) -> None:
        """Remember that calls of the running function must be told apart by their constants."""
        self._tell(frame, "registers")

    def mark_maker(self, frame: Frame) -> None:
        """Remember that every call of the running function makes a router of its own."""
        self._tell(frame, "makes routers")

    def _tell(self, frame: Frame, what: str) -> None:
        current: Frame | None = frame
        while current is not None and isinstance(current.entity, Function):
            self.heap.write((what, current.entity), only(self.u.const(True)))
            current = current.outer

    def registers(self, act: Activation, function: Function, bound: Iterable[Values]) -> bool:
        """Return whether a run of ``function`` with these arguments needs a frame of its own."""
        for values in bound:
            if self.sets_apart(values):
                break
        else:
            return False
        if not self.heap.read(("registers", function), act.reader):
            return False
        self._mark(act.frame)
        return True

    def has_registered(
        self, act: Activation, sites: Iterable[tuple[Span, str]], registrations: Iterable[tuple[object, ...]]
    ) -> bool:
        """Return whether something was registered, here or by what was called, since ``before``."""
        frame = act.frame
        if frame.registrations.keys() != set(registrations):
            return True
        called = {
            target.entity for key in frame.sites.keys() - set(sites) for target, _ in frame.sites[key].edges
        }
        return any(self.heap.read(("registers", entity), act.reader) for entity in called)

    def origin(self, act: Activation, function: Function, at: Span) -> tuple[Frame, Span] | None:
        """Return the call that tells this run of a function that makes routers from its other runs."""
        if not self.heap.read(("makes routers", function), act.reader):
            return None
        self.mark_maker(act.frame)
        frame: Frame | None = act.frame
        while frame is not None:
            if frame.entity is function:
                return None
            frame = frame.origin[0] if frame.origin is not None else None
        return act.frame, at

    def is_identified(self, cls: Class | str) -> bool:
        """Return whether objects of ``cls`` are told apart by where they are made."""
        if isinstance(cls, str):
            return library.keeps_identity(cls)
        for base in self.hierarchy.outside(cls):
            if library.keeps_identity(base):
                return True
        return False

    def sets_apart(self, values: Values) -> bool:
        """Return whether an argument may decide what is registered where: a path, a method, a router."""
        known = self._apart.get(values)
        if known is None:
            known = self._apart[values] = any(self._tells_apart(value) for value in values)
        return known

    def _tells_apart(self, value: Value) -> bool:
        match value:
            case Const(value=str() | bool()) | Partial():
                return True
            case Made(name=name):
                return library.keeps_identity(name) or library.keeps_identity(name.rpartition(".")[0])
            case Instance(site=site):
                return site is not None
            case TupleValue(items=items):
                return any(self.sets_apart(item) for item in items)
            case Container():
                return True
        return False


def _told(args: Arguments) -> dict[str, Values]:
    """Return the keywords of a registration; one handed on with ``**`` may have an unknown response model."""
    return {"response_model": NOTHING, **args.keywords} if args.spreads else args.keywords
