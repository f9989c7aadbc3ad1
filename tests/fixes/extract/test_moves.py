"""What moves along with a handler, and in which shape: helpers, database errors, columns, shared queries."""

from __future__ import annotations

from pathlib import Path

import pytest
from extracting import Request, extracted, refusal, replay, small_app

from layercheck.frontends.extract_run import Extracted


def _text(done: Extracted, path: str, after: str) -> str:
    """Return what stands in a file behind a line."""
    head, line, rest = done.contents[path].decode().partition(f"{after}\n")
    assert line, head
    return rest.strip("\n")


HELPER = """\
def item_or_404(db: Session, number: int) -> Item:
    item = db.get(Item, number)
    if item is None:
        raise HTTPException(404, f"No item {number}")
    return item


@app.post("/{number}")
def take(number: int, db: Session = Depends(get_db)) -> int:
    item = item_or_404(db, number)
    if item.stock == 0:
        raise HTTPException(409, "Out of stock")
    item.stock -= 1
    db.commit()
    return item.stock
"""
SHOW = """

@app.get("/{number}")
def show(number: int, db: Session = Depends(get_db)) -> str:
    return item_or_404(db=db, number=number).name
"""
TAKEN = """\
@app.post("/{number}")
def take(number: int, service: ItemService = Depends(get_item_service)) -> int:
    try:
        return service.take(number)
    except OutOfStock as error:
        raise HTTPException(409, "Out of stock") from error
    except ItemNotFound as error:
        raise HTTPException(404, str(error)) from error"""


def test_a_helper_that_is_handed_the_session_becomes_a_method_of_the_service(tmp_path: Path) -> None:
    small_app(tmp_path, HELPER)
    done = extracted(tmp_path, "app/main.py::take")
    assert _text(done, "app/main.py", "app = FastAPI()") == TAKEN
    assert (
        _text(done, "app/services/items.py", "        self._unit_of_work = unit_of_work")
        == """\
    def take(self, number: int) -> int:
        item = self._item_or_404(number)
        if item.stock == 0:
            raise OutOfStock
        item.stock -= 1
        self._unit_of_work.commit()
        return item.stock

    def _item_or_404(self, number: int) -> Item:
        item = self._items.get(number)
        if item is None:
            raise ItemNotFound(f"No item {number}")
        return item"""
    )


def test_a_helper_others_call_stays_and_its_method_is_used_again(tmp_path: Path) -> None:
    more = SHOW.replace(
        "    return", '    if number < 0:\n        raise HTTPException(422, "No number")\n    return'
    )
    more = more.replace("    if number < 0", "    if number == 0:\n        number = 1\n    elif number < 0")
    small_app(tmp_path, HELPER + more)
    done = extracted(tmp_path, "app/main.py::take")
    helper = HELPER.partition("@app")[0]
    assert _text(done, "app/main.py", "app = FastAPI()") == helper + TAKEN + "\n" + more.rstrip("\n")
    done.write()
    again = extracted(tmp_path, "app/main.py::show")
    service = again.contents["app/services/items.py"].decode()
    assert service.count("def _item_or_404") == 1
    assert service.endswith("        return self._item_or_404(number=number).name\n")
    assert "def item_or_404" not in again.contents["app/main.py"].decode()


@pytest.mark.parametrize(
    ("helper", "reason"),
    [
        (
            "def found(db: Session, *numbers: int) -> Item | None:\n    return db.get(Item, numbers[0])\n",
            "app/main.py:17: it hands the session to `found`, which takes any arguments",
        ),
        (
            "def found(db: Session, number: int) -> Item | None:\n"
            "    return next(one for one in (lambda: db.get(Item, number),))()\n",
            "app/main.py:12: the type of what `db.get(Item, number)` gives is not known",
        ),
        (
            "def found(db: Session, number: int) -> Item | None:\n"
            "    item = db.get(Item, number)\n    db.commit()\n    return item\n",
            "app/main.py:13: `found`, which is handed the session, commits",
        ),
        (
            "def found(db: Session, number: int) -> Item | None:\n"
            "    return db.get(Item, number) or found(db, number + 1)\n",
            "app/main.py:12: `found` calls itself",
        ),
    ],
    ids=["any arguments", "lambda", "commits", "itself"],
)
def test_a_helper_that_is_no_plain_function_stays(tmp_path: Path, helper: str, reason: str) -> None:
    handler = """

@app.post("/{number}")
def take(number: int, db: Session = Depends(get_db)) -> int:
    item = found(db, number)
    if item is None:
        raise HTTPException(404, "No such item")
    elif item.stock == 0:
        raise HTTPException(409, "Out of stock")
    return item.stock
"""
    small_app(tmp_path, helper + handler)
    assert refusal(tmp_path, "app/main.py::take") == reason


