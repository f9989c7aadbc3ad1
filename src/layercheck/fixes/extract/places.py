"""Where the pieces of a handler belong: the project's own folders, file names and classes first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from layercheck.fixes.extract.target import Target
from layercheck.fixes.extract.wording import plural, snake
from layercheck.program.entities import Class, Module
from layercheck.project.model import Confidence
from layercheck.rules.measures.sessions import held_parameters
from layercheck.sources.source import Role

_FOLDERS = {"service": "services", "repository": "repositories"}
_FILES = {
    "service": "service",
    "repository": "repository",
    "exception": "exceptions",
    "dependency": "dependencies",
}
_ENDINGS = {"service": ("_service", "_services"), "repository": ("_repository", "_repo")}


@dataclass(frozen=True, slots=True)
class Home:
    """A file code goes to; ``module`` is None where it is new."""

    path: str
    name: str
    module: Module | None


class Places:
    """Finds the files for what is taken out of one handler about ``entity``."""

    def __init__(self, target: Target, entity: Class) -> None:
        self._target = target
        self.entity = entity
        self._project = target.view.project
        self._modules = [one for one in self._project.program.modules if one.source.role is Role.CODE]
        self._feature = self._project.presence.homes.get(target.function.module)

    @property
    def is_single(self) -> bool:
        """Whether the handler's file holds the tables, too, so that everything stays in it."""
        return self.entity.module is self._target.function.module

    def of_layer(self, layer: str, entity: Class) -> Home:
        """Return the file of the service or repository of ``entity``."""
        if self.is_single:
            return self.here()
        if self._feature is not None:
            return self._in_feature(layer, self._feature)
        folder, stem = self._folder(layer), self._stem(layer, entity)
        home = self.at(str(PurePosixPath(folder, f"{stem}.py")))
        package = self.at(str(PurePosixPath(folder, "__init__.py"))).module
        if home.module is None and package is not None and stem in package.bound:
            # a module of that name would hide what the package calls so
            return self.at(str(PurePosixPath(folder, f"{stem}_{layer}.py")))
        return home

    def of_exceptions(self) -> Home:
        """Return the file of the domain exceptions."""
        if self.is_single:
            return self.here()
        return self._shared("exception")

    def of_providers(self) -> Home:
        """Return the file of the providers."""
        if self.is_single:
            return self.here()
        home = self._shared("dependency")
        if home.module is not None and self._is_loaded(home.module):
            # what it would import loads it
            return self.at(str(PurePosixPath(PurePosixPath(home.path).parent, "providers.py")))
        return home

    def _is_loaded(self, module: Module) -> bool:
        """Return whether the tables of the entity load ``module``, itself or by others."""
        edges = self._target.view.imports.edges()
        seen, pending = {self.entity.module}, [self.entity.module]
        while pending:
            for one in edges.get(pending.pop(), ()):
                if one not in seen:
                    seen.add(one)
                    pending.append(one)
        return module in seen

    def of_unit_of_work(self) -> Home:
        """Return the file of the unit of work."""
        if self.is_single:
            return self.here()
        return self.at(str(PurePosixPath(self._top(), "unit_of_work.py")))

    def here(self) -> Home:
        """Return the handler's own file."""
        module = self._target.function.module
        return Home(module.path, module.name, module)

    def at(self, path: str) -> Home:
        """Return the file at ``path``."""
        module = next((one for one in self._modules if one.path == path), None)
        if module is not None:
            return Home(path, module.name, module)
        root = self._target.function.module.source.root
        relative = PurePosixPath(path).relative_to(root) if root else PurePosixPath(path)
        return Home(path, ".".join(relative.with_suffix("").parts), None)

    def packages(self, path: str) -> list[str]:
        """Return the files that make the folders of a new file packages, where its neighbours are."""
        root = Path(self._target.context.state.outcome.root)
        folder = PurePosixPath(path).parent
        found: list[str] = []
        while not (root / folder).is_dir():
            found.append(str(folder / "__init__.py"))
            folder = folder.parent
        top = root / folder
        is_top = str(folder) == (self._target.function.module.source.root or ".")
        siblings = [one for one in top.iterdir() if one.is_dir() and (one / "__init__.py").exists()]
        has = bool(siblings) if is_top else (top / "__init__.py").exists()
        return sorted(found) if has else []

    # Conventions --------------------------------------------------------------------------------

    def _top(self) -> str:
        """Return the folder of the package of the application."""
        module = self._target.function.module
        parts = PurePosixPath(module.path).parts
        depth = len(PurePosixPath(module.source.root).parts) if module.source.root else 0
        inside = parts[depth:-1]
        return str(PurePosixPath(*parts[: depth + 1])) if inside else str(PurePosixPath(*parts[:depth]))

    def _is_near(self, module: Module) -> bool:
        """Return whether a module can be imported as that of the handler is."""
        return module.source.root == self._target.function.module.source.root

    def _of(self, layer: str) -> list[Module]:
        """Return the modules of a layer, as their own file or folder says."""
        found = []
        for module in self._modules:
            assigned = self._project.layer(module)
            if self._is_near(module) and assigned.layer == layer and assigned.confidence >= Confidence.MEDIUM:
                found.append(module)
        return found

    def _folder(self, layer: str) -> str:
        folders = Counter(
            str(PurePosixPath(one.path).parent)
            for one in self._of(layer)
            if not one.source.is_package and any(self._is_made(cls, layer) for cls in one.classes)
        )
        top = self._top()
        own = {
            folder: count
            for folder, count in folders.items()
            if PurePosixPath(folder).name != PurePosixPath(top).name
        }
        if own:
            return max(sorted(own), key=lambda folder: own[folder])
        return str(PurePosixPath(top, _FOLDERS[layer]))

    def _is_made(self, cls: Class, layer: str) -> bool:
        """Return whether a class takes what it needs when it is made, as those that are written do."""
        if self._project.layer(cls).layer != layer:
            return False
        view = self._target.view
        for base in self._project.inference.hierarchy.order(cls):
            constructor = base.methods.get("__init__") if isinstance(base, Class) else None
            if constructor is not None:
                return layer != "repository" or any(True for _ in held_parameters(view, constructor))
        return False

    def _stem(self, layer: str, entity: Class) -> str:
        folder = self._folder(layer)
        stems = [
            PurePosixPath(one.path).stem
            for one in self._of(layer)
            if str(PurePosixPath(one.path).parent) == folder and not one.source.is_package
        ]
        one, many = snake(entity.name), plural(snake(entity.name))
        for ending in _ENDINGS[layer]:
            if stems and sum(stem.endswith(ending) for stem in stems) * 2 > len(stems):
                plurals = sum(stem.removesuffix(ending).endswith("s") for stem in stems)
                return f"{many if plurals * 2 > len(stems) else one}{ending}"
        plurals = sum(stem.endswith("s") for stem in stems)
        return one if stems and plurals * 2 < len(stems) else many

    def _in_feature(self, layer: str, feature: str) -> Home:
        """Return the file of a layer in the folder of a feature, called as other features call theirs."""
        kept = layer in _FOLDERS
        here = [
            one
            for one in self._of(layer)
            if str(PurePosixPath(one.path).parent) == feature
            and (not kept or any(self._is_made(cls, layer) for cls in one.classes))
        ]
        if here:
            return Home(here[0].path, here[0].name, here[0])
        homes = self._project.presence.homes
        names = Counter(
            PurePosixPath(one.path).name
            for one in self._of(layer)
            if one in homes
            and str(PurePosixPath(one.path).parent) == homes[one]
            and not one.source.is_package
        )
        name = names.most_common(1)[0][0] if names else f"{_FILES[layer]}.py"
        return self.at(str(PurePosixPath(feature, name)))

    def _shared(self, layer: str) -> Home:
        if self._feature is not None:
            return self._in_feature(layer, self._feature)
        top = self._top()
        found = [
            one
            for one in self._of(layer)
            if not one.source.is_package and (one.path.startswith(f"{top}/") or top == ".")
        ]
        found = [one for one in found if one not in self._project.presence.homes]
        if found:
            best = min(
                found, key=lambda one: (one.path.count("/"), -len(one.functions) - len(one.classes), one.path)
            )
            return Home(best.path, best.name, best)
        return self.at(str(PurePosixPath(top, f"{_FILES[layer]}.py")))
