"""Names of outside things: aliases of one thing, types of attributes, what calls give.

Facts of public interfaces only: where a class can be imported from, what a method returns. Tables,
not code, so that a library is added by a line.
"""

from __future__ import annotations

_TYPING = frozenset({
    "Annotated", "Any", "Callable", "ClassVar", "Final", "Generic", "Literal", "NewType", "NotRequired",
    "Optional", "ParamSpec", "Protocol", "ReadOnly", "Required", "Self", "Type", "TypeAlias", "TypeVar",
    "Union", "Unpack", "cast", "overload", "NamedTuple", "TypedDict", "TYPE_CHECKING", "runtime_checkable",
    "Awaitable", "Coroutine", "AsyncIterator", "AsyncIterable", "AsyncGenerator", "Iterator", "Iterable",
    "Generator", "Sequence", "MutableSequence", "Mapping", "MutableMapping", "Collection", "Set",
    "AbstractSet", "MutableSet", "LiteralString", "ContextManager", "AsyncContextManager", "assert_type",
    "reveal_type", "override", "final",
})  # fmt: skip

_ALIASES = {
    "typing.List": "builtins.list", "typing.Dict": "builtins.dict", "typing.Tuple": "builtins.tuple",
    "typing.FrozenSet": "builtins.frozenset", "typing.DefaultDict": "builtins.dict",
    "typing.OrderedDict": "builtins.dict", "typing.Text": "builtins.str", "typing.Deque": "builtins.list",
    "typing.AbstractSet": "typing.Set", "typing.Never": "typing.NoReturn",
    "collections.defaultdict": "builtins.dict", "collections.OrderedDict": "builtins.dict",
    "collections.deque": "builtins.list", "collections.Counter": "builtins.dict",
    "contextlib.AbstractContextManager": "typing.ContextManager",
    "contextlib.AbstractAsyncContextManager": "typing.AsyncContextManager",
    "fastapi.routing.APIRouter": "fastapi.APIRouter",
    "fastapi.routing.APIRoute": "fastapi.routing.APIRoute",
    "fastapi.applications.FastAPI": "fastapi.FastAPI",
    "fastapi.exceptions.HTTPException": "fastapi.HTTPException",
    "starlette.exceptions.HTTPException": "starlette.exceptions.HTTPException",
    "fastapi.param_functions.Depends": "fastapi.Depends", "fastapi.params.Depends": "fastapi.Depends",
    "fastapi.param_functions.Security": "fastapi.Security", "fastapi.params.Security": "fastapi.Security",
    "fastapi.requests.Request": "starlette.requests.Request", "fastapi.Request": "starlette.requests.Request",
    "fastapi.responses.Response": "starlette.responses.Response",
    "fastapi.Response": "starlette.responses.Response",
    "fastapi.responses.JSONResponse": "starlette.responses.JSONResponse",
    "fastapi.background.BackgroundTasks": "starlette.background.BackgroundTasks",
    "fastapi.BackgroundTasks": "starlette.background.BackgroundTasks",
    "fastapi.concurrency.run_in_threadpool": "starlette.concurrency.run_in_threadpool",
    "fastapi.websockets.WebSocket": "starlette.websockets.WebSocket",
    "fastapi.WebSocket": "starlette.websockets.WebSocket",
    "sqlalchemy.orm.session.Session": "sqlalchemy.orm.Session",
    "sqlalchemy.orm.session.sessionmaker": "sqlalchemy.orm.sessionmaker",
    "sqlalchemy.ext.asyncio.session.AsyncSession": "sqlalchemy.ext.asyncio.AsyncSession",
    "sqlalchemy.ext.asyncio.session.async_sessionmaker": "sqlalchemy.ext.asyncio.async_sessionmaker",
    "sqlalchemy.orm.scoping.scoped_session": "sqlalchemy.orm.scoped_session",
    "sqlalchemy.ext.declarative.declarative_base": "sqlalchemy.orm.declarative_base",
    "sqlalchemy.orm.decl_api.DeclarativeBase": "sqlalchemy.orm.DeclarativeBase",
    "sqlalchemy.engine.Engine": "sqlalchemy.Engine", "sqlalchemy.engine.Connection": "sqlalchemy.Connection",
    "sqlalchemy.engine.base.Connection": "sqlalchemy.Connection",
    "sqlalchemy.engine.base.Engine": "sqlalchemy.Engine",
    "sqlalchemy.engine.create_engine": "sqlalchemy.create_engine",
    "sqlalchemy.ext.asyncio.engine.AsyncConnection": "sqlalchemy.ext.asyncio.AsyncConnection",
    "sqlalchemy.ext.asyncio.engine.AsyncEngine": "sqlalchemy.ext.asyncio.AsyncEngine",
    "sqlalchemy.sql.select": "sqlalchemy.select", "sqlalchemy.future.select": "sqlalchemy.select",
    "sqlalchemy.sql.expression.select": "sqlalchemy.select", "sqlalchemy.sql.text": "sqlalchemy.text",
    "sqlmodel.sql.expression.select": "sqlmodel.select",
    "sqlmodel.orm.session.Session": "sqlmodel.Session",
    "sqlmodel.main.SQLModel": "sqlmodel.SQLModel",
    "pydantic.main.BaseModel": "pydantic.BaseModel", "pydantic.v1.BaseModel": "pydantic.BaseModel",
    "asyncpg.connection.Connection": "asyncpg.Connection", "asyncpg.pool.Pool": "asyncpg.Pool",
    "celery.app.task.Task": "celery.Task", "tortoise.models.Model": "tortoise.Model",
    "beanie.odm.documents.Document": "beanie.Document",
    "dependency_injector.wiring.inject": "dependency_injector.wiring.inject",
    "dishka.integrations.fastapi.FromDishka": "dishka.FromDishka",
}  # fmt: skip


