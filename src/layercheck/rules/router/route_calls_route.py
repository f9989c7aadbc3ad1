"""LC106: a handler that is called like any function."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from layercheck.facts import records as r
from layercheck.finding import Finding, Severity
from layercheck.graphs.calls import Edge
from layercheck.inference.frames import Frame
from layercheck.inference.values import External, FunctionValue, Instance, Made, Value
from layercheck.location import Span
from layercheck.program.entities import Function
from layercheck.rules.measures.handlers import runs_now, titles, wrapped
from layercheck.rules.measures.syntax import plain
from layercheck.rules.measures.words import enumerate_words, evidence, hops, spoken
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

_NOT_JUDGED = frozenset({"test", "migration", "script"})
_RESOLVED = frozenset(
    {"Depends", "Security", "Query", "Path", "Body", "Header", "Cookie", "Form", "File"}
)
"""What FastAPI replaces by a value before it runs a handler."""


class _Call(msgspec.Struct, frozen=True):
    """A call of a handler; ``left`` are the parameters whose default only the framework understands."""

    edge: Edge
    target: Function
    node: r.Call
    left: tuple[str, ...]


class RouteCallsRoute(Rule):
    """A handler is called as a plain function.

    ## What it does
    Reports calls of route handlers by other handlers, services, tasks and whatever else the program
    runs. Not reported are a method that calls the one it overrides, a decorator around a handler, and
    a handler that does nothing but return another one, to which it hands all its parameters: an alias.

    ## Why is this bad
    Nobody resolves the `Depends`, `Query` and `Body` defaults of a handler that is called directly,
    nobody validates its arguments, and its response model and status are lost. What two routes need
    belongs in a service.

    ## Example
    ```python
    # app/api/carts.py
    from fastapi import APIRouter

    router = APIRouter()

    @router.patch("/carts/{cart_id}")
    def patch_cart(cart_id: int, size: int) -> dict[str, int]:
        return {"id": cart_id, "size": size}

    @router.delete("/carts/{cart_id}/items")
    def empty_cart(cart_id: int) -> dict[str, int]:
        return patch_cart(cart_id, 0)
    ```

    ## Use instead
    ```python
    # app/services/carts.py
    def resize(cart_id: int, size: int) -> dict[str, int]:
        return {"id": cart_id, "size": size}

    # app/api/carts.py
    from fastapi import APIRouter

    from app.services import carts

    router = APIRouter()

    @router.patch("/carts/{cart_id}")
    def patch_cart(cart_id: int, size: int) -> dict[str, int]:
        return carts.resize(cart_id, size)

    @router.delete("/carts/{cart_id}/items")
    def empty_cart(cart_id: int) -> dict[str, int]:
        return carts.resize(cart_id, 0)
    ```

    ## Options
    * `rules.LC106.allow-alias`: false also reports aliases; true by default.

    ## Known limits
    A handler that is handed to other code as a callback and called there is not reported.
    """

    code = "LC106"
    name = "route-calls-route"
    severity = Severity.WARNING

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each function and handler it calls."""
        may_alias = view.config.option(self.code, "allow-alias", True)
        names = view.measure(titles)
        for function in view.project.program.functions:
            if view.project.layer(function).layer in _NOT_JUDGED:
                continue
            found: dict[Function, dict[Span, _Call]] = {}
            for call in _calls(view, function):
                found.setdefault(call.target, {}).setdefault(call.edge.site.at, call)
            for target, of_target in found.items():
                made = [of_target[at] for at in sorted(of_target)]
                if not (may_alias and _is_alias(view, function, made)):
                    caller = names.get(_outermost(function)) or spoken(function)
                    yield self._report(view, caller, names.get(target, spoken(target)), made)

    def _report(self, view: View, caller: str, called: str, made: list[_Call]) -> Finding:
        project = view.project
        first, *others = made
        source, target = first.edge.source.entity, first.target
        left = enumerate_words(f"`{name}`" for name in first.left) if first.left else ""
        trap = f"; the default of {left} is never resolved" if left else ""
        return self.finding(
            project.place(source, first.edge.site.at),
            f"{caller} calls the handler of {called} as a plain function{trap}",
            help=f"move what both need from `{spoken(target)}` to a service that both call",
            element=source.qualname,
            layer=project.layer(source).layer,
            target=target.qualname,
            evidence=evidence(project, source, target),
            chain=hops(project, (first.edge,)),
            related=tuple(project.place(source, other.edge.site.at) for other in others),
        )


def _calls(view: View, function: Function) -> Iterator[_Call]:
    for frame in view.calls.frames(function):
        for edge in view.calls.edges(frame):
            target = edge.target.entity
            if not isinstance(target, Function) or not view.project.handlers.get(target):
                continue
            if edge.kind != "call" or not runs_now(edge) or target is _outermost(function):
                continue
            if target in _handed(frame) or _overrides(view, function, target):
                continue
            node = function.calls.get(edge.site.at)
            if node is not None:
                yield _Call(edge, target, node, _left_out(view, node, edge, target))


def _handed(frame: Frame) -> frozenset[Function]:
    """Return the functions a frame, or the decorator it stands in, was handed."""
    given = (value for _, values in frame.given for value in values)
    return wrapped(frame) | {value.function for value in given if isinstance(value, FunctionValue)}


def _overrides(view: View, function: Function, target: Function) -> bool:
    """Return whether ``function`` is the method that overrides ``target``."""
    if function.owner is None or target.owner is None or function.name != target.name:
        return False
    return target.owner in view.project.inference.hierarchy.order(function.owner)


def _outermost(function: Function) -> Function:
    while isinstance(function.parent, Function):
        function = function.parent
    return function


def _left_out(view: View, node: r.Call, edge: Edge, target: Function) -> tuple[str, ...]:
    """Return the parameters ``node`` gives no argument although the framework makes their default."""
    if any(isinstance(one, r.Star) for one in node.args) or any(one.name is None for one in node.keywords):
        return ()
    positional = [param.name for param in target.params if param.kind in ("plain", "positional")]
    if edge.target.receiver is not None:
        positional = positional[1:]
    given = {*positional[: len(node.args)], *(keyword.name for keyword in node.keywords)}
    heap = view.project.inference.heap
    return tuple(
        param.name
        for param in target.params
        if param.default is not None
        and param.name not in given
        and any(map(_is_resolved, heap.read(("default", target, param.name), None)))
    )


def _is_resolved(value: Value) -> bool:
    name = ""
    if isinstance(value, (Made, External)):
        name = value.name
    elif isinstance(value, Instance):
        name = value.class_name
    return name.startswith("fastapi.") and name.removesuffix("()").rpartition(".")[2] in _RESOLVED


def _is_alias(view: View, function: Function, made: list[_Call]) -> bool:
    """Return whether all ``function`` does is to return another handler, with all its parameters."""
    if function not in view.project.handlers or len(made) != 1:
        return False
    (call,) = made
    body = [one for one in function.body if not _is_docstring(one)]
    match body:
        case [r.Return(value=value)] if value is not None and plain(value) is call.node:
            handed = [*call.node.args, *(keyword.value for keyword in call.node.keywords)]
            names = {one.id for one in handed if isinstance(one, r.Name)}
            own = {param.name for param in function.params[function.owner is not None :]}
            return len(names) == len(handed) and names == own and not call.left
    return False


def _is_docstring(statement: r.Stmt) -> bool:
    return isinstance(statement, r.Evaluate) and isinstance(statement.value, r.Constant)
