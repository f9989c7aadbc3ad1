"""LC404: a handler, service or repository opens a session of its own."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from layercheck.facts import records as r
from layercheck.facts.nodes import inside
from layercheck.finding import Finding, Severity
from layercheck.inference.frames import CallSite, Frame
from layercheck.inference.values import NOTHING
from layercheck.location import Span
from layercheck.program.entities import Function
from layercheck.rules.measures.database import Database
from layercheck.rules.measures.handlers import handlers, titles
from layercheck.rules.measures.health import HealthChecks
from layercheck.rules.measures.providers import provider_calls
from layercheck.rules.measures.requests import Requests
from layercheck.rules.measures.sessions import held_parameters
from layercheck.rules.measures.syntax import path_of
from layercheck.rules.measures.wired import attributes
from layercheck.rules.measures.words import evidence, other_lines, softened, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

_JUDGED = frozenset({"router", "service", "repository", "schema"})


class SessionOpenedOutsideWiring(Rule):
    """Handlers, services and repositories that open a session of their own.

    ## What it does
    Reports calls that open a session or connection (`SessionLocal()`, `Session(engine)`,
    `engine.connect()`, a context manager made for that) in a handler, a service, a repository or a
    schema.

    Units of work open sessions by their nature. Code that no request waits for needs a session of its
    own: tasks, middleware, what is started in the background or beside others, what streams a
    response, and websockets. A health check may ask for a connection, and a function may open a session
    where it was handed none.

    ## Why is this bad
    It is a second connection and a second transaction beside the one of the request: it does not see
    what the request has written, and stays when the request is rolled back. Tests cannot replace it.

    ## Example
    ```python
    # app/repositories/audit.py
    from sqlalchemy import text

    from app.database import SessionLocal

    class AuditRepository:
        def count(self) -> int:
            with SessionLocal() as session:
                return session.scalar(text("SELECT count(*) FROM audit")) or 0

    # app/database.py
    from sqlalchemy import create_engine
    from sqlalchemy.orm import sessionmaker

    engine = create_engine("sqlite://")
    SessionLocal = sessionmaker(engine)
    ```

    ## Use instead
    ```python
    # app/repositories/audit.py
    from sqlalchemy import text
    from sqlalchemy.orm import Session

    class AuditRepository:
        def __init__(self, session: Session) -> None:
            self.session = session

        def count(self) -> int:
            return self.session.scalar(text("SELECT count(*) FROM audit")) or 0
    ```

    ## Options
    * `types.session`, `types.uow`: more classes that are sessions, or own the transaction.
    * `rules.LC101.health-paths`: paths of health checks.

    ## Known limits
    A factory that nothing is known of (`Callable[[], AsyncSession]`) is not seen to open anything. A
    provider that is called directly is left to LC401.
    """

    code = "LC404"
    name = "session-opened-outside-wiring"
    severity = Severity.WARNING

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each function that opens a session and should be handed one."""
        database, requests, named = view.measure(Database), view.measure(Requests), view.measure(titles)
        search = _Search(view, database)
        checks = {one.function for one in handlers(view) if view.measure(HealthChecks).covers(one)}
        for function in view.project.program.functions:
            layer = view.project.layer(function).layer
            if layer not in _JUDGED or function in checks or requests.is_on_its_own(function):
                continue
            if (layer == "router" or function.is_generator) and not requests.serves(function):
                continue
            openings = search.openings(function)
            if openings:
                yield self._report(view, function, named.get(function, ""), openings)

    def _report(self, view: View, function: Function, title: str, openings: list[_Opening]) -> Finding:
        project = view.project
        layer = project.layer(function).layer
        first = openings[0]
        place = project.place(function, first.at)
        held = next((one.name for one in held_parameters(view, function)), "")
        beside = f" although it takes `{held}`" if held else ""
        return self.finding(
            place,
            f"{title or f'{layer} {spoken(function)}'} opens a session with {first.name}(){beside}",
            help=_help(layer, held),
            element=function.qualname,
            layer=layer,
            target=first.target,
            severity=softened(project, self.severity, function),
            evidence=evidence(project, function),
            chain=(
                step(project, function, first.at, "session", f"{spoken(function)} calls {first.name}"),
            ),
            related=other_lines(place, (project.place(function, one.at) for one in openings)),
        )


