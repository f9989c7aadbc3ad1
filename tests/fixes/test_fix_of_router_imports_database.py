"""LC102: a type of the database is named as text where `cast` only needs its name."""

from __future__ import annotations

from pathlib import Path

from mending import fixed, ordered

BEFORE = """
# app/routers/orders.py
from typing import cast

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session

router = APIRouter()


@router.get("/orders")
def show(request: Request) -> str:
    session = cast(Session, request.state.db)
    for number in range(3):
        if number:
            request.state.log(number)
    return str(session)
"""


def test_fixed(tmp_path: Path) -> None:
    left, told = fixed(tmp_path, BEFORE, "LC102")
    assert left == ordered(BEFORE.replace("cast(Session,", 'cast("Session",'))
    assert told == [
        "app/routers/orders.py:5:1: LC102 fixed: named the type as text",
        "1 finding fixed in 1 file",
    ]


def test_what_only_type_checkers_are_told(tmp_path: Path) -> None:
    before = BEFORE.replace("cast(Session, request.state.db)", "cast(val=request.state.db, typ=Session)")
    before = before.replace("import cast", "import assert_type, cast").replace(
        "    return", "    assert_type(session, Session | None)\n    return"
    )
    left, _ = fixed(tmp_path, before, "LC102")
    after = before.replace("typ=Session", 'typ="Session"').replace("Session | None", '"Session | None"')
    assert left == ordered(after)


def test_refused(tmp_path: Path) -> None:
    before = BEFORE.replace("str(session)", "str(Session)")
    left, told = fixed(tmp_path, before, "LC102")
    assert left == ordered(before)
    assert told[0] == "app/routers/orders.py:5:1: LC102 not fixed: Session is used when the router runs"
