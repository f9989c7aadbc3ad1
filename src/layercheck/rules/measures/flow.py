"""The ways through a function body, and what holds at the end of each."""

from __future__ import annotations

import abc
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, Protocol, TypeAlias, TypeVar

from layercheck.facts import records as r
from layercheck.facts.nodes import children
from layercheck.location import Span, any_inside
from layercheck.program.entities import Function
from layercheck.rules.measures.constants import Constants, truth


_SIMPLE = frozenset({r.Assign, r.Evaluate, r.Annotated, r.Augmented})


class Holds(Protocol):
    """What holds on a way; of several with the same ``kind`` the first is kept."""

    @property
    def kind(self) -> Hashable: ...  # noqa: D102


S = TypeVar("S", bound=Holds)
Decided: TypeAlias = frozenset[tuple[str, bool]]
"""How tests came out on a way, so that the same test does not come out differently further down."""

Ways: TypeAlias = dict[tuple[Hashable, Decided], tuple[S, Decided]]
Step: TypeAlias = "Callable[[Ways[S]], Ways[S]]"


class Flow(abc.ABC, Generic[S]):
    """Follows all ways through the body of one function.

    Expressions are only looked into where something happens, at the places ``happening``. A loop is taken
    never, once or, with ``repeats``, twice; without it, each round is looked at alone. A way that raises
    ends; one that goes on behind an ``except`` is as it was before the ``try``, and nothing in the clause
    counts.
    """

    def __init__(
        self, function: Function, happening: Iterable[Span], known: Constants, repeats: bool
    ) -> None:
        self._body = function.body
        # Before Python 3.12 what stands in an f-string may have a place outside of it.
        texts = (text.at for text in function.nodes_of(r.Text))
        self._places = frozenset(happening)
        self._happening = sorted((*self._places, *texts))
        self._known = known
        self._repeats = repeats
        self._returned: Ways[S] = {}
        self._broken: Ways[S] = {}
        self._continued: Ways[S] = {}
        self._silent = 0
        self._recurring = _recurring([_tested(node.test)[0] for node in function.nodes_of(r.If)])

    def follow(self, start: S) -> list[S]:
        """Return what holds at the ends of the ways that begin with ``start``."""
        ways = self._block(self._body, {(start.kind, frozenset()): (start, frozenset())})
        found: dict[Hashable, S] = {}
        for state, _ in (*ways.values(), *self._returned.values()):
            found.setdefault(state.kind, state)
        return list(found.values())

    @abc.abstractmethod
    def called(self, call: r.Call, state: S) -> list[S]:
        """Return what may hold once ``call``, where something happens, was made; its arguments were."""

    @abc.abstractmethod
    def read(self, attribute: r.Attribute, state: S) -> list[S]:
        """Return what may hold once ``attribute`` was read."""

    @abc.abstractmethod
    def yielded(self, state: S) -> list[S]:
        """Return what may hold when a generator is resumed."""

    @abc.abstractmethod
    def entered(self, item: r.WithItem, state: S) -> list[S]:
        """Return what may hold where the block of ``item`` begins."""

    @abc.abstractmethod
    def left(self, item: r.WithItem, state: S) -> list[S]:
        """Return what may hold behind the block of ``item``, however it was left."""

    def alone(self, state: S) -> S:
        """Return what holds where a round of a loop begins or ends that is looked at alone."""
        return state

    def defers(self, call: r.Call) -> bool:
        """Return whether what is called in the arguments of ``call`` runs later."""
        return False

    # Statements ---------------------------------------------------------------------------------

    def _block(self, body: Iterable[r.Stmt], ways: Ways[S]) -> Ways[S]:
        for statement in body:
            if not ways:
                break
            ways = self._statement(statement, ways)
        return ways

    def _statement(self, node: r.Stmt, ways: Ways[S]) -> Ways[S]:
        if node.__class__ in _SIMPLE:
            return ways if self._is_still(node) else self._children(node, ways)
        match node:
            case r.Return():
                self._returned = _joined(self._returned, self._children(node, ways))
                return {}
            case r.Raise():
                return {}
            case r.Jump(kind="break"):
                self._broken = _joined(self._broken, ways)
                return {}
            case r.Jump(kind="continue"):
                self._continued = _joined(self._continued, ways)
                return {}
            case r.If():
                return self._if(node, ways)
            case r.For():
                return self._loop(node, self._expression(node.iter, ways), self._repeats)
            case r.While():
                goes_on = truth(node.test, {}) is True
                return self._loop(node, ways, self._repeats and not goes_on)
            case r.Try():
                return self._try(node, ways)
            case r.With():
                return self._with(node.items, node.body, ways)
            case r.Match():
                return self._match(node, ways)
            case r.Function() | r.Class():
                return ways
        return self._children(node, ways)

    def _if(self, node: r.If, ways: Ways[S]) -> Ways[S]:
        ways = self._expression(node.test, ways)
        known = truth(node.test, self._known)
        may, may_not = known not in (False, None), known is not True
        body = self._block(node.body, self._where(node.test, True, ways)) if may else {}
        other = self._block(node.orelse, self._where(node.test, False, ways)) if may_not else {}
        return _joined(body, other)

    def _where(self, test: r.Expr, outcome: bool, ways: Ways[S]) -> Ways[S]:
        """Return the ways on which ``test`` may come out as ``outcome``."""
        key, is_negated = _tested(test)
        if key not in self._recurring:
            return ways
        value = outcome is not is_negated
        result: Ways[S] = {}
        for state, decided in ways.values():
            if (key, not value) not in decided:
                now = decided | {(key, value)}
                result.setdefault((state.kind, now), (state, now))
        return result

    def _loop(self, node: r.For | r.While, ways: Ways[S], repeats: bool) -> Ways[S]:
        broken, self._broken = self._broken, {}
        continued, self._continued = self._continued, {}
        ends = dict(ways)
        for _ in range(2 if repeats else 1):
            if isinstance(node, r.While):
                ways = self._expression(node.test, ways)
            before = ways if repeats else self._alone(ways)
            ways = _joined(self._block(node.body, before), self._continued)
            ways = _undecided(ways, before)
            ways = ways if repeats else self._alone(ways)
            self._continued = {}
            ends = _joined(ends, ways)
        ends = self._block(node.orelse, ends) if node.orelse else ends
        result = _joined(ends, self._broken)
        self._broken, self._continued = broken, continued
        return result

    def _alone(self, ways: Ways[S]) -> Ways[S]:
        return self._each(ways, lambda state: [self.alone(state)])

    def _match(self, node: r.Match, ways: Ways[S]) -> Ways[S]:
        ways = self._expression(node.subject, ways)
        result: Ways[S] = {}
        is_exhaustive = False
        for case in node.cases:
            result = _joined(result, self._block(case.body, ways))
            is_exhaustive |= case.pattern.kind == "any" and case.guard is None
        return result if is_exhaustive else _joined(result, ways)

    def _try(self, node: r.Try, before: Ways[S]) -> Ways[S]:
        def guarded(ways: Ways[S]) -> Ways[S]:
            result = self._block(node.orelse, self._block(node.body, ways))
            self._silent += 1
            for handler in node.handlers:
                result = _joined(result, self._block(handler.body, ways))
            self._silent -= 1
            return result

        return self._finally(guarded, lambda ways: self._block(node.finalbody, ways), before)

    def _finally(self, body: Step[S], end: Step[S], ways: Ways[S]) -> Ways[S]:
        """Run ``body``, then ``end`` on every way that leaves it."""
        outer = self._returned, self._broken, self._continued
        self._returned, self._broken, self._continued = {}, {}, {}
        ways = body(ways)
        left = self._returned, self._broken, self._continued
        self._returned, self._broken, self._continued = outer
        ways = end(ways) if ways else ways
        returned, broken, continued = (end(one) if one else one for one in left)
        self._returned = _joined(self._returned, returned)
        self._broken = _joined(self._broken, broken)
        self._continued = _joined(self._continued, continued)
        return ways

    def _with(self, items: tuple[r.WithItem, ...], body: tuple[r.Stmt, ...], ways: Ways[S]) -> Ways[S]:
        if not items:
            return self._block(body, ways)
        item, *rest = items
        is_call = isinstance(item.context, r.Call)
        ways = self._children(item.context, ways) if is_call else self._expression(item.context, ways)
        return self._finally(
            lambda entered: self._with(tuple(rest), body, entered),
            lambda leaving: self._each(leaving, lambda state: self.left(item, state)),
            self._each(ways, lambda state: self.entered(item, state)),
        )

    # Expressions --------------------------------------------------------------------------------

    def _children(self, node: r.Node, ways: Ways[S]) -> Ways[S]:
        for child in children(node):
            ways = self._expression(child, ways)
        return ways

    def _is_still(self, node: r.Node) -> bool:
        """Return whether nothing happens in ``node``."""
        at: Span | None = getattr(node, "at", None)
        return at is not None and not any_inside(self._happening, at)

    def _expression(self, node: r.Node, ways: Ways[S]) -> Ways[S]:
        if self._is_still(node):
            return ways
        match node:
            case r.Lambda():
                return ways
            case r.Call():
                return self._call(node, ways)
            case r.Attribute():
                ways = self._expression(node.value, ways)
                if node.at not in self._places:
                    return ways
                return self._each(ways, lambda state: self.read(node, state))
            case r.BoolOp(values=(first, *others)):
                ways = self._expression(first, ways)
                for other in others:
                    ways = _joined(ways, self._expression(other, ways))
                return ways
            case r.Conditional(test=test, body=body, orelse=orelse):
                ways = self._expression(test, ways)
                known = truth(test, self._known)
                chosen = self._expression(body, ways) if known not in (False, None) else {}
                instead = self._expression(orelse, ways) if known is not True else {}
                return _joined(chosen, instead)
            case r.Comprehension():
                return self._comprehension(node, ways)
            case r.Yield():
                ways = self._children(node, ways)
                return self._each(ways, self.yielded)
        return self._children(node, ways)

    def _comprehension(self, node: r.Comprehension, ways: Ways[S]) -> Ways[S]:
        """Follow a comprehension: what it goes over first runs once, all else never, once or twice."""
        first, *others = node.generators
        ways = self._expression(first.iter, ways)
        inner = [*first.ifs, *others, *([node.key] if node.key is not None else []), node.element]

        def round_of(before: Ways[S]) -> Ways[S]:
            for part in inner:
                before = self._expression(part, before)
            return before

        once = round_of(ways)
        twice = round_of(once) if self._repeats else once
        return _joined(_joined(ways, once), twice)

    def _call(self, node: r.Call, ways: Ways[S]) -> Ways[S]:
        if self.defers(node):
            for argument in (node.func, *node.args, *(keyword.value for keyword in node.keywords)):
                inner = isinstance(argument, r.Call)
                ways = self._children(argument, ways) if inner else self._expression(argument, ways)
            return ways
        ways = self._children(node, ways)
        return self._each(ways, lambda state: self.called(node, state)) if node.at in self._places else ways

    def _each(self, ways: Ways[S], step: Callable[[S], list[S]]) -> Ways[S]:
        if self._silent:
            return ways
        result: Ways[S] = {}
        for state, decided in ways.values():
            for one in step(state):
                result.setdefault((one.kind, decided), (one, decided))
        return result


