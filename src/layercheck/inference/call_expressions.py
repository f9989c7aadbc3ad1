"""Call expressions: callee, arguments, ``super()``, and why nothing is known of a callee."""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.inference.base import Arguments, Base
from layercheck.inference.frames import Activation
from layercheck.inference.heap import ANY
from layercheck.inference.values import (
    NOTHING,
    ClassValue,
    Const,
    Container,
    Instance,
    Super,
    TupleValue,
    Value,
    Values,
    only,
)
from layercheck.program.entities import Function


class CallExpressions(Base):
    """Evaluating calls."""

    def _call_expression(self, act: Activation, node: r.Call) -> Values:
        func = node.func
        if type(func) is r.Name and func.id == "super":
            made = self._super(act, node)
            if made:
                return made
        callees = self.evaluate(act, func)
        if isinstance(func, r.Name) and func.id == "type" and len(node.args) == 1:
            self.asks_class(act, node.args[0])
        args = self.arguments(act, node)
        if act.knows_paths:
            self.forget_paths(act, node)
        result = self.call(act, callees, args, node.at)
        if type(func) is r.Attribute and func.name == "update":
            self._remember_update(act, node)
        if not callees:
            site = self.site(act, node.at, "call")
            site.reason = site.reason or self._why_unknown(act, func)
        return result

    def _remember_update(self, act: Activation, node: r.Call) -> None:
        """Know the items a dict has got by ``name.update({"key": value})``."""
        match node:
            case r.Call(
                func=r.Attribute(value=r.Name(id=name) as owner), args=(r.Mapping() as new,)
            ):
                if act.env is None or not all(isinstance(v, Container) for v in self.evaluate(act, owner)):
                    return
                for key, value in zip(new.keys, new.values, strict=True):
                    if isinstance(key, r.Constant) and key.kind in ("str", "int"):
                        act.know(f"{name}.[{key.value!r}]", self.evaluate(act, value))

    def arguments(self, act: Activation, node: r.Call) -> Arguments:
        """Evaluate the arguments of a call."""
        args = Arguments()
        for item in node.args:
            if type(item) is not r.Star:
                values = self.evaluate(act, item)
                if args.rest is None:
                    args.positional.append(values)
                else:
                    args.rest = (args.rest or NOTHING) | values
                continue
            args.is_starred = True
            spread = self.evaluate(act, item.value)
            if args.rest is None and spread and all(isinstance(v, TupleValue) for v in spread):
                self._spread_tuples([v.items for v in spread if isinstance(v, TupleValue)], args)
                continue
            for value in spread:
                if (
                    isinstance(value, Container)
                    and value.kind == "list"
                    and len(spread) == 1
                    and args.rest is None
                    and not self.heap.read(("item", value, ANY), act.reader)
                ):
                    index = 0
                    while items := self.heap.read(("item", value, index), act.reader):
                        args.positional.append(items)
                        index += 1
                else:
                    elements = self.iterate(act, only(value), item.at)
                    args.rest = (args.rest or NOTHING) | elements
            if not spread:
                args.rest = args.rest or NOTHING
        for keyword in node.keywords:
            values = self.evaluate(act, keyword.value)
            if keyword.name is not None:
                args.keywords[keyword.name] = values
                continue
            args.spreads = True
            for value in values:
                self._spread_keywords(act, value, args)
        return args

    def _spread_tuples(self, rows: list[tuple[Values, ...]], args: Arguments) -> None:
        """Add the items of a tuple, or of one of several: what stands at one place stays together."""
        common = min(len(row) for row in rows)
        args.positional += [frozenset().union(*(row[index] for row in rows)) for index in range(common)]
        if any(len(row) > common for row in rows):
            args.rest = frozenset().union(*(values for row in rows for values in row[common:]))

    def _spread_keywords(self, act: Activation, value: Value, args: Arguments) -> None:
        if isinstance(value, Container):
            for key in self.heap.read(("keys", value), act.reader):
                if isinstance(key, Const) and isinstance(key.value, str):
                    args.keywords[key.value] = self.heap.read_item(value, key.value, act.reader)
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
        site = self.site(act, node.at, "call")
        site.externals = self.sharing.with_entry(site.externals, "builtins.super", None)
        return only(self.u.of(Super, after, receiver))

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

    def forget_paths(self, act: Activation, node: r.Call) -> None:
        """Forget what was known of attributes a call may change: those of its receiver and arguments."""
        env = act.env
        if not env:
            return
        touched = [a.id for a in node.args if isinstance(a, r.Name)]
        func = node.func
        while isinstance(func, r.Attribute):
            func = func.value
        if isinstance(func, r.Name):
            touched.append(func.id)
        for name in [n for n in env if "." in n and n.partition(".")[0] in touched]:
            del env[name]
