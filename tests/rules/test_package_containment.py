"""LC605: third-party packages outside of the layers that may use them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from small_projects import check, expected, found, report

ENTITY = """
# app/models.py
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
class Base(DeclarativeBase): ...
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
"""


def table(calls: bool = False, **packages: list[str]) -> dict[str, Any]:
    """Return settings that name the layers of packages."""
    return {"select": ["LC605"], "rules": {"LC605": {"packages": packages, "calls": calls}}}


OPENAI = table(openai=["infrastructure"])
DATABASE = table(database=["repository", "database", "entity"])
CALLS = table(calls=True, database=["repository", "database", "entity"])

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "a router": ("""
        # app/api/chat.py
        from fastapi import APIRouter
        from openai import OpenAI  # expect: LC605
        router = APIRouter()
        @router.get("/")
        def chat() -> object:
            return OpenAI()
    """, OPENAI),
    "a whole package": ("""
        # app/services/chat.py
        import openai  # expect: LC605
        def chat() -> object:
            return openai.OpenAI()
    """, OPENAI),
    "inside a function": ("""
        # app/services/chat.py
        def chat() -> object:
            from openai import OpenAI  # expect: LC605
            return OpenAI()
    """, OPENAI),
    "no layer may": ("""
        # app/clients/chat.py
        from openai import OpenAI  # expect: LC605
        def chat() -> object:
            return OpenAI()
    """, table(openai=[])),
    "a part of a package": ("""
        # app/services/files.py
        from google.cloud import storage  # expect: LC605
        from google.cloud import tasks
        def save() -> object:
            return storage.Client(), tasks.Client()
    """, {"select": ["LC605"], "rules": {"LC605": {"packages": {"google.cloud.storage": ["util"]}}}}),
    "handed on by a module of one's own": ("""
        # app/vendor.py
        from openai import OpenAI
        # app/services/chat.py
        from app.vendor import OpenAI  # expect: LC605
        def chat() -> object:
            return OpenAI()
    """, OPENAI),
    "all packages of databases": ("""
        # app/services/users.py
        import asyncpg  # expect: LC605
        from sqlalchemy import select  # expect: LC605
        def load() -> object:
            return asyncpg, select
    """, DATABASE),
    "all packages of the web": ("""
        # app/services/users.py
        from starlette.concurrency import run_in_threadpool  # expect: LC605
        def load() -> object:
            return run_in_threadpool(load)
    """, table(web=["router"])),
    "all packages of frameworks": ("""
        # app/services/users.py
        import httpx  # expect: LC605
        def load() -> object:
            return httpx.Client()
    """, table(framework=["infrastructure", "entity", "database"])),
    "calls on what is handed over": ("""
        # app/services/chat.py
        from openai import OpenAI
        def chat(client: OpenAI) -> object:
            return client.responses.create()  # expect: LC605
    """, table(calls=True, openai=["infrastructure"])),
    "statements of a dependency, a util and a task": ("""
        # app/dependencies.py
        from sqlalchemy.orm import Session
        from app.models import User
        def load(session: Session) -> object:
            return session.get(User, 1)  # expect: LC605
        # app/utils/load.py
        from sqlalchemy.orm import Session
        from app.models import User
        def load(session: Session) -> object:
            return session.get(User, 1)  # expect: LC605
        # app/tasks.py
        from celery import Celery
        from sqlalchemy.orm import Session
        from app.models import User
        celery = Celery()
        @celery.task
        def load(session: Session) -> object:
            session.flush()
            return session.get(User, 1)  # expect: LC605
    """, CALLS),
    "an import and its calls are one finding": ("""
        # app/services/users.py
        from sqlalchemy import select  # expect: LC605
        from sqlalchemy.orm import Session
        from app.models import User
        def load(session: Session) -> object:
            return session.scalars(select(User))
    """, CALLS),
    "calls, where they do not count": ("""
        # app/utils/load.py
        from sqlalchemy.orm import Session
        from app.models import User
        def load(session: Session) -> object:
            return session.get(User, 1)
    """, DATABASE),
    "sessions that are only provided": ("""
        # app/dependencies.py
        from sqlalchemy.orm import Session
        def provide(session: Session) -> object:
            try:
                yield session
                session.commit()
            finally:
                session.close()
    """, CALLS),
    "the layer that may": ("""
        # app/clients/chat.py
        from openai import OpenAI
        def chat() -> object:
            return OpenAI()
    """, OPENAI),
    "in annotations alone": ("""
        # app/services/chat.py
        from typing import TYPE_CHECKING
        from openai import OpenAI
        if TYPE_CHECKING:
            from openai import AsyncOpenAI
        def chat(client: OpenAI, other: "AsyncOpenAI") -> None: ...
    """, OPENAI),
    "the layer that may, inside a function": ("""
        # app/clients/chat.py
        def chat() -> object:
            from openai import OpenAI
            return OpenAI()
    """, OPENAI),
    "for type checkers alone": ("""
        # app/services/chat.py
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from openai import OpenAI
        def chat(client: "OpenAI") -> object:
            return client
    """, OPENAI),
    "a module of the project of that name": ("""
        # app/openai.py
        class OpenAI: ...
        # app/services/chat.py
        from app.openai import OpenAI
        def chat() -> object:
            return OpenAI()
    """, OPENAI),
    "another part of a package": ("""
        # app/services/files.py
        from google.cloud import tasks
        def save() -> object:
            return tasks.Client()
    """, {"select": ["LC605"], "rules": {"LC605": {"packages": {"google.cloud.storage": ["util"]}}}}),
    "a client that the layer that may wraps": ("""
        # app/clients/chat.py
        from openai import OpenAI
        class ChatClient:
            def __init__(self) -> None:
                self.inner = OpenAI()
        # app/services/chat.py
        from app.clients.chat import ChatClient
        def chat() -> object:
            return ChatClient()
    """, OPENAI),
    "another package of a similar name": ("""
        # app/services/chat.py
        import openai_compat
        def chat() -> object:
            return openai_compat.OpenAI()
    """, OPENAI),
    "code of no layer": ("""
        # app/thing.py
        from openai import OpenAI
        class Thing:
            def save(self) -> None:
                open("thing").write(str(OpenAI))
    """, OPENAI),
    "a thin handler": ("""
        # app/api/users.py
        from fastapi import APIRouter, Depends
        from sqlalchemy import select
        from sqlalchemy.orm import Session
        from app.models import User
        router = APIRouter()
        def provide() -> Session: ...
        @router.get("/")
        def show(session: Session = Depends(provide)) -> object:
            return session.scalars(select(User)).all()
    """, CALLS),
}  # fmt: skip


@pytest.mark.parametrize(("text", "settings"), CASES.values(), ids=CASES)
def test_cases(text: str, settings: dict[str, Any], tmp_path: Path) -> None:
    assert found(check(tmp_path, ENTITY + text_of(text), settings)) == expected(text)


def text_of(text: str) -> str:
    return "\n".join(line.removeprefix("        ") for line in text.splitlines()) + "\n"


def test_the_whole_findings(tmp_path: Path) -> None:
    text = """
