"""LC406: a default that only the framework understands, on a function it never runs."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import msgspec

from layercheck.facts import records as r
from layercheck.facts.nodes import applied
from layercheck.finding import Finding, Severity
from layercheck.graphs.calls import Edge
from layercheck.inference.signatures import is_marker
from layercheck.inference.values import External
from layercheck.location import Span
from layercheck.program.entities import Class, Function, Module
from layercheck.project.model import Project
from layercheck.rules.measures.words import enumerate_words, evidence, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

_CALLING = frozenset({"call", "construct"})


class _Caller(msgspec.Struct, frozen=True):
    """A call of a function by its name, and the marked parameters it leaves out."""

    element: Function | Module
    at: Span
    left: tuple[str, ...]


class DependsNeverInjected(Rule):
    """`Depends` in the signature of a function that FastAPI never resolves.

    ## What it does
    Reports a function or constructor with `Depends(...)` as a default that is neither a handler nor
    used in `Depends` itself, and that the program calls without that argument. The parameter is then
    the marker, not what it stands for.

    Where all calls hand the argument over, the marker is only useless: that is an advice.

    ## Why is this bad
    The call fails at run time, with `'Depends' object has no attribute ...`, or worse goes on with an
    object that is always true.

    ## Example
    ```python
    # app/notifications.py
    from fastapi import Depends

    def get_sender() -> str:
        return "news@example.com"

    def notify(user_id: int, sender: str = Depends(get_sender)) -> str:
        return f"{sender} to {user_id}"

    # app/api/pings.py
    from fastapi import APIRouter

    from app.notifications import notify

    router = APIRouter()

    @router.post("/ping/{user_id}")
    def ping(user_id: int) -> str:
        return notify(user_id)
    ```

    ## Use instead
    ```python
    # app/notifications.py
    def get_sender() -> str:
        return "news@example.com"

    def notify(user_id: int, sender: str) -> str:
        return f"{sender} to {user_id}"

    # app/api/pings.py
    from typing import Annotated

    from fastapi import APIRouter, Depends

    from app.notifications import get_sender, notify

    router = APIRouter()

    @router.post("/ping/{user_id}")
    def ping(user_id: int, sender: Annotated[str, Depends(get_sender)]) -> str:
        return notify(user_id, sender)
    ```

    ## Known limits
    A function under a decorator that is not of the standard library is left alone: it may well resolve
    `Depends` itself, as injectors do.
    """

    code = "LC406"
    name = "depends-never-injected"
    severity = Severity.ERROR

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each function with markers nobody resolves."""
        callers: dict[Function, list[_Caller]] | None = None
        for function in view.project.program.functions:
            marked = _marked(view.project, function)
            if not marked or _is_injected(view.project, function) or not _is_plain(view, function):
                continue
            if callers is None:
                callers = _callers(view)
            calls = callers.get(function, [])
            faulty = [call for call in calls if call.left]
            if calls:
                yield self._report(view, function, faulty, calls, marked)

    def _report(
        self,
        view: View,
        function: Function,
        faulty: list[_Caller],
        calls: list[_Caller],
        marked: dict[str, Span],
    ) -> Finding:
        project = view.project
        left = [name for name in marked if any(name in call.left for call in faulty)]
        names = left or list(marked)
        call, *others = faulty or calls
        told = "leaves out" if faulty else "hands over"
        wanted = enumerate_words(f"`{name}`" for name in names)
        reason = (
            f"{spoken(call.element)} calls it without {wanted}"
            if faulty
            else "all its callers hand it over"
        )
        return self.finding(
            project.place(function, marked[names[0]]),
            f"{spoken(function)} has a `Depends` for {wanted} that FastAPI never resolves; {reason}",
            help=(
                f"let {spoken(call.element)} hand {wanted} over, and remove the default"
                if faulty
                else f"remove the default of {wanted}"
            ),
            element=function.qualname,
            layer=project.layer(function).layer,
            target=names[0],
            severity=self.severity if faulty else Severity.ADVICE,
            evidence=evidence(project, function),
            chain=(
                step(project, call.element, call.at, "call", f"{spoken(call.element)} {told} {wanted}"),
            ),
            related=(
                *(project.place(function, marked[name]) for name in names[1:]),
                *(project.place(other.element, other.at) for other in others),
            ),
        )


