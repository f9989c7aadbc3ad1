"""LC401: code calls a dependency provider as if it were any function."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


import msgspec

from layercheck.facts import records as r
from layercheck.finding import Finding, Severity
from layercheck.inference.values import Instance
from layercheck.program.entities import Function, Module
from layercheck.rules.measures.handlers import titles
from layercheck.rules.measures.import_time import is_scripted
from layercheck.rules.measures.parameters import product
from layercheck.rules.measures.providers import ProviderCall, left_to_depends, provider_calls
from layercheck.rules.measures.requests import Requests
from layercheck.rules.measures.words import enumerate_words, evidence, other_lines, softened, spoken, step
from layercheck.rules.rule import Rule
from layercheck.rules.view import View

_JUDGED = frozenset({"router", "service", "repository", "schema", "task"})
_CLOSING = frozenset({"closing", "aclosing"})


class ProviderCalledDirectly(Rule):
    """Dependency providers that are called instead of injected.

    ## What it does
    Reports calls, in handlers and their helpers, services, repositories and tasks, of a function that
    is used in `Depends` and that yields, has dependencies of its own, or gives a service, a repository
    or a session. Calls by other providers and by methods of the same class are fine, and so are calls
    of providers that merely read something, such as a context variable.

    Where nothing can be injected (tasks, middleware, background work) only calls are reported that go
    wrong: of a generator that nobody runs to its end, or without a parameter that `Depends` fills.

    ## Why is this bad
    `app.dependency_overrides` does not reach such a call, so tests cannot replace what it gives. A
    generator taken by `next` is never closed, and a parameter left to `Depends` is the marker itself.

    ## Example
    ```python
    # app/services/stats.py
    class StatsService:
        def __init__(self, year: int) -> None:
            self.year = year

        def visits(self) -> int:
            return self.year

    # app/api/stats.py
    from typing import Annotated

    from fastapi import APIRouter, Depends

    from app.services.stats import StatsService

    router = APIRouter()

    def get_stats() -> StatsService:
        return StatsService(2024)

    @router.get("/stats")
    def show(stats: Annotated[StatsService, Depends(get_stats)]) -> int:
        return stats.visits()

    @router.get("/stats/double")
    def show_double() -> int:
        return 2 * get_stats().visits()
    ```

    ## Use instead
    ```python
    # app/services/stats.py
    class StatsService:
        def __init__(self, year: int) -> None:
            self.year = year

        def visits(self) -> int:
            return self.year

    # app/api/stats.py
    from typing import Annotated

    from fastapi import APIRouter, Depends

    from app.services.stats import StatsService

    router = APIRouter()

    def get_stats() -> StatsService:
        return StatsService(2024)

    Stats = Annotated[StatsService, Depends(get_stats)]

    @router.get("/stats")
    def show(stats: Stats) -> int:
        return stats.visits()

    @router.get("/stats/double")
    def show_double(stats: Stats) -> int:
        return 2 * stats.visits()
    ```

    ## Options
    * `rules.LC401.allow-in`: layers that may call a provider that does not yield, given all it needs;
      tasks unless said otherwise.

    ## Known limits
    A provider made a context manager (`contextmanager(get_db)`) is left to LC404. Functions whose
    callers are not seen are taken to run for requests.
    """

    code = "LC401"
    name = "provider-called-directly"
    severity = Severity.WARNING
    fix = "unsafe"

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding for each provider that a function, or the body of a module, calls."""
        requests = view.measure(Requests)
        allowed: tuple[str, ...] = view.config.option(self.code, "allow-in", ("task",))
        named = view.measure(titles)
        program = view.project.program
        callers: list[Function | Module] = [*program.modules, *program.functions]
        for caller in callers:
            layer = view.project.layer(caller).layer
            if layer not in _JUDGED or _provides(view, caller):
                continue
            faults: dict[Function, list[_Fault]] = {}
            may = {layer}
            is_alone = isinstance(caller, Function) and _is_without_injection(requests, caller, layer)
            if is_alone:
                may.add("task")
            for fault in _faults(view, caller):
                is_fine = not may.isdisjoint(allowed) or _is_of_the_same_class(view, caller, fault)
                if (is_fine and fault.is_plain) or (is_alone and fault.is_closed):
                    continue
                faults.setdefault(fault.call.provider, []).append(fault)
            for found in faults.values():
                yield self._report(view, caller, named.get(caller, f"{layer} {spoken(caller)}"), found)

    def _report(self, view: View, caller: Function | Module, subject: str, faults: list[_Fault]) -> Finding:
        project = view.project
        first = next((fault for fault in faults if fault.left), faults[0])
        provider = first.call.provider
        place = project.place(caller, first.call.at)
        return self.finding(
            place,
            f"{subject} calls the provider {spoken(provider)}; {first.reason}",
            help=_help(view, caller, first),
            element=caller.qualname,
            layer=project.layer(caller).layer,
            target=provider.qualname,
            severity=softened(project, self.severity, caller),
            evidence=evidence(project, caller),
            chain=(
                step(
                    project, caller, first.call.at, "call", f"{spoken(caller)} -> {spoken(provider)}"
                ),
            ),
            related=other_lines(place, (project.place(caller, fault.call.at) for fault in faults)),
        )


