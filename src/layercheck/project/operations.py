"""Names of the methods that read and write databases, by the class they belong to.

Facts of public interfaces only; a library is added by a few lines. Classes bear their canonical
names (`layercheck.inference.models.library`).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable

import msgspec


class OperationKind(enum.StrEnum):
    """What a call does to the database."""

    READ = "read"
    WRITE = "write"
    FLUSH = "flush"
    COMMIT = "commit"
    ROLLBACK = "rollback"
    BEGIN = "begin"
    OTHER = "other"


class Operation(msgspec.Struct, frozen=True):
    """One thing done to the database.

    ``target`` is the dotted name of the method. ``refreshes`` is true where rows already loaded are
    only read again, which no count of queries includes.
    """

    kind: OperationKind
    target: str

    @property
    def refreshes(self) -> bool:
        """Whether it only brings loaded rows up to date."""
        return self.target.endswith((".refresh", ".refresh_from_db"))


class Statement(enum.Enum):
    """A method whose kind the statement it is handed decides; the member is what holds without one."""

    READING = OperationKind.READ
    WRITING = OperationKind.WRITE


Verbs = dict[str, OperationKind | Statement]

_TRANSACTION: Verbs = {
    "commit": OperationKind.COMMIT,
    "rollback": OperationKind.ROLLBACK,
    "begin": OperationKind.BEGIN,
    "begin_nested": OperationKind.BEGIN,
    "begin_twophase": OperationKind.BEGIN,
    "transaction": OperationKind.BEGIN,
    "flush": OperationKind.FLUSH,
}


def _verbs(reads: str = "", writes: str = "", statements: str = "", writing_statements: str = "") -> Verbs:
    return {
        **_TRANSACTION,
        **dict.fromkeys(reads.split(), OperationKind.READ),
        **dict.fromkeys(writes.split(), OperationKind.WRITE),
        **dict.fromkeys(statements.split(), Statement.READING),
        **dict.fromkeys(writing_statements.split(), Statement.WRITING),
    }


def _for(names: Iterable[str], verbs: Verbs) -> dict[str, Verbs]:
    return dict.fromkeys(names, verbs)


_SQLALCHEMY = _verbs(
    "query get get_one refresh",
    "add add_all merge delete bulk_save_objects bulk_insert_mappings bulk_update_mappings",
    "execute exec scalar scalars stream stream_scalars exec_driver_sql",
)
_ASYNCPG = _verbs(
    "",
    "copy_records_to_table copy_to_table",
    "fetch fetchrow fetchval fetchmany cursor prepare",
    "execute executemany",
)
_DBAPI = _verbs("", "copy executescript", "execute stream", "executemany")
_MONGO = _verbs(
    "find find_one find_raw_batches aggregate aggregate_raw_batches count_documents"
    " estimated_document_count distinct watch",
    "insert_one insert_many update_one update_many replace_one delete_one delete_many bulk_write"
    " find_one_and_update find_one_and_replace find_one_and_delete",
)

SESSION_VERBS: dict[str, Verbs] = {
    **_for(
        (
            "sqlalchemy.orm.Session", "sqlalchemy.ext.asyncio.AsyncSession",
            "sqlalchemy.orm.scoped_session", "sqlalchemy.ext.asyncio.async_scoped_session",
            "sqlalchemy.Connection", "sqlalchemy.ext.asyncio.AsyncConnection",
            "sqlmodel.Session", "sqlmodel.ext.asyncio.session.AsyncSession",
        ),
        _SQLALCHEMY,
    ),
    **_for(("asyncpg.Connection", "asyncpg.Pool"), _ASYNCPG),
    **_for(
        (
            "psycopg.Connection", "psycopg.AsyncConnection", "psycopg.Cursor", "psycopg.AsyncCursor",
            "psycopg2.extensions.connection", "psycopg2.extensions.cursor",
            "aiosqlite.Connection", "aiosqlite.Cursor", "sqlite3.Connection", "sqlite3.Cursor",
        ),
        _DBAPI,
    ),
    "databases.Database": _verbs("", "", "fetch_one fetch_all fetch_val iterate", "execute execute_many"),
    "odmantic.AIOEngine": _verbs("find find_one count gather", "save save_all delete remove"),
    "odmantic.SyncEngine": _verbs("find find_one count", "save save_all delete remove"),
    **_for(
        ("azure.cosmos.ContainerProxy", "azure.cosmos.aio.ContainerProxy"),
        _verbs(
            "query_items read_item read_all_items query_items_change_feed",
            "create_item upsert_item replace_item delete_item patch_item delete_all_items_by_partition_key",
        ),
    ),
}  # fmt: skip
"""Sessions, connections and their like."""

MONGO_VERBS: dict[str, Verbs] = _for(
    (
        "motor.motor_asyncio.AsyncIOMotorClient", "motor.motor_asyncio.AsyncIOMotorDatabase",
        "motor.motor_asyncio.AsyncIOMotorCollection", "pymongo.MongoClient", "pymongo.AsyncMongoClient",
        "pymongo.database.Database", "pymongo.collection.Collection",
        "pymongo.asynchronous.database.AsyncDatabase", "pymongo.asynchronous.collection.AsyncCollection",
    ),
    _MONGO,
)  # fmt: skip
"""Clients, databases and collections: ``client.shop.orders.find_one`` reads through any of them."""

_MONGOENGINE = _verbs("objects", "save delete update modify insert")

ENTITY_VERBS: dict[str, Verbs] = {
    "tortoise.Model": _verbs(
        "all filter exclude get get_or_none first last exists in_bulk raw annotate count"
        " fetch_for_list fetch_related refresh_from_db select_for_update earliest latest",
        "create bulk_create bulk_update save delete get_or_create update_or_create",
    ),
    "beanie.Document": _verbs(
        "find find_one find_all find_many get aggregate count distinct all exists",
        "insert insert_one insert_many create save save_changes replace replace_many replace_one"
        " update update_all set inc upsert delete delete_all",
    ),
    "peewee.Model": _verbs(
        "select get get_or_none get_by_id filter raw",
        "create insert insert_many insert_from update delete save delete_instance delete_by_id"
        " bulk_create bulk_update replace replace_many set_by_id get_or_create",
    ),
    "piccolo.table.Table": _verbs("select objects count exists raw", "insert update delete save remove"),
    "ormar.Model": _verbs("load load_all objects", "save update delete upsert save_related"),
    "mongoengine.Document": _MONGOENGINE,
    "mongoengine.DynamicDocument": _MONGOENGINE,
    "redis_om.HashModel": _verbs("get find all_pks", "save delete update"),
    "redis_om.JsonModel": _verbs("get find all_pks", "save delete update"),
}
"""Base classes of entities that find and keep themselves, without a session."""

QUERY_WRITES = {
    "sqlalchemy.orm.Query": frozenset({"delete", "update"}),
}
"""Methods that turn a query, which was counted as a read when it was made, into a write."""

CHAINED_WRITES = frozenset({
    "delete", "update", "bulk_create", "bulk_update", "create", "get_or_create", "update_or_create",
    "set", "inc", "upsert", "delete_many", "update_many",
})  # fmt: skip
"""The same for the query sets of entities without a session: ``User.filter(...).delete()``."""

READ_WORDS = frozenset({"select", "with", "show", "pragma", "values", "explain", "table"})
WRITE_WORDS = frozenset({
    "insert", "update", "delete", "merge", "replace", "truncate", "create", "alter", "drop", "copy",
    "upsert", "call", "grant", "refresh", "lock",
})  # fmt: skip
TRANSACTION_WORDS = {
    "begin": OperationKind.BEGIN,
    "commit": OperationKind.COMMIT,
    "rollback": OperationKind.ROLLBACK,
    "savepoint": OperationKind.BEGIN,
}
"""First words of SQL texts."""

STATEMENTS = {
    "select": OperationKind.READ,
    "text": OperationKind.READ,
    "insert": OperationKind.WRITE,
    "update": OperationKind.WRITE,
    "delete": OperationKind.WRITE,
}
"""Functions of SQLAlchemy and its kin that build statements."""

STATEMENT_CLASSES = {
    "sqlalchemy.Select": OperationKind.READ,
    "sqlalchemy.Insert": OperationKind.WRITE,
    "sqlalchemy.Update": OperationKind.WRITE,
    "sqlalchemy.Delete": OperationKind.WRITE,
}

WRITING_CLAUSES = frozenset({
    "values", "returning", "on_conflict_do_nothing", "on_conflict_do_update", "on_duplicate_key_update",
})  # fmt: skip
"""Clauses only writing statements have."""

OPENERS = frozenset({
    "sqlalchemy.orm.sessionmaker()", "sqlalchemy.orm.sessionmaker.__call__",
    "sqlalchemy.orm.sessionmaker.begin", "sqlalchemy.orm.sessionmaker().begin",
    "sqlalchemy.ext.asyncio.async_sessionmaker()", "sqlalchemy.ext.asyncio.async_sessionmaker.__call__",
    "sqlalchemy.ext.asyncio.async_sessionmaker.begin", "sqlalchemy.ext.asyncio.async_sessionmaker().begin",
    "sqlalchemy.orm.Session", "sqlalchemy.ext.asyncio.AsyncSession", "sqlmodel.Session",
    "sqlmodel.ext.asyncio.session.AsyncSession",
    "sqlalchemy.Engine.connect", "sqlalchemy.Engine.begin", "sqlalchemy.Engine.raw_connection",
    "sqlalchemy.ext.asyncio.AsyncEngine.connect", "sqlalchemy.ext.asyncio.AsyncEngine.begin",
    "asyncpg.connect", "asyncpg.Pool.acquire", "psycopg.connect", "psycopg.Connection.connect",
    "psycopg.AsyncConnection.connect", "psycopg_pool.ConnectionPool.connection",
    "psycopg_pool.ConnectionPool.getconn", "psycopg_pool.AsyncConnectionPool.connection",
    "psycopg_pool.AsyncConnectionPool.getconn", "psycopg2.connect", "sqlite3.connect", "aiosqlite.connect",
})  # fmt: skip
"""Calls that open a session or a connection."""

SHAREABLE = frozenset({
    "sqlalchemy.orm.scoped_session", "sqlalchemy.ext.asyncio.async_scoped_session", "asyncpg.Pool",
    "databases.Database", "odmantic.AIOEngine", "odmantic.SyncEngine", *MONGO_VERBS,
    "azure.cosmos.ContainerProxy", "azure.cosmos.aio.ContainerProxy",
})  # fmt: skip
"""What runs statements and may serve all requests at once: pools, clients, sessions per thread."""

ENGINES = frozenset({
    "sqlalchemy.create_engine", "sqlalchemy.engine_from_config", "sqlmodel.create_engine",
    "sqlalchemy.ext.asyncio.create_async_engine", "sqlalchemy.ext.asyncio.async_engine_from_config",
    "sqlmodel.ext.asyncio.create_async_engine",
    "sqlalchemy.orm.sessionmaker", "sqlalchemy.ext.asyncio.async_sessionmaker",
    "sqlalchemy.orm.scoped_session", "sqlalchemy.ext.asyncio.async_scoped_session",
    "asyncpg.create_pool", "databases.Database", "motor.motor_asyncio.AsyncIOMotorClient",
    "pymongo.MongoClient", "pymongo.AsyncMongoClient", "odmantic.AIOEngine", "odmantic.SyncEngine",
    "tortoise.Tortoise.init", "tortoise.contrib.fastapi.register_tortoise", "beanie.init_beanie",
    "psycopg_pool.ConnectionPool", "psycopg_pool.AsyncConnectionPool", "azure.cosmos.aio.CosmosClient",
    "azure.cosmos.CosmosClient", "peewee.SqliteDatabase", "peewee.PostgresqlDatabase",
    "piccolo.engine.postgres.PostgresEngine", "piccolo.engine.sqlite.SQLiteEngine",
})  # fmt: skip
"""Calls that set a database up: engines, session factories, pools."""
