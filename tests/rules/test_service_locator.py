"""LC407: code that fetches what it works with from a global place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shop import DATABASE, LAYERS, MODELS, project
from small_projects import check, expected, found, report

RULE = {"select": ["LC407"]}

START = """
# app/main.py
from fastapi import FastAPI
from app.clients import MailClient
from app.config import Settings

app = FastAPI()
app.state.mails = MailClient()
app.state.settings = Settings()
app.state.is_ready = True
app.mails = MailClient()
# app/clients.py
class MailClient:
    async def send(self, to: str) -> None: ...
# app/config.py
from pydantic_settings import BaseSettings

class Settings(BaseSettings):
    name: str = "shop"
# app/sessions.py
import contextvars
from databases import Database
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, scoped_session, sessionmaker

engine = create_engine("sqlite://")
session = Session(engine)
Scoped = scoped_session(sessionmaker(engine))
database = Database("sqlite://")
current: contextvars.ContextVar[Session] = contextvars.ContextVar("session")
tenant: contextvars.ContextVar[str] = contextvars.ContextVar("tenant")
current.set(Session(engine))
tenant.set("acme")
"""


TOKENS = """
from dataclasses import dataclass

@dataclass
class TokenService:
    secret: str

    def sign(self) -> str:
        return self.secret

tokens: contextvars.ContextVar[TokenService] = contextvars.ContextVar("tokens")
tokens.set(TokenService("secret"))
"""

TRACES = """
from dataclasses import dataclass

@dataclass
class Operation:
    name: str

    def told(self) -> str:
        return self.name.upper()

class Trace:
    def __init__(self, name: str) -> None:
        self.name = name

operation: contextvars.ContextVar[Operation] = contextvars.ContextVar("operation")
trace: contextvars.ContextVar[Trace] = contextvars.ContextVar("trace")
operation.set(Operation("send"))
trace.set(Trace("send"))
"""

DECLARED = """
from dependency_injector import containers, providers

class Container(containers.DeclarativeContainer):
    mails = providers.Factory(MailClient)
"""

MOTOR = """
from motor.motor_asyncio import AsyncIOMotorClient

client = AsyncIOMotorClient()
people = client.shop.people
"""


def handler(body: str) -> str:
    """Return a router whose one handler has ``body``."""
    lines = "\n".join(f"    {line.strip(chr(10))[8:]}" for line in body.strip("\n").split("\n"))
    return f"""
# app/api/users.py
from fastapi import APIRouter, Request
from app import main, sessions

router = APIRouter()

@router.post("/users")
async def act(request: Request, to: str) -> None:
{lines}
"""


def service(body: str, imports: str = "pass") -> str:
    """Return a service with a method that has ``body``."""
    lines = "\n".join(f"        {line.strip(chr(10))[8:]}" for line in body.strip("\n").split("\n"))
    return f"""
# app/services/mails.py
import contextvars
from app import main, sessions
from app.clients import MailClient
{imports}