RENAME = """\
@app.post("/{number}")
def take(number: int, name: str, db: Session = Depends(get_db)) -> int:
    item = db.get(Item, number)
    if item is None:
        raise HTTPException(404, "No such item")
    if item.name == name:
        raise HTTPException(422, "It is called so")
    try:
        item.name = name
        db.commit()
    except IntegrityError:
        raise HTTPException(409, f"{name} is taken")
    return item.stock
"""


def test_an_error_of_the_database_becomes_one_of_the_business_in_the_repository(tmp_path: Path) -> None:
    small_app(tmp_path, RENAME)
    done = extracted(tmp_path, "app/main.py::take")
    assert (
        _text(done, "app/repositories/items.py", "        return self._session.get(Item, number)")
        == """\
    def save(self, item: Item) -> None:
        try:
            self._session.add(item)
            self._session.flush()
        except IntegrityError as error:
            raise ItemConflict from error"""
    )
    assert (
        done.contents["app/services/items.py"]
        .decode()
        .endswith("""\
            raise CalledSo
        item.name = name
        self._items.save(item)
        self._unit_of_work.commit()
        return item.stock
""")
    )
    assert (
        done.contents["app/main.py"]
        .decode()
        .endswith("""\
    except ItemConflict as error:
        raise HTTPException(409, f"{name} is taken") from error
""")
    )


def test_a_rollback_before_such_an_error_is_left_to_the_service(tmp_path: Path) -> None:
    small_app(tmp_path, RENAME.replace("IntegrityError:\n", "IntegrityError:\n        db.rollback()\n"))
    done = extracted(tmp_path, "app/main.py::take")
    assert (
        done.contents["app/services/items.py"]
        .decode()
        .endswith("""\
        try:
            item.name = name
            self._items.save(item)
            self._unit_of_work.commit()
        except ItemConflict:
            self._unit_of_work.rollback()
            raise
        return item.stock
""")
    )
    assert "    def rollback(self) -> None:\n" in done.contents["app/unit_of_work.py"].decode()


@pytest.mark.parametrize(
    "clause",
    [
        """\
    except IntegrityError as error:
        print(error)
        raise HTTPException(409, "Taken")
""",
        """\
    except IntegrityError as error:
        raise HTTPException(409, str(error))
""",
        """\
    except IntegrityError:
        raise HTTPException(409, "Taken")
    finally:
        print(name)
""",
    ],
    ids=["more is done", "told of the error", "finally"],
)
def test_other_clauses_for_errors_of_the_database_are_refused(tmp_path: Path, clause: str) -> None:
    head, _, rest = RENAME.partition("    except IntegrityError")
    small_app(tmp_path, head + clause + "    return item.stock\n")
    assert "it catches IntegrityError of the database" in refusal(tmp_path, "app/main.py::take")


def test_constraints_that_are_checked_at_the_end_keep_the_clause_where_it_is(tmp_path: Path) -> None:
    small_app(tmp_path, RENAME)
    tables = tmp_path / "app/database.py"
    tables.write_text(tables.read_text() + "\n\nNAMES = UniqueConstraint(Item.name, deferrable=True)\n")
    reason = "app/main.py:21: it catches IntegrityError of the database"
    assert refusal(tmp_path, "app/main.py::take") == reason


def test_a_single_column_has_the_type_of_the_column(tmp_path: Path) -> None:
    small_app(
        tmp_path,
        """\
        @app.get("/")
        def take(least: int, db: Session = Depends(get_db)) -> list[str]:
            names = db.scalars(select(Item.name).where(Item.stock >= least)).all()
            if least < 0:
                raise HTTPException(422, "Less than nothing")
            elif not names:
                raise HTTPException(404, "Nothing left")
            names = [name.title() for name in names]
            return names
        """,
    )
    done = extracted(tmp_path, "app/main.py::take")
    assert (
        _text(done, "app/repositories/items.py", "        self._session = session")
        == """\
    def list_names(self, least: int) -> list[str]:
        return list(self._session.scalars(select(Item.name).where(Item.stock >= least)).all())"""
    )


