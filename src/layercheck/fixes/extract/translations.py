"""``try`` statements that answer errors of the database: repositories raise what the business calls them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from layercheck.fixes.code import Code
from layercheck.fixes.extract.names import Origin, reads
from layercheck.fixes.extract.target import Target
from layercheck.fixes.extract.text import STEP

MARK = "_translated_"
"""What the clause of a ``try`` statement catches that goes away when its text is moved."""


@dataclass(frozen=True, slots=True)
class Translation:
    """A ``try`` statement whose only clause answers errors of the database over HTTP.

    ``caught`` is what it catches. Where ``rolls_back`` is true
    the transaction is rolled back first. ``answer`` is what it raises.
    """

    node: cst.Try
    clause: cst.ExceptHandler
    caught: str
    needs: tuple[Origin, ...]
    answer: cst.BaseExpression
    rolls_back: bool


@dataclass(frozen=True, slots=True)
class Guard:
    """What the methods of a repository do with errors of the database: raise ``raised`` instead."""

    caught: str
    raised: str
    needs: tuple[Origin, ...]

    def lines(self, body: tuple[str, ...]) -> tuple[str, ...]:
        """Return the lines of a method with the guard around them."""
        inner = (f"{STEP}{line}" if line.strip() else line for one in body for line in one.split("\n"))
        return ("try:", *inner, f"except {self.caught} as error:", f"{STEP}raise {self.raised} from error")


def translations(target: Target) -> Iterator[Translation]:
    """Yield the ``try`` statements of a function that only answer errors of the database."""
    code = target.code
    for node in code.nodes(cst.Try):
        if code.around(node, cst.FunctionDef) is not target.node:
            continue
        if len(node.handlers) != 1 or node.orelse is not None or node.finalbody is not None:
            continue
        found = _translation(target, node, node.handlers[0])
        if found is not None:
            yield found


def _translation(target: Target, node: cst.Try, clause: cst.ExceptHandler) -> Translation | None:
    if clause.type is None or not isinstance(clause.body, cst.IndentedBlock):
        return None
    packages = target.view.config.types.database_packages
    needs: list[Origin] = []
    for name in reads(clause.type):
        origin = target.origins.of(name) if target.origins.knows(name) else None
        if origin is None or origin.module.partition(".")[0] not in packages:
            return None
        needs.append(origin)
    smalls = [
        small
        for line in clause.body.body
        for small in (line.body if isinstance(line, cst.SimpleStatementLine) else (line,))
    ]
    *before, last = smalls
    if not isinstance(last, cst.Raise) or last.exc is None:
        return None
    if any(not _is_rollback(target, one) for one in before) or len(before) > 1:
        return None
    return Translation(node, clause, target.code.source(clause.type), tuple(needs), last.exc, bool(before))


def _is_rollback(target: Target, node: cst.CSTNode) -> bool:
    if not isinstance(node, cst.Expr):
        return False
    call = node.value.expression if isinstance(node.value, cst.Await) else node.value
    return isinstance(call, cst.Call) and target.code.source(call.func) == f"{target.session}.rollback"


def is_checked_late(target: Target) -> bool:
    """Return whether tables may have constraints that are checked when a transaction ends, not before."""
    project = target.view.project
    modules = {one.module for one in project.program.classes if project.layer(one).layer == "entity"}
    for module in modules:
        text = target.context.code(module.path).text
        if "deferrable" in text or "initially" in text:
            return True
    return False


def unwrapped(body: str) -> str:
    """Return the text of a body without the ``try`` statements whose clause is marked."""
    while MARK in body:
        code = Code("moved", f"def method():\n{body}\n".encode())
        node = next(one for one in code.nodes(cst.Try) if MARK in code.source(one.handlers[0].type or one))
        assert isinstance(node.body, cst.IndentedBlock)
        first, last = code.range(node.body).start.line, code.range(node.handlers[0]).start.line
        top, end = code.range(node).start.line, code.range(node.handlers[0]).end.line
        edits = [
            code.delete(code.line_start(top), code.line_start(first)),
            *code.dedented(first, last - 1, code.indent(node)),
            code.delete(code.line_start(last), code.line_start(end + 1)),
        ]
        body = code.with_edits(edits).decode().partition("\n")[2].rstrip("\n")
    return body
