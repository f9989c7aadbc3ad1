"""Files and folders called like a layer, whose code is about something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from build_inline import MODELS, layered, said

PAGES = """
    from nicegui import ui
    def page(names):
        ui.label("Database")
        for name in names:
            ui.label(name)
"""
ENGINE = """
    from sqlalchemy import create_engine
    def connect(): return create_engine("sqlite://")
"""
COMMAND = """
    import click
    def show(name): click.echo(name)
"""
RESOLVERS = """
    import strawberry
    from app.services.users import UserService
    @strawberry.type
    class Query:
        def users(self, service: UserService): return service.all()
"""
SERVICE = """
    class UserService:
        def all(self): return []
"""
WORK = """
    import httpx
    def send(name): return httpx.post("https://example.org", json={"name": name})
"""

CASES = {
    "a page about databases": ({"app/ui/database.py": PAGES}, "app.ui.database", "unknown"),
    "a database": ({"app/ui/database.py": ENGINE}, "app.ui.database", "database"),
    "a database of a library that is not known": (
        {"app/ui/database.py": "from surreal import Surreal\ndef get(): return Surreal()\n"},
        "app.ui.database", "database",
    ),
    "a database of Python": (
        {"app/ui/db.py": "import sqlite3\ndef get(): return sqlite3.connect('x')\n"}, "app.ui.db", "database",
    ),
    "a file that hands the database on": (
        {"app/database.py": "from app.core.engine import connect\n", "app/core/engine.py": ENGINE},
        "app.database", "database",
    ),
    "a file that calls the database": (
        {
            "app/database.py": "from app.core.engine import connect\ndef get(): return connect()\n",
            "app/core/engine.py": ENGINE,
        },
        "app.database", "database",
    ),
    "a folder of commands": (
        {"app/db/show.py": COMMAND, "app/db/__init__.py": ""}, "app.db.show", "unknown",
    ),
    "a folder with a database in it": (
        {"app/db/show.py": COMMAND, "app/db/engine.py": ENGINE}, "app.db.show", "database",
    ),
    "a folder of the database beside one of commands": (
        {"app/cli/db/show.py": COMMAND, "app/db/engine.py": ENGINE}, "app.cli.db.show", "unknown",
    ),
    "what helpers share": (
        {"app/jobs/common.py": "def double(number): return number * 2\n"}, "app.jobs.common", "util",
    ),
    "work in a file called common": ({"app/jobs/common.py": WORK}, "app.jobs.common", "infrastructure"),
    "resolvers": (
        {"app/graph/schema.py": RESOLVERS, "app/services/users.py": SERVICE}, "app.graph.schema", "unknown",
    ),
    "tables in a file called schema": (
        {"app/shop/schema.py": "from sqlalchemy import MetaData, Table\nuser = Table('user', MetaData())\n"},
        "app.shop.schema", "unknown",
    ),
    "functions in a file called schema": (
        {"app/shop/schema.py": "from lxml import etree\ndef read(path): return etree.XMLSchema(file=path)\n"},
        "app.shop.schema", "unknown",
    ),
    "schemas": (
        {"app/shop/schema.py": "from pydantic import BaseModel\nclass Item(BaseModel): ...\n"},
        "app.shop.schema", "schema",
    ),
    "aliases of schemas": (
        {"app/shop/schema.py": "from typing import Any\nItem = dict[str, Any]\n"},
        "app.shop.schema", "schema",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "name", "layer"), CASES.values(), ids=CASES)
def test_what_modules_are_about(
    tmp_path: Path, files: dict[str, str], name: str, layer: str
) -> None:
    project = layered(tmp_path, {"app/models.py": MODELS, **files})
    assert said(project, name).partition(" ")[0] == layer
