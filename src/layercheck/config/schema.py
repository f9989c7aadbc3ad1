"""The settings as one frozen value.

Key names and types are described by ``settings.schema.json``; the fields below are the same keys
with underscores, and their defaults. ``load`` turns the one into the other.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, TypeVar, cast

import msgspec

from layercheck.finding import Severity

T = TypeVar("T")

PROJECT_FILE = "pyproject.toml"
"""The file settings are looked for in, besides one of layercheck's own."""

BASELINE_FILE = "layercheck-baseline.json"
"""The file known findings are kept in, in the project root, unless the settings name another."""

LAYERS = (
    "app", "router", "dependency", "service", "repository", "entity", "schema", "database",
    "infrastructure", "task", "exception", "util", "config", "test", "migration", "script",
)  # fmt: skip
"""The layers every project knows. Code of none of them is *unknown*, which no setting can name."""

WEB_PACKAGES = ("fastapi", "starlette")

DATABASE_PACKAGES = (
    "sqlalchemy", "sqlmodel", "alembic", "asyncpg", "psycopg", "psycopg2", "aiomysql", "pymysql",
    "aiosqlite", "sqlite3", "databases", "tortoise", "beanie", "motor", "pymongo", "odmantic",
    "mongoengine", "peewee", "piccolo", "ormar", "gino", "redis_om",
)  # fmt: skip

FRAMEWORK_PACKAGES = (
    *WEB_PACKAGES, *DATABASE_PACKAGES,
    "celery", "dramatiq", "arq", "taskiq", "redis", "httpx", "requests", "aiohttp", "boto3",
)  # fmt: skip

SESSION_TYPES = (
    "sqlalchemy.orm.Session",
    "sqlalchemy.orm.session.Session",
    "sqlalchemy.orm.scoped_session",
    "sqlalchemy.ext.asyncio.AsyncSession",
    "sqlalchemy.ext.asyncio.session.AsyncSession",
    "sqlalchemy.ext.asyncio.async_scoped_session",
    "sqlalchemy.ext.asyncio.AsyncConnection",
    "sqlalchemy.Connection",
    "sqlalchemy.engine.Connection",
    "sqlmodel.Session",
    "sqlmodel.ext.asyncio.session.AsyncSession",
    "asyncpg.Connection",
    "asyncpg.connection.Connection",
    "asyncpg.Pool",
    "asyncpg.pool.Pool",
    "psycopg.Connection",
    "psycopg.AsyncConnection",
    "psycopg.Cursor",
    "psycopg.AsyncCursor",
    "psycopg2.extensions.connection",
    "psycopg2.extensions.cursor",
    "aiosqlite.Connection",
    "aiosqlite.Cursor",
    "sqlite3.Connection",
    "sqlite3.Cursor",
    "databases.Database",
    "motor.motor_asyncio.AsyncIOMotorClient",
    "motor.motor_asyncio.AsyncIOMotorDatabase",
    "motor.motor_asyncio.AsyncIOMotorCollection",
    "pymongo.MongoClient",
    "pymongo.AsyncMongoClient",
    "pymongo.database.Database",
    "pymongo.collection.Collection",
    "pymongo.asynchronous.database.AsyncDatabase",
    "pymongo.asynchronous.collection.AsyncCollection",
)


class Types(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """Names detection starts from. What a settings file lists is added to these.

    ``session`` are dotted class names, ``uow`` patterns for the name of a unit of work class, the
    others top-level package names. ``locators`` are packages whose containers answer ``resolve``
    or ``get``; ``injectors`` resolve ``Depends`` outside FastAPI.
    """

    session: tuple[str, ...] = SESSION_TYPES
    uow: tuple[str, ...] = ("*UnitOfWork", "*UoW")
    web: tuple[str, ...] = WEB_PACKAGES
    database_packages: tuple[str, ...] = DATABASE_PACKAGES
    framework_packages: tuple[str, ...] = FRAMEWORK_PACKAGES
    injectors: tuple[str, ...] = (
        "fast_depends", "faststream", "taskiq", "dishka", "dependency_injector", "fastapi_injector",
    )  # fmt: skip
    locators: tuple[str, ...] = ("punq", "lagom", "svcs", "dependency_injector", "kink", "injector")


class OwnLayer(msgspec.Struct, frozen=True, rename="kebab"):
    """A layer the project adds: patterns of its modules and the layers it may use."""

    modules: tuple[str, ...]
    may_use: tuple[str, ...] = ()


ALL = "ALL"
"""The selector of every rule, those that are off by default too."""


def selects(selector: str, code: str) -> bool:
    """Return whether ``selector``, a code, the start of codes or `ALL`, names the rule ``code``."""
    return selector == ALL or code.startswith(selector)


class Selection(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """What one source of settings says about which rules run; codes, prefixes or `ALL`.

    ``select`` of None keeps what the source before it selected.
    """

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_ignore: tuple[str, ...] = ()


EVERYTHING = Selection(select=("LC",))


class Config(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """All settings of a run.

    ``selections`` holds the selecting keys of the preset, the settings file and the call, in this
    order: a later one is judged on top of an earlier one. ``severity`` maps a code to None where
    the rule is switched off; ``fail_on`` is None for *never*. ``transaction_owner`` is empty where
    nobody is named. ``layers`` holds patterns for the known layers, ``own_layers`` the added ones.
    ``file`` is the settings file, relative to the project root where it lies inside.
    """

    project_root: Path = Path()
    file: str = PROJECT_FILE
    preset: str = "recommended"
    roots: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    selections: tuple[Selection, ...] = (EVERYTHING,)
    per_file_ignores: dict[str, tuple[str, ...]] = {}
    severity: dict[str, Severity | None] = {}
    fail_on: Severity | None = Severity.ERROR
    baseline: str | None = None
    gating: Literal["project", "feature", "off"] | None = None
    transaction_owner: tuple[str, ...] = ()
    error_mapping: Literal["either", "router", "handlers"] = "either"
    thin_crud: Literal["on", "reads", "off"] = "on"
    thin_max_statements: int = 10
    thin_max_reads: int = 2
    thin_max_writes: int = 1
    thin_max_entities: int = 1
    thin_max_guards: int = 2
    http_exceptions_in: tuple[str, ...] = ("router", "dependency", "app")
    features: str | None = None
    allow_edges: tuple[tuple[str, str], ...] = ()
    layers: dict[str, tuple[str, ...]] = {}
    own_layers: dict[str, OwnLayer] = {}
    types: Types = Types()
    rules: dict[str, dict[str, Any]] = {}

    @property
    def baseline_file(self) -> Path:
        """Where known findings are kept, whether there is such a file or not."""
        return self.project_root / (self.baseline or BASELINE_FILE)

    def option(self, code: str, key: str, default: T) -> T:
        """Return option ``key`` of rule ``code``, or ``default`` where the settings do not name it.

        The schema has seen to the type; a list becomes a tuple, as in every other setting.
        """
        value = self.rules.get(code, {}).get(key, default)
        return cast(T, tuple(value) if isinstance(value, list) else value)
