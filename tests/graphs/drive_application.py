"""Sends requests to the application in the working directory and tells which exceptions got out.

Reads a list of ``{"before": [step], "request": step}``, a step being a request or ``{"sql": ...}``; each
starts on an empty database. Prints a list of ``[name of the exception, status]``.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from httpx import ASGITransport, AsyncClient, Response
from starlette.requests import Request
from starlette.responses import PlainTextResponse


def listen(app: Any, heard: list[str]) -> None:
    """Note the name of every exception that reaches a handler; one nobody maps is answered with 500."""

    def noting(handler: Any) -> Any:
        async def note(request: Request, error: Exception) -> Any:
            heard.append(f"{type(error).__module__}.{type(error).__qualname__}")
            answer = handler(request, error)
            return await answer if asyncio.iscoroutine(answer) else answer

        return note

    def unmapped(request: Request, error: Exception) -> PlainTextResponse:
        return PlainTextResponse("Internal Server Error", 500)

    handlers = app.exception_handlers
    app.exception_handlers = {
        of: noting(handler) for of, handler in ({Exception: unmapped} | handlers).items()
    }


async def drive(case: dict[str, Any], database: Path) -> tuple[str | None, int]:
    """Return the last exception and the status of the one request."""
    database.unlink(missing_ok=True)
    main_module = importlib.import_module("app.main")
    heard: list[str] = []
    own = getattr(main_module, "create_app", None)
    application = own() if own is not None else main_module.app
    before = dict(application.exception_handlers)
    application.middleware_stack = None
    listen(application, heard)
    transport = ASGITransport(application, raise_app_exceptions=False)
    async with (
        application.router.lifespan_context(application),
        AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        for step in case["before"]:
            if "sql" in step:
                with closing(sqlite3.connect(database)) as connection, connection:
                    connection.execute(step["sql"])
            else:
                await send(client, step)
        heard.clear()
        response = await send(client, case["request"])
    application.exception_handlers = before
    return (heard[-1] if heard else None), response.status_code


async def send(client: AsyncClient, step: dict[str, Any]) -> Response:
    """Send one request."""
    auth = tuple(step["auth"]) if "auth" in step else None
    return await client.request(step["method"], step["path"], json=step.get("json"), auth=auth)


def main() -> None:
    """Drive the application through what standard input says."""
    sys.path.insert(0, str(Path.cwd()))
    with tempfile.TemporaryDirectory() as directory:
        database = Path(directory) / "test.db"
        if not makes_own_database():
            os.environ["DATABASE_URL"] = f"sqlite:///{database}"
        cases = json.load(sys.stdin)
        print(json.dumps([asyncio.run(drive(case, database)) for case in cases]))


def makes_own_database() -> bool:
    """Return whether the application makes its own database in memory."""
    return "def create_app" in Path("app/main.py").read_text("utf-8")


if __name__ == "__main__":
    main()
