"""Where the names a module imports are used, how, and by which of its elements."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any, Final

import msgspec
from msgspec import structs

from layercheck.facts import records as r
from layercheck.facts.expressions import parse_expression
from layercheck.facts.nodes import children
from layercheck.location import Span
from layercheck.program.build import target_names
from layercheck.program.entities import Class, Entity, Function, Module


_TYPE_MAKERS = frozenset({"TypeVar", "NewType"})


class Use(msgspec.Struct, frozen=True, gc=False):
    """One reading of a bound name.

    ``path`` are the attributes read of it (``crud.user.get`` reads ``user``, ``get`` of ``crud``).
    ``scope`` is what binds the name, ``element`` the module, class or function that reads it; what
    stands in a signature or a decorator belongs to the function or class. ``in_annotation`` is false
    for what is handed to a marker inside ``Annotated``.
    """

    name: str
    path: tuple[str, ...]
    scope: Module | Function
    element: Entity
    in_annotation: bool
    at: Span


def uses_of(module: Module, names: Collection[str]) -> list[Use]:
    """Return all uses of ``names`` in ``module``, in source order."""
    walk = _Walk(module, frozenset(names))
    here = _Here(module, module, False, frozenset())
    walk.visit(module.body, here)
    return walk.found


class _Here(msgspec.Struct, frozen=True):
    """Where the walk stands: who reads, where names are looked up, and which names mean something else."""

    element: Entity
    scope: Entity
    annotation: bool
    hidden: frozenset[str]

    def in_annotation(self) -> _Here:
        """Return the same place in an annotation."""
        return self if self.annotation else structs.replace(self, annotation=True)

    def behind(self, names: set[str]) -> _Here:
        """Return the same place where ``names`` mean something else."""
        return structs.replace(self, hidden=self.hidden | names)


class _Walk:
    def __init__(self, module: Module, names: frozenset[str]) -> None:
        self.found: list[Use] = []
        self._names = names
        entities: list[Function | Class] = [*module.functions, *module.classes]
        self._definitions: dict[r.Node, Function | Class] = {entity.node: entity for entity in entities}

    def visit(self, nodes: Iterable[r.Node], here: _Here) -> None:
        """Find the uses in ``nodes``."""
        names = self._names
        for node in nodes:
            if isinstance(node, r.Name):
                if node.id in names:
                    self._read(node.id, (), node.at, here)
                continue
            visit = _VISITS.get(node.__class__)
            if visit is None:
                self.visit(children(node), here)
            else:
                visit(self, node, here)

    def constant(self, node: r.Constant, here: _Here) -> None:
        """Read what an annotation says in quotes."""
        if not here.annotation or node.kind != "str":
            return
        parsed = parse_expression(str(node.value))
        if parsed is not None:
            before = len(self.found)
            self.visit((parsed,), here)
            self.found[before:] = [structs.replace(use, at=node.at) for use in self.found[before:]]

    def attribute(self, node: r.Attribute, here: _Here) -> None:
        """Read a name together with the attributes read of it."""
        value = node.value
        while isinstance(value, r.Attribute):
            value = value.value
        if not isinstance(value, r.Name):
            self.visit((value,), here)
        elif value.id in self._names:
            self._read(value.id, _attributes(node), node.at, here)

    def function(self, node: r.Function, here: _Here) -> None:
        """Visit a signature, which belongs to the function, and a body."""
        function = self._definitions[node]
        signature = structs.replace(here, element=function)
        self.visit(node.decorators, signature)
        self.visit(node.params, signature)
        if node.returns is not None:
            self.visit((node.returns,), signature.in_annotation())
        for variable in node.type_params:
            if variable.bound is not None:
                self.visit((variable.bound,), signature.in_annotation())
        self.visit(node.body, _Here(function, function, False, frozenset()))

    def definition(self, node: r.Class, here: _Here) -> None:
        """Visit a head, which belongs to the class, and a body."""
        cls = self._definitions[node]
        head = structs.replace(here, element=cls)
        self.visit((*node.decorators, *node.bases, *(keyword.value for keyword in node.keywords)), head)
        self.visit(node.body, _Here(cls, cls, False, frozenset()))

    def subscript(self, node: r.Subscript, here: _Here) -> None:
        """Visit what may be an annotation with arguments; metadata of ``Annotated`` is evaluated code."""
        self.visit((node.value,), here)
        head = node.value
        name = head.name if isinstance(head, r.Attribute) else getattr(head, "id", "")
        items = node.index.items if isinstance(node.index, r.Sequence) else (node.index,)
        if name == "Annotated":
            self.visit((items[0],), here.in_annotation())
            self.visit(items[1:], structs.replace(here, annotation=False))
        elif name != "Literal":
            self.visit(items, here)

    def call(self, node: r.Call, here: _Here) -> None:
        """Visit a call; what a type is made of are annotations."""
        if getattr(node.func, "name", getattr(node.func, "id", "")) in _TYPE_MAKERS:
            self.visit((node.func,), here)
            here = here.in_annotation()
            self.visit((*node.args, *(keyword.value for keyword in node.keywords)), here)
        else:
            self.visit(children(node), here)

    def annotated(self, node: r.Annotated, here: _Here) -> None:
        """Visit ``target: annotation = value``, the annotation first."""
        self.visit((node.annotation,), here.in_annotation())
        self._targets((node.target,), here)
        if node.value is not None:
            self.visit((node.value,), here)

    def parameter(self, node: r.Parameter, here: _Here) -> None:
        """Visit an annotation and a default."""
        if node.annotation is not None:
            self.visit((node.annotation,), here.in_annotation())
        if node.default is not None:
            self.visit((node.default,), here)

    def alias(self, node: r.TypeAlias, here: _Here) -> None:
        """Visit what a type stands for."""
        self.visit((node.value,), here.in_annotation())

    def assign(self, node: r.Assign, here: _Here) -> None:
        """Visit targets, names apart, and the value."""
        self._targets(node.targets, here)
        self.visit((node.value,), here)

    def function_expression(self, node: r.Lambda, here: _Here) -> None:
        """Visit a lambda, whose parameters hide other names."""
        self.visit(node.params, here)
        self.visit((node.body,), here.behind({param.name for param in node.params}))

    def comprehension(self, node: r.Comprehension, here: _Here) -> None:
        """Visit a comprehension, whose targets hide other names."""
        names = {name for generator in node.generators for name in target_names(generator.target)}
        self.visit(children(node), here.behind(names))

    def nothing(self, node: r.Node, here: _Here) -> None:
        """Pass over what reads no name."""

    def _targets(self, targets: Iterable[r.Target], here: _Here) -> None:
        self.visit((target for target in targets if not isinstance(target, r.Name)), here)

    def _read(self, name: str, path: tuple[str, ...], at: Span, here: _Here) -> None:
        if name not in here.hidden:
            scope = _binder(name, here.scope)
            if scope is not None:
                self.found.append(Use(name, path, scope, here.element, here.annotation, at))


_VISITS: Final[dict[type[r.Node], Callable[[_Walk, Any, _Here], None]]] = {
    r.Attribute: _Walk.attribute,
    r.Constant: _Walk.constant,
    r.Call: _Walk.call,
    r.Subscript: _Walk.subscript,
    r.Assign: _Walk.assign,
    r.Annotated: _Walk.annotated,
    r.Parameter: _Walk.parameter,
    r.Function: _Walk.function,
    r.Class: _Walk.definition,
    r.Lambda: _Walk.function_expression,
    r.Comprehension: _Walk.comprehension,
    r.TypeAlias: _Walk.alias,
    r.Import: _Walk.nothing,
    r.ImportFrom: _Walk.nothing,
    r.Jump: _Walk.nothing,
    r.Scope: _Walk.nothing,
}
"""What is visited in another way than child by child."""


def _attributes(node: r.Attribute) -> tuple[str, ...]:
    """Return the attributes that ``node`` reads one after the other."""
    path = [node.name]
    value = node.value
    while isinstance(value, r.Attribute):
        path.append(value.name)
        value = value.value
    return tuple(reversed(path))


def _binder(name: str, start: Entity) -> Module | Function | None:
    """Return the function or module whose binding of ``name`` code in ``start`` reads."""
    scope = start
    while not isinstance(scope, Module):
        if name in scope.bound:
            if isinstance(scope, Function):
                return scope
            if scope is start:
                return None
        scope = scope.parent
    return scope
