"""Queries that are made once and asked in several places: each method that asks makes its own."""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst

from layercheck.fixes.extract.chains import Chains, called
from layercheck.fixes.extract.names import binds, reads
from layercheck.fixes.extract.statements import all_nodes
from layercheck.inference.values import Instance
from layercheck.rules.measures.parameters import product


class Carrying:
    """Keeps the statements that say what a query of one handler is."""

    def __init__(self, chains: Chains) -> None:
        """Keep those of the handler of ``chains``."""
        self._target = chains.target
        self._chains = chains
        self._carried: list[cst.BaseStatement] = []

    def take(
        self, group: list[cst.BaseStatement], statements: Sequence[cst.BaseStatement]
    ) -> list[cst.BaseStatement]:
        """Return the statements that only say what a query is, where others stand between its uses.

        Each use says it again: nothing is asked of the database before, and what the query is made of
        is not changed on the way. None are returned where the group can move as a whole.
        """
        makers = [one for one in group if self._only_makes(one)]
        users = [one for one in group if one not in makers]
        if not makers or len(users) < 2 or group[: len(makers)] != makers:
            return []
        first, last = statements.index(makers[0]), statements.index(users[-1])
        is_close = all(one in group for one in statements[first : last + 1])
        if is_close and not any(leaves(one) for one in group):
            return []
        on_the_way = statements[statements.index(makers[-1]) + 1 : last + 1]
        made_of = set(reads(*makers)) - set(binds(*makers))
        is_changed = set(binds(*on_the_way)) & made_of or any(_set_of(one) & made_of for one in on_the_way)
        if is_changed or set(binds(*on_the_way)) & set(binds(*makers)):
            return []
        self._carried += makers
        return makers

    def _only_makes(self, statement: cst.BaseStatement) -> bool:
        """Return whether a statement gives a query a name and does not run it."""
        if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
            return False
        assign = statement.body[0]
        if not isinstance(assign, cst.Assign) or not isinstance(assign.value, cst.Call):
            return False
        site = self._target.site(assign.value)
        kinds = {
            one.class_name.rpartition(".")[2]
            for one in (product(site.result) if site is not None else ())
            if isinstance(one, Instance)
        }
        return (
            bool(kinds)
            and not any(kind.endswith("Result") for kind in kinds)
            and all(name in self._chains.database_names for name in binds(statement))
        )

    def makers_of(self, node: cst.CSTNode) -> list[cst.BaseStatement]:
        """Return the statements that say what the queries in ``node`` are, in order."""
        wanted = set(reads(node))
        found: list[cst.BaseStatement] = []
        for one in reversed(self._carried):
            if set(binds(one)) & wanted:
                found.insert(0, one)
                wanted |= set(reads(one))
        return found


def leaves(statement: cst.BaseStatement) -> bool:
    """Return whether a statement may end the handler, or holds another that cannot move with a query."""
    return any(isinstance(node, (cst.Raise, cst.Return, cst.Try, cst.With)) for node in all_nodes(statement))


def _set_of(statement: cst.BaseStatement) -> set[str]:
    """Return the names of which a statement sets attributes or items."""
    found: set[str] = set()
    for node in all_nodes(statement):
        if isinstance(node, (cst.AssignTarget, cst.AugAssign, cst.AnnAssign)):
            if isinstance(node.target, (cst.Attribute, cst.Subscript)):
                found.update(reads(node.target))
        elif isinstance(node, cst.Call) and called(node) == "setattr" and node.args:
            found.update(reads(node.args[0]))
    return found
