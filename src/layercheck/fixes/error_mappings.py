"""Giving an exception of the project its response: in the handlers it leaves, or on the application."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import NamedTuple

import libcst as cst

from layercheck.fixes.code import Code, Edit, Refused
from layercheck.fixes.fix import Change, Context
from layercheck.fixes.imports import Imports
from layercheck.fixes.known_answers import written_status
from layercheck.fixes.signature import definition, free_name
from layercheck.location import Span, column_of, end_line_of, line_of
from layercheck.program.entities import Class, Function, Module
from layercheck.project.model import ErrorMapping

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
_REGISTERING = frozenset({"exception_handler", "add_exception_handler"})
_ERROR_NAMES = ("error", "exc", "raised", "mapped_error")


class Mapped(NamedTuple):
    """An exception of the project, which may be yet to be made, with its response.

    ``module`` is the dotted name of its module, ``cls`` the class where it is there. ``detail`` is what the
    client is told; ``{error}`` in it stands for the exception.
    """

    name: str
    module: str
    status: int
    detail: str
    cls: Class | None = None

    def imported(self, imports: Imports, into: Module) -> str:
        """Return the name by which a file may use the exception."""
        if self.cls is not None:
            return imports.element(self.cls)
        if into.name == self.module:
            return self.name
        return imports.made(self.module, self.name, ())


def words_of(name: str) -> str:
    """Return what the name of an exception says: ``EmailTakenError`` becomes ``Email taken``."""
    words = _WORD.findall(name.removesuffix("Error").removesuffix("Exception"))
    return " ".join(words).lower().capitalize() if words else name


def registered(context: Context) -> list[ErrorMapping]:
    """Return the handlers that are registered for exceptions of the project."""
    return [one for one in context.view.project.mappings if isinstance(one.exception, Class)]


def maps_by_handlers(context: Context) -> bool:
    """Return whether handlers on the application map exceptions: by the settings, else by what there is."""
    style = context.view.config.error_mapping
    return style == "handlers" or (style == "either" and bool(registered(context)))


# In the handler ---------------------------------------------------------------------------------


def clause(context: Context, function: Function, places: Collection[Span], mapped: Mapped) -> Change:
    """Return a route handler that catches the exception where it comes from, at ``places``."""
    code = context.code(function.module.path)
    node = definition(code, function)
    if function.is_generator or not isinstance(node.body, cst.IndentedBlock):
        raise Refused("the handler is a generator, or stands on one line")
    ordered = sorted(places)
    if not ordered:
        raise Refused("a dependency raises it: register a handler for it on the application")
    imports = Imports(context, code, function.module)
    name, http = mapped.imported(imports, function.module), imports.name("fastapi", "HTTPException")
    error = free_name(node, *_ERROR_NAMES)
    statements = _around(code, node.body, ordered)
    if not statements:
        raise Refused("it is raised outside of the body of the handler")
    indent, step = code.indent(statements[0]), code.module.default_indent
    raising = f"raise {_http_exception(context, code, function.module, http, mapped, error)} from {error}"
    text = f"{indent}except {name} as {error}:\n{indent}{step}{raising}\n"
    first, last = code.range(statements[0]).start.line, code.range(statements[-1]).end.line
    title = f"mapped it to {mapped.status} in the handler"
    only = statements[0]
    if len(statements) == 1 and isinstance(only, cst.Try) and only.handlers:
        if all(_holds(code, only.body, at) for at in ordered):
            end = code.range(only.handlers[-1]).end.line + 1
            return Change(title, (code.insert_line(end, text),), imports=imports.needed)
    edits: list[Edit] = [
        code.insert(code.line_start(first), f"{indent}try:\n"),
        *code.indented(first, last, step),
        code.insert_line(last + 1, text),
    ]
    return Change(title, tuple(edits), imports=imports.needed)


def _http_exception(
    context: Context, code: Code, module: Module, http: str, mapped: Mapped, error: str
) -> str:
    """Return the call that makes the HTTPException, written as others in the file are."""
    status, detail = written_status(context, code, module, mapped.status), mapped.detail.format(error=error)
    calls = (call.args for call in code.nodes(cst.Call) if code.source(call.func) == http and call.args)
    if any(args[0].keyword is not None for args in calls):
        return f"{http}(status_code={status}, detail={detail})"
    return f"{http}({status}, {detail})"


def _around(code: Code, block: cst.IndentedBlock, places: list[Span]) -> list[cst.BaseStatement]:
    """Return the statements of the innermost branch that holds all of ``places``, as far as they do."""
    found = [one for one in block.body if any(_holds(code, one, at) for at in places)]
    if len(found) == 1 and isinstance(found[0], cst.If):
        branch: cst.If | cst.Else | None = found[0]
        while branch is not None:
            if isinstance(branch.body, cst.IndentedBlock):
                if all(_holds(code, branch.body, at) for at in places):
                    return _around(code, branch.body, places)
            branch = branch.orelse if isinstance(branch, cst.If) else None
    return found


def _holds(code: Code, node: cst.CSTNode, at: Span) -> bool:
    place = code.range(node)
    begins = (place.start.line, place.start.column) <= (line_of(at), column_of(at))
    return begins and end_line_of(at) <= place.end.line


# On the application -----------------------------------------------------------------------------


def handler_stub(context: Context, mapped: Mapped, through: Function | None = None) -> Change:
    """Return a new handler beside those that are registered.

    With ``through``, which answers an ``HTTPException``, the new one has that say the same.
    """
    known = registered(context)
    if not known:
        raise Refused("no handler is registered yet that shows where handlers belong")
    mapping = known[-1]
    code = context.code(mapping.module.path)
    call = code.at(cst.Call, line_of(mapping.at), column_of(mapping.at) + 1)
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value not in _REGISTERING:
        raise Refused("handlers are registered in another way than on the application")
    statement = _statement(code, call)
    imports = Imports(context, code, mapping.module)
    name = mapped.imported(imports, mapping.module)
    handler = "handle_" + "_".join(word.lower() for word in _WORD.findall(mapped.name))
    if handler in code.names:
        raise Refused(f"the name {handler} is taken in {code.path}")
    request = imports.name("fastapi", "Request")
    indent, step = code.indent(statement), code.module.default_indent
    detail = mapped.detail.format(error="error")
    if through is None:
        response = imports.name("fastapi.responses", "JSONResponse")
        answer = f'{response}({{"detail": {detail}}}, status_code={mapped.status})'
    else:
        response = imports.name("fastapi", "Response")
        http = f"{imports.name('fastapi', 'HTTPException')}({mapped.status}, {detail})"
        answer = f"{'await ' if through.is_async else ''}{imports.element(through)}(request, {http})"
    lines = (
        f"@{code.source(call.func.value)}.exception_handler({name})",
        f"async def {handler}(request: {request}, error: {name}) -> {response}:",
        f"{step}return {answer}",
    )
    gap = "\n" if indent else "\n\n"
    end = code.range(statement).end.line + 1
    following = code.text[code.line_start(end) : code.line_start(end + 1)]
    tail = gap if following.strip() and code.indent_of(end) == indent else ""
    text = gap + "".join(f"{indent}{line}\n" for line in lines) + tail
    return Change(
        f"registered a handler that answers with {mapped.status}",
        added=(code.insert_line(end, text),),
        imports=imports.needed,
    )


def _statement(code: Code, call: cst.Call) -> cst.CSTNode:
    """Return the statement that registers: the decorated function, or the line of the call."""
    around = code.parent(call)
    if isinstance(around, cst.Decorator):
        statement: cst.CSTNode = code.parent(around)
    elif isinstance(around, cst.Expr):
        statement = code.parent(around)
    else:
        raise Refused("the registration is part of something larger")
    block = code.parent(statement)
    if isinstance(block, cst.IndentedBlock) and isinstance(code.parent(block), cst.FunctionDef):
        return statement
    if isinstance(block, cst.Module):
        return statement
    raise Refused("the registration is made under a condition or in a loop")


def places_of(context: Context, function: Function, raised: Class) -> Iterator[Span]:
    """Yield the places in ``function`` an exception comes from: a ``raise``, or a call."""
    flow = context.view.exceptions
    for frame in context.view.calls.frames(function):
        for site in frame.raises.values():
            if raised in flow.raised(frame, site):
                yield site.at
        for call in frame.sites.values():
            if any(kind != "depends" and raised in flow.escapes(target) for target, kind in call.edges):
                yield call.at
