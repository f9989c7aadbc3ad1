"""LC106: handlers that are called like any function."""

from __future__ import annotations

from pathlib import Path

import pytest

from small_projects import check, expected, found, report

RULE = {"select": ["LC106"]}

BEGIN = """
# app/api/items.py
from typing import Annotated
from fastapi import APIRouter, Depends, Query
router = APIRouter()

def settings() -> str: ...

@router.get("/items")
def listed(q: int = 0, limit: int = Query(10), s: str = Depends(settings)) -> int:
    return limit
"""

HITS = {
    "a handler": """
@router.get("/all")
def everything() -> int:
    return listed(1)  # expect: LC106
""",
    "two calls": """
@router.get("/all")
def everything() -> int:
    first = listed(1)  # expect: LC106
    return first + listed(2)
""",
    "a helper": """
def total() -> int:
    return listed(1, 2, "a")  # expect: LC106
""",
    "a service": """
# app/services/items.py
from app.api import items
class ItemService:
    def total(self) -> int:
        return items.listed(1, 2, "a")  # expect: LC106
""",
    "an alias that leaves a default out": """
@router.get("/old")
def old(q: int) -> int:
    return listed(q)  # expect: LC106
""",
}

NEAR_MISSES = {
    "an alias": """
@router.get("/old")
def old(q: int, limit: int = Query(10), s: str = Depends(settings)) -> int:
    \"\"\"The old path.\"\"\"
    return listed(q, limit=limit, s=s)
""",
    "a name of its own": """
@router.get("/all")
def everything() -> int:
    def listed(q: int) -> int: ...
    return listed(1)
""",
    "a dependency": """
@router.get("/all")
def everything(q: Annotated[int, Depends(listed)]) -> int:
    return q
""",
    "a decorator": """
import functools
def traced(f):
    @functools.wraps(f)
    def wrapper(*args, **keywords):
        return f(*args, **keywords)
    return wrapper

@router.get("/traced")
@traced
def seen() -> int:
    return 1
""",
    "what both call": """
def _count(q: int) -> int: ...

@router.get("/all")
def everything() -> int:
    return _count(1)
""",
}


@pytest.mark.parametrize("text", HITS.values(), ids=HITS)
def test_told(text: str, tmp_path: Path) -> None:
    assert expected(BEGIN + text)
    assert found(check(tmp_path, BEGIN + text, RULE)) == expected(BEGIN + text)


@pytest.mark.parametrize("text", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_silent(text: str, tmp_path: Path) -> None:
    assert found(check(tmp_path, BEGIN + text, RULE)) == []


def test_an_alias_may_be_reported(tmp_path: Path) -> None:
    settings = {**RULE, "rules": {"LC106": {"allow-alias": False}}}
    assert len(found(check(tmp_path, BEGIN + NEAR_MISSES["an alias"], settings))) == 1


def test_the_whole_finding(tmp_path: Path) -> None:
    assert report(check(tmp_path, BEGIN + HITS["two calls"], RULE)) == [
        "warning app/api/items.py:14:13 GET /all (everything) calls the handler of GET /items (listed)"
        " as a plain function; the default of `limit` and `s` is never resolved",
        "  app/api/items.py:14 [router] call: everything -> listed",
        "  also app/api/items.py:15",
        "  router: route decorator",
        "  = app.api.items.everything app.api.items.listed",
    ]
