"""Operations on databases, judged by the type of the receiver."""

from __future__ import annotations

from pathlib import Path

import pytest
from build_inline import MODELS, element, layered, sites

from layercheck.config.schema import Config, Types
from layercheck.program.entities import Class
from layercheck.project.statements import builds_statement, statement_kind

SQLALCHEMY = """
    import sqlite3
    import asyncpg
    from sqlalchemy import Table, create_engine, delete, insert, select, text, update
    from sqlalchemy.dialects.postgresql import insert as upsert
    from sqlalchemy.engine import base
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
    from sqlalchemy.orm import Session, scoped_session, sessionmaker
    import git
    from app.models import User
    from app.other import Bus, Database, Ledger, OwnSession, SessionService
"""

OTHER = """
    from sqlalchemy.orm import Session

    class OwnSession(Session):
        pass

    class SessionService:
        def execute(self, statement): ...
        def commit(self): ...

    class Bus:
        def execute(self, command): ...

    class Ledger(dict):
        pass

    class Database:
        async def execute(self, statement): ...
        async def fetch(self, statement): ...
        def label(self): ...
"""


def operations_of(root: Path, body: str, config: Config, head: str = SQLALCHEMY) -> list[str]:
    """Return the operations of a function ``run`` as ``kind target``."""
    files = {"app/models.py": MODELS, "app/other.py": OTHER, "app/work.py": head + body}
    project = layered(root, files, config)
    found = [one for site in sites(project, "app.work.run") for one in project.sessions.operations(site)]
    return [f"{one.kind} {one.target.rpartition('.')[2]}" for one in found]


@pytest.mark.parametrize(
    ("signature", "call", "expected"),
    [
        ("s: Session", "s.execute(select(User))", ["read execute"]),
        ("s: Session", "s.execute(insert(User).values(id=1))", ["write execute"]),
        ("s: Session", "s.execute(update(User).where(User.id == 1))", ["write execute"]),
        ("s: Session", "s.execute(delete(User))", ["write execute"]),
        ("s: Session", "s.execute(upsert(User).on_conflict_do_nothing())", ["write execute"]),
        ("s: Session, t: Table", "s.execute(t.insert())", ["write execute"]),
        ("s: Session, t: Table", "s.execute(t.insert().values(id=1))", ["write execute"]),
        ("s: Session, t: Table", "s.execute(t.select().where(t.c.id == 1))", ["read execute"]),
        ("e: base.Engine, t: Table", "e.connect().execute(t.select())", ["read execute"]),
        ("s: Session", "s.execute(text('SELECT 1'))", ["read execute"]),
        ("s: Session", "s.execute(text('delete from users'))", ["write execute"]),
        ("s: Session, q", "s.execute(q)", ["read execute"]),
        ("s: AsyncSession", "s.scalars(select(User))", ["read scalars"]),
        ("s: Session", "s.query(User).filter(User.id == 1).first()", ["read query"]),
        ("s: Session", "s.query(User).delete()", ["read query", "write delete"]),
        ("s: Session", "s.get(User, 1)", ["read get"]),
        ("s: Session, u: User", "s.add(u)", ["write add"]),
        ("s: Session, u: User", "s.merge(u)", ["write merge"]),
        ("s: Session", "s.flush()", ["flush flush"]),
        ("s: Session", "s.commit()", ["commit commit"]),
        ("s: Session", "s.rollback()", ["rollback rollback"]),
        ("s: Session", "s.begin_nested()", ["begin begin_nested"]),
        ("s: Session", "s.close()", ["other close"]),
        ("s: OwnSession", "s.execute(select(User))", ["read execute"]),
        ("s: scoped_session", "s.commit()", ["commit commit"]),
        ("c: asyncpg.Connection", "c.fetchrow('SELECT 1')", ["read fetchrow"]),
        ("c: asyncpg.Connection", "c.execute('INSERT INTO users VALUES (1)')", ["write execute"]),
        ("c: asyncpg.Connection, q: str", "c.execute(q)", ["write execute"]),
        ("c: sqlite3.Cursor", "c.execute('select * from users')", ["read execute"]),
        ("c: sqlite3.Cursor", "c.execute('UPDATE users SET id = 2')", ["write execute"]),
        ("c: sqlite3.Connection", "c.execute('BEGIN')", ["begin execute"]),
        pytest.param("db: dict", "db.get('x')", [], id="a-dict-called-db"),
        pytest.param("db: Ledger", "db.get('x')", [], id="a-dict-subclass-called-db"),
        pytest.param("bus: Bus", "bus.execute('create')", [], id="a-command-bus"),
        pytest.param("session: SessionService", "session.commit()", [], id="a-service-called-session"),
        pytest.param(
            "session: SessionService", "session.execute(select(User))", [], id="a-service-that-executes"
        ),
        pytest.param("repo: git.Repo", "repo.index.commit('x')", [], id="a-git-index"),
        pytest.param("db", "db.execute('select 1')", [], id="nothing-known-of-db"),
        pytest.param("db: Database", "db.execute('select 1')", [], id="a-class-of-the-project"),
    ],
)
def test_operations(tmp_path: Path, signature: str, call: str, expected: list[str]) -> None:
    body = f"""
    def run({signature}):
        return {call}
    """
    assert operations_of(tmp_path, body, Config()) == expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("db.execute('delete from users')", ["write execute"]),
        ("db.fetch('select 1')", ["read fetch"]),
        ("db.label()", ["other label"]),
    ],
)
def test_session_classes_of_the_settings(tmp_path: Path, call: str, expected: list[str]) -> None:
    config = Config(types=Types(session=("app.other.Database",)))
    body = f"""
    def run(db: Database):
        return {call}
    """
    assert operations_of(tmp_path, body, config) == expected