def test_a_query_that_is_asked_twice_is_made_by_each_method(tmp_path: Path) -> None:
    small_app(
        tmp_path,
        """\
        @app.delete("/{number}")
        def take(number: int, db: Session = Depends(get_db)) -> Response:
            query = db.query(Item).filter(Item.id == number)
            item = query.first()
            if item is None:
                raise HTTPException(404, "No such item")
            if item.stock > 0:
                raise HTTPException(409, "Still in stock")
            query.delete()
            db.commit()
            return Response(status_code=204)
        """,
    )
    done = extracted(tmp_path, "app/main.py::take")
    assert (
        _text(done, "app/repositories/items.py", "        self._session = session")
        == """\
    def get_by_id(self, number: int) -> Item | None:
        query = self._session.query(Item).filter(Item.id == number)
        return query.first()

    def delete_by_id(self, number: int) -> None:
        query = self._session.query(Item).filter(Item.id == number)
        query.delete()"""
    )
    assert done.contents["app/main.py"].decode().endswith("    return Response(status_code=204)\n")


def test_a_query_whose_parts_change_on_the_way_is_refused(tmp_path: Path) -> None:
    small_app(
        tmp_path,
        """\
        @app.delete("/{number}")
        def take(number: int, db: Session = Depends(get_db)) -> Response:
            query = db.query(Item).filter(Item.id == number)
            item = query.first()
            if item is None:
                raise HTTPException(404, "No such item")
            if item.stock > 0:
                raise HTTPException(409, "Still in stock")
            number = 0
            query.delete()
            db.commit()
            return Response(status_code=204)
        """,
    )
    assert (
        refusal(tmp_path, "app/main.py::take") == "app/main.py:15: this stands between the parts of a query"
    )


LIFTED = """\
@app.get("/")
def take(least: int, db: Session = Depends(get_db)) -> dict[str, object]:
    if least < 0:
        raise HTTPException(422, "Less than nothing")
    elif least > 9:
        raise HTTPException(422, "More than there is")
    least = max(least, 1)
    return {"least": least, "items": db.scalars(select(Item).where(Item.stock >= least)).all()}
"""


def test_a_query_inside_of_an_answer_moves_and_the_answer_stays(tmp_path: Path) -> None:
    small_app(tmp_path, LIFTED)
    done = extracted(tmp_path, "app/main.py::take")
    main = done.contents["app/main.py"].decode()
    assert main.endswith('    return {"least": least, "items": items}\n')
    assert "        least, items = service.take(least)\n" in main
    assert (
        _text(done, "app/repositories/items.py", "        self._session = session")
        == """\
    def list_some(self, least: int) -> list[Item]:
        return list(self._session.scalars(select(Item).where(Item.stock >= least)).all())"""
    )


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ('{"at": str(least), "items": db.scalars(select(Item)).all()}', "a call before it"),
        ('{"items": db.scalars(select(Item)).all() if least else []}', "asked under a condition"),
    ],
)
def test_a_query_is_not_lifted_over_what_comes_first(tmp_path: Path, answer: str, text: str) -> None:
    small_app(tmp_path, LIFTED[: LIFTED.index("    return")] + f"    return {answer}\n")
    done = extracted(tmp_path, "app/main.py::take")
    assert "return service.take(least)\n" in done.contents["app/main.py"].decode(), text


def test_an_early_answer_that_is_an_error_becomes_an_exception(tmp_path: Path) -> None:
    small_app(
        tmp_path,
        """\
        @app.post("/{number}")
        def take(number: int, db: Session = Depends(get_db)) -> object:
            item = db.get(Item, number)
            if item is None:
                return {"failed": "no such item"}
            if item.stock == 0:
                return {"failed": "out of stock"}
            item.stock -= 1
            db.commit()
            return {"left": item.stock}
        """,
    )
    done = extracted(tmp_path, "app/main.py::take")
    assert (
        _text(done, "app/main.py", "app = FastAPI()")
        == """\
@app.post("/{number}")
def take(number: int, service: ItemService = Depends(get_item_service)) -> object:
    try:
        item = service.take(number)
    except NoItem:
        return {"failed": "no such item"}
    except OutOfStock:
        return {"failed": "out of stock"}
    return {"left": item.stock}"""
    )


