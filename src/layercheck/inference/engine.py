"""The interpreter put together: frames are run until no cell grows any more."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from heapq import heappop, heappush

from layercheck.facts import records as r
from layercheck.facts.nodes import written_name
from layercheck.failures import sentence
from layercheck.inference.annotations import Annotations
from layercheck.inference.attributes import Attributes
from layercheck.inference.calls import Calls
from layercheck.inference.expressions import Expressions
from layercheck.inference.externals import Externals
from layercheck.inference.frames import NONE, Activation, CallSite, Frame, Sharing
from layercheck.inference.heap import Heap
from layercheck.inference.hierarchy import Hierarchy
from layercheck.inference.injection import Injection
from layercheck.inference.narrowing import Narrowing
from layercheck.inference.registration import Registering
from layercheck.inference.scopes import Scopes
from layercheck.inference.signatures import ParameterMeaning, Signature, is_foreign, is_marker
from layercheck.inference.statements import Statements
from layercheck.inference.unrolling import Unrolling
from layercheck.inference.values import (
    NOTHING,
    Annotation,
    Const,
    Container,
    FunctionValue,
    Made,
    TypeVariable,
    Universe,
    Value,
    Values,
    only,
)
from layercheck.location import Span
from layercheck.program.entities import Class, Function, Module, Program

MOST_RUNS = 10
"""A frame that still changes after so many runs keeps what it has.

