"""What elements do: one pass over all call sites, gathered by element for the layers to read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from layercheck.facts import records as r
from layercheck.facts.nodes import applied
from layercheck.inference.frames import CallSite, Frame
from layercheck.inference.values import (
    ClassValue,
    Const,
    Container,
    FunctionValue,
    Instance,
    Made,
    Partial,
    Value,
    Values,
)
from layercheck.program.entities import Class, Entity, Function, Module
from layercheck.project.doings import Doings
from layercheck.project.model import Project
from layercheck.project.operations import Operation, OperationKind

_TASK_PACKAGES = frozenset({
    "celery", "dramatiq", "taskiq", "huey", "apscheduler", "arq", "fastapi_utils", "fastapi_utilities",
    "rocketry", "procrastinate", "faststream", "prefect", "rq", "typer", "click", "asyncclick", "saq",
    "streaq", "schedule", "cyclopts", "cappa",
})  # fmt: skip
_TASK_WORDS = frozenset({
    "task", "shared_task", "actor", "scheduled_job", "repeat_every", "repeat_at", "subscriber", "command",
    "group", "callback", "cron", "periodic_task", "db_task", "db_periodic_task", "flow", "job", "cond",
    "connect", "func", "add_job", "add_periodic_task", "do",
})  # fmt: skip

_WEB_WORDS = frozenset({"middleware", "on_event", "add_event_handler"})
_MAPPING_WORD = "map_imperatively"
_REGISTERING = _TASK_WORDS | _WEB_WORDS | {_MAPPING_WORD}
"""Last words of what registers functions and classes."""

_ROWS = frozenset({OperationKind.READ, OperationKind.WRITE})
_ENDS = frozenset({OperationKind.COMMIT, OperationKind.ROLLBACK})
_CLOSING = (".close", ".aclose", ".remove")

_NOT_HANDED = frozenset({
    "builtins", "typing", "logging", "functools", "contextlib", "asyncio", "fastapi", "starlette",
    "sqlalchemy", "sqlmodel", "pydantic", "types", "contextvars", "inspect", "dishka",
})  # fmt: skip
"""Packages that are handed sessions without running statements."""


class Evidence:
    """The doings of all elements, and what outside code was told about them.

    ``tasks`` are registered as tasks, ``middlewares`` as middleware, ``events`` for start-up and
    shut-down. ``mapped`` are classes mapped to a table, ``decorators`` functions used as decorators.
    ``callers`` and ``callees`` are the call edges between modules and functions, nested functions
    and lambdas counted with what holds them; a call of a decorated function is one of that function too.
    ``rows`` are the functions and module bodies that read or write rows themselves, ``handed`` those that
    hand sessions to methods a library gives to a class of the program, or to anything else of a library.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._doings: dict[Entity, Doings] = {}
        self.tasks: dict[Function | Class, str] = {}
        self.middlewares: set[Function] = set()
        self.events: set[Function] = set()
        self.mapped: set[Class] = set()
        self.callers: dict[Entity, dict[Entity, None]] = {}
        self.callees: dict[Entity, dict[Entity, None]] = {}
        self.decorators: set[Function] = set()
        self.rows: set[Entity] = set()
        self.handed: dict[tuple[Entity, Class | None], None] = {}
        self._registers = cache(_registers)
        self._holders: dict[Frame, tuple[Entity, ...]] = {}
        for frame in project.inference.frames:
            if frame.runs and frame.sites:
                self._read(frame)
        self._read_groups()

    def of(self, element: Entity) -> Doings:
        """Return what ``element`` does, all that it holds included."""
        return self._doings.get(element) or _NOTHING

    def called_by(self, element: Entity) -> Iterator[Entity]:
        """Yield who calls a function, or any method of a class."""
        yield from self.callers.get(element, ())

    def _read(self, frame: Frame) -> None:
        sessions = self._project.sessions
        holders = self._holders_of(frame)
        doings = [self._doings_of(holder) for holder in holders]
        calls: dict[str, Value | None] = {}
        classes: set[Class] = set()
        targets: dict[tuple[Entity, ...], None] = {}
        for site in frame.sites.values():
            for target, edge in site.edges if site.edges else ():
                if edge != "possible":
                    targets[self._holders_of(target)] = None
                    if edge == "decorator" and isinstance(target.entity, Function):
                        self.decorators.add(target.entity)
                    if target.outer is not None:
                        for function in decorated(target.outer):
                            targets[tuple(_around(function))] = None
            if site.classes:
                classes.update(site.classes)
            for name, receiver in site.externals.items():
                if receiver is None or name not in calls:
                    calls[name] = receiver
                if self._registers(name):
                    self._registration(name, site)
            if site.externals and self._hands_session(site):
                for owner in self._hand_session(frame.entity, holders, doings, site):
                    targets[owner,] = None
        for site, operation in sessions.operations_of(frame):
            self._operate(operation, frame.entity, doings, site)
        for several in targets:
            self._link(holders, several)
        opens = any(sessions.opened_by(name, receiver) for name, receiver in calls.items())
        bases = {name for cls in classes for name in self._project.inference.hierarchy.outside(cls)}
        for one in doings:
            one.opens |= opens
            one.calls.update(calls)
            one.makes.update(calls, bases)

    def _doings_of(self, element: Entity) -> Doings:
        found = self._doings.get(element)
        if found is None:
            found = self._doings[element] = Doings(is_module=isinstance(element, Module))
        return found

    def _holders_of(self, frame: Frame) -> tuple[Entity, ...]:
        """Return the entity of ``frame`` and what it is part of: the functions and classes around it.

        An inherited method is a part of the class it runs for as well. A module is what its own body
        does, not what its functions do.
        """
        found = self._holders.get(frame)
        if found is None:
            receiver = frame.receiver.cls if isinstance(frame.receiver, (Instance, ClassValue)) else None
            chain = list(_around(frame.entity))
            if isinstance(receiver, Class) and receiver not in chain:
                chain.append(receiver)
            found = self._holders[frame] = tuple(chain) or (frame.entity.module,)
        return found

    def _link(self, sources: tuple[Entity, ...], targets: tuple[Entity, ...]) -> None:
        for target in targets:
            callers = self.callers.setdefault(target, {})
            for source in sources:
                if source not in targets:
                    callers[source] = None
                    self.callees.setdefault(source, {})[target] = None

    def _hand_session(
        self, caller: Entity, holders: tuple[Entity, ...], doings: list[Doings], site: CallSite
    ) -> Iterator[Class]:
        """Record what outside code is handed a session; yield the classes whose own work it does."""
        for name, receiver in site.externals.items():
            package = name.partition(".")[0]
            owner = _class_of(receiver)
            if owner is not None or package != "builtins":
                self.handed[caller, owner] = None
            if package in _NOT_HANDED:
                continue
            if owner is not None:
                # The method a library gives to a class of the program is that class's own work.
                self._doings_of(owner).queries = True
                yield owner
            if owner is None or owner in holders:
                for one in doings:
                    one.queries = True

    def _operate(self, operation: Operation, caller: Entity, doings: list[Doings], site: CallSite) -> None:
        rows = operation.kind in _ROWS
        if rows:
            self.rows.add(caller)
        for one in doings:
            one.queries |= rows and not _is_constant(site)
            one.ends |= operation.kind in _ENDS or operation.target.endswith(_CLOSING)

    def _read_groups(self) -> None:
        """Note the commands of groups that are functions: ``@cli.command()`` where ``cli`` is a group."""
        heap = self._project.inference.heap
        waiting: dict[Function | Class, list[Function]] = {}
        for function in self._project.program.functions:
            for decorator in function.node.decorators if isinstance(function.node, r.Function) else ():
                match applied(decorator):
                    case r.Attribute(value=r.Name(id=group), name=word) if word in _TASK_WORDS:
                        for value in heap.read(("name", function.module, group), None):
                            if isinstance(value, FunctionValue):
                                waiting.setdefault(value.function, []).append(function)
        pending = list(self.tasks)
        while pending:
            known = pending.pop()
            for function in waiting.pop(known, []):
                if function not in self.tasks:
                    self.tasks[function] = self.tasks[known]
                    pending.append(function)

    def _hands_session(self, site: CallSite) -> bool:
        are_among = self._project.sessions.are_among
        return any(map(are_among, site.args)) or any([are_among(values) for _, values in site.keywords])

    def _registration(self, name: str, site: CallSite) -> None:
        package, word = name.partition(".")[0], _last_word(name)
        if word in _TASK_WORDS and _is_task_package(package):
            for handed in self._handed(site):
                self.tasks.setdefault(handed, f"registered with {package}")
        elif word in _WEB_WORDS and package in ("fastapi", "starlette"):
            known = self.middlewares if word == "middleware" else self.events
            known.update(item for item in self._handed(site) if isinstance(item, Function))
        elif word == _MAPPING_WORD:
            self.mapped.update(v.cls for values in site.args[:1] for v in values if isinstance(v, ClassValue))

    def _handed(self, site: CallSite) -> Iterator[Function | Class]:
        for values in (*site.args, *(values for _, values in site.keywords)):
            for value in values:
                inner: Value = value.func if isinstance(value, Partial) else value
                if isinstance(inner, FunctionValue):
                    yield from _wrapped(inner)
                elif isinstance(inner, ClassValue):
                    yield inner.cls