class MailService:
    async def send(self, to: str) -> None:
{lines}
"""


HITS: dict[str, str] = {
    "a client the application is given as an attribute": """
        # app/start.py
        from fastapi import FastAPI
        from app.clients import MailClient
        from app.config import Settings

        def start(app: FastAPI, mails: MailClient, settings: Settings) -> None:
            app.mails = mails
            app.settings = settings
        # app/api/users.py
        from fastapi import APIRouter, Request
        router = APIRouter()

        @router.post("/users")
        async def act(request: Request) -> None:
            await request.app.mails.send(request.app.settings.name)  # expect: LC407
    """,
    "the state of the application": handler("""
        await request.app.state.mails.send(to)  # expect: LC407
    """),
    "the state, step by step": handler("""
        app = request.app
        state = app.state
        mails = state.mails  # expect: LC407
        await mails.send(to)
    """),
    "the state, by name": handler("""
        mails = getattr(request.app.state, "mails", None)  # expect: LC407
    """),
    "something of which nothing is known": handler("""
        await request.app.state.unheard_of.send(to)  # expect: LC407
    """),
    "an attribute of the application": handler("""
        await request.app.mails.send(to)  # expect: LC407
    """),
    "the application itself": service("""
        await app.state.mails.send(to)  # expect: LC407
    """, "from app.main import app"),
    "a helper of a handler": """
        # app/api/users.py
        from fastapi import APIRouter, Request
        router = APIRouter()

        async def notify(request: Request) -> None:
            await request.app.state.mails.send("me")  # expect: LC407

        @router.post("/users")
        async def act(request: Request) -> None:
            await notify(request)
    """,
    "punq": service("""
        await container.resolve(MailClient).send(to)  # expect: LC407
    """, "import punq\ncontainer = punq.Container()"),
    "lagom": service("""
        await container[MailClient].send(to)  # expect: LC407
    """, "import lagom\ncontainer = lagom.Container()"),
    "kink": service("""
        await di[MailClient].send(to)  # expect: LC407
    """, "from kink import di"),
    "injector": service("""
        await injector.get(MailClient).send(to)  # expect: LC407
    """, "from injector import Injector\ninjector = Injector()"),
    "dependency_injector": service("""
        await Container.mails().send(to)  # expect: LC407
    """, DECLARED),
    "a service in a context variable": service("""
        tokens.get().sign()  # expect: LC407
    """, TOKENS),
    "a session in a context variable": service("""
        sessions.current.get().add(to)  # expect: LC407
    """),
    "a session of a module": service("""
        sessions.session.add(to)
    """).replace("sessions.session.add(to)", "session.add(to)  # expect: LC407").replace(
        "from app import main, sessions", "from app.sessions import session"
    ),
    "a scoped session": service("""
        Scoped.add(to)  # expect: LC407
        Scoped.commit()
    """, "from app.sessions import Scoped"),
    "a global database": service("""
        await database.execute("DELETE FROM users")  # expect: LC407
    """, "from app.sessions import database"),
    "a proxy": service("""
        db.session.add(to)  # expect: LC407
    """, "from fastapi_sqlalchemy import db"),
}  # fmt: skip

NEAR_MISSES: dict[str, str] = {
    "a provider": """
        # app/api/users.py
        from typing import Annotated
        from fastapi import APIRouter, Depends, Request
        from app.clients import MailClient
        router = APIRouter()

        def get_mails(request: Request) -> MailClient:
            return request.app.state.mails

        @router.post("/users")
        async def act(mails: Annotated[MailClient, Depends(get_mails)]) -> None:
            await mails.send("me")
    """,
    "settings the application is given as an attribute": """
        # app/start.py
        from fastapi import FastAPI
        from app.config import Settings

        def start(app: FastAPI, settings: Settings) -> None:
            app.settings = settings
        # app/api/users.py
        from fastapi import APIRouter, Request
        router = APIRouter()

        @router.post("/users")
        async def act(request: Request) -> str:
            return request.app.settings.name
    """,
    "the start of the application": """
        # app/start.py
        from fastapi import FastAPI

        async def start(app: FastAPI) -> None:
            await app.state.mails.send("me")
    """,
    "middleware": """
        # app/middleware.py
        from starlette.middleware.base import BaseHTTPMiddleware

        class Telling(BaseHTTPMiddleware):
            async def dispatch(self, request, call_next):
                await request.app.state.mails.send("me")
                return await call_next(request)
    """,
    "an exception handler": """
        # app/errors.py
        from fastapi import Request
        from app.main import app

        @app.exception_handler(ValueError)
        async def tell(request: Request, error: ValueError) -> None:
            await request.app.state.mails.send("me")
    """,
    "a write": handler("""
        request.app.state.mails = to
        del request.app.state.mails
    """),
    "settings": handler("""
        return request.app.state.settings.name
    """),
    "a flag": handler("""
        return request.app.state.is_ready
    """),
    "the state of the request": handler("""
        return request.state.user
    """),
    "what applications have by themselves": handler("""
        return request.app.title, request.app.url_path_for("act"), request.app.openapi()
    """),
    "a state of something else": service("""
        self.app.state.mails.send(to)
        request.app.state.mails.send(to)
    """, "request = object()"),
    "data kept in a context variable": service("""
        operation.get().told()
        trace.get()
    """, TRACES),
    "a context variable of a tenant": service("""
        return sessions.tenant.get()
    """),
    "a dict": service("""
        return {"a": MailClient}.get(to)
    """),
    "a container of its own": service("""
        return Container().resolve(MailClient)
    """, "class Container:\n    def resolve(self, cls): ..."),
    "a session that is handed over": service("""
        def add(session: sessions.Session) -> None:
            session.add(to)
        add
    """, "from app.sessions import session"),
    "a session that is opened here": service("""
        session = sessions.Session(sessions.engine)
        session.add(to)
    """, "from app.sessions import session"),
    "a client that serves all requests": service("""
        await people.find_one({"name": to})
    """, MOTOR),
    "a task": """
        # app/tasks.py
        from celery import Celery
        from app.sessions import session
        celery = Celery()

        @celery.task
        def work() -> None:
            session.commit()
    """,
}  # fmt: skip


def whole(text: str) -> str:
    return project(MODELS, DATABASE, LAYERS, START, text)


@pytest.mark.parametrize("text", HITS.values(), ids=HITS)
def test_told(text: str, tmp_path: Path) -> None:
    assert expected(whole(text))
    assert found(check(tmp_path, whole(text), RULE)) == expected(whole(text))


@pytest.mark.parametrize("text", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_silent(text: str, tmp_path: Path) -> None:
    assert found(check(tmp_path, whole(text), RULE)) == []


def test_the_whole_finding(tmp_path: Path) -> None:
    text = handler("""
        await request.app.state.mails.send(to)
        await request.app.mails.send(to)
    """)
    outcome = check(tmp_path, whole(text), RULE)
    assert report(outcome) == [
        "warning app/api/users.py:9:11 POST /users (act) fetches `request.app.state.mails` from the state of"
        " the application",
        "  app/api/users.py:9 [router] fetch: act fetches request.app.state.mails",
        "  also app/api/users.py:10",
        "  router: route decorator",
        "  = app.api.users.act request.app.state.mails",
    ]
    assert [one.help for one in outcome.new] == [
        "take it as a dependency of the handler, and let a provider fetch it"
    ]


MESSAGES: dict[str, str] = {
    "an attribute of the application": "POST /users (act) fetches `request.app.mails` from the application",
    "punq": "service MailService.send fetches `MailClient` from a container of punq",
    "a session in a context variable": "service MailService.send fetches `Session` from a context variable",
    "a global database": "service MailService.send fetches `database` from a global session",
}


@pytest.mark.parametrize(("case", "message"), MESSAGES.items(), ids=MESSAGES)
def test_how_it_is_told(case: str, message: str, tmp_path: Path) -> None:
    (one,) = check(tmp_path, whole(HITS[case]), RULE).new
    assert one.message == message


OPTIONS: dict[str, tuple[str, dict[str, Any], int]] = {
    "an allowed function": ("the state of the application", {"locators-allowed": ["app.api.users.*"]}, 0),
    "an allowed thing": ("the state of the application", {"locators-allowed": ["*.state.mails"]}, 0),
    "another thing": ("the state of the application", {"locators-allowed": ["*.state.limiter"]}, 1),
}


@pytest.mark.parametrize(("case", "options", "count"), OPTIONS.values(), ids=OPTIONS)
def test_options(case: str, options: dict[str, Any], count: int, tmp_path: Path) -> None:
    settings = {**RULE, "rules": {"LC407": options}}
    assert len(check(tmp_path, whole(HITS[case]), settings).new) == count


def test_containers_of_the_settings(tmp_path: Path) -> None:
    text = whole(
        service(
            """
        await container.get(MailClient).send(to)
    """,
            "import wireup\ncontainer = wireup.create_container()",
        )
    )
    assert found(check(tmp_path, text, RULE)) == []
    settings = {**RULE, "types": {"locators": ["wireup"]}}
    assert [one.message for one in check(tmp_path, text, settings).new] == [
        "service MailService.send fetches `get` from a container of wireup"
    ]
