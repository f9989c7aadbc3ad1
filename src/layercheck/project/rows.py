"""Routes as rows of plain data, for ``layercheck routes``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from layercheck.graphs.calls import CallGraph
from layercheck.location import line_of
from layercheck.program.entities import Function
from layercheck.project.model import Dependency, Project, Route

Reached = Callable[[Route], list[str]]


def route_rows(
    project: Project, calls: CallGraph, layers: Reached | None = None, exceptions: Reached | None = None
) -> list[dict[str, Any]]:
    """Return one row for each route an application answers, in the order of path and method.

    Where the program makes no application, the routes of all its routers are meant.
    ``layers`` and ``exceptions`` tell what a route reaches and lets out; without them those columns
    are empty.
    """
    rows = [
        {
            "method": route.method,
            "path": route.path,
            "handler": f"{route.handler.module.name}:{route.handler.qualname[len(route.handler.module.name) + 1:]}",
            "file": route.handler.module.path,
            "line": line_of(route.handler.at),
            "dependencies": [dependency.name for dependency in dependency_tree(project, route)],
            "layers": layers(route) if layers is not None else reached_layers(project, calls, route),
            "exceptions": exceptions(route) if exceptions is not None else [],
        }
        for route in project.routes
        if route.reachable or not project.apps
    ]
    return sorted(rows, key=lambda row: (row["path"], row["method"], row["handler"]))


def dependency_tree(project: Project, route: Route) -> list[Dependency]:
    """Return the dependencies of ``route`` and theirs, each provider once, a provider after what needs it."""
    found: dict[str, Dependency] = {}
    pending = list(reversed(route.dependencies))
    while pending:
        dependency = pending.pop()
        if dependency.name in found:
            continue
        found[dependency.name] = dependency
        if dependency.frame is not None and isinstance(dependency.frame.entity, Function):
            pending.extend(reversed(project.dependencies.get(dependency.frame.entity, ())))
    return list(found.values())


def reached_layers(project: Project, calls: CallGraph, route: Route) -> list[str]:
    """Return the layers of the functions the handler of ``route`` runs, sorted."""
    reached = (frame.entity for frame, _ in calls.walk(route.frame, lambda edge: True))
    return sorted({project.layer(entity).layer for entity in reached} - {"unknown"})
