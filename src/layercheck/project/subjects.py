"""What modules are about, where their names say one thing and their code another."""

from __future__ import annotations

import sys
from functools import cached_property

from layercheck.facts import records as r
from layercheck.facts.nodes import inside
from layercheck.program.entities import Module
from layercheck.project.behaviour import PURE_PACKAGES
from layercheck.project.evidence import Evidence, elements
from layercheck.project.model import Project

_DATABASES_OF_PYTHON = frozenset({"sqlite3", "dbm", "shelve"})

_NO_DATABASES = PURE_PACKAGES | {
    "fastapi", "starlette", "uvicorn", "pydantic_settings", "typing_extensions", "jinja2", "markupsafe",
    "typer", "click", "rich", "rich_click", "questionary", "textual", "tqdm", "streamlit", "nicegui",
    "httpx", "requests", "aiohttp", "yaml", "dotenv", "anyio", "tenacity", "docker",
}  # fmt: skip
"""Packages that keep no data. Of any other that is not known it may well be what a database is reached by."""

_GRAPHS = frozenset({"strawberry", "graphene", "ariadne"})
"""Packages whose schema is what a server answers by."""


class Subjects:
    """Asks whether the code of modules contradicts what they are called."""

    def __init__(self, project: Project, evidence: Evidence) -> None:
        self._project = project
        self._evidence = evidence
        self._packages: dict[tuple[str, str], bool] = {}

    def may_be_database(self, module: Module, directory: str = "") -> bool:
        """Return whether ``module``, or any other in a ``directory`` around it, may deal with a database.

        A module that defines nothing hands on what lies elsewhere, which may.
        """
        if not directory:
            return self._may_deal(module)
        parts = module.name.split(".")
        names = [part.lower() for part in parts[:-1]]
        package = ".".join(parts[: len(names) - names[::-1].index(directory)]) if directory in names else ""
        key = module.source.root, package
        if key not in self._packages:
            below = [
                one
                for one in self._project.program.modules
                if one.source.root == key[0] and f"{one.name}.".startswith(f"{package}.")
            ]
            self._packages[key] = any(map(self._may_deal, below))
        return self._packages[key]

    def _may_deal(self, module: Module) -> bool:
        own = elements(module)
        if not own:
            return not module.path.endswith("__init__.py")
        if not _NO_DATABASES.issuperset(self._outside(module)):
            return True
        callees = (one for element in own for one in self._evidence.callees.get(element, ()))
        doings = map(self._evidence.of, (module, *own, *callees))
        return any(one.queries or one.opens or one.ends or one.makes_engine for one in doings)

    def keeps_to_itself(self, module: Module) -> bool:
        """Return whether nothing in ``module`` runs statements, opens sessions or talks to the outside."""
        doings = map(self._evidence.of, (module, *elements(module)))
        return not any(one.queries or one.opens or one.ends or one.talks for one in doings)

    def may_describe_data(self, module: Module) -> bool:
        """Return whether ``module`` may hold schemas: classes, or nothing but values that are no tables."""
        if not _GRAPHS.isdisjoint(self._outside(module)):
            return False
        makes_tables = "sqlalchemy.Table" in self._evidence.of(module).calls
        return bool(module.classes) or not (module.functions or makes_tables)

    def _outside(self, module: Module) -> set[str]:
        """Return the packages ``module`` imports that are neither Python's own nor the program's."""
        found: set[str] = set()
        for node in inside(*module.facts.body):
            if isinstance(node, r.Import):
                found.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, r.ImportFrom) and not node.level:
                found.add(node.module.partition(".")[0])
        plain = sys.stdlib_module_names - _DATABASES_OF_PYTHON
        return {name for name in found if name not in plain and name not in self._own}

    @cached_property
    def _own(self) -> frozenset[str]:
        return frozenset(module.name.partition(".")[0] for module in self._project.program.modules)
