"""How much of a project has a layer."""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.program.entities import Entity, Module
from layercheck.project.model import UNKNOWN, Project


def is_classified(project: Project, module: Module) -> bool:
    """Return whether a module, or anything it defines, has a layer."""
    elements: list[Entity] = [module, *module.functions, *module.classes]
    return any(project.layer(element).layer != UNKNOWN.layer for element in elements)


def holds_code(module: Module) -> bool:
    """Return whether a module does more than import, re-export and document."""
    return any(
        not isinstance(statement, (r.Import, r.ImportFrom))
        and not (isinstance(statement, r.Evaluate) and isinstance(statement.value, r.Constant))
        and not _assigns_dunder(statement)
        for statement in module.facts.body
    )


def _assigns_dunder(statement: r.Stmt) -> bool:
    match statement:
        case r.Assign(targets=(r.Name(id=name),)) | r.Annotated(target=r.Name(id=name)):
            return name.startswith("__")
        case r.Augmented(target=r.Name(id=name)):
            return name.startswith("__")
    return False
