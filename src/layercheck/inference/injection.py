"""Dependency injection: parameters whose values a framework provides."""

from __future__ import annotations

from layercheck.inference.base import Arguments, Base
from layercheck.inference.frames import Activation
from layercheck.inference.signatures import ParameterMeaning
from layercheck.inference.values import (
    NOTHING,
    FunctionValue,
    Instance,
    Made,
    Value,
    Values,
)
from layercheck.location import Span
from layercheck.program.entities import Class


class Injection(Base):
    """Following ``Depends`` and its kin to the providers."""

    def injected_parameter(self, act: Activation, meaning: ParameterMeaning, declared: Values) -> Values:
        """Run the providers of a parameter and return what they hand over."""
        result = NOTHING
        for marker in meaning.markers:
            result |= self.provide(act, marker, declared, meaning.at)
        return result

    def provide(self, act: Activation, marker: Made, declared: Values, at: Span) -> Values:
        """Run the provider named by ``marker``; without one, the declared classes provide themselves."""
        providers = marker.argument(0, "dependency")
        if not any(not _is_none(v) for v in providers):
            providers = frozenset(
                self.u.class_value(v.cls, v.args)
                for v in declared
                if isinstance(v, Instance) and isinstance(v.cls, Class)
            )
        made = self.call(act, providers, Arguments(), at, "depends")
        for provider in providers:
            if isinstance(provider, FunctionValue):
                overrides = self.heap.read(("override", provider.function), act.reader)
                if overrides:
                    made = self.call(act, overrides, Arguments(), at, "override")
        return self.iterated_product(act, made, at)


def _is_none(value: Value) -> bool:
    return getattr(value, "value", value) is None
