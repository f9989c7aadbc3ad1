"""Which names of a handler hold rows read in it, what they decide on, and what is request data."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping

from layercheck.facts import records as r
from layercheck.facts.nodes import inside
from layercheck.graphs.calls import Edge
from layercheck.inference.frames import Frame
from layercheck.program.build import statements, target_names
from layercheck.program.entities import Function
from layercheck.rules.measures.database import Database
from layercheck.rules.measures.handlers import unwrapped
from layercheck.rules.measures.syntax import plain
from layercheck.rules.view import View


class Origin(enum.IntEnum):
    """Where a value comes from; the greater one wins where several meet.

    ``REQUEST`` is everything the database has no part in, ``LOADED`` an entity some dependency
    loaded, ``ROW`` what a read of this handler gave, ``DERIVED`` what was made from either.
    """

    REQUEST = 0
    LOADED = 1
    ROW = 2
    DERIVED = 3


class Origins:
    """The origins of the names of one function.

    ``given`` are the origins of its parameters, ``is_read`` tells whether a call reads rows.
    """

    def __init__(
        self, frame: Frame, given: Mapping[str, Origin], is_read: Callable[[Frame, r.Call], bool]
    ) -> None:
        self._frame = frame
        self._is_read = is_read
        self._names = dict(given)
        function = frame.entity
        assert isinstance(function, Function)
        self._has_walrus = bool(function.nodes_of(r.Walrus))
        for _ in range(2):  # a name may be read above the line of a loop that binds it
            for statement in statements(function.body):
                self._bind(statement)

    def of(self, expression: r.Expr) -> Origin:
        """Return the origin of what ``expression`` gives."""
        match plain(expression):
            case r.Name(id=name):
                return self._names.get(name, Origin.REQUEST)
            case r.Call() as call:
                return self._of_call(call)
            case r.Attribute(value=value, name=name):
                origin = self.of(value)
                if origin is Origin.ROW and name == "rowcount":
                    return Origin.ROW
                return Origin.DERIVED if origin else Origin.REQUEST
            case r.Subscript(value=value):
                return self.of(value)
            case r.BoolOp(values=values):
                return max(self.of(value) for value in values)
            case r.Conditional(body=body, orelse=orelse):
                return max(self.of(body), self.of(orelse))
            case other:
                return self._mentioned(other)

    def _of_call(self, call: r.Call) -> Origin:
        if self._is_read(self._frame, call):
            return Origin.ROW
        arguments = (*call.args, *(keyword.value for keyword in call.keywords))
        match call.func:
            case r.Attribute(value=value) if self.of(value) is Origin.ROW and self._is_outside(call):
                return Origin.ROW
            case r.Name(id="len" | "list" | "sorted" | "next" | "set" | "tuple") if call.args:
                return self.of(call.args[0])
        return self._mentioned(*arguments, call.func)

    def _is_outside(self, call: r.Call) -> bool:
        """Return whether the call runs nothing of the program, as methods of results do."""
        site = self._frame.sites.get((call.at, "call"))
        return site is None or not site.edges

    def _mentioned(self, *expressions: r.Expr) -> Origin:
        """Return whether anything from the database goes into the expressions."""
        for node in inside(*expressions):
            if isinstance(node, r.Name) and self._names.get(node.id, Origin.REQUEST):
                return Origin.DERIVED
            if isinstance(node, r.Call) and self._is_read(self._frame, node):
                return Origin.DERIVED
        return Origin.REQUEST

    def _bind(self, statement: r.Stmt) -> None:
        match statement:
            case r.Assign(targets=targets, value=value):
                for target in targets:
                    self._assign(target, value)
            case r.Annotated(target=target, value=value) if value is not None:
                self._assign(target, value)
            case r.Augmented(target=target, value=value):
                self._assign(target, value)
            case r.For(target=target, iter=value):
                self._assign(target, value)
            case r.With(items=items):
                for item in items:
                    if item.target is not None:
                        self._assign(item.target, item.context)
        for node in inside(statement) if self._has_walrus else ():
            if isinstance(node, r.Walrus):
                self._assign(r.Name(node.name, node.at), node.value)

    def _assign(self, target: r.Target, value: r.Expr) -> None:
        origin = self.of(value)
        for name in target_names(target):
            self._names[name] = max(origin, self._names.get(name, Origin.REQUEST))


def reads(view: View, database: Database, frame: Frame, call: r.Call) -> bool:
    """Return whether ``call`` gives rows: a statement that is run, a repository, or what returns entities."""
    site = frame.sites.get((call.at, "call"))
    if site is None:
        return False
    if any(touch.runs for touch in database.touches(frame) if touch.at == call.at):
        return True
    edges = (Edge(frame, target, kind, site) for target, kind in site.edges)
    if any(database.is_data_access(one) for edge in edges for one in unwrapped(view.calls, edge)):
        return True
    return not site.classes and any(database.entities(site.result))
