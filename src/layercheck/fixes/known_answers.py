"""How a project already answers one of its exceptions, so that a new answer is no other one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from layercheck.fixes.code import Code, Refused
from layercheck.fixes.fix import Context
from layercheck.fixes.meanings import meaning_of_text
from layercheck.fixes.responses import STATUS, raised_parts, template
from layercheck.graphs.exception_types import types_of
from layercheck.location import Span, column_of, line_of
from layercheck.program.entities import Class, Module


_BINDING = (cst.Param, cst.AssignTarget, cst.AnnAssign, cst.For, cst.CompFor, cst.NamedExpr)


class Known(NamedTuple):
    """What clauses answer: a status, and a detail if all say the same, with ``{error}`` for the exception."""

    status: int
    detail: str


def known_answer(context: Context, raised: Class) -> Known | None:
    """Return what clauses that catch ``raised`` answer, None where none does.

    Raises `Refused` where they answer with different statuses.
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
    return Known(statuses.pop(), details.pop() if len(details) == 1 else "") if statuses else None


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
