"""LC104: take what holds the session from its provider, instead of the session."""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.finding import Finding
from layercheck.fixes.answers import other_answers
from layercheck.fixes.code import Refused
from layercheck.fixes.fix import Change, Context, Fix, State
from layercheck.fixes.forms import Maker, injected
from layercheck.fixes.injecting import Handler, inject_made
from layercheck.fixes.meanings import meaning
from layercheck.location import Place
from layercheck.program.entities import Class, Function
from layercheck.rules.measures.sessions import Doing, held_parameters


class TakeWhatHoldsSession(Fix):
    """Replaces a session by what it is handed to, where exactly one provider builds that with it.

    A session that nothing uses goes.
    """

    code = "LC104"

    def change(self, finding: Finding, context: Context) -> Change:
        """Return the handler without the session."""
        function = context.function(finding)
        held = next(
            (
                one for one in held_parameters(context.view, function)
                if Place.of(function.module.path, one.at) == finding.place
            ),
            None,
        )  # fmt: skip
        if held is None or finding.related:
            raise Refused("the session is no parameter of the handler alone")
        if not held.uses:
            if _sets_something(context, function, held.name):
                raise Refused("its provider does more than to give a session")
            handler = Handler(context, function)
            return handler.changed(f"removed the parameter {held.name}", {held.name}, [])
        if any(use.doing is not Doing.HAND for use in held.uses):
            raise Refused("the handler does more with the session than to hand it on")
        made = _made_with(context, function, held.name)
        if not made:
            raise Refused(f"it is handed to {held.uses[0].name}, which no provider builds with a session")
        change, gone = inject_made(context, function, made, may_create=False)
        if held.name not in gone:
            raise Refused("the handler would still need the session")
        return change

    def objection(self, finding: Finding, before: State, after: State) -> str:
        """Return which route would answer otherwise."""
        return other_answers(finding, before, after)


def _made_with(context: Context, function: Function, name: str) -> list[r.Call]:
    """Return the calls of classes that are handed ``name``, or what is made with it."""
    maker = Maker(context, function)
    return [
        call for _, call in sorted(function.calls.items())
        if name in maker.parts(call) and isinstance(meaning(context, function.module, call.func), Class)
    ]  # fmt: skip


def _sets_something(context: Context, function: Function, name: str) -> bool:
    """Return whether what provides the parameter ``name`` puts something where others may find it."""
    dependency = injected(context, function).get(name)
    if dependency is None or dependency.frame is None:
        return True
    walk = context.view.calls.walk(dependency.frame, lambda edge: True)
    for frame, _ in walk:
        if any(one.endswith("ContextVar.set") for site in frame.sites.values() for one in site.externals):
            return True
        entity = frame.entity
        for node in entity.nodes if isinstance(entity, Function) else ():
            if isinstance(node, r.Assign) and any(isinstance(one, r.Attribute) for one in node.targets):
                return True
    return False