def _class_of(receiver: Value | None) -> Class | None:
    return receiver.cls if isinstance(receiver, Instance) and isinstance(receiver.cls, Class) else None


def _wrapped(value: FunctionValue) -> Iterator[Function]:
    """Yield a function, or the functions a decorator's wrapper was made around."""
    given = value.outer.given if value.outer is not None else ()
    inner = [v for _, values in given for v in values if isinstance(v, FunctionValue)]
    if not inner:
        yield value.function
    for one in inner:
        yield from _wrapped(one)


def _around(entity: Entity) -> Iterator[Entity]:
    """Yield ``entity`` and the functions and classes around it, innermost first; nothing for a module."""
    while not isinstance(entity, Module):
        if isinstance(entity, Class) or isinstance(entity.node, r.Function):
            yield entity
        entity = entity.parent


def decorated(decorator: Frame) -> Iterator[Function]:
    """Yield the functions a run of a decorator was given."""
    for _, values in decorator.given:
        for value in values:
            if isinstance(value, FunctionValue):
                yield from _wrapped(value)


def _last_word(name: str) -> str:
    return name.removesuffix("()").rpartition(".")[2]


def _registers(name: str) -> bool:
    return _last_word(name) in _REGISTERING


_NOTHING = Doings(is_module=False)


