"""What a method of a repository is handed, and what of its text changes for that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import libcst as cst

from layercheck.fixes.code import Code, Edit
from layercheck.fixes.extract import wording
from layercheck.fixes.extract.chains import Chain, Chains, refuse_at
from layercheck.fixes.extract.locals import Locals
from layercheck.fixes.extract.names import Origin, binds, reads, uses
from layercheck.fixes.extract.repositories import SESSION, Parameter
from layercheck.fixes.extract.results import Results
from layercheck.fixes.extract.target import Target
from layercheck.fixes.extract.typing_text import Written
from layercheck.program.entities import Class


class Passed(NamedTuple):
    """What a method is handed: the expression of the caller, and the parameter it becomes."""

    expression: str
    parameter: Parameter
    nodes: tuple[cst.BaseExpression, ...]


class Moves:
    """Tells what becomes of code of one handler that moves to a repository."""

    def __init__(
        self, target: Target, chains: Chains, results: Results, local: Locals, primary: Class
    ) -> None:
        """Tell of ``target``, which is about the entity ``primary``."""
        self._target = target
        self._chains = chains
        self._results = results
        self._locals = local
        self._primary = primary

    def entity(self, *nodes: cst.CSTNode, chain: Chain | None = None) -> Class:
        """Return the entity that ``nodes`` are about, by queries or by the objects they use."""
        found: list[Class] = []
        if chain is not None:
            found += self._chains.entities(chain, *nodes)
        for inner in self._chains.inside(*nodes):
            found += self._chains.entities(inner, *nodes)
        if not found:
            for node in nodes:
                found += [one for name in reads(node) if (one := self._locals.entity_of(name)) is not None]
        return found[0] if found else self._primary

    def passed(self, nodes: Sequence[cst.CSTNode], hidden: set[str]) -> list[Passed]:
        """Return what a method is handed that holds ``nodes``."""
        code = self._target.code
        found: list[Passed] = []
        taken: set[str] = set()
        for name in reads(*nodes):
            if name in hidden or name == self._target.session or not self._locals.is_local(name):
                continue
            if name in self._chains.database_names:
                raise refuse_at(self._target, nodes[0], f"the query `{name}` comes from somewhere else")
            for expression, wanted, type_, places in self._locals.parts(name, nodes):
                key = _column(code, places[0]) if "." in expression else None
                parameter = wording.free(key or wanted, taken)
                taken.add(parameter)
                found.append(Passed(expression, Parameter(parameter, type_), tuple(places)))
        return found

    def replaced(self, passed: Sequence[Passed]) -> Iterator[Edit]:
        """Yield the edits that say the parameters instead of what is handed over."""
        for one in passed:
            for node in one.nodes:
                if self._target.code.source(node) != one.parameter.name:
                    yield self._target.code.replace(node, one.parameter.name)

    def session_edits(self, nodes: Sequence[cst.CSTNode]) -> Iterator[Edit]:
        """Yield the edits that say the session of the repository."""
        for node in nodes:
            for one in uses(self._target.session, node):
                yield self._target.code.replace(one, SESSION)

    def listed(self, nodes: Sequence[cst.CSTNode]) -> Iterator[Edit]:
        """Yield the edits that make lists of rows a method returns."""
        code = self._target.code
        for chain in self._chains.inside(*nodes):
            parent = code.parent(chain.node)
            if isinstance(parent, cst.Assign) and self._results.is_listed(chain):
                names = binds(parent)
                if not set(names) & self._chains.database_names:
                    start, end = code.span(chain.node)
                    yield code.insert(start, "list(")
                    yield code.insert(end, ")")

    def type_of_local(self, name: str, group: Sequence[cst.CSTNode]) -> Written:
        """Return the annotation of a variable that statements which move give a value."""
        for chain in self._chains.inside(*group):
            node: cst.CSTNode = chain.node
            while not isinstance(node, (cst.Assign, cst.BaseStatement)):
                node = self._target.code.parent(node)
            if isinstance(node, cst.Assign) and name in binds(node):
                found = self._results.type_of(chain)
                if found is not None:
                    text = self._target.code.source(node.value)
                    if " or 0" in text or " or []" in text:
                        return Written(found.text.removesuffix(" | None"), found.needs)
                    return found
        raise refuse_at(self._target, group[0], f"the type of `{name}` is not known")

    def needs(self, nodes: Sequence[cst.CSTNode], local: set[str]) -> tuple[Origin, ...]:
        """Return what ``nodes`` need from elsewhere."""
        origins = self._target.origins
        found: list[Origin] = []
        for name in reads(*nodes):
            if name in local or name == self._target.session or self._locals.is_local(name):
                continue
            origin = origins.of(name)
            if origin is not None:
                found.append(origin)
        return tuple(found)


def named(passed: Sequence[Passed]) -> set[str]:
    """Return the names of the caller that are handed over."""
    return {one.expression.partition(".")[0] for one in passed}


def _column(code: Code, node: cst.BaseExpression) -> str | None:
    """Return the column, or keyword, an expression is compared with."""
    parent = code.parent(node)
    if isinstance(parent, cst.ComparisonTarget):
        around = code.parent(parent)
        left = around.left if isinstance(around, cst.Comparison) else None
        if isinstance(left, cst.Call) and left.args:
            left = left.args[0].value
        if isinstance(left, cst.Attribute) and left.attr.value != "id":
            return left.attr.value
    if isinstance(parent, cst.Arg) and parent.keyword is not None and parent.keyword.value != "id":
        return parent.keyword.value
    return None
