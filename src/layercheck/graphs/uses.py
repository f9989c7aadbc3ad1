"""Where the names a module imports are used, how, and by which of its elements."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from layercheck.facts import records as r
from layercheck.facts.expressions import parse_expression
from layercheck.graphs.syntax import children
from layercheck.location import Span
from layercheck.program.build import target_names
from layercheck.program.entities import Class, Entity, Function, Module


@dataclass(frozen=True, slots=True)
class Use:
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
    for statement in module.facts.body:
        walk.visit(statement, here)
    return walk.found


@dataclass(frozen=True, slots=True)
class _Here:
    """Where the walk stands: who reads, where names are looked up, and which names mean something else."""

    element: Entity
    scope: Entity
    annotation: bool
    hidden: frozenset[str]


class _Walk:
    def __init__(self, module: Module, names: frozenset[str]) -> None:
        self.found: list[Use] = []
        self._names = names
        entities: list[Function | Class] = [*module.functions, *module.classes]
        self._definitions: dict[r.Node, Function | Class] = {entity.node: entity for entity in entities}

    def visit(self, node: r.Node, here: _Here) -> None:
        match node:
            case r.Name():
                self._read(node.id, (), node.at, here)
            case r.Attribute():
                self._attribute(node, here)
            case r.Constant():
                if here.annotation and node.kind == "str":
                    self._text(node, here)
            case r.Function():
                self._function(node, here)
            case r.Class():
                self._class(node, here)
            case r.Subscript():
                self._subscript(node, here)
            case r.Annotated():
                self.visit(node.annotation, replace(here, annotation=True))
                self._targets((node.target,), here)
                if node.value is not None:
                    self.visit(node.value, here)
            case r.Parameter():
                if node.annotation is not None:
                    self.visit(node.annotation, replace(here, annotation=True))
                if node.default is not None:
                    self.visit(node.default, here)
            case r.Call(func=r.Name(id="TypeVar" | "NewType") | r.Attribute(name="TypeVar" | "NewType")):
                self.visit(node.func, here)
                told = [*node.args, *(keyword.value for keyword in node.keywords)]
                self._all(tuple(told), replace(here, annotation=True))
            case r.TypeAlias():
                self.visit(node.value, replace(here, annotation=True))
            case r.Assign():
                self._targets(node.targets, here)
                self.visit(node.value, here)
            case r.Lambda():
                hidden = here.hidden | {param.name for param in node.params}
                self._all(node.params, here)
                self.visit(node.body, replace(here, hidden=hidden))
            case r.Comprehension():
                names = {name for generator in node.generators for name in target_names(generator.target)}
                self._all(tuple(children(node)), replace(here, hidden=here.hidden | names))
            case r.Import() | r.ImportFrom() | r.Jump() | r.Scope():
                pass
            case _:
                self._all(tuple(children(node)), here)

    def _all(self, nodes: tuple[r.Node, ...], here: _Here) -> None:
        for node in nodes:
            self.visit(node, here)

    def _targets(self, targets: tuple[r.Target, ...], here: _Here) -> None:
        self._all(tuple(target for target in targets if not isinstance(target, r.Name)), here)

    def _function(self, node: r.Function, here: _Here) -> None:
        function = self._definitions[node]
        signature = replace(here, element=function)
        self._all(node.decorators, signature)
        self._all(node.params, signature)
        if node.returns is not None:
            self.visit(node.returns, replace(signature, annotation=True))
        for variable in node.type_params:
            if variable.bound is not None:
                self.visit(variable.bound, replace(signature, annotation=True))
        self._all(node.body, _Here(function, function, False, frozenset()))

    def _class(self, node: r.Class, here: _Here) -> None:
        cls = self._definitions[node]
        head = replace(here, element=cls)
        self._all((*node.decorators, *node.bases, *(keyword.value for keyword in node.keywords)), head)
        self._all(node.body, _Here(cls, cls, False, frozenset()))

    def _subscript(self, node: r.Subscript, here: _Here) -> None:
        """Visit what may be an annotation with arguments; metadata of ``Annotated`` is evaluated code."""
        self.visit(node.value, here)
        head = node.value
        name = head.name if isinstance(head, r.Attribute) else getattr(head, "id", "")
        items = node.index.items if isinstance(node.index, r.Sequence) else (node.index,)
        if name == "Annotated":
            self.visit(items[0], replace(here, annotation=True))
            self._all(items[1:], replace(here, annotation=False))
        elif name != "Literal":
            self._all(items, here)

    def _text(self, node: r.Constant, here: _Here) -> None:
        parsed = parse_expression(str(node.value))
        if parsed is not None:
            before = len(self.found)
            self.visit(parsed, here)
            self.found[before:] = [replace(use, at=node.at) for use in self.found[before:]]

    def _attribute(self, node: r.Attribute, here: _Here) -> None:
        path = [node.name]
        value = node.value
        while isinstance(value, r.Attribute):
            path.append(value.name)
            value = value.value
        if isinstance(value, r.Name):
            self._read(value.id, tuple(reversed(path)), node.at, here)
        else:
            self.visit(value, here)

    def _read(self, name: str, path: tuple[str, ...], at: Span, here: _Here) -> None:
        if name in self._names and name not in here.hidden:
            scope = _binder(name, here.scope)
            if scope is not None:
                self.found.append(Use(name, path, scope, here.element, here.annotation, at))


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
