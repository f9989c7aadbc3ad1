"""LC202: raise the domain exception that the application answers with the same status."""

from __future__ import annotations

import re

import libcst as cst

from layercheck.facts import records as r
from layercheck.finding import Finding
from layercheck.fixes.code import Code, Edit, Refused
from layercheck.fixes.fix import Change, Context, Fix, State
from layercheck.fixes.imports import Imports
from layercheck.graphs.statuses import Given, Thrown
from layercheck.program.entities import Class, Function
from layercheck.project.model import Route
from layercheck.rules.measures.answers import all_answers, specific_answers
from layercheck.rules.view import View

_STATUS = re.compile(r"(?:\w+\.)*HTTP_(\d{3})_\w+|(\d{3})")


class RaiseDomainException(Fix):
    """Replaces an ``HTTPException`` by a domain exception whose registered handler gives its status.

    There has to be one such exception, or one the module uses already. Refused where a route would
    answer with another status than before.
    """

    code = "LC202"

    def change(self, finding: Finding, context: Context) -> Change:
        """Return the function with domain exceptions for each ``raise`` the finding tells of."""
        function = context.function(finding)
        if finding.target != "HTTPException":
            raise Refused(f"{finding.target} is more than an HTTPException")
        code = context.code(finding.place.path)
        imports = Imports(context, code, function.module)
        edits: list[Edit] = []
        used: dict[str, None] = {}
        for place in (finding.place, *finding.related):
            statement = code.at(cst.Raise, place.line, place.column)
            status, detail = _answer(code, statement)
            chosen = _choice(context, function, status)
            name = imports.element(chosen)
            assert statement.exc is not None
            edits.append(code.replace(statement.exc, _made(context.view, chosen, name, detail)))
            used[name] = None
        return Change(f"raised {', '.join(used)} instead", tuple(edits), imports=imports.needed)

    def objection(self, finding: Finding, before: State, after: State) -> str:
        """Return which route would answer otherwise."""
        was, now = (_answers(state.view, finding.element) for state in (before, after))
        changed = sorted(was ^ now)
        return f"{changed[0][0]} would not answer with the same status" if changed else ""


def _answer(code: Code, statement: cst.Raise) -> tuple[int, str]:
    """Return the status and the text of the detail an ``HTTPException`` is made with."""
    call = statement.exc
    if not isinstance(call, cst.Call):
        raise Refused("the exception is not made where it is raised")
    given: dict[str, cst.BaseExpression] = {}
    for name, arg in zip(("status_code", "detail", "headers"), call.args, strict=False):
        given[arg.keyword.value if arg.keyword is not None else name] = arg.value
    is_plain = len(given) == len(call.args) and not any(arg.star for arg in call.args)
    if not is_plain or set(given) - {"status_code", "detail"}:
        raise Refused("it carries more than a status and a detail")
    written = _STATUS.fullmatch(code.source(given["status_code"])) if "status_code" in given else None
    if written is None:
        raise Refused("its status is not written down")
    detail = given.get("detail")
    return int(written[1] or written[2]), code.source(detail) if detail is not None else ""


def _choice(context: Context, function: Function, status: int) -> Class:
    """Return the registered domain exception for ``status``; raises `Refused` where it is not clear."""
    fitting = _registered(context.view, status)
    if not fitting:
        raise Refused(f"no domain exception is registered that answers with {status}")
    if len(fitting) > 1:
        imported = {(one.target, one.name) for one in context.view.imports.of_module[function.module]}
        near = [one for one in fitting if (one.module, one.name) in imported]
        if len(near) != 1:
            names = ", ".join(one.name for one in fitting[:3])
            raise Refused(f"several domain exceptions answer with {status}: {names}")
        fitting = near
    return fitting[0]


def _registered(view: View, status: int) -> list[Class]:
    """Return the exceptions of the project whose registered handler answers with ``status``."""
    outcomes = view.measure(specific_answers)
    found = []
    for cls in view.project.program.classes:
        if view.exceptions.types.is_exception(cls) and not view.exceptions.types.is_http(cls):
            mapping = outcomes.mapping(cls)
            if mapping is not None and mapping.handler is not None:
                if outcomes.statuses.answered(mapping.handler, Thrown(cls, Given())) == status:
                    found.append(cls)
    return found


def _made(view: View, cls: Class, name: str, detail: str) -> str:
    """Return the text that makes an object of ``cls``, which is told ``detail`` where it takes a text."""
    hierarchy = view.project.inference.hierarchy
    classes = [one for one in hierarchy.order(cls) if isinstance(one, Class)]
    own = next((one.methods["__init__"] for one in classes if "__init__" in one.methods), None)
    if own is None:
        return f"{name}({detail})"
    params = [one for one in own.params[1:] if one.kind in ("plain", "positional")]
    required = [one for one in own.params[1:] if one.default is None and one.kind not in ("var", "kwvar")]
    if not required and not (params and _takes_text(params[0])):
        return f"{name}()"
    if len(required) <= 1 and params and _takes_text(params[0]) and required in ([], params[:1]):
        if detail or not required:
            return f"{name}({detail})"
    raise Refused(f"{cls.name} is made of other things than a text")


def _takes_text(param: r.Parameter) -> bool:
    return isinstance(param.annotation, r.Name) and param.annotation.id == "str"


def _answers(view: View, element: str) -> set[tuple[str, int | None]]:
    """Return the routes that exceptions raised in ``element`` leave, each with its status."""
    outcomes = view.measure(all_answers)
    return {
        (_title(route), outcomes.outcome(route, raised, frame, way).status)
        for route in view.project.routes
        for frame in (route.entry, *(one.frame for one in route.dependencies if one.frame is not None))
        for raised in view.exceptions.escapes(frame)
        for way in view.exceptions.ways(frame, raised)
        if way.frame.qualname == element
    }


def _title(route: Route) -> str:
    return f"{route.method} {route.path}"
