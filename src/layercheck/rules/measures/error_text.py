"""Where the text of an exception goes: into the ``detail`` or ``content`` of a response, or not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

import msgspec

from layercheck.facts import records as r
from layercheck.facts.nodes import inside
from layercheck.graphs.exception_types import ExceptionTypes
from layercheck.inference.frames import CallSite, Frame
from layercheck.location import Span
from layercheck.program.build import bodies, target_names
from layercheck.program.entities import Function
from layercheck.rules.measures.syntax import plain

DEEPEST = 4
"""How many helpers of the program are followed."""

_TO_TEXT = frozenset({"str", "repr", "ascii", "format"})
_TO_CONTAINER = frozenset({"dict", "list", "tuple"})
_OWN_TEXT = frozenset({"args", "message", "orig"})
_ENCODERS = ("jsonable_encoder", "json.dumps", "html.escape")
_FORMATTING = frozenset({
    "traceback.format_exc", "traceback.format_exception", "traceback.format_exception_only",
})  # fmt: skip
_DEBUGGING = frozenset({
    "debug", "debugging", "dev", "develop", "development", "prod", "production", "env", "environment",
    "testing",
})  # fmt: skip
"""Words in the test of a branch that only a developer gets to see."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


class Leak(msgspec.Struct, frozen=True):
    """A call that puts the text into a response, with the calls of helpers that lead there.

    Each hop is the frame and the call in it; the last one makes the response.
    """

    hops: tuple[tuple[Frame, Span], ...]


class TextFlow:
    """Follows the text of an exception through statements, local names and helpers."""

    def __init__(self, types: ExceptionTypes) -> None:
        self._types = types
        self.helper = cache(self._run_helper)

    def leak(self, frame: Frame, body: tuple[r.Stmt, ...], error: str | None) -> Leak | None:
        """Return the first response in ``body`` that gets the text of the exception called ``error``."""
        run = _Run(self, frame, frozenset() if error is None else frozenset((error,)), frozenset(), 0)
        run.execute(body)
        return run.leak

    def _run_helper(
        self, frame: Frame, function: Function, errors: frozenset[str], texts: frozenset[str], depth: int
    ) -> _Run:
        run = _Run(self, frame, errors, texts, depth)
        run.execute(function.body)
        return run

    def is_response(self, site: CallSite) -> bool:
        """Return whether a call makes an HTTP exception or a response."""
        outside = [name.removesuffix(".__init__") for name in site.externals]
        for cls in site.classes:
            outside.extend(base for base in self._types.order(cls) if isinstance(base, str))
        return any(
            name.startswith(("fastapi.", "starlette.")) and name.endswith(("HTTPException", "Response"))
            for name in outside
        )

    def shown(self, call: r.Call, site: CallSite) -> Iterator[r.Expr]:
        """Yield what becomes the ``detail`` or ``content`` of what ``call`` makes."""
        is_error = any(name.removesuffix(".__init__").endswith("HTTPException") for name in site.externals)
        position = 1 if is_error or any(map(self._types.is_http, site.classes)) else 0
        yield from call.args[position : position + 1]
        yield from (one.value for one in call.keywords if one.name in ("detail", "content"))


