"""LC204: services that store or take a session."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shop import DATABASE, LAYERS, MODELS, project
from small_projects import check, expected, found, report

RULE = {"select": ["LC204"]}

HITS: dict[str, str] = {
    "a constructor": """
        # app/services/carts.py
        from sqlalchemy.ext.asyncio import AsyncSession
        from app.repositories.items import ItemRepository

        class CartService:
            def __init__(self, name: str, session: AsyncSession):  # expect: LC204
                self.items = ItemRepository(session)
                self.session = session
    """,
    "methods": """
        # app/services/carts.py
        from sqlalchemy.ext.asyncio import AsyncSession

        class CartService:
            async def show(self, db: AsyncSession) -> None: ...  # expect: LC204
            async def clear(self, *, db: AsyncSession) -> None: ...  # expect: LC204
    """,
    "a base that subclasses hand on what they are handed": """
        # app/services/carts.py
        from sqlalchemy.orm import Session

        class Base:
            def __init__(self, name, session):  # expect: LC204
                self.session = session

        class CartService(Base):
            def __init__(self, **kwargs):
                super().__init__(**kwargs)

        def make(db: Session) -> CartService:  # expect: LC204
            return CartService(name="cart", session=db)
    """,
    "a function": """
        # app/services/carts.py
        from sqlalchemy.orm import Session as S

        def show(storage: "S | None" = None) -> None: ...  # expect: LC204
    """,
    "an alias that injects": """
        # app/services/carts.py
        from app.database import Db

        class CartService:
            def __init__(self, session: Db) -> None:  # expect: LC204
                self.session = session
    """,
    "a default that injects": """
        # app/services/carts.py
        from fastapi import Depends
        from app.database import get_db

        class CartService:
            def __init__(self, it=Depends(get_db)) -> None:  # expect: LC204
                self.it = it
    """,
    "what callers hand over": """
        # app/services/carts.py
        def show(it) -> None: ...  # expect: LC204
        # app/tasks.py
        from app.database import engine
        from app.services.carts import show
        from sqlalchemy.ext.asyncio import AsyncSession

        def run(session: AsyncSession) -> None:
            show(session)
    """,
    "a field of a dataclass": """
        # app/services/carts.py
        from dataclasses import dataclass
        from sqlalchemy.ext.asyncio import AsyncSession

        @dataclass
        class CartService:
            name: str
            session: AsyncSession  # expect: LC204
    """,
    "a connection": """
        # app/services/carts.py
        import asyncpg

        async def show(pool: asyncpg.Pool) -> None: ...  # expect: LC204
    """,
    "a call operator": """
        # app/services/carts.py
        from sqlalchemy.ext.asyncio import AsyncSession

        class AddToCartUseCase:
            async def __call__(self, db: AsyncSession) -> None: ...  # expect: LC204
    """,
}  # fmt: skip

NEAR_MISSES: dict[str, str] = {
    "a dict called db": """
        # app/services/carts.py
        class CartService:
            def __init__(self, db: dict[str, str]) -> None:
                self.db = db
    """,
    "a class called session": """
        # app/services/carts.py
        class CourseSession:
            def execute(self, text: str) -> str:
                return text

        class CartService:
            def __init__(self, session: CourseSession) -> None:
                self.session = session
    """,
    "repositories": """
        # app/services/carts.py
        from app.repositories.items import ItemRepository

        class CartService:
            def __init__(self, items: ItemRepository) -> None:
                self.items = items
    """,
    "a dict, whatever callers hand over": """
        # app/services/carts.py
        from typing import Any, Dict

        def show(data: Dict[str, Any]) -> None:
            print(data)
        # app/tasks.py
        from app.services.carts import show
        from sqlalchemy.ext.asyncio import AsyncSession

        def run(session: AsyncSession) -> None:
            show(session)
    """,
    "private methods and functions": """
        # app/services/carts.py
        from sqlalchemy.ext.asyncio import AsyncSession

        class CartService:
            async def _show(self, db: AsyncSession) -> None: ...

        async def _clear(db: AsyncSession) -> None: ...
    """,
    "a unit of work": """
        # app/services/carts.py
        from app.services.uow import UnitOfWork

        class CartService:
            def __init__(self, uow: UnitOfWork) -> None:
                self.uow = uow
        # app/services/uow.py
        from sqlalchemy.ext.asyncio import AsyncSession

        class UnitOfWork:
            def __init__(self, session: AsyncSession) -> None:
                self.session = session
            async def __aenter__(self) -> "UnitOfWork":
                return self
            async def __aexit__(self, *error: object) -> None:
                await self.session.rollback()
            async def commit(self) -> None:
                await self.session.commit()
            async def rollback(self) -> None: ...
    """,
    "other sessions": """
        # app/services/carts.py
        import aiohttp
        import requests
        from app.services.sessions import SessionService

        class CartService:
            session: requests.Session
            def __init__(
                self, session: aiohttp.ClientSession, db: dict[str, str], s: SessionService
            ) -> None: ...
        # app/services/sessions.py
        class SessionService: ...
    """,
    "a repository": """
        # app/repositories/carts.py
        from sqlalchemy.ext.asyncio import AsyncSession

        class CartRepository:
            def __init__(self, session: AsyncSession) -> None:
                self.session = session
    """,
    "a provider": """
        # app/wiring.py
        from fastapi import Depends
        from sqlalchemy.ext.asyncio import AsyncSession
        from app.database import get_db
        from app.repositories.items import ItemRepository
        from app.services.items import ItemService

        def items(session: AsyncSession = Depends(get_db)) -> ItemService:
            return ItemService(ItemRepository(session))
    """,
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


def test_the_whole_findings(tmp_path: Path) -> None:
    outcome = check(tmp_path, whole(HITS["methods"]), RULE)
    assert report(outcome) == [
        "warning app/services/carts.py:5:26 service CartService.show takes the AsyncSession `db`",
        "  app/services/carts.py:5 [service] session: CartService.show takes db",
        "  service: class name *Service",
        "  = app.services.carts.CartService.show AsyncSession",
        "warning app/services/carts.py:6:30 service CartService.clear takes the AsyncSession `db`",
        "  app/services/carts.py:6 [service] session: CartService.clear takes db",
        "  service: class name *Service",
        "  = app.services.carts.CartService.clear AsyncSession",
    ]
    assert {one.help for one in outcome.new} == {
        "take the repositories that need it, and let the provider hand them the session"
    }


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("a constructor", "service CartService takes the AsyncSession `session`"),
        ("a field of a dataclass", "service CartService keeps the AsyncSession `session`"),
        ("a function", "service show takes the Session `storage`"),
    ],
    ids=["constructor", "field", "function"],
)
def test_what_is_said(case: str, message: str, tmp_path: Path) -> None:
    assert [one.message for one in check(tmp_path, whole(HITS[case]), RULE).new] == [message]


SETTINGS: dict[str, dict[str, Any]] = {
    "services own the transaction": {"transaction-owner": "service"},
    "services and repositories own it": {"transaction-owner": ["service", "repository"]},
    "a preset": {"preset": "session-in-service"},
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_silent_by_settings(settings: dict[str, Any], tmp_path: Path) -> None:
    settings = settings if "preset" in settings else {**RULE, **settings}
    found_codes = {one.code for one in check(tmp_path, whole(HITS["a constructor"]), settings).new}
    assert "LC204" not in found_codes


def test_silent_without_repositories(tmp_path: Path) -> None:
    assert found(check(tmp_path, project(MODELS, DATABASE, HITS["methods"]), RULE)) == []
