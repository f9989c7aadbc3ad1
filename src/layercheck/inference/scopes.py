"""Bare names, modules and import statements."""

from __future__ import annotations

import builtins
from collections.abc import Iterator

from layercheck.facts import records as r
from layercheck.inference.base import Base
from layercheck.inference.frames import Activation, Frame
from layercheck.inference.values import (
    NOTHING,
    Const,
    Container,
    ModuleValue,
    TupleValue,
    Values,
    only,
)
from layercheck.program.build import statements
from layercheck.program.entities import Class, Function, Module
from layercheck.program.names import absolute_name, resolve_module

BUILTIN_NAMES = frozenset(dir(builtins))


class Scopes(Base):
    """Looking names up and binding what imports bring."""

    module_frames: dict[Module, Frame]

    def lookup(self, act: Activation, name: str) -> Values:
        """Return what a bare name may be: local, enclosing, global, builtin."""
        running: Activation | None = act
        while running is not None:
            if running.env is not None and name in running.env:
                return running.env[name]
            running = running.outer
        scope = act.scope
        while isinstance(scope, Class):
            if name in scope.bound and scope is act.scope:
                found = self.heap.read(("class", scope, name), act.reader)
                if found:
                    return found
            scope = scope.parent
        frame: Frame | None = act.frame
        while frame is not None and isinstance(frame.entity, Function):
            if name in frame.entity.bound:
                return self.heap.read(("name", frame, name), act.reader)
            frame = frame.outer
        module = act.frame.module
        found = self.heap.read(("name", module, name), act.reader)
        if found:
            return found
        if name in BUILTIN_NAMES and name not in module.bound:
            return only(self.u.external(f"builtins.{name}"))
        dotted = f"{module.name}.{name}"
        if module.source.is_package and self.program.find(dotted, module.source.root) is not None:
            return only(self.u.of(ModuleValue, dotted, module.source.root))
        if name == "__name__":
            return only(self.u.const(module.name))
        return NOTHING

    def module_attribute(self, name: str, root: str, attribute: str, act: Activation) -> Values:
        """Return what ``attribute`` of the module called ``name`` may be."""
        module = self.program.find(name, root)
        if module is not None:
            self.publish(act)
            self.run_module(module)
            found = self._published(module, attribute, act)
            if found:
                return found
        dotted = f"{name}.{attribute}"
        if self.program.find(dotted, root) is not None or self.program.is_package(dotted):
            return only(self.u.of(ModuleValue, dotted, root))
        if module is not None:
            for star in module.stars:
                origin = absolute_name(module, star)
                if resolve_module(self.program, module, origin) is None:
                    return only(self.u.external(f"{origin}.{attribute}"))
            return self._fetched_lazily(module, attribute, act)
        return NOTHING

    def _fetched_lazily(self, module: Module, attribute: str, act: Activation) -> Values:
        """Return what the ``__getattr__`` of a module imports under the name it is asked for (PEP 562)."""
        for function in module.functions:
            if function.parent is not module or function.name != "__getattr__":
                continue
            for statement in statements(function.body):
                aliases = statement.names if isinstance(statement, r.ImportFrom) else ()
                for alias in aliases:
                    if isinstance(statement, r.ImportFrom) and (alias.asname or alias.name) == attribute:
                        source = resolve_module(self.program, module, absolute_name(module, statement))
                        if source is not None and source is not module:
                            return self.module_attribute(
                                source.name, source.source.root, alias.name, act
                            )
        return NOTHING

    def _published(self, module: Module, name: str, act: Activation) -> Values:
        if act.scope is module and act.env is not None and name in act.env:
            return act.env[name]
        return self.heap.read(("name", module, name), act.reader)

    def import_module(self, act: Activation, statement: r.Import) -> None:
        """Bind the names of ``import a.b, c as d``."""
        module = act.frame.module
        for alias in statement.names:
            found = resolve_module(self.program, module, alias.name)
            if found is not None:
                self.publish(act)
                self.run_module(found)
            known = found is not None or self.program.is_package(alias.name)
            if alias.asname:
                name = found.name if found is not None else alias.name
                value = (
                    self.u.of(ModuleValue, name, module.source.root) if known else self.u.external(alias.name)
                )
                self.bind(act, alias.asname, only(value))
                continue
            top = alias.name.partition(".")[0]
            own = known or self.program.is_package(top) or self.program.find(top, module.source.root)
            base = found.name.removesuffix(alias.name) if found is not None else ""
            value = self.u.of(ModuleValue, base + top, module.source.root) if own else self.u.external(top)
            self.bind(act, top, only(value))

    def import_from(self, act: Activation, statement: r.ImportFrom) -> None:
        """Bind the names of ``from module import names``."""
        module = act.frame.module
        origin = absolute_name(module, statement)
        source = resolve_module(self.program, module, origin)
        if source is not None and source is not module:
            self.publish(act)
            self.run_module(source)
        name = source.name if source is not None else origin
        root = module.source.root
        own = source is not None or self.program.is_package(origin) or statement.level > 0
        for alias in statement.names:
            if alias.name == "*":
                self._import_star(act, source)
                continue
            if own:
                values = self.module_attribute(name, root, alias.name, act)
            else:
                values = only(self.u.external(f"{origin}.{alias.name}"))
            self.bind(act, alias.asname or alias.name, values)

    def _import_star(self, act: Activation, source: Module | None) -> None:
        if source is None:
            return
        listed = self.heap.read(("name", source, "__all__"), act.reader)
        known = self.strings_in(listed, act) if listed else ()
        names = tuple(dict.fromkeys((*_written_out(source), *known)))
        if not names:
            names = tuple(sorted(n for n in self._all_names(source, set()) if not n.startswith("_")))
        for name in names:
            values = self.module_attribute(source.name, source.source.root, name, act)
            if values:
                self.bind(act, name, values)

    def _all_names(self, module: Module, seen: set[Module]) -> set[str]:
        """Return the names of a module with those its own star imports bring."""
        if module in seen:
            return set()
        seen.add(module)
        names = set(module.bound)
        for star in module.stars:
            origin = resolve_module(self.program, module, absolute_name(module, star))
            if origin is not None:
                names |= {name for name in self._all_names(origin, seen) if not name.startswith("_")}
        return names

    def strings_in(self, values: Values, act: Activation) -> tuple[str, ...]:
        """Return the constant strings held by lists and tuples."""
        found: dict[str, None] = {}
        for value in values:
            items = NOTHING
            if isinstance(value, Container):
                items = self.heap.read_item(value, None, act.reader)
            elif isinstance(value, TupleValue):
                items = frozenset().union(*value.items)
            for item in items:
                if isinstance(item, Const) and isinstance(item.value, str):
                    found[item.value] = None
        return tuple(sorted(found))

    def bind(self, act: Activation, name: str, values: Values) -> None:
        """Bind a bare name in the running scope."""
        if act.env is None:
            return
        frame_scope = act.scope
        if isinstance(frame_scope, Function) and name in frame_scope.outers:
            self.heap.write(("name", self._outer_owner(act, name), name), values)
        act.env[name] = values
        if act.sharing:
            act.unpublished.add(name)

    def _outer_owner(self, act: Activation, name: str) -> object:
        """Return what a ``global`` or ``nonlocal`` name belongs to."""
        frame = act.frame.outer
        while frame is not None and isinstance(frame.entity, Function):
            if name in frame.entity.bound:
                return frame
            frame = frame.outer
        return act.frame.module


def _written_out(module: Module) -> Iterator[str]:
    """Yield the names the displays of ``__all__`` list: of long ones, types know the first items only."""
    for statement in module.facts.body:
        match statement:
            case (
                r.Assign(targets=(r.Name(id="__all__"),), value=r.Sequence(items=items))
                | r.Annotated(target=r.Name(id="__all__"), value=r.Sequence(items=items))
                | r.Augmented(target=r.Name(id="__all__"), value=r.Sequence(items=items))
            ):
                for item in items:
                    if isinstance(item, r.Constant) and isinstance(item.value, str):
                        yield item.value
