"""What belongs to one request: its session, what holds that, the rows it loaded."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator

import msgspec

from layercheck.facts import records as r
from layercheck.facts.nodes import inside
from layercheck.inference.frames import Frame
from layercheck.inference.values import NOTHING, Instance, Values
from layercheck.location import Span
from layercheck.program.build import statements, target_names
from layercheck.program.entities import Class, Function
from layercheck.project.model import Dependency
from layercheck.project.operations import ENTITY_VERBS
from layercheck.rules.measures.database import Database, is_mapped
from layercheck.rules.measures.parameters import parameters, product
from layercheck.rules.measures.requests import Requests
from layercheck.rules.measures.syntax import plain
from layercheck.rules.measures.wired import attributes
from layercheck.rules.view import View

_CLOSING = frozenset({"close", "aclose", "__exit__", "__aexit__", "disconnect", "release"})

DEEPEST = 3
"""How many objects deep a session is looked for."""


class Kind(enum.Enum):
    """In what way something belongs to a request."""

    SESSION = "session"
    HOLDER = "holder"
    ENTITY = "entity"
    RESOURCE = "resource"


class Scoped(msgspec.Struct, frozen=True):
    """Something that belongs to a request: as the code says it, with the name of its class."""

    kind: Kind
    name: str
    type: str


class RequestScope:
    """Tells what belongs to the request a function runs for."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.database = view.measure(Database)
        self._requests = view.measure(Requests)
        self._holders: dict[Class, bool] = {}

    def locals(self, frame: Frame) -> Locals | None:
        """Return what the names in a function stand for; None where no request is known to wait for it."""
        function = frame.entity
        if not isinstance(function, Function) or not self._requests.serves(function):
            return None
        return Locals(self, frame, function)

    def kind_of(self, values: Values) -> tuple[Kind, str] | None:
        """Return in what way an object that belongs to a request does so, judged by its type."""
        for value in sorted(values, key=lambda value: value.serial):
            name = self.view.project.sessions.class_of(value)
            if name:
                return Kind.SESSION, name.rpartition(".")[2]
            if isinstance(value, Instance) and isinstance(value.cls, Class):
                if self.is_loaded(value.cls):
                    return Kind.ENTITY, value.cls.name
                if self.holds_session(value.cls):
                    return Kind.HOLDER, value.cls.name
        return None

    def is_loaded(self, cls: Class) -> bool:
        """Return whether objects of ``cls`` are rows that a session keeps track of."""
        project = self.view.project
        return is_mapped(project, cls) and ENTITY_VERBS.keys().isdisjoint(
            project.inference.hierarchy.outside(cls)
        )

    def holds_session(self, cls: Class, depth: int = 0) -> bool:
        """Return whether objects of ``cls`` hold a session they did not open, themselves or in a part."""
        found = self._holders.get(cls)
        if found is None:
            self._holders[cls] = False
            found = self._holders[cls] = not self._opens(cls) and any(
                self._is_held(values, depth) for values in attributes(self.view, cls).values()
            )
        return found

    def reads_session(self, frame: Frame) -> bool:
        """Return whether a method reads an attribute of its object that is or holds a session."""
        function, receiver = frame.entity, frame.receiver
        if not isinstance(function, Function) or not function.params or not isinstance(receiver, Instance):
            return False
        if not isinstance(receiver.cls, Class):
            return False
        held = attributes(self.view, receiver.cls)
        names = {name for name, values in held.items() if self._is_held(values, 0)}
        return any(
            isinstance(node, r.Attribute)
            and node.name in names
            and _text(node.value) == function.params[0].name
            for node in function.nodes
        )

    def _is_held(self, values: Values, depth: int) -> bool:
        for value in values:
            if self.view.project.sessions.class_of(value):
                return True
            if isinstance(value, Instance) and isinstance(value.cls, Class) and depth < DEEPEST:
                if not self.is_loaded(value.cls) and self.holds_session(value.cls, depth + 1):
                    return True
        return False

    def _opens(self, cls: Class) -> bool:
        order = self.view.project.inference.hierarchy.order(cls)
        methods = [one.methods.get("__init__") for one in order if isinstance(one, Class)]
        frames = (
            frame for method in methods if method is not None for frame in self.view.calls.frames(method)
        )
        return any(map(self.database.opens, frames))

    # Providers ----------------------------------------------------------------------------------

    def injected(self, function: Function) -> dict[str, Dependency]:
        """Return the parameters of a function that the framework fills, and the attributes of its class."""
        found = {one.param: one for one in self.view.project.dependencies.get(function, ()) if one.param}
        for route in self.view.project.handlers.get(function, ()):
            found.update({one.param: one for one in route.dependencies if one.param})
        return found

    def is_scoped(self, dependency: Dependency) -> bool:
        """Return whether something is closed at the end of the request that a dependency gives."""
        pending, seen = [dependency], {dependency}
        while pending:
            one = pending.pop()
            if one.frame is not None and self._closes(one.frame):
                return True
            function = one.frame.entity if one.frame is not None else None
            if isinstance(function, Function):
                below = [sub for sub in self.view.project.dependencies.get(function, ()) if sub not in seen]
                seen.update(below)
                pending.extend(below)
        return False

    def closes(self, dependency: Dependency) -> bool:
        """Return whether the provider itself closes something when the request ends."""
        return dependency.frame is not None and self._closes(dependency.frame)

    def _closes(self, frame: Frame) -> bool:
        function = frame.entity
        if not isinstance(function, Function) or not function.is_generator:
            return False
        for statement in statements(function.body):
            if isinstance(statement, r.With):
                if any(isinstance(node, r.Yield) for inner in statement.body for node in inside(inner)):
                    return True
        return any(getattr(call.func, "name", "") in _CLOSING for call in function.nodes_of(r.Call))