class _Run:
    """One pass over the statements of one function.

    ``errors`` are the names that hold the exception at first, ``texts`` those that hold its text.
    """

    def __init__(
        self, flow: TextFlow, frame: Frame, errors: frozenset[str], texts: frozenset[str], depth: int
    ) -> None:
        self._flow = flow
        self._frame = frame
        self._errors = set(errors)
        self._texts = set(texts)
        self._depth = depth
        self._is_over = False
        self.leak: Leak | None = None
        self.returns_text = False

    def execute(self, body: Iterable[r.Stmt]) -> None:
        """Run through ``body`` until the text is found to leave, or is known to be of another kind."""
        for statement in body:
            if self.leak is not None or self._is_over:
                return
            self._statement(statement)

    def _statement(self, statement: r.Stmt) -> None:
        match statement:
            case r.If(test=test, body=then, orelse=orelse):
                self._look(test)
                if not _is_for_developers(test):
                    self._branch(test, then, orelse)
            case r.Match(subject=subject, cases=cases):
                about = isinstance(subject, r.Name) and subject.id in self._errors
                for case in cases:
                    if not about or case.pattern.kind == "any":
                        self.execute(case.body)
            case r.Assign(targets=targets, value=value):
                self._look(value)
                for target in targets:
                    self._bind(target, value)
            case r.Annotated(target=target, value=value) if value is not None:
                self._look(value)
                self._bind(target, value)
            case r.Augmented(target=r.Name(id=name), value=value):
                self._look(value)
                if self._is_text(value):
                    self._texts.add(name)
            case r.Return(value=value) if value is not None:
                self._look(value)
                self.returns_text = self.returns_text or self._is_text(value)
            case r.Function() | r.Class():
                pass
            case r.Try():
                for block in bodies(statement):
                    self.execute(block)
            case _:
                for node in _expressions(statement):
                    self._look(node)
                for block in bodies(statement):
                    self.execute(block)

    def _branch(self, test: r.Expr, then: tuple[r.Stmt, ...], orelse: tuple[r.Stmt, ...]) -> None:
        """Run through both branches, without the one in which the class of the exception is known."""
        asks = self._knows_class(test)
        denies = asks and isinstance(test, r.Unary) and test.op == "not"
        before = set(self._errors), set(self._texts)
        if not asks or denies:
            self.execute(then)
        after = self._errors, self._texts
        self._errors, self._texts = before
        if not denies:
            self.execute(orelse)
        self._errors |= after[0]
        self._texts |= after[1]
        self._is_over = self._is_over or (denies and isinstance(then[-1], (r.Raise, r.Return)))

    def _bind(self, target: r.Target, value: r.Expr) -> None:
        names = set(target_names(target))
        if isinstance(target, r.Subscript) and isinstance(target.value, r.Name):
            if self._is_text(value):
                self._texts.add(target.value.id)
            return
        self._errors -= names
        self._texts -= names
        if self._is_error(value):
            self._errors |= names
        elif self._is_text(value):
            self._texts |= names

    # Responses ----------------------------------------------------------------------------------

    def _look(self, expression: r.Expr) -> None:
        """Look for calls that hand the text to a response."""
        for node in inside(expression):
            if isinstance(node, r.Call) and self.leak is None:
                self._call(node)

    def _call(self, call: r.Call) -> None:
        site = self._frame.sites.get((call.at, "call"))
        if site is None:
            return
        if self._flow.is_response(site) and not site.edges:
            if any(map(self._carries, self._flow.shown(call, site))):
                self.leak = Leak(((self._frame, call.at),))
            return
        for target, _ in site.edges:
            inner = self._inner(call, target)
            if inner is not None and inner.leak is not None:
                self.leak = Leak(((self._frame, call.at), *inner.leak.hops))
                return

    def _inner(self, call: r.Call, target: Frame) -> _Run | None:
        """Return a run of a helper that is handed the exception or its text, None for any other."""
        function = target.entity
        if not isinstance(function, Function) or self._depth >= DEEPEST:
            return None
        handed = _bound(call, function, target)
        errors = frozenset(name for name, value in handed.items() if self._is_error(value))
        texts = frozenset(name for name, value in handed.items() if self._is_text(value))
        if not errors and not texts:
            return None
        return self._flow.helper(target, function, errors, texts, self._depth + 1)

    # Text ---------------------------------------------------------------------------------------

    def _carries(self, expression: r.Expr) -> bool:
        return self._is_error(expression) or self._is_text(expression)

    def _is_error(self, expression: r.Expr) -> bool:
        node = plain(expression)
        return isinstance(node, r.Name) and node.id in self._errors

    def _is_text(self, expression: r.Expr) -> bool:
        """Return whether ``expression`` holds text of the exception."""
        match plain(expression):
            case r.Name(id=name):
                return name in self._texts
            case r.Text(parts=parts):
                return any(map(self._carries, parts))
            case r.BinOp(op="+" | "%", left=left, right=right):
                return self._is_text(left) or self._carries(right)
            case r.BoolOp(values=values):
                return any(map(self._carries, values))
            case r.Conditional(test=test, body=body, orelse=orelse):
                if _is_for_developers(test):
                    return False
                then = () if self._knows_class(test) else (body,)
                return any(map(self._carries, (*then, orelse)))
            case r.Subscript(value=value):
                return self._is_text(value)
            case r.Attribute(value=value, name=name):
                return name in _OWN_TEXT and self._is_error(value)
            case r.Sequence(items=items):
                return any(map(self._carries, items))
            case r.Mapping(values=values):
                return any(map(self._carries, values))
            case r.Star(value=value):
                return self._is_text(value)
            case r.Call() as call:
                return self._gives_text(call)
        return False

    def _gives_text(self, call: r.Call) -> bool:
        values = (*call.args, *(one.value for one in call.keywords))
        site = self._frame.sites.get((call.at, "call"))
        if site is not None and not _FORMATTING.isdisjoint(site.externals):
            return True
        match call.func:
            case r.Name(id=name) if name in _TO_TEXT | _TO_CONTAINER:
                return any(map(self._carries, values))
            case r.Attribute(value=r.Constant(kind="str"), name="format" | "join"):
                return any(map(self._carries, values))
            case r.Attribute(value=owner, name="__str__" | "__repr__") if self._is_error(owner):
                return True
            case r.Attribute(value=owner) if self._is_text(owner):
                return True
        if site is None:
            return False
        makes_plain = bool(site.classes) and not site.edges
        if makes_plain or any(name.endswith(_ENCODERS) for name in site.externals):
            return any(map(self._carries, values))
        runs = (self._inner(call, target) for target, _ in site.edges)
        return any(run is not None and run.returns_text for run in runs)

    def _knows_class(self, test: r.Expr) -> bool:
        """Return whether ``test`` asks for the class of the exception, so that its text is expected."""
        return any(
            isinstance(node, r.Call)
            and isinstance(node.func, r.Name)
            and node.func.id in ("isinstance", "hasattr", "type")
            and bool(node.args)
            and self._is_error(node.args[0])
            for node in inside(test)
        )


