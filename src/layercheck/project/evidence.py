"""What elements do: one pass over all call sites, gathered by element for the layers to read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from layercheck.config.schema import Config
from layercheck.facts import records as r
from layercheck.inference.frames import CallSite, Frame
from layercheck.inference.models import library
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
from layercheck.project.model import Project
from layercheck.project.operations import ENGINES, OperationKind
from layercheck.project.receivers import holds_session, opens_session, operations

APPLICATIONS = frozenset({"fastapi.FastAPI", "starlette.applications.Starlette"})
SERVERS = frozenset({
    "uvicorn.run", "uvicorn.Server", "hypercorn.asyncio.serve", "granian.Granian", "mangum.Mangum",
})  # fmt: skip
ROUTERS = frozenset({"fastapi.APIRouter", "starlette.routing.Router"})
HTTP_OBJECTS = frozenset({
    "fastapi.HTTPException", "starlette.exceptions.HTTPException", "fastapi.WebSocketException",
    "starlette.exceptions.WebSocketException",
})  # fmt: skip

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

INFRASTRUCTURE_PACKAGES = frozenset({
    "redis", "aioredis", "aiokafka", "kafka", "confluent_kafka", "aio_pika", "pika", "nats", "smtplib",
    "aiosmtplib", "fastapi_mail", "emails", "sendgrid", "mailjet_rest", "httpx", "requests", "aiohttp",
    "boto3", "aioboto3", "botocore", "minio", "stripe", "twilio", "openai", "anthropic", "litellm",
    "elasticsearch", "opensearchpy", "ldap", "ldap3", "firebase_admin", "paho", "grpc", "websockets",
    "slack_sdk", "msal", "qdrant_client", "pinecone", "chromadb", "weaviate", "cloudinary", "oss2",
})  # fmt: skip
"""Packages that talk to something outside that is no database."""

_ENDS = frozenset({OperationKind.COMMIT, OperationKind.ROLLBACK})
_CLOSING = (".close", ".aclose", ".remove")

_INFRASTRUCTURE_PATHS = (
    "azure.storage.", "azure.servicebus.", "azure.eventgrid.", "google.cloud.storage.", "google.cloud.pubsub",
)  # fmt: skip

_LEAVING_TRACES = frozenset({"builtins.open", "builtins.input", "builtins.exec"})

_NOT_HANDED = frozenset({
    "builtins", "typing", "logging", "functools", "contextlib", "asyncio", "fastapi", "starlette",
    "sqlalchemy", "sqlmodel", "pydantic", "types", "contextvars", "inspect", "dishka",
})  # fmt: skip
"""Packages that are handed sessions without running statements."""


class Doings:
    """What one module, class or function does.

    ``queries`` is true where rows are read or written, ``http`` where HTTP exceptions are made,
    ``responds`` where responses are. ``ends`` is true where a session is committed, rolled
    back or closed, ``opens`` where one is opened, ``makes_tables`` where tables are created. ``outside``
    are the packages called into, and the builtins that leave traces.
    """

    __slots__ = (
        "queries", "ends", "opens", "http", "responds", "talks", "makes_app", "makes_router", "makes_engine",
        "makes_tables", "outside",
    )  # fmt: skip

    def __init__(self) -> None:
        self.queries = False
        self.ends = False
        self.opens = False
        self.http = False
        self.responds = False
        self.talks = False
        self.makes_app = False
        self.makes_router = False
        self.makes_engine = False
        self.makes_tables = False
        self.outside: set[str] = set()


class Evidence:
    """The doings of all elements, and what outside code was told about them.

    ``tasks`` are registered as tasks, ``middlewares`` as middleware, ``events`` for start-up and
    shut-down. ``mapped`` are classes mapped to a table, ``decorators`` functions used as decorators.
    ``callers`` and ``callees`` are the call edges between modules and functions, nested functions
    and lambdas counted with what holds them; a call of a decorated function is one of that function too.
    """

    def __init__(self, project: Project, config: Config) -> None:
        self._project = project
        self._config = config
        self._doings: dict[Entity, Doings] = {}
        self.tasks: dict[Function | Class, str] = {}
        self.middlewares: set[Function] = set()
        self.events: set[Function] = set()
        self.mapped: set[Class] = set()
        self.callers: dict[Entity, dict[Entity, None]] = {}
        self.callees: dict[Entity, dict[Entity, None]] = {}
        self.decorators: set[Function] = set()
        self._holders: dict[tuple[Entity, Class | str | None], tuple[Entity, ...]] = {}
        for frame in project.inference.frames:
            if frame.runs and frame.sites:
                self._read(frame)

    def of(self, element: Entity) -> Doings:
        """Return what ``element`` does, all that it holds included."""
        return self._doings.get(element) or _NOTHING

    def called_by(self, element: Entity) -> Iterator[Entity]:
        """Yield who calls a function, or any method of a class."""
        yield from self.callers.get(element, ())

    def _read(self, frame: Frame) -> None:
        holders = self._holders_of(frame)
        doings = [self._doings.setdefault(holder, Doings()) for holder in holders]
        for (_, kind), site in frame.sites.items():
            for target, edge in site.edges:
                if edge == "possible":
                    continue
                if edge == "decorator" and isinstance(target.entity, Function):
                    self.decorators.add(target.entity)
                self._link(holders, self._holders_of(target))
                for function in _decorated(target):
                    self._link(holders, tuple(_around(function)))
            if site.classes:
                self._constructions(doings, site)
            if site.externals:
                self._externals(holders, doings, site, kind)

    def _holders_of(self, frame: Frame) -> tuple[Entity, ...]:
        """Return the entity of ``frame`` and what it is part of: the functions and classes around it.

        An inherited method is a part of the class it runs for as well. A module is what its own body
        does, not what its functions do.
        """
        receiver = frame.receiver.cls if isinstance(frame.receiver, (Instance, ClassValue)) else None
        found = self._holders.get((frame.entity, receiver))
        if found is None:
            chain = list(_around(frame.entity))
            if isinstance(receiver, Class) and receiver not in chain:
                chain.append(receiver)
            found = self._holders[(frame.entity, receiver)] = tuple(chain) or (frame.entity.module,)
        return found

    def _link(self, sources: tuple[Entity, ...], targets: tuple[Entity, ...]) -> None:
        for target in targets:
            callers = self.callers.setdefault(target, {})
            for source in sources:
                if source not in targets:
                    callers[source] = None
                    self.callees.setdefault(source, {})[target] = None

    def _constructions(self, doings: list[Doings], site: CallSite) -> None:
        for cls in site.classes:
            outside = self._project.inference.hierarchy.outside(cls)
            for one in doings:
                one.makes_app |= not APPLICATIONS.isdisjoint(outside)
                one.makes_router |= any(is_router_class(name) for name in outside)
                one.http |= not HTTP_OBJECTS.isdisjoint(outside)
                one.responds |= any(map(is_response, outside))

    def _externals(
        self, holders: tuple[Entity, ...], doings: list[Doings], site: CallSite, kind: str
    ) -> None:
        for name, receiver in site.externals.items():
            package = name.partition(".")[0]
            opens = opens_session(self._project, self._config, name, receiver)
            talks = package in INFRASTRUCTURE_PACKAGES or name.startswith(_INFRASTRUCTURE_PATHS)
            handed = package not in _NOT_HANDED and self._hands_session(site)
            if handed and isinstance(receiver, Instance) and isinstance(receiver.cls, Class):
                # The method a library gives to a class of the program is that class's own work.
                self._doings.setdefault(receiver.cls, Doings()).queries = True
                self._link(holders, (receiver.cls,))
                handed = receiver.cls in holders
            for one in doings:
                one.outside.add(name if name in _LEAVING_TRACES else package)
                one.opens |= opens
                one.talks |= talks
                one.queries |= handed
                one.makes_app |= name in APPLICATIONS or (name in SERVERS and isinstance(holders[0], Module))
                one.makes_router |= is_router_class(name)
                one.makes_engine |= name in ENGINES
                one.makes_tables |= name.endswith(".create_all")
                one.http |= name in HTTP_OBJECTS
                one.responds |= is_response(name)
            self._registrations(name, package, site, kind)
        for operation in operations(self._project, self._config, site):
            rows = operation.kind in (OperationKind.READ, OperationKind.WRITE) and not _is_constant(site)
            ends = operation.kind in _ENDS or operation.target.endswith(_CLOSING)
            for one in doings:
                one.queries |= rows
                one.ends |= ends

    def _hands_session(self, site: CallSite) -> bool:
        values = [*site.args, *(values for _, values in site.keywords)]
        return any(holds_session(self._project, self._config, value) for value in values)

    def _registrations(self, name: str, package: str, site: CallSite, kind: str) -> None:
        word = name.removesuffix("()").rpartition(".")[2]
        if _is_task_package(package) and word in _TASK_WORDS:
            for handed in self._handed(site):
                self.tasks.setdefault(handed, f"registered with {package}")
        elif package in ("fastapi", "starlette") and word in ("middleware", "on_event", "add_event_handler"):
            known = self.middlewares if word == "middleware" else self.events
            known.update(item for item in self._handed(site) if isinstance(item, Function))
        elif word == "map_imperatively":
            self.mapped.update(v.cls for values in site.args[:1] for v in values if isinstance(v, ClassValue))

    def _handed(self, site: CallSite) -> Iterator[Function | Class]:
        for values in (*site.args, *(values for _, values in site.keywords)):
            for value in values:
                inner: Value = value.func if isinstance(value, Partial) else value
                if isinstance(inner, FunctionValue):
                    yield from _wrapped(inner)
                elif isinstance(inner, ClassValue):
                    yield inner.cls


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


def _decorated(frame: Frame) -> Iterator[Function]:
    """Yield the functions a decorator was given whose inner function ``frame`` runs."""
    given = frame.outer.given if frame.outer is not None else ()
    for _, values in given:
        for value in values:
            if isinstance(value, FunctionValue):
                yield from _wrapped(value)


_NOTHING = Doings()


@cache
def _is_task_package(package: str) -> bool:
    """Return whether ``package`` is a task queue or shell library, or adds to one (``taskiq_redis``)."""
    return any(package == name or package.startswith(f"{name}_") for name in _TASK_PACKAGES)


def elements(module: Module) -> list[Class | Function]:
    """Return the classes and functions of a module, nested ones too."""
    return [*module.classes, *module.functions]


def is_router_class(name: str) -> bool:
    """Return whether an outside name is a class of routers: FastAPI's own, or a library's around it."""
    if name in ROUTERS:
        return True
    package, _, rest = name.partition(".")
    return "fastapi" in package and rest.endswith("Router") and library.is_class_name(name)


def is_response(name: str) -> bool:
    """Return whether an outside class is a response of the web framework."""
    return name.startswith(("starlette.responses.", "fastapi.responses.")) and name.endswith("Response")


def worker_functions(project: Project, cls: Class) -> Iterator[Function]:
    """Yield the functions a worker settings class of arq lists."""
    heap = project.inference.heap
    for name in ("functions", "cron_jobs", "on_startup", "on_shutdown"):
        for value in heap.read(("class", cls, name), None):
            items: Values = frozenset((value,))
            if isinstance(value, Container):
                items = heap.read_item(value, None, None)
            for item in items:
                if isinstance(item, FunctionValue):
                    yield item.function


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
