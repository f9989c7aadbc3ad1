"""LC408: a provider that commits is unwound before the response is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from mending import fixed, ordered

SHOP = """
# app/db.py
from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

engine = create_engine("sqlite://")


def get_db() -> Iterator[Session]:
    with Session(engine) as session:
        yield session
        session.commit()


Db = Annotated[Session, Depends(get_db{scope})]
# app/main.py
from fastapi import Depends, FastAPI
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import db

app = FastAPI()


@app.post("/visits")
def count(session: db.Db) -> None:
    session.execute(text("UPDATE visits SET number = number + 1"))


@app.post("/more")
def more(
    session: Session = Depends(db.get_db, use_cache=False{scope}),  # fresh
) -> None:
    session.execute(text("UPDATE visits SET number = number + 2"))
"""
BEFORE = SHOP.format(scope="")
KNOWN = {"rules": {"LC408": {"fastapi-version": "0.121"}}}


def test_fixed(tmp_path: Path) -> None:
    left, told = fixed(tmp_path, BEFORE, "LC408", KNOWN)
    assert left == ordered(SHOP.format(scope=', scope="function"'))
    assert told == [
        'app/db.py:15:9: LC408 fixed: added scope="function"',
        "1 finding fixed in 2 files",
    ]


NO_SCOPES = "`scope` needs FastAPI 0.121 or later, and no file says that it runs with that"
RESPONSES = "from starlette.responses import StreamingResponse"
STREAMING = """

@app.get("/stream")
def stream(session: db.Db) -> StreamingResponse:
    return StreamingResponse(session.execute(text("SELECT 1")))
"""
YIELDING = """

def get_unit(session: db.Db):
    yield session


@app.post("/unit")
def use(unit=Depends(get_unit)) -> None:
    unit.execute(text("UPDATE visits SET number = number + 2"))
"""


@pytest.mark.parametrize(
    ("before", "version", "reason"),
    [
        pytest.param(
            BEFORE, "0.118", NO_SCOPES,
            id="a version without scopes",
        ),
        pytest.param(
            BEFORE, ">=0.118", NO_SCOPES,
            id="maybe a version without scopes",
        ),
        pytest.param(
            BEFORE.replace("\n\nfrom app import", f"\n{RESPONSES}\n\nfrom app import") + STREAMING, "0.121",
            "stream may still read it while its response is sent", id="streaming",
        ),
        pytest.param(
            BEFORE + YIELDING, "0.121", "get_unit yields, too, and may not depend on what ends before it",
            id="a generator depends on it",
        ),
        pytest.param(
            BEFORE.replace("use_cache=False", 'scope="request"'), "0.121", "app/main.py gives it a scope",
            id="a scope is given",
        ),
    ],
)  # fmt: skip
def test_refused(tmp_path: Path, before: str, version: str, reason: str) -> None:
    left, told = fixed(tmp_path, before, "LC408", {"rules": {"LC408": {"fastapi-version": version}}})
    assert left == ordered(before)
    assert [line.partition(" not fixed: ")[2] for line in told[:-1]] == [reason]
