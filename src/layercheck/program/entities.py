"""Modules, classes and functions of the analysed program.

Entities compare by identity: each definition in the source is one object for the whole run.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Union

from layercheck.facts import records as r
from layercheck.facts.records import FileFacts
from layercheck.location import NOWHERE, Span
from layercheck.sources.source import Source


class Module:
    """One file: its source, its facts and the names its body binds."""

    __slots__ = ("source", "facts", "bound", "functions", "classes", "stars")

    def __init__(self, source: Source, facts: FileFacts) -> None:
        self.source = source
        self.facts = facts
        self.bound: frozenset[str] = frozenset()
        self.functions: list[Function] = []
        self.classes: list[Class] = []
        self.stars: list[r.ImportFrom] = []

    @property
    def name(self) -> str:
        """The dotted name from the import root."""
        return self.source.module

    @property
    def qualname(self) -> str:
        """The same as ``name``: a module is an element, too."""
        return self.source.module

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
    """A class definition. ``parent`` is what it is defined in."""

    __slots__ = ("node", "module", "parent", "qualname", "annotations", "methods", "classes", "bound")

    def __init__(self, node: r.Class, parent: Entity) -> None:
        self.node = node
        self.parent = parent
        self.module: Module = parent.module
        self.qualname: str = f"{parent.qualname}.{node.name}"
        self.annotations: dict[str, r.Annotated] = {}
        self.methods: dict[str, Function] = {}
        self.classes: dict[str, Class] = {}
        self.bound: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The name without what it is defined in."""
        return self.node.name

    @property
    def at(self) -> Span:
        """The span of the whole definition."""
        return self.node.at

    def __repr__(self) -> str:
        return f"<class {self.qualname}>"


class Function:
    """A function, method or lambda. ``owner`` is the class whose body it stands in, if any.

    ``bound`` are its local names, ``outers`` those it declares global or nonlocal, ``captures`` is
    true where a nested scope may read its names.
    """

    __slots__ = ("node", "module", "parent", "owner", "qualname", "bound", "outers", "captures", "nested")

    def __init__(self, node: r.Function | r.Lambda, parent: Entity) -> None:
        self.node = node
        self.parent = parent
        self.module: Module = parent.module
        self.owner = parent if isinstance(parent, Class) else None
        name = f"<lambda{node.number}>" if isinstance(node, r.Lambda) else node.name
        self.qualname: str = f"{parent.qualname}.{name}"
        self.bound: frozenset[str] = frozenset()
        self.outers: frozenset[str] = frozenset()
        self.captures = False
        self.nested: list[Function] = []

    @property
    def name(self) -> str:
        """The name without what it is defined in."""
        return self.qualname.rsplit(".", 1)[-1]

    @property
    def params(self) -> tuple[r.Parameter, ...]:
        """The parameters in source order."""
        return self.node.params

    @property
    def body(self) -> tuple[r.Stmt, ...]:
        """The statements; a lambda returns its expression."""
        if isinstance(self.node, r.Lambda):
            return (r.Return(self.node.body, self.node.at),)
        return self.node.body

    @property
    def at(self) -> Span:
        """The span of the whole definition."""
        return self.node.at

    @property
    def is_async(self) -> bool:
        """Whether it is an ``async def``."""
        return isinstance(self.node, r.Function) and self.node.is_async

    @property
    def is_generator(self) -> bool:
        """Whether its own body yields."""
        return isinstance(self.node, r.Function) and self.node.is_generator

    def __repr__(self) -> str:
        return f"<function {self.qualname}>"


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

    def find(self, name: str, root: str) -> Module | None:
        """Return the module called ``name``, preferring the import root the asker stands in."""
        return self._by_root.get((root, name)) or self._by_name.get(name)

    def is_package(self, name: str) -> bool:
        """Return whether ``name`` is a folder of modules, with or without an ``__init__``."""
        return name in self._packages
