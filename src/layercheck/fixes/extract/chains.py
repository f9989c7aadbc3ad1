"""Expressions that use the session: where they stand and how far they reach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from layercheck.fixes.code import N, Refused
from layercheck.fixes.extract.names import uses
from layercheck.fixes.extract.target import Target, is_table
from layercheck.inference.values import ClassValue, External, Instance
from layercheck.program.entities import Class, Module
from layercheck.rules.measures.parameters import product

ONE_OR_NONE = frozenset({"first", "one_or_none", "scalar_one_or_none", "get", "scalar"})
ONE = frozenset({"one", "scalar_one", "get_one", "merge"})
MANY = frozenset({"all"})
ENDS = ONE_OR_NONE | ONE | MANY | {"count", "fetchall", "fetchone", "rowcount", "exists"}
_LISTING = frozenset({"list", "set", "tuple"})


@dataclass(frozen=True)
class Chain:
    """An expression that begins at the session, or at what the session or a query gave.

    ``node`` is all of it, ``root`` the name it begins with. ``calls`` are the calls on the way, the
    last one first. ``handed`` is true where the session is an argument instead.
    """

    node: cst.BaseExpression
    root: cst.Name
    calls: tuple[cst.Call, ...]
    handed: bool

    @property
    def method(self) -> str:
        """The method called last."""
        if not self.calls:
            return ""
        func = self.calls[0].func
        return func.attr.value if isinstance(func, cst.Attribute) else ""

    @property
    def first_method(self) -> str:
        """The method called on the root."""
        func = self.calls[-1].func if self.calls else None
        return func.attr.value if isinstance(func, cst.Attribute) else ""


class Chains:
    """Finds the chains of one handler; ``database_names`` are its locals that hold queries or results."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._code = target.code
        self._packages = target.view.config.types.database_packages
        self.database_names: frozenset[str] = frozenset()
        self.rows: frozenset[str] = frozenset()
        self.database_names, self.rows = self._locals()

    def inside(self, *nodes: cst.CSTNode) -> list[Chain]:
        """Return the outermost chains in ``nodes``, in source order."""
        found: dict[int, Chain] = {}
        for name in (self.target.session, *sorted(self.database_names)):
            for node in nodes:
                for one in uses(name, node):
                    chain = self._chain(one)
                    if chain is not None:
                        known = found.get(id(chain.node))
                        if known is None or known.root.value != self.target.session:
                            found[id(chain.node)] = chain
        every = list(found.values())
        outer = [one for one in every if not any(self._is_inside(one, other) for other in every)]
        return sorted(outer, key=lambda one: self._code.span(one.node))

    def mentions(self, *nodes: cst.CSTNode) -> bool:
        """Return whether the session, a query or a result is used in ``nodes``."""
        names = (self.target.session, *self.database_names)
        return any(True for node in nodes for name in names for _ in uses(name, node))

    def entities(self, chain: Chain, *more: cst.CSTNode) -> list[Class]:
        """Return the mapped classes a chain is about, those it gives first."""
        found: dict[Class, None] = {}
        for call in chain.calls:
            site = self.target.site(call)
            if site is not None:
                for values in (product(site.result), *site.args, *(values for _, values in site.keywords)):
                    found.update(dict.fromkeys(self.target.tables(values)))
        for node in (chain.node, *more):
            found.update(dict.fromkeys(self._classes_in(node)))
        return list(found)

    def definitions(self, chain: Chain) -> list[cst.BaseExpression]:
        """Return what the queries a chain is made of were assigned."""
        found: list[cst.BaseExpression] = []
        for name in self.database_names:
            if any(True for _ in uses(name, chain.node)):
                found += [value for bound, value in self._assignments() if bound == name]
        return found

    def table(self, node: cst.BaseExpression) -> Class | None:
        """Return the mapped class an expression names, by its own name or as part of a module."""
        found: Class | None = None
        if isinstance(node, cst.Name) and self.target.origins.knows(node.value):
            found = self._element(node.value)
        elif isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name):
            found = next(
                (
                    cls
                    for one in self.target.view.imports.of_module[self.target.function.module]
                    if one.bound == node.value.value
                    for module in self.target.view.imports.elements(one)
                    if isinstance(module, Module)
                    for cls in module.classes
                    if cls.name == node.attr.value and cls.parent is module
                ),
                None,
            )
        return found if found is not None and is_table(self.target.view.project, found) else None

    def _classes_in(self, node: cst.CSTNode) -> Iterator[Class]:
        if isinstance(node, cst.Name) and self.target.origins.knows(node.value):
            element = self._element(node.value)
            if element is not None and is_table(self.target.view.project, element):
                yield element
        children = [node.value] if isinstance(node, cst.Attribute) else list(node.children)
        for child in children:
            yield from self._classes_in(child)

    def _element(self, name: str) -> Class | None:
        imports = self.target.view.imports
        module = self.target.function.module
        if self.target.origins.defines(name):
            return next((one for one in module.classes if one.name == name and one.parent is module), None)
        for one in imports.of_module[module]:
            if one.bound == name and one.name:
                found = [entity for entity in imports.elements(one) if isinstance(entity, Class)]
                return found[0] if found else None
        return None

    # Finding ------------------------------------------------------------------------------------

    def _chain(self, root: cst.Name) -> Chain | None:
        node: cst.BaseExpression = root
        calls: list[cst.Call] = []
        parent = self._code.parent(root)
        handed = isinstance(parent, cst.Arg)
        if handed:
            call = self._code.parent(parent)
            if not isinstance(call, cst.Call):
                return None
            if root.value != self.target.session:
                return None
            node, calls = call, [call]
        while True:
            parent = self._code.parent(node)
            if isinstance(parent, cst.Attribute) and parent.value is node:
                node = parent
            elif isinstance(parent, cst.Call) and parent.func is node:
                node = parent
                calls.insert(0, parent)
            elif isinstance(parent, cst.Await) and parent.expression is node:
                node = parent
            elif isinstance(parent, cst.Arg) and self._is_listing(parent):
                node = self._call_of(parent)
            else:
                break
        if not calls:
            return None
        return Chain(node, root, tuple(calls), handed)

    def _is_listing(self, arg: cst.Arg) -> bool:
        call = self._code.parent(arg)
        return (
            isinstance(call, cst.Call)
            and isinstance(call.func, cst.Name)
            and call.func.value in _LISTING
            and len(call.args) == 1
        )

    def _call_of(self, arg: cst.Arg) -> cst.Call:
        call = self._code.parent(arg)
        assert isinstance(call, cst.Call)
        return call

    def _is_inside(self, one: Chain, other: Chain) -> bool:
        if one.node is other.node:
            return False
        (start, end), (first, last) = self._code.span(one.node), self._code.span(other.node)
        return first <= start and end <= last

    # Locals that hold queries -------------------------------------------------------------------

    def _assignments(self) -> Iterator[tuple[str, cst.BaseExpression]]:
        for assign in self._within(cst.Assign):
            if len(assign.targets) == 1 and isinstance(assign.targets[0].target, cst.Name):
                yield assign.targets[0].target.value, assign.value
        for annotated in self._within(cst.AnnAssign):
            if isinstance(annotated.target, cst.Name) and annotated.value is not None:
                yield annotated.target.value, annotated.value

    def _within(self, kind: type[N]) -> list[N]:
        start, end = self._code.span(self.target.node)
        return [one for one in self._code.nodes(kind) if start <= self._code.span(one)[0] < end]

    def _locals(self) -> tuple[frozenset[str], frozenset[str]]:
        found: set[str] = set()
        while more := {
            name
            for name, value in self._assignments()
            if name not in found and self._gives_query(value, found)
        }:
            found |= more
        rows = {name for name in found if self._is_only_iterated(name)}
        return frozenset(found - rows), frozenset(rows)

    def _gives_query(self, value: cst.BaseExpression, known: set[str]) -> bool:
        node = value.expression if isinstance(value, cst.Await) else value
        if not isinstance(node, cst.Call) or not self._begins_at_database(node, known):
            return False
        if isinstance(node.func, cst.Attribute) and node.func.attr.value in ENDS:
            return False
        site = self.target.site(node)
        if site is None:
            return False
        result = product(site.result)
        return any(self._is_outside(one) for one in result) and not any(
            isinstance(one, Instance) and isinstance(one.cls, Class) for one in result
        )

    def _begins_at_database(self, node: cst.BaseExpression, known: set[str]) -> bool:
        """Return whether an expression begins at the session, a query, or a database package."""
        root: cst.BaseExpression = node
        while not isinstance(root, cst.Name):
            match root:
                case cst.Call():
                    root = root.func
                case cst.Attribute() | cst.Subscript():
                    root = root.value
                case cst.Await():
                    root = root.expression
                case _:
                    return False
        if root.value == self.target.session or root.value in known:
            return True
        if not self.target.origins.knows(root.value):
            return False
        origin = self.target.origins.of(root.value)
        return origin is not None and origin.module.partition(".")[0] in self._packages

    def _is_outside(self, value: object) -> bool:
        match value:
            case Instance(cls=str() as name) | External(name=name):
                return name.partition(".")[0] in self._packages
            case ClassValue():
                return False
        return False

    def _is_only_iterated(self, name: str) -> bool:
        """Return whether a result is used as a list of rows and in no other way."""
        values = [value for bound, value in self._assignments() if bound == name]
        for value in values:
            node = value.expression if isinstance(value, cst.Await) else value
            site = self.target.site(node) if isinstance(node, cst.Call) else None
            results = product(site.result) if site is not None else frozenset()
            kinds = {one.class_name.rpartition(".")[2] for one in results if isinstance(one, Instance)}
            if not kinds or not kinds <= {"ScalarResult", "TupleResult"}:
                return False
        for one in uses(name, self.target.node.body):
            parent = self._code.parent(one)
            is_handed = isinstance(parent, cst.Arg) and not self._is_listing(parent)
            if isinstance(parent, cst.Attribute) or is_handed:
                return False
        return True


def calls_in(*nodes: cst.CSTNode) -> Iterator[cst.Call]:
    for node in nodes:
        if isinstance(node, cst.Call):
            yield node
        yield from calls_in(*node.children)


def called(call: cst.Call) -> str:
    """Return the last part of the name of what is called."""
    func = call.func
    name = func.attr if isinstance(func, cst.Attribute) else func
    return name.value if isinstance(name, cst.Name) else ""


def refuse_at(target: Target, node: cst.CSTNode, what: str) -> Refused:
    """Return the refusal of a construct: where it stands and what about it."""
    return Refused(f"{target.at(node)}: {what}")