class _Fault(msgspec.Struct, frozen=True):
    """A call of a provider; ``left`` are parameters it leaves to `Depends`.

    ``is_closed`` is true where the caller runs the generator to its end.
    """

    call: ProviderCall
    left: tuple[str, ...]
    is_closed: bool

    @property
    def is_plain(self) -> bool:
        """Whether the provider is given all it needs and leaves nothing open."""
        return not self.left and not self.call.provider.is_generator

    @property
    def reason(self) -> str:
        """What is bad about it, in words."""
        if self.left:
            return f"nobody resolves the `Depends` of {enumerate_words(f'`{name}`' for name in self.left)}"
        if self.call.provider.is_generator and not self.is_closed:
            return "nobody closes what it yields"
        return "`dependency_overrides` does not reach the call"


def _faults(view: View, caller: Function | Module) -> Iterator[_Fault]:
    seen: set[tuple[Function, int]] = set()
    calls = [call for frame in view.calls.frames(caller) for call in provider_calls(view, frame)]
    closed = {call.at for call in _closed(caller.nodes)} if calls else set()
    for call in calls:
        node = caller.calls.get(call.at)
        if (call.provider, call.at) in seen or is_scripted(caller, call.at):
            continue
        seen.add((call.provider, call.at))
        left = left_to_depends(view, call, node) if node is not None else ()
        yield _Fault(call, left, call.at in closed)


def _closed(nodes: Iterable[r.Node]) -> Iterator[r.Call]:
    """Yield the calls of generators that are closed: by a loop or block that takes all, or by name."""
    made: dict[str, r.Call] = {}
    for node in nodes:
        match node:
            case r.For(iter=r.Call() as call) | r.Yield(value=r.Call() as call, delegates=True):
                yield call
            case r.Assign(targets=(r.Name(id=name),), value=r.Call() as call):
                made[name] = call
            case r.Call(func=r.Attribute(value=r.Name(id=name), name="close" | "aclose")) if name in made:
                yield made[name]
            case r.Call(func=func, args=(r.Call() as call,)):
                if getattr(func, "name", getattr(func, "id", "")) in _CLOSING:
                    yield call


def _is_without_injection(requests: Requests, caller: Function, layer: str) -> bool:
    if layer == "task" or requests.is_on_its_own(caller):
        return True
    return layer == "router" and not requests.serves(caller)


def _is_of_the_same_class(view: View, caller: Function | Module, fault: _Fault) -> bool:
    """Return whether a method calls another one of its class that serves as a provider as well."""
    if not isinstance(caller, Function) or caller.owner is None:
        return False
    return fault.call.provider.owner in view.project.inference.hierarchy.order(caller.owner)


def _provides(view: View, caller: Function | Module) -> bool:
    """Return whether ``caller`` is a provider, or stands in one."""
    current = caller
    while isinstance(current, Function):
        if current in view.project.providers or current.owner in view.project.providers:
            return True
        if not isinstance(current.parent, Function):
            return False
        current = current.parent
    return False


def _help(view: View, caller: Function | Module, fault: _Fault) -> str:
    name = fault.call.provider.name
    if caller in view.project.handlers:
        kind = _kind(view, fault.call) or "..."
        return f"take it as a parameter: `Annotated[{kind}, Depends({name})]`"
    if isinstance(caller, Module):
        return "take it as a parameter where it is used"
    if view.project.layer(caller).layer == "task":
        if fault.left:
            return f"hand over {enumerate_words(f'`{one}`' for one in fault.left)}"
        manager = "asynccontextmanager" if fault.call.provider.is_async else "contextmanager"
        return f"make it a context manager, which closes it: `{manager}({name})`"
    return f"take what `{name}` gives as an argument, and let the caller have it injected"


def _kind(view: View, call: ProviderCall) -> str:
    """Return the name of the class of what a provider gives, empty where that is not known."""
    for value in sorted(product(call.site.result), key=lambda value: value.serial):
        if isinstance(value, Instance):
            name = view.project.sessions.class_of(value) or value.class_name
            return name.rpartition(".")[2]
    return ""