def test_handlers_of_errors_are_registered_beside_others_in_a_function(tmp_path: Path) -> None:
    small_app(tmp_path, RENAME.partition("    try:")[0] + "    return item.stock\n")
    main = tmp_path / "app/main.py"
    main.write_text(
        main.read_text()
        .replace("app = FastAPI()\n", "app = FastAPI()\nregister(app)\n")
        .replace("from app.database", "from app.errors import register\nfrom app.database")
    )
    (tmp_path / "app/exceptions.py").write_text("class Gone(Exception): ...\n")
    (tmp_path / "app/errors.py").write_text("""\
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from app.exceptions import Gone


def register(app: FastAPI) -> None:
    @app.exception_handler(Gone)
    async def handle_gone(request: Request, error: Gone) -> JSONResponse:
        return JSONResponse({"detail": "Gone"}, status_code=410)
""")
    done = extracted(tmp_path, "app/main.py::take", {"error-mapping": "handlers"})
    assert (
        _text(done, "app/errors.py", '        return JSONResponse({"detail": "Gone"}, status_code=410)')
        == """\
    @app.exception_handler(ItemNotFound)
    async def handle_item_not_found(request: Request, error: ItemNotFound) -> JSONResponse:
        return JSONResponse({"detail": "No such item"}, status_code=404)

    @app.exception_handler(CalledSo)
    async def handle_called_so(request: Request, error: CalledSo) -> JSONResponse:
        return JSONResponse({"detail": "It is called so"}, status_code=422)"""
    )


def test_rows_of_several_columns_are_anything(tmp_path: Path) -> None:
    small_app(
        tmp_path,
        """\
        @app.get("/")
        def take(least: int, db: Session = Depends(get_db)) -> list[str]:
            rows = db.execute(select(Item.name, Item.stock).where(Item.stock >= least)).all()
            if least < 0:
                raise HTTPException(422, "Less than nothing")
            elif not rows:
                raise HTTPException(404, "Nothing left")
            return [f"{name}: {stock}" for name, stock in rows]
        """,
    )
    done = extracted(tmp_path, "app/main.py::take")
    assert (
        "    def list_some(self, least: int) -> list[Any]:\n"
        in done.contents["app/repositories/items.py"].decode()
    )


RUNNING = """\
import os
from collections.abc import Iterator

from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine(os.environ["DATABASE_URL"])


class Base(DeclarativeBase): ...


class Item(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    stock: Mapped[int]


def get_db() -> Iterator[Session]:
    with Session(engine) as session:
        yield session


Base.metadata.create_all(engine)
"""
ROUTES = """\
def item_or_404(db: Session, number: int) -> Item:
    item = db.get(Item, number)
    if item is None:
        raise HTTPException(404, f"No item {number}")
    return item


@app.post("/items/{name}")
def add(name: str, stock: int = 1, db: Session = Depends(get_db)) -> dict[str, object]:
    item = Item(name=name, stock=stock)
    if stock == 0:
        raise HTTPException(422, "Nothing to add")
    elif stock < 0:
        raise HTTPException(422, "Less than nothing")
    try:
        db.add(item)
        db.commit()
        db.refresh(item)
    except IntegrityError:
        db.rollback()
        raise HTTPException(409, f"{name} is there already")
    return {"number": item.id, "name": item.name}


@app.put("/items/{number}")
def rename(number: int, name: str, db: Session = Depends(get_db)) -> dict[str, object]:
    item = item_or_404(db, number)
    if item.name == name:
        raise HTTPException(422, "It is called so")
    try:
        item.name = name
        db.commit()
    except IntegrityError:
        raise HTTPException(409, "Another one is called so")
    return {"name": item.name}


@app.delete("/items/{number}")
def remove(number: int, db: Session = Depends(get_db)) -> Response:
    query = db.query(Item).filter(Item.id == number)
    item = query.first()
    if item is None:
        raise HTTPException(404, "No such item")
    if item.stock > 1:
        raise HTTPException(409, "Still in stock")
    query.delete()
    db.commit()
    return Response(status_code=204)


@app.get("/names")
def names(least: int = 0, db: Session = Depends(get_db)) -> dict[str, object]:
    if least < 0:
        raise HTTPException(422, "Less than nothing")
    elif least > 9:
        raise HTTPException(422, "More than there is")
    wanted = select(Item.name).where(Item.stock >= least)
    return {"least": least, "names": db.scalars(wanted.order_by(Item.name)).all()}
"""
REQUESTS: list[Request] = [
    ("POST", "/items/tea", None, None),
    ("POST", "/items/tea", None, None),
    ("POST", "/items/milk?stock=3", None, None),
    ("POST", "/items/air?stock=0", None, None),
    ("GET", "/names", None, None),
    ("GET", "/names?least=2", None, None),
    ("GET", "/names?least=-1", None, None),
    ("PUT", "/items/1?name=milk", None, None),
    ("PUT", "/items/1?name=tea", None, None),
    ("PUT", "/items/1?name=green tea", None, None),
    ("PUT", "/items/9?name=tea", None, None),
    ("DELETE", "/items/2", None, None),
    ("DELETE", "/items/1", None, None),
    ("DELETE", "/items/1", None, None),
    ("GET", "/names", None, None),
]


