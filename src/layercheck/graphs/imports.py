"""The import graph: every import with what it really means, how it is made and who needs it."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator

import msgspec

from layercheck.facts import records as r
from layercheck.graphs.cycles import Cycle, find_cycles
from layercheck.graphs.definitions import Definitions
from layercheck.graphs.uses import Use, uses_of
from layercheck.location import Span, encloses, line_of
from layercheck.program.entities import Entity, Function, Module, Program
from layercheck.program.names import absolute_name, resolve_module


class Kind(enum.StrEnum):
    """How an import is made and what for.

    Of a module: evaluated where it stands, used in annotations alone, handed on without being used.
    Else under ``TYPE_CHECKING``, or inside a function.
    """

    RUNTIME = "runtime"
    ANNOTATION = "annotation"
    REEXPORT = "reexport"
    TYPE_ONLY = "type-only"
    LAZY = "lazy"


class Import(msgspec.Struct, frozen=True):
    """One name one statement imports.

    ``written`` is the module the statement names: a module of the program, or the dotted name of one
    outside. ``target`` is where the name is really defined, re-exports followed: a module of the
    program with ``name`` in it (empty for the module itself), or a dotted name outside. ``bound`` is
    the name bound in ``scope``; ``at`` spans the statement, ``name_at`` the one name. ``users`` are the
    elements that use the name when they run, else those that name it in annotations.
    """

    module: Module
    written: Module | str
    target: Module | str
    name: str
    bound: str
    scope: Entity
    kind: Kind
    at: Span
    name_at: Span
    uses: tuple[Use, ...]
    users: tuple[Entity, ...]

    @property
    def dotted(self) -> str:
        """What is imported as one dotted name, by the place where it is defined."""
        if isinstance(self.target, str):
            return self.target
        return f"{self.target.name}.{self.name}" if self.name else self.target.name

    @property
    def reached(self) -> tuple[str, ...]:
        """The dotted names that are really meant: of a module imported whole, those that are used."""
        if self.name or self.target != self.written:
            return (self.dotted,)
        whole = self.dotted
        start = self.bound if whole.split(".")[0] == self.bound else whole
        return tuple(dict.fromkeys(".".join((start, *use.path)) for use in self.uses)) or (whole,)


class ImportGraph:
    """Who imports what.

    ``imports`` holds every name every module imports from the program or from outside, in source
    order, module by module.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._definitions = Definitions(program)
        self.of_module: dict[Module, tuple[Import, ...]] = {
            module: tuple(self._read(module)) for module in program.modules
        }

    @property
    def imports(self) -> Iterator[Import]:
        """All imports, in the order of modules and lines."""
        for found in self.of_module.values():
            yield from found

    def outside(self, module: Module, packages: frozenset[str]) -> Iterator[Import]:
        """Yield the imports of ``module`` that end in one of the outside ``packages``."""
        for one in self.of_module[module]:
            if isinstance(one.target, str) and one.target.partition(".")[0] in packages:
                yield one

    def elements(self, one: Import) -> tuple[Entity, ...]:
        """Return what of the target module an import is about: the class or function, else the module.

        Of a module that is imported whole, what is used of it.
        """
        if isinstance(one.target, str):
            return ()
        if one.name:
            return (self._definitions.entity(one.target, one.name) or one.target,)
        found: dict[Entity, None] = {}
        for use in one.uses:
            path = use.path[self._steps_to(one) :]
            entity = self._definitions.entity(one.target, path[0]) if path else None
            found[entity or one.target] = None
        return tuple(found) or (one.target,)

    def entity(self, module: Module, name: str) -> Entity | None:
        """Return the class or function ``name`` of a module is, where it has it from followed."""
        return self._definitions.entity(module, name)

    def taken(self, module: Module) -> frozenset[str] | None:
        """Return the names other modules take from ``module``, None where it may be any."""
        found: set[str] = set()
        for one in self.imports:
            if one.written is module and one.name:
                found.add(one.name)
            if one.target is module and not one.name:
                if one.bound == "*":
                    return None
                steps = self._steps_to(one)
                if any(len(use.path) <= steps for use in one.uses):
                    return None
                found.update(use.path[steps] for use in one.uses)
        return frozenset(found)

    def _steps_to(self, one: Import) -> int:
        """Return how many attributes of the bound name lead to the module: two for ``import a.b.c``."""
        is_plain = isinstance(one.written, Module) and one.written.name.split(".")[0] == one.bound
        return one.written.name.count(".") if is_plain and isinstance(one.written, Module) else 0

    def edges(self, lazy: bool = False) -> dict[Module, dict[Module, Import]]:
        """Return which module loads which when it is imported, with the first import that does it.

        With ``lazy`` those that load others later, too; never what is only for type checkers.
        """
        result: dict[Module, dict[Module, Import]] = {}
        for module, found in self.of_module.items():
            targets = result.setdefault(module, {})
            for one in found:
                counts = one.kind is not Kind.TYPE_ONLY and (lazy or one.kind is not Kind.LAZY)
                if counts and isinstance(one.written, Module) and one.written is not module:
                    targets.setdefault(one.written, one)
        return result

    def cycles(
        self, lazy: bool = False, counts: Callable[[Module, Module], bool] = lambda one, other: True
    ) -> list[Cycle[Module, Import]]:
        """Return the groups of modules that load each other, each with a shortest cycle.

        Only cycles are looked for that hold an import from one module to another that ``counts``.
        """
        return find_cycles(self.edges(lazy), counts)

    def as_names(self) -> dict[str, list[dict[str, str | int]]]:
        """Return ``{module: [{"module", "line", "kind"}]}``, the modules of the program alone."""
        result: dict[str, list[dict[str, str | int]]] = {}
        for module, found in self.of_module.items():
            rows = dict.fromkeys(
                (line_of(one.at), one.written.name, one.kind.value)
                for one in found
                if isinstance(one.written, Module)
            )
            result[module.name] = [
                {"module": name, "line": line, "kind": kind} for line, name, kind in sorted(rows)
            ]
        return dict(sorted(result.items()))

    # Reading ------------------------------------------------------------------------------------

    def _read(self, module: Module) -> Iterator[Import]:
        statements = import_statements(module)
        if not statements:
            return
        names = {
            alias.asname or (alias.name.partition(".")[0] if isinstance(node, r.Import) else alias.name)
            for node, _, _ in statements
            for alias in node.names
        }
        uses: dict[tuple[Entity, str], list[Use]] = {}
        for use in uses_of(module, names):
            uses.setdefault((use.scope, use.name), []).append(use)
        exported = self._definitions.listed(module)
        for node, scope, for_types in statements:
            for alias in node.names:
                if isinstance(node, r.Import):
                    bound = alias.asname or alias.name.partition(".")[0]
                    written = resolve_module(self._program, module, alias.name)
                    where: tuple[Module | str, Module | str, str] = (
                        written or alias.name, written or alias.name, "",
                    )  # fmt: skip
                else:
                    bound = alias.asname or alias.name
                    where = self._meaning(module, node, alias.name)
                used = tuple(uses.get((scope, bound), ()))
                if isinstance(node, r.Import) and not alias.asname and "." in alias.name:
                    rest = tuple(alias.name.split(".")[1:])
                    used = tuple(use for use in used if use.path[: len(rest)] == rest)
                is_public = bound in exported or alias.asname == alias.name or module.source.is_package
                yield Import(
                    module, *where, bound, scope, _kind(scope, for_types, used, is_public), node.at, alias.at,
                    used, _users(used),
                )  # fmt: skip

    def _meaning(
        self, module: Module, node: r.ImportFrom, name: str
    ) -> tuple[Module | str, Module | str, str]:
        origin = absolute_name(module, node)
        source = resolve_module(self._program, module, origin)
        base = source.name if source is not None else origin
        inner = resolve_module(self._program, module, f"{base}.{name}") if name != "*" else None
        if inner is not None and (source is None or not self._definitions.binds(source, name)):
            return inner, inner, ""
        if source is None:
            dotted = origin if name == "*" else f"{origin}.{name}"
            return origin, dotted, ""
        if name == "*":
            return source, source, ""
        target, own = self._definitions.resolve(source, name)
        return source, target, own


def _users(uses: tuple[Use, ...]) -> tuple[Entity, ...]:
    runtime = dict.fromkeys([use.element for use in uses if not use.in_annotation])
    return tuple(runtime or dict.fromkeys([use.element for use in uses]))


def _kind(scope: Entity, for_types: bool, uses: tuple[Use, ...], is_public: bool) -> Kind:
    if for_types:
        return Kind.TYPE_ONLY
    if isinstance(scope, Function):
        return Kind.LAZY
    if not uses:
        return Kind.REEXPORT if is_public else Kind.RUNTIME
    return Kind.ANNOTATION if all(use.in_annotation for use in uses) else Kind.RUNTIME


def import_statements(
    module: Module,
) -> list[tuple[r.Import | r.ImportFrom, Module | Function, bool]]:
    """Return all import statements of a module in source order.

    Each with the scope it stands in, and whether only type checkers run it.
    """
    return [
        (
            node,
            scope,
            any(
                around is scope and any(encloses(one.at, node.at) for one in guard.body)
                for guard, around in module.typing_guards
            ),
        )
        for node, scope in module.imports
    ]
