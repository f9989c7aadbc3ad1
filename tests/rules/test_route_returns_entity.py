"""LC107: entities that leave the API unfiltered."""

from __future__ import annotations

from pathlib import Path

import pytest

from shop import DATABASE, LAYERS, MODELS, project, router
from small_projects import check, expected, found, report

RULE = {"select": ["LC107"]}

HITS: dict[str, str] = {
    "what a service gives": router("""
        from app.dependencies import ItemServiceDep

        @router.get("/items/{item_id}")
        async def show(item_id: int, items: ItemServiceDep):  # expect: LC107
            return await items.show(item_id)
    """),
    "a list": router("""
        @router.get("/items")
        async def everything(db: Db):  # expect: LC107
            return (await db.scalars(select(Item))).all()
    """),
    "a list made here": router("""
        @router.get("/items")
        async def everything(db: Db):  # expect: LC107
            return [item for item in await db.scalars(select(Item)) if item.stock]
    """),
    "in a dict": router("""
        @router.get("/items/{item_id}")
        async def show(item_id: int, db: Db) -> dict[str, object]:  # expect: LC107
            return {"status": "ok", "item": await db.get(Item, item_id)}
    """),
    "the injected user": router("""
        async def current_user(db: Db) -> User: ...

        @router.get("/me")
        async def me(user: Annotated[User, Depends(current_user)]):  # expect: LC107
            return user
    """),
    "an entity as response model": router("""
        @router.get("/items/{item_id}", response_model=Item)
        async def show(item_id: int, db: Db) -> ItemOut:  # expect: LC107
            return ItemOut.model_validate(await db.get(Item, item_id))
    """),
    "an entity as annotation": router("""
        @router.get("/items")
        async def everything(db: Db) -> list[Item]:  # expect: LC107
            return list(await db.scalars(select(Item)))
    """),
    "no response model on purpose": router("""
        @router.get("/items/{item_id}", response_model=None)
        async def show(item_id: int, db: Db) -> ItemOut:  # expect: LC107
            return await db.get(Item, item_id)
    """),
    "an open annotation": router("""
        from typing import Any

        @router.get("/items/{item_id}")
        async def show(item_id: int, db: Db) -> Any:  # expect: LC107
            return await db.get(Item, item_id)
    """),
    "a table of SQLModel": """
        # app/models.py
        from sqlmodel import Field, SQLModel
        class Hero(SQLModel, table=True):
            id: int | None = Field(default=None, primary_key=True)
        # app/api/heroes.py
        from fastapi import APIRouter, Depends
        from sqlmodel import Session
        from app.models import Hero

        router = APIRouter()

        def session(): ...

        @router.get("/heroes/{hero_id}", response_model=Hero)
        def show(hero_id: int, db: Session = Depends(session)):  # expect: LC107
            return db.get(Hero, hero_id)
    """,
    "a document": """
        # app/models.py
        from beanie import Document
        class Note(Document):
            text: str
        # app/api/notes.py
        from fastapi import APIRouter
        from app.models import Note

        router = APIRouter()

        @router.post("/notes")
        async def create(text: str):  # expect: LC107
            return Note(text=text)
    """,
    "one of two routes": router("""
        @router.get("/a", response_model=ItemOut)
        @router.get("/b")
        async def show(db: Db):  # expect: LC107
            return await db.get(Item, 1)
    """),
}  # fmt: skip

