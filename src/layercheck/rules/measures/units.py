"""What a handler and its helpers read and write: how often, and of which entities."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.facts import records as r
from layercheck.facts.nodes import inside, written_name
from layercheck.inference.frames import Frame
from layercheck.inference.values import ClassValue, ModuleValue
from layercheck.program.entities import Class, Function
from layercheck.project.operations import OperationKind
from layercheck.rules.measures.database import Database
from layercheck.rules.measures.forwarding import Forwarding
from layercheck.rules.view import View

_EAGER_LOADING = frozenset(
    {"options", "selectinload", "joinedload", "subqueryload", "contains_eager", "isinstance"}
)
"""Calls whose arguments name entities without querying or writing them."""


class Units:
    """Counts what the functions of ``frames`` do to the database together."""

    def __init__(self, view: View, database: Database, frames: tuple[Frame, ...]) -> None:
        self._view = view
        self._database = database
        self._frames = frames
        self._functions = dict.fromkeys(f.entity for f in frames if isinstance(f.entity, Function))

    def reads_and_writes(self) -> tuple[int, int]:
        """Return the reads and the writes; a repository call is one of either."""
        kinds: dict[object, OperationKind] = {}
        forwarding = self._view.measure(Forwarding)
        for frame in self._frames:
            for touch in self._database.touches(frame):
                if touch.runs and not touch.operation.refreshes:
                    kinds[frame.entity, touch.at] = touch.operation.kind
            for edge in self._database.calls(frame):
                if self._database.is_data_access(edge) or forwarding.covers(edge):
                    writes = self._database.writes(edge.target)
                    kinds[frame.entity, edge.site.at] = OperationKind.WRITE if writes else OperationKind.READ
        found = list(kinds.values())
        return found.count(OperationKind.READ), found.count(OperationKind.WRITE)

    def entities(self) -> list[str]:
        """Return the names of the entity classes that are queried or written."""
        found: dict[Class, None] = {}
        for frame in self._frames:
            for touch in self._database.touches(frame):
                for values in touch.site.args:
                    found.update(dict.fromkeys(self._database.entities(values)))
            for edge in self._database.calls(frame):
                if self._database.is_data_access(edge):
                    found.update(dict.fromkeys(self._database.entities(edge.site.result)))
        for function in self._functions:
            found.update(dict.fromkeys(self._mentioned(function)))
        return sorted(cls.name for cls in found)

    def _mentioned(self, function: Function) -> Iterator[Class]:
        ignored: set[int] = set()
        for call in function.nodes_of(r.Call):
            if written_name(call.func) in _EAGER_LOADING:
                ignored.update(id(inner) for inner in inside(*call.args))
        for node in function.nodes:
            if isinstance(node, (r.Name, r.Attribute)) and id(node) not in ignored:
                cls = self._class(function, node)
                if cls is not None and self._database.is_mapped(cls):
                    yield cls

    def _class(self, function: Function, node: r.Name | r.Attribute) -> Class | None:
        """Return the class a global name, or an attribute of an imported module, stands for."""
        inference = self._view.project.inference
        if isinstance(node, r.Name):
            if node.id in function.bound:
                return None
            values = inference.heap.read(("name", function.module, node.id), None)
        elif isinstance(node.value, r.Name):
            modules = inference.heap.read(("name", function.module, node.value.id), None)
            found = [
                self._view.project.program.find(v.name, v.root) for v in modules if isinstance(v, ModuleValue)
            ]
            values = frozenset().union(
                *(inference.heap.read(("name", module, node.name), None) for module in found if module)
            )
        else:
            return None
        return next((value.cls for value in values if isinstance(value, ClassValue)), None)
