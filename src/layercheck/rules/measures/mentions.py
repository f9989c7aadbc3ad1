"""Where the code mentions a name, whatever it means there.

What nobody mentions, nobody uses: an answer that needs no call to be resolved. A name that means
something else counts as well, so that *mentioned* may be wrong and *not mentioned* is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from layercheck.facts import records as r
from layercheck.facts.nodes import children
from layercheck.program.entities import Class, Entity, Function, Module
from layercheck.rules.view import View

_DOTTED = re.compile(r"[\w.:]*?(\w+)")
_DESCRIBING = (r.Call, r.Parameter, r.Annotated, r.Mapping, r.Handler, r.Pattern)
_ASSIGNING = (r.Assign, r.Annotated, r.Augmented)
_ASKING = frozenset({"isinstance", "issubclass", "suppress"})
_REGISTERING = frozenset({"exception_handler", "add_exception_handler"})


class Mention(msgspec.Struct, frozen=True):
    """One mention of a name in the code of ``element``.

    ``in_passing`` is true where an exception class is only told from others or described: in an
    ``except``, a registration, a test for its class, an annotation, as a base or the key of a table.
    """

    element: Entity
    in_passing: bool


class Mentions:
    """The mentions of the functions and classes of a project, definitions and imports left out."""

    def __init__(self, view: View) -> None:
        program = view.project.program
        self._names = {*(one.name for one in program.functions), *(one.name for one in program.classes)}
        # Whether a name stands in a module at all is told a hundred times quicker by its encoded facts.
        self._encoded = [(module, msgspec.msgpack.encode(module.body)) for module in program.modules]
        self._of_module: dict[Module, dict[str, list[Mention]]] = {}

    def of(self, name: str) -> list[Mention]:
        """Return the mentions of ``name``, a function or class of the project, file by file."""
        sought = name.encode()
        modules = [module for module, encoded in self._encoded if sought in encoded]
        return [mention for module in modules for mention in self._mentions(module).get(name, ())]

    def _mentions(self, module: Module) -> dict[str, list[Mention]]:
        found = self._of_module.get(module)
        if found is None:
            found = self._of_module[module] = _Walk(self._names, module).run()
        return found


class _Walk:
    """One pass over a module that looks for ``names``."""

    def __init__(self, names: set[str], module: Module) -> None:
        self._names = names
        self._found: dict[str, list[Mention]] = {}
        self._module = module
        entities: list[Function | Class] = [*module.functions, *module.classes]
        self._entities: dict[r.Node, Function | Class] = {one.node: one for one in entities}
        self._pending: list[tuple[list[r.Node], Entity, bool]] = []

    def run(self) -> dict[str, list[Mention]]:
        self._pending.append(([*self._module.body], self._module, False))
        while self._pending:
            self._visit(*self._pending.pop())
        return self._found

    def _visit(self, nodes: list[r.Node], element: Entity, in_passing: bool) -> None:
        """Walk what stands in ``element``; what has another element or is in passing is left for later."""
        while nodes:
            node = nodes.pop()
            if isinstance(node, r.Name):
                self._add(node.id, element, in_passing)
            elif isinstance(node, r.Constant):
                if node.kind == "str" and (dotted := _DOTTED.fullmatch(str(node.value))):
                    self._add(dotted[1], element, in_passing)
            elif isinstance(node, r.ImportFrom):
                for alias in node.names:
                    if alias.asname not in (None, alias.name):
                        self._add(alias.name, element, False)
            elif isinstance(node, r.Attribute):
                self._add(node.name, element, in_passing)
                nodes.append(node.value)
            elif isinstance(node, _ASSIGNING) and _exports(node):
                continue
            elif isinstance(node, (r.Function, r.Class)):
                inner = self._entities.get(node, element)
                self._pending.append((self._part(node, inner), inner, in_passing))
            elif isinstance(node, _DESCRIBING):
                nodes += self._part(node, element)
            else:
                nodes += children(node)

    def _part(self, node: r.Node, element: Entity) -> list[r.Node]:
        """Return what ``node`` is made of; what only describes is left for later."""
        described = list(_described(node))
        if not described:
            return children(node)
        self._pending.append((described, element, True))
        return [child for child in children(node) if all(child is not one for one in described)]

    def _add(self, name: str, element: Entity, in_passing: bool) -> None:
        if name in self._names:
            self._found.setdefault(name, []).append(Mention(element, in_passing))


def _exports(node: r.Node) -> bool:
    """Return whether ``node`` lists the names a module exports, which uses none of them."""
    match node:
        case r.Assign(targets=(r.Name(id="__all__"),)):
            return True
        case r.Annotated(target=r.Name(id="__all__")) | r.Augmented(target=r.Name(id="__all__")):
            return True
    return False


def _described(node: r.Node) -> Iterator[r.Node]:
    """Yield the nodes below ``node`` that only tell exception classes apart, or describe something."""
    match node:
        case r.Handler(type=kind) if kind is not None:
            yield kind
        case r.Class(bases=bases):
            yield from bases
        case r.Function(returns=returns) if returns is not None:
            yield returns
        case r.Parameter(annotation=annotation) if annotation is not None:
            yield annotation
        case r.Annotated(annotation=annotation):
            yield annotation
        case r.Pattern(value=value) if value is not None:
            yield value
        case r.Mapping(keys=keys):
            yield from (key for key in keys if key is not None)
        case r.Call(func=r.Name(id=name) | r.Attribute(name=name), args=args) if name in _ASKING:
            yield from args
        case r.Call(func=r.Attribute(name=name), args=args, keywords=keywords) if name in _REGISTERING:
            yield from args[:1]
            yield from (one for one in keywords if one.name == "exc_class_or_status_code")
