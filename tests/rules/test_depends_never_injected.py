"""LC406: `Depends` in signatures that FastAPI never resolves."""

from __future__ import annotations

from pathlib import Path

import pytest

from shop import DATABASE, project
from small_projects import check, expected, report

RULE = {"select": ["LC406"]}

MAILS = """
# app/mails.py
from typing import Annotated
from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from app.database import get_db

async def notify(user_id: int, db: AsyncSession = Depends(get_db)) -> None:{mark}
    await db.get(object, user_id)

class Mailer:
    def __init__(self, sender: str, db: AsyncSession = Depends(get_db)) -> None:{constructor}
        self.db = db
    def send(self, to: str, db: AsyncSession = Depends(get_db)) -> None:{method}
        db.add(to)
"""


def mails(mark: str = "", constructor: str = "", method: str = "") -> str:
    """Return the module with functions to call; the arguments mark the guilty ones."""
    told = {"mark": mark, "constructor": constructor, "method": method}
    return MAILS.format(**{name: f"  # expect: {code}" if code else "" for name, code in told.items()})


def handler(body: str) -> str:
    """Return a router whose one handler has ``body``."""
    return f"""
# app/api/pings.py
from functools import partial
from fastapi import APIRouter, Depends
from app import mails
from app.database import Db
from app.mails import Mailer, notify
router = APIRouter()

@router.post("/ping")
async def ping(db: Db, who: list[int]) -> None:
    {body}
"""


LEFT_OUT: dict[str, str] = {
    "a function": mails(mark="LC406") + handler("await notify(1)"),
    "a function of a module": mails(mark="LC406") + handler("await mails.notify(user_id=1)"),
    "one call of two": mails(mark="LC406") + handler("await notify(1, db); await notify(2)"),
    "a constructor": mails(constructor="LC406") + handler("Mailer('me')"),
    "a method": mails(method="LC406") + handler("Mailer('me', db).send('you')"),
    "a call at the import of a module": mails(mark="LC406") + """
        # app/start.py
        from app.mails import notify
        started = notify(1)
    """,
    "a decorator of the standard library": """
        # app/mails.py
        import functools
        from fastapi import Depends
        from app.database import get_db

        @functools.lru_cache
        def first(db: object = Depends(get_db)) -> object:  # expect: LC406
            return db

        def second() -> object:
            return first()
    """,
    "a marker under another name": """
        # app/mails.py
        from fastapi import Depends
        from app.database import get_db
        session = Depends(get_db)

        def first(db: object = session) -> object:  # expect: LC406
            return db

        def second() -> object:
            return first()
    """,
}  # fmt: skip

