"""Edges between layers that are allowed for one purpose: what else is done with the import."""

from __future__ import annotations

from layercheck.graphs.calls import Edge
from layercheck.graphs.imports import Import
from layercheck.inference.values import External, Instance, Made, Value
from layercheck.program.entities import Entity, Function, Module
from layercheck.project.matrix import Condition
from layercheck.project.model import Confidence
from layercheck.project.operations import ENGINES, OPENERS
from layercheck.rules.measures.database import Database
from layercheck.rules.measures.handlers import runs_now, wrapped
from layercheck.rules.view import View


def breaks(view: View, bound: Condition, one: Import, source: Entity, target: Entity) -> bool:
    """Return whether ``source`` does more with what it imports than ``bound`` allows.

    Only what is sure counts: a registered task that is run like any function, a session, an engine or
    what opens them in the hands of an entity.
    """
    if bound is Condition.ENQUEUE:
        return _runs_task(view, source, target)
    return _opens_database(view, one, target)


def _runs_task(view: View, source: Entity, task: Entity) -> bool:
    if not isinstance(task, Function) or view.project.layer(task).confidence < Confidence.CERTAIN:
        return False
    return any(
        (target.entity is task or task in wrapped(target)) and runs_now(Edge(frame, target, kind, site))
        for frame, site in view.calls.sites(source)
        for target, kind in site.edges
    )


def _opens_database(view: View, one: Import, target: Entity) -> bool:
    if isinstance(target, Function):
        database = view.measure(Database)
        return any(map(database.opens, view.calls.frames(target)))
    if not isinstance(target, Module) or not one.name:
        return False
    values = view.project.inference.heap.read(("name", target, one.name), None)
    return any(_leads_to_session(view, value) for value in values)


def _leads_to_session(view: View, value: Value) -> bool:
    name = ""
    if isinstance(value, (Made, External)):
        name = value.name
    elif isinstance(value, Instance) and isinstance(value.cls, str):
        name = value.cls
    is_opener = name in ENGINES or any(opener.startswith(f"{name}.") for opener in OPENERS if name)
    return is_opener or bool(view.project.sessions.class_of(value))
