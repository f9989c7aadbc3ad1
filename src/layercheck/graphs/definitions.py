"""Where a name that one module hands on is really defined."""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.program.build import statements
from layercheck.program.entities import Class, Function, Module, Program
from layercheck.program.names import absolute_name, resolve_module

Definition = tuple[Module | str, str]
"""A module of the program and a name in it, empty for the module itself; or a dotted outside name alone."""


class Definitions:
    """Follows names through the modules that re-export them."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._own: dict[Module, dict[str, Class | Function]] = {}
        self._imported: dict[Module, dict[str, tuple[r.Import | r.ImportFrom, str]]] = {}
        self._listed: dict[Module, frozenset[str]] = {}

    def entity(self, module: Module, name: str) -> Class | Function | None:
        """Return the class or function called ``name`` that ``module`` defines."""
        own = self._own.get(module)
        if own is None:
            entities: list[Class | Function] = [*module.functions, *module.classes]
            own = self._own[module] = {one.name: one for one in entities if one.parent is module}
        return own.get(name)

    def binds(self, module: Module, name: str) -> bool:
        """Return whether ``module`` binds ``name`` by other means than being a package."""
        return name in module.bound and not self._is_own_child(module, name)

    def listed(self, module: Module) -> frozenset[str]:
        """Return the names ``__all__`` of ``module`` lists."""
        found = self._listed.get(module)
        if found is None:
            names: set[str] = set()
            for statement in module.facts.body:
                match statement:
                    case (
                        r.Assign(targets=(r.Name(id="__all__"),), value=r.Sequence(items=items))
                        | r.Annotated(target=r.Name(id="__all__"), value=r.Sequence(items=items))
                        | r.Augmented(target=r.Name(id="__all__"), value=r.Sequence(items=items))
                    ):
                        names.update(str(item.value) for item in items if isinstance(item, r.Constant))
            found = self._listed[module] = frozenset(names)
        return found

    def resolve(self, module: Module, name: str) -> Definition:
        """Return where ``name`` of ``module`` is defined; where that is not found, ``module`` itself."""
        return self._follow(module, name, set()) or (module, name)

    def _follow(self, module: Module, name: str, seen: set[tuple[Module, str]]) -> Definition | None:
        if (module, name) in seen:
            return None
        seen.add((module, name))
        if self.entity(module, name) is not None:
            return module, name
        imported = self._imports(module).get(name)
        if imported is not None:
            return self._imported_from(module, *imported, seen)
        if name in module.bound:
            return module, name
        for star in module.stars:
            origin = absolute_name(module, star)
            source = resolve_module(self._program, module, origin)
            if source is not None and (found := self._follow(source, name, seen)) is not None:
                return found
        inner = resolve_module(self._program, module, f"{module.name}.{name}")
        return (inner, "") if inner is not None else None

    def _imported_from(
        self, module: Module, node: r.Import | r.ImportFrom, name: str, seen: set[tuple[Module, str]]
    ) -> Definition:
        if isinstance(node, r.Import):
            return resolve_module(self._program, module, name) or name, ""
        origin = absolute_name(module, node)
        source = resolve_module(self._program, module, origin)
        if source is None:
            inner = resolve_module(self._program, module, f"{origin}.{name}")
            return inner or f"{origin}.{name}", ""
        return self._follow(source, name, seen) or (source, name)

    def _imports(self, module: Module) -> dict[str, tuple[r.Import | r.ImportFrom, str]]:
        """Return the names ``module`` imports at its top level: the statement and the name there."""
        found = self._imported.get(module)
        if found is None:
            found = {}
            for statement in statements(module.facts.body):
                if isinstance(statement, r.ImportFrom):
                    for alias in statement.names:
                        found.setdefault(alias.asname or alias.name, (statement, alias.name))
                elif isinstance(statement, r.Import):
                    for alias in statement.names:
                        whole = alias.name if alias.asname else alias.name.partition(".")[0]
                        found.setdefault(alias.asname or whole, (statement, whole))
            self._imported[module] = found
        return found

    def _is_own_child(self, module: Module, name: str) -> bool:
        """Return whether ``module`` binds ``name`` by importing its own submodule of that name."""
        imported = self._imports(module).get(name)
        if imported is None or not isinstance(imported[0], r.ImportFrom):
            return False
        return absolute_name(module, imported[0]) == module.name