@cache
def _is_task_package(package: str) -> bool:
    """Return whether ``package`` is a task queue or shell library, or adds to one (``taskiq_redis``)."""
    return any(package == name or package.startswith(f"{name}_") for name in _TASK_PACKAGES)


def elements(module: Module) -> list[Class | Function]:
    """Return the classes and functions of a module, nested ones too."""
    return [*module.classes, *module.functions]


def worker_functions(project: Project, cls: Class) -> Iterator[Function]:
    """Yield the functions a worker settings class of arq lists."""
    heap = project.inference.heap
    for name in _WORKER_LISTS:
        for value in heap.read(("class", cls, name), None):
            items: Values = frozenset((value,))
            if isinstance(value, Container):
                items = heap.read_item(value, None, None)
            for item in items:
                if isinstance(item, FunctionValue):
                    yield item.function


_WORKER_LISTS = (
    "functions", "cron_jobs", "on_startup", "on_shutdown", "on_job_start", "on_job_end", "after_job_end",
)  # fmt: skip
"""Attributes of the settings of a worker of arq that hold functions it runs."""


def _is_constant(site: CallSite) -> bool:
    """Return whether a site runs a statement that reads no table: ``SELECT 1``."""
    texts = list(_texts(site.args[0])) if site.args else []
    return bool(texts) and all(
        " from " not in f"{text.lower()} " and text.lower().startswith("select") for text in texts
    )


def _texts(values: Values) -> Iterator[str]:
    for value in values:
        if isinstance(value, Const) and isinstance(value.value, str):
            yield " ".join(value.value.split())
        elif isinstance(value, Made) and value.name.endswith(".text"):
            yield from _texts(value.argument(0, "text"))
        elif isinstance(value, Instance):
            yield ""
