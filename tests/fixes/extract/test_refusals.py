"""Handlers that are left as they are, with the line and the reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from extracting import refusal, small_app


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
                except IntegrityError as error:
                    print(error)
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
            def take(number: int, db: Session = Depends(get_db)) -> list[str]:
                names = list(db.execute(select(Item).where(Item.id == number)).keys())
                if number == 0:
                    names = ["stock"]
                elif number < 0:
                    raise HTTPException(422, "No number")
                return names
            """,
            "app/main.py:13: the type of what"
            " `list(db.execute(select(Item).where(Item.id == number)).ke...` gives is not known",
        ),
        (
            """\
            def taken(number: int, db: Session) -> Item:
                item = db.get(Item, number)
                item.stock -= 1
                db.commit()
                return item


            @app.post("/{number}")
            def take(number: int, db: Session = Depends(get_db)) -> int:
                item = taken(number, db)
                if item.stock == 0:
                    raise HTTPException(409, "Out of stock")
                return item.stock
            """,
            "app/main.py:14: `taken`, which is handed the session, commits",
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
            class ItemRepository:
                def __init__(self, db: Session = Depends(get_db)) -> None:
                    self._db = db

                def get(self, number: int) -> Item | None:
                    return self._db.get(Item, number)


            @app.post("/{number}")
            def take(number: int, items: ItemRepository = Depends()) -> int:
                item = items.get(number)
                if item is None:
                    raise HTTPException(404, "No such item")
                elif item.stock == 0:
                    raise HTTPException(409, "Out of stock")
                return item.stock
            """,
            "POST /{number} (take) takes ItemRepository and no session: there are no queries to move",
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
        "thin", "no database", "request", "database error", "own transaction", "unknown type",
        "helper that commits", "method", "called by another", "repository", "constant beside it",
    ],
)  # fmt: skip
def test_a_handler_is_refused_as_a_whole(tmp_path: Path, handler: str, reason: str) -> None:
    small_app(tmp_path, handler)
    files = sorted(tmp_path.rglob("*"))
    before = (tmp_path / "app/main.py").read_text()
    assert refusal(tmp_path, "app/main.py::take") == reason
    assert (tmp_path / "app/main.py").read_text() == before
    assert [one for one in sorted(tmp_path.rglob("*")) if ".layercheck_cache" not in one.parts] == files


def test_a_name_that_is_no_handler(tmp_path: Path) -> None:
    small_app(tmp_path, '@app.get("/")\ndef show() -> int:\n    return 1\n')
    expected = "app/main.py has no route handler shwo; it has show"
    assert refusal(tmp_path, "app/main.py::shwo") == expected
    assert refusal(tmp_path, "app/database.py::show") == "app/database.py has no route handlers"