NEAR_MISSES: dict[str, str] = {
    "a handler that is called, too": """
        # app/api/pings.py
        from fastapi import APIRouter, Depends
        from app.database import get_db
        router = APIRouter()

        @router.get("/ping")
        async def ping(db: object = Depends(get_db)) -> None: ...

        @router.get("/pong")
        async def pong() -> None:
            await ping()
    """,
    "a dependency that is called, too": """
        # app/api/pings.py
        from fastapi import APIRouter, Depends
        from app.database import get_db
        router = APIRouter()

        async def current(db: object = Depends(get_db)) -> int:
            return 1

        @router.get("/ping")
        async def ping(user: int = Depends(current)) -> int:
            return await current()
    """,
    "a class that is a dependency": """
        # app/api/pings.py
        from fastapi import APIRouter, Depends
        from app.database import get_db
        router = APIRouter()

        class Base:
            def __init__(self, db: object = Depends(get_db)) -> None: ...

        class Pager(Base): ...

        @router.get("/ping")
        async def ping(pager: Pager = Depends()) -> None:
            Base()
    """,
    "a class-based view": """
        # app/api/pings.py
        from fastapi import APIRouter, Depends
        from fastapi_utils.cbv import cbv
        from app.database import get_db
        router = APIRouter()

        @cbv(router)
        class View:
            def __init__(self, db: object = Depends(get_db)) -> None: ...
            @router.get("/ping")
            async def ping(self) -> None: ...
    """,
    "nobody calls it": mails(),
    "an injector": """
        # app/mails.py
        from fast_depends import inject
        from fastapi import Depends
        from app.database import get_db

        @inject
        async def notify(db: object = Depends(get_db)) -> None: ...

        async def run() -> None:
            await notify()
    """,
    "a decorator of its own": """
        # app/mails.py
        from fastapi import Depends
        from app.database import get_db
        from app.wiring import wired

        @wired
        async def notify(db: object = Depends(get_db)) -> None: ...

        async def run() -> None:
            await notify()
        # app/wiring.py
        def wired(function):
            def inner(*args):
                return function(*args, db=1)
            return inner
    """,
    "an annotation": """
        # app/mails.py
        from app.database import Db

        async def notify(db: Db) -> None: ...

        async def run() -> None:
            await notify()
    """,
    "arguments that are not known": mails() + handler("await notify(*who)"),
    "keywords that are not known": mails() + handler("await notify(**{'user_id': 1, 'db': db})"),
    "a partial": mails() + handler("later = partial(notify, db=db)\n    await later(1)"),
    "a default that is no marker": """
        # app/mails.py
        async def notify(db: object = None) -> None: ...

        async def run() -> None:
            await notify()
    """,
}  # fmt: skip


def whole(text: str) -> str:
    return project(DATABASE, text)


@pytest.mark.parametrize("text", LEFT_OUT.values(), ids=LEFT_OUT)
def test_told(text: str, tmp_path: Path) -> None:
    outcome = check(tmp_path, whole(text), RULE)
    errors = [one for one in outcome.new if one.severity == "error"]
    assert expected(whole(text))
    assert [f"{one.place.path}:{one.place.line} {one.code}" for one in errors] == expected(whole(text))


@pytest.mark.parametrize("text", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_silent(text: str, tmp_path: Path) -> None:
    outcome = check(tmp_path, whole(text), RULE)
    assert [one.message for one in outcome.new if one.severity != "advice"] == []


def test_the_whole_finding(tmp_path: Path) -> None:
    outcome = check(tmp_path, whole(mails() + handler("await notify(1, db); await notify(2)")), RULE)
    assert report(outcome) == [
        "error app/mails.py:7:32 notify has a `Depends` for `db` that FastAPI never resolves;"
        " ping calls it without `db`",
        "  app/api/pings.py:11 [router] call: ping leaves out `db`",
        "  repository: runs statements on a session, weak",
        "  = app.mails.notify db",
    ]
    assert [one.help for one in outcome.new] == ["let ping hand `db` over, and remove the default"]


def test_a_marker_all_callers_make_up_for_is_an_advice(tmp_path: Path) -> None:
    outcome = check(tmp_path, whole(mails() + handler("await notify(1, db); await notify(2, db=db)")), RULE)
    assert report(outcome) == [
        "advice app/mails.py:7:32 notify has a `Depends` for `db` that FastAPI never resolves;"
        " all its callers hand it over",
        "  app/api/pings.py:11 [router] call: ping hands over `db`",
        "  also app/api/pings.py:11",
        "  repository: runs statements on a session, weak",
        "  = app.mails.notify db",
    ]
    assert [one.help for one in outcome.new] == ["remove the default of `db`"]


def test_several_parameters_are_one_finding(tmp_path: Path) -> None:
    text = """
        # app/mails.py
        from fastapi import Depends
        from app.database import get_db

        async def notify(
            first: object = Depends(get_db),
            second: object = Depends(get_db),
        ) -> None: ...

        async def run() -> None:
            await notify()
    """
    (one,) = check(tmp_path, whole(text), RULE).new
    assert (one.place.line, [place.line for place in one.related]) == (6, [7])
    assert one.message == (
        "notify has a `Depends` for `first` and `second` that FastAPI never resolves;"
        " run calls it without `first` and `second`"
    )