def _bound(call: r.Call, function: Function, target: Frame) -> Mapping[str, r.Expr]:
    """Return the expressions the parameters of ``function`` get by ``call``."""
    skipped = 1 if target.receiver is not None else 0
    names = [one.name for one in function.params if one.kind in ("plain", "positional")][skipped:]
    found = dict(zip(names, call.args, strict=False))
    known = {one.name for one in function.params}
    found.update({one.name: one.value for one in call.keywords if one.name in known and one.name is not None})
    return found


def _is_for_developers(test: r.Expr) -> bool:
    """Return whether a test asks for a debugging switch or the environment the program runs in."""
    return not _DEBUGGING.isdisjoint(
        word.lower() for node in inside(test) for name in _names(node) for word in _WORD.findall(name)
    )


def _names(node: r.Node) -> tuple[str, ...]:
    match node:
        case r.Name(id=name) | r.Attribute(name=name):
            return (name,)
        case r.Constant(value=str() as text):
            return (text,)
    return ()


def _expressions(statement: r.Stmt) -> Iterator[r.Expr]:
    match statement:
        case r.Raise(exc=exc) if exc is not None:
            yield exc
        case r.Evaluate(value=value):
            yield value
        case r.For(iter=value):
            yield value
        case r.While(test=value):
            yield value
        case r.With(items=items):
            yield from (item.context for item in items)
        case r.Assert(test=test):
            yield test
