"""Where code that stands in the wrong place belongs: names for the help of a finding."""

from __future__ import annotations

from collections.abc import Iterable

from layercheck.program.entities import Class, Function, Module
from layercheck.rules.measures.database import Database, Touch
from layercheck.rules.measures.words import spoken
from layercheck.rules.view import View


class Homes:
    """Knows which repository keeps which entity, and which service uses which repository."""

    def __init__(self, view: View, database: Database) -> None:
        self._view = view
        self._database = database
        self._keepers: dict[Class, Class | Module] | None = None

    def repository_for(self, touches: Iterable[Touch]) -> str:
        """Return words for the repository that keeps what ``touches`` are about."""
        keepers = self._known()
        for touch in touches:
            for entity in self._entities(touch):
                if entity in keepers:
                    return f"`{spoken(keepers[entity])}`"
        for touch in touches:
            for entity in self._entities(touch):
                return f"a repository of `{entity.name}`"
        return "a repository"

    def _known(self) -> dict[Class, Class | Module]:
        if self._keepers is None:
            self._keepers = {}
            project = self._view.project
            for function in project.program.functions:
                if project.layer(function).layer == "repository":
                    self._read(function)
        return self._keepers

    def _read(self, function: Function) -> None:
        assert self._keepers is not None
        for frame in self._view.calls.frames(function):
            owner = getattr(frame.receiver, "cls", None)
            keeper = owner if isinstance(owner, Class) else function.owner or function.module
            for touch in self._database.touches(frame):
                for entity in self._entities(touch):
                    self._keepers.setdefault(entity, keeper)

    def _entities(self, touch: Touch) -> list[Class]:
        given = [cls for values in touch.site.args for cls in self._database.entities(values)]
        return sorted(dict.fromkeys(given), key=lambda cls: cls.qualname)
