"""``match``: which values a pattern lets through, and what it binds."""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.inference.base import Base
from layercheck.inference.frames import (
    Activation,
    Environment,
    join,
)
from layercheck.inference.values import (
    NOTHING,
    Instance,
    Values,
)
from layercheck.location import Span


class Patterns(Base):
    """Executing ``match``."""

    def _match(self, act: Activation, node: r.Match) -> None:
        values = self.evaluate(act, node.subject)
        if act.env is None:
            return
        before = dict(act.env)
        result: Environment | None = dict(before)
        for case in node.cases:
            act.env = dict(before)
            self._pattern(act, case.pattern, values, node.subject)
            if case.guard is not None:
                self.evaluate(act, case.guard)
                self.narrow(act, case.guard, True)
            self.execute(act, case.body)
            if case.pattern.kind == "any" and case.guard is None:
                result = None
            result = join(result, act.env) if result is not None or act.env is not None else None
        act.env = result

    def _pattern(self, act: Activation, pattern: r.Pattern, values: Values, subject: r.Expr | None) -> None:
        matched = values
        if pattern.kind == "class" and pattern.value is not None:
            meaning, _ = self.type_meaning(act, self.evaluate(act, pattern.value))
            wanted = [v for v in meaning if isinstance(v, Instance)]
            kept = frozenset(
                v for v in values if isinstance(v, Instance)
                and any(self.hierarchy.derives(v.cls, w.cls) for w in wanted)
            )  # fmt: skip
            matched = kept or meaning
            if subject is not None:
                self.narrow_to(act, subject, meaning)
            for part, name in zip(pattern.parts[len(pattern.parts) - len(pattern.names):], pattern.names,
                                  strict=True):  # fmt: skip
                inner = NOTHING
                for value in matched:
                    inner |= self.get_attribute(act, value, name, Span(0))
                self._pattern(act, part, inner, None)
        elif pattern.kind == "value" and pattern.value is not None:
            self.evaluate(act, pattern.value)
        elif pattern.kind == "sequence":
            for index, part in enumerate(pattern.parts):
                self._pattern(act, part, self.element(act, values, index, Span(0)), None)
        elif pattern.kind == "mapping":
            for key, part in zip(pattern.keys, pattern.parts, strict=False):
                self._pattern(act, part, self.item(act, values, self.evaluate(act, key), Span(0)), None)
        elif pattern.kind == "or":
            for part in pattern.parts:
                self._pattern(act, part, values, None)
        elif pattern.kind == "any":
            for part in pattern.parts:
                self._pattern(act, part, values, subject)
        if pattern.capture:
            self.bind(act, pattern.capture, matched)
