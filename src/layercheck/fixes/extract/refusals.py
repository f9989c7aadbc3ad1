"""What a service must not know: where what would move uses it, the handler is refused."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import libcst as cst

from layercheck.fixes.extract.chains import refuse_at
from layercheck.fixes.extract.names import paths_of, reads, uses
from layercheck.fixes.extract.split import Parts
from layercheck.fixes.extract.target import Target
from layercheck.inference.values import Instance

_NEUTRAL = frozenset({"run_in_threadpool", "iterate_in_threadpool", "jsonable_encoder"})


def refuse_foreign(target: Target, parts: Parts, answered: Collection[cst.ExceptHandler] = ()) -> None:
    """Raise `Refused` where what moves uses requests, names of FastAPI, or errors of the database.

    ``answered`` are clauses that go to the repository with what they catch.
    """
    _refuse_parameters(target, parts)
    for name in _names(target, parts):
        package = _package(target, name.value)
        origin = target.origins.of(name.value) if package else None
        if origin is not None and package in target.view.config.types.web and origin.name not in _NEUTRAL:
            raise refuse_at(target, name, f"the rule of the business uses `{name.value}` of {origin.module}")
    for node in target.code.nodes(cst.ExceptHandler):
        if node in answered:
            continue
        if node.type is not None and any(_holds(target, one, node) for one in parts.moving):
            for caught in reads(node.type):
                if _package(target, caught) in target.view.config.types.database_packages:
                    raise refuse_at(target, node, f"it catches {caught} of the database")


def _refuse_parameters(target: Target, parts: Parts) -> None:
    """Refuse a request or response that is used as a whole; its attributes can be handed over."""
    web = target.view.config.types.web
    for name, values in target.parameters.items():
        kinds = {one.cls for one in values if isinstance(one, Instance) and isinstance(one.cls, str)}
        if any(kind.partition(".")[0] in web for kind in kinds):
            _, only = paths_of(name, parts.moving, target.code)
            where = next((one for part in parts.moving for one in uses(name, part)), None)
            if where is not None and not only:
                raise refuse_at(
                    target, where, f"the rule of the business uses `{name}`, which belongs to HTTP"
                )


def _names(target: Target, parts: Parts) -> Iterator[cst.Name]:
    """Yield the names of the module what moves reads, without the answers that stay."""
    code = target.code
    left_out: list[cst.CSTNode] = [*code.nodes(cst.Raise), *parts.refusals]
    for statement in parts.moving:
        for node in _outside_of(statement, left_out):
            if isinstance(node, cst.Name):
                parent = code.parent(node)
                is_attribute = isinstance(parent, cst.Attribute) and parent.attr is node
                is_keyword = isinstance(parent, cst.Arg) and parent.keyword is node
                if not is_attribute and not is_keyword:
                    yield node


def _package(target: Target, name: str) -> str:
    """Return the top package a name of the module comes from, empty where it is none."""
    origin = target.origins.of(name) if target.origins.knows(name) else None
    return origin.module.partition(".")[0] if origin is not None else ""


def _outside_of(node: cst.CSTNode, left_out: list[cst.CSTNode]) -> Iterator[cst.CSTNode]:
    if any(node is one for one in left_out):
        return
    yield node
    for child in node.children:
        yield from _outside_of(child, left_out)


def _holds(target: Target, outer: cst.CSTNode, inner: cst.CSTNode) -> bool:
    (start, end), (first, last) = target.code.span(outer), target.code.span(inner)
    return start <= first and last <= end
