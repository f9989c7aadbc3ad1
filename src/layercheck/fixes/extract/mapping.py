"""How the handler answers domain exceptions: in clauses of its own, or by handlers on the application."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import libcst as cst

from layercheck.fixes.code import Refused
from layercheck.fixes.extract.errors import Error
from layercheck.fixes.extract.exception_classes import Chosen
from layercheck.fixes.extract.names import Origin
from layercheck.fixes.extract.pages import Pages
from layercheck.fixes.extract.places import Home, Places
from layercheck.fixes.extract.target import Target
from layercheck.fixes.extract.text import STEP, one_line
from layercheck.fixes.extract.wording import snake
from layercheck.location import column_of, line_of
from layercheck.program.entities import Class
from layercheck.project.model import ErrorMapping


class Clauses(NamedTuple):
    """The ``except`` clauses of a handler, without indent, and what they need."""

    text: tuple[str, ...]
    needs: tuple[Origin, ...]


class Dependency(NamedTuple):
    """How the handler takes the service: ``style`` is ``alias``, ``default`` or ``annotated``."""

    service: str
    wanted: str
    style: str
    written: str
    needs: tuple[Origin, ...]

    def parameter(self, name: str) -> str:
        """Return the parameter of the handler."""
        if self.style == "default":
            return f"{name}: {self.service} = {self.written}"
        return f"{name}: {self.written}"


def clauses(
    target: Target,
    errors: Sequence[Error],
    names: Mapping[str, Chosen],
    pages: Pages,
    places: Places,
    width: int,
) -> Clauses:
    """Return the clauses that answer ``errors`` as the handler did, none with handlers on the application."""
    if target.view.config.error_mapping == "handlers":
        for error in errors:
            _register(target, error, names[error.name], pages, places)
        return Clauses((), ())
    lines: list[str] = []
    needs: list[Origin] = []
    for error in errors:
        chosen = names[error.name]
        caught = f"{chosen.name} as error" if error.uses_error else chosen.name
        lines.append(f"except {caught}:")
        lines += _answered(error.answer, width)
        needs.append(chosen.origin)
    return Clauses(tuple(lines), tuple(needs))


def _answered(answer: str, width: int) -> list[str]:
    """Return the statement of a clause, its arguments on lines of their own where one is too short."""
    answer = one_line(answer)
    first, *rest = answer.split("\n")
    if rest:
        least = min((len(line) - len(line.lstrip()) for line in rest if line.strip()), default=0)
        return [f"    {first}", *(f"    {line[least:]}" for line in rest)]
    head, bracket, inner = first.partition("(")
    inside, closing, tail = inner.rpartition(")")
    if len(first) + 2 * len(STEP) <= width or not bracket or not closing:
        return [f"    {first}"]
    if len(inside) + 3 * len(STEP) <= width:
        return [f"    {head}(", f"        {inside}", f"    ){tail}"]
    call = cst.parse_expression(f"made({inside})")
    assert isinstance(call, cst.Call)
    whole = cst.Module(())
    arguments = [whole.code_for_node(one.with_changes(comma=cst.MaybeSentinel.DEFAULT)) for one in call.args]
    return [f"    {head}(", *(f"        {one.strip()}," for one in arguments), f"    ){tail}"]


def _register(target: Target, error: Error, chosen: Chosen, pages: Pages, places: Places) -> None:
    """Write a handler of the application for an error."""
    registered = [one for one in target.view.project.mappings if isinstance(one.exception, Class)]
    if chosen.existing is not None and any(one.exception is chosen.existing for one in registered):
        raise Refused(
            f"{chosen.name} has a handler already; whether it answers as {target.function.name} does is open"
        )
    if not error.status or not error.detail:
        raise Refused(f"the answer of {chosen.name} has no status and detail a handler could give")
    last, app, line, indent = _application(target, registered)
    code = target.context.code(last.module.path)
    home = Home(last.module.path, last.module.name, last.module)
    headers = f", headers={error.headers}" if error.headers else ""
    text = (
        f"\n\n@{app}.exception_handler({chosen.name})\n"
        f"async def handle_{snake(chosen.name)}(request: Request, error: {chosen.name}) -> JSONResponse:\n"
        f'    return JSONResponse({{"detail": {error.detail}}}, status_code={error.status}{headers})\n'
    )
    if indent:
        lines = (f"{indent}{one}" if one else "" for one in text[1:].splitlines())
        text = "".join(f"{one}\n" for one in lines)
    needs = [chosen.origin, Origin("fastapi", "Request", "Request")]
    needs.append(Origin("fastapi.responses", "JSONResponse", "JSONResponse"))
    for part in (error.status, error.detail, error.headers):
        top = part.partition(".")[0]
        if target.origins.knows(top):
            origin = target.origins.of(top)
            if origin is not None:
                needs.append(origin)
    pages.edit(home, [code.insert_line(line, text)], needs)


def _application(target: Target, registered: Sequence[ErrorMapping]) -> tuple[ErrorMapping, str, int, str]:
    """Return where handlers are registered, and the name of the application, the next line and the indent."""
    if not registered:
        raise Refused(
            "`error-mapping` is `handlers`, but no handler is registered yet that shows where they belong"
        )
    last = registered[-1]
    code = target.context.code(last.module.path)
    call = code.at(cst.Call, line_of(last.at), column_of(last.at) + 1)
    if not isinstance(call.func, cst.Attribute) or not isinstance(call.func.value, cst.Name):
        raise Refused("handlers are registered in another way than on the application")
    node: cst.CSTNode = call
    while not isinstance(code.parent(node), (cst.Module, cst.IndentedBlock)):
        node = code.parent(node)
    block = code.parent(node)
    if not isinstance(block, cst.Module) and not isinstance(code.parent(block), cst.FunctionDef):
        raise Refused(f"{code.path}: handlers are registered in a loop or under a condition")
    indent = "" if isinstance(block, cst.Module) else code.indent(node)
    return last, call.func.value.value, code.range(node).end.line + 1, indent
