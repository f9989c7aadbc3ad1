"""Adding an exception to the table a route maps its own with: ``@router.get(..., error_map={Gone: 410})``."""

from __future__ import annotations

import libcst as cst

from layercheck.fixes.code import Code, Edit, Refused
from layercheck.fixes.error_mappings import Mapped
from layercheck.fixes.fix import Change, Context
from layercheck.fixes.imports import Imports
from layercheck.fixes.known_answers import written_status
from layercheck.fixes.meanings import meaning_of_text
from layercheck.location import column_of, line_of
from layercheck.program.entities import Class, Function, Module
from layercheck.project.model import Route
from layercheck.rules.measures.answers import all_answers


def routes_with_tables(context: Context, function: Function) -> list[Route]:
    """Return the routes of a handler, if each of them has a table."""
    answers = context.view.measure(all_answers)
    routes = [route for route in context.view.project.routes if route.handler is function]
    return routes if all(answers.maps_itself(route) for route in routes) else []


def entry(context: Context, routes: list[Route], mapped: Mapped) -> Change:
    """Return the tables of ``routes`` with the exception in them."""
    added: list[Edit] = []
    commas: list[Edit] = []
    imports: list[Imports] = []
    for module, at in dict.fromkeys((route.module, route.at) for route in routes):
        code = context.code(module.path)
        table = _table(context, code, module, code.at(cst.Call, line_of(at), column_of(at) + 1))
        names = Imports(context, code, module)
        text = f"{mapped.imported(names, module)}: {written_status(context, code, module, mapped.status)}"
        imports.append(names)
        last = table.elements[-1]
        end = code.range(last).end.line
        if end == code.range(table).end.line:
            added.append(code.insert(code.span(last)[1], f", {text}"))
            continue
        has_comma = isinstance(last.comma, cst.Comma)
        if not has_comma:
            commas.append(code.insert(code.span(last)[1], ","))
        added.append(code.insert_line(end + 1, f"{code.indent(last)}{text}{',' * has_comma}\n"))
    return Change(
        f"mapped it to {mapped.status} in the table of the route",
        added=tuple(added),
        shared=tuple(commas),
        imports=tuple(dict.fromkeys(one for names in imports for one in names.needed)),
    )


def _table(context: Context, code: Code, module: Module, call: cst.Call) -> cst.Dict:
    for arg in call.args:
        if arg.keyword is None or not isinstance(arg.value, cst.Dict):
            continue
        keys = (one.key for one in arg.value.elements if isinstance(one, cst.DictElement))
        if any(isinstance(meaning_of_text(context, module, code.source(key)), Class) for key in keys):
            return arg.value
    raise Refused("the route maps exceptions with a table that is not written where the route is")
