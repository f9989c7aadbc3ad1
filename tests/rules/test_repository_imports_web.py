"""LC301: repositories and entities that know the web framework."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from small_projects import check, expected, found, report

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "a repository names a request": ("""
        # app/repositories/a.py
        from fastapi import Request  # expect: LC301
        class ARepository:
            def log(self, request: Request) -> None: ...
    """, {}),
    "an entity uses an encoder of its own": ("""
        # app/models.py
        from fastapi import Response  # expect: LC301
        from sqlalchemy.orm import DeclarativeBase
        class Base(DeclarativeBase): ...
        class User(Base):
            def answer(self) -> Response:
                return Response()
    """, {}),
    "a database module names a request": ("""
        # app/database.py
        from fastapi import Request  # expect: LC301
        from sqlalchemy import create_engine
        engine = create_engine("sqlite://")
        def url(request: Request) -> str:
            return ""
    """, {}),
    "a repository raises": ("""
        # app/repositories/a.py
        from fastapi import HTTPException, status
        class ARepository:
            def get(self) -> None:
                raise HTTPException(status.HTTP_404_NOT_FOUND)  # expect: LC301
    """, {}),
    "below a service it is told once": ("""
        # app/repositories/a.py
        from fastapi import HTTPException
        class ARepository:
            def get(self) -> None:
                raise HTTPException(404)  # expect: LC301
        # app/services/a.py
        from app.repositories.a import ARepository
        class AService:
            def __init__(self, repository: ARepository) -> None:
                self.repository = repository
            def get(self) -> None:
                self.repository.get()
    """, {}),
    "providers must leave by the settings": ("""
        # app/database.py
        from fastapi import Depends  # expect: LC301
        from sqlalchemy import create_engine
        engine = create_engine("sqlite://")
        def url() -> str:
            return ""
        marker = Depends(url)
    """, {"rules": {"LC301": {"providers-in-database": False}}}),
    "a repository in a router's module": ("""
        # app/api/a.py
        from fastapi import APIRouter, Response  # expect: LC301
        router = APIRouter()
        class ARepository:
            def get(self) -> object:
                return Response()
    """, {}),
    "a middleware that keeps the session": ("""
        # app/database.py
        from fastapi import Request
        from sqlalchemy import create_engine
        from sqlalchemy.orm import sessionmaker
        make = sessionmaker(create_engine("sqlite://"))
        async def keep(request: Request, call_next):
            with make() as request.state.db:
                return await call_next(request)
    """, {}),
    "a repository that says nothing": ("""
        # app/repositories/a.py
        class ARepository:
            def get(self) -> int | None:
                return None
    """, {}),
    "an allowed name": ("""
        # app/repositories/a.py
        from fastapi.encoders import jsonable_encoder
        def dump() -> object:
            return jsonable_encoder({})
    """, {}),
    "an allowed name of the settings": ("""
        # app/repositories/a.py
        from fastapi import Request
        def log(request: Request) -> None: ...
    """, {"rules": {"LC301": {"allowed-web-names": ["Request"]}}}),
    "only type checkers import": ("""
        # app/repositories/a.py
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from fastapi import Request
        def log(request: "Request") -> None: ...
    """, {}),
    "a provider in the database module": ("""
        # app/database.py
        from typing import Annotated
        from fastapi import Depends, Request
        from sqlalchemy import create_engine
        engine = create_engine("sqlite://")
        def get_db(request: Request) -> int:
            return 1
        Db = Annotated[int, Depends(get_db)]
        # app/api/a.py
        from fastapi import APIRouter
        from app.database import Db
        router = APIRouter()
        @router.get("/")
        def show(db: Db) -> None: ...
    """, {}),
    "Depends in a repository is another rule's": ("""
        # app/repositories/a.py
        from fastapi import Depends
        def provide() -> int: return 1
        class ARepository:
            def __init__(self, number: int = Depends(provide)) -> None: ...
    """, {}),
    "a domain exception": ("""
        # app/repositories/a.py
        class Gone(Exception): ...
        class ARepository:
            def get(self) -> None:
                raise Gone
    """, {}),
    "caught where it is raised": ("""
        # app/repositories/a.py
        from fastapi import HTTPException
        class ARepository:
            def get(self) -> None:
                try:
                    raise HTTPException(404)
                except HTTPException:
                    pass
    """, {}),
    "a service is another rule's": ("""
        # app/services/a.py
        from fastapi import HTTPException, Request
        def load(request: Request) -> None:
            raise HTTPException(404)
    """, {}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "settings"), CASES.values(), ids=CASES)
def test_places(text: str, settings: dict[str, Any], tmp_path: Path) -> None:
    assert found(check(tmp_path, text, {"select": ["LC301"], **settings})) == expected(text)


def test_what_it_says(tmp_path: Path) -> None:
    text = """
        # app/repositories/items.py
        import fastapi


        class ItemRepository:
            def search(self, request: fastapi.Request) -> None:
                if not request.query_params:
                    raise fastapi.HTTPException(404)
                raise fastapi.HTTPException(400)
    """
    assert report(check(tmp_path, text, {"select": ["LC301"]})) == [
        "error app/repositories/items.py:2:1 repository `ItemRepository.search` uses `Request`"
        " of the web framework, imported here",
        "  app/repositories/items.py:2 [repository] import: app.repositories.items -> fastapi.Request",
        "  repository: class name *Repository",
        "  = app.repositories.items.ItemRepository.search fastapi.Request",
        "error app/repositories/items.py:8:13 repository `ItemRepository.search` raises HTTPException(404)",
        "  app/repositories/items.py:8 [repository] raise: raise HTTPException(404)",
        "  also app/repositories/items.py:9",
        "  repository: class name *Repository",
        "  = app.repositories.items.ItemRepository.search HTTPException",
    ]
