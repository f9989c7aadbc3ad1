"""What the place of a module says: its file name and its directories, with the proof some words need."""

from __future__ import annotations

from functools import cached_property

import msgspec

from layercheck.facts import records as r
from layercheck.facts.nodes import applied, inside, is_for_programs, written_name
from layercheck.inference.values import Instance, Made
from layercheck.program.entities import Class, Entity, Module
from layercheck.project.evidence import Evidence, elements
from layercheck.project.identity import is_data_base, is_exception
from layercheck.project.model import Assignment, Confidence, Project
from layercheck.project.packages import RINGS, STORES, Packages
from layercheck.project.requests import handles_requests
from layercheck.project.subjects import Subjects
from layercheck.project.words import Place, Word, class_word, directory_layer, readings

_CONTAINERS = ("dependency_injector.containers.", "dishka.", "injector.", "punq.", "lagom.", "svcs.", "kink.")

_WEB = ("fastapi.", "starlette.")

_DOMAIN_DIRECTORIES = frozenset({"domain", "entities", "aggregates", "value_objects"})


class Placement:
    """Reads the places of modules."""

    def __init__(self, project: Project, evidence: Evidence) -> None:
        self._project = project
        self._evidence = evidence
        self._packages = Packages(project.program.modules)
        self._subjects = Subjects(project, evidence)
        self._found: dict[Module, Assignment | None] = {}

    def of(self, module: Module) -> Assignment | None:
        """Return what file and directory names prove about ``module``; None where they say nothing."""
        if module not in self._found:
            self._found[module] = next(
                (
                    self._weighed(module, word, said)
                    for word, said in readings(self.place(module))
                    if self._proves(module, word)
                    and not self._is_feature(module, word)
                    and not self._only_helps(module, word)
                    and not self._is_about_packages(module, word)
                    and not self._holds_other_models(module, word)
                ),
                None,
            )
        return self._found[module]

    def _is_feature(self, module: Module, word: Word) -> bool:
        """Return whether a noun only names the feature ``module`` is about.

        Any word may do so where the folder has another layer: ``services/repos.py``, ``services/models.py``.
        """
        if word.ends or word.text != module.name.rpartition(".")[2]:
            return False
        if not word.ambiguous and self.folder(module) in ("", word.layer):
            return False
        return not self._holds_routes(module) and self._packages.is_of_feature(module, self._routers)

    @cached_property
    def _routers(self) -> tuple[Module, ...]:
        return tuple(module for module in self._project.program.modules if self._holds_routes(module))

    @cached_property
    def _directories_of_routes(self) -> frozenset[str]:
        """The names of all directories around routes: what is called so is about the web here."""
        return frozenset(name.lower() for router in self._routers for name in self.place(router).directories)

    def _only_helps(self, module: Module, word: Word) -> bool:
        """Return whether a file among helpers only helps with what it is called after.

        One called ``database`` neither queries nor sets anything up, one called ``services`` has no service.
        """
        if word.text != module.name.rpartition(".")[2] or self.folder(module) != "util":
            return False
        if word.layer == "service":
            words = (class_word(cls.name) for cls in module.classes)
            return not any(named is not None and named[0] == "service" for named in words)
        if word.layer != "database":
            return False
        doings = map(self._evidence.of, (module, *elements(module)))
        return not any(one.queries or one.opens or one.ends or one.makes_engine for one in doings)

    def _is_about_packages(self, module: Module, word: Word) -> bool:
        """Return whether a file is called after dependencies that are not the framework's.

        What checks installed packages or plugins imports nothing of the web, and no ``Depends`` is in
        it or names what it defines.
        """
        if word.layer != "dependency" or not self.place(module).stem.lower().endswith(word.text):
            return False
        imported: set[str] = set()
        for node in inside(*module.facts.body):
            if isinstance(node, r.Import):
                imported.update(alias.name for alias in node.names)
            elif isinstance(node, r.ImportFrom):
                imported.add(node.module)
        is_web = any(f"{name}.".startswith(_WEB) for name in imported)
        return bool(module.classes) and not (is_web or self._injects(module) or self._wires(module))

    def _holds_other_models(self, module: Module, word: Word) -> bool:
        """Return whether a folder called after models holds no data but what talks to the outside.

        Such are models that a server elsewhere runs, and what picks one.
        """
        parts = module.name.split(".")[:-1]
        if word.text not in ("models", "model") or word.text not in parts:
            return False
        package = ".".join(parts[: len(parts) - parts[::-1].index(word.text)])
        classes = [cls for one in self._below(package) for cls in one.classes]
        talks = any(self._evidence.of(cls).talks for cls in classes)
        return talks and not any(map(self._is_data, classes))

    def _below(self, package: str) -> list[Module]:
        return [one for one in self._project.program.modules if one.name.startswith(f"{package}.")]

    def _is_data(self, cls: Class) -> bool:
        outside = self._project.inference.hierarchy.outside(cls)
        decorated = any("dataclass" in _called(decorator) for decorator in cls.node.decorators)
        return decorated or bool(cls.annotations) or any(map(is_data_base, outside))

    def _weighed(self, module: Module, word: Word, said: Assignment) -> Assignment:
        """Return ``said`` with little weight where a directory only names the outer ring of an architecture.

        ``infrastructure/`` and ``adapters/`` say little where they hold repositories, entities or routers,
        and so does ``storage/`` where it holds repositories.
        """
        if word.text not in RINGS | STORES or said.layer != word.layer:
            return said
        is_ring = self._packages.is_ring(module, word.text)
        return msgspec.structs.replace(said, confidence=Confidence.WEAK) if is_ring else said

    def by_callers(self, module: Module, layers: dict[Entity, Assignment]) -> Assignment | None:
        """Return the layer of a module whose name says something only where handlers call it."""
        if module in layers:
            return None
        for word, said in readings(self.place(module)):
            if self._proves(module, word):
                return None
            if word.proof == "calls" and self._is_called_by_handlers(module):
                return Assignment(
                    said.layer, said.confidence, f"{said.evidence}, called by handlers, holds no route"
                )
        return None

    def place(self, module: Module) -> Place:
        """Return the file name and the telling directories of ``module``."""
        parts = module.name.split(".")
        stem = "__init__" if module.path.endswith("__init__.py") else parts.pop()
        skipped = 1 if parts and (module.source.root, parts[0]) in self._packages.roots else 0
        in_feature = (module.source.root, ".".join(parts)) in self._packages.features
        return Place(stem, tuple(reversed(parts[skipped:])), in_feature)

    def names(self, module: Module) -> frozenset[str]:
        """Return the names of the file and of all telling directories."""
        place = self.place(module)
        return frozenset({place.stem, *place.directories})

    def folder(self, module: Module) -> str:
        """Return the layer of the nearest telling directory around ``module``, empty where there is none.

        A directory that holds all layers of a feature tells nothing.
        """
        place = self.place(module)
        telling = place.directories[1:] if place.in_feature else place.directories
        layers = (directory_layer(name) for name in telling)
        return next((layer for layer in layers if layer), "")

    def in_domain(self, module: Module) -> bool:
        """Return whether the nearest telling directory around ``module`` is one of domain classes."""
        telling = (name for name in self.place(module).directories if directory_layer(name))
        return next(telling, "") in _DOMAIN_DIRECTORIES

    def _proves(self, module: Module, word: Word) -> bool:
        match word.proof:
            case "":
                return True
            case "routes":
                return self._holds_routes(module)
            case "no routes":
                return word.text not in self._directories_of_routes
            case "tasks":
                return self._holds_tasks(module)
            case "no tasks":
                is_program = any(map(is_for_programs, module.facts.body))
                return not self._lies_beside_tasks(module) and not is_program
            case "wiring":
                return self._wires(module)
            case "exceptions":
                return any(self._is_exception(cls) for cls in module.classes)
            case "classes":
                return bool(module.classes) or not module.functions
            case "data":
                return any(self._holds_data(cls) for cls in module.classes) or not module.functions
            case "values":
                return not self._injects(module) and (
                    not module.classes or any(self._holds_values(cls) for cls in module.classes)
                )
            case "models":
                return any(map(self._holds_values, module.classes))
            case "no wiring":
                return not self._injects(module)
            case "sessions":
                doings = map(self._evidence.of, (module, *elements(module)))
                return any(one.makes_engine or one.opens or one.ends or one.queries for one in doings)
            case "database":
                return self._subjects.may_be_database(module, self._directory(module, word))
            case "helpers":
                return self._subjects.keeps_to_itself(module)
            case "schemas":
                return self._subjects.may_describe_data(module)
            case "top":
                return not any(map(directory_layer, self.place(module).directories))
        return False

    def _directory(self, module: Module, word: Word) -> str:
        """Return the directory that ``word`` is from, empty where it is from the file name."""
        place = self.place(module)
        if place.stem.lower().strip("_").endswith(word.text):
            return ""
        names = (name.lower() for name in place.directories)
        return next((name for name in names if name.strip("_").endswith(word.text)), "")

    def _holds_routes(self, module: Module) -> bool:
        if self._evidence.of(module).makes_router:
            return True
        return any(f in self._project.handlers or self._evidence.of(f).makes_router for f in module.functions)

    def _holds_tasks(self, module: Module) -> bool:
        tasks = self._evidence.tasks
        if any(element in tasks for element in elements(module)):
            return True
        heap = self._project.inference.heap
        return any(
            isinstance(value, (Made, Instance)) and _name_of(value) in ("celery.Celery", "huey.Huey")
            for name in sorted(module.bound)
            for value in heap.read(("name", module, name), None)
        ) and bool(module.functions)

    def _holds_data(self, cls: Class) -> bool:
        """Return whether ``cls`` may describe data: no response or the like of a web library does."""
        outside = self._project.inference.hierarchy.outside(cls)
        return not any(name.startswith(_WEB) for name in outside)

    def _injects(self, module: Module) -> bool:
        """Return whether functions of ``module`` have ``Depends`` parameters: they wire, and set nothing."""
        return any(function in self._project.dependencies for function in module.functions)

    def _holds_values(self, cls: Class) -> bool:
        """Return whether ``cls`` may be a part of a configuration: a data class, an enum, or of a library.

        A class of the program's own that has methods alone only works on something called config.
        """
        decorated = any("dataclass" in _called(decorator) for decorator in cls.node.decorators)
        outside = [name for name in self._project.inference.hierarchy.outside(cls) if not _is_plain(name)]
        public = any(not name.startswith("_") for name in cls.methods)
        return decorated or bool(outside) or bool(cls.annotations) or not public

    def _lies_beside_tasks(self, module: Module) -> bool:
        """Return whether a package called ``command(s)`` around ``module`` holds commands of a shell."""
        parts = module.name.split(".")
        packages = {
            ".".join(parts[: index + 1])
            for index, part in enumerate(parts)
            if part.endswith(("command", "commands"))
        }
        return not packages.isdisjoint(self._task_packages)

    @cached_property
    def _task_packages(self) -> frozenset[str]:
        found: set[str] = set()
        for element in self._evidence.tasks:
            parts = element.module.name.split(".")
            found.update(".".join(parts[:end]) for end in range(1, len(parts) + 1))
        return frozenset(found)

    def _is_exception(self, cls: Class) -> bool:
        outside = self._project.inference.hierarchy.outside(cls)
        return any(map(is_exception, outside)) or (not outside and cls.name.endswith(("Error", "Exception")))

    def _wires(self, module: Module) -> bool:
        providers = self._project.providers
        return any(element in providers for element in elements(module)) or self.holds_containers(module)

    def holds_containers(self, module: Module) -> bool:
        """Return whether ``module`` defines containers of a library for dependency injection."""
        outside = self._project.inference.hierarchy.outside
        return any(name.startswith(_CONTAINERS) for cls in module.classes for name in outside(cls))

    def _is_called_by_handlers(self, module: Module) -> bool:
        handlers = self._project.handlers
        if self._holds_routes(module):
            return False
        called = (
            element
            for element in elements(module)
            if any(caller in handlers for caller in self._evidence.called_by(element))
        )
        return any(not handles_requests(self._project, element) for element in called)


def _singular(stem: str) -> str:
    return stem.removesuffix("s")


def _called(decorator: r.Expr) -> str:
    return written_name(applied(decorator))


def _is_plain(name: str) -> bool:
    """Return whether an outside base says nothing of what a class is."""
    return name in ("abc.ABC", "builtins.object") or name.startswith("typing.")


def _name_of(value: Made | Instance) -> str:
    name = value.name if isinstance(value, Made) else value.cls
    return name if isinstance(name, str) else ""
