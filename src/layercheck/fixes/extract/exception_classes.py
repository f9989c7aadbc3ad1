"""The classes of domain exceptions: those the project has, and those that are written."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from layercheck.fixes.extract.errors import Error
from layercheck.fixes.extract.names import Origin
from layercheck.fixes.extract.pages import Pages
from layercheck.fixes.extract.places import Home
from layercheck.fixes.fix import Context
from layercheck.program.entities import Class, Module


class Chosen(NamedTuple):
    """A class that is raised for an error; ``existing`` where the project has it."""

    name: str
    error: Error
    origin: Origin
    existing: Class | None


class ExceptionClasses:
    """Chooses the class for an error, and writes it into ``home`` where it is new."""

    def __init__(self, context: Context, near: Module, home: Home) -> None:
        """Choose among the classes that can be imported as the module ``near`` is."""
        self._context = context
        self._home = home
        self._types = context.view.exceptions.types
        project = context.view.project
        self._domain = [
            cls
            for cls in project.program.classes
            if self._types.is_exception(cls)
            and not self._types.is_http(cls)
            and cls.module.source.root == near.source.root
            and (project.layer(cls).layer == "exception" or cls.module is home.module)
        ]
        self._base = self._find_base()

    @property
    def suffix(self) -> str:
        """What the names of the project's exceptions end with, empty where they share nothing."""
        names = [cls.name for cls in self._domain if cls is not self._base]
        for ending in ("Error", "Exception"):
            if names and sum(name.endswith(ending) for name in names) * 2 > len(names):
                return ending
        return ""

    def choose(self, error: Error) -> Chosen:
        """Return the class that is raised for ``error``: one of this name, or a new one."""
        name = error.name
        for cls in self._domain:
            if cls.name == name:
                if self._is_plain(cls):
                    return Chosen(name, error, Origin(cls.module.name, name, name), cls)
                name = f"{error.name.removesuffix(self.suffix)}Refused{self.suffix}"
        return Chosen(name, error, Origin(self._home.name, name, name), None)

    def write(self, chosen: Chosen, pages: Pages) -> None:
        """Put the class into its file, unless it is there."""
        if chosen.existing is not None:
            return
        base, needs = "Exception", []
        if self._base is not None:
            base = self._base.name
            needs.append(Origin(self._base.module.name, base, base))
        told = chosen.error.text.rstrip(".") or _sentence(chosen.name)
        told = told.replace("\\", "\\\\").replace('"""', "'''")
        doc = f'"""{told}."""' if not told.endswith('"') else f'"""{told} ."""'
        pages.add(
            self._home,
            f"class {chosen.name}({base}):\n    {doc}",
            needs,
            "What can go wrong in the terms of the business.",
        )

    def _find_base(self) -> Class | None:
        """Return the base most exceptions of the project share, one that can be made of any text."""
        counted: Counter[Class] = Counter()
        for cls in self._domain:
            for base in self._context.view.project.inference.hierarchy.order(cls)[1:]:
                if isinstance(base, Class) and base in self._domain:
                    counted[base] += 1
        for cls, _ in counted.most_common():
            if self._is_plain(cls):
                return cls
        lone = [
            cls
            for cls in self._domain
            if cls.name in ("DomainError", "DomainException", "AppError", "BaseError")
        ]
        return next((cls for cls in lone if self._is_plain(cls)), None)

    def _is_plain(self, cls: Class) -> bool:
        """Return whether a class can be made of nothing, or of one text."""
        for base in self._types.order(cls):
            if isinstance(base, Class) and "__init__" in base.methods:
                params = base.methods["__init__"].params[1:]
                needed = [one for one in params if one.default is None and one.kind not in ("var", "kwvar")]
                return not needed
            if not isinstance(base, Class):
                return base.startswith("builtins.")
        return True


def _sentence(name: str) -> str:
    from layercheck.fixes.extract.wording import words

    return " ".join(words(name)).capitalize()