def canonical(name: str) -> str:
    """Return the one name of an outside thing that can be imported from several places."""
    head, _, tail = name.rpartition(".")
    if head in ("typing_extensions", "collections.abc", "typing") and tail in _TYPING:
        name = f"typing.{tail}"
    elif head == "collections.abc":
        name = f"typing.{tail}"
    return _ALIASES.get(name, name)


AWAITABLES = frozenset({"typing.Awaitable", "typing.Coroutine", "asyncio.Future", "asyncio.Task"})

ITERATORS = frozenset({
    "typing.Iterator", "typing.Iterable", "typing.Generator", "typing.AsyncIterator",
    "typing.AsyncIterable", "typing.AsyncGenerator", "builtins.generator",
})  # fmt: skip

CONTAINERS = frozenset({
    "builtins.list", "builtins.set", "builtins.frozenset", "builtins.dict", "builtins.tuple",
    "typing.Sequence", "typing.MutableSequence", "typing.Collection", "typing.Set", "typing.MutableSet",
    "typing.Mapping", "typing.MutableMapping",
})  # fmt: skip

MAPPINGS = frozenset({"builtins.dict", "typing.Mapping", "typing.MutableMapping"})

STRING_TYPES = frozenset({"typing.LiteralString"})

MANAGER = "contextlib.manager"
"""The class of what a function decorated with ``contextmanager`` gives; its argument is what ``as`` binds."""

TRANSPARENT_GENERICS = {
    "dishka.FromDishka": True,
    "sqlalchemy.orm.Mapped": False,
    "fastapi_injector.Injected": True,
    "dependency_injector.wiring.Provide": False,
    "dependency_injector.wiring.Closing": False,
    "typing.ContextManager": False,
    "typing.AsyncContextManager": False,
    "pydantic.SkipValidation": False,
}
"""Outside generics that admit what their argument admits; true where the name is kept as metadata."""

_IDENTITY = ("Router", "FastAPI", "Starlette")


def keeps_identity(name: str) -> bool:
    """Return whether objects of this outside class must be told apart by where they are made.

    Routers and applications, those of libraries on top of FastAPI included: their classes are named
    so by convention.
    """
    return name.endswith(_IDENTITY) and "()" not in name


_LOOKING = frozenset({
    "asyncio.iscoroutinefunction", "asyncio.coroutines.iscoroutinefunction",
    "asgiref.sync.iscoroutinefunction", "starlette._utils.is_async_callable",
    "builtins.callable", "builtins.hasattr", "builtins.hash", "builtins.id", "builtins.isinstance",
    "builtins.print", "builtins.repr", "builtins.str", "builtins.type",
})  # fmt: skip


def looks_only(name: str) -> bool:
    """Return whether an outside function looks at the functions it is handed and calls none of them."""
    return name in _LOOKING or (name.startswith("inspect.") and not name.startswith("inspect.getmembers"))


_MADE = frozenset({
    "fastapi.Depends", "fastapi.Security", "typing.TypeVar", "typing.ParamSpec", "typing.NewType",
    "fastapi.routing.APIRoute", "fastapi.routing.APIWebSocketRoute", "starlette.routing.Route",
    "starlette.routing.WebSocketRoute", "starlette.routing.Mount", "starlette.middleware.Middleware",
    "dependency_injector.wiring.Provide",
    "sqlalchemy.orm.sessionmaker", "sqlalchemy.ext.asyncio.async_sessionmaker",
    "sqlalchemy.orm.scoped_session", "sqlalchemy.ext.asyncio.async_scoped_session", "celery.Celery",
    "sqlalchemy.text", "sqlmodel.text",
})  # fmt: skip


def keeps_arguments(name: str) -> bool:
    """Return whether what an outside call gives is kept together with its arguments."""
    if name.startswith("dependency_injector.providers.") or name in _MADE:
        return True
    return keeps_identity(name)


_SQLALCHEMY_SESSION = "sqlalchemy.orm.Session"
_ASYNC_SESSION = "sqlalchemy.ext.asyncio.AsyncSession"

