"""Branches and loops: where ways of running part and meet."""

from __future__ import annotations

from collections.abc import Callable

from layercheck.facts import records as r
from layercheck.inference.base import Base
from layercheck.inference.frames import (
    Activation,
    Environment,
    join,
)
from layercheck.inference.liveness import exposed
from layercheck.inference.values import (
    Values,
)
from layercheck.program.build import target_names

MOST_ROUNDS = 3
"""How often a loop body is run until nothing new is learnt."""


class Branches(Base):
    """Executing branches and loops."""

    _live: dict[r.For | r.While, frozenset[str]]

    def _if(self, act: Activation, node: r.If) -> None:
        before_test = act.env
        self.test(act, node.test, node.at)
        if act.env is None or before_test is None:
            return
        before = dict(act.env)
        self.narrow(act, node.test, True)
        if _never(node.test):
            act.env = None
        self.execute(act, node.body)
        after_body = act.env
        act.env = before
        self.narrow(act, node.test, False)
        if _always(node.test):
            act.env = None
        self.execute(act, node.orelse)
        act.env = join(after_body, act.env)

    def _for(self, act: Activation, node: r.For) -> None:
        values = self.evaluate(act, node.iter)
        elements = self.iterate(act, values, node.iter.at if not isinstance(node.iter, r.Slice) else node.at,
                                node.is_async)  # fmt: skip
        before = dict(act.env) if act.env is not None else None
        frame = act.frame
        sites, registrations = dict(frame.sites), frame.registrations
        self._loop(act, node, lambda: self.assign(act, node.target, elements))
        if before is not None and self.has_registered(act, sites, registrations):
            rows = self.rows(act, node.iter)
            if rows:
                act.env, frame.sites, frame.registrations = before, sites, registrations
                outer = act.row
                for index, row in enumerate(rows):
                    act.row = (*outer, node.at, index)
                    self._once(act, node, row)
                act.row = outer

    def _once(self, act: Activation, node: r.For, row: Values) -> None:
        """Run the body of a loop over a literal table for one row."""
        exits: list[Environment] = []
        act.loops.append(exits)
        self.assign(act, node.target, row)
        self.execute(act, node.body)
        act.loops.pop()
        for env in exits:
            act.env = join(act.env, env)

    def _while(self, act: Activation, node: r.While) -> None:
        def test() -> None:
            self.test(act, node.test, node.at)
            self.narrow(act, node.test, True)

        self._loop(act, node, test)

    def _loop(self, act: Activation, node: r.For | r.While, begin: Callable[[], None]) -> None:
        exits: list[Environment] = []
        for _ in range(MOST_ROUNDS):
            before = dict(act.env) if act.env is not None else None
            act.loops.append([])
            begin()
            self.execute(act, node.body)
            jumped = act.loops.pop()
            exits.extend(jumped)
            after = act.env
            for env in jumped:
                after = join(after, env)
            act.env = join(before, after)
            if act.env is None or before is None or not self._has_learnt(node, before, act.env):
                break
        self.execute(act, node.orelse)
        for env in exits:
            act.env = join(act.env, env)

    def _has_learnt(self, loop: r.For | r.While, before: Environment, after: Environment) -> bool:
        """Return whether another round may come out differently from the one that led from ``before``."""
        changed = {name for name, values in after.items() if before.get(name) is not values}
        changed |= before.keys() - after.keys()
        if isinstance(loop, r.For):
            changed.difference_update(target_names(loop.target))  # a round begins with them
        if not changed:
            return False
        live = self._live.get(loop)
        if live is None:
            live = self._live[loop] = exposed(loop)
        return any(name in live and before.get(name) != after.get(name) for name in changed)

    def _assert(self, act: Activation, node: r.Assert) -> None:
        self.test(act, node.test, node.at)
        self.narrow(act, node.test, True)


def _never(test: r.Expr) -> bool:
    return isinstance(test, r.Constant) and test.kind in ("bool", "int") and not test.value


def _always(test: r.Expr) -> bool:
    return isinstance(test, r.Constant) and test.kind in ("bool", "int") and bool(test.value)
