"""The handler that is taken apart: found by file and name, and what it is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import libcst as cst

from layercheck.fixes.code import Code, Refused
from layercheck.fixes.extract.names import Origins
from layercheck.fixes.fix import Context
from layercheck.inference.frames import CallSite
from layercheck.inference.values import Values
from layercheck.location import Span, line_of, pack
from layercheck.program.entities import Class, Function
from layercheck.project.identity import is_entity_base
from layercheck.project.model import Dependency, Project
from layercheck.project.statements import entities_of
from layercheck.rules.measures.database import PLAIN, Database
from layercheck.rules.measures.handlers import Handler, handlers
from layercheck.rules.measures.queries import Queries
from layercheck.rules.view import View


@dataclass(frozen=True)
class Target:
    """A handler, its syntax, and the parameter that is its session.

    ``session_type`` is the dotted name of the class of the session, ``provider`` the dependency that
    gives it. ``body`` leaves the docstring out.
    """

    context: Context
    handler: Handler
    code: Code
    node: cst.FunctionDef
    session: str
    session_type: str
    provider: Dependency
    body: tuple[cst.BaseStatement, ...]

    @property
    def view(self) -> View:
        """The project and its graphs."""
        return self.context.view

    @property
    def function(self) -> Function:
        """The handler as the program knows it."""
        return self.handler.function

    @cached_property
    def origins(self) -> Origins:
        """Where the names of the file come from."""
        return Origins(self.code, self.function.module)

    @cached_property
    def parameters(self) -> dict[str, Values]:
        """What the parameters may be."""
        return self.view.measure(Database).parameters(self.handler.frame)

    @cached_property
    def params(self) -> dict[str, cst.Param]:
        """The parameters as they are written."""
        every = self.node.params
        given = (*every.posonly_params, *every.params, *every.kwonly_params)
        return {one.name.value: one for one in given}

    def tables(self, values: Values) -> Iterator[Class]:
        """Yield the classes ``values`` are objects of, or statements about, that are kept in tables."""
        for cls in entities_of(values):
            if is_table(self.view.project, cls):
                yield cls

    def span(self, node: cst.CSTNode) -> Span:
        """Return where ``node`` stands, as the call graph says it."""
        place = self.code.range(node)
        return pack(place.start.line, place.start.column, place.end.line, place.end.column)

    def site(self, call: cst.CSTNode) -> CallSite | None:
        """Return what is known of a call in the handler."""
        return self.handler.frame.sites.get((self.span(call), "call"))

    def line(self, node: cst.CSTNode) -> int:
        """Return the line ``node`` begins in."""
        return self.code.range(node).start.line

    def at(self, node: cst.CSTNode) -> str:
        """Return the place of ``node`` in words."""
        return f"{self.code.path}:{self.line(node)}"


def is_table(project: Project, cls: Class) -> bool:
    """Return whether a class is an entity, and no domain class of plain data."""
    outside = project.inference.hierarchy.outside(cls)
    is_plain = set(outside) & PLAIN and not any(map(is_entity_base, outside))
    return project.layer(cls).layer == "entity" and not is_plain


def find_handler(view: View, path: str, name: str) -> Handler:
    """Return the handler ``name`` of the file at ``path``; raises `Refused`."""
    here = [one for one in handlers(view) if one.function.module.path == path]
    module = here[0].function.module.name if here else ""
    found = [one for one in here if one.function.qualname.removeprefix(f"{module}.") == name]
    if not found:
        found = [one for one in here if one.function.name == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise Refused(f"{path} has several handlers called {name}")
    if not here:
        raise Refused(f"{path} has no route handlers")
    raise Refused(
        f"{path} has no route handler {name}; it has {', '.join(one.function.name for one in here)}"
    )


def _without_session(view: View, handler: Handler) -> str:
    """Return in words what a handler queries with that takes no session."""
    for query in view.measure(Queries).run_by(handler.frame):
        touch = query.touch
        if touch.frame is handler.frame:
            return f"it takes no session: `{touch.name}` in line {line_of(touch.at)} runs without one"
        return f"it takes no session: `{touch.frame.entity.qualname}` queries with one of its own"
    return "no parameter of the handler is a database session, so there are no queries to move"


def read_target(context: Context, handler: Handler) -> Target:
    """Return ``handler`` with its syntax; raises `Refused` for kinds that cannot be taken apart."""
    function, view = handler.function, context.view
    code = context.code(function.module.path)
    line = line_of(getattr(function.node, "header", function.at))
    node = next(
        (
            one
            for one in code.nodes(cst.FunctionDef)
            if one.name.value == function.name and code.range(one.name).start.line == line
        ),
        None,
    )
    where = f"{code.path}:{line}"
    if node is None or not isinstance(node.body, cst.IndentedBlock):
        raise Refused(f"{where}: the handler stands on one line, or not where it was expected")
    if function.owner is not None:
        raise Refused(
            f"{where}: the handler is a method of {function.owner.name}; only functions are extracted"
        )
    if function.parent is not function.module:
        raise Refused(f"{where}: the handler is defined inside of another function")
    if function.is_generator:
        raise Refused(f"{where}: the handler yields")
    if len(node.decorators) > len(handler.routes):
        raise Refused(f"{where}: the handler has decorators besides its route")
    callers = [one for one in view.calls.callers(function) if isinstance(one, Function)]
    if callers and callers != [function]:
        raise Refused(f"{where}: {callers[0].qualname} calls the handler, and hands it the session")
    database = view.measure(Database)
    found: list[tuple[str, str]] = []
    for name, values in database.parameters(handler.frame).items():
        kinds = [kind for value in values if (kind := view.project.sessions.class_of(value))]
        found += [(name, kind) for kind in kinds[:1]]
    if not found:
        raise Refused(f"{where}: {_without_session(view, handler)}")
    if len(found) > 1:
        raise Refused(f"{where}: it takes several sessions: {', '.join(name for name, _ in found)}")
    session, kind = found[0]
    given = [one for one in view.project.dependencies.get(function, ()) if one.param == session]
    if not given:
        raise Refused(f"{where}: `{session}` does not come from Depends")
    body = tuple(node.body.body)
    if node.get_docstring() is not None:
        body = body[1:]
    return Target(context, handler, code, node, session, kind, given[0], body)
