"""Expressions: what each kind may evaluate to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from layercheck.facts import records as r
from layercheck.inference.base import Arguments, Base
from layercheck.inference.frames import Activation
from layercheck.inference.heap import ANY
from layercheck.inference.models import library
from layercheck.inference.values import (
    NOTHING,
    Annotation,
    ClassValue,
    Const,
    Container,
    External,
    Instance,
    Made,
    Super,
    TupleValue,
    TypeVariable,
    Value,
    Values,
)
from layercheck.location import Span
from layercheck.program.entities import Class, Function

OPERATORS = {
    "+": "add", "-": "sub", "*": "mul", "/": "truediv", "//": "floordiv", "%": "mod", "**": "pow",
    "@": "matmul", "&": "and", "|": "or", "^": "xor", "<<": "lshift", ">>": "rshift",
}  # fmt: skip
COMPARISONS = {"==": "__eq__", "!=": "__ne__", "<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__"}


class Expressions(Base):
    """Evaluating expressions."""

    _lambdas: dict[r.Lambda, Function]

    def __init__(self) -> None:
        self._evaluators: dict[type[Any], Callable[[Activation, Any], Values]] = {
            r.Name: self._name, r.Attribute: self._attribute, r.Call: self._call_expression,
            r.Subscript: self._subscript, r.Constant: self._constant, r.Sequence: self._sequence,
            r.Mapping: self._mapping, r.Lambda: self._lambda, r.Await: self._await, r.Yield: self._yield,
            r.BoolOp: self._bool_op, r.Conditional: self._conditional, r.Compare: self._compare,
            r.BinOp: self._bin_op, r.Unary: self._unary, r.Comprehension: self._comprehension,
            r.Walrus: self._walrus, r.Star: self._star, r.Text: self._text, r.Slice: self._slice,
        }  # fmt: skip

    def evaluate(self, act: Activation, node: r.Expr) -> Values:
        """Return what the expression may be."""
        if act.env is None:
            return NOTHING
        return self._evaluators[type(node)](act, node)

    def _name(self, act: Activation, node: r.Name) -> Values:
        return self.lookup(act, node.id)

    def _attribute(self, act: Activation, node: r.Attribute) -> Values:
        path = path_of(node)
        if path and act.env is not None and path in act.env:
            self.evaluate(act, node.value)
            return act.env[path]
        values = self.evaluate(act, node.value)
        result = NOTHING
        for value in values:
            result |= self.get_attribute(act, value, node.name, node.at)
        return result

    def _constant(self, act: Activation, node: r.Constant) -> Values:
        if node.kind in ("bytes", "complex", "ellipsis"):
            return self.instance(f"builtins.{node.kind}")
        return self.one(self.u.const(node.value))

    def _sequence(self, act: Activation, node: r.Sequence) -> Values:
        if node.kind == "tuple" and not any(isinstance(item, r.Star) for item in node.items):
            return self.one(self.u.of(TupleValue, tuple(self.evaluate(act, item) for item in node.items)))
        container = self.u.of(Container, node.kind, (act.frame, node.at))
        for index, item in enumerate(node.items):
            if isinstance(item, r.Star):
                elements = self.iterate(act, self.evaluate(act, item.value), item.at)
                self.heap.write_item(container, ANY, elements)
            else:
                self.heap.write_item(container, index, self.evaluate(act, item))
        return self.one(container)

    def _mapping(self, act: Activation, node: r.Mapping) -> Values:
        container = self.u.of(Container, "dict", (act.frame, node.at))
        for key, value in zip(node.keys, node.values, strict=True):
            values = self.evaluate(act, value)
            if key is None:
                self._spread(container, values, act)
                continue
            keys = self.evaluate(act, key)
            known = [k.value for k in keys if isinstance(k, Const) and isinstance(k.value, (str, int))]
            self.heap.write(("keys", container), keys)
            for name in known:
                self.heap.write_item(container, name, values)
            if not known:
                self.heap.write_item(container, None, values)
                for unknown in keys:
                    self.heap.write(("pair", container, unknown), values)
        return self.one(container)

    def _spread(self, container: Container, values: Values, act: Activation) -> None:
        for value in values:
            if isinstance(value, Container):
                keys = self.heap.read(("keys", value), act.reader)
                self.heap.write(("keys", container), keys)
                for key in keys:
                    if isinstance(key, Const) and isinstance(key.value, (str, int)):
                        items = self.heap.read_item(value, key.value, act.reader)
                        self.heap.write_item(container, key.value, items)
                self.heap.write_item(container, ANY, self.heap.read(("item", value, ANY), act.reader))
            elif isinstance(value, Instance) and len(value.args) == 2:
                self.heap.write_item(container, ANY, value.args[1])

    def _lambda(self, act: Activation, node: r.Lambda) -> Values:
        function = self._lambdas.get(node)
        if function is None:
            function = self._lambdas[node] = Function(node, act.scope)
            function.bound = frozenset(param.name for param in node.params)
            function.captures = True
        if not act.sharing and isinstance(act.scope, Function):
            act.sharing = act.scope.captures = True
            act.unpublished |= {name for name in act.env or () if "." not in name}
        self.define_parameters(act, function, act.frame)
        outer = act.frame if isinstance(act.frame.entity, Function) else None
        return self.one(self.u.function(function, outer))

    def _await(self, act: Activation, node: r.Await) -> Values:
        return self.awaited(act, self.evaluate(act, node.value), node.at)

    def awaited(self, act: Activation, values: Values, at: Span) -> Values:
        """Return what ``await values`` may be."""
        result: set[Value] = set()
        for value in values:
            match value:
                case Instance(cls="builtins.coroutine", args=args):
                    result |= args[0] if args else NOTHING
                case Instance(cls=str() as name) if name in library.AWAITABLES:
                    result |= value.args[-1] if value.args else NOTHING
                case Instance(cls=Class()):
                    got = self.call_method(act, value, "__await__", Arguments(), at)
                    result |= self.one(value) if got is None else self._returned(got)
                case External(name=name, receiver=receiver) if name.endswith("()"):
                    result.add(value)
                case Instance(cls=str() as name) if name == library.MANAGER:
                    result.add(value)
                case _:
                    result.add(value)
        return frozenset(result)

    def _returned(self, values: Values) -> Values:
        """Return what generators return, the result of ``yield from``."""
        return frozenset().union(
            *(v.args[1] for v in values if isinstance(v, Instance) and len(v.args) > 1)
        )

    def _yield(self, act: Activation, node: r.Yield) -> Values:
        if node.value is None:
            return NOTHING
        values = self.evaluate(act, node.value)
        if node.delegates:
            self.heap.write(("yield", act.frame), self.iterate(act, values, node.at))
            return self._returned(values)
        self.heap.write(("yield", act.frame), values)
        return NOTHING

    def _bool_op(self, act: Activation, node: r.BoolOp) -> Values:
        result: Values = NOTHING
        saved = dict(act.env or {})
        for index, part in enumerate(node.values):
            values = self.evaluate(act, part)
            last = index == len(node.values) - 1
            if node.op == "or" and not last:
                values = frozenset(v for v in values if not (isinstance(v, Const) and not v.value))
            result |= values
            if not last:
                self.narrow(act, part, node.op == "and")
        self._restore(act, saved)
        return result

    def _restore(self, act: Activation, saved: dict[str, Values]) -> None:
        """Undo narrowing, keep what walrus bound."""
        env = act.env if act.env is not None else {}
        new = {name: values for name, values in env.items() if name not in saved and "." not in name}
        act.env = {**new, **saved}

    def _conditional(self, act: Activation, node: r.Conditional) -> Values:
        self.evaluate(act, node.test)
        saved = dict(act.env or {})
        self.narrow(act, node.test, True)
        result = self.evaluate(act, node.body)
        self._restore(act, saved)
        self.narrow(act, node.test, False)
        result |= self.evaluate(act, node.orelse)
        self._restore(act, saved)
        return result

    def _compare(self, act: Activation, node: r.Compare) -> Values:
        left = self.evaluate(act, node.left)
        for op, right_node in zip(node.ops, node.rights, strict=True):
            right = self.evaluate(act, right_node)
            if op in COMPARISONS:
                for value in left:
                    self.call_method(act, value, COMPARISONS[op], Arguments([right]), node.at)
            elif op in ("in", "not in"):
                for value in right:
                    self.call_method(act, value, "__contains__", Arguments([left]), node.at)
            left = right
        return self.instance("builtins.bool")

    def _bin_op(self, act: Activation, node: r.BinOp) -> Values:
        chain = [node]
        while isinstance(chain[-1].left, r.BinOp):
            chain.append(chain[-1].left)
        left = self.evaluate(act, chain[-1].left)
        for step in reversed(chain):
            left = self.operate(act, step.op, left, self.evaluate(act, step.right), step.at)
        return left

    def operate(self, act: Activation, op: str, left: Values, right: Values, at: Span) -> Values:
        """Return ``left op right``; runs the operator methods of objects of the program."""
        name = OPERATORS[op]
        result: Values = NOTHING
        for value in left:
            got = self.call_method(act, value, f"__{name}__", Arguments([right]), at)
            if got is not None:
                result |= got
                continue
            match value:
                case Const(value=str() as text) if op == "+":
                    ends = [v.value for v in right if isinstance(v, Const) and isinstance(v.value, str)]
                    result |= frozenset(self.u.const(text + end) for end in ends)
                    result |= self.instance("builtins.str") if not ends else NOTHING
                case Const(value=str()):
                    result |= self.instance("builtins.str")
                case ClassValue() | Annotation() | External(name="types.NoneType") if op == "|":
                    union = self.type_meaning(act, left | right)
                    result |= self.one(self.u.of(Annotation, union[0], union[1]))
                case Const() | Instance() | Container() | TupleValue():
                    result |= self.one(value) if not isinstance(value, Const) else NOTHING
                    if isinstance(value, Container):
                        result |= right
                case External(name=path):
                    result |= self.one(self.u.outcome(f"{path}.__{name}__", "()"))
        for value in right:
            got = self.call_method(act, value, f"__r{name}__", Arguments([left]), at)
            if got is not None:
                result |= got
        return result

    def _unary(self, act: Activation, node: r.Unary) -> Values:
        values = self.evaluate(act, node.operand)
        if node.op == "not":
            for value in values:
                self.call_method(act, value, "__bool__", Arguments(), node.at)
            return self.instance("builtins.bool")
        name = {"-": "__neg__", "+": "__pos__", "~": "__invert__"}[node.op]
        result = NOTHING
        for value in values:
            if isinstance(value, Const) and isinstance(value.value, int) and node.op == "-":
                result |= self.one(self.u.const(-value.value))
                continue
            got = self.call_method(act, value, name, Arguments(), node.at)
            result |= self.one(value) if got is None else got
        return result

    def _comprehension(self, act: Activation, node: r.Comprehension) -> Values:
        saved = dict(act.env or {})
        for generator in node.generators:
            values = self.evaluate(act, generator.iter)
            elements = self.iterate(act, values, generator.iter.at if not isinstance(generator.iter, r.Slice)
                                    else node.at, generator.is_async)  # fmt: skip
            self.bind_locally(act, generator.target, elements)
            for test in generator.ifs:
                self.evaluate(act, test)
                self.narrow(act, test, True)
        keys = self.evaluate(act, node.key) if node.key is not None else NOTHING
        element = self.evaluate(act, node.element)
        bound = {name for g in node.generators for name in _target_names(g.target)}
        env = act.env if act.env is not None else {}
        walrus = {n: v for n, v in env.items() if n not in saved and n not in bound and "." not in n}
        act.env = {**walrus, **saved}
        if node.kind == "generator":
            return self.instance("builtins.generator", element, NOTHING)
        container = self.u.of(Container, node.kind, (act.frame, node.at))
        self.heap.write_item(container, None, element)
        if keys:
            self.heap.write(("keys", container), keys)
        return self.one(container)

    def bind_locally(self, act: Activation, target: r.Target, values: Values) -> None:
        """Bind the target of a comprehension: visible inside it only."""
        if isinstance(target, r.Name):
            if act.env is not None:
                act.env[target.id] = values
        elif isinstance(target, r.Sequence):
            for index, item in enumerate(target.items):
                key = self.one(self.u.const(index))
                inner = item.value if isinstance(item, r.Star) else item
                self.bind_locally(act, inner, self.item(act, values, key, target.at))

    def _walrus(self, act: Activation, node: r.Walrus) -> Values:
        values = self.evaluate(act, node.value)
        self.assign(act, r.Name(node.name, node.at), values)
        return values

    def _star(self, act: Activation, node: r.Star) -> Values:
        return self.iterate(act, self.evaluate(act, node.value), node.at)

    def _text(self, act: Activation, node: r.Text) -> Values:
        text: str | None = ""
        for part in node.parts:
            values = self.evaluate(act, part)
            for value in values:
                for name in ("__format__", "__str__"):
                    if self.call_method(act, value, name, Arguments(), node.at) is not None:
                        break
            only = next(iter(values)) if len(values) == 1 else None
            if text is not None and isinstance(only, Const) and isinstance(only.value, (str, int)):
                text += str(only.value)
            else:
                text = None
        return self.instance("builtins.str") if text is None else self.one(self.u.const(text))

    def _slice(self, act: Activation, node: r.Slice) -> Values:
        for part in (node.lower, node.upper, node.step):
            if part is not None:
                self.evaluate(act, part)
        return self.instance("builtins.slice")

    # Calls and items ----------------------------------------------------------------------------

    def _call_expression(self, act: Activation, node: r.Call) -> Values:
        if isinstance(node.func, r.Name) and node.func.id == "super":
            made = self._super(act, node)
            if made:
                return made
        callees = self.evaluate(act, node.func)
        args = self.arguments(act, node)
        self.forget_paths(act, node)
        result = self.call(act, callees, args, node.at)
        self._remember_update(act, node)
        if not callees:
            site = self.site(act, node.at, "call")
            site.reason = site.reason or self._why_unknown(act, node.func)
        return result

    def _remember_update(self, act: Activation, node: r.Call) -> None:
        """Know the items a dict has got by ``name.update({"key": value})``."""
        match node:
            case r.Call(func=r.Attribute(value=r.Name(id=name) as owner, name="update"), args=(r.Mapping() as new,)):
                if act.env is None or not all(isinstance(v, Container) for v in self.evaluate(act, owner)):
                    return
                for key, value in zip(new.keys, new.values, strict=True):
                    if isinstance(key, r.Constant) and key.kind in ("str", "int"):
                        act.env[f"{name}.[{key.value!r}]"] = self.evaluate(act, value)

    def arguments(self, act: Activation, node: r.Call) -> Arguments:
        """Evaluate the arguments of a call."""
        args = Arguments()
        for item in node.args:
            if not isinstance(item, r.Star):
                target = args.positional if args.rest is None else None
                values = self.evaluate(act, item)
                if target is not None:
                    target.append(values)
                else:
                    args.rest = (args.rest or NOTHING) | values
                continue
            for value in (spread := self.evaluate(act, item.value)):
                if isinstance(value, TupleValue) and len(spread) == 1 and args.rest is None:
                    args.positional.extend(value.items)
                elif isinstance(value, Container) and value.kind == "list" and len(spread) == 1 \
                        and args.rest is None and not self.heap.read(("item", value, ANY), act.reader):
                    index = 0
                    while items := self.heap.read(("item", value, index), act.reader):
                        args.positional.append(items)
                        index += 1
                else:
                    elements = self.iterate(act, self.one(value), item.at)
                    args.rest = (args.rest or NOTHING) | elements
            if not spread:
                args.rest = args.rest or NOTHING
        for keyword in node.keywords:
            values = self.evaluate(act, keyword.value)
            if keyword.name is not None:
                args.keywords[keyword.name] = values
                continue
            for value in values:
                self._spread_keywords(act, value, args)
        return args

    def _spread_keywords(self, act: Activation, value: Value, args: Arguments) -> None:
        if isinstance(value, Container):
            for key in self.heap.read(("keys", value), act.reader):
                if isinstance(key, Const) and isinstance(key.value, str):
                    args.keywords[key.value] = self.heap.read_item(value, key.value, act.reader)
            if isinstance(value.site, tuple) and value.site and value.site[0] == "keywords":
                for name, _ in value.site[2]:
                    args.keywords[name] = self.heap.read_item(value, name, act.reader)
            unknown = self.heap.read(("item", value, ANY), act.reader)
            if unknown:
                args.others = (args.others or NOTHING) | unknown

    def _super(self, act: Activation, node: r.Call) -> Values:
        frame = act.frame
        while isinstance(frame.entity, Function) and frame.entity.owner is None and frame.outer is not None:
            frame = frame.outer
        if not isinstance(frame.entity, Function) or frame.entity.owner is None:
            return NOTHING
        receiver = frame.receiver or self.u.instance(frame.entity.owner)
        after = frame.entity.owner
        if node.args:
            for value in self.evaluate(act, node.args[0]):
                if isinstance(value, ClassValue):
                    after = value.cls
        if not isinstance(receiver, (Instance, ClassValue)):
            return NOTHING
        self.site(act, node.at, "call").externals["builtins.super"] = None
        return self.one(self.u.of(Super, after, receiver))

    def _why_unknown(self, act: Activation, func: r.Expr) -> str:
        """Return why nothing is known of what is called."""
        node: r.Expr = func
        while True:
            match node:
                case r.Attribute(value=inner) | r.Subscript(value=inner):
                    if self.evaluate(act, inner):
                        return "unknown attribute"
                    node = inner
                case r.Call(func=inner):
                    return "unknown result of a call" if self.evaluate(act, inner) else "unresolved callee"
                case r.Await(value=inner):
                    node = inner
                case r.Name(id=name):
                    if isinstance(act.frame.entity, Function):
                        if any(param.name == name for param in act.frame.entity.params):
                            return "untyped parameter"
                    return "unknown name"
                case _:
                    return "dynamic expression"

    def _subscript(self, act: Activation, node: r.Subscript) -> Values:
        values = self.evaluate(act, node.value)
        path = path_of(node)
        if path and act.env is not None and path in act.env:
            return act.env[path]
        if isinstance(node.index, r.Slice):
            values = self._sliced(act, values, node.index, node.at)
        types = [v for v in values if self._is_type(v)]
        result: Values = NOTHING
        for head in types:
            meaning, metadata = self.subscript_type(act, head, node.index)
            if isinstance(head, ClassValue):
                result |= frozenset(self.u.class_value(v.cls, v.args) for v in meaning
                                    if isinstance(v, Instance) and isinstance(v.cls, Class))
            elif meaning or metadata:
                result |= self.one(self.u.of(Annotation, meaning, metadata))
        rest = values.difference(types)
        if rest:
            index = self.evaluate(act, node.index)
            result |= self.item(act, rest, index, node.at)
        elif not types:
            self.evaluate(act, node.index)
        return result

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
            cut = self.u.of(Container, "list", (act.frame, at))
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
                return any(isinstance(v, TypeVariable) or (isinstance(v, Instance) and v.args)
                           for v in value.values)
        return False

    def item(self, act: Activation, values: Values, index: Values, at: Span) -> Values:
        """Return what ``values[index]`` may be."""
        keys = [v.value for v in index if isinstance(v, Const) and isinstance(v.value, (str, int))]
        result: set[Value] = set()
        for value in values:
            match value:
                case Container() if any(isinstance(v, Instance) and v.cls == "builtins.slice" for v in index):
                    result.add(value)
                case Container():
                    for key in keys if keys and len(keys) == len(index) else [None]:
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
        return frozenset(result)

    def iterate(self, act: Activation, values: Values, at: Span, is_async: bool = False) -> Values:
        """Return the elements an iteration may give."""
        result: set[Value] = set()
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
                result |= self.iterate(act, self.one(iterator), at)
        return result

    def forget_paths(self, act: Activation, node: r.Call) -> None:
        """Forget what was known of attributes a call may change: those of its receiver and arguments."""
        env = act.env
        if not env or not any("." in name for name in env):
            return
        touched = [a.id for a in node.args if isinstance(a, r.Name)]
        func = node.func
        while isinstance(func, r.Attribute):
            func = func.value
        if isinstance(func, r.Name):
            touched.append(func.id)
        for name in [n for n in env if "." in n and n.partition(".")[0] in touched]:
            del env[name]


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


def _target_names(target: r.Target) -> list[str]:
    if isinstance(target, r.Name):
        return [target.id]
    if isinstance(target, r.Sequence):
        return [name for item in target.items for name in _target_names(item)]
    if isinstance(target, r.Star):
        return _target_names(target.value)
    return []


