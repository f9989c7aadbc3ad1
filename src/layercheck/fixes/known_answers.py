"""How a project already answers one of its exceptions, so that a new answer is no other one."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import NamedTuple

import libcst as cst

from layercheck.facts import records as r
from layercheck.fixes.code import Code, Refused
from layercheck.fixes.fix import Context
from layercheck.fixes.meanings import meaning, meaning_of_text
from layercheck.fixes.responses import STATUS, raised_parts, template
from layercheck.graphs.exception_types import types_of
from layercheck.graphs.error_scopes import Thrown
from layercheck.graphs.numbers import named
from layercheck.location import Span, column_of, line_of
from layercheck.program.entities import Class, Module
from layercheck.rules.measures.answers import specific_answers
from layercheck.rules.measures.syntax import path_of


_BINDING = (cst.Param, cst.AssignTarget, cst.AnnAssign, cst.For, cst.CompFor, cst.NamedExpr)


class Known(NamedTuple):
    """What clauses answer: a status, and a detail if all say the same, with ``{error}`` for the exception."""

    status: int
    detail: str


def known_answer(context: Context, raised: Class) -> Known | None:
    """Return what the project answers ``raised`` with elsewhere, None where it says nothing of it.

    Clauses that catch it tell, else tables of statuses with it as a key, and a ``status_code`` of its own.
    Raises `Refused` where they differ.
    """
    statuses: set[int] = set()
    details: set[str] = set()
    for module, at in dict.fromkeys(_clauses(context, raised)):
        code = context.code(module.path)
        node = code.at(cst.ExceptHandler, line_of(at), column_of(at) + 1)
        try:
            status, detail = raised_parts(context, code, module, node)
        except Refused:
            continue
        if status.isdecimal():
            statuses.add(int(status))
            details.add(template(code, node, detail))
    if len(statuses) > 1:
        told = " and ".join(map(str, sorted(statuses)))
        raise Refused(f"other handlers answer {raised.name} with {told}")
    if statuses:
        return Known(statuses.pop(), details.pop() if len(details) == 1 else "")
    declared = {*_in_tables(context, raised), *_own(context, raised)}
    if len(declared) > 1:
        told = " and ".join(map(str, sorted(declared)))
        raise Refused(f"the project gives {raised.name} the statuses {told}")
    return Known(declared.pop(), "") if declared else None


def _own(context: Context, raised: Class) -> Iterator[int]:
    """Yield the ``status_code`` an exception carries itself."""
    status = context.view.measure(specific_answers).statuses.carried(Thrown(raised))
    if status is not None and status in set(HTTPStatus):
        yield status


def _in_tables(context: Context, raised: Class) -> Iterator[int]:
    """Yield what tables hold for an exception, those at the top of modules and those of routes."""
    for module in context.view.project.program.modules:
        for table in _tables(module):
            for key, value in zip(table.keys, table.values, strict=True):
                if key is not None and path_of(key).rpartition(".")[2] == raised.name:
                    status = _number(context, module, value)
                    if status is not None and meaning(context, module, key) is raised:
                        yield status


def _tables(module: Module) -> Iterator[r.Mapping]:
    for statement in module.facts.body:
        match statement:
            case r.Assign(value=r.Mapping() as table) | r.Annotated(value=r.Mapping() as table):
                yield table
            case r.Function(decorators=decorators):
                calls = (one for one in decorators if isinstance(one, r.Call))
                given = (one.value for call in calls for one in call.keywords)
                yield from (one for one in given if isinstance(one, r.Mapping))


def _number(context: Context, module: Module, value: r.Expr) -> int | None:
    """Return a status that is written as a number or as a name of one."""
    if isinstance(value, r.Constant):
        return int(value.value) if value.kind == "int" and value.value in set(HTTPStatus) else None
    meant = meaning(context, module, value)
    return named(meant) if isinstance(meant, str) else None


def _clauses(context: Context, raised: Class) -> Iterator[tuple[Module, Span]]:
    for frame in context.view.project.inference.frames:
        for guard in frame.guards:
            for clause in guard.clauses:
                if clause.classes is not None and raised in types_of(clause.classes):
                    yield frame.module, clause.at


def written_status(context: Context, code: Code, module: Module, status: int) -> str:
    """Return a status as its file writes it: as ``status.HTTP_404_NOT_FOUND`` or as ``404``."""
    for kind in (cst.Attribute, cst.Name):
        for node in code.nodes(kind):
            text = code.source(node)
            found = STATUS.fullmatch(text)
            if found is None or found[1] != str(status) or not _is_status(context, module, text):
                continue
            root = text.partition(".")[0]
            if all(_is_read(code, one) for one in code.nodes(cst.Name) if one.value == root):
                return text
    return str(status)


def _is_status(context: Context, module: Module, text: str) -> bool:
    meant = meaning_of_text(context, module, text)
    return isinstance(meant, str) and meant.rpartition(".")[0] in ("fastapi.status", "starlette.status")


def _is_read(code: Code, node: cst.Name) -> bool:
    """Return whether a name is imported or looked up, but not given to a parameter or variable."""
    return code.is_label(node) or not isinstance(code.parent(node), _BINDING)