TORTOISE = """
    from tortoise import fields
    from tortoise.models import Model

    class User(Model):
        id = fields.IntField()
"""


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("await User.filter(id=1).first()", ["read filter"]),
        ("await User.filter(id=1).delete()", ["read filter", "write delete"]),
        ("await User.create(id=1)", ["write create"]),
        ("await user.save()", ["write save"]),
        ("user.update_from_dict({})", ["other update_from_dict"]),
        ("str(user)", []),
    ],
)
def test_entities_that_find_themselves(tmp_path: Path, call: str, expected: list[str]) -> None:
    body = f"""
    async def run(user: User):
        return {call}
    """
    assert operations_of(tmp_path, body, Config(), head=TORTOISE) == expected


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("db.users.find_one({})", ["read find_one"]),
        ("db['users'].insert_one({})", ["write insert_one"]),
        ("db.users.name", []),
    ],
)
def test_document_collections(tmp_path: Path, call: str, expected: list[str]) -> None:
    head = """
    from motor.motor_asyncio import AsyncIOMotorDatabase
    """
    body = f"""
    def run(db: AsyncIOMotorDatabase):
        return {call}
    """
    assert operations_of(tmp_path, body, Config(), head=head) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sqlalchemy.select", True),
        ("sqlmodel.select", True),
        ("sqlalchemy.text", True),
        ("sqlalchemy.dialects.postgresql.insert", True),
        ("sqlalchemy.Table.insert", True),
        ("sqlalchemy.func.count", False),
        ("sqlalchemy.orm.Session.delete", False),
        ("sqlalchemy.select().where", False),
        ("click.text", False),
        ("curses.insert", False),
    ],
)
def test_statement_builders(name: str, expected: bool) -> None:
    assert builds_statement(name) is expected


def test_the_writing_one_of_several_statements_decides(tmp_path: Path) -> None:
    body = """
    def run(flag: bool):
        statement = select(User)
        if flag:
            statement = delete(User)
        return done(statement)

    def done(statement):
        return statement
    """
    project = layered(
        tmp_path, {"app/models.py": MODELS, "app/other.py": OTHER, "app/work.py": SQLALCHEMY + body}
    )
    (result,) = [site.result for site in sites(project, "app.work.run") if site.edges]
    assert statement_kind(result) == "write"


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("sessionmaker(create_engine('sqlite://'))()", [False, False, True]),
        ("Session(create_engine('sqlite://'))", [False, True]),
        ("create_engine('sqlite://').connect()", [False, True]),
        ("async_sessionmaker().begin()", [False, True]),
        ("OwnSession()", [True]),
        ("SessionService()", []),
        ("Ledger()", [False]),
    ],
)
def test_openings(tmp_path: Path, call: str, expected: list[bool]) -> None:
    body = f"""
    def run():
        return {call}
    """
    files = {"app/models.py": MODELS, "app/other.py": OTHER, "app/work.py": SQLALCHEMY + body}
    project = layered(tmp_path, files)
    found = [
        project.sessions.opened_by(name, receiver)
        for site in sites(project, "app.work.run")
        for name, receiver in site.externals.items()
    ]
    assert sorted(found) == expected


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        ("Session", True),
        ("AsyncSession", True),
        ("AsyncSession | None", True),
        ("OwnSession", True),
        ("scoped_session", True),
        ("sessionmaker", False),
        ("SessionService", False),
        ("dict", False),
        ("User", False),
    ],
)
def test_what_holds_a_session(tmp_path: Path, annotation: str, expected: bool) -> None:
    body = f"""
    def run(it: {annotation}):
        return it
    """
    files = {"app/models.py": MODELS, "app/other.py": OTHER, "app/work.py": SQLALCHEMY + body}
    project = layered(tmp_path, files)
    function = next(f for f in project.program.functions if f.qualname == "app.work.run")
    frame = project.inference.declared_frame(function, None)
    (meaning,) = project.inference.signature(function, None, frame)
    assert project.sessions.are_among(meaning.declared) is expected


UNITS = """
    from abc import ABC
    from sqlalchemy.orm import Session

    class SqlUnitOfWork:
        pass

    class AbstractUoW(ABC):
        pass

    class Transaction:
        async def __aenter__(self): ...
        async def __aexit__(self, *args): ...
        async def commit(self): ...
        async def rollback(self): ...

    class Derived(Transaction):
        pass

    class OwnSession(Session):
        def __enter__(self): ...
        def commit(self): ...
        def rollback(self): ...

    class Flusher:
        def commit(self): ...
        def rollback(self): ...

    class Lock:
        def __enter__(self): ...
        def __exit__(self, *args): ...

    class WorkUnits:
        pass
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SqlUnitOfWork", True),
        ("AbstractUoW", True),
        ("Transaction", True),
        ("Derived", True),
        pytest.param("OwnSession", False, id="a-session"),
        pytest.param("Flusher", False, id="no-context-manager"),
        pytest.param("Lock", False, id="nothing-to-commit"),
        pytest.param("WorkUnits", False, id="another-word"),
    ],
)
def test_units_of_work(tmp_path: Path, name: str, expected: bool) -> None:
    project = layered(tmp_path, {"app/units.py": UNITS})
    cls = element(project, f"app.units.{name}")
    assert isinstance(cls, Class)
    assert project.sessions.is_unit_of_work(cls) is expected
