"""Queries inside of an answer get lines of their own in front of it, so that the answer can stay."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from layercheck.fixes.code import Edit
from layercheck.fixes.extract import wording
from layercheck.fixes.extract.chains import Chain, Chains, calls_in
from layercheck.fixes.extract.names import binds
from layercheck.fixes.extract.split import Answers
from layercheck.fixes.extract.target import Target

_OUTER = (cst.Arg, cst.Call, cst.Dict, cst.DictElement, cst.List, cst.Tuple, cst.Element)
"""What evaluates its parts once each, from left to right."""


def lifted(target: Target) -> bytes | None:
    """Return the file of a handler with the queries of its answer in front of it, None where there are none.

    Nothing is lifted over something else that is called, so that all happens in the same order.
    """
    code, chains = target.code, Chains(target)
    last = target.body[-1] if target.body else None
    if not isinstance(last, cst.SimpleStatementLine) or len(last.body) != 1:
        return None
    answer = last.body[0]
    if not isinstance(answer, cst.Return) or answer.value is None:
        return None
    found = [one for one in chains.inside(answer.value) if one.node is not answer.value]
    if not found or not Answers(target).is_answer(answer.value):
        return None
    if not all(_is_plain(target, one, answer.value) for one in found) or _is_crossed(
        target, found, answer.value
    ):
        return None
    taken = {*target.params, *binds(target.node.body), *code.names}
    lines: list[str] = []
    edits: list[Edit] = []
    for one in found:
        wished = _wished(target, one.node)
        name = wished if wished not in taken else wording.free("found", taken)
        taken.add(name)
        lines.append(f"{name} = {code.source(one.node)}")
        edits.append(code.replace(one.node, name))
    indent = code.indent(last)
    edits.append(code.insert(code.span(last)[0], "".join(f"{line}\n{indent}" for line in lines)))
    return code.with_edits(edits)


def _is_plain(target: Target, chain: Chain, answer: cst.BaseExpression) -> bool:
    """Return whether a query is asked once whenever the answer is made."""
    node: cst.CSTNode = chain.node
    while node is not answer:
        node = target.code.parent(node)
        if not isinstance(node, _OUTER):
            return False
    return True


def _is_crossed(target: Target, found: list[Chain], answer: cst.BaseExpression) -> bool:
    """Return whether something is called before the last query that does not enclose it."""
    spans = [target.code.span(one.node) for one in found]
    for call in calls_in(answer):
        start, end = target.code.span(call)
        is_inside = any(first <= start and end <= last for first, last in spans)
        encloses = all(start <= first and last <= end for first, last in spans)
        if not is_inside and not encloses and start < spans[-1][0]:
            return True
    return False


def _wished(target: Target, node: cst.CSTNode) -> str:
    """Return the name for what a query gives: the key or keyword it is told by."""
    for around in _around(target, node):
        if isinstance(around, cst.Arg) and around.keyword is not None:
            return around.keyword.value
        if isinstance(around, cst.DictElement) and isinstance(around.key, cst.SimpleString):
            key = around.key.evaluated_value
            if isinstance(key, str) and key.isidentifier():
                return key
    return "found"


def _around(target: Target, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    while not isinstance(node, cst.Return):
        node = target.code.parent(node)
        yield node
