"""LC303: commits and rollbacks by somebody who does not own the transaction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shop import DATABASE, LAYERS, MODELS, project, router
from small_projects import check, expected, found, report

RULE = {"select": ["LC303"]}

HITS: dict[str, str] = {
    "a commit": """
        # app/repositories/carts.py
        from sqlalchemy.ext.asyncio import AsyncSession

        class CartRepository:
            def __init__(self, session: AsyncSession) -> None:
                self.session = session
            async def add(self, cart: object) -> None:
                self.session.add(cart)
                await self.session.commit()  # expect: LC303
    """,
    "a commit and its rollback": """
        # app/repositories/carts.py
        from sqlalchemy.ext.asyncio import AsyncSession

        class CartRepository:
            def __init__(self, session: AsyncSession) -> None:
                self.session = session
            async def add(self, cart: object) -> None:
                try:
                    self.session.add(cart)
                    await self.session.commit()  # expect: LC303
                except ValueError:
                    await self.session.rollback()
                    raise
    """,
    "functions": """
        # app/crud.py
        from sqlalchemy.orm import Session

        def add(db: Session, cart: object) -> None:
            db.add(cart)
            db.commit()  # expect: LC303

        def undo(db: Session) -> None:
            db.rollback()  # expect: LC303
    """,
    "a transaction of its own": """
        # app/repositories/carts.py
        from sqlalchemy.ext.asyncio import AsyncSession

        class CartRepository:
            def __init__(self, session: AsyncSession) -> None:
                self.session = session
            async def add(self, cart: object) -> None:
                async with self.session.begin():  # expect: LC303
                    self.session.add(cart)
    """,
    "an inherited method": """
        # app/repositories/base.py
        class BaseRepository:
            def __init__(self, session) -> None:
                self.session = session
            async def add(self, row: object) -> None:
                self.session.add(row)
                await self.session.commit()  # expect: LC303
        # app/repositories/carts.py
        from sqlalchemy.ext.asyncio import AsyncSession
        from app.repositories.base import BaseRepository

        class CartRepository(BaseRepository):
            def __init__(self, session: AsyncSession) -> None:
                super().__init__(session)
    """,
    "a raw connection": """
        # app/repositories/carts.py
        import sqlite3

        class CartRepository:
            def __init__(self, connection: sqlite3.Connection) -> None:
                self.connection = connection
            def add(self, name: str) -> None:
                self.connection.execute("INSERT INTO carts VALUES (?)", [name])
                self.connection.commit()  # expect: LC303
    """,
    "a session handed on": """
        # app/repositories/carts.py
        from sqlalchemy.orm import Session

        class CartRepository:
            def __init__(self, session: Session) -> None:
                self.session = session
            def current(self) -> Session:
                return self.session
            def add(self, cart: object) -> None:
                session = self.current()
                session.add(cart)
                session.commit()  # expect: LC303
    """,
}  # fmt: skip

NEAR_MISSES: dict[str, str] = {
    "a session a library makes": """
        # app/repositories/results.py
        from backend_of_a_library import Manager
        from sqlalchemy.orm import Session

        class ResultRepository:
            def __init__(self, manager: Manager) -> None:
                self.manager = manager
            def opened(self) -> Session:
                return self.manager.session_factory()
            def add(self, result: object) -> None:
                session = self.opened()
                session.add(result)
                session.commit()
    """,
    "flush": """
        # app/repositories/carts.py
        from sqlalchemy.ext.asyncio import AsyncSession

        class CartRepository:
            def __init__(self, session: AsyncSession) -> None:
                self.session = session
            async def add(self, cart: object) -> None:
                self.session.add(cart)
                await self.session.flush()
    """,
    "a savepoint": """
        # app/repositories/carts.py
        from sqlalchemy.ext.asyncio import AsyncSession

        class CartRepository:
            def __init__(self, session: AsyncSession) -> None:
                self.session = session
            async def add(self, cart: object) -> None:
                async with self.session.begin_nested():
                    self.session.add(cart)
    """,
    "a savepoint that is undone": """
        # app/repositories/carts.py
        from sqlalchemy.ext.asyncio import AsyncSession

        class CartRepository:
            def __init__(self, session: AsyncSession) -> None:
                self.session = session
            async def add(self, cart: object) -> None:
                async with self.session.begin_nested() as nested:
                    self.session.add(cart)
                    await nested.rollback()
                savepoint = await self.session.begin_nested()
                await savepoint.commit()
    """,
    "a commit on a git object": """
        # app/repositories/sources.py
        import git

        class SourceRepository:
            def __init__(self, repo: git.Repo, session: git.IndexFile) -> None:
                self.repo = repo
                self.session = session
            def save(self, message: str) -> None:
                self.session.commit(message)
                self.repo.index.commit(message)
    """,
    "a class of the project with commit": """
        # app/repositories/sources.py
        class Journal:
            def commit(self) -> None: ...

        class SourceRepository:
            def __init__(self, session: Journal) -> None:
                self.session = session
            def save(self) -> None:
                self.session.commit()
    """,
    "its own session": """
        # app/repositories/audit.py
        from app.database import session_factory

        class AuditRepository:
            async def record(self, event: object) -> None:
                async with session_factory() as session:
                    session.add(event)
                    await session.commit()
    """,
    "its own session, from a factory it is given": """
        # app/repositories/audit.py
        from collections.abc import Callable
        from contextlib import AbstractContextManager
        from sqlalchemy.orm import Session

        class AuditRepository:
            def __init__(self, session_factory: Callable[..., AbstractContextManager[Session]]) -> None:
                self.session_factory = session_factory
            def record(self, event: object) -> None:
                with self.session_factory() as session:
                    session.add(event)
                    session.commit()
    """,
    "its own session, opened in the constructor": """
        # app/repositories/audit.py
        from app.database import session_factory

        class AuditRepository:
            def __init__(self) -> None:
                self.session = session_factory()
            async def record(self, event: object) -> None:
                self.session.add(event)
                await self.session.commit()
    """,
    "the provider": """
        # app/other.py
        from app.database import session_factory

        async def get_db():
            async with session_factory() as session:
                try:
                    yield session
                    await session.commit()
                except Exception:
                    await session.rollback()
                    raise
    """,
    "a unit of work": """
        # app/repositories/uow.py
        from sqlalchemy.ext.asyncio import AsyncSession

        class UnitOfWork:
            def __init__(self, session: AsyncSession) -> None:
                self.session = session
            async def __aenter__(self) -> "UnitOfWork":
                return self
            async def __aexit__(self, *error: object) -> None:
                await self.rollback()
            async def commit(self) -> None:
                await self.session.commit()
            async def rollback(self) -> None:
                await self.session.rollback()
    """,
    "a task": """
        # app/tasks/clean.py
        from celery import Celery
        from app.database import session_factory
        celery = Celery()

        @celery.task
        def clean(session) -> None:
            session.commit()
    """,
    "a service": """
        # app/services/carts.py
        from sqlalchemy.ext.asyncio import AsyncSession

        async def add(session: AsyncSession) -> None:
            await session.commit()
    """,
    "a router": router("""
        @router.post("/items")
        async def create(db: Db) -> None:
            await db.commit()
    """),
}  # fmt: skip


def whole(text: str) -> str:
    return project(MODELS, DATABASE, LAYERS, text)


@pytest.mark.parametrize("text", HITS.values(), ids=HITS)
def test_told(text: str, tmp_path: Path) -> None:
    assert expected(whole(text))
    assert found(check(tmp_path, whole(text), RULE)) == expected(whole(text))


@pytest.mark.parametrize("text", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_silent(text: str, tmp_path: Path) -> None:
    assert found(check(tmp_path, whole(text), RULE)) == []


def test_the_whole_finding(tmp_path: Path) -> None:
    outcome = check(tmp_path, whole(HITS["a commit and its rollback"]), RULE)
    assert report(outcome) == [
        "warning app/repositories/carts.py:10:19 repository CartRepository.add calls AsyncSession.commit;"
        " its callers own the transaction",
        "  app/repositories/carts.py:10 [repository] transaction:"
        " CartRepository.add calls AsyncSession.commit",
        "  also app/repositories/carts.py:12",
        "  repository: class name *Repository",
        "  = app.repositories.carts.CartRepository.add sqlalchemy.ext.asyncio.AsyncSession.commit",
    ]
    assert [one.help for one in outcome.new] == [
        "replace `commit` by `flush`, and commit where the session is provided"
    ]


def test_weak_evidence_is_advice_where_somebody_is_the_owner(tmp_path: Path) -> None:
    text = """
        # app/stuff.py
        from sqlalchemy.ext.asyncio import AsyncSession

        async def keep(session: AsyncSession, thing: object) -> None:
            session.add(thing)
            await session.commit()
    """
    assert check(tmp_path / "unset", whole(text), RULE).new == ()
    (one,) = check(tmp_path / "set", whole(text), {**RULE, "transaction-owner": "service"}).new
    assert (one.severity, one.evidence) == ("advice", ("repository: runs statements on a session, weak",))


def allow(*patterns: str) -> dict[str, Any]:
    return {"rules": {"LC303": {"commit-allowed": list(patterns)}}}


OWNERS: dict[str, tuple[str, dict[str, Any], list[str]]] = {
    "repositories": ("a commit", {"transaction-owner": "repository"}, []),
    "services, and a repository commits": (
        "a commit", {"transaction-owner": "service"}, ["app/repositories/carts.py:9 LC303"],
    ),
    "services, and one commits": ("a service", {"transaction-owner": "service"}, []),
    "dependencies, and a service commits": (
        "a service", {"transaction-owner": "dependency"}, ["app/services/carts.py:5 LC303"],
    ),
    "dependencies, and a handler commits": (
        "a router", {"transaction-owner": "dependency"}, ["app/api/items.py:13 LC303"],
    ),
    "routers, and one commits": ("a router", {"transaction-owner": "router"}, []),
    "units of work, and one commits": ("a unit of work", {"transaction-owner": "uow"}, []),
    "dependencies with yield": ("the provider", {"transaction-owner": "uow"}, []),
    "tasks keep their own": ("a task", {"transaction-owner": "service"}, []),
    "allowed by name": ("a commit", allow("app.repositories.carts.*"), []),
    "another is allowed": ("a commit", allow("app.audit.*"), ["app/repositories/carts.py:9 LC303"]),
}  # fmt: skip


@pytest.mark.parametrize(("case", "settings", "lines"), OWNERS.values(), ids=OWNERS)
def test_owners(case: str, settings: dict[str, Any], lines: list[str], tmp_path: Path) -> None:
    text = {**HITS, **NEAR_MISSES}[case]
    assert found(check(tmp_path, whole(text), {**RULE, **settings})) == lines


def test_the_owner_is_named(tmp_path: Path) -> None:
    settings = {**RULE, "transaction-owner": ["service", "uow"]}
    outcome = check(tmp_path, whole(HITS["a transaction of its own"]), settings)
    assert [(one.message, one.help) for one in outcome.new] == [
        (
            "repository CartRepository.add calls AsyncSession.begin;"
            " the transaction belongs to service and uow",
            "leave the transaction to where the session is provided",
        )
    ]