class Locals:
    """The names of one function that stand for something of its request."""

    def __init__(self, scope: RequestScope, frame: Frame, function: Function) -> None:
        self._scope = scope
        self._frame = frame
        self._function = function
        self._injected = scope.injected(function)
        self._values: dict[str, Values] = dict(parameters(scope.view.project, frame))
        self._receiver = function.params[0].name if frame.receiver is not None and function.params else ""
        self._scoped = set(self._scoped_parameters())
        for _ in range(2):  # a name may be read above the line of a loop that binds it
            for statement in statements(function.body):
                self._bind(statement)

    def find(self, expression: r.Expr) -> Scoped | None:
        """Return what of the request ``expression`` stands for, None where it stands for nothing of it."""
        expression = plain(expression)
        if not self._mentions(expression):
            return None
        text = _text(expression)
        resource = self._injected.get(text)
        known = self._scope.kind_of(self._of(expression))
        if known is not None:
            return Scoped(known[0], text, known[1])
        if resource is not None and self._scope.closes(resource):
            return Scoped(Kind.RESOURCE, text, resource.name.rpartition(".")[2])
        return None

    def _scoped_parameters(self) -> Iterator[str]:
        is_wired = bool(self._injected) or self._function in self._scope.view.project.handlers
        for name in self._values:
            dependency = self._injected.get(name)
            if dependency is not None:
                if self._scope.is_scoped(dependency):
                    yield name
            elif not is_wired:
                yield name
        if self._receiver and (not is_wired or any(map(self._scope.is_scoped, self._injected.values()))):
            yield self._receiver

    def _bind(self, statement: r.Stmt) -> None:
        match statement:
            case r.Assign(targets=targets, value=value):
                for target in targets:
                    self._assign(target, value)
            case r.Annotated(target=target, value=value) if value is not None:
                self._assign(target, value)

    def _assign(self, target: r.Target, value: r.Expr) -> None:
        for name in target_names(target):
            if isinstance(target, r.Name):
                self._values[name] = self._values.get(name, NOTHING) | self._of(plain(value))
            if self._is_kept(name) if self._makes_row(value) else self._mentions(value):
                self._scoped.add(name)

    def _makes_row(self, value: r.Expr) -> bool:
        """Return whether ``value`` makes a new row, which no session knows yet."""
        site = self._frame.sites.get((value.at, "call")) if isinstance(value, r.Call) else None
        return site is not None and any(map(self._scope.is_loaded, site.classes))

    def _is_kept(self, name: str) -> bool:
        """Return whether the row ``name`` stands for is handed to a session, or to what holds one."""
        for call in self._function.nodes_of(r.Call):
            if any(_text(argument) == name for argument in call.args):
                parts = (*call.args, call.func.value if isinstance(call.func, r.Attribute) else call.func)
                found = (self.find(part) for part in parts if _text(part) != name)
                if any(one is not None and one.kind in (Kind.SESSION, Kind.HOLDER) for one in found):
                    return True
        return False

    def _mentions(self, expression: r.Expr) -> bool:
        return any(isinstance(node, r.Name) and node.id in self._scoped for node in inside(expression))

    def _of(self, expression: r.Expr) -> Values:
        match expression:
            case r.Name(id=name) if name == self._receiver:
                return frozenset(one for one in (self._frame.receiver,) if one is not None)
            case r.Name(id=name):
                return self._values.get(name, NOTHING)
            case r.Call(at=at):
                return self._result(at, "call")
            case r.Attribute(value=value, name=name, at=at):
                return self._result(at, "property") | self._attribute(self._of(value), name)
        return NOTHING

    def _result(self, at: Span, kind: str) -> Values:
        site = self._frame.sites.get((at, kind))
        return product(site.result) if site is not None else NOTHING

    def _attribute(self, values: Values, name: str) -> Values:
        found = NOTHING
        for value in values:
            if (
                isinstance(value, Instance)
                and isinstance(value.cls, Class)
                and not self._scope.is_loaded(value.cls)
            ):
                found |= attributes(self._scope.view, value.cls).get(name, NOTHING)
        return found


def free_names(node: r.Lambda | r.Function) -> set[str]:
    """Return the names a nested function reads that its parameters do not bind."""
    bound = {param.name for param in node.params}
    body: Iterable[r.Node] = (node.body,) if isinstance(node, r.Lambda) else node.body
    return {inner.id for part in body for inner in inside(part) if isinstance(inner, r.Name)} - bound


def _text(expression: r.Expr) -> str:
    match expression:
        case r.Name(id=name):
            return name
        case r.Attribute(value=value, name=name):
            head = _text(value)
            return f"{head}.{name}" if head else name
        case r.Call(func=func):
            return f"{_text(func)}()"
    return ""
