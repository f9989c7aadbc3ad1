"""Things that are only called like what rules look for: nothing is found in any of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from small_projects import check, found

LAYERS = """
    # app/api/items.py
    from typing import Annotated
    from fastapi import APIRouter, Depends
    from app.services.items import ItemService
    router = APIRouter()
    @router.post("/items")
    async def create(name: str, service: Annotated[ItemService, Depends()]) -> str:
        return await service.create(name)
"""

LOOKALIKES = {
    "a dict called db": """
        # app/services/items.py
        class ItemService:
            def __init__(self) -> None:
                self.db: dict[str, str] = {}
            async def create(self, name: str) -> str:
                self.db.update({name: name})
                return self.db.get(name) or name
    """,
    "a command bus that executes": """
        # app/bus.py
        class CommandBus:
            async def execute(self, command: str) -> str:
                return command
            async def commit(self) -> None: ...
        # app/services/items.py
        from app.bus import CommandBus
        class ItemService:
            def __init__(self) -> None:
                self.session = CommandBus()
            async def create(self, name: str) -> str:
                result = await self.session.execute(name)
                await self.session.commit()
                return result
    """,
    "an HTTPException of another library, that is caught": """
        # app/services/items.py
        import werkzeug.exceptions
        class ItemService:
            async def create(self, name: str) -> str:
                try:
                    raise werkzeug.exceptions.HTTPException("no")
                except werkzeug.exceptions.HTTPException:
                    return name
    """,
    "a class of the project called HTTPException, that is caught": """
        # app/exceptions.py
        class HTTPException(Exception):
            def __init__(self, status_code: int) -> None:
                self.status_code = status_code
        # app/services/items.py
        from app.exceptions import HTTPException
        class ItemService:
            async def create(self, name: str) -> str:
                try:
                    raise HTTPException(404)
                except HTTPException:
                    return name
    """,
    "a service called SessionService": """
        # app/services/sessions.py
        class SessionService:
            async def add(self, name: str) -> str:
                return name
            async def commit(self) -> None: ...
        # app/services/items.py
        from app.services.sessions import SessionService
        class ItemService:
            def __init__(self) -> None:
                self.session = SessionService()
            async def create(self, name: str) -> str:
                await self.session.commit()
                return await self.session.add(name)
    """,
    "Depends in a test": """
        # app/services/items.py
        class ItemService:
            async def create(self, name: str) -> str:
                return name
        # tests/test_items.py
        from fastapi import Depends, HTTPException
        from sqlalchemy.orm import Session
        class FakeItemService:
            def __init__(self, session: Session = Depends(Session)) -> None:
                self.session = session
            async def create(self, name: str) -> str:
                self.session.commit()
                raise HTTPException(404)
    """,
    "a commit on a git object": """
        # app/repositories/pages.py
        import git
        class PageRepository:
            def __init__(self, repo: git.Repo) -> None:
                self.repo = repo
            def save(self, message: str) -> str:
                self.repo.index.commit(message)
                return message
        # app/services/items.py
        import git
        from app.repositories.pages import PageRepository
        class ItemService:
            def __init__(self) -> None:
                self.pages = PageRepository(git.Repo("."))
            async def create(self, name: str) -> str:
                return self.pages.save(name)
    """,
}


@pytest.mark.parametrize("text", LOOKALIKES.values(), ids=LOOKALIKES)
def test_nothing_is_found(text: str, tmp_path: Path) -> None:
    everything = {"select": ["LC1", "LC2", "LC3", "LC4", "LC5", "LC601", "LC602", "LC603"]}
    assert found(check(tmp_path, LAYERS + text, everything)) == []
