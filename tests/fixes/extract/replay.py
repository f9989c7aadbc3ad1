"""Sends requests to the application in the current folder and prints what came of them, as JSON.

Reads ``[method, path, body, credentials]`` lists from standard input. What is told is the status and
body of each response, and at last every row of every table. Salted hashes differ from run to run: only
their length counts.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from typing import Any

from fastapi.testclient import TestClient


def main(database: str) -> None:
    """Send the requests, then read the tables of the SQLite file ``database``."""
    from app.main import app  # type: ignore[import-not-found]  # that of the folder this runs in

    answers: list[Any] = []
    with TestClient(app, raise_server_exceptions=False) as client:
        for method, path, body, credentials in json.load(sys.stdin):
            signed = tuple(credentials) if credentials else None
            answer = client.request(method, path, json=body, auth=signed)
            answers.append([method, path, answer.status_code, answer.text])
    with sqlite3.connect(database) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        tables = {name: _rows(connection, name) for (name,) in names.fetchall()}
    print(json.dumps({"answers": answers, "tables": tables}, indent=1))


def _rows(connection: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    cursor = connection.execute(f"SELECT * FROM {table} ORDER BY 1")
    columns = [one[0] for one in cursor.description]
    rows = [dict(zip(columns, row, strict=True)) for row in cursor]
    for row in rows:
        if "hashed_password" in row:
            row["hashed_password"] = len(row["hashed_password"])
    return rows


if __name__ == "__main__":
    sys.path.insert(0, ".")
    main(sys.argv[1])