def _marked(project: Project, function: Function) -> dict[str, Span]:
    """Return the parameters whose default is a marker, and where they stand."""
    heap = project.inference.heap
    return {
        param.name: param.at
        for param in function.params
        if param.default is not None
        and any(
            is_marker(value)
            for value in heap.read(("default", function, param.name), None)
        )
    }


def _is_injected(project: Project, function: Function) -> bool:
    """Return whether the framework runs ``function``, or makes objects of its class."""
    if function in project.handlers or function in project.providers:
        return True
    if function.name not in ("__init__", "__call__", "__new__") or function.owner is None:
        return False
    used: set[Class] = {provider for provider in project.providers if isinstance(provider, Class)}
    used |= {handler.owner for handler in project.handlers if handler.owner is not None}
    used |= {one.owner for one in project.providers if isinstance(one, Function) and one.owner is not None}
    order = project.inference.hierarchy.order
    return any(function.owner in order(cls) for cls in used)


def _is_plain(view: View, function: Function) -> bool:
    """Return whether nothing around ``function`` may fill in arguments."""
    if not isinstance(function.node, r.Function):
        return False
    owners = function.owner.node.decorators if function.owner is not None else ()
    for decorator in (*function.node.decorators, *owners):
        names = _outside_names(view, function, applied(decorator))
        if not any(name.partition(".")[0] in sys.stdlib_module_names for name in names):
            return False
    return True


def _outside_names(view: View, function: Function, expression: r.Expr) -> set[str]:
    """Return the dotted names of what a decorator may be, as far as it comes from outside."""
    match expression:
        case r.Name(id="staticmethod" | "classmethod" as name):
            return {f"builtins.{name}"}
        case r.Name(id=name):
            values = view.project.inference.heap.read(("name", function.module, name), None)
            return {value.name for value in values if isinstance(value, External)}
        case r.Attribute(value=value, name=name):
            return {f"{outer}.{name}" for outer in _outside_names(view, function, value)}
    return set()


def _callers(view: View) -> dict[Function, list[_Caller]]:
    """Return, for every function, the calls that name it; calls of what only stands for it are left out."""
    found: dict[Function, dict[tuple[Function | Module, Span], _Caller]] = {}
    scopes: list[Function | Module] = [*view.project.program.modules, *view.project.program.functions]
    for caller in scopes:
        for frame in view.calls.frames(caller):
            for edge in view.calls.edges(frame):
                target = edge.target.entity
                if edge.kind not in _CALLING or not isinstance(target, Function):
                    continue
                marked = _marked(view.project, target)
                if not marked:
                    continue
                node = caller.calls.get(edge.site.at)
                if node is not None and _names(node, edge):
                    left = _left_out(node, edge, marked)
                    if left is not None:
                        found.setdefault(target, {})[caller, node.at] = _Caller(caller, node.at, left)
    return {function: list(callers.values()) for function, callers in found.items()}


def _names(call: r.Call, edge: Edge) -> bool:
    """Return whether ``call`` calls the target by its own name, not through a partial or another wrapper."""
    target = edge.target.entity
    assert isinstance(target, Function)
    name = getattr(call.func, "name", getattr(call.func, "id", ""))
    if edge.kind == "construct":
        return any(cls.name == name for cls in edge.site.classes)
    return name == target.name


def _left_out(call: r.Call, edge: Edge, marked: dict[str, Span]) -> tuple[str, ...] | None:
    """Return the marked parameters ``call`` gives no argument, None where that cannot be told."""
    if any(isinstance(argument, r.Star) for argument in call.args):
        return None
    if any(keyword.name is None for keyword in call.keywords):
        return None
    target = edge.target.entity
    assert isinstance(target, Function)
    positional = [param.name for param in target.params if param.kind in ("plain", "positional")]
    if edge.target.receiver is not None:
        positional = positional[1:]
    given = {*positional[: len(call.args)], *(keyword.name for keyword in call.keywords)}
    return tuple(name for name in marked if name not in given)
