"""Feature-first layouts: directories that hold all layers of one feature."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.config.patterns import path_patterns
from layercheck.config.schema import Config
from layercheck.program.entities import Module
from layercheck.project.model import Project
from layercheck.project.words import DIRECTORY_WORDS, FILE_WORDS
from layercheck.sources.source import Role

FEWEST = 2
"""So many features make a layout feature-first."""

_INNER = frozenset({"service", "repository", "schema", "entity"})
_ROUTER_DIRECTORIES = frozenset({"api", "http", "web", "presentation"})
_PLACEHOLDER = "{feature}"


def features(project: Project, config: Config) -> dict[Module, str]:
    """Return the feature of every module that belongs to one, by the directory of the feature.

    Empty where the layout is not feature-first.
    """
    modules = [module for module in project.program.modules if module.source.role is Role.CODE]
    if config.features is not None:
        return _by_pattern(modules, config.features)
    found = _find(project, modules)
    if len(found) < FEWEST:
        return {}
    homes = ((module, _home(module.path, found)) for module in modules)
    return {module: home for module, home in homes if home is not None}


def _by_pattern(modules: list[Module], pattern: str) -> dict[Module, str]:
    head = pattern.partition(_PLACEHOLDER)[0]
    name = pattern[len(head) :].partition("/")[0].replace(_PLACEHOLDER, "*")
    spec = path_patterns([f"/{head.lstrip('/')}{name}/"])
    homes: dict[Module, str] = {}
    for module in modules:
        outermost_first = reversed(list(_ancestors(module.path)))
        home = next((one for one in outermost_first if spec.match_file(f"{one}/")), None)
        if home is not None:
            homes[module] = home
    return homes


def _find(project: Project, modules: list[Module]) -> set[str]:
    """Return the directories that hold a router and at least one inner layer.

    Either as files called like their layers, or as folders. A directory of folders that holds whole
    features is none itself.
    """
    in_files: dict[str, set[str]] = {}
    in_folders: dict[str, set[str]] = {}
    for module in modules:
        layer = project.layer(module).layer
        directories = list(_ancestors(module.path))
        if not directories:
            continue
        stem = module.path.rpartition("/")[2].removesuffix(".py")
        if stem in FILE_WORDS or layer == "router":
            in_files.setdefault(directories[0], set()).add(layer)
        for inner, outer in zip(directories, directories[1:], strict=False):
            name = inner.rpartition("/")[2]
            if name in DIRECTORY_WORDS or (layer == "router" and name in _ROUTER_DIRECTORIES):
                in_folders.setdefault(outer, set()).add(layer)
    flat, deep = _whole(in_files), _whole(in_folders)
    kept = _with_siblings(flat | deep)
    holders = {outer for directory in kept for outer in _ancestors(directory)}
    return kept - (holders - flat)


def _whole(held: dict[str, set[str]]) -> set[str]:
    return {directory for directory, layers in held.items() if "router" in layers and layers & _INNER}


def _with_siblings(candidates: set[str]) -> set[str]:
    """Keep the directories that have others like them beside them."""
    groups: dict[str, set[str]] = {}
    for directory in candidates:
        groups.setdefault(directory.rpartition("/")[0], set()).add(directory)
    return {directory for group in groups.values() if len(group) >= FEWEST for directory in group}


def _home(path: str, found: set[str]) -> str | None:
    return next((directory for directory in _ancestors(path) if directory in found), None)


def _ancestors(path: str) -> Iterator[str]:
    """Yield the directories around a file, the innermost first, without the project root."""
    directory = path.rpartition("/")[0]
    while directory:
        yield directory
        directory = directory.rpartition("/")[0]
