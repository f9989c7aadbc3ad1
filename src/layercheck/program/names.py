"""Which module an import statement means."""

from __future__ import annotations

import sys

from layercheck.facts import records as r
from layercheck.program.entities import Module, Program


def absolute_name(module: Module, statement: r.ImportFrom) -> str:
    """Return the dotted name ``statement`` of ``module`` imports from, its dots resolved.

    A relative import that climbs past the import root keeps what can be resolved.
    """
    if not statement.level:
        return statement.module
    parts = module.name.split(".")
    climb = statement.level - (1 if module.source.is_package else 0)
    base = parts[: max(len(parts) - climb, 0)]
    return ".".join([*base, statement.module] if statement.module else base)


def resolve_module(program: Program, asker: Module, name: str) -> Module | None:
    """Return the module of the program that ``name`` means for ``asker``.

    Scripts import their neighbours without a package (``import helpers`` beside ``helpers.py``), so
    the folder of the asker is tried last; not for the standard library, which a neighbour may be
    named like, nor in a regular package: in ``tasks/celery.py``, ``celery`` is the library.
    """
    found = program.find(name, asker.source.root)
    if found is not None:
        return found
    if name.partition(".")[0] in sys.stdlib_module_names:
        return None
    folder = "" if asker.source.is_package else asker.name.rpartition(".")[0]
    package = program.find(folder, asker.source.root) if folder else None
    if not folder or package is not None or program.is_package(name.partition(".")[0]):
        return None
    return program.find(f"{folder}.{name}", asker.source.root)
