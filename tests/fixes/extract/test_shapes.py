"""What becomes of a handler under the settings and habits of a project."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest
from extracting import extracted

from layercheck.fixes.code import Refused

ONE_FILE = """\
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Sessions = async_sessionmaker(create_async_engine("sqlite+aiosqlite://"))
app = FastAPI()


class Base(DeclarativeBase): ...


class Item(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    stock: Mapped[int]


async def get_db() -> AsyncIterator[AsyncSession]:
    async with Sessions() as session:
        yield session


Db = Annotated[AsyncSession, Depends(get_db)]


"""
TAKE = """\
@app.post("/items/{number}")
async def take(number: int, db: Db) -> int:
    result = await db.execute(select(Item).where(Item.id == number))
    item = result.scalar_one_or_none()
    if item is None:
        raise HTTPException(404, f"No item {number}")
    if item.stock == 0:
        raise HTTPException(409, detail="Out of stock", headers={"Retry-After": "60"})
    item.stock -= 1
    await db.commit()
    return item.stock
"""
ERRORS = '''\
class ItemNotFound(Exception):
    """Item not found."""


class OutOfStock(Exception):
    """Out of stock."""


'''
REPOSITORY = """\
class ItemRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get_by_id(self, number: int) -> Item | None:
        result = await self._session.execute(select(Item).where(Item.id == number))
        return result.scalar_one_or_none()
"""
TAKEN = """\
@app.post("/items/{number}")
async def take(number: int, service: ItemServiceDep) -> int:
    try:
        return await service.take(number)
    except ItemNotFound as error:
        raise HTTPException(404, f"No item {number}") from error
    except OutOfStock as error:
        raise HTTPException(
            409, detail="Out of stock", headers={"Retry-After": "60"}
        ) from error
"""


def _taken(
    tmp_path: Path,
    requirement: str,
    settings: dict[str, Any] | None = None,
    *,
    handler: str = TAKE,
    app: str = ONE_FILE,
    alias: str = "Db = Annotated[AsyncSession, Depends(get_db)]",
) -> str:
    """Return what stands where the handler stood, in an application of one file."""
    (tmp_path / "pyproject.toml").write_text(
        f'[project]\nname = "example"\ndependencies = ["fastapi{requirement}"]\n'
    )
    (tmp_path / "main.py").write_text(app + handler)
    done = extracted(tmp_path, "main.py::take", settings)
    assert list(done.contents) == ["main.py"]
    head, _, rest = done.contents["main.py"].decode().partition(f"{alias}\n\n\n")
    return rest


def test_one_file_stays_one_and_its_provider_commits_in_time(tmp_path: Path) -> None:
    service = """\
class ItemService:
    def __init__(self, items: ItemRepository) -> None:
        self._items = items

    async def take(self, number: int) -> int:
        item = await self._items.get_by_id(number)
        if item is None:
            raise ItemNotFound
        if item.stock == 0:
            raise OutOfStock
        item.stock -= 1
        return item.stock


async def get_item_service(db: Db) -> AsyncIterator[ItemService]:
    yield ItemService(ItemRepository(db))
    await db.commit()


ItemServiceDep = Annotated[ItemService, Depends(get_item_service, scope="function")]


"""
    expected = f"{ERRORS}{REPOSITORY}\n\n{service}{TAKEN}"
    assert _taken(tmp_path, ">=0.121") == expected


@pytest.mark.parametrize(
    ("owner", "service", "provider", "methods", "handler"),
    [
        ("service", "        await self._session.commit()\n", "ItemService(ItemRepository(db), db)", "", ""),
        (
            "repository",
            "        await self._items.save(item)\n",
            "ItemService(ItemRepository(db))",
            "        self._session.add(item)\n        await self._session.commit()\n",
            "",
        ),
    ],
)
def test_the_owner_of_the_transaction_commits(
    tmp_path: Path, owner: str, service: str, provider: str, methods: str, handler: str
) -> None:
    text = _taken(tmp_path, ">=0.100", {"transaction-owner": [owner]})
    assert f"        item.stock -= 1\n{service}        return item.stock\n" in text
    assert f"    return {provider}\n" in text
    assert methods in text
    assert text.endswith(TAKEN)


def test_the_handler_commits_after_the_call_where_routers_own_transactions(tmp_path: Path) -> None:
    left = TAKE.replace("return item.stock", 'return {"left": item.stock}').replace(
        "-> int", "-> dict[str, int]"
    )
    text = _taken(tmp_path, ">=0.121", {"transaction-owner": ["router"]}, handler=left)
    taken = TAKEN.replace("-> int", "-> dict[str, int]").replace("service: Item", "db: Db, service: Item")
    taken = taken.replace("return await", "item = await")
    assert text.endswith(f'{taken}    await db.commit()\n    return {{"left": item.stock}}\n')
    assert "        item.stock -= 1\n        return item\n" in text
    assert "    return ItemService(ItemRepository(db))\n" in text


def test_a_handler_that_answers_at_once_cannot_commit_after_the_call(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="main.py:31: the handler answers before it could commit"):
        _taken(tmp_path, ">=0.121", {"transaction-owner": ["router"]})


UNIT = '''\
class UnitOfWork:
    """Ends the transaction of a request."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def commit(self) -> None:
        """Keep what was done."""
        await self._session.commit()


'''


def test_a_unit_of_work_commits_where_the_settings_say_so(tmp_path: Path) -> None:
    text = _taken(tmp_path, ">=0.121", {"transaction-owner": ["uow"]})
    service = """\
class ItemService:
    def __init__(self, items: ItemRepository, unit_of_work: UnitOfWork) -> None:
        self._items = items
        self._unit_of_work = unit_of_work

    async def take(self, number: int) -> int:
        item = await self._items.get_by_id(number)
        if item is None:
            raise ItemNotFound
        if item.stock == 0:
            raise OutOfStock
        item.stock -= 1
        await self._unit_of_work.commit()
        return item.stock


def get_item_service(db: Db) -> ItemService:
    return ItemService(ItemRepository(db), UnitOfWork(db))


ItemServiceDep = Annotated[ItemService, Depends(get_item_service)]


"""
    assert text == f"{ERRORS}{REPOSITORY}\n\n{UNIT}{service}{TAKEN}"


@pytest.mark.parametrize(
    ("scope", "is_left"),
    [(', scope="function"', True), ("", False)],
    ids=["before the response", "behind it"],
)
def test_the_provider_of_the_session_commits_alone_where_it_does_in_time(
    tmp_path: Path, scope: str, is_left: bool
) -> None:
    keeping = ONE_FILE.replace(
        "        yield session\n", "        yield session\n        await session.commit()\n"
    )
    alias = f"Db = Annotated[AsyncSession, Depends(get_db{scope})]"
    keeping = keeping.replace("Db = Annotated[AsyncSession, Depends(get_db)]", alias)
    text = _taken(tmp_path, ">=0.121", app=keeping, alias=alias)
    assert ("await db.commit()" not in text) is is_left
    assert "        item.stock -= 1\n        return item.stock\n" in text
    assert text.endswith(TAKEN)


def test_errors_are_answered_by_handlers_where_the_settings_say_so(tmp_path: Path) -> None:
    for name, text in {
        "pyproject.toml": '[project]\nname = "example"\ndependencies = ["fastapi>=0.121"]\n',
        "app/__init__.py": "",
        "app/exceptions.py": "class Gone(Exception): ...\n",
        "app/base.py": ONE_FILE.replace("app = FastAPI()\n", "").replace("FastAPI, ", ""),
        "app/main.py": textwrap.dedent("""\
            from fastapi import FastAPI, HTTPException, Request
            from fastapi.responses import JSONResponse
            from sqlalchemy import select

            from app.base import Db, Item
            from app.exceptions import Gone

            app = FastAPI()


            @app.exception_handler(Gone)
            async def handle_gone(request: Request, error: Gone) -> JSONResponse:
                return JSONResponse({"detail": "Gone"}, status_code=410)


            @app.get("/gone")
            async def gone() -> None:
                raise Gone


            """)
        + TAKE.replace(' f"No item {number}"', ' "No such item"'),
    }.items():
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    done = extracted(tmp_path, "app/main.py::take", {"error-mapping": "handlers"})
    main = done.contents["app/main.py"].decode()
    assert '    return JSONResponse({"detail": "No such item"}, status_code=404)\n' in main
    stock = '{"detail": "Out of stock"}, status_code=409, headers={"Retry-After": "60"}'
    assert f"    return JSONResponse({stock})\n" in main
    assert main.endswith(
        '@app.post("/items/{number}")\n'
        "async def take(number: int, service: ItemServiceDep) -> int:\n"
        "    return await service.take(number)\n"
    )