def test_all_of_it_answers_as_before(tmp_path: Path) -> None:
    small_app(tmp_path, ROUTES)
    (tmp_path / "app/database.py").write_text(RUNNING)
    before = replay(tmp_path, REQUESTS, "sqlite")
    assert [answer[2] for answer in before["answers"]] == [
        200, 409, 200, 422, 200, 200, 422, 409, 422, 200, 404, 409, 204, 404, 200,
    ]  # fmt: skip
    for handler in ("add", "rename", "remove", "names"):
        extracted(tmp_path, f"app/main.py::{handler}").write()
        assert replay(tmp_path, REQUESTS, "sqlite") == before, handler
    main = (tmp_path / "app/main.py").read_text()
    assert "Session" not in main
    assert "item_or_404" not in main


def test_what_another_root_holds_is_not_used(tmp_path: Path) -> None:
    small_app(tmp_path, HELPER)
    other = tmp_path / "charm/lib/thing"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text("")
    (other / "exceptions.py").write_text(
        "class ThingError(Exception): ...\n\n\n"
        "class ItemNotFound(ThingError): ...\n\n\nclass Gone(ThingError): ...\n"
    )
    (tmp_path / "charm/run.py").write_text(
        "from thing.exceptions import Gone\n\n\ndef run() -> None:\n    raise Gone\n"
    )
    done = extracted(tmp_path, "app/main.py::take")
    assert "from thing" not in done.contents["app/exceptions.py"].decode()
    assert "class ItemNotFound(Exception):\n" in done.contents["app/exceptions.py"].decode()


SEARCH = """\
@app.get("/")
def take(words: str, db: Session = Depends(get_db)) -> dict[str, object]:
    query = select(Item).order_by(Item.name)
    filters = []
    for word in words.split():
        filters.append(Item.name.contains(word))
    if filters:
        query = query.where(*filters)
    items = db.scalars(query).all()
    return {"items": items}
"""


def test_what_a_query_is_made_of_moves_with_it(tmp_path: Path) -> None:
    small_app(tmp_path, SEARCH)
    done = extracted(tmp_path, "app/main.py::take")
    assert (
        _text(done, "app/repositories/items.py", "        self._session = session")
        == """\
    def list_items(self, words: str) -> list[Item]:
        query = select(Item).order_by(Item.name)
        filters = []
        for word in words.split():
            filters.append(Item.name.contains(word))
        if filters:
            query = query.where(*filters)
        items = list(self._session.scalars(query).all())
        return items"""
    )


def test_what_others_use_of_a_query_is_handed_to_it(tmp_path: Path) -> None:
    small_app(tmp_path, SEARCH.replace('{"items": items}', '{"items": items, "filters": len(filters)}'))
    done = extracted(tmp_path, "app/main.py::take")
    service = done.contents["app/services/items.py"].decode()
    assert "            filters.append(Item.name.contains(word))\n" in service
    assert "        items = self._items.list_some(filters)\n" in service


def test_what_is_changed_in_a_block_is_flushed_and_not_named(tmp_path: Path) -> None:
    small_app(
        tmp_path,
        """\
        @app.post("/{number}")
        def take(number: int, db: Session = Depends(get_db)) -> dict[str, int]:
            item = None
            if number > 0:
                item = db.get(Item, number)
                if item is not None:
                    item.stock -= 1
            if number < 0:
                raise HTTPException(422, "No number")
            db.flush()
            left = len(db.scalars(select(Item)).all())
            db.commit()
            return {"left": left}
        """,
    )
    done = extracted(tmp_path, "app/main.py::take")
    assert "        self._items.flush()\n" in done.contents["app/services/items.py"].decode()


def test_a_helper_is_not_taken_along_where_errors_of_the_database_are_caught(tmp_path: Path) -> None:
    handler = RENAME.replace(
        "        item.name = name\n", "        item.name = name\n        item_or_404(db, 1)\n"
    )
    small_app(tmp_path, HELPER.partition("@app")[0] + handler)
    reason = "app/main.py:27: it hands the session to `item_or_404` where it catches IntegrityError"
    assert refusal(tmp_path, "app/main.py::take") == reason
