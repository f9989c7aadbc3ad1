"""Statements: what they hold themselves, and the blocks they hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from layercheck.fixes.code import Refused


def headers(statement: cst.BaseStatement) -> Iterator[cst.CSTNode]:
    """Yield what a statement holds itself, not in its blocks."""
    match statement:
        case cst.SimpleStatementLine():
            yield statement
        case cst.If():
            yield statement.test
            if isinstance(statement.orelse, cst.If):
                yield from headers(statement.orelse)
        case cst.While():
            yield statement.test
        case cst.For():
            yield statement.iter
        case cst.With():
            yield from statement.items
        case cst.Match():
            yield statement.subject


def blocks(statement: cst.BaseStatement) -> Iterator[Sequence[cst.BaseStatement]]:
    """Yield the blocks of a statement."""
    match statement:
        case cst.If():
            yield _body(statement.body)
            if isinstance(statement.orelse, cst.If):
                yield from blocks(statement.orelse)
            elif statement.orelse is not None:
                yield _body(statement.orelse.body)
        case cst.For() | cst.While():
            yield _body(statement.body)
            if statement.orelse is not None:
                yield _body(statement.orelse.body)
        case cst.With():
            yield _body(statement.body)
        case cst.Try():
            yield _body(statement.body)
            for handler in statement.handlers:
                yield _body(handler.body)
            if statement.orelse is not None:
                yield _body(statement.orelse.body)
            if statement.finalbody is not None:
                yield _body(statement.finalbody.body)
        case cst.Match():
            for case in statement.cases:
                yield _body(case.body)


def _body(block: cst.BaseSuite) -> Sequence[cst.BaseStatement]:
    if not isinstance(block, cst.IndentedBlock):
        raise Refused("a block stands on the line of its header")
    return block.body


def all_nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield a node and everything in it."""
    yield node
    for child in node.children:
        yield from all_nodes(child)


def awaits(node: cst.CSTNode) -> bool:
    """Return whether something in a node is awaited."""
    return any(isinstance(one, cst.Await) for one in all_nodes(node))
