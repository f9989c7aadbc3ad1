"""Modules, classes and functions of the analysed program.

Entities compare by identity: each definition in the source is one object for the whole run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar, Union, cast

from layercheck.facts import records as r
from layercheck.facts.nodes import inside, written_name
from layercheck.facts.records import FileFacts
from layercheck.location import NOWHERE, Span
from layercheck.sources.source import Source


N = TypeVar("N", bound=r.Node)


ASKED_FOR: Final[frozenset[type[r.Node]]] = frozenset({
    r.Annotated, r.Assign, r.Attribute, r.Augmented, r.Await, r.Call, r.Delete, r.For, r.Handler, r.If,
    r.Return, r.Subscript, r.Text, r.Walrus, r.With, r.Yield,
})  # fmt: skip
"""The kinds of nodes that are asked for in every scope: a third of all nodes; others are looked for anew."""

NO_NAMES: Final[frozenset[str]] = frozenset()


class Scope:
    """Code with local names: what stands in it is walked once, whoever asks."""

    __slots__ = ("_nodes", "_by_kind", "_calls")

    body: tuple[r.Stmt, ...]

    def __init__(self) -> None:
        self._nodes: tuple[r.Node, ...] | None = None
        self._by_kind: dict[type[r.Node], tuple[r.Node, ...]] | None = None
        self._calls: dict[Span, r.Call] | None = None

    @property
    def nodes(self) -> tuple[r.Node, ...]:
        """All nodes of the body in source order, without nested definitions but with lambdas."""
        if self._nodes is None:
            self._nodes = tuple(inside(*self.body))
        return self._nodes

    def nodes_of(self, kind: type[N]) -> Sequence[N]:
        """Return those of the ``nodes`` that are of ``kind``."""
        if kind not in ASKED_FOR:
            return [node for node in self.nodes if node.__class__ is kind]
        if self._by_kind is None:
            found: dict[type[r.Node], list[r.Node]] = {}
            # not kept: hardly anybody asks for all nodes of a scope
            for node in inside(*self.body) if self._nodes is None else self._nodes:
                if node.__class__ in ASKED_FOR:
                    found.setdefault(node.__class__, []).append(node)
            self._by_kind = {one: tuple(nodes) for one, nodes in found.items()}
        return cast("Sequence[N]", self._by_kind.get(kind, ()))

    @property
    def calls(self) -> dict[Span, r.Call]:
        """The calls among the ``nodes`` by their spans."""
        if self._calls is None:
            self._calls = {node.at: node for node in self.nodes_of(r.Call)}
        return self._calls


class Module(Scope):
    """One file: its source, its facts and the names its body binds.

    ``name`` is the dotted name from the import root, and ``qualname`` the same: a module is an element, too.
    ``imports`` are all import statements in source order, ``typing_guards`` the ``if TYPE_CHECKING:``, each
    with the module or function whose names it binds.
    """

    __slots__ = (
        "source", "facts", "name", "qualname", "body", "bound", "functions", "classes", "stars", "imports",
        "typing_guards",
    )  # fmt: skip

    def __init__(self, source: Source, facts: FileFacts) -> None:
        super().__init__()
        self.source = source
        self.facts = facts
        self.name: str = source.module
        self.qualname: str = source.module
        self.body = facts.body
        self.bound = NO_NAMES
        self.functions: list[Function] = []
        self.classes: list[Class] = []
        self.stars: list[r.ImportFrom] = []
        self.imports: list[tuple[r.Import | r.ImportFrom, Module | Function]] = []
        self.typing_guards: list[tuple[r.If, Module | Function]] = []

    @property
    def path(self) -> str:
        """The path relative to the project root."""
        return self.source.path

    @property
    def module(self) -> Module:
        """The module itself, so that every entity has one."""
        return self

    @property
    def at(self) -> Span:
        """The start of the file."""
        return NOWHERE

    def __repr__(self) -> str:
        return f"<module {self.name}>"


class Class:
    """A class definition. ``parent`` is what it is defined in, ``name`` the name without that."""

    __slots__ = ("node", "module", "parent", "name", "qualname", "annotations", "methods", "classes", "bound")

    def __init__(self, node: r.Class, parent: Entity) -> None:
        self.node = node
        self.parent = parent
        self.module: Module = parent.module
        self.name: str = node.name
        self.qualname: str = f"{parent.qualname}.{node.name}"
        self.annotations: dict[str, r.Annotated] = {}
        self.methods: dict[str, Function] = {}
        self.classes: dict[str, Class] = {}
        self.bound = NO_NAMES

    @property
    def at(self) -> Span:
        """The span of the whole definition."""
        return self.node.at

    def __repr__(self) -> str:
        return f"<class {self.qualname}>"


class Function(Scope):
    """A function, method or lambda. ``owner`` is the class whose body it stands in, if any.

    ``bound`` are its local names, ``outers`` those it declares global or nonlocal, ``captures`` is
    true where a nested scope may read its names. ``params`` are in source order; the ``body`` of a
    lambda returns its expression. ``is_generator`` tells whether its own body yields, ``is_abstract``
    whether it only stands for its overrides.
    """

    __slots__ = (
        "node", "module", "parent", "owner", "name", "qualname", "params", "body", "bound", "outers",
        "captures", "nested", "is_async", "is_generator", "is_abstract",
    )  # fmt: skip

    def __init__(self, node: r.Function | r.Lambda, parent: Entity) -> None:
        super().__init__()
        self.node = node
        self.parent = parent
        self.module: Module = parent.module
        self.owner = parent if isinstance(parent, Class) else None
        self.name: str = f"<lambda{node.number}>" if isinstance(node, r.Lambda) else node.name
        self.qualname: str = f"{parent.qualname}.{self.name}"
        self.params: tuple[r.Parameter, ...] = node.params
        self.body: tuple[r.Stmt, ...] = (
            (r.Return(node.body, node.at),) if isinstance(node, r.Lambda) else node.body
        )
        self.is_async: bool = isinstance(node, r.Function) and node.is_async
        self.is_generator: bool = isinstance(node, r.Function) and node.is_generator
        self.is_abstract: bool = isinstance(node, r.Function) and _is_abstract(node, self.owner)
        self.bound = NO_NAMES
        self.outers = NO_NAMES
        self.captures = False
        self.nested: list[Function] = []

    @property
    def at(self) -> Span:
        """The span of the whole definition."""
        return self.node.at

    def __repr__(self) -> str:
        return f"<function {self.qualname}>"


def _is_abstract(node: r.Function, owner: Class | None) -> bool:
    """Return whether a method only stands for its overrides.

    It does where it is decorated as abstract, or where its body is a docstring, ``...``, ``pass`` in
    a Protocol, or only raises NotImplementedError.
    """
    for decorator in node.decorators:
        name = decorator.name if isinstance(decorator, r.Attribute) else getattr(decorator, "id", "")
        if name in ("abstractmethod", "abstractproperty"):
            return True
    if len(node.body) > 2:
        return False
    body = [s for s in node.body if not (isinstance(s, r.Evaluate) and _is_text(s.value))]
    if not body:
        return bool(node.body)
    if len(body) > 1:
        return False
    match body[0]:
        case r.Evaluate(value=r.Constant(kind="ellipsis")):
            return True
        case r.Raise(exc=r.Name(id="NotImplementedError")):
            return True
        case r.Raise(exc=r.Call(func=r.Name(id="NotImplementedError"))):
            return True
        case r.Jump(kind="pass"):
            return owner is not None and any(
                written_name(base) == "Protocol" for base in owner.node.bases
            )
    return False


def _is_text(node: r.Expr) -> bool:
    return isinstance(node, r.Constant) and node.kind == "str"


Entity = Union[Module, Class, Function]


class Program:
    """All modules and what they define, in the order of their paths."""

    def __init__(self, modules: list[Module]) -> None:
        self.modules = modules
        self._by_root: dict[tuple[str, str], Module] = {}
        self._by_name: dict[str, Module] = {}
        self._packages: dict[str, set[str]] = {}
        for module in modules:
            root = module.source.root
            self._by_root.setdefault((root, module.name), module)
            self._by_name.setdefault(module.name, module)
            parts = module.name.split(".")
            for end in range(1, len(parts)):
                self._packages.setdefault(".".join(parts[:end]), set()).add(root)

    @property
    def classes(self) -> Iterator[Class]:
        """All classes, module by module, in source order."""
        for module in self.modules:
            yield from module.classes

    @property
    def functions(self) -> Iterator[Function]:
        """All functions and methods without lambdas, module by module, in source order."""
        for module in self.modules:
            yield from module.functions

    @property
    def elements(self) -> Iterator[Entity]:
        """All modules, classes and functions, lambdas apart."""
        yield from self.modules
        yield from self.classes
        yield from self.functions

    def find(self, name: str, root: str) -> Module | None:
        """Return the module called ``name``, preferring the import root the asker stands in."""
        return self._by_root.get((root, name)) or self._by_name.get(name)

    def is_package(self, name: str) -> bool:
        """Return whether ``name`` is a folder of modules, with or without an ``__init__``."""
        return name in self._packages
