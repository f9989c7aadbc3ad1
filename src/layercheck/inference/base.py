"""What the parts of the interpreter share: the state of a run and the operations they need of each other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from layercheck.facts import records as r
from layercheck.inference.frames import Activation, CallSite, Frame, Sharing
from layercheck.inference.heap import Heap
from layercheck.inference.hierarchy import Hierarchy, Mapping
from layercheck.inference.signatures import Signature
from layercheck.inference.values import (
    NOTHING,
    ClassValue,
    FunctionValue,
    Instance,
    Made,
    TypeVariable,
    Universe,
    Value,
    Values,
    only,
)
from layercheck.location import Span
from layercheck.program.entities import Class, Function, Module, Program


class Arguments:
    """The evaluated arguments of one call.

    ``rest`` are the elements of ``*args`` of unknown length, ``others`` the values of ``**kwargs``.
    ``is_starred`` is true where the call has a ``*``, ``spreads`` where it has a ``**``: there may be more
    than is known.
    """

    __slots__ = ("positional", "rest", "keywords", "others", "is_starred", "spreads")

    def __init__(
        self,
        positional: Iterable[Values] = (),
        keywords: dict[str, Values] | None = None,
        rest: Values | None = None,
        others: Values | None = None,
    ) -> None:
        self.positional = list(positional)
        self.keywords = keywords or {}
        self.rest = rest
        self.others = others
        self.is_starred = False
        self.spreads = False

    def at(self, index: int, name: str = "") -> Values:
        """Return the values of an argument given by position or name."""
        if index < len(self.positional):
            return self.positional[index]
        if name in self.keywords:
            return self.keywords[name]
        return self.rest or NOTHING

    def sorted_keywords(self) -> tuple[tuple[str, Values], ...]:
        """Return the keywords by their names."""
        return tuple(sorted(self.keywords.items())) if self.keywords else ()

    def all(self) -> Iterable[Values]:
        """Return the values of every argument."""
        yield from self.positional
        yield from self.keywords.values()
        if self.rest:
            yield self.rest
        if self.others:
            yield self.others


class Base(ABC):
    """State of one inference and the mutually recursive operations its parts implement."""

    program: Program
    u: Universe
    heap: Heap
    sharing: Sharing
    hierarchy: Hierarchy
    definitions: dict[r.Function | r.Class, Function | Class]

    def instance(self, cls: Class | str, *args: Values) -> Values:
        """Return the set of just an object of ``cls``."""
        return only(self.u.instance(cls, args))

    @abstractmethod
    def evaluate(self, act: Activation, node: r.Expr) -> Values:
        """Return what the expression may be."""

    @abstractmethod
    def execute(self, act: Activation, body: tuple[r.Stmt, ...]) -> None:
        """Run the statements."""

    @abstractmethod
    def assign(self, act: Activation, target: r.Target, values: Values) -> None:
        """Bind ``target`` to ``values``."""

    @abstractmethod
    def narrow(self, act: Activation, test: r.Expr, positive: bool) -> None:
        """Keep in the environment what is possible where ``test`` came out as ``positive``."""

    @abstractmethod
    def lookup(self, act: Activation, name: str) -> Values:
        """Return what a bare name may be."""

    @abstractmethod
    def module_attribute(self, name: str, root: str, attribute: str, act: Activation) -> Values:
        """Return what ``attribute`` of the module called ``name`` may be."""

    @abstractmethod
    def annotate(self, act: Activation, node: r.Expr) -> Values:
        """Return the objects an annotation admits."""

    @abstractmethod
    def declaration(self, act: Activation, node: r.Expr) -> tuple[Values, tuple[Values, ...]]:
        """Return the objects an annotation admits and the metadata of its ``Annotated``."""

    @abstractmethod
    def type_meaning(self, act: Activation, values: Values) -> tuple[Values, tuple[Values, ...]]:
        """Return the objects admitted by an annotation that evaluated to ``values``, and its metadata."""

    @abstractmethod
    def informative(self, values: Values) -> bool:
        """Return whether declared values say which code runs."""

    @abstractmethod
    def variables(self, values: Values) -> tuple[TypeVariable, ...]:
        """Return the type variables in ``values``."""

    @abstractmethod
    def substitute(self, values: Values, mapping: Mapping) -> Values:
        """Replace type parameters by what they stand for."""

    @abstractmethod
    def get_attribute(self, act: Activation, value: Value, name: str, at: Span) -> Values:
        """Return what ``value.name`` may be; reading a property runs it."""

    @abstractmethod
    def set_attribute(self, act: Activation, value: Value, name: str, values: Values, at: Span) -> None:
        """Assign ``value.name = values``."""

    @abstractmethod
    def call(self, act: Activation, callees: Values, args: Arguments, at: Span, kind: str = "call") -> Values:
        """Call every callee, record the edges at ``at`` and return what may come back."""

    @abstractmethod
    def test(self, act: Activation, node: r.Expr, at: Span) -> Values:
        """Evaluate a condition and ask what it gives whether it is true."""

    @abstractmethod
    def call_function(
        self, act: Activation, callee: FunctionValue, args: Arguments, kind: str, site: CallSite
    ) -> Values:
        """Run a function of the program and return what may come back."""

    @abstractmethod
    def call_method(
        self, act: Activation, value: Value, name: str, args: Arguments, at: Span, kind: str = "call"
    ) -> Values | None:
        """Call a method of an object of the program; None where its class has no such method."""

    @abstractmethod
    def invoke_external(
        self, act: Activation, name: str, receiver: Value | None, args: Arguments, at: Span, site: CallSite
    ) -> Values:
        """Return what calling the outside thing ``name`` may give."""

    @abstractmethod
    def element(self, act: Activation, values: Values, position: int, at: Span) -> Values:
        """Return what unpacking ``values`` puts at ``position``."""

    @abstractmethod
    def iterate(self, act: Activation, values: Values, at: Span, is_async: bool = False) -> Values:
        """Return the elements an iteration may give."""

    @abstractmethod
    def item(self, act: Activation, values: Values, index: Values, at: Span) -> Values:
        """Return what ``values[index]`` may be."""

    @abstractmethod
    def awaited(self, act: Activation, values: Values, at: Span) -> Values:
        """Return what ``await values`` may be."""

    @abstractmethod
    def site(self, act: Activation, at: Span, kind: str) -> CallSite:
        """Return the record of the call site at ``at``."""

    @abstractmethod
    def run_module(self, module: Module) -> None:
        """Run a module body unless it has been run."""

    @abstractmethod
    def declared_frame(self, function: Function, outer: Frame | None) -> Frame:
        """Return the frame of ``function`` as it is declared."""

    @abstractmethod
    def declared_receiver(self, function: Function) -> Value | None:
        """Return the object, or the class, a method runs for as it is declared; None for other functions."""

    @abstractmethod
    def ensure(self, frame: Frame) -> None:
        """Run ``frame`` now if it has never been run, else leave it to the work list."""

    @abstractmethod
    def frame_of_module(self, module: Module) -> Frame:
        """Return the frame of a module body."""

    @abstractmethod
    def is_finished(self, module: Module) -> bool:
        """Return whether the body of ``module`` has been run to its end."""

    @abstractmethod
    def static_activation(
        self, scope: Module | Class | Function, outer: Frame | None, reader: Frame | None
    ) -> Activation:
        """Return a run that only looks names up, for annotations read outside the run of their scope."""

    @abstractmethod
    def class_annotation(
        self, act: Activation, cls: Class, statement: object
    ) -> tuple[Values, tuple[Values, ...]]:
        """Return the meaning of a class-level annotation."""

    @abstractmethod
    def signature(self, function: Function, outer: Frame | None, reader: Frame) -> Signature:
        """Return what the signature of ``function`` says."""

    @abstractmethod
    def declared_result(self, function: Function, outer: Frame | None, reader: Frame) -> Values:
        """Return what the return annotation of ``function`` admits."""

    @abstractmethod
    def match_types(self, declared: Values, given: Values, mapping: Mapping, act: Activation) -> None:
        """Learn from an argument what type parameters stand for."""

    @abstractmethod
    def settle(self, values: Values) -> Values:
        """Replace unknown type parameters by their bounds."""

    @abstractmethod
    def define_parameters(self, act: Activation, function: Function, outer: object) -> None:
        """Evaluate the defaults of a function where it is defined."""

    @abstractmethod
    def subscript_type(
        self, act: Activation, head: Value, index: r.Expr
    ) -> tuple[Values, tuple[Values, ...]]:
        """Return the meaning of ``head[index]`` as a type."""

    @abstractmethod
    def made(self, name: str, args: Arguments, at: Span, act: Activation) -> Made:
        """Return the outside object made by calling ``name`` here."""

    @abstractmethod
    def iterated_product(self, act: Activation, values: Values, at: Span) -> Values:
        """Return what a provider hands over."""

    @abstractmethod
    def import_module(self, act: Activation, statement: r.Import) -> None:
        """Bind the names of an import."""

    @abstractmethod
    def import_from(self, act: Activation, statement: r.ImportFrom) -> None:
        """Bind the names of an import."""

    @abstractmethod
    def bind(self, act: Activation, name: str, values: Values) -> None:
        """Bind a bare name in the running scope."""

    @abstractmethod
    def operate(self, act: Activation, op: str, left: Values, right: Values, at: Span) -> Values:
        """Return ``left op right``."""

    @abstractmethod
    def narrow_to(self, act: Activation, subject: r.Expr, values: Values) -> None:
        """Keep of ``subject`` what is an object of the classes given."""

    @abstractmethod
    def find_on_class(self, cls: Class, name: str, act: Activation) -> tuple[Values, Class | None]:
        """Return what the class body of ``cls`` or a base binds to ``name``, and where."""

    @abstractmethod
    def rows(self, act: Activation, node: r.Expr) -> list[Values]:
        """Return what each round of a loop over ``node`` gets; empty where the rounds are not known."""

    @abstractmethod
    def register(
        self, act: Activation, name: str, receiver: Value | None, args: Arguments, at: Span
    ) -> Values | None:
        """Record a call on a router; None where ``name`` is no method that registers anything."""

    @abstractmethod
    def construct_router(self, act: Activation, router: Made | Instance, args: Arguments, at: Span) -> None:
        """Record that ``router`` is made here, with these arguments for the outside class."""

    @abstractmethod
    def has_registered(
        self, act: Activation, sites: Iterable[tuple[Span, str]], registrations: Iterable[tuple[object, ...]]
    ) -> bool:
        """Return whether something was registered, here or by what was called, since ``before``."""

    @abstractmethod
    def mark_maker(self, frame: Frame) -> None:
        """Remember that every call of the running function makes a router of its own."""

    @abstractmethod
    def origin(self, act: Activation, function: Function, at: Span) -> tuple[Frame, Span] | None:
        """Return the call that tells this run of a function that makes routers from its other runs."""

    @abstractmethod
    def registers(self, act: Activation, function: Function, bound: Iterable[Values]) -> bool:
        """Return whether a run of ``function`` with these arguments needs a frame of its own."""

    @abstractmethod
    def sets_apart(self, values: Values) -> bool:
        """Return whether an argument may decide what is registered where: a path, a method, a router."""

    @abstractmethod
    def asks_class(self, act: Activation, node: r.Expr) -> None:
        """Remember that the class of ``node`` is asked for, where it is a parameter as it was handed over."""

    @abstractmethod
    def produced(self, act: Activation, factories: Values, at: Span, kind: str = "call") -> Values:
        """Return what calling ``factories`` without arguments gives; of outside ones displays alone."""

    @abstractmethod
    def filled(self, act: Activation, values: Values) -> Values:
        """Drop containers known by what they are declared to hold where one is known whose items are."""

    @abstractmethod
    def is_identified(self, cls: Class | str) -> bool:
        """Return whether objects of ``cls`` are told apart by where they are made."""

    def keep_arguments(self, site: CallSite, args: Arguments) -> None:
        """Keep at ``site`` what something outside is handed there."""
        shared = self.u.shared
        site.args = tuple([shared(values) for values in args.positional])
        site.keywords = tuple([(name, shared(values)) for name, values in args.sorted_keywords()])

    def publish(self, act: Activation) -> None:
        """Show the names of a running scope to the code that may read them."""
        env = act.env
        if act.unpublished and env is not None:
            for name in act.unpublished:
                if name in env:
                    self.heap.settle(("name", self.name_owner(act), name), env[name])
            act.unpublished = set()
        if act.outer is not None:
            self.publish(act.outer)

    def name_owner(self, act: Activation) -> object:
        """Return what the cells of the running scope's names belong to."""
        return act.scope if isinstance(act.scope, Module) else act.frame

    @abstractmethod
    def delete_attribute(self, act: Activation, value: Value, name: str, at: Span) -> None:
        """Run ``del value.name``."""

    def receiver_mapping(self, receiver: Value | None) -> Mapping:
        """Return what the type parameters of the receiver's class stand for: not to be changed."""
        if isinstance(receiver, ClassValue):
            receiver = self.u.instance(receiver.cls, receiver.args)
        return self.hierarchy.mapping_of(receiver) if isinstance(receiver, Instance) else {}
