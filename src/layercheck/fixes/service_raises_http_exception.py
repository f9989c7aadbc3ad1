"""LC202: raise a domain exception that the application answers in the same way."""

from __future__ import annotations

import re
from http import HTTPStatus

import libcst as cst

from layercheck.facts import records as r
from layercheck.finding import Finding
from layercheck.fixes.answers import other_answers_to
from layercheck.fixes.code import Code, Edit, Refused
from layercheck.fixes.compose import overlap
from layercheck.fixes.fix import Change, Context, Fix, State
from layercheck.fixes.imports import Imports
from layercheck.fixes.new_exceptions import new_exception
from layercheck.fixes.responses import (
    answers_http_itself,
    constant,
    returned_response,
    tells_first_argument,
)
from layercheck.graphs.error_scopes import Thrown
from layercheck.graphs.numbers import Given
from layercheck.location import Place, Span
from layercheck.program.build import statements
from layercheck.program.entities import Class, Function, Module
from layercheck.rules.measures.answers import specific_answers
from layercheck.rules.view import View

_STATUS = re.compile(r"(?:\w+\.)*HTTP_(\d{3})_\w+|(\d{3})")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
_OUTCOMES = frozenset({
    "access", "allowed", "already", "authenticated", "authorized", "bad", "business", "conflict", "denied",
    "does", "domain", "duplicate", "error", "exception", "exist", "exists", "failed", "failure", "forbidden",
    "found", "gone", "http", "invalid", "locked", "missing", "no", "not", "object", "permission", "permitted",
    "refusal", "refused", "rejected", "request", "resource", "taken", "unauthorized", "unprocessable",
    "validation",
})  # fmt: skip
"""Words of names of exceptions that tell what is wrong, and not with what."""


class RaiseDomainException(Fix):
    """Replaces an ``HTTPException`` by a domain exception whose response is the same.

    That is one whose registered handler gives the status and the text, called for any subject or for the
    one the text names, or used by the module already. Else it is a new one in the exceptions module of the
    feature, mapped in the route handlers or on the application. Refused where a route would answer with
    another status than before.
    """

    code = "LC202"

    def change(self, finding: Finding, context: Context) -> Change:
        """Return the function with domain exceptions for each ``raise`` the finding tells of."""
        function = context.function(finding)
        if finding.target != "HTTPException":
            raise Refused(f"{finding.target} is more than an HTTPException")
        code = context.code(finding.place.path)
        imports = Imports(context, code, function.module)
        parts: list[Change] = []
        used: dict[str, None] = {}
        for place in (finding.place, *finding.related):
            statement = code.at(cst.Raise, place.line, place.column)
            status, detail = _answer(code, statement)
            text = code.source(detail) if detail is not None else f'"{HTTPStatus(status).phrase}"'
            chosen = _choice(context, function, status, detail)
            if chosen is not None:
                name = imports.element(chosen)
                new = _made(context.view, chosen, name, text)
                _check_text(context, chosen, detail, text)
            else:
                at = _span(function, place)
                mapped, made, changes = new_exception(context, code, function, at, status, detail)
                name = mapped.imported(imports, function.module)
                new = f"{name}({made})"
                parts += changes
            assert statement.exc is not None
            parts.append(Change("", (code.replace(statement.exc, new),)))
            used[name] = None
        parts.append(Change("", imports=imports.needed))
        return _joined(f"raised {', '.join(used)} instead", parts)

    def objection(self, finding: Finding, before: State, after: State) -> str:
        """Return which route would answer otherwise."""
        return other_answers_to(finding.element, before, after)


def _check_text(context: Context, cls: Class, detail: cst.BaseExpression | None, text: str) -> None:
    """Raise `Refused` unless the registered handler of ``cls`` tells the text it is made with."""
    if answers_http_itself(context):
        raise Refused("a handler is registered for HTTPException, which may answer in another way")
    mapping = context.view.measure(specific_answers).mapping(cls)
    assert mapping is not None and mapping.handler is not None
    answered = returned_response(context, mapping.handler).detail
    is_constant = detail is None or isinstance(detail, cst.SimpleString)
    if is_constant and answered == constant(text):
        return
    if not tells_first_argument(context, cls, answered):
        raise Refused(f"{cls.name} is answered with another text")


def _joined(title: str, parts: list[Change]) -> Change:
    """Return one change of several, which must not touch the same code."""
    edits: dict[Edit, None] = {}
    for part in parts:
        if any(overlap(edit, one) for edit in part.edits for one in edits):
            raise Refused("a route handler would get several clauses at once")
        edits.update(dict.fromkeys(part.edits))
    return Change(
        title,
        tuple(edits),
        tuple(dict.fromkeys(edit for part in parts for edit in part.added)),
        tuple(dict.fromkeys(edit for part in parts for edit in part.shared)),
        tuple(dict.fromkeys(one for part in parts for one in part.imports)),
        tuple(dict.fromkeys(one for part in parts for one in part.definitions)),
    )


def _span(function: Function, place: Place) -> Span:
    for statement in _raises(function):
        at = Place.of(function.module.path, statement.at)
        if (at.line, at.column) == (place.line, place.column):
            return statement.at
    raise Refused("what was found is not where it was expected")


def _raises(function: Function) -> list[r.Raise]:
    return [one for one in statements(function.body) if isinstance(one, r.Raise)]


def _answer(code: Code, statement: cst.Raise) -> tuple[int, cst.BaseExpression | None]:
    """Return the status and the detail an ``HTTPException`` is made with."""
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
    return int(written[1] or written[2]), given.get("detail")


def _choice(
    context: Context, function: Function, status: int, detail: cst.BaseExpression | None
) -> Class | None:
    """Return the registered domain exception that says the same, None where there is none.

    Raises `Refused` where it is not clear which one that is.
    """
    here = " ".join((function.qualname, *_texts(detail))).lower()
    fitting = [
        cls for cls in _registered(context.view, status)
        if all(word in here for word in _words(cls.name) if word not in _OUTCOMES)
    ]  # fmt: skip
    if len(fitting) > 1:
        imported = {(one.target, one.name) for one in context.view.imports.of_module[function.module]}
        near = [one for one in fitting if (one.module, one.name) in imported]
        if len(near) != 1:
            names = ", ".join(one.name for one in fitting[:3])
            raise Refused(f"several domain exceptions answer with {status}: {names}")
        fitting = near
    return fitting[0] if fitting else None


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]


def _texts(detail: cst.BaseExpression | None) -> list[str]:
    if detail is None:
        return []
    own = [detail.value] if isinstance(detail, (cst.SimpleString, cst.FormattedStringText)) else []
    return [*own, *(text for child in detail.children for text in _texts(child))]  # type: ignore[arg-type]


def _registered(view: View, status: int) -> list[Class]:
    """Return the exceptions of the project whose registered handler answers with ``status``."""
    outcomes = view.measure(specific_answers)
    found = []
    for cls in view.project.program.classes:
        if view.exceptions.types.is_exception(cls) and not view.exceptions.types.is_http(cls):
            mapping = outcomes.mapping(cls)
            if mapping is not None and mapping.handler is not None and isinstance(cls.parent, Module):
                if outcomes.statuses.answered(mapping.handler, Thrown(cls, Given())) == status:
                    found.append(cls)
    return found


def _made(view: View, cls: Class, name: str, detail: str) -> str:
    """Return the text that makes an object of ``cls``, which is told ``detail`` where it takes a text."""
    hierarchy = view.project.inference.hierarchy
    classes = hierarchy.own(cls)
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
