"""Statements: how each kind changes what is known, and where exceptions may stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from layercheck.facts import records as r
from layercheck.inference.base import Arguments, Base
from layercheck.inference.expressions import OPERATORS, path_of
from layercheck.inference.frames import Activation, Environment, Guard, HandlerClause, RaiseSite
from layercheck.inference.heap import ANY
from layercheck.inference.models import library
from layercheck.inference.values import (
    NOTHING,
    Annotation,
    ClassValue,
    Const,
    Container,
    External,
    FunctionValue,
    Instance,
    Made,
    TypeVariable,
    Value,
    Values,
)
from layercheck.location import Span
from layercheck.program.build import target_names
from layercheck.program.entities import Class, Function

MOST_ROUNDS = 3
"""How often a loop body is run until nothing new is learnt."""


class Statements(Base):
    """Executing statements."""

    definitions: dict[r.Function | r.Class, Function | Class]

    def __init__(self) -> None:
        self._executors: dict[type[Any], Callable[[Activation, Any], None]] = {
            r.Import: self.import_module, r.ImportFrom: self.import_from, r.Function: self._function,
            r.Class: self._class, r.Assign: self._assign, r.Annotated: self._annotated,
            r.Augmented: self._augmented, r.TypeAlias: self._type_alias, r.Return: self._return,
            r.Raise: self._raise, r.Evaluate: self._evaluate_statement, r.If: self._if, r.For: self._for,
            r.While: self._while, r.With: self._with, r.Try: self._try, r.Match: self._match,
            r.Assert: self._assert, r.Delete: self._delete, r.Scope: self._nothing, r.Jump: self._jump,
        }  # fmt: skip

    def execute(self, act: Activation, body: tuple[r.Stmt, ...]) -> None:
        """Run the statements."""
        for statement in body:
            if act.env is None:
                return
            self._executors[type(statement)](act, statement)

    def _nothing(self, act: Activation, node: r.Scope) -> None:
        """Names are sorted out before anything runs."""

    def _evaluate_statement(self, act: Activation, node: r.Evaluate) -> None:
        if not isinstance(node.value, r.Constant):
            self.evaluate(act, node.value)

    def _jump(self, act: Activation, node: r.Jump) -> None:
        if node.kind != "pass":
            if act.loops and act.env is not None:
                act.loops[-1].append(act.env)
            act.env = None

    # Definitions --------------------------------------------------------------------------------

    def _function(self, act: Activation, node: r.Function) -> None:
        function = self.definitions[node]
        assert isinstance(function, Function)
        self.define_parameters(act, function, act.frame)
        outer = act.frame if isinstance(act.frame.entity, Function) else None
        values = self.one(self.u.function(function, outer))
        for decorator in reversed(node.decorators):
            values = self._decorate(act, decorator, values)
        if node.name in (act.env or {}) and self._is_overload(act, node):
            return
        self.bind(act, node.name, values)

    def _is_overload(self, act: Activation, node: r.Function) -> bool:
        return any(getattr(d, "id", getattr(d, "name", "")) == "overload" for d in node.decorators)

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
            inner.env = {**(inner.env or {}), param.name: self.one(self.u.of(TypeVariable, param.name, bound))}
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
        result = self.one(value)
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

    # Assignments --------------------------------------------------------------------------------

    def _assign(self, act: Activation, node: r.Assign) -> None:
        values = self.evaluate(act, node.value)
        for target in node.targets:
            self.assign(act, target, values)

    def _annotated(self, act: Activation, node: r.Annotated) -> None:
        declared, metadata = self.declaration(act, node.annotation)
        values = self.evaluate(act, node.value) if node.value is not None else NOTHING
        if isinstance(act.scope, Class) and isinstance(node.target, r.Name):
            if node.value is not None:
                self.assign(act, node.target, values)
            return
        if self._is_alias(act, node.annotation):
            meaning, attached = self.declaration(act, node.value) if node.value is not None else (NOTHING, ())
            self.assign(act, node.target, self.one(self.u.of(Annotation, meaning, attached)))
            return
        if self.informative(declared):
            constants = frozenset(v for v in values if isinstance(v, Const) and v.value is not None)
            self.assign(act, node.target, declared | constants)
        elif node.value is not None or declared:
            flowing = frozenset(v for v in values if not (isinstance(v, Const) and v.value is None))
            concrete = any(isinstance(v, (Instance, ClassValue)) or hasattr(v, "function") for v in flowing)
            self.assign(act, node.target, values if concrete else declared | values)

    def _is_alias(self, act: Activation, annotation: r.Expr) -> bool:
        values = self.evaluate(act, annotation) if isinstance(annotation, (r.Name, r.Attribute)) else NOTHING
        return any(isinstance(v, External) and library.canonical(v.name) == "typing.TypeAlias" for v in values)

    def _type_alias(self, act: Activation, node: r.TypeAlias) -> None:
        saved = dict(act.env or {})
        for param in node.type_params:
            if act.env is not None:
                act.env[param.name] = self.one(self.u.of(TypeVariable, param.name, NOTHING))
        values, metadata = self.declaration(act, node.value)
        act.env = saved
        self.bind(act, node.name, self.one(self.u.of(Annotation, values, metadata)))

    def _augmented(self, act: Activation, node: r.Augmented) -> None:
        left = self.evaluate(act, node.target)
        right = self.evaluate(act, node.value)
        at = node.at
        result = NOTHING
        plain = NOTHING
        for value in left:
            got = self.call_method(act, value, f"__i{OPERATORS[node.op]}__", Arguments([right]), at)
            if got is None:
                plain |= self.one(value)
            else:
                result |= got
        for value in plain:
            if isinstance(value, Container) and node.op == "+":
                self.heap.write_item(value, ANY, self.iterate(act, right, at))
        if plain:
            result |= self.operate(act, node.op, plain, right, at)
        self.assign(act, node.target, result or left)

    def assign(self, act: Activation, target: r.Target, values: Values) -> None:
        """Bind ``target`` to ``values``."""
        if act.env is None:
            return
        match target:
            case r.Name(id=name):
                self._forget(act.env, name)
                self.bind(act, name, values)
            case r.Attribute(value=owner, name=name, at=at):
                for value in self.evaluate(act, owner):
                    self.set_attribute(act, value, name, values, at)
                if not self._is_property(act, owner, name):
                    self._remember(act.env, target, values)
            case r.Subscript(value=owner, index=index, at=at):
                keys = self.evaluate(act, index)
                owners = self.evaluate(act, owner)
                for value in owners:
                    self._set_item(act, value, keys, values, at)
                if all(isinstance(value, Container) for value in owners):
                    self._remember(act.env, target, values)
            case r.Sequence(items=items, at=at):
                self._unpack(act, items, values, at)
            case r.Star(value=inner):
                self.assign(act, inner, values)

    def _is_property(self, act: Activation, owner: r.Expr, name: str) -> bool:
        return any(
            isinstance(v, Instance) and isinstance(v.cls, Class)
            and any(name in c.methods for c in self.hierarchy.order(v.cls) if isinstance(c, Class))
            for v in self.evaluate(act, owner)
        )  # fmt: skip

    def _remember(self, env: Environment, target: r.Target, values: Values) -> None:
        """Know that an attribute or item was just assigned; other paths to the same may mean it, too."""
        path = path_of(target)
        if not path:
            return
        last = path.rpartition(".")[2]
        for other in [p for p in env if p.endswith(f".{last}")]:
            del env[other]
        self._forget(env, path)
        if values:
            env[path] = values

    def _forget(self, env: Environment, name: str) -> None:
        prefix = f"{name}."
        for path in [p for p in env if p.startswith(prefix)]:
            del env[path]

    def _set_item(self, act: Activation, value: Value, keys: Values, values: Values, at: Span) -> None:
        if isinstance(value, Container):
            known = [k.value for k in keys if isinstance(k, Const) and isinstance(k.value, (str, int))]
            self.heap.write(("keys", value), keys)
            for key in known:
                self.heap.write_item(value, key, values)
            if not known:
                self.heap.write_item(value, None, values)
            return
        if isinstance(value, External) and value.name.endswith(".dependency_overrides"):
            for provider in keys:
                if isinstance(provider, FunctionValue):
                    self.heap.write(("override", provider.function), values)
        self.call_method(act, value, "__setitem__", Arguments([keys, values]), at)

    def _unpack(self, act: Activation, items: tuple[r.Expr, ...], values: Values, at: Span) -> None:
        starred = next((i for i, item in enumerate(items) if isinstance(item, r.Star)), None)
        for index, item in enumerate(items):
            if isinstance(item, r.Star):
                rest = self.iterate(act, values, at)
                self.assign(act, item.value, self.instance("builtins.list", rest))
                continue
            position = index if starred is None or index < starred else index - len(items)
            self.assign(act, item, self._element(act, values, position, at))

    def _element(self, act: Activation, values: Values, position: int, at: Span) -> Values:
        key = self.one(self.u.const(position))
        result = NOTHING
        for value in values:
            if isinstance(value, Instance) and not (isinstance(value.cls, str) and value.cls in library.MAPPINGS):
                result |= self.iterate(act, self.one(value), at)
            else:
                result |= self.item(act, self.one(value), key, at)
        return result

    def _delete(self, act: Activation, node: r.Delete) -> None:
        for target in node.targets:
            match target:
                case r.Attribute(value=owner, name=name, at=at):
                    for value in self.evaluate(act, owner):
                        self.delete_attribute(act, value, name, at)
                case r.Name(id=name) if act.env is not None:
                    act.env.pop(name, None)
                case r.Subscript(value=owner, index=index, at=at):
                    keys = self.evaluate(act, index)
                    for value in self.evaluate(act, owner):
                        self.call_method(act, value, "__delitem__", Arguments([keys]), at)

    # Leaving ------------------------------------------------------------------------------------

    def _return(self, act: Activation, node: r.Return) -> None:
        if node.value is not None:
            self.heap.write(("return", act.frame), self.evaluate(act, node.value))
        self.publish(act)
        act.env = None

    def _raise(self, act: Activation, node: r.Raise) -> None:
        values = NOTHING
        if node.exc is not None:
            raised = self.evaluate(act, node.exc)
            classes = frozenset(v for v in raised if isinstance(v, ClassValue))
            values = raised - classes
            if classes:
                values |= self.call(act, classes, Arguments(), node.at, "call")
        if node.cause is not None:
            self.evaluate(act, node.cause)
        clause = self._reraising(act, node)
        if clause is not None and clause.name and act.env is not None:
            # an isinstance test may have told the caught exceptions apart
            values = act.env.get(clause.name, NOTHING)
        act.frame.raises[node.at] = RaiseSite(node.at, values, act.guard, clause)
        self.publish(act)
        act.env = None

    def _reraising(self, act: Activation, node: r.Raise) -> HandlerClause | None:
        """Return the clause whose exception ``raise``, or ``raise error`` by its name, raises again."""
        if node.exc is None:
            return act.handlers[-1] if act.handlers else None
        name = node.exc.id if isinstance(node.exc, r.Name) else ""
        return next((clause for clause in reversed(act.handlers) if name and clause.name == name), None)

    # Branches -----------------------------------------------------------------------------------

    def _if(self, act: Activation, node: r.If) -> None:
        before_test = act.env
        self.evaluate(act, node.test)
        if act.env is None or before_test is None:
            return
        before = dict(act.env)
        self.narrow(act, node.test, True)
        if _never(node.test):
            act.env = None
        self.execute(act, node.body)
        after_body = act.env
        act.env = dict(before)
        self.narrow(act, node.test, False)
        if _always(node.test):
            act.env = None
        self.execute(act, node.orelse)
        act.env = join(after_body, act.env)

    def _for(self, act: Activation, node: r.For) -> None:
        values = self.evaluate(act, node.iter)
        elements = self.iterate(act, values, node.iter.at if not isinstance(node.iter, r.Slice) else node.at,
                                node.is_async)  # fmt: skip
        before = dict(act.env) if act.env is not None else None
        frame = act.frame
        sites, registrations = dict(frame.sites), dict(frame.registrations)
        self._loop(act, node.body, node.orelse, lambda: self.assign(act, node.target, elements))
        if before is not None and frame.registrations.keys() != registrations.keys():
            rows = self.rows(act, node.iter)
            if rows:
                act.env, frame.sites, frame.registrations = before, sites, registrations
                for row in rows:
                    self._once(act, node, row)

    def _once(self, act: Activation, node: r.For, row: Values) -> None:
        """Run the body of a loop over a literal table for one row."""
        exits: list[Environment] = []
        act.loops.append(exits)
        self.assign(act, node.target, row)
        self.execute(act, node.body)
        act.loops.pop()
        for env in exits:
            act.env = join(act.env, env)

    def _while(self, act: Activation, node: r.While) -> None:
        def test() -> None:
            self.evaluate(act, node.test)
            self.narrow(act, node.test, True)

        self._loop(act, node.body, node.orelse, test)

    def _loop(
        self, act: Activation, body: tuple[r.Stmt, ...], orelse: tuple[r.Stmt, ...], begin: Callable[[], None]
    ) -> None:
        exits: list[Environment] = []
        for _ in range(MOST_ROUNDS):
            before = dict(act.env) if act.env is not None else None
            act.loops.append([])
            begin()
            self.execute(act, body)
            jumped = act.loops.pop()
            exits.extend(jumped)
            after = act.env
            for env in jumped:
                after = join(after, env)
            act.env = join(before, after)
            if act.env == before or act.env is None:
                break
        self.execute(act, orelse)
        for env in exits:
            act.env = join(act.env, env)

    def _match(self, act: Activation, node: r.Match) -> None:
        values = self.evaluate(act, node.subject)
        if act.env is None:
            return
        before = dict(act.env)
        result: Environment | None = dict(before)
        for case in node.cases:
            act.env = dict(before)
            self._pattern(act, case.pattern, values, node.subject)
            if case.guard is not None:
                self.evaluate(act, case.guard)
                self.narrow(act, case.guard, True)
            self.execute(act, case.body)
            if case.pattern.kind == "any" and case.guard is None:
                result = None
            result = join(result, act.env) if result is not None or act.env is not None else None
        act.env = result

    def _pattern(self, act: Activation, pattern: r.Pattern, values: Values, subject: r.Expr | None) -> None:
        matched = values
        if pattern.kind == "class" and pattern.value is not None:
            meaning, _ = self.type_meaning(act, self.evaluate(act, pattern.value))
            wanted = [v for v in meaning if isinstance(v, Instance)]
            kept = frozenset(
                v for v in values if isinstance(v, Instance)
                and any(self.hierarchy.derives(v.cls, w.cls) for w in wanted)
            )  # fmt: skip
            matched = kept or meaning
            if subject is not None:
                self.narrow_to(act, subject, meaning)
            for part, name in zip(pattern.parts[len(pattern.parts) - len(pattern.names):], pattern.names,
                                  strict=True):  # fmt: skip
                inner = NOTHING
                for value in matched:
                    inner |= self.get_attribute(act, value, name, Span(0))
                self._pattern(act, part, inner, None)
        elif pattern.kind == "value" and pattern.value is not None:
            self.evaluate(act, pattern.value)
        elif pattern.kind == "sequence":
            for index, part in enumerate(pattern.parts):
                self._pattern(act, part, self._element(act, values, index, Span(0)), None)
        elif pattern.kind == "mapping":
            for key, part in zip(pattern.keys, pattern.parts, strict=False):
                self._pattern(act, part, self.item(act, values, self.evaluate(act, key), Span(0)), None)
        elif pattern.kind == "or":
            for part in pattern.parts:
                self._pattern(act, part, values, None)
        elif pattern.kind == "any":
            for part in pattern.parts:
                self._pattern(act, part, values, subject)
        if pattern.capture:
            self.bind(act, pattern.capture, matched)

    def _assert(self, act: Activation, node: r.Assert) -> None:
        self.evaluate(act, node.test)
        self.narrow(act, node.test, True)

    # Guards -------------------------------------------------------------------------------------

    def _new_guard(self, act: Activation) -> Guard:
        guard = Guard(len(act.frame.guards), act.guard)
        act.frame.guards.append(guard)
        return guard

    def _try(self, act: Activation, node: r.Try) -> None:
        outer = act.guard
        before = dict(act.env) if act.env is not None else None
        guard = self._new_guard(act)
        for handler in node.handlers:
            classes = self._caught(act, handler.type) if handler.type is not None else None
            guard.clauses.append(HandlerClause(handler.at, classes, handler.name, guard))
        act.guard = guard.index if node.handlers else outer
        self.execute(act, node.body)
        act.guard = outer
        partly = _everything(before, act.env, node.body, act)
        self.execute(act, node.orelse)
        result = act.env
        for handler, clause in zip(node.handlers, guard.clauses, strict=True):
            act.env = dict(partly) if partly is not None else None
            act.handlers.append(clause)
            if handler.name and act.env is not None:
                self.bind(act, handler.name, clause.classes or self.instance("builtins.BaseException"))
            self.execute(act, handler.body)
            act.handlers.pop()
            result = join(result, act.env)
        if node.finalbody:
            ended = result is None
            act.env = result if not ended else (dict(partly) if partly is not None else None)
            self.execute(act, node.finalbody)
            if ended:
                act.env = None
        else:
            act.env = result

    def _caught(self, act: Activation, node: r.Expr) -> Values:
        if isinstance(node, r.Sequence):
            return frozenset().union(*(self._caught(act, item) for item in node.items))
        values = self.evaluate(act, node)
        held = frozenset().union(
            *(self.iterate(act, self.one(v), Span(0)) for v in values if not isinstance(v, (ClassValue, External)))
        )
        return self.type_meaning(act, values | held)[0]

    def _with(self, act: Activation, node: r.With) -> None:
        outer = act.guard
        for item in node.items:
            values = self.evaluate(act, item.context)
            at = item.context.at if not isinstance(item.context, r.Slice) else node.at
            guard = self._new_guard(act)
            entered = NOTHING
            for value in values:
                entered |= self._enter(act, value, node.is_async, at, guard)
            self._find_suppression(act, item.context, guard)
            if guard.suppressed or guard.managers:
                act.guard = guard.index
            if item.target is not None:
                self.assign(act, item.target, entered)
        self.execute(act, node.body)
        act.guard = outer

    def _enter(self, act: Activation, value: Value, is_async: bool, at: Span, guard: Guard) -> Values:
        names = ("__aenter__", "__aexit__") if is_async else ("__enter__", "__exit__")
        match value:
            case Instance(cls=str() as name, args=args) if name == library.MANAGER:
                for (_, kind), site in act.frame.sites.items():
                    if site.at == at and kind == "call":
                        guard.managers.extend(frame for frame, _ in site.edges)
                return args[0]
            case Instance(cls=Class()):
                got = self.call_method(act, value, names[0], Arguments(), at, "context")
                self.call_method(act, value, names[1], Arguments(), at, "context")
                if got is None:
                    return self.one(value)
                site = self.site(act, at, "context")
                guard.managers.extend(f for f, _ in site.edges if f.qualname.endswith(names[1]))
                return self.awaited(act, got, at)
            case Instance() | External() | Made():
                return self.one(value)
        return NOTHING

    def _find_suppression(self, act: Activation, context: r.Expr, guard: Guard) -> None:
        if isinstance(context, r.Call):
            for value in self.evaluate(act, context.func):
                if isinstance(value, External) and value.name == "contextlib.suppress":
                    for arg in context.args:
                        guard.suppressed |= self._caught(act, arg)


def join(left: Environment | None, right: Environment | None) -> Environment | None:
    """Return what is known where two ways of running meet."""
    if left is None or right is None:
        return left if right is None else right
    if left is right:
        return left
    result = dict(left)
    for name, values in right.items():
        known = result.get(name)
        if known is None:
            if "." not in name:
                result[name] = values
        elif known is not values:
            result[name] = known | values
    for path in [p for p in result if "." in p and (p not in left or p not in right)]:
        del result[path]
    return result


def _everything(
    before: Environment | None, after: Environment | None, body: tuple[r.Stmt, ...], act: Activation
) -> Environment | None:
    """Return what may be known where an exception left ``body`` somewhere in the middle."""
    if before is None:
        return after
    if after is None:
        result = dict(before)
        for statement in body:
            if isinstance(statement, r.Assign):
                for target in statement.targets:
                    for name in target_names(target):
                        result.setdefault(name, NOTHING)
        return result
    return join(before, after)


def _is_outside(value: Value) -> bool:
    return isinstance(value, Instance) and isinstance(value.cls, str)


def _never(test: r.Expr) -> bool:
    return isinstance(test, r.Constant) and test.kind in ("bool", "int") and not test.value


def _always(test: r.Expr) -> bool:
    return isinstance(test, r.Constant) and test.kind in ("bool", "int") and bool(test.value)
