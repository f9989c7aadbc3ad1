"""Whether a chain of calls can run: what its calls hand over, against the conditions on the way.

``patch = Patch(name="x")`` handed down never passes ``if patch.version is not None:`` where ``version``
is None unless given. What a decorator was given around a handler, and the method of the route, are known
to what runs around the handler. Only constants and data objects made in sight are known; all else may be
anything.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import msgspec

from layercheck.facts import records as r
from layercheck.facts.nodes import applied, children, written_name
from layercheck.graphs.calls import Edge
from layercheck.graphs.exceptions import Way
from layercheck.inference.engine import Inference
from layercheck.inference.frames import Frame
from layercheck.inference.values import FunctionValue, Instance
from layercheck.location import Span
from layercheck.program.entities import Class, Entity, Function

_DIRECT = frozenset({"call", "possible"})
_INITIALISERS = frozenset({"__init__", "__new__", "__post_init__", "model_post_init"})
_REQUEST = "starlette.requests.Request"
_DATA = frozenset({"pydantic.BaseModel", "sqlmodel.SQLModel"})


class Constant(msgspec.Struct, frozen=True):
    """A value written down in the code."""

    value: object


class Data(msgspec.Struct, frozen=True):
    """An object of a data class made in sight, and the fields that were given to it."""

    cls: Class
    given: frozenset[str]


class Asked(msgspec.Struct, frozen=True):
    """The request a route answers."""

    method: str


Fact = Constant | Data | Asked
Known = dict[str, Fact]
Tests = tuple[tuple[r.Node, bool], ...]


_BINDING: tuple[type[r.Node], ...] = (r.Assign, r.For, r.Annotated, r.Augmented, r.With, r.Walrus)


class _Body:
    """What matters of a function: its calls, the conditions around each call and ``raise``, what it binds."""

    def __init__(self, function: Function) -> None:
        self.calls = function.calls
        self.bindings: list[tuple[r.Node, r.Name | r.Attribute]] = [
            (node, target)
            for kind in _BINDING
            for node in function.nodes_of(kind)
            for target in _targets(node)
        ]
        self._function = function

    @cached_property
    def tests(self) -> dict[Span, Tests]:
        """The conditions around each call and ``raise``, outermost first."""
        found: dict[Span, Tests] = {}
        pending: list[tuple[r.Node, Tests]] = [(node, ()) for node in self._function.body]
        while pending:
            node, tests = pending.pop()
            if isinstance(node, (r.Call, r.Raise)):
                found.setdefault(node.at, tests)
            if isinstance(node, r.If):
                pending.append((node.test, tests))
                pending.extend((child, (*tests, (node.test, True))) for child in node.body)
                pending.extend((child, (*tests, (node.test, False))) for child in node.orelse)
            elif not isinstance(node, (r.Function, r.Class, r.Lambda)):
                pending.extend((child, tests) for child in children(node))
        return found

    def made(self, name: str) -> r.Call | None:
        """Return the call ``name`` is assigned the result of, where that is all it is ever bound to."""
        found = [node for node, target in self.bindings if isinstance(target, r.Name) and target.id == name]
        if len(found) == 1 and isinstance(found[0], r.Assign):
            assigned, value = found[0].targets, found[0].value
            if len(assigned) == 1 and isinstance(assigned[0], r.Name) and isinstance(value, r.Call):
                return value
        return None

    def settled(self, known: Known, made: r.Call | None = None) -> Known:
        """Return ``known`` without the names bound anew but to ``made``, and with the fields that are set."""
        result = dict(known)
        for node, target in self.bindings:
            if isinstance(target, r.Name) and (made is None or getattr(node, "value", None) is not made):
                result.pop(target.id, None)
            elif isinstance(target, r.Attribute) and isinstance(target.value, r.Name):
                held = result.get(target.value.id)
                if isinstance(held, Data):
                    result[target.value.id] = msgspec.structs.replace(held, given=held.given | {target.name})
        return result


class Feasibility:
    """Judges ways of exceptions."""

    def __init__(self, inference: Inference) -> None:
        self._inference = inference
        self._bodies: dict[Function, _Body] = {}
        self._first: dict[Edge, Known] = {}
        self._closures: dict[Frame, Known] = {}

    def may_run(self, way: Way, method: str) -> bool:
        """Return whether nothing the calls of ``way`` hand over keeps it from reaching its ``raise``.

        ``method`` is that of the request it starts with.
        """
        start = way.edges[0].source if way.edges else way.frame
        known: Known = {**self._decorated(start), **self._asked(start, method)}
        for edge in way.edges:
            if not self._is_reached(edge.source, edge.site.at, known):
                return False
            known = self._handed(edge, known) if known else self._handed_first(edge)
            known = {**self._decorated(edge.target), **known}
        return self._is_reached(way.frame, way.site.at, known)

    def _asked(self, start: Frame, method: str) -> Known:
        """Return the parameters of ``start`` that are the request."""
        function = start.entity
        if not isinstance(function, Function):
            return {}
        found: Known = {
            meaning.name: Asked(method)
            for meaning in self._inference.signature(function, start.outer, start)
            if any(isinstance(value, Instance) and value.cls == _REQUEST for value in meaning.declared)
        }
        return self._body(function).settled(found) if found else found

    def _decorated(self, frame: Frame) -> Known:
        """Return what the wrapper of a decorated function knows of what the decorator was given.

        ``frame`` runs a function inside ``decorator`` inside ``factory``, where ``@factory(key="x")``
        stands at the function that was given to ``decorator``.
        """
        decorator = frame.outer
        factory = decorator.outer if decorator is not None else None
        if decorator is None or factory is None or not isinstance(frame.entity, Function):
            return {}
        found = self._closures.get(frame)
        if found is None:
            own = {param.name for param in frame.entity.params}
            calls = [
                call
                for _, values in decorator.given
                for value in values
                if isinstance(value, FunctionValue)
                for call in self._calls_at(value.function, factory.entity)
            ]
            known = self._given(factory.entity, calls[0]) if len(calls) == 1 else {}
            known = {name: fact for name, fact in known.items() if name not in own}
            found = self._closures[frame] = self._body(frame.entity).settled(known) if known else known
        return found

    def _calls_at(self, function: Function, factory: Entity) -> Iterator[r.Call]:
        """Yield the decorators of ``function`` that ``factory`` makes."""
        decorators = function.node.decorators if isinstance(function.node, r.Function) else ()
        frames = [frame for frame in self._inference.frames if frame.entity is function.module]
        for decorator in decorators:
            if isinstance(decorator, r.Call) and any(
                target.entity is factory
                for frame in frames
                for target, _ in getattr(frame.sites.get((decorator.at, "call")), "edges", ())
            ):
                yield decorator

    def _given(self, factory: Entity, call: r.Call) -> Known:
        """Return the constants ``factory`` is called with, its defaults included, but what it binds anew."""
        if not isinstance(factory, Function) or not _is_plain_call(call):
            return {}
        found: Known = {}
        named = [param for param in factory.params if param.kind not in ("var", "kwvar")]
        given = dict(zip((param.name for param in named), call.args, strict=False))
        given.update((keyword.name, keyword.value) for keyword in call.keywords if keyword.name)
        for param in named:
            value = given.get(param.name, param.default)
            fact = _constant(value) if isinstance(value, r.Node) else None
            if fact is not None:
                found[param.name] = fact
        return self._body(factory).settled(found)

    def _is_reached(self, frame: Frame, at: Span, known: Known) -> bool:
        if not known or not isinstance(frame.entity, Function):
            return True
        tests = self._body(frame.entity).tests.get(at, ())
        return all(self._holds(test, known) in (wanted, None) for test, wanted in tests)

    def _handed_first(self, edge: Edge) -> Known:
        """Return what is known of the parameters of a target whose caller knows nothing of its own."""
        found = self._first.get(edge)
        if found is None:
            found = self._first[edge] = self._handed(edge, {})
        return found

    def _handed(self, edge: Edge, known: Known) -> Known:
        """Return what is known of the parameters of the target of ``edge``."""
        source, target = edge.source, edge.target
        caller, function = source.entity, target.entity
        if edge.kind not in _DIRECT or not isinstance(caller, Function) or not isinstance(function, Function):
            return {}
        if target.receiver is None and function.owner is not None:
            return {}  # whether the first argument is the object is not known
        call = self._body(caller).calls.get(edge.site.at)
        if call is None or not _is_plain_call(call):
            return {}
        named = [param for param in function.params if param.kind not in ("var", "kwvar")]
        skipped = 1 if target.receiver is not None else 0
        given = dict(zip((param.name for param in named[skipped:]), call.args, strict=False))
        given.update((keyword.name, keyword.value) for keyword in call.keywords if keyword.name)
        found: Known = {}
        for param in named[skipped:]:
            if param.name in given:
                fact = self._fact(source, given[param.name], known)
            else:
                fact = _constant(param.default) if param.default is not None else None
            if fact is not None:
                found[param.name] = fact
        return self._body(function).settled(found) if found else found

    def _body(self, function: Function) -> _Body:
        found = self._bodies.get(function)
        if found is None:
            found = self._bodies[function] = _Body(function)
        return found

    def _fact(self, frame: Frame, value: r.Node, known: Known) -> Fact | None:
        match value:
            case r.Constant():
                return _constant(value)
            case r.Name(id=name) if name in known:
                return known[name]
            case r.Name(id=name) if isinstance(frame.entity, Function):
                body = self._body(frame.entity)
                made = body.made(name)
                fact = self._made(frame, made) if made is not None else None
                return body.settled({name: fact}, made).get(name) if fact is not None else None
            case r.Call():
                return self._made(frame, value)
        return None

    def _made(self, frame: Frame, call: r.Call) -> Data | None:
        if call.args or any(keyword.name is None for keyword in call.keywords):
            return None
        site = frame.sites.get((call.at, "call"))
        classes = set(site.classes) if site is not None else set()
        if len(classes) != 1:
            return None
        cls = classes.pop()
        given = frozenset(keyword.name for keyword in call.keywords if keyword.name)
        return Data(cls, given) if self._is_plain(cls) else None

    def _is_plain(self, cls: Class) -> bool:
        """Return whether objects of ``cls`` hold what they are given and their defaults, nothing else."""
        order = self._inference.hierarchy.order(cls)
        own = [base for base in order if isinstance(base, Class)]
        if not any(isinstance(base, str) and base in _DATA for base in order):
            return False
        return not any(_INITIALISERS & base.methods.keys() or _validates(base) for base in own)

    def _holds(self, test: r.Node, known: Known) -> bool | None:
        """Return what a condition comes to, None where that is not known."""
        match test:
            case r.Unary(op="not", operand=inner):
                held = self._holds(inner, known)
                return None if held is None else not held
            case r.BoolOp(op=op, values=values):
                held_ones = [self._holds(value, known) for value in values]
                if (op == "or") in held_ones:
                    return op == "or"
                return None if None in held_ones else op != "or"
            case r.Compare(left=left, ops=(("is" | "is not") as op,), rights=(r.Constant() as right,)):
                fact = self._value(left, known)
                if fact is None or _constant(right) != Constant(None):
                    return None
                return (fact == Constant(None)) is (op == "is")
            case r.Compare(left=left, ops=(("==" | "!=") as op,), rights=(right,)):
                one, other = self._value(left, known), self._value(right, known)
                if not isinstance(one, Constant) or not isinstance(other, Constant):
                    return None
                return (one == other) is (op == "==")
        fact = self._value(test, known)
        return bool(fact.value) if isinstance(fact, Constant) else None

    def _value(self, value: r.Node, known: Known) -> Fact | None:
        match value:
            case r.Constant():
                return _constant(value)
            case r.Name(id=name):
                return known.get(name)
            case r.Attribute(value=r.Name(id=name), name=field):
                held = known.get(name)
                if isinstance(held, Asked):
                    return Constant(held.method) if field == "method" else None
                if isinstance(held, Data) and field not in held.given:
                    return self._default(held.cls, field)
        return None

    def _default(self, cls: Class, field: str) -> Constant | None:
        for base in self._inference.hierarchy.order(cls):
            if not isinstance(base, Class):
                continue
            for statement in base.node.body:
                match statement:
                    case r.Annotated(target=r.Name(id=name), value=value) if name == field:
                        return _constant(value) if value is not None else None
        return None


def _is_plain_call(call: r.Call) -> bool:
    """Return whether a call names what it hands over, and spreads nothing."""
    starred = any(isinstance(arg, r.Star) for arg in call.args)
    return not starred and all(keyword.name is not None for keyword in call.keywords)


def _constant(value: r.Node | None) -> Constant | None:
    return Constant(value.value) if isinstance(value, r.Constant) and value.kind != "ellipsis" else None


def _targets(node: r.Node) -> Iterator[r.Name | r.Attribute]:
    """Yield the names and attributes a statement or an expression binds."""
    match node:
        case r.Assign(targets=targets):
            for target in targets:
                yield from _bound(target)
        case r.For(target=target) | r.Annotated(target=target) | r.Augmented(target=target):
            yield from _bound(target)
        case r.With(items=items):
            for item in items:
                if item.target is not None:
                    yield from _bound(item.target)
        case r.Walrus(name=name, at=at):
            yield r.Name(name, at)


def _bound(target: r.Node) -> Iterator[r.Name | r.Attribute]:
    if isinstance(target, (r.Name, r.Attribute)):
        yield target
    elif not isinstance(target, r.Subscript):
        for child in children(target):
            yield from _bound(child)


def _validates(cls: Class) -> bool:
    """Return whether a class has validators, which may fill its fields."""
    for method in cls.methods.values():
        decorators = method.node.decorators if isinstance(method.node, r.Function) else ()
        for decorator in decorators:
            if "validator" in written_name(applied(decorator)):
                return True
    return False
