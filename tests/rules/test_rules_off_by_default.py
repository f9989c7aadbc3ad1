"""LC105, LC206 and LC607: rules that are off by default."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from layercheck.rules.catalog import RULES
from layercheck.rules.rule import code_blocks
from small_projects import check, found, split

LOOP = """
@router.get("/deep")
def deep(n: int) -> int:
    for i in range(n):
        if i:
            while n:
                if n > i:
                    return i
    return 0
"""

SOCKET = LOOP.replace("@router.get", "@router.websocket")
ELIFS = """
@router.get("/flat")
def flat(n: int) -> int:
    if n == 1:
        return 1
    elif n == 2:
        return 2
    elif n == 3:
        return 3
    elif n == 4:
        return 4
    return 0
"""
BEGIN = "# app/api/items.py\nfrom fastapi import APIRouter\nrouter = APIRouter()\n"


@pytest.mark.parametrize(
    ("text", "options", "messages"),
    [
        (LOOP, {}, ["GET /deep (deep) is too large: nesting 4 > 3"]),
        (ELIFS, {"max-branches": 3}, ["GET /flat (flat) is too large: branches 4 > 3"]),
        (ELIFS, {"max-statements": 8}, ["GET /flat (flat) is too large: statements 9 > 8"]),
        (ELIFS, {}, []),
        (LOOP, {"max-nesting": 4}, []),
        (SOCKET, {}, []),
    ],
    ids=["deep", "branches", "statements", "elif is no deeper", "a higher limit", "a websocket"],
)
def test_size(text: str, options: dict[str, Any], messages: list[str], tmp_path: Path) -> None:
    outcome = check(tmp_path, BEGIN + text, {"select": ["LC105"], "rules": {"LC105": options}})
    assert [one.message for one in outcome.new] == messages


def example(code: str) -> str:
    rule = next(rule for rule in RULES if rule.code == code)
    return code_blocks(rule.info().sections["Example"])[0]


@pytest.mark.parametrize(
    ("old", "new", "options", "count"),
    [
        ("# app/api/users.py", "# app/api/users.py", {}, 1),
        ("def create(self, body: UserBody)", "def _create(self, body: UserBody)", {}, 0),
        ("self, body: UserBody)", "self, body: str)", {}, 0),
        ("from app.api.users import", "from app.schemas import", {"strict": False}, 0),
        ("from app.api.users import", "from app.schemas import", {"strict": True}, 1),
        ("from app.api.users import", "from app.schemas import", {"api-schema-paths": ["app/schemas.py"]}, 1),
    ],
    ids=["of the router", "private", "plain", "neutral", "strict", "by path"],
)
def test_api_schemas(old: str, new: str, options: dict[str, Any], count: int, tmp_path: Path) -> None:
    schemas = "# app/schemas.py\nfrom pydantic import BaseModel\nclass UserBody(BaseModel):\n    email: str\n"
    text = example("LC206")
    assert old in text
    outcome = check(
        tmp_path, text.replace(old, new) + schemas, {"select": ["LC206"], "rules": {"LC206": options}}
    )
    assert len(found(outcome)) == count


SHARED = """
# app/api/base.py
from fastapi import HTTPException
from pydantic import BaseModel

class UserBody(BaseModel):
    email: str

def fail() -> None:
    raise HTTPException(404)
"""


def test_schemas_beside_helpers_of_routes_are_not_those_of_a_router(tmp_path: Path) -> None:
    text = example("LC206").replace("from app.api.users import", "from app.api.base import") + SHARED
    assert found(check(tmp_path, text, {"select": ["LC206"]})) == []


@pytest.mark.parametrize(
    ("old", "new", "count"),
    [
        ("# app/services/tags.py", "# app/services/tags.py", 1),
        ("return await self.tags.get(tag_id)", "return await self.tags.get(tag_id + 1)", 0),
        ("await self.tags.delete(tag)\n", "print('gone')\n            await self.tags.delete(tag)\n", 0),
        ("def __init__(self, tags: TagRepository)", "def __init__(self, tags: TagRepository, mail: str)", 0),
        ("len(await tags.list())", "0", 0),
    ],
    ids=["forwards", "other arguments", "does more", "a second collaborator", "nobody calls it"],
)
def test_pass_through(old: str, new: str, count: int, tmp_path: Path) -> None:
    text = example("LC607")
    new = new.replace("\n            ", "\n        ")
    assert old in text and split(text)
    assert len(found(check(tmp_path, text.replace(old, new), {"select": ["LC607"]}))) == count