Frames of applications run once or twice, the busiest some seven times; untyped code that calls itself all
over would go on, each time with one value more.
"""

LEAST_RUNS = 2
"""The same for a frame of a function that has made all the calls it may make."""

DEEPEST_CALL = 40
"""How many calls are followed at once; deeper ones wait in the work list."""

FRAMES_PER_FUNCTION = 2
LEAST_FRAMES = 3_000
"""How many frames a program may have before contexts become scarce: the work stays near-linear."""

RECURSION_LIMIT = 20_000
"""The interpreter recurses over expressions, calls and imports; all three are bounded."""


class Inference(
    Statements,
    Expressions,
    Narrowing,
    Calls,
    Injection,
    Registering,
    Unrolling,
    Externals,
    Attributes,
    Annotations,
    Scopes,
):
    """One inference over a program; `run` fills ``frames``.

    ``failures`` tells of bugs met, one sentence by the name of the function or module they were met in.
    """

    def __init__(self, program: Program) -> None:
        Statements.__init__(self)
        Expressions.__init__(self)
        Calls.__init__(self)
        Attributes.__init__(self)
        self.program = program
        self.u = Universe()
        self.heap = Heap(self.u)
        self.sharing = Sharing()
        self.hierarchy = Hierarchy()
        self.module_frames = {m: Frame(m, None, None, (), 0, True) for m in program.modules}
        self.definitions: dict[r.Function | r.Class, Function | Class] = {}
        for function in program.functions:
            assert isinstance(function.node, r.Function)
            self.definitions[function.node] = function
        for cls in program.classes:
            self.definitions[cls.node] = cls
        self._lambdas: dict[r.Lambda, Function] = {}
        self._contexts: dict[Function, int] = {}
        self._spent: dict[Function | Module, int] = {}
        self._apart = {}
        self._callables: dict[Values, bool] = {}
        self._depths: dict[Value, int] = {}
        self.failures: dict[str, str] = {}
        self._most_frames = max(LEAST_FRAMES, FRAMES_PER_FUNCTION * len(self.definitions))
        self._frames: dict[tuple[object, ...], Frame] = {}
        self._reached = set()
        self._class_annotations = {}
        self._known_variables = {}
        self._meanings = {}
        self._live = {}
        self._inert = {}
        self._outside, self._functions = {}, {}
        self._told, self._told_of = {}, 0
        self._signatures: dict[tuple[Function, Frame | None], Signature] = {}
        self._results: dict[tuple[Function, Frame | None], Values] = {}
        self._attached: dict[Frame, list[tuple[Made, Values, Span]]] = {}
        self._calls_deep = 0
        self._ended = 0
        self._waiting: deque[Frame] = deque()
        self._nested: deque[tuple[Function, Frame]] = deque()

    def _provide_first(self, act: Activation) -> None:
        """Run the providers the framework runs before the frame of ``act``."""
        for marker, declared, at in self._attached.get(act.frame, ()):
            self.provide(act, marker, declared, at)

    def _fail(self, frame: Frame, error: Exception) -> None:
        """Tell of a bug: one function that is not understood leaves the others as they are."""
        name = frame.qualname
        self.failures.setdefault(name, sentence(f"following {name}", error))

    @property
    def frames(self) -> Iterator[Frame]:
        """All frames, module bodies first."""
        yield from self.module_frames.values()
        yield from self._frames.values()

    def run(self) -> None:
        """Run every module body and every function as declared, then what changed, until nothing does."""
        with deep_recursion():
            for module in self.program.modules:
                self.run_module(module)
            for function in self.program.functions:
                if not isinstance(function.parent, Function):
                    self.ensure(self.declared_frame(function, None))
            self._settle()

    def _settle(self) -> None:
        while self._waiting or self._nested or self.heap.stale:
            while self._waiting or self._nested:
                frame = self._waiting.popleft() if self._waiting else self._uncalled(*self._nested.popleft())
                if frame is not None and not frame.runs:
                    self._run(frame)
            self._run_again()

    def _uncalled(self, function: Function, outer: Frame) -> Frame | None:
        """Return the declared frame of a nested function; None if it is called: that tells more."""
        if (function, outer) not in self._reached or (function, outer, None, ()) in self._frames:
            return self.declared_frame(function, outer)
        return None

    def _run_again(self) -> None:
        """Run what changed, and what that changes: callees first, as their callers wait for their results."""
        ranks: list[int] = []
        queued: dict[int, Frame] = {}
        while True:
            stale, self.heap.stale = self.heap.stale, {}
            for frame in stale:
                if frame.rank not in queued:
                    heappush(ranks, frame.rank)
                    queued[frame.rank] = frame
            if not ranks:
                return
            frame = queued.pop(heappop(ranks))
            if frame.runs < (LEAST_RUNS if self.is_exhausted(frame.entity) else MOST_RUNS):
                self._run(frame)

    def attach(self, dependencies: dict[Frame, list[tuple[Made, Values, Span]]]) -> None:
        """Let the framework run providers before ``frame`` does, and run again what that changes.

        Each provider is a marker with what the receiving name is declared to be, and the place the
        edge gets in the code of the frame. Nothing in that code sees what they hand over: it is not run
        again. Nothing is run after that.
        """
        self._attached = dependencies
        with deep_recursion():
            for frame in dependencies:
                try:
                    self._provide_first(Activation(frame, frame.entity, {}))
                except Exception as error:
                    self._fail(frame, error)
            self._settle()
        self.heap.settle_all()
        self.u.forget_sets()
        self.sharing.end()
        for known in (self._apart, self._callables, self._functions, self._inert, self._live, self._reached):
            known.clear()

    def frame_of(self, value: FunctionValue) -> Frame | None:
        """Return the frame a framework runs that calls ``value`` with arguments of its own."""
        receiver = None if isinstance(value.receiver, Const) else value.receiver
        return self._frames.get((value.function, value.outer, receiver, ()))

    def run_module(self, module: Module) -> None:
        """Run a module body unless it has been run."""
        frame = self.module_frames[module]
        if not frame.runs and not frame.running:
            self._run(frame)

    def ensure(self, frame: Frame) -> None:
        """Run ``frame`` now if it has never been run, else leave it to the work list."""
        if frame.runs or frame.running:
            return
        if self._calls_deep >= DEEPEST_CALL:
            self._waiting.append(frame)
            return
        self._run(frame)

    def _run(self, frame: Frame) -> None:
        if frame.running:
            self.heap.stale[frame] = None
            return
        frame.running = True
        frame.runs += 1
        frame.sites, frame.raises, frame.guards, frame.registrations = {}, NONE, (), NONE
        self._calls_deep += 1
        try:
            act = Activation(frame, frame.entity, {})
            if isinstance(frame.entity, Function):
                act.env = self._parameters(act, frame, frame.entity)
                act.unpublished = set(act.env) if act.sharing else set()
            self._provide_first(act)
            body = frame.entity.facts.body if isinstance(frame.entity, Module) else frame.entity.body
            self.execute(act, body)
            self.publish(act)
            if isinstance(frame.entity, Function):
                self._nested.extend((nested, frame) for nested in frame.entity.nested)
        except Exception as error:
            self._fail(frame, error)
        finally:
            self._calls_deep -= 1
            frame.running = False
            if frame.runs == 1:
                frame.rank = self._ended
                self._ended += 1
        self.heap.stale.pop(frame, None) if frame.runs >= MOST_RUNS else None

    def declared_frame(self, function: Function, outer: Frame | None) -> Frame:
        """Return the frame of ``function`` as it is declared."""
        receiver = self.declared_receiver(function)
        key = (function, outer, receiver, ())
        frame = self._frames.get(key)
        if frame is None:
            depth = 1 + (outer.depth if outer is not None else 0)
            frame = self._frames[key] = Frame(function, outer, receiver, (), min(depth, 5), True)
        frame.generic = True
        return frame

    def declared_receiver(self, function: Function) -> Value | None:
        """Return the object, or the class, a method runs for as it is declared; None for other functions."""
        owner = function.owner
        if owner is None or isinstance(function.node, r.Lambda) or not function.params:
            return None
        names = {written_name(d) for d in function.node.decorators}
        if "staticmethod" in names:
            return None
        if "classmethod" in names or function.name in ("__init_subclass__", "__class_getitem__"):
            return self.u.class_value(owner)
        if function.name == "__new__":
            return None
        return self.u.instance(owner)

    def _parameters(self, act: Activation, frame: Frame, function: Function) -> dict[str, Values]:
        """Return what the parameters of ``frame`` may be."""
        signature = self.signature(function, frame.outer, frame)
        mapping = self.receiver_mapping(frame.receiver)
        given = dict(frame.given)
        env: dict[str, Values] = {}
        for index, meaning in enumerate(signature):
            if index == 0 and frame.receiver is not None and meaning.kind in ("plain", "positional"):
                env[meaning.name] = only(frame.receiver)
                continue
            declared = self.substitute(meaning.declared, mapping)
            if meaning.kind == "var" and meaning.declared:
                declared = self.instance("builtins.tuple", declared)
            elif meaning.kind == "kwvar" and meaning.declared:
                declared = self.instance("builtins.dict", self.instance("builtins.str"), declared)
            if meaning.name in given:
                env[meaning.name] = given[meaning.name].union([v for v in declared if isinstance(v, Const)])
                continue
            if meaning.informative or self.informative(declared):
                values = declared.union([v for v in meaning.default if isinstance(v, Const)])
                if meaning.foreign:
                    values |= self.heap.read(("param", frame, meaning.name), frame)
            else:
                flowing = self.heap.read(("param", frame, meaning.name), frame)
                if not flowing and self._contexts.get(function, 0) == 0:
                    flowing = meaning.default
                values = self._narrower(declared, _meant(flowing))
            env[meaning.name] = values
            if not meaning.markers:
                continue
            injected = self.injected_parameter(act, meaning, declared)
            if injected and all(self._has_named_items(value, frame) for value in injected):
                # The items a provider returns are told apart by name, those of an annotation are not.
                env[meaning.name] = injected
            elif injected and not self.informative(declared):
                env[meaning.name] = self._narrower(declared, injected)
        return env

    def _has_named_items(self, value: Value, reader: Frame) -> bool:
        return isinstance(value, Container) and bool(self.heap.read(("keys", value), reader))

    # Signatures ---------------------------------------------------------------------------------

    def define_parameters(self, act: Activation, function: Function, outer: object) -> None:
        """Evaluate the defaults and annotations of a function where it is defined."""
        for param in function.params:
            if param.default is not None:
                values = self.evaluate(act, param.default)
                self.heap.write(("default", function, param.name), values)
            if param.annotation is not None and _calls(param.annotation):
                self.declaration(act, param.annotation)

    def signature(self, function: Function, outer: Frame | None, reader: Frame) -> Signature:
        """Return what the signature of ``function`` says."""
        key = (function, outer)
        found = self._signatures.get(key)
        if found is not None:
            return found
        act = self._signature_activation(function, outer, reader)
        result = []
        for param in function.params:
            declared: Values = NOTHING
            metadata: tuple[Values, ...] = ()
            if param.annotation is not None:
                declared, metadata = self.declaration(act, param.annotation)
            default: Values = NOTHING
            if param.default is not None:
                default = self.heap.read(("default", function, param.name), reader)
            informative = param.kind not in ("var", "kwvar") and self.informative(declared)
            result.append(
                ParameterMeaning(
                    param.name, param.kind, param.at, declared, metadata, default, informative,
                    informative and is_foreign(declared),
                    tuple([v for values in (*metadata, default) for v in values if is_marker(v)]),
                )
            )  # fmt: skip
        answer = Signature(tuple(result))
        if self.is_finished(function.module):
            self._signatures[key] = answer
        return answer

    def declared_result(self, function: Function, outer: Frame | None, reader: Frame) -> Values:
        """Return what the return annotation of ``function`` admits."""
        if isinstance(function.node, r.Lambda) or function.node.returns is None:
            return NOTHING
        key = (function, outer)
        found = self._results.get(key)
        if found is None:
            act = self._signature_activation(function, outer, reader)
            found = self.annotate(act, function.node.returns)
            if self.is_finished(function.module):
                self._results[key] = found
        return found

    def _signature_activation(self, function: Function, outer: Frame | None, reader: Frame) -> Activation:
        act = self.static_activation(function.parent, outer, reader)
        variables: dict[str, Values] = {}
        if isinstance(function.parent, Class):
            for param in function.parent.node.type_params:
                bound = self.annotate(act, param.bound) if param.bound is not None else NOTHING
                variables[param.name] = only(self.u.of(TypeVariable, param.name, bound))
        if isinstance(function.node, r.Function):
            for param in function.node.type_params:
                bound = self.annotate(act, param.bound) if param.bound is not None else NOTHING
                variables[param.name] = only(self.u.of(TypeVariable, param.name, bound))
        act.env = variables
        return act

    def frame_of_module(self, module: Module) -> Frame:
        """Return the frame of a module body."""
        return self.module_frames[module]

    def site(self, act: Activation, at: Span, kind: str) -> CallSite:
        """Return the record of the call site at ``at``."""
        key = (at, kind)
        found = act.frame.sites.get(key)
        if found is None:
            found = act.frame.sites[key] = CallSite(at, act.guard)
        return found


def _meant(flowing: Values) -> Values:
    """Return what an argument means: annotations stand for their objects, markers for what is injected."""
    if not any([isinstance(v, Annotation) or is_marker(v) for v in flowing]):
        return flowing
    plain = frozenset(v for v in flowing if not is_marker(v) and not isinstance(v, Annotation))
    return plain.union(*(v.values for v in flowing if isinstance(v, Annotation)))


def _calls(node: r.Expr) -> bool:
    """Return whether an annotation holds a call, as ``Annotated[S, Depends(make())]`` does."""
    match node:
        case r.Call():
            return True
        case r.Subscript(value=value, index=index):
            return _calls(value) or _calls(index)
        case r.Sequence(items=items):
            return any(_calls(item) for item in items)
        case r.BinOp(left=left, right=right):
            return _calls(left) or _calls(right)
    return False


@contextmanager
def deep_recursion() -> Iterator[None]:
    """Allow deep recursion: over expressions, calls and imports, and over the ways a rule follows calls."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, RECURSION_LIMIT))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
