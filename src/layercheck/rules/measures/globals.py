"""Names that modules and classes bind when they are imported, and who uses them."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from layercheck.facts import records as r
from layercheck.graphs.imports import Import
from layercheck.graphs.uses import Use, uses_of
from layercheck.location import encloses
from layercheck.program.build import statements, target_names
from layercheck.program.entities import Class, Function, Module
from layercheck.rules.measures.import_time import is_scripted
from layercheck.rules.measures.requests import Requests
from layercheck.rules.view import View


class Global(msgspec.Struct, frozen=True):
    """``name = call(...)`` in the body of a module or class."""

    name: str
    scope: Module | Class
    statement: r.Assign | r.Annotated
    call: r.Call


class Globals:
    """Finds what modules and classes make when they are imported, and whether requests get at it."""

    def __init__(self, view: View, requests: Requests) -> None:
        self._view = view
        self._requests = requests
        self._imports: dict[tuple[Module, str], list[Import]] = {}
        for one in view.imports.imports:
            if isinstance(one.target, Module):
                self._imports.setdefault((one.target, one.name), []).append(one)

    def of(self, module: Module) -> Iterator[Global]:
        """Yield what the body of ``module`` and of its classes bind to the result of a call."""
        outer = (cls for cls in module.classes if isinstance(cls.parent, Module))
        scopes: list[Module | Class] = [module, *outer]
        for scope in scopes:
            body = scope.facts.body if isinstance(scope, Module) else scope.node.body
            for statement in statements(body):
                if isinstance(statement, (r.Assign, r.Annotated)) and isinstance(statement.value, r.Call):
                    targets = statement.targets if isinstance(statement, r.Assign) else (statement.target,)
                    names = [name for target in targets for name in target_names(target)]
                    if names and not is_scripted(module, statement.at):
                        yield Global(names[0], scope, statement, statement.value)

    def serves(self, one: Global) -> bool:
        """Return whether code that runs for requests uses it, itself or through another global."""
        return self._is_used(one.scope, one.name, set())

    def _is_used(self, scope: Module | Class, name: str, seen: set[tuple[Module | Class, str]]) -> bool:
        if (scope, name) in seen:
            return False
        seen.add((scope, name))
        if isinstance(scope, Class):
            return any(map(self._requests.serves, scope.methods.values()))
        return any(self._counts(use, seen) for use in self._uses(scope, name))

    def _uses(self, module: Module, name: str) -> Iterator[Use]:
        yield from uses_of(module, {name})
        for one in self._imports.get((module, name), ()):
            yield from one.uses
        for one in self._imports.get((module, ""), ()):
            yield from (use for use in one.uses if name in use.path)

    def _counts(self, use: Use, seen: set[tuple[Module | Class, str]]) -> bool:
        if isinstance(use.element, Function):
            return self._requests.serves(use.element)
        body = use.element.facts.body if isinstance(use.element, Module) else use.element.node.body
        for statement in statements(body):
            if isinstance(statement, (r.Assign, r.Annotated)) and encloses(statement.at, use.at):
                targets = statement.targets if isinstance(statement, r.Assign) else (statement.target,)
                names = [name for target in targets for name in target_names(target)]
                return any(self._is_used(use.element, name, seen) for name in names)
        return False
