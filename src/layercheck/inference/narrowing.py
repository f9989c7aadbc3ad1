"""Narrowing: what a test says about names and attribute paths where it came out true or false."""

from __future__ import annotations

from collections.abc import Callable

from layercheck.facts import records as r
from layercheck.inference.base import Base
from layercheck.inference.frames import Activation, Environment, join
from layercheck.inference.items import path_of
from layercheck.inference.values import (
    OPAQUE,
    ClassValue,
    Const,
    FunctionValue,
    Instance,
    ModuleValue,
    Partial,
    TypeVariable,
    Value,
    Values,
)


_ALWAYS_TRUE = (FunctionValue, ClassValue, ModuleValue, Partial)
"""Values that are true wherever they are tested."""


class Narrowing(Base):
    """Keeping in the environment what a test leaves possible."""

    def narrow(self, act: Activation, test: r.Expr, positive: bool) -> None:
        """Keep in the environment what is possible where ``test`` came out as ``positive``."""
        if type(test) is r.Name or type(test) is r.Attribute:
            self._truth(act, test, positive)
            return
        match test:
            case r.Unary(op="not", operand=operand):
                self.narrow(act, operand, not positive)
            case r.BoolOp(op=op, values=parts):
                if (op == "and") == positive:
                    for part in parts:
                        self.narrow(act, part, positive)
                else:
                    self._narrow_by_any(act, parts, positive)
            case r.Call(func=r.Name(id="isinstance"), args=(subject, classes)):
                self._by_class(act, subject, self._classes(act, classes), positive)
            case r.Compare(
                left=r.Call(func=r.Name(id="type"), args=(subject,)),
                ops=("is" | "==" | "is not" | "!=" as op,),
                rights=(cls,),
            ):
                if (op in ("is", "==")) == positive:
                    self._by_class(act, subject, self._classes(act, cls), True)
            case r.Compare(left=left, ops=("is" | "is not" as op,), rights=(r.Constant(kind="none"),)):
                is_none = (op == "is") == positive
                self._keep(act, left, lambda v: _is_none(v) == is_none)
            case r.Compare(left=left, ops=("==" | "!=" as op,), rights=(r.Constant() as constant,)):
                self._among(act, left, (constant,), (op == "==") == positive)
            case r.Compare(left=left, ops=("in" | "not in" as op,), rights=(r.Sequence(items=items),)):
                constants = tuple(item for item in items if isinstance(item, r.Constant))
                if len(constants) == len(items):
                    self._among(act, left, constants, (op == "in") == positive)
            case r.Walrus(name=name):
                self._truth(act, r.Name(name, test.at), positive)

    def _narrow_by_any(self, act: Activation, parts: tuple[r.Expr, ...], positive: bool) -> None:
        """Keep what one of ``parts`` at least leaves possible."""
        before = act.env
        result: Environment | None = None
        for part in parts:
            act.env = dict(before) if before is not None else None
            self.narrow(act, part, positive)
            result = join(result, act.env)
        act.env = result

    def _truth(self, act: Activation, subject: r.Expr, positive: bool) -> None:
        if positive:
            self._keep(act, subject, lambda v: not (isinstance(v, Const) and not v.value))
        else:
            self._keep(act, subject, lambda v: not (v.value if isinstance(v, Const) else _is_true(v)))

    def _among(
        self, act: Activation, subject: r.Expr, constants: tuple[r.Constant, ...], positive: bool
    ) -> None:
        """Keep of ``subject`` the constants among ``constants``, or the others."""
        values = {constant.value for constant in constants if constant.kind not in OPAQUE}
        if len(values) == len(constants):
            self._keep(act, subject, lambda v: not isinstance(v, Const) or (v.value in values) == positive)

    def _classes(self, act: Activation, node: r.Expr) -> Values:
        if isinstance(node, r.Sequence):
            return frozenset().union(*(self._classes(act, item) for item in node.items))
        if isinstance(node, r.BinOp):
            return self._classes(act, node.left) | self._classes(act, node.right)
        return self.type_meaning(act, self.evaluate(act, node))[0]

    def _by_class(self, act: Activation, subject: r.Expr, classes: Values, positive: bool) -> None:
        wanted = [v for v in classes if isinstance(v, Instance)]
        if not wanted:
            return
        current = self._current(act, subject)
        matching = frozenset([v for v in current if self._is_one_of(v, wanted)])
        if positive:
            below = frozenset(
                w for w in wanted if any(self._is_a(w, v) for v in current if isinstance(v, Instance))
            )
            self._set(act, subject, matching or below or frozenset(wanted))
            if current and not matching and not below:
                self._exclude(act, subject)
        elif matching:
            self._set(act, subject, current - matching)
            if matching == current:
                self._exclude(act, subject)

    def _exclude(self, act: Activation, subject: r.Expr) -> None:
        """Take a way that nothing is left for as unreachable where a context says all there is."""
        if isinstance(subject, r.Name) and any(subject.id == given for given, _ in act.frame.given):
            act.env = None

    def _is_one_of(self, value: Value, wanted: list[Instance]) -> bool:
        for one in wanted:
            if self._is_a(value, one):
                return True
        return False

    def _is_a(self, value: Value, wanted: Instance) -> bool:
        if isinstance(value, Const):
            return wanted.cls == f"builtins.{type(value.value).__name__}"
        if isinstance(value, TypeVariable):
            return any(self._is_a(bound, wanted) for bound in value.bound)
        return isinstance(value, Instance) and self.hierarchy.derives(value.cls, wanted.cls)

    def narrow_to(self, act: Activation, subject: r.Expr, values: Values) -> None:
        """Keep of ``subject`` what is an object of one of the classes ``values`` stand for."""
        self._by_class(act, subject, values, True)

    def _current(self, act: Activation, subject: r.Expr) -> Values:
        return self.evaluate(act, subject) if isinstance(subject, (r.Name, r.Attribute)) else frozenset()

    def _keep(self, act: Activation, subject: r.Expr, possible: Callable[[Value], bool]) -> None:
        if isinstance(subject, r.Walrus):
            subject = r.Name(subject.name, subject.at)
        if not isinstance(subject, (r.Name, r.Attribute)) or act.env is None:
            return
        name = subject.id if isinstance(subject, r.Name) else path_of(subject)
        if isinstance(subject, r.Attribute) and name not in act.env:
            return
        current = self._current(act, subject)
        kept = [v for v in current if possible(v)]
        if len(kept) < len(current):
            self._set(act, subject, frozenset(kept))
        if current and not kept:
            self._exclude(act, subject)

    def _set(self, act: Activation, subject: r.Expr, values: Values) -> None:
        if act.env is None:
            return
        if isinstance(subject, r.Name):
            act.env[subject.id] = values
        elif path := path_of(subject):
            act.know(path, values)


def _is_true(value: Value) -> bool:
    """Return whether an object that is no constant is true wherever it is tested."""
    return isinstance(value, _ALWAYS_TRUE)


def _is_none(value: Value) -> bool:
    return isinstance(value, Const) and value.value is None
