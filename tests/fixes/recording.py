"""A plugin of pytest that writes down all an application answers, and what its database holds then.

It stands between the tests of an application and the application itself, so that two versions of that can be
compared request by request. The record goes to the file named in the environment.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

import fastapi
import pytest

RECORD = "RECORD"
RECORDS: list[list[Any]] = []

Message = MutableMapping[str, Any]
_VARYING = re.compile(
    r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d[.\d]*"  # a time
    r"|[0-9a-f]{16,}"  # a digest or a random number
)
_answer = fastapi.FastAPI.__call__


async def _recorded(
    self: fastapi.FastAPI,
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    if scope["type"] != "http":
        await _answer(self, scope, receive, send)
        return
    row: list[Any] = [scope["method"], scope["path"], scope["query_string"].decode(), "", 0, "", "", []]

    async def hear() -> Message:
        message = await receive()
        row[3] += message.get("body", b"").decode("utf-8", "replace")
        return message

    async def tell(message: Message) -> None:
        if message["type"] == "http.response.start":
            row[4] = message["status"]
        else:
            row[5] += message.get("body", b"").decode("utf-8", "replace")
        await send(message)

    try:
        await _answer(self, scope, hear, tell)
    except Exception as error:
        row[6] = type(error).__name__
        raise
    finally:
        row[5] = _ordered(row[5])
        row[7] = _rows()
        RECORDS.append([_VARYING.sub("*", one) if isinstance(one, str) else one for one in row])


def _ordered(body: str) -> str:
    """Return JSON with its keys in order, for theirs may be that in which columns were loaded."""
    try:
        return json.dumps(json.loads(body), sort_keys=True)
    except ValueError:
        return body


def _database() -> Path | None:
    name = os.environ.get("DATABASE_URL", "").partition("///")[2]
    return Path(name) if name else None


def _rows() -> list[str]:
    """Return what the database holds, as a fresh connection sees it: what is not committed is not there."""
    database = _database()
    if database is None or not database.exists():
        return []
    connection = sqlite3.connect(database)
    try:
        return [_VARYING.sub("*", line) for line in connection.iterdump()]
    finally:
        connection.close()


def pytest_configure() -> None:
    fastapi.FastAPI.__call__ = _recorded  # type: ignore[method-assign]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Begin with an empty database, as an application does whose database is in memory."""
    database = _database()
    if database is not None and database.exists():
        with sqlite3.connect(database) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (name,) in tables:
                connection.execute(f'DROP TABLE "{name}"')
        connection.close()


def pytest_runtest_call(item: pytest.Item) -> None:
    RECORDS.append(["test", item.nodeid])


def pytest_unconfigure() -> None:
    Path(os.environ[RECORD]).write_text(json.dumps(RECORDS), "utf-8")