# app/services/users.py
from openai import AsyncOpenAI, OpenAI
from sqlalchemy.orm import Session
from app.models import User
def ask() -> object:
    return OpenAI(), AsyncOpenAI()
def load(session: Session) -> object:
    session.add(User())
    return session.get(User, 1)
"""
    settings = table(calls=True, openai=["infrastructure", "task"], database=["repository"])
    ignored = {"per-file-ignores": {"app/models.py": ["LC605"]}}
    assert report(check(tmp_path, ENTITY + text, {**settings, **ignored})) == [
        "warning app/services/users.py:2:1 service `ask` imports `openai.AsyncOpenAI` and `openai.OpenAI`;"
        " `openai` belongs to infrastructure and task",
        "  app/services/users.py:2 [service] import: app.services.users -> openai.AsyncOpenAI",
        "  app/services/users.py:2 [service] import: app.services.users -> openai.OpenAI",
        "  service: directory services/",
        "  = app.services.users.ask openai.AsyncOpenAI, openai.OpenAI",
        "warning app/services/users.py:8:5 service `load` calls `Session.add`;"
        " `database` belongs to repository",
        "  app/services/users.py:8 [service] call: load calls Session.add",
        "  also app/services/users.py:9",
        "  service: directory services/",
        "  = app.services.users.load Session.add",
    ]


ON: dict[str, tuple[dict[str, Any], list[str], list[str]]] = {
    "without a table it is off": ({}, [], []),
    "a table turns it on": (
        {"rules": {"LC605": {"packages": {"openai": ["infrastructure"]}}}},
        ["app/services/chat.py:2 LC605"],
        [],
    ),
    "named without a table it has nothing to judge": (
        {"extend-select": ["LC605"]}, [], ["no rules.LC605.packages in the settings"],
    ),
    "a table and off": (
        {"rules": {"LC605": {"packages": {"openai": ["infrastructure"]}}}, "severity": {"LC605": "off"}},
        [],
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("settings", "findings", "inactive"), ON.values(), ids=ON)
def test_when_it_runs(
    settings: dict[str, Any], findings: list[str], inactive: list[str], tmp_path: Path
) -> None:
    text = "# app/services/chat.py\nfrom openai import OpenAI\ndef chat() -> object:\n    return OpenAI()\n"
    outcome = check(tmp_path, text, settings)
    assert found(outcome) == findings
    assert [one.reason for one in outcome.summary.inactive_rules if one.code == "LC605"] == inactive
