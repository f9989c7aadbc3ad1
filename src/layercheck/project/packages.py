"""What the packages of a program are by what lies in them: root, features, outer rings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from layercheck.program.entities import Module
from layercheck.project.words import directory_layer, file_layer

Package = tuple[str, str]
"""A package: the import root it belongs to, and its dotted name."""

RINGS = frozenset({"infrastructure", "infra", "adapters"})
"""Names of the outer ring of hexagonal and onion architectures, and of code that talks to the outside."""

STORES = frozenset({"storage", "gateways"})
"""Names of infrastructure that may as well be all there is about data, repositories included."""

_IN_RINGS = frozenset({"repository", "entity", "database", "router", "service"})
"""Layers that are no infrastructure but lie in the outer ring."""

_FILES_PER_FEATURE = 3
"""So many files of a folder are called like routers where the folder has one for each feature."""

_SHARE_OF_ROOT = 0.8
"""A top-level package with more of the modules than this is the root package and says nothing."""


class Packages:
    """Knows the packages of ``modules``.

    ``roots`` are the top-level packages that hold nearly all modules of their import root, ``features``
    those whose files are called like several layers.
    """

    def __init__(self, modules: Iterable[Module]) -> None:
        self.roots = frozenset(_root_packages(modules))
        self.features = frozenset(_feature_packages(modules))
        self._rings = frozenset(_rings(modules))
        self._stems: dict[Package, set[str]] = {}
        for module in modules:
            package, stem = _package_and_stem(module)
            self._stems.setdefault(package, set()).add(_singular(stem))

    def is_ring(self, module: Module, name: str) -> bool:
        """Return whether a directory ``name`` around ``module`` holds more than infrastructure."""
        parts = module.name.split(".")[:-1]
        return any(
            (module.source.root, ".".join(parts[: index + 1])) in self._rings
            for index, part in enumerate(parts)
            if part.lower() == name
        )

    def is_of_feature(self, module: Module, routers: Iterable[Module]) -> bool:
        """Return whether ``module`` is called like one of ``routers``, in a folder of a file for each.

        ``chain/storage.py`` beside ``chain/users.py`` and ``chain/media.py``, where ``api/`` has routers
        of these names.
        """
        package, stem = _package_and_stem(module)
        named = {_singular(_package_and_stem(router)[1]) for router in routers if router is not module}
        alike = self._stems[package] & named
        return _singular(stem) in alike and len(alike) >= _FILES_PER_FEATURE


def _package_and_stem(module: Module) -> tuple[Package, str]:
    package, _, stem = module.name.rpartition(".")
    return (module.source.root, package), stem


def _singular(stem: str) -> str:
    return stem.removesuffix("s")


def _rings(modules: Iterable[Module]) -> Iterable[Package]:
    for module in modules:
        parts = module.name.split(".")
        for index, part in enumerate(parts[:-1]):
            below = (*map(directory_layer, parts[index + 1 : -1]), file_layer(parts[-1]))
            held = _IN_RINGS if part.lower() in RINGS else {"repository"} if part.lower() in STORES else ()
            if not set(held).isdisjoint(below):
                yield module.source.root, ".".join(parts[: index + 1])


def _feature_packages(modules: Iterable[Module]) -> Iterable[Package]:
    held: dict[Package, set[str]] = {}
    for module in modules:
        package, stem = _package_and_stem(module)
        layer = "" if module.path.endswith("__init__.py") else file_layer(stem)
        layer = "service" if stem == "service" else layer
        if layer and layer not in ("util", "exception", "app"):
            held.setdefault(package, set()).add(layer)
    return (
        package
        for package, layers in held.items()
        if len(layers) > 1 and not _is_for_all_features(package[1].rpartition(".")[2])
    )


def _is_for_all_features(name: str) -> bool:
    """Return whether a directory holds one layer of every feature: ``services``, or helpers."""
    layer = directory_layer(name)
    return layer == "util" or (layer == "service" and name.endswith("s"))


def _root_packages(modules: Iterable[Module]) -> Iterable[Package]:
    by_root: dict[str, Counter[str]] = {}
    for module in modules:
        counts = by_root.setdefault(module.source.root, Counter())
        counts[module.name.partition(".")[0]] += 1
    for root, counts in by_root.items():
        total = sum(counts.values())
        for name, count in counts.items():
            if count > 1 and count > total * _SHARE_OF_ROOT:
                yield root, name
