"""Classes that run the statements they are handed are connections, whatever they are called."""

from __future__ import annotations

from pathlib import Path

import pytest
from build_inline import layered, said, sites

from layercheck.project.model import Project

CALLS = """
    from app.store import Database
    USERS = "SELECT * FROM users"
    async def run(db: Database, statement: str):
        await db.fetch("SELECT * FROM users")
        await db.fetch(f"DELETE FROM users WHERE name = {statement!r}")
        await db.fetch(USERS)
        await db.fetch(statement)
        await db.fetch("CREATE TABLE users (id int)")
"""
KINDS = ["read", "write", "read", "read", "other"]


def operations(project: Project) -> list[str]:
    """Return what the calls of ``run`` do, in the order of lines."""
    found = sites(project, "app.work.run")
    return [str(one.kind) for site in found for one in project.sessions.operations(site)]


def built(root: Path, store: str) -> Project:
    """Return a project with a class ``Database`` in a module that no word says anything about."""
    return layered(root, {"app/store.py": store, "app/work.py": CALLS})


WRAPPERS = {
    "aiosqlite": """
import aiosqlite
class Database:
    def __init__(self, path): self.path = path; self.conn: aiosqlite.Connection | None = None
    async def connect(self): self.conn = await aiosqlite.connect(self.path)
    async def fetch(self, sql, params=()):
        async with self.conn.execute(sql, params) as cursor:
            return await cursor.fetchall()
    async def execute(self, sql, params=()):
        await self.conn.execute(sql, params)
        await self.conn.commit()
""",
    "opens a connection for each call": """
import aiosqlite
class Database:
    def __init__(self, path): self.path = path
    async def fetch(self, query, params=()):
        async with aiosqlite.connect(self.path) as conn:
            async with conn.execute(query, params) as cursor:
                return await cursor.fetchall()
""",
    "psycopg pool": """
from psycopg_pool import AsyncConnectionPool
class Database:
    def __init__(self, dsn): self.pool = AsyncConnectionPool(dsn)
    async def fetch(self, query, params=()):
        async with self.pool.connection() as conn, conn.cursor() as cur:
            await cur.execute(query, params)
            return await cur.fetchall()
""",
    "psycopg pool that is handed over": """
from psycopg_pool import AsyncConnectionPool
class Database:
    def __init__(self, pool: AsyncConnectionPool): self._pool = pool
    async def fetch(self, query, params=()):
        async with self._pool.connection() as conn:
            cur = await conn.execute(query, params)
            return await cur.fetchall()
    async def run(self, query, params=()):
        async with self._pool.connection() as conn:
            await conn.execute(query, params)
""",
    "psycopg2": """
import psycopg2
class Database:
    def __init__(self, dsn): self.conn = psycopg2.connect(dsn)
    def fetch(self, query, params=()):
        with self.conn.cursor() as cur:
            cur.execute(query, params)
            return cur.fetchall()
""",
    "sqlite3": """
import sqlite3
class Database:
    def __init__(self, dsn): self.conn = sqlite3.connect(dsn)
    def _run(self, query, params=()):
        return self.conn.execute(query, params)
    def fetch(self, query, params=()):
        return self._run(query, params).fetchall()
""",
    "databases": """
import databases
class Database:
    def __init__(self, dsn): self._db = databases.Database(dsn)
    async def fetch(self, query, values=None):
        return await self._db.fetch_all(query, values)
    async def execute(self, query, values=None):
        return await self._db.execute(query, values)
""",
    "sqlalchemy engine": """
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
class Database:
    def __init__(self, dsn): self.engine = create_async_engine(dsn)
    async def fetch(self, sql, **params):
        async with self.engine.connect() as conn:
            result = await conn.execute(text(sql), params)
            return result.mappings().all()
""",
    "sqlalchemy session factory": """
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine, AsyncSession
class Database:
    def __init__(self, dsn): self.maker = async_sessionmaker(create_async_engine(dsn))
    async def fetch(self, statement):
        async with self.maker() as session:
            result = await session.execute(statement)
            return result.scalars().all()
    async def add(self, entity):
        async with self.maker() as session:
            session.add(entity)
            await session.commit()
""",
    "abstract": """
import asyncpg
from abc import ABC, abstractmethod
class Database(ABC):
    @abstractmethod
    async def fetch(self, sql, *args): ...
class Postgres(Database):
    def __init__(self, pool: asyncpg.Pool): self.pool = pool
    async def fetch(self, sql, *args):
        async with self.pool.acquire() as c:
            return await c.fetch(sql, *args)
""",
    "transaction": """
import asyncpg
from contextlib import asynccontextmanager
class Database:
    def __init__(self, pool: asyncpg.Pool): self.pool = pool
    @asynccontextmanager
    async def transaction(self):
        async with self.pool.acquire() as c:
            async with c.transaction():
                yield c
    async def fetch(self, sql, *args):
        async with self.pool.acquire() as c:
            return await c.fetch(sql, *args)
    async def setup(self):
        async with self.pool.acquire() as c:
            await c.execute("CREATE TABLE IF NOT EXISTS users (id int)")
            await c.fetchval("SELECT 1")
    async def insert(self, table, row):
        async with self.pool.acquire() as c:
            await c.execute(f"INSERT INTO {table} VALUES ($1)", row)
""",
}


@pytest.mark.parametrize("store", WRAPPERS.values(), ids=WRAPPERS)
def test_wrappers(tmp_path: Path, store: str) -> None:
    project = built(tmp_path, store)
    assert operations(project) == KINDS
    assert said(project, "app.store.Database") == "database (medium: runs the statements it is handed)"


OTHERS = {
    "one with a statement of its own": """
import asyncpg
class Database:
    def __init__(self, pool: asyncpg.Pool): self.pool = pool
    async def fetch(self, sql, *args):
        async with self.pool.acquire() as c:
            return await c.fetch(sql, *args)
    async def users(self):
        async with self.pool.acquire() as c:
            return await c.fetch("SELECT * FROM users")
""",
    "one that hands a statement of its own to itself": """
import asyncpg
class Database:
    def __init__(self, pool: asyncpg.Pool): self.pool = pool
    async def fetch(self, sql, *args):
        async with self.pool.acquire() as c:
            return await c.fetch(sql, *args)
    async def users(self):
        return await self.fetch("SELECT * FROM users")
""",
    "http": """
import httpx
class Database:
    def __init__(self, client: httpx.AsyncClient): self.client = client
    async def fetch(self, sql, *args):
        return await self.client.get(sql)
""",
    "no driver": """
class Database:
    def __init__(self, rows: dict[str, list[str]]): self.rows = rows
    async def fetch(self, sql, *args):
        return self.execute(sql)
    def execute(self, sql): return self.rows[sql]
""",
    "paginator of a session": """
from sqlalchemy.ext.asyncio import AsyncSession
class Database:
    def __init__(self, session: AsyncSession): self.session = session
    async def fetch(self, statement):
        return await self.session.scalars(statement.limit(10))
""",
    "base class": """
import asyncpg
class Base:
    def __init__(self, pool: asyncpg.Pool): self.pool = pool
    async def fetch(self, sql, *args):
        async with self.pool.acquire() as c:
            return await c.fetch(sql, *args)
class Database(Base):
    async def users(self):
        return await self.fetch("SELECT * FROM users")
""",
}


@pytest.mark.parametrize("store", OTHERS.values(), ids=OTHERS)
def test_classes_that_are_none(tmp_path: Path, store: str) -> None:
    assert operations(built(tmp_path, store)) == []
