"""Operators: truth, comparison and arithmetic, and the special methods they run."""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.inference.base import Arguments, Base
from layercheck.inference.frames import Activation
from layercheck.inference.models import strings
from layercheck.inference.values import (
    NOTHING,
    Annotation,
    ClassValue,
    Const,
    Container,
    External,
    Instance,
    TupleValue,
    Values,
    is_own,
    only,
)
from layercheck.location import Span

OPERATORS = {
    "+": "add", "-": "sub", "*": "mul", "/": "truediv", "//": "floordiv", "%": "mod", "**": "pow",
    "@": "matmul", "&": "and", "|": "or", "^": "xor", "<<": "lshift", ">>": "rshift",
}  # fmt: skip
TRUTH = frozenset({"__bool__", "__len__"})
COMPARISONS = {"==": "__eq__", "!=": "__ne__", "<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__"}


class Operators(Base):
    """Evaluating operators."""

    def _bool_op(self, act: Activation, node: r.BoolOp) -> Values:
        result: Values = NOTHING
        saved = dict(act.env or {})
        for index, part in enumerate(node.values):
            last = index == len(node.values) - 1
            values = self.evaluate(act, part) if last else self.test(act, part, node.at)
            if node.op == "or" and not last:
                values = frozenset(v for v in values if not (isinstance(v, Const) and not v.value))
            result |= values
            if not last:
                self.narrow(act, part, node.op == "and")
                if act.env is None:
                    break
        self._restore(act, saved)
        return result

    def _restore(self, act: Activation, saved: dict[str, Values]) -> None:
        """Undo narrowing, keep what walrus bound."""
        env = act.env if act.env is not None else {}
        new = {name: values for name, values in env.items() if name not in saved and "." not in name}
        act.env = {**new, **saved}

    def _conditional(self, act: Activation, node: r.Conditional) -> Values:
        self.test(act, node.test, node.at)
        result: Values = NOTHING
        saved = dict(act.env or {})
        for positive, branch in ((True, node.body), (False, node.orelse)):
            self.narrow(act, node.test, positive)
            if act.env is not None:
                result |= self.evaluate(act, branch)
            self._restore(act, saved)
        return result

    def test(self, act: Activation, node: r.Expr, at: Span) -> Values:
        """Evaluate a condition and ask what it gives whether it is true."""
        values = self.evaluate(act, node)
        self._ask_truth(act, values, at)
        return values

    def _ask_truth(self, act: Activation, values: Values, at: Span) -> None:
        for value in values:
            if not isinstance(value, Instance) or isinstance(value.cls, str):
                continue
            if TRUTH.isdisjoint(self.hierarchy.names(value.cls)):
                continue
            if self.call_method(act, value, "__bool__", Arguments(), at) is None:
                self.call_method(act, value, "__len__", Arguments(), at)

    def _compare(self, act: Activation, node: r.Compare) -> Values:
        left = self.evaluate(act, node.left)
        for op, right_node in zip(node.ops, node.rights, strict=True):
            right = self.evaluate(act, right_node)
            if op in COMPARISONS:
                for value in filter(is_own, left):
                    self.call_method(act, value, COMPARISONS[op], Arguments([right]), node.at)
            elif op in ("in", "not in"):
                for value in filter(is_own, right):
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
            got = None
            if is_own(value):
                got = self.call_method(act, value, f"__{name}__", Arguments([right]), at)
            if got is not None:
                result |= got
                continue
            match value:
                case Const(value=str() as text) if op == "+":
                    ends = [v.value for v in right if isinstance(v, Const) and isinstance(v.value, str)]
                    result |= frozenset(self.u.const(text + end) for end in ends)
                    result |= self.instance("builtins.str") if not ends else NOTHING
                case Const(value=str() as text) if op == "%":
                    result |= strings.percent(self, text, right)
                case Const(value=str()):
                    result |= self.instance("builtins.str")
                case ClassValue() | Annotation() | External(name="types.NoneType") if op == "|":
                    union = self.type_meaning(act, left | right)
                    result |= only(self.u.of(Annotation, union[0], union[1]))
                case Const() | Instance() | Container() | TupleValue():
                    result |= only(value) if not isinstance(value, Const) else NOTHING
                    if isinstance(value, Container):
                        result |= right
                case External(name=path):
                    result |= only(self.u.outcome(f"{path}.__{name}__", "()"))
        for value in filter(is_own, right):
            got = self.call_method(act, value, f"__r{name}__", Arguments([left]), at)
            if got is not None:
                result |= got
        return result

    def _unary(self, act: Activation, node: r.Unary) -> Values:
        values = self.evaluate(act, node.operand)
        if node.op == "not":
            self._ask_truth(act, values, node.at)
            return self.instance("builtins.bool")
        name = {"-": "__neg__", "+": "__pos__", "~": "__invert__"}[node.op]
        result = NOTHING
        for value in values:
            if isinstance(value, Const) and isinstance(value.value, int) and node.op == "-":
                result |= only(self.u.const(-value.value))
                continue
            got = self.call_method(act, value, name, Arguments(), node.at)
            result |= only(value) if got is None else got
        return result