def _joined(left: Ways[S], right: Ways[S]) -> Ways[S]:
    return {**right, **left} if left and right else left or right


def _undecided(ways: Ways[S], before: Ways[S]) -> Ways[S]:
    """Forget what was decided since ``before``: the next round of a loop may decide differently."""
    known = frozenset().union(*(decided for _, decided in before.values()))
    result: Ways[S] = {}
    for state, decided in ways.values():
        kept = decided & known
        result.setdefault((state.kind, kept), (state, kept))
    return result


def _recurring(tests: list[str]) -> set[str]:
    """Return the tests that are asked more than once."""
    return {key for key in tests if key and tests.count(key) > 1} if len(tests) > 1 else set()


def _tested(test: r.Expr) -> tuple[str, bool]:
    """Return what ``test`` asks in a form equal for equal questions, and whether it is negated.

    The form is empty where the answer may change from one time to the next.
    """
    match test:
        case r.Unary(op="not", operand=operand):
            key, is_negated = _tested(operand)
            return key, not is_negated
        case r.Compare(left=left, ops=("is" | "is not" | "==" | "!=" as op,), rights=(right,)):
            if isinstance(right, r.Constant) and right.kind == "none":
                return _path(left), op in ("is", "==")
            value = repr(right.value) if isinstance(right, r.Constant) else _path(right)
            subject = _path(left)
            return (f"{subject} == {value}" if subject and value else ""), op in ("is not", "!=")
        case r.Name() | r.Attribute():
            return _path(test), False
    return "", False


def _path(expression: r.Expr) -> str:
    match expression:
        case r.Name(id=name):
            return name
        case r.Attribute(value=value, name=name):
            head = _path(value)
            return f"{head}.{name}" if head else ""
    return ""
