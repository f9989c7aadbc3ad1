"""Where the code mentions a name, whatever it means there.

What nobody mentions, nobody uses: an answer that needs no call to be resolved. A name that means
something else counts as well, so that *mentioned* may be wrong and *not mentioned* is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from layercheck.facts import records as r
from layercheck.graphs.syntax import children
from layercheck.program.entities import Class, Entity, Function, Module, Program

_DOTTED = re.compile(r"[\w.:]*?(\w+)")
_DEFINITIONS = (r.Function, r.Class)
_DESCRIBING = (*_DEFINITIONS, r.Handler, r.Parameter, r.Annotated, r.Pattern, r.Mapping, r.Call)
_ASSIGNING = (r.Assign, r.Annotated, r.Augmented)
_ASKING = frozenset({"isinstance", "issubclass", "suppress"})
_REGISTERING = frozenset({"exception_handler", "add_exception_handler"})


@dataclass(frozen=True, slots=True)
class Mention:
    """One mention of a name in the code of ``element``.

    ``in_passing`` is true where an exception class is only told from others or described: in an
    ``except``, a registration, a test for its class, an annotation, as a base or the key of a table.
    """

    element: Entity
    in_passing: bool


class Mentions:
    """All mentions of names in a program, the names of definitions and imports left out."""

    def __init__(self, program: Program) -> None:
        self._found: dict[str, list[Mention]] = {}
        for module in program.modules:
            _Walk(self._found, module).run()

    def of(self, name: str) -> list[Mention]:
        """Return the mentions of ``name``, file by file."""
        return self._found.get(name, [])


class _Walk:
    """One pass over a module."""

    def __init__(self, found: dict[str, list[Mention]], module: Module) -> None:
        self._found = found
        self._module = module
        entities: list[Function | Class] = [*module.functions, *module.classes]
        self._entities: dict[r.Node, Function | Class] = {one.node: one for one in entities}

    def run(self) -> None:
        pending: list[tuple[r.Node, Entity, bool]] = [
            (statement, self._module, False) for statement in self._module.facts.body
        ]
        while pending:
            node, element, in_passing = pending.pop()
            match node:
                case r.Name(id=name):
                    self._add(name, element, in_passing)
                    continue
                case r.Attribute(name=name):
                    self._add(name, element, in_passing)
                case r.Constant(kind=kind, value=value):
                    if kind == "str" and (dotted := _DOTTED.fullmatch(str(value))):
                        self._add(dotted[1], element, in_passing)
                    continue
                case r.ImportFrom(names=names):
                    for alias in names:
                        if alias.asname not in (None, alias.name):
                            self._add(alias.name, element, False)
                    continue
            inner = self._entities.get(node, element) if isinstance(node, _DEFINITIONS) else element
            described = set(map(id, _described(node))) if isinstance(node, _DESCRIBING) else ()
            if not (isinstance(node, _ASSIGNING) and _exports(node)):
                for child in children(node):
                    pending.append((child, inner, in_passing or id(child) in described))

    def _add(self, name: str, element: Entity, in_passing: bool) -> None:
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
