"""Write an application of any size, layered as real ones are, to measure growth on.

    python benchmarks/generate.py LINES DIRECTORY

One package per feature, about 430 lines each: entity, schemas, repository, service with domain
exceptions, dependencies, router. Features call the service of the feature before them, so that chains
of calls cross packages, and every tenth router queries the database itself. The same arguments write
the same bytes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

OPERATIONS = ("create", "rename", "archive", "restore", "publish", "retract", "merge", "split")

CHAIN = 8
"""How many features follow each other before the next chain begins."""

DATABASE = '''from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

engine = create_async_engine("sqlite+aiosqlite://")
sessions = async_sessionmaker(engine)


class Base(DeclarativeBase):
    pass


async def get_session() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session
        await session.commit()


SessionDep = Annotated[AsyncSession, Depends(get_session)]
'''

ENTITY = '''from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base


class Item{n}(Base):
    __tablename__ = "items_{n}"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="new")
    weight: Mapped[int] = mapped_column(default=0)
'''

SCHEMAS_HEAD = '''from pydantic import BaseModel


class Item{n}Out(BaseModel):
    id: int
    name: str
    state: str
'''

SCHEMA = '''

class {Operation}Item{n}(BaseModel):
    name: str
    weight: int = 0
    reason: str | None = None
'''

EXCEPTIONS_HEAD = '''class Item{n}Error(Exception):
    pass


class Item{n}NotFound(Item{n}Error):
    def __init__(self, item_id: int) -> None:
        super().__init__(f"no item {{item_id}}")
        self.item_id = item_id
'''

EXCEPTION = '''

class Item{n}Cannot{Operation}(Item{n}Error):
    pass
'''

REPOSITORY_HEAD = '''from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from app.feature_{n}.models import Item{n}


class Item{n}Repository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, item_id: int) -> Item{n} | None:
        return await self._session.get(Item{n}, item_id)

    async def add(self, item: Item{n}) -> Item{n}:
        self._session.add(item)
        await self._session.flush()
        return item
'''

REPOSITORY = '''
    async def for_{operation}(self, name: str, limit: int = 20) -> list[Item{n}]:
        statement = select(Item{n}).where(Item{n}.name == name).limit(limit)
        if limit > 100:
            statement = statement.order_by(Item{n}.weight.desc())
        found = await self._session.scalars(statement)
        return list(found)
'''

SERVICE_HEAD = '''from app.feature_{n}.exceptions import (
{imports}
    Item{n}NotFound,
)
from app.feature_{n}.models import Item{n}
from app.feature_{n}.repository import Item{n}Repository
{other_import}

class Item{n}Service:
    def __init__(self, items: Item{n}Repository{other_parameter}) -> None:
        self._items = items
{other_assignment}
    async def get(self, item_id: int) -> Item{n}:
        item = await self._items.get(item_id)
        if item is None:
            raise Item{n}NotFound(item_id)
        return item
'''

SERVICE = '''
    async def {operation}(self, item_id: int, name: str, weight: int) -> Item{n}:
        item = await self.get(item_id)
        others = await self._items.for_{operation}(name)
        if any(other.id != item.id for other in others):
            raise Item{n}Cannot{Operation}(name)
        total = 0
        for other in others:
            total += other.weight
        if total + weight > 1000 and item.state == "new":
            raise Item{n}Cannot{Operation}("too heavy")
        item.name = name.strip().lower()
        item.weight = weight
        item.state = "{operation}"
{other_call}        return await self._items.add(item)
'''

DEPENDENCIES = '''from typing import Annotated

from fastapi import Depends

from app.database import SessionDep
from app.feature_{n}.repository import Item{n}Repository
from app.feature_{n}.service import Item{n}Service
{other_import}

def get_item_repository(session: SessionDep) -> Item{n}Repository:
    return Item{n}Repository(session)


def get_item_service(
    items: Annotated[Item{n}Repository, Depends(get_item_repository)],
{other_parameter}) -> Item{n}Service:
    return Item{n}Service(items{other_argument})


Item{n}ServiceDep = Annotated[Item{n}Service, Depends(get_item_service)]
'''

ROUTER_HEAD = '''from fastapi import APIRouter, HTTPException
{extra_import}
from app.feature_{n}.dependencies import Item{n}ServiceDep
from app.feature_{n}.exceptions import Item{n}Error, Item{n}NotFound
from app.feature_{n}.schemas import (
{imports}
    Item{n}Out,
)

router = APIRouter(prefix="/items-{n}", tags=["items {n}"])


@router.get("/{{item_id}}", response_model=Item{n}Out)
async def show(item_id: int, service: Item{n}ServiceDep):
    try:
        return await service.get(item_id)
    except Item{n}NotFound as error:
        raise HTTPException(404, "no such item") from error
'''

ROUTER = '''

@router.post("/{{item_id}}/{operation}", response_model=Item{n}Out)
async def {operation}(item_id: int, body: {Operation}Item{n}, service: Item{n}ServiceDep):
    try:
        return await service.{operation}(item_id, body.name, body.weight)
    except Item{n}NotFound as error:
        raise HTTPException(404, "no such item") from error
    except Item{n}Error as error:
        raise HTTPException(409, "cannot {operation}") from error
'''

LEAKING = '''

@router.get("/")
async def report(session: SessionDep) -> dict[str, int]:
    totals: dict[str, int] = {{}}
    for item in await session.scalars(select(Item{n})):
        totals[item.state] = totals.get(item.state, 0) + item.weight
    return totals
'''


def feature(n: int) -> dict[str, str]:
    """Return the files of feature ``n``: name to text."""
    before = n - 1
    has_other, leaks = n % CHAIN > 0, n % 10 == 9

    def repeated(template: str, **more: str) -> str:
        return "".join(
            template.format(n=n, operation=one, Operation=one.title(), **more) for one in OPERATIONS
        )

    def listed(pattern: str) -> str:
        names = sorted(pattern.format(n=n, Operation=one.title()) for one in OPERATIONS)
        return "\n".join(f"    {name}," for name in names)

    service_import = f"from app.feature_{before}.service import Item{before}Service\n" if has_other else ""
    extra = (
        "from sqlalchemy import select\n\nfrom app.database import SessionDep"
        f"\nfrom app.feature_{n}.models import Item{n}"
        if leaks
        else ""
    )
    return {
        "__init__.py": "",
        "models.py": ENTITY.format(n=n),
        "schemas.py": SCHEMAS_HEAD.format(n=n) + repeated(SCHEMA),
        "exceptions.py": EXCEPTIONS_HEAD.format(n=n) + repeated(EXCEPTION),
        "repository.py": REPOSITORY_HEAD.format(n=n) + repeated(REPOSITORY),
        "service.py": SERVICE_HEAD.format(
            n=n,
            imports=listed("Item{n}Cannot{Operation}"),
            other_import=service_import,
            other_parameter=f", before: Item{before}Service" if has_other else "",
            other_assignment="        self._before = before\n" if has_other else "",
        )
        + repeated(SERVICE, other_call="        await self._before.get(item_id)\n" if has_other else ""),
        "dependencies.py": DEPENDENCIES.format(
            n=n,
            other_import=f"from app.feature_{before}.dependencies import Item{before}ServiceDep\n"
            if has_other
            else "",
            other_parameter=f"    before: Item{before}ServiceDep,\n" if has_other else "",
            other_argument=", before" if has_other else "",
        ),
        "router.py": ROUTER_HEAD.format(n=n, imports=listed("{Operation}Item{n}"), extra_import=extra)
        + repeated(ROUTER)
        + (LEAKING.format(n=n) if leaks else ""),
    }


def generate(lines: int, directory: Path) -> int:
    """Write an application of at least ``lines`` lines below ``directory``; return how many it has."""
    package = directory / "app"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", "utf-8")
    (package / "database.py").write_text(DATABASE, "utf-8")
    written, n = DATABASE.count("\n"), 0
    while written < lines:
        folder = package / f"feature_{n}"
        folder.mkdir()
        for name, text in feature(n).items():
            (folder / name).write_text(text, "utf-8")
            written += text.count("\n")
        n += 1
    imports = "".join(f"from app.feature_{one} import router as router_{one}\n" for one in range(n))
    included = "".join(f"app.include_router(router_{one}.router)\n" for one in range(n))
    main = f"from fastapi import FastAPI\n\n{imports}\napp = FastAPI()\n{included}"
    (package / "main.py").write_text(main, "utf-8")
    return written + main.count("\n")


def main() -> None:
    """Write what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lines", type=int)
    parser.add_argument("directory", type=Path)
    options = parser.parse_args()
    print(f"{generate(options.lines, options.directory)} lines in {options.directory}")


if __name__ == "__main__":
    main()
