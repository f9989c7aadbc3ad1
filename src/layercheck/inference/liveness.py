"""Liveness: what the body of a loop reads of what was known before it.

The upward-exposed uses of data-flow analysis (Aho et al., "Compilers", 2nd edition, 9.2.5): a round of a
loop can only come out differently from the one before where something changed that the body reads
before it assigns it.
"""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.facts.nodes import children, inside
from layercheck.inference.items import path_of

Names = frozenset[str]


def exposed(loop: r.For | r.While) -> Names:
    """Return the names that a round of ``loop`` may read before it assigns them, and the paths it reads."""
    uses = _Uses()
    if isinstance(loop, r.For):
        bound = uses.assign(loop.target, frozenset())
    else:
        bound = uses.read(loop.test, frozenset())
    uses.run(loop.body, bound)
    return frozenset(uses.found)


class _Uses:
    """What was found so far; methods take the names bound before a node and return those bound after."""

    def __init__(self) -> None:
        self.found: set[str] = set()

    def run(self, body: tuple[r.Stmt, ...], bound: Names) -> Names:
        for statement in body:
            bound = self._statement(statement, bound)
        return bound

    def read(self, node: r.Node | None, bound: Names) -> Names:
        if node is None:
            return bound
        for part in inside(node):
            if isinstance(part, r.Name):
                if part.id not in bound:
                    self.found.add(part.id)
            elif isinstance(part, (r.Attribute, r.Subscript)) and (path := path_of(part)):
                self.found.add(path)
        return bound

    def assign(self, target: r.Target, bound: Names) -> Names:
        if isinstance(target, r.Name):
            return bound | {target.id}
        if isinstance(target, r.Sequence):
            for item in target.items:
                bound = self.assign(item, bound)
            return bound
        if isinstance(target, r.Star):
            return self.assign(target.value, bound)
        return self.read(target, bound)

    def _statement(self, node: r.Stmt, bound: Names) -> Names:
        match node:
            case r.Assign():
                self.read(node.value, bound)
                for target in node.targets:
                    bound = self.assign(target, bound)
                return bound
            case r.Annotated():
                self.read(node.annotation, bound)
                self.read(node.value, bound)
                return self.assign(node.target, bound)
            case r.If():
                self.read(node.test, bound)
                return self.run(node.body, bound) & self.run(node.orelse, bound)
            case r.For():
                self.read(node.iter, bound)
                self.run(node.body, self.assign(node.target, bound))
                self.run(node.orelse, bound)
            case r.While():
                self.read(node.test, bound)
                self.run(node.body, bound)
                self.run(node.orelse, bound)
            case r.With():
                for item in node.items:
                    self.read(item.context, bound)
                    bound = self.assign(item.target, bound) if item.target is not None else bound
                return self.run(node.body, bound)
            case r.Try():
                after = self.run(node.orelse, self.run(node.body, bound))
                for handler in node.handlers:
                    self.read(handler.type, bound)
                    after &= self.run(handler.body, bound | {handler.name} if handler.name else bound)
                return after | self.run(node.finalbody, bound)
            case r.Function() | r.Class() | r.Match():
                self._everything(node, bound)
            case _:
                self.read(node, bound)
        return bound

    def _everything(self, node: r.Node, bound: Names) -> None:
        """Read all names below ``node``, those of nested definitions, too."""
        self.read(node, bound)
        for part in children(node):
            self._everything(part, bound)
