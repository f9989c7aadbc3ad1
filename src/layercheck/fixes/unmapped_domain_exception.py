"""LC501: give a domain exception its response, in the handler it leaves or on the application."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from layercheck.finding import Finding
from layercheck.fixes.code import Code, Edit, Refused
from layercheck.fixes.fix import Change, Context, Fix
from layercheck.fixes.imports import Imports
from layercheck.graphs.exception_types import dotted
from layercheck.location import Span, column_of, end_line_of, line_of
from layercheck.program.entities import Class, Function
from layercheck.project.model import ErrorMapping
from layercheck.rules.view import View

_STATUSES = (
    (404, re.compile("NotFound|NotExist|DoesNotExist")),
    (409, re.compile("AlreadyExist|Conflict|Duplicate|Exists|Taken")),
    (403, re.compile("Forbidden|(Permission|Access)Denied|NotPermitted|NotAllowed")),
    (422, re.compile("Invalid|ValidationE")),
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
_REGISTERING = frozenset({"exception_handler", "add_exception_handler"})


class MapException(Fix):
    """Inserts an ``except`` clause into the handler, or a handler stub beside those that are registered.

    Which of the two the setting ``error-mapping`` says; where it leaves the choice, what the project does.
    The status is that of the name, or of the name of a base class.
    """

    code = "LC501"

    def change(self, finding: Finding, context: Context) -> Change:
        """Return the mapping of the exception the finding names."""
        view = context.view
        raised = context.element(finding.target)
        if not isinstance(raised, Class):
            raise Refused("the exception is not one of the project")
        status = _status(view, raised)
        registered = [one for one in view.project.mappings if isinstance(one.exception, Class)]
        style = view.config.error_mapping
        if style == "handlers" or (style == "either" and registered):
            return _handler_stub(context, raised, status, registered)
        function = context.element(finding.element)
        if not isinstance(function, Function):
            raise Refused("it leaves many handlers: register one handler for it on the application")
        return _clause(context, function, raised, status)


def _status(view: View, raised: Class) -> int:
    for kind in view.exceptions.types.order(raised):
        name = dotted(kind).rpartition(".")[2]
        for status, pattern in _STATUSES:
            if pattern.search(name):
                return status
    raise Refused(f"the name {raised.name} does not say which status it is")


def _told(raised: Class) -> str:
    """Return what a client is told: ``EmailAlreadyExistsError`` becomes ``Email already exists``."""
    words = _WORD.findall(raised.name.removesuffix("Error").removesuffix("Exception"))
    return " ".join(words).lower().capitalize() if words else raised.name


# In the handler ---------------------------------------------------------------------------------


def _clause(context: Context, function: Function, raised: Class, status: int) -> Change:
    code = context.code(function.module.path)
    node = _definition(code, function)
    if function.is_generator or not isinstance(node.body, cst.IndentedBlock):
        raise Refused("the handler is a generator, or stands on one line")
    places = sorted(_places(context.view, function, raised))
    if not places:
        raise Refused("a dependency raises it: register a handler for it on the application")
    imports = Imports(context, code, function.module)
    name, http = imports.element(raised), imports.name("fastapi", "HTTPException")
    error = _free_name(node)
    statements = _around(code, node.body, places)
    if not statements:
        raise Refused("it is raised outside of the body of the handler")
    indent, step = code.indent(statements[0]), code.module.default_indent
    raising = f'raise {http}({status}, "{_told(raised)}") from {error}'
    clause = f"{indent}except {name} as {error}:\n{indent}{step}{raising}\n"
    first, last = code.range(statements[0]).start.line, code.range(statements[-1]).end.line
    title = f"mapped it to {status} in the handler"
    only = statements[0]
    if len(statements) == 1 and isinstance(only, cst.Try) and only.handlers:
        if all(_holds(code, only.body, at) for at in places):
            end = code.range(only.handlers[-1]).end.line + 1
            return Change(title, (code.insert_line(end, clause),), imports=imports.needed)
    edits: list[Edit] = [
        code.insert(code.line_start(first), f"{indent}try:\n"),
        *code.indented(first, last, step),
        code.insert_line(last + 1, clause),
    ]
    return Change(title, tuple(edits), imports=imports.needed)


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


def _definition(code: Code, function: Function) -> cst.FunctionDef:
    line = line_of(getattr(function.node, "header", function.at))
    for node in code.nodes(cst.FunctionDef):
        if node.name.value == function.name and code.range(node.name).start.line == line:
            return node
    raise Refused("the handler is not where it was expected")


def _places(view: View, function: Function, raised: Class) -> Iterator[Span]:
    """Yield the places in ``function`` the exception comes from: a ``raise``, or a call."""
    flow = view.exceptions
    for frame in view.calls.frames(function):
        for site in frame.raises.values():
            if raised in flow.raised(frame, site):
                yield site.at
        for call in frame.sites.values():
            if any(kind != "depends" and raised in flow.escapes(target) for target, kind in call.edges):
                yield call.at


def _holds(code: Code, node: cst.CSTNode, at: Span) -> bool:
    place = code.range(node)
    begins = (place.start.line, place.start.column) <= (line_of(at), column_of(at))
    return begins and end_line_of(at) <= place.end.line


def _free_name(node: cst.FunctionDef) -> str:
    used = set(_names(node))
    return next(name for name in ("error", "exc", "raised", "mapped_error") if name not in used)


def _names(node: cst.CSTNode) -> Iterator[str]:
    if isinstance(node, cst.Name):
        yield node.value
    for child in node.children:
        yield from _names(child)


# On the application -----------------------------------------------------------------------------


def _handler_stub(context: Context, raised: Class, status: int, registered: list[ErrorMapping]) -> Change:
    if not registered:
        raise Refused("no handler is registered yet that shows where handlers belong")
    mapping = registered[-1]
    code = context.code(mapping.module.path)
    call = code.at(cst.Call, line_of(mapping.at), column_of(mapping.at) + 1)
    if not isinstance(call.func, cst.Attribute) or call.func.attr.value not in _REGISTERING:
        raise Refused("handlers are registered in another way than on the application")
    statement = _statement(code, call)
    imports = Imports(context, code, mapping.module)
    name = imports.element(raised)
    handler = "handle_" + "_".join(word.lower() for word in _WORD.findall(raised.name))
    if handler in code.names:
        raise Refused(f"the name {handler} is taken in {code.path}")
    request, response = imports.name("fastapi", "Request"), imports.name("fastapi.responses", "JSONResponse")
    indent, step = code.indent(statement), code.module.default_indent
    lines = (
        f"@{code.source(call.func.value)}.exception_handler({name})",
        f"async def {handler}(request: {request}, error: {name}) -> {response}:",
        f'{step}return {response}({{"detail": "{_told(raised)}"}}, status_code={status})',
    )
    gap = "\n" if indent else "\n\n"
    end = code.range(statement).end.line + 1
    following = code.text[code.line_start(end) : code.line_start(end + 1)]
    tail = gap if following.strip() and code.indent_of(end) == indent else ""
    text = gap + "".join(f"{indent}{line}\n" for line in lines) + tail
    return Change(
        f"registered a handler that answers with {status}",
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
