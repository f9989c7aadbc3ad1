"""Is a handler thin: plain CRUD without business logic, for which no layers are asked?"""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.facts import records as r
from layercheck.graphs.calls import Edge
from layercheck.graphs.exception_types import ExceptionType, dotted, types_of
from layercheck.inference.frames import Frame, RaiseSite
from layercheck.location import line_of
from layercheck.program.entities import Entity, Function, Module
from layercheck.rules.measures.database import RUNS, Database
from layercheck.rules.measures.duplicates import Duplicates
from layercheck.rules.measures.forwarding import Forwarding
from layercheck.rules.measures.guards import Flow, FlowReader
from layercheck.rules.measures.handlers import Handler, group, is_of_view, runs_now, wrappers
from layercheck.rules.measures.rows import Origin, Origins, reads
from layercheck.rules.measures.side_effects import SideEffects
from layercheck.rules.measures.size import Size
from layercheck.rules.measures.units import Units
from layercheck.rules.measures.words import spoken
from layercheck.rules.view import View

_OUTSIDE_ALLOWED = ("sqlalchemy.", "sqlmodel.", "builtins.", "fastapi.Depends")

MOST_REASONS = 3


class Thinness:
    """Tells why handlers are not thin."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._database = view.measure(Database)
        self._known: dict[Function, tuple[str, ...]] = {}
        self._is_thin: dict[Function, bool] = {}
        self._duplicates = view.measure(Duplicates)

    def is_thin(self, handler: Handler) -> bool:
        """Return whether ``handler`` is thin: the first reason against it is enough."""
        failures = self._known.get(handler.function)
        if failures is not None:
            return not failures
        found = self._is_thin.get(handler.function)
        if found is None:
            found = self._is_thin[handler.function] = not any(self._reasons(handler))
        return found

    def failures(self, handler: Handler) -> tuple[str, ...]:
        """Return in words what keeps ``handler`` from being thin; nothing where it is thin."""
        found = self._known.get(handler.function)
        if found is None:
            found = self._known[handler.function] = tuple(dict.fromkeys(self._reasons(handler)))
        return found

    def _reasons(self, handler: Handler) -> Iterator[str]:
        """Yield why ``handler`` is not thin; where else its logic stands only if nothing else is wrong."""
        is_wrong = False
        for reason in _Handler(self._view, self._database, handler).failures():
            is_wrong = True
            yield reason
        other = None if is_wrong else self._duplicates.other(handler.function)
        if other is not None:
            yield f"same logic as {spoken(other)}"


class _Handler:
    """One handler together with the helpers that are part of it."""

    def __init__(self, view: View, database: Database, handler: Handler) -> None:
        self.view = view
        self.database = database
        self.handler = handler
        self.size = view.measure(Size)
        self.frames = group(view, handler)
        self.functions = list(dict.fromkeys(f.entity for f in self.frames if isinstance(f.entity, Function)))

    def failures(self) -> Iterator[str]:
        config = self.view.config
        if config.thin_crud == "off":
            yield "thin-crud is off"
        yield from _over(self.statements(), config.thin_max_statements, "statements")
        units = Units(self.view, self.database, self.frames)
        reads, writes = units.reads_and_writes()
        yield from _over(reads, config.thin_max_reads, "reads")
        yield from _over(writes, config.thin_max_writes, "writes")
        if writes and config.thin_crud == "reads":
            yield "thin-crud allows only reads"
        entities = units.entities()
        if len(entities) > config.thin_max_entities:
            yield f"{len(entities)} entities > {config.thin_max_entities} ({', '.join(entities)})"
        flows = {frame: self.flow(frame) for frame in self.frames}
        yield from _over(sum(flow.guards for flow in flows.values()), config.thin_max_guards, "guards")
        for flow in flows.values():
            yield from flow.decisions
        for frame in self.frames:
            yield from self.calls(frame)
        yield from self.side_effects()
        for frame, flow in flows.items():
            yield from self.raises(frame, flow)
        yield from self.other_callers()

    # Size ---------------------------------------------------------------------------------------

    def statements(self) -> int:
        """Return how many statements count: no docstring, ``pass``, logging or transaction block."""
        frames = {frame.entity: frame for frame in self.frames}
        return sum(self.size.statements(frames[function], function.body) for function in self.functions)

    # Decisions ----------------------------------------------------------------------------------

    def flow(self, frame: Frame) -> Flow:
        """Return what the control flow of one function amounts to."""
        function = frame.entity
        assert isinstance(function, Function)
        given = self._given(function, frame)
        origins = Origins(frame, given, lambda site, call: reads(self.view, self.database, site, call))
        reader = FlowReader(
            origins,
            lambda statement: self.size.is_silent(frame, statement),
            lambda clause: self._catches_database_errors(frame, clause),
        )
        return reader.read(function.body)

    def _given(self, function: Function, frame: Frame) -> dict[str, Origin]:
        injected = {d.param for d in self.view.project.dependencies.get(function, ())}
        is_handler = function is self.handler.function
        return {
            name: Origin.LOADED
            for name, values in self.database.parameters(frame).items()
            if (name in injected or not is_handler) and self.database.holds_entity(values)
        }

    def _catches_database_errors(self, frame: Frame, clause: r.Handler) -> bool:
        packages = self.view.config.types.database_packages
        for guard in frame.guards:
            for known in guard.clauses:
                if known.at == clause.at and known.classes:
                    caught = types_of(known.classes)
                    return bool(caught) and all(self._is_of(kind, packages) for kind in caught)
        return False

    def _is_of(self, kind: ExceptionType, packages: tuple[str, ...]) -> bool:
        return any(
            isinstance(base, str) and base.partition(".")[0] in packages
            for base in self.view.exceptions.types.order(kind)
        )

    # Calls --------------------------------------------------------------------------------------

    def calls(self, frame: Frame) -> Iterator[str]:
        """Yield the calls a thin handler does not make."""
        for edge in self.database.calls(frame):
            target = edge.target.entity
            if target in self.functions or not runs_now(edge) or self.database.is_data_access(edge):
                continue
            yield from self._call(edge, target)
        handed = {at for (at, _), site in frame.sites.items() if site.edges or site.classes}
        own = {touch.at for touch in self.database.touches(frame)}
        for site in frame.sites.values():
            if site.at in handed or site.at in own or not self.database.hands_session(site):
                continue
            for name in site.externals:
                if not name.startswith(_OUTSIDE_ALLOWED):
                    yield f"hands the session to {name.rpartition('.')[2]}"

    def _call(self, edge: Edge, target: Entity) -> Iterator[str]:
        layer = self.database.layer(edge.target)
        name = spoken(target)
        is_effect = layer == "infrastructure" and not self.size.only_logs(edge.target)
        if layer in ("service", "task") or is_effect:
            yield f"calls {name} ({layer})"
        elif layer in ("database", "repository"):
            return
        elif layer == "entity" and edge.kind == "call" and _changes_itself(target):
            yield f"calls {name} ({layer})"
        elif is_of_view(self.view, edge) and not self.database.writes(edge.target):
            return
        elif self.view.measure(Forwarding).covers(edge):
            return
        elif self.database.takes_session(edge.target):
            yield f"hands the session to {name}"
        elif self.database.effect(edge.target) & RUNS:
            yield f"queries through {name}"

    def side_effects(self) -> Iterator[str]:
        """Yield what happens outside the database, in the handler or in what it calls."""
        for effect in self.view.measure(SideEffects).of(self.handler.frame):
            if effect.started is None or effect.started not in self.functions:
                yield effect.words

    # Exceptions and callers ---------------------------------------------------------------------

    def raises(self, frame: Frame, flow: Flow) -> Iterator[str]:
        """Yield what is raised other than HTTPException in guards."""
        allowed = {statement.at for statement in flow.raises}
        for site in frame.raises.values():
            kind = next((kind for kind in types_of(site.values) if not self._counts_as_http(kind)), None)
            if kind is not None:
                yield f"raises {dotted(kind).rpartition('.')[2]}"
            elif site.at not in allowed and not self._is_reported(flow, site):
                yield f"raises outside a guard in line {line_of(site.at)}"

    def _is_reported(self, flow: Flow, site: RaiseSite) -> bool:
        """Return whether the branch around ``site`` was named as a decision already."""
        return bool(flow.decisions)

    def _counts_as_http(self, kind: ExceptionType) -> bool:
        if self.view.exceptions.types.is_http(kind):
            return True
        return isinstance(kind, str) and not kind.startswith("builtins.") and kind.endswith("Exception")

    def other_callers(self) -> Iterator[str]:
        """Yield the code that calls the handler as a plain function."""
        standing_for = self.view.measure(wrappers).get(self.handler.function, ())
        for caller in self.view.calls.callers(self.handler.function):
            is_other = not isinstance(caller, Module) and caller not in self.functions
            if is_other and caller not in standing_for:
                yield f"called from {spoken(caller)}"


def _over(number: int, limit: int, what: str) -> Iterator[str]:
    if number > limit:
        yield f"{number} {what} > {limit}"


def _changes_itself(target: Entity) -> bool:
    """Return whether a method assigns to attributes of its object."""
    if not isinstance(target, Function) or target.owner is None or not target.params:
        return False
    receiver = target.params[0].name
    return any(
        isinstance(node, r.Attribute) and isinstance(node.value, r.Name) and node.value.id == receiver
        for statement in target.nodes
        if isinstance(statement, (r.Assign, r.Augmented, r.Annotated))
        for node in (statement.targets if isinstance(statement, r.Assign) else (statement.target,))
    )


def not_thin(failures: tuple[str, ...]) -> str:
    """Return why a handler is not thin, for a message: all reasons, of many the first three."""
    told = "; ".join(failures[:MOST_REASONS])
    more = len(failures) - MOST_REASONS
    return f"not thin ({told}{f' and {more} more' if more > 0 else ''})"
