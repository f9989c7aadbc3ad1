"""Imports as import-linter counts them: from module to module, by the names the statements write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from layercheck.facts import records as r
from layercheck.graphs.imports import import_statements
from layercheck.location import Place
from layercheck.program.entities import Module
from layercheck.program.names import absolute_name

if TYPE_CHECKING:
    import grimp


class ModuleImports(msgspec.Struct, frozen=True):
    """The modules below some root packages and what they import.

    ``modules`` holds every package and module by name, None for a folder without a file of its own.
    ``edges`` maps importer and imported to the places of the statements. ``outside`` are the imported
    top-level packages that are none of them.
    """

    modules: Mapping[str, Module | None]
    edges: Mapping[tuple[str, str], tuple[Place, ...]]
    outside: frozenset[str]

    def as_grimp(self) -> grimp.ImportGraph:
        """Return the same as the graph import-linter works on."""
        import grimp as library

        graph = library.ImportGraph()
        for name in self.modules:
            graph.add_module(name)
        for name in sorted(self.outside):
            graph.add_module(name, is_squashed=True)
        for (importer, imported), places in self.edges.items():
            for place in places:
                graph.add_import(
                    importer=importer, imported=imported, line_number=place.line, line_contents=""
                )
        return graph


def module_imports(
    files: list[Module], root_packages: list[str], *, outside: bool, for_types: bool
) -> ModuleImports:
    """Return what the modules of ``files`` below ``root_packages`` import.

    ``outside`` counts imports of other packages too, ``for_types`` those under ``TYPE_CHECKING``.
    """
    modules: dict[str, Module | None] = {}
    for file in files:
        if _root_of(file.name, root_packages):
            modules.setdefault(file.name, file)
    for name in list(modules):
        for package in _packages_above(name, root_packages):
            modules.setdefault(package, None)
    edges: dict[tuple[str, str], list[Place]] = {}
    foreign: set[str] = set()
    for name, module in sorted(modules.items()):
        for node, _, only_types in import_statements(module) if module else ():
            if only_types and not for_types:
                continue
            for written in _written(module, node) if module else ():
                imported = _imported(written, modules)
                if not imported and outside and not _root_of(written[0], root_packages):
                    imported = _outside(written[0], root_packages)
                    foreign.add(imported)
                if imported and imported != name and module:
                    edges.setdefault((name, imported), []).append(Place.of(module.path, node.at))
    return ModuleImports(
        dict(sorted(modules.items())),
        {edge: tuple(sorted(set(places))) for edge, places in sorted(edges.items())},
        frozenset(foreign),
    )


def _written(module: Module, node: r.Import | r.ImportFrom) -> Iterator[tuple[str, ...]]:
    """Yield the names each alias may mean, the best first."""
    for alias in node.names:
        if isinstance(node, r.Import):
            yield (alias.name, alias.name.rpartition(".")[0])
        else:
            origin = absolute_name(module, node)
            yield (origin,) if alias.name == "*" else (f"{origin}.{alias.name}", origin)


def _imported(names: tuple[str, ...], modules: Mapping[str, Module | None]) -> str:
    return next((name for name in names if name in modules), "")


def _root_of(name: str, root_packages: list[str]) -> str:
    return next((root for root in root_packages if f"{name}.".startswith(f"{root}.")), "")


def _packages_above(name: str, root_packages: list[str]) -> Iterator[str]:
    while _root_of(name := name.rpartition(".")[0], root_packages):
        yield name


def _outside(name: str, root_packages: list[str]) -> str:
    """Return the package a foreign name is counted as: the shortest that holds no root package."""
    parts = name.split(".")
    for end in range(1, len(parts)):
        package = ".".join(parts[:end])
        if not any(f"{root}.".startswith(f"{package}.") for root in root_packages):
            return package
    return name