NEAR_MISSES: dict[str, str] = {
    "a response model": router("""
        @router.get("/items/{item_id}", response_model=ItemOut)
        async def show(item_id: int, db: Db) -> Item | None:
            return await db.get(Item, item_id)
    """),
    "a schema as annotation": router("""
        @router.get("/items")
        async def everything(db: Db) -> list[ItemOut]:
            return (await db.scalars(select(Item))).all()
    """),
    "made into a schema": router("""
        @router.get("/items/{item_id}")
        async def show(item_id: int, db: Db):
            return ItemOut.model_validate(await db.get(Item, item_id))
    """),
    "plain values of a row": router("""
        @router.get("/items/{item_id}")
        async def show(item_id: int, db: Db):
            item = await db.get(Item, item_id)
            return {"id": item.id, "names": [item.name], "owner": item.owner.email}
    """),
    "columns": router("""
        @router.get("/names")
        async def names(db: Db):
            return (await db.scalars(select(Item.name))).all()
    """),
    "no content": router("""
        @router.delete("/items/{item_id}", status_code=204)
        async def remove(item_id: int, db: Db):
            return await db.get(Item, item_id)
    """),
    "a response": router("""
        from fastapi.responses import JSONResponse

        @router.get("/items/{item_id}")
        async def show(item_id: int, db: Db):
            item = await db.get(Item, item_id)
            return JSONResponse({"id": item.id})
    """),
    "a template": router("""
        from fastapi.templating import Jinja2Templates

        templates = Jinja2Templates("templates")

        @router.get("/items/{item_id}")
        async def show(item_id: int, db: Db):
            return templates.TemplateResponse("item.html", {"item": await db.get(Item, item_id)})
    """),
    "a dataclass": router("""
        from dataclasses import dataclass

        @dataclass
        class Card:
            name: str

        @router.get("/items/{item_id}")
        async def show(item_id: int):
            return Card("a")
    """),
    "a domain class": router("""
        from app.domain.prices import Price

        @router.get("/price")
        async def price():
            return Price(amount=1)
    """) + """
# app/domain/prices.py
from pydantic import BaseModel
class Price(BaseModel):
    amount: int
""",
    "a service that answers with a response whatever it says": router("""
        from app.services.answers import answer

        @router.get("/items/{item_id}")
        async def show(item_id: int):
            return answer(item_id)
    """) + """
# app/services/answers.py
from fastapi.responses import JSONResponse
from app.models import Item
def answer(item_id: int) -> Item:
    return JSONResponse({"id": item_id})
""",
    "a coroutine nobody awaits": router("""
        async def load(db: Db) -> Item | None:
            return await db.get(Item, 1)

        @router.get("/items/{item_id}")
        def show(db: Db):
            return load(db)
    """),
    "a list of a response model that is handed down": router("""
        def list_routes(schema: type[BaseModel]) -> None:
            @router.get("/all", response_model=list[schema])
            async def everything(db: Db) -> list:
                return (await db.scalars(select(Item))).all()
    """),
    "a response model that is handed down": router("""
        class ItemOut(BaseModel):
            id: int

        def add_route(path: str, function: object, **keywords: object) -> None:
            router.add_api_route(path, function, **keywords)

        def add_routes(schema: type[BaseModel] = ItemOut) -> None:
            async def show(item_id: int, db: Db):
                return await db.get(Item, item_id)

            if not TYPE_CHECKING:
                Schema = unknown(schema)
            add_route("/items/{item_id}", show, methods=["GET"], response_model=Schema)

        add_routes()
    """),
    "numbers": router("""
        @router.get("/count")
        async def count(db: Db) -> dict[str, int]:
            return {"count": len((await db.scalars(select(Item))).all())}
    """),
}  # fmt: skip


def whole(text: str) -> str:
    return project(text) if "# app/models.py" in text else project(MODELS, DATABASE, LAYERS, text)


@pytest.mark.parametrize("text", HITS.values(), ids=HITS)
def test_told(text: str, tmp_path: Path) -> None:
    assert expected(whole(text))
    assert found(check(tmp_path, whole(text), RULE)) == expected(whole(text))


@pytest.mark.parametrize("text", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_silent(text: str, tmp_path: Path) -> None:
    assert found(check(tmp_path, whole(text), RULE)) == []


def test_the_whole_finding(tmp_path: Path) -> None:
    outcome = check(tmp_path, whole(HITS["what a service gives"]), RULE)
    assert report(outcome) == [
        "warning app/api/items.py:14:1 GET /items/{item_id} (show) returns `Item`, an entity",
        "  app/api/items.py:14 [router] return: show returns Item",
        "  app/models.py:13 [entity] entity: Item is an entity",
        "  router: route decorator",
        "  entity: derives from DeclarativeBase",
        "  = app.api.items.show app.models.Item",
    ]
    assert [one.help for one in outcome.new] == [
        "return a schema with the fields of `Item` the client may see, or name it as response_model"
    ]


@pytest.mark.parametrize(
    ("case", "message"),
    [
        (
            "an entity as response model",
            "GET /items/{item_id} (show) has the response model `Item`, an entity",
        ),
        ("an entity as annotation", "GET /items (everything) is annotated to return `Item`, an entity"),
        ("one of two routes", "GET /b (show) returns `Item`, an entity"),
    ],
    ids=["response model", "annotation", "the route that leaks"],
)
def test_how_it_leaves(case: str, message: str, tmp_path: Path) -> None:
    assert [one.message for one in check(tmp_path, whole(HITS[case]), RULE).new] == [message]


def test_tables_of_sqlmodel_may_be_schemas(tmp_path: Path) -> None:
    settings = {**RULE, "rules": {"LC107": {"sqlmodel-entities-as-schemas": True}}}
    assert found(check(tmp_path, whole(HITS["a table of SQLModel"]), settings)) == []
