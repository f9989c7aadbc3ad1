"""What a clause or a registered handler answers, in a form that tells whether two answer the same."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import NamedTuple

import libcst as cst

from layercheck.facts import records as r
from layercheck.fixes.code import Code, Refused
from layercheck.fixes.fix import Context
from layercheck.fixes.meanings import meaning_of_text
from layercheck.fixes.signature import definition
from layercheck.program.entities import Class, Function, Module

HTTP = frozenset({"fastapi.HTTPException", "starlette.exceptions.HTTPException"})
_LOGGING = frozenset({
    "debug", "info", "warning", "error", "exception", "critical", "log", "print", "print_exc",
})  # fmt: skip
_JSON = frozenset({"fastapi.responses.JSONResponse", "starlette.responses.JSONResponse"})
STATUS = re.compile(r"(?:\w+\.)*HTTP_(\d{3})_\w+|(\d{3})")
"""A status as code writes it."""
_ERROR = "\0"
"""Stands for the exception, whatever it is called where it is caught."""


class Response(NamedTuple):
    """A status and a detail: each a value, or an expression of the exception."""

    status: str
    detail: str


def answers_http_itself(context: Context) -> bool:
    """Return whether the project has an answer of its own to an HTTPException, or to a status."""
    mappings = context.view.project.mappings
    return any(one.exception in HTTP or isinstance(one.exception, int) for one in mappings)


def own_http_handler(context: Context, status: int) -> Function | None:
    """Return the handler of the project that answers an HTTPException with ``status``, None if FastAPI does.

    Raises `Refused` where that is not known.
    """
    mappings = context.view.project.mappings
    asked = [one for one in mappings if one.exception in HTTP or one.exception == status]
    handlers = dict.fromkeys(one.handler for one in asked)
    if not handlers:
        return None
    handler = next(iter(handlers))
    if len(handlers) > 1 or handler is None or len(handler.params) != 2:
        raise Refused("several handlers, or an unknown one, answer an HTTPException")
    return handler


def reads_error(response: Response, status: str, detail: str) -> bool:
    """Return whether status and detail are attributes of the exception."""
    return response == Response(f"{_ERROR}.{status}", f"{_ERROR}.{detail}")


def raised_response(context: Context, code: Code, module: Module, clause: cst.ExceptHandler) -> Response:
    """Return what the client gets from a clause; raises `Refused` where it does more than to answer.

    The clause has to raise an ``HTTPException`` with a status and a detail, and nothing else.
    """
    if answers_http_itself(context):
        raise Refused("a handler is registered for HTTPException, which may answer in another way")
    status, detail = raised_parts(context, code, module, clause)
    if detail is None:
        if not status.isdecimal() or int(status) not in set(HTTPStatus):
            raise Refused("the status is not written down")
        return Response(status, repr(HTTPStatus(int(status)).phrase))
    return Response(status, _value(code, detail, _bound(clause)))


def raised_parts(
    context: Context, code: Code, module: Module, clause: cst.ExceptHandler
) -> tuple[str, cst.BaseExpression | None]:
    """Return the status and the detail of the ``HTTPException`` that is all a clause raises.

    Raises `Refused` where it does more than that.
    """
    statement = _only(clause.body)
    if not isinstance(statement, cst.Raise) or not isinstance(statement.exc, cst.Call):
        raise Refused("the clause does more than to raise an HTTPException")
    call = statement.exc
    if meaning_of_text(context, module, code.source(call.func)) not in HTTP:
        raise Refused("the clause does more than to raise an HTTPException")
    given: dict[str, cst.BaseExpression] = {}
    for name, arg in zip(("status_code", "detail"), call.args, strict=False):
        given[arg.keyword.value if arg.keyword is not None else name] = arg.value
    if len(given) != len(call.args) or set(given) - {"status_code", "detail"} or "status_code" not in given:
        raise Refused("the response has more than a status and a detail")
    return _status(code, given["status_code"], _bound(clause)), given.get("detail")


def template(code: Code, clause: cst.ExceptHandler, detail: cst.BaseExpression | None) -> str:
    """Return the detail of a clause with ``{error}`` for the exception; empty if it is made of more."""
    if detail is None:
        return ""
    try:
        text = _value(code, detail, _bound(clause))
    except Refused:
        return ""
    if isinstance(detail, cst.SimpleString):
        text = code.source(detail)
    return text.replace("{", "{{").replace("}", "}}").replace(_ERROR, "{error}")


def _bound(clause: cst.ExceptHandler) -> str:
    """Return the name a clause gives the exception, empty without one."""
    bound = clause.name.name if clause.name is not None else None
    return bound.value if isinstance(bound, cst.Name) else ""


def returned_response(context: Context, handler: Function) -> Response:
    """Return what a registered handler answers; raises `Refused` where it does more than that.

    It has to return a ``JSONResponse`` with a status and a body of nothing but a detail.
    """
    code = context.code(handler.module.path)
    node = definition(code, handler)
    other = Refused(f"{handler.name} does more than to answer with a status and a detail")
    statement = _only(node.body)
    if not isinstance(statement, cst.Return) or not isinstance(statement.value, cst.Call):
        raise other
    call = statement.value
    if meaning_of_text(context, handler.module, code.source(call.func)) not in _JSON:
        raise other
    params = [one.name.value for one in node.params.params]
    given: dict[str, cst.BaseExpression] = {}
    for name, arg in zip(("content", "status_code"), call.args, strict=False):
        given[arg.keyword.value if arg.keyword is not None else name] = arg.value
    body = given.get("content")
    if len(params) != 2 or len(given) != len(call.args) or set(given) != {"content", "status_code"}:
        raise other
    if not isinstance(body, cst.Dict) or len(body.elements) != 1:
        raise other
    (element,) = body.elements
    if not isinstance(element, cst.DictElement) or not isinstance(element.key, cst.SimpleString):
        raise other
    if element.key.evaluated_value != "detail":
        raise other
    status = _status(code, given["status_code"], params[1])
    return Response(status, _value(code, element.value, params[1]))


def constant(text: str) -> str:
    """Return a literal in the form responses have it."""
    node = cst.parse_expression(text)
    assert isinstance(node, cst.SimpleString)
    return repr(node.evaluated_value)


def tells_first_argument(context: Context, cls: Class, detail: str) -> bool:
    """Return whether a detail, an expression of an exception, is the text the exception is made with."""
    order = context.view.project.inference.hierarchy.own(cls)
    if any("__str__" in one.methods for one in order):
        return False
    own = next((one for one in order if "__init__" in one.methods), None)
    if own is None:
        return detail in (f"str({_ERROR})", f"{_ERROR}.args[0]")
    constructor = own.methods["__init__"]
    first = constructor.params[1].name if len(constructor.params) > 1 else ""
    for statement in constructor.body:
        match statement:
            case r.Assign(targets=(r.Attribute(value=r.Name(), name=name),), value=r.Name(id=value)):
                if value == first and detail == f"{_ERROR}.{name}":
                    return True
            case r.Evaluate(value=r.Call(func=r.Attribute(name="__init__"), args=(r.Name(id=value),))):
                if value == first and detail in (f"str({_ERROR})", f"{_ERROR}.args[0]"):
                    return True
    return False


def logs(statement: cst.BaseSmallStatement) -> bool:
    """Return whether a statement does nothing but log."""
    call = statement.value if isinstance(statement, cst.Expr) else None
    name = call.func if isinstance(call, cst.Call) else None
    method = name.attr if isinstance(name, cst.Attribute) else name
    return isinstance(method, cst.Name) and method.value in _LOGGING


def _only(body: cst.BaseSuite) -> cst.BaseSmallStatement | None:
    """Return the one statement of a block besides logging and its docstring; None where there are others."""
    found: list[cst.BaseSmallStatement] = []
    for line in body.body:
        if not isinstance(line, cst.SimpleStatementLine):
            return None
        found += line.body
    kept = [one for one in found if not logs(one) and not _is_text(one)]
    return kept[0] if len(kept) == 1 else None


def _is_text(statement: cst.BaseSmallStatement) -> bool:
    return isinstance(statement, cst.Expr) and isinstance(statement.value, cst.SimpleString)


def _status(code: Code, node: cst.BaseExpression, error: str) -> str:
    text = code.source(node)
    written = STATUS.fullmatch(text)
    return (written[1] or written[2]) if written is not None else _value(code, node, error)


def _value(code: Code, node: cst.BaseExpression, error: str) -> str:
    """Return the text of a constant, or of an expression of the exception alone."""
    if isinstance(node, cst.SimpleString):
        return repr(node.evaluated_value)
    text = code.source(node)
    pieces: list[str] = []
    at, end = code.span(node)
    for inner in code.nodes(cst.Name):
        start, stop = code.span(inner)
        if not (at <= start and stop <= end) or code.is_label(inner):
            continue
        if inner.value != error and inner.value not in ("str", "repr"):
            raise Refused(f"{text} is made of more than the exception")
        pieces += [code.text[at:start], _ERROR if inner.value == error else inner.value]
        at = stop
    return "".join((*pieces, code.text[at:end]))
