"""LC402: let a provider build what the handler builds."""

from __future__ import annotations

from layercheck.finding import Finding
from layercheck.fixes.answers import other_answers
from layercheck.fixes.code import Refused
from layercheck.fixes.fix import Change, Context, Fix, State
from layercheck.fixes.injecting import calls_at, inject_made
from layercheck.fixes.meanings import meaning


class BuildInProvider(Fix):
    """Replaces what a handler builds of injected things by a parameter.

    The provider is the one that builds the same, or a new one among the project's providers, else in
    front of the handler.
    """

    code = "LC402"

    def change(self, finding: Finding, context: Context) -> Change:
        """Return the handler with a parameter for what it built."""
        function = context.function(finding)
        classes = [
            meaning(context, function.module, call.func)
            for call in calls_at(function, (finding.place, *finding.related))
        ]  # fmt: skip
        if len(classes) != 1 + len(finding.related) or "" in classes:
            raise Refused("what is built is not where it was expected")
        made = [
            call for _, call in sorted(function.calls.items())
            if meaning(context, function.module, call.func) in classes
        ]  # fmt: skip
        return inject_made(context, function, made, may_create=True)[0]

    def objection(self, finding: Finding, before: State, after: State) -> str:
        """Return which route would answer otherwise."""
        return other_answers(finding, before, after)