class _Opening(msgspec.Struct, frozen=True):
    """A call that opens a session: what is called, as the code says it, and what that is."""

    at: Span
    name: str
    target: str


class _Search:
    """Looks for calls that open sessions."""

    def __init__(self, view: View, database: Database) -> None:
        self._view = view
        self._database = database

    def openings(self, function: Function) -> list[_Opening]:
        """Return the calls by which ``function`` opens sessions, in source order."""
        owner = function.owner
        if owner is not None and self._view.project.sessions.is_unit_of_work(owner):
            return []
        found: dict[Span, _Opening] = {}
        for frame in self._view.calls.frames(function):
            if not self._database.opens(frame):
                continue
            opened = {
                at: target
                for (at, kind), site in frame.sites.items()
                if kind == "call" and at not in found and (target := self._opener(site))
            }
            if opened:
                nodes = function.calls
                excused = {call.at for call in provider_calls(self._view, frame)}
                excused.update(self._in_place_of_a_session(function, frame))
                found.update(
                    (at, _Opening(at, path_of(nodes[at].func), target))
                    for at, target in opened.items()
                    if at in nodes and at not in excused
                )
        return [found[at] for at in sorted(found)]

    def _in_place_of_a_session(self, function: Function, frame: Frame) -> Iterator[Span]:
        """Yield the calls that are made only where no session was handed over (``session or open()``)."""
        for node in function.nodes:
            match node:
                case r.If(test=test, body=body, orelse=orelse):
                    behind = function.body[function.body.index(node) + 1 :] if node in function.body else ()
                    guarded: tuple[r.Node, ...] = (*body, *orelse)
                    if isinstance(body[-1], r.Return):
                        guarded = (*guarded, *behind)
                case r.Conditional(test=test, body=then, orelse=otherwise):
                    guarded = (then, otherwise)
                case r.BoolOp(values=(test, *rest)):
                    guarded = tuple(rest)
                case _:
                    continue
            if any(self._is_session(function, frame, part) for part in inside(test)):
                yield from (one.at for one in inside(*guarded) if isinstance(one, r.Call))

    def _is_session(self, function: Function, frame: Frame, node: r.Node) -> bool:
        project = self._view.project
        match node:
            case r.Name(id=name):
                values = self._database.parameters(frame).get(name, NOTHING)
            case r.Attribute(value=r.Name(id=name), name=attribute) if function.owner is not None:
                is_own = bool(function.params) and name == function.params[0].name
                values = attributes(self._view, function.owner).get(attribute, NOTHING) if is_own else NOTHING
            case _:
                return False
        return project.sessions.are_among(values)

    def _opener(self, site: CallSite) -> str:
        """Return the dotted name of what opens a session where ``site`` calls it, else nothing.

        A session on a connection that is there already joins its transaction.
        """
        sessions = self._view.project.sessions
        for name, receiver in site.externals.items():
            if sessions.opened_by(name, receiver) and not self._database.hands_session(site):
                return name
        if site.edges and self._database.opens_at(site):
            if all(self._is_made_for_it(target) for target, _ in site.edges):
                return next(iter(site.edges))[0].qualname
        return ""

    def _is_made_for_it(self, target: Frame) -> bool:
        """Return whether a function opens sessions for others, and is not reported itself."""
        entity = target.entity
        if isinstance(entity, Function) and entity.owner is not None:
            if self._view.project.sessions.is_unit_of_work(entity.owner):
                return False
        return self._view.project.layer(entity).layer not in _JUDGED


def _help(layer: str, held: str) -> str:
    if held:
        return f"use `{held}`"
    if layer == "router":
        return "take what needs the session as a parameter, from a provider"
    return "take the session from the provider that makes it, in the constructor or as a parameter"