RESULTS = {
    "sqlalchemy.create_engine": "sqlalchemy.Engine",
    "sqlalchemy.ext.asyncio.create_async_engine": "sqlalchemy.ext.asyncio.AsyncEngine",
    "sqlmodel.create_engine": "sqlalchemy.Engine",
    "sqlalchemy.Engine.connect": "sqlalchemy.Connection",
    "sqlalchemy.Engine.begin": "sqlalchemy.Connection",
    "sqlalchemy.ext.asyncio.AsyncEngine.connect": "sqlalchemy.ext.asyncio.AsyncConnection",
    "sqlalchemy.ext.asyncio.AsyncEngine.begin": "sqlalchemy.ext.asyncio.AsyncConnection",
    "asyncpg.create_pool": "asyncpg.Pool", "asyncpg.connect": "asyncpg.Connection",
    "asyncpg.Pool.acquire": "asyncpg.Connection",
    "sqlite3.connect": "sqlite3.Connection", "sqlite3.Connection.cursor": "sqlite3.Cursor",
    "psycopg.connect": "psycopg.Connection", "psycopg.Connection.cursor": "psycopg.Cursor",
    "psycopg.AsyncConnection.connect": "psycopg.AsyncConnection",
    "psycopg.AsyncConnection.cursor": "psycopg.AsyncCursor",
    "psycopg.Connection.execute": "psycopg.Cursor", "psycopg.AsyncConnection.execute": "psycopg.AsyncCursor",
    "psycopg_pool.ConnectionPool.connection": "psycopg.Connection",
    "psycopg_pool.ConnectionPool.getconn": "psycopg.Connection",
    "psycopg_pool.AsyncConnectionPool.connection": "psycopg.AsyncConnection",
    "psycopg_pool.AsyncConnectionPool.getconn": "psycopg.AsyncConnection",
    "psycopg2.connect": "psycopg2.extensions.connection",
    "psycopg2.extensions.connection.cursor": "psycopg2.extensions.cursor",
    "aiosqlite.connect": "aiosqlite.Connection", "aiosqlite.Connection.cursor": "aiosqlite.Cursor",
    "builtins.open": "io.TextIOWrapper", "logging.getLogger": "logging.Logger",
    "structlog.get_logger": "structlog.BoundLogger", "builtins.str": "builtins.str",
    "builtins.int": "builtins.int", "builtins.float": "builtins.float", "builtins.bool": "builtins.bool",
    "builtins.len": "builtins.int", "builtins.repr": "builtins.str", "builtins.isinstance": "builtins.bool",
    "builtins.hash": "builtins.int", "builtins.format": "builtins.str", "builtins.bytes": "builtins.bytes",
    "builtins.id": "builtins.int", "builtins.round": "builtins.float", "builtins.abs": "builtins.float",
    "builtins.callable": "builtins.bool", "builtins.hasattr": "builtins.bool",
    "builtins.issubclass": "builtins.bool", "builtins.ord": "builtins.int", "builtins.chr": "builtins.str",
    "builtins.input": "builtins.str", "builtins.range": "builtins.range", "builtins.any": "builtins.bool",
    "builtins.all": "builtins.bool", "os.getenv": "builtins.str", "uuid.uuid4": "uuid.UUID",
    "datetime.datetime.now": "datetime.datetime", "datetime.datetime.utcnow": "datetime.datetime",
}  # fmt: skip
"""What an outside call gives, by the canonical name of what is called: the dotted name of a class."""

ATTRIBUTES = {
    "app": {"starlette.requests.Request": "fastapi.FastAPI"},
}
"""Classes of attributes of outside things, by the name of the attribute and what has it."""


def attribute_type(base: str, name: str) -> str:
    """Return the class of an attribute of an outside thing, empty where it is not known."""
    owners = ATTRIBUTES.get(name)
    return owners.get(canonical(base), "") if owners is not None else ""


def is_state(name: str) -> bool:
    """Return whether an outside name is a namespace of the framework that programs keep things in."""
    last = name.rpartition(".")[2]
    return last == "state" and name.partition(".")[0] in ("fastapi", "starlette")


STRING_METHODS = frozenset({
    "capitalize", "casefold", "center", "expandtabs", "format", "format_map", "join", "ljust", "lower",
    "lstrip", "removeprefix", "removesuffix", "replace", "rjust", "rstrip", "strip", "swapcase", "title",
    "translate", "upper", "zfill",
})  # fmt: skip
"""Methods of ``str`` that give a ``str``."""


def is_class_name(name: str) -> bool:
    """Return whether an outside name looks like a class: CapWords as PEP 8 wants it.

    No library source is read, so the naming convention is all there is; known lower-case classes
    are listed.
    """
    last = name.rpartition(".")[2]
    if name in _LOWER_CASE_CLASSES:
        return True
    return last[:1].isupper() and not last.isupper() and "()" not in last


_LOWER_CASE_CLASSES = frozenset({
    "sqlalchemy.orm.sessionmaker", "sqlalchemy.ext.asyncio.async_sessionmaker",
    "sqlalchemy.orm.scoped_session", "sqlalchemy.ext.asyncio.async_scoped_session",
    "datetime.datetime", "datetime.date", "datetime.timedelta", "builtins.object",
})  # fmt: skip
