"""Handlers that are left as they are, with the line and the reason."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from extracting import refusal

DATABASE = """\
from collections.abc import Iterator

from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine("sqlite://")


class Base(DeclarativeBase): ...


class Item(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    stock: Mapped[int]


def get_db() -> Iterator[Session]:
    with Session(engine) as session:
        yield session
"""
HEAD = """\
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.database import Item, get_db

app = FastAPI()


"""


def _app(root: Path, handler: str) -> None:
    (root / "pyproject.toml").write_text('[project]\nname = "example"\n')
    (root / "app").mkdir()
    (root / "app/__init__.py").write_text("")
    (root / "app/database.py").write_text(DATABASE)
    (root / "app/main.py").write_text(HEAD + textwrap.dedent(handler))


@pytest.mark.parametrize(
    ("handler", "reason"),
    [
        (
            """\
            @app.get("/")
            def take(db: Session = Depends(get_db)) -> list[int]:
                return [item.id for item in db.scalars(select(Item))]
            """,
            "GET / (take) is thin: there is nothing a service would add",
        ),
        (
            """\
            @app.get("/")
            def take(names: str) -> str:
                if names == "all":
                    names = "none"
                elif names == "some":
                    names = "all"
                return names
            """,
            "GET / (take) does not touch the database",
        ),
        (
            """\
            @app.post("/{number}")
            def take(number: int, request: Request, db: Session = Depends(get_db)) -> int:
                item = db.get(Item, number)
                if item.stock == 0:
                    raise HTTPException(409, "Out of stock")
                item.name = str(hash(request))
                db.commit()
                return item.stock
            """,
            "app/main.py:16: the rule of the business uses `request`, which belongs to HTTP",
        ),
        (
            """\
            @app.post("/{number}")
            def take(number: int, db: Session = Depends(get_db)) -> int:
                item = db.get(Item, number)
                if item.stock == 0:
                    raise HTTPException(409, "Out of stock")
                try:
                    item.stock -= 1
                    db.commit()
                except IntegrityError:
                    raise HTTPException(409, "Too late")
                return item.stock
            """,
            "app/main.py:19: it catches IntegrityError of the database",
        ),
        (
            """\
            @app.post("/{number}")
            def take(number: int, db: Session = Depends(get_db)) -> int:
                with db.begin():
                    item = db.get(Item, number)
                    if item.stock == 0:
                        raise HTTPException(409, "Out of stock")
                    item.stock -= 1
                return item.stock
            """,
            "app/main.py:13: it calls begin on the session",
        ),
        (
            """\
            @app.post("/{number}")
            def take(number: int, db: Session = Depends(get_db)) -> str:
                stock, name = db.execute(select(Item.stock, Item.name).where(Item.id == number)).one()
                if stock == 0:
                    name = "stock"
                return name
            """,
            "app/main.py:13: the type of what"
            " `db.execute(select(Item.stock, Item.name).where(Item.id ==...` gives is not known",
        ),
        (
            """\
            def taken(number: int, db: Session) -> Item:
                return db.get(Item, number)


            @app.post("/{number}")
            def take(number: int, db: Session = Depends(get_db)) -> int:
                item = taken(number, db)
                if item.stock == 0:
                    raise HTTPException(409, "Out of stock")
                item.stock -= 1
                db.commit()
                return item.stock
            """,
            "app/main.py:17: it hands the session to `taken`, which belongs to the router",
        ),
        (
            """\
            class Api:
                router = APIRouter()

                @router.post("/{number}")
                def take(self, number: int, db: Session = Depends(get_db)) -> int:
                    item = db.get(Item, number)
                    if item.stock == 0:
                        raise HTTPException(409, "Out of stock")
                    item.stock -= 1
                    db.commit()
                    return item.stock


            app.include_router(Api.router)
            """,
            "app/main.py:15: the handler is a method of Api; only functions are extracted",
        ),
        (
            """\
            @app.post("/{number}")
            def take(number: int, db: Session = Depends(get_db)) -> int:
                item = db.get(Item, number)
                if item.stock == 0:
                    raise HTTPException(409, "Out of stock")
                item.stock -= 1
                db.commit()
                return item.stock


            @app.post("/{number}/again")
            def take_again(number: int, db: Session = Depends(get_db)) -> int:
                return take(number, db)
            """,
            "app/main.py:12: app.main.take_again calls the handler, and hands it the session",
        ),
        (
            """\
            LIMIT = 3


            @app.post("/{number}")
            def take(number: int, db: Session = Depends(get_db)) -> int:
                item = db.get(Item, number)
                if item.stock < LIMIT:
                    raise HTTPException(409, "Out of stock")
                item.stock -= 1
                db.commit()
                return item.stock
            """,
            "app/main.py:17: it needs `LIMIT` of this file; move that to a module of its own first",
        ),
    ],
    ids=[
        "thin", "no database", "request", "database error", "own transaction", "rows of columns",
        "helper beside it", "method", "called by another", "constant beside it",
    ],
)  # fmt: skip
def test_a_handler_is_refused_as_a_whole(tmp_path: Path, handler: str, reason: str) -> None:
    _app(tmp_path, handler)
    files = sorted(tmp_path.rglob("*"))
    before = (tmp_path / "app/main.py").read_text()
    assert refusal(tmp_path, "app/main.py::take") == reason
    assert (tmp_path / "app/main.py").read_text() == before
    assert [one for one in sorted(tmp_path.rglob("*")) if ".layercheck_cache" not in one.parts] == files


def test_a_name_that_is_no_handler(tmp_path: Path) -> None:
    _app(tmp_path, '@app.get("/")\ndef show() -> int:\n    return 1\n')
    expected = "app/main.py has no route handler shwo; it has show"
    assert refusal(tmp_path, "app/main.py::shwo") == expected
    assert refusal(tmp_path, "app/database.py::show") == "app/database.py has no route handlers"
