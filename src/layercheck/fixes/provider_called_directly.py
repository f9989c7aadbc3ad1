"""LC401: let the framework call the provider, and take what it gives as a parameter."""

from __future__ import annotations

import libcst as cst

from layercheck.facts import records as r
from layercheck.facts.nodes import inside
from layercheck.finding import Finding
from layercheck.fixes.answers import other_answers
from layercheck.fixes.code import Refused
from layercheck.fixes.fix import Change, Context, Fix, State
from layercheck.fixes.forms import Maker, injected, returned
from layercheck.fixes.injecting import Handler, calls_at
from layercheck.fixes.meanings import meaning
from layercheck.fixes.providers import given_by, parameter, snake
from layercheck.location import encloses
from layercheck.program.entities import Class, Function
from layercheck.project.model import Dependency

_NEXT = frozenset({"builtins.next", "builtins.anext"})


class TakeFromProvider(Fix):
    """Replaces the call of a provider in a route handler by a parameter with ``Depends``.

    The call has to hand over what the framework would, and to come before anything else is done; or the
    provider does nothing but make an object.
    """

    code = "LC401"

    def change(self, finding: Finding, context: Context) -> Change:
        """Return the handler with a parameter for what the provider gives."""
        function, provider = context.function(finding), context.element(finding.target)
        if not isinstance(provider, Function) or provider.owner is not None:
            raise Refused("the provider is part of a class")
        handler = Handler(context, function)
        places = calls_at(function, (finding.place, *finding.related))
        if len(places) != 1 or finding.related:
            raise Refused("it is called in several places")
        (call,) = places
        _check_arguments(context, handler.maker, provider, call)
        expression = _expression(handler, provider, call)
        is_there = _only_makes(context, provider) and _has_all(context, handler.maker, provider)
        if not is_there and not _comes_first(context, function, call):
            raise Refused("it is not called first, or not on all ways")
        kind = given_by(context, provider).text
        name = handler.name_for(expression, _wish(kind))
        gone = handler.idle(handler.maker.parts(call))
        new = parameter(context, handler.imports, handler.code, function, name, provider)
        return handler.changed(f"took it from {provider.name} as a parameter", gone, [new])

    def objection(self, finding: Finding, before: State, after: State) -> str:
        """Return which route would answer otherwise."""
        return other_answers(finding, before, after)


def _wish(kind: str) -> str:
    last = kind.rpartition(".")[2]
    return snake(last) if last.isidentifier() else "provided"


def _expression(handler: Handler, provider: Function, call: r.Call) -> cst.BaseExpression:
    """Return the expression that gives what the framework would hand over."""
    node: cst.BaseExpression = handler.code.exactly(cst.Call, call.at)
    around = handler.code.parent(node)
    if provider.is_generator:
        outer = handler.code.parent(around) if isinstance(around, cst.Arg) else around
        wanted = "anext" if provider.is_async else "next"
        is_taken = isinstance(outer, cst.Call) and len(outer.args) == 1
        if not is_taken or not isinstance(outer, cst.Call) or handler.code.source(outer.func) != wanted:
            raise Refused(f"what {provider.name} yields is not taken by {wanted}")
        node, around = outer, handler.code.parent(outer)
    if provider.is_async:
        if not isinstance(around, cst.Await):
            raise Refused(f"what {provider.name} gives is not awaited at once")
        return around
    return node


def _check_arguments(context: Context, maker: Maker, provider: Function, call: r.Call) -> None:
    """Raise `Refused` unless ``call`` hands over what the framework would, or leaves it to ``Depends``."""
    wanted = injected(context, provider)
    names = [one.name for one in provider.params if one.kind in ("plain", "positional")]
    if any(isinstance(one, r.Star) for one in call.args) or any(one.name is None for one in call.keywords):
        raise Refused("its arguments cannot be told apart")
    given: dict[str, r.Expr] = dict(zip(names, call.args, strict=False))
    given.update((one.name, one.value) for one in call.keywords if one.name is not None)
    for param in provider.params:
        dependency, value = wanted.get(param.name), given.get(param.name)
        if dependency is None:
            raise Refused(f"{param.name} of {provider.name} would be read from the request")
        if value is not None and not _is_the_same(context, maker, dependency, value):
            raise Refused(f"it is handed another {param.name} than the framework would")


def _is_the_same(context: Context, maker: Maker, dependency: Dependency, value: r.Expr) -> bool:
    """Return whether an argument is what ``dependency`` gives."""
    provider = dependency.provider
    match value:
        case r.Call(func=func, args=(r.Call() as inner,), keywords=()):
            if meaning(context, maker.function.module, func) in _NEXT:
                value = inner
    if isinstance(value, r.Call) and not value.args and not value.keywords:
        if meaning(context, maker.function.module, value.func) is provider and provider is not None:
            return True
    try:
        form = maker.form(value)
    except Refused:
        return False
    name = dependency.name if provider is None else provider.qualname
    return form == ("injected", name, dependency.scope)


def _only_makes(context: Context, provider: Function) -> bool:
    made = returned(provider)
    if made is None or provider.is_generator:
        return False
    try:
        Maker(context, provider).form(made)
    except Refused:
        return False
    return isinstance(meaning(context, provider.module, made.func), Class)


def _has_all(context: Context, maker: Maker, provider: Function) -> bool:
    """Return whether the handler is injected all that ``provider`` is, so that nothing more is run."""
    own = [(one.provider, one.name, one.scope) for one in maker.injected.values()]
    wanted = injected(context, provider).values()
    return all((one.provider, one.name, one.scope) in own for one in wanted)


def _comes_first(context: Context, function: Function, call: r.Call) -> bool:
    """Return whether the statement of ``call`` always runs, and nothing is done before."""
    for statement in function.body:
        at = getattr(statement, "at", None)
        if at is not None and encloses(at, call.at):
            return isinstance(statement, (r.Assign, r.Annotated, r.Evaluate, r.Return))
        if not isinstance(statement, (r.Assign, r.Annotated, r.Evaluate, r.Jump)):
            return False
        if any(isinstance(node, (r.Call, r.Await)) for node in inside(statement)):
            return False
    return False
