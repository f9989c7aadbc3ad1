"""LC601: imports from a layer that must not be used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from small_projects import check, expected, found, report

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "a service uses a router": ("""
        # app/api/a.py
        from fastapi import APIRouter
        router = APIRouter()
        def helper() -> object:
            return router.add_api_route("/", helper)
        # app/services/a.py
        from app.api.a import helper  # expect: LC601
        def work() -> object:
            return helper()
    """, {}),
    "a schema beside a router": ("""
        # app/api/a.py
        from fastapi import APIRouter
        from pydantic import BaseModel
        router = APIRouter()
        class Out(BaseModel): ...
        # app/services/a.py
        from app.api.a import Out  # expect: LC601
        def work() -> object:
            return Out()
    """, {}),
    "what stands beside the declaration of a dependency": ("""
        # app/meta.py
        import inspect
        from typing import Annotated
        from fastapi import Depends, Request
        from sqlalchemy.orm import Mapped
        LIMIT = inspect.cleandoc("ten")
        class MetaColumns:
            meta: Mapped[str]
        class Wish:
            def __init__(self, text: str) -> None:
                self.text = text
        def stated(text: str) -> str:
            return inspect.cleandoc(text)
        def wish(request: Request) -> Wish:
            return Wish(stated(request.url.path))
        WishDep = Annotated[Wish, Depends(wish)]
        # app/api/a.py
        from fastapi import APIRouter
        from app.meta import WishDep
        from app.services.a import AService
        router = APIRouter()
        @router.get("/a")
        def show(wanted: WishDep) -> object:
            return AService().find(wanted)
        # app/models/a.py
        from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
        from app.meta import MetaColumns
        class Base(DeclarativeBase): ...
        class A(MetaColumns, Base):
            __tablename__ = "a"
            id: Mapped[int] = mapped_column(primary_key=True)
        # app/services/a.py
        from app.meta import LIMIT, Wish, stated
        from app.meta import WishDep  # expect: LC601
        from app.meta import wish  # expect: LC601
        class AService:
            def find(self, wanted: Wish) -> object:
                return stated(wanted.text), LIMIT, Wish, WishDep, wish
    """, {}),
    "a repository uses a service": ("""
        # app/services/a.py
        class AService: ...
        # app/repositories/a.py
        from app.services.a import AService  # expect: LC601
        class ARepository:
            def load(self) -> object:
                return AService()
    """, {}),
    "a whole module": ("""
        # app/services/a.py
        class AService: ...
        # app/repositories/a.py
        import app.services.a  # expect: LC601
        from app.services import a as renamed  # expect: LC601
        def load() -> object:
            return app.services.a.AService() or renamed.AService()
    """, {}),
    "inside a function": ("""
        # app/services/a.py
        class AService: ...
        # app/repositories/a.py
        def load() -> object:
            from app.services.a import AService  # expect: LC601
            return AService()
    """, {}),
    "through a package that hands it on": ("""
        # app/services/a.py
        class AService: ...
        # app/services/__init__.py
        from app.services.a import AService
        # app/repositories/a.py
        from app.services import AService  # expect: LC601
        def load() -> object:
            return AService()
    """, {}),
    "through any module that hands it on": ("""
        # app/services/a.py
        class AService: ...
        # app/facade.py
        from app.services.a import AService
        # app/repositories/a.py
        from app.facade import AService  # expect: LC601
        def load() -> object:
            return AService()
    """, {}),
    "one per statement": ("""
        # app/services/a.py
        class AService: ...
        class BService: ...
        # app/repositories/a.py
        from app.services.a import AService, BService  # expect: LC601
        def load() -> object:
            return AService(), BService()
    """, {}),
    "a util uses a service": ("""
        # app/services/a.py
        def price() -> int: return 1
        # app/utils/labels.py
        from app.services.a import price  # expect: LC601
        def label() -> str:
            return str(price())
    """, {}),
    "a helper among repositories uses a service": ("""
        # app/services/a.py
        class AService: ...
        # app/repositories/helpers.py
        from app.services.a import AService  # expect: LC601
        def work() -> object:
            return AService()
    """, {}),
    "settings that are injected as well": ("""
        # app/config.py
        from pydantic_settings import BaseSettings
        from starlette.requests import Request
        class Settings(BaseSettings):
            url: str = ""
        def get_settings() -> Settings:
            return Settings()
        def settings_of(request: Request) -> Settings:
            return request.app.state.settings
        # app/api/a.py
        from typing import Annotated
        from fastapi import APIRouter, Depends
        from app.config import Settings, get_settings, settings_of
        router = APIRouter()
        @router.get("/")
        def show(
            settings: Annotated[Settings, Depends(get_settings)],
            others: Annotated[Settings, Depends(settings_of)],
        ) -> str:
            return settings.url + others.url
        # app/services/a.py
        from app.config import get_settings
        from app.config import settings_of  # expect: LC601
        class AService:
            def load(self, request: object) -> str:
                return get_settings().url + settings_of(request).url
        # app/database.py
        from sqlalchemy import create_engine
        from app.config import get_settings
        engine = create_engine(get_settings().url)
    """, {}),
    "a repository uses the factory of a service": ("""
        # app/services/a.py
        class Caller:
            def call(self) -> str:
                return "called"
        def get_caller() -> Caller:
            return Caller()
        # app/api/a.py
        from typing import Annotated
        from fastapi import APIRouter, Depends
        from app.services.a import Caller, get_caller
        router = APIRouter()
        @router.get("/")
        def show(caller: Annotated[Caller, Depends(get_caller)]) -> str:
            return caller.call()
        # app/repositories/a.py
        from app.services.a import get_caller  # expect: LC601
        class ARepository:
            def load(self) -> str:
                return get_caller().call()
        # app/services/b.py
        from app.services.a import get_caller
        class BService:
            def work(self) -> str:
                return get_caller().call()
    """, {}),
    "a client that implements an interface, and one that does not": ("""
        # app/domain/value_objects/moment.py
        from datetime import datetime
        class Moment:
            def __init__(self, at: datetime) -> None:
                self.at = at
        # app/ports/timer.py
        from typing import Protocol
        from app.domain.value_objects.moment import Moment
        class Timer(Protocol):
            def now(self) -> Moment: ...
        # app/adapters/timer.py
        from datetime import datetime
        from app.domain.value_objects.moment import Moment
        from app.ports.timer import Timer
        class SystemTimer(Timer):
            def now(self) -> Moment:
                return Moment(datetime.now())
        # app/adapters/clock.py
        from datetime import datetime
        from app.domain.value_objects.moment import Moment  # expect: LC601
        class Clock:
            def now(self) -> Moment:
                return Moment(datetime.now())
    """, {}),
    "jobs below a scheduler, tasks of a to-do list among services": ("""
        # app/db/session.py
        from sqlalchemy import create_engine
        from sqlalchemy.orm import sessionmaker
        SessionLocal = sessionmaker(create_engine("sqlite://"))
        # app/models.py
        from sqlalchemy.orm import DeclarativeBase
        class Base(DeclarativeBase): ...
        class Token(Base):
            __tablename__ = "tokens"
        # app/repositories/tokens.py
        from sqlalchemy.orm import Session
        from app.models import Token
        class TokenRepository:
            def __init__(self, session: Session) -> None:
                self.session = session
            def count(self) -> int:
                return self.session.query(Token).count()
        # app/services/tokens.py
        from app.repositories.tokens import TokenRepository
        class TokenService:
            def __init__(self, tokens: TokenRepository) -> None:
                self.tokens = tokens
            def count(self) -> int:
                return self.tokens.count()
        # app/services/scheduler/tasks/purge.py
        from app.db.session import SessionLocal
        from app.repositories.tokens import TokenRepository
        def purge() -> int:
            with SessionLocal() as session:
                return TokenRepository(session).count()
        # app/services/todo/tasks/purge.py
        from app.db.session import SessionLocal  # expect: LC601
        from app.repositories.tokens import TokenRepository
        def purge() -> int:
            with SessionLocal() as session:
                return TokenRepository(session).count()
    """, {"ignore": ["LC404", "LC204"]}),
    "the element that uses the name decides": ("""
        # app/services/a.py
        class AService: ...
        # app/mixed.py
        from app.services.a import AService  # expect: LC601
        class BService:
            def work(self) -> object:
                return 1
        class BRepository:
            def load(self) -> object:
                return AService()
    """, {}),
    "imports for annotations, when asked": ("""
        # app/services/a.py
        class AService: ...
        # app/repositories/a.py
        from typing import TYPE_CHECKING
        from app.services.a import AService  # expect: LC601
        if TYPE_CHECKING:
            from app.services import a  # expect: LC601
        def load(one: AService, other: "a.AService") -> None: ...
    """, {"rules": {"LC601": {"type-only": "check"}}}),
    "a row of one's own": ("""
        # app/repositories/a.py
        class ARepository: ...
        # app/services/a.py
        from app.repositories.a import ARepository  # expect: LC601
        def work() -> object:
            return ARepository()
    """, {"rules": {"LC601": {"matrix": {"service": ["schema"]}}}}),
    "through a module of no layer, when asked": ("""
        # app/services/a.py
        class AService: ...
        # app/between.py
        import app.services.a
        things = [app.services.a]
        # app/repositories/a.py
        from app.between import things  # expect: LC601
        def load() -> object:
            return things[0]
    """, {"rules": {"LC601": {"transitive": True}}}),
    "a helper does what its directory may": ("""
        # app/schemas.py
        from pydantic import BaseModel
        class Out(BaseModel): ...
        # app/services/billing/utils.py
        from app.schemas import Out
        def work() -> object:
            return Out()
    """, {}),
    "serializers that are functions": ("""
        # app/utils/serializers.py
        from app.constants import KEYS
        def as_dict(row: object) -> dict[str, object]:
            return {key: getattr(row, key) for key in KEYS if print(key) is None}
        # app/constants.py
        KEYS = ("id",)
        # app/utils/tree.py
        from app.utils.serializers import as_dict
        def nodes(rows: list[object]) -> list[dict[str, object]]:
            return [as_dict(row) for row in rows]
    """, {}),
    "a feature called like a part of the infrastructure": ("""
        # app/storage/models.py
        from sqlalchemy.orm import DeclarativeBase
        class Base(DeclarativeBase): ...
        class File(Base):
            __tablename__ = "files"
        # app/storage/service.py
        from sqlalchemy.orm import Session
        from app.storage.models import File
        def create(session: Session) -> File:
            file = File()
            session.add(file)
            return file
        # app/storage/flows.py
        from sqlalchemy.orm import Session
        from app.storage.models import File
        from app.storage.service import create
        def store(session: Session) -> int:
            create(session)
            session.add(File())
            return session.query(File).count()
    """, {}),
    "through a module of no layer": ("""
        # app/services/a.py
        class AService: ...
        # app/between.py
        import app.services.a
        things = [app.services.a]
        # app/repositories/a.py
        from app.between import things
        def load() -> object:
            return things[0]
    """, {}),
    "the layers in order": ("""
        # app/repositories/a.py
        class ARepository: ...
        # app/services/a.py
        from app.repositories.a import ARepository
        class AService:
            def __init__(self) -> None:
                self.repository = ARepository()
        # app/api/a.py
        from fastapi import APIRouter
        from app.services.a import AService
        router = APIRouter()
        @router.get("/")
        def show() -> None:
            AService()
    """, {}),
    "in annotations alone": ("""
        # app/services/a.py
        class AService: ...
        # app/repositories/a.py
        from app.services.a import AService
        def load(one: AService) -> "list[AService]":
            return [one]
    """, {}),
    "for type checkers alone": ("""
        # app/services/a.py
        class AService: ...
        # app/repositories/a.py
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from app.services.a import AService
        def load(one: "AService") -> None: ...
    """, {}),
    "inside a function, when allowed": ("""
        # app/services/a.py
        class AService: ...
        # app/repositories/a.py
        def load() -> object:
            from app.services.a import AService
            return AService()
    """, {"rules": {"LC601": {"lazy-imports": "ignore"}}}),
    "exceptions are for all": ("""
        # app/services/a.py
        class Gone(Exception): ...
        # app/repositories/a.py
        from app.services.a import Gone
        def load() -> None:
            raise Gone
    """, {}),
    "enums are for all": ("""
        # app/api/a.py
        import enum
        from fastapi import APIRouter
        router = APIRouter()
        class Order(enum.StrEnum):
            UP = "up"
        # app/services/a.py
        from app.api.a import Order
        def work() -> object:
            return Order.UP
    """, {}),
    "enums are for all, wherever they lie": ("""
        # app/services/kinds.py
        from enum import Enum, StrEnum
        class Kind(StrEnum):
            ONE = "one"
            def title(self) -> str:
                return {Kind.ONE: "One"}[self]
        class Named:
            ONE = "one"
        # app/repositories/a.py
        from app.services.kinds import Kind
        from app.services.kinds import Named  # expect: LC601
        def load() -> object:
            return Kind.ONE.title() or Named.ONE
    """, {}),
    "pure functions and plain objects beside schemas": ("""
        # app/utils/paths.py
        class Route:
            def __init__(self, name: str) -> None:
                self.name = name
        # app/schemas/paths.py
        from pydantic import BaseModel
        from app.utils.paths import Route
        class Path(BaseModel): ...
        ROOT = Route("/")
        EMPTY = Path()
        def clean(path: str) -> str:
            return path.strip("/").replace("/", "_")
        def made(path: str) -> Path:
            return Path()
        # app/utils/limits.py
        from app.schemas.paths import ROOT, clean
        from app.schemas.paths import EMPTY  # expect: LC601
        from app.schemas.paths import made  # expect: LC601
        def limit() -> object:
            return ROOT or clean("/") or EMPTY or made("/")
    """, {}),
    "plain values of the configuration, however they are made": ("""
        # app/config.py
        import os
        from pydantic_settings import BaseSettings
        class Settings(BaseSettings):
            path: str = ""
        PATH = str(os.environ.get("BASE")) + "/resources"
        settings = Settings()
        # app/models/rom.py
        from app.config import PATH
        from app.config import settings  # expect: LC601
        def load() -> object:
            return PATH + settings.path
    """, {}),
    "a router uses the infrastructure where there is no service": ("""
        # app/core/mailer.py
        import smtplib
        def send() -> object:
            return smtplib.SMTP()
        # app/api/a.py
        from fastapi import APIRouter, FastAPI
        from app.core.mailer import send
        router = APIRouter()
        @router.get("/")
        def show() -> None:
            send()
        app = FastAPI()
        app.include_router(router)
    """, {}),
    "a router uses the infrastructure past the services": ("""
        # app/core/mailer.py
        import smtplib
        def send() -> object:
            return smtplib.SMTP()
        # app/services/a.py
        from app.core.mailer import send
        class AService:
            def work(self) -> object:
                return send()
        # app/api/a.py
        from fastapi import APIRouter, FastAPI
        from app.core.mailer import send  # expect: LC601
        from app.services.a import AService
        router = APIRouter()
        @router.get("/")
        def show() -> None:
            send()
            AService().work()
        app = FastAPI()
        app.include_router(router)
    """, {"select": ["LC601"]}),
    "a provider in the marker of a task queue": ("""
        # app/deps.py
        from fastapi import Depends, FastAPI
        from app.services.a import AService
        def get_service() -> AService:
            return AService()
        def get_other() -> AService:
            return AService()
        app = FastAPI()
        @app.get("/")
        def show(one: AService = Depends(get_service), other: AService = Depends(get_other)) -> None: ...
        # app/services/a.py
        class AService: ...
        # app/jobs.py
        from taskiq import InMemoryBroker, TaskiqDepends
        from app.deps import get_service
        from app.deps import get_other  # expect: LC601
        from app.services.a import AService
        broker = InMemoryBroker()
        @broker.task
        async def work(service: AService = TaskiqDepends(get_service)) -> object:
            return get_other()
    """, {}),
    "what decorates, and what a program does": ("""
        # app/core.py
        from fastapi import FastAPI
        app = FastAPI()
        # app/main.py
        from app.api import b
        from app.core import app
        app.include_router(b.router)
        @app.get("/")
        def root() -> None: ...
        # app/api/b.py
        from fastapi import APIRouter
        from app.core import app  # expect: LC601
        router = APIRouter()
        @router.get("/b")
        def other() -> object:
            return app.routes
        # app/services/a.py
        class AService: ...
        # app/repositories/a.py
        class ARepository: ...
        if __name__ == "__main__":
            from app.services.a import AService
            AService()
    """, {}),
    "data classes beside a helper": ("""
        # app/rights/models.py
        class Right:
            name: str
        # app/rights/utils.py
        from app.rights.models import Right
        def make() -> object:
            return Right()
        # app/other/utils.py
        from app.rights.models import Right  # expect: LC601
        def make() -> object:
            return Right()
    """, {}),
    "inside the outer ring": ("""
        # app/infrastructure/models.py
        from sqlalchemy.orm import DeclarativeBase
        class Base(DeclarativeBase): ...
        class Tag(Base):
            __tablename__ = "tags"
        # app/infrastructure/mapping.py
        from app.infrastructure.models import Tag
        class TagMapper:
            def row(self) -> object:
                return Tag()
        # app/infrastructure/repositories/tags.py
        from app.infrastructure.mapping import TagMapper
        class TagRepository:
            def load(self) -> object:
                return TagMapper().row()
    """, {}),
    "infrastructure that is no ring": ("""
        # app/models.py
        from sqlalchemy.orm import DeclarativeBase
        class Base(DeclarativeBase): ...
        class Tag(Base):
            __tablename__ = "tags"
        # app/infrastructure/mailing.py
        from app.models import Tag  # expect: LC601
        class Mailer:
            def row(self) -> object:
                return Tag()
    """, {}),
    "constants are for all": ("""
        # app/api/a.py
        from fastapi import APIRouter
        router = APIRouter()
        LIMIT = 10
        # app/services/a.py
        from app.api.a import LIMIT
        def work() -> object:
            return LIMIT
    """, {}),
    "names of plain types are for all": ("""
        # app/entities/types.py
        from typing import NewType
        PasswordHash = NewType("PasswordHash", bytes)
        # app/clients/mail_client.py
        from app.entities.types import PasswordHash
        class MailClient:
            def hashed(self) -> object:
                return PasswordHash(b"")
    """, {}),
    "the name of a type that is an entity": ("""
        # app/entities/users.py
        from typing import NewType
        class User: ...
        Admin = NewType("Admin", User)
        # app/clients/mail_client.py
        from app.entities.users import Admin  # expect: LC601
        class MailClient:
            def admin(self) -> object:
                return Admin(None)
    """, {}),
    "pure functions are for all": ("""
        # app/api/a.py
        from fastapi import APIRouter
        router = APIRouter()
        def double(number: int) -> int:
            return abs(number) * 2
        # app/services/a.py
        from app.api.a import double
        def work() -> object:
            return double(2)
    """, {}),
    "loggers are for all": ("""
        # app/services/logging.py
        import logging
        logger = logging.getLogger("app")
        # app/repositories/a.py
        from app.services.logging import logger
        def load() -> None:
            logger.info("load")
    """, {}),
    "a task that is run like any function": ("""
        # app/tasks.py
        from celery import Celery
        celery = Celery()
        @celery.task
        def send(number: int) -> None: ...
        # app/services/a.py
        from app.tasks import send  # expect: LC601
        def work() -> None:
            send(1)
    """, {}),
    "a module of tasks, one of them run": ("""
        # app/tasks.py
        from celery import Celery
        celery = Celery()
        @celery.task
        def send(number: int) -> None: ...
        # app/services/a.py
        from app import tasks  # expect: LC601
        def work() -> None:
            tasks.send(1)
    """, {}),
    "a task that is enqueued": ("""
        # app/tasks.py
        from celery import Celery
        celery = Celery()
        @celery.task
        def send(number: int) -> None: ...
        # app/services/a.py
        from fastapi import BackgroundTasks
        from app.tasks import send
        def work(later: BackgroundTasks) -> None:
            send.delay(1)
            send.apply_async((2,))
            later.add_task(send, 3)
    """, {"ignore": ["LC201"]}),
    "a helper of a task module": ("""
        # app/tasks.py
        from celery import Celery
        celery = Celery()
        @celery.task
        def send(number: int) -> None: ...
        def schedule(number: int) -> None:
            send.delay(number)
        # app/services/a.py
        from app.tasks import schedule
        def work() -> None:
            schedule(1)
    """, {}),
    "a task that is run, where the edge is allowed": ("""
        # app/tasks.py
        from celery import Celery
        celery = Celery()
        @celery.task
        def send(number: int) -> None: ...
        # app/services/a.py
        from app.tasks import send
        def work() -> None:
            send(1)
    """, {"allow-edges": [["service", "task"]]}),
    "an entity that holds a session factory": ("""
        # app/database.py
        from sqlalchemy import create_engine
        from sqlalchemy.orm import DeclarativeBase, sessionmaker
        class Base(DeclarativeBase): ...
        Session = sessionmaker(create_engine("sqlite://"))
        # app/models.py
        from app.database import Base
        from app.database import Session  # expect: LC601
        class User(Base):
            __tablename__ = "users"
            def save(self) -> object:
                return Session
    """, {}),
    "a decorator around transactions": ("""
        # app/database.py
        from enum import Enum
        from functools import wraps
        from sqlalchemy import create_engine
        from sqlalchemy.orm import scoped_session, sessionmaker
        session = scoped_session(sessionmaker(create_engine("sqlite://")))
        class Mode(Enum):
            NEW = 1
        class Transactional:
            def __init__(self, mode: Mode = Mode.NEW) -> None:
                self.mode = mode
            def __call__(self, function):
                @wraps(function)
                def inner(*args):
                    try:
                        result = function(*args)
                        session.commit()
                    except Exception:
                        session.rollback()
                        raise
                    return result
                return inner
        def committed(function):
            def inner(*args):
                result = function(*args)
                session.commit()
                return result
            return inner
        # app/models.py
        from sqlalchemy.orm import DeclarativeBase
        class Base(DeclarativeBase): ...
        class User(Base):
            __tablename__ = "users"
        # app/repositories/a.py
        from sqlalchemy.orm import Session
        from app.models import User
        class ARepository:
            def __init__(self, session: Session) -> None:
                self.session = session
            def names(self) -> list[User]:
                return self.session.query(User).all()
        # app/services/a.py
        from app.database import Mode, Transactional
        from app.database import committed  # expect: LC601
        from app.repositories.a import ARepository
        class AService:
            def __init__(self, users: ARepository) -> None:
                self.users = users
            @Transactional(Mode.NEW)
            def names(self) -> list[str]:
                return self.users.names()
            @committed
            def none(self) -> None: ...
    """, {}),
    "an entity with a column that holds a model": ("""
        # app/models/payload.py
        from pydantic import BaseModel
        class Payload(BaseModel): ...
        # app/schemas.py
        from pydantic import BaseModel
        class Sent(BaseModel): ...
        # app/models/task.py
        from sqlalchemy.orm import DeclarativeBase
        from app.models.payload import Payload
        from app.schemas import Sent  # expect: LC601
        class Base(DeclarativeBase): ...
        class Task(Base):
            __tablename__ = "tasks"
            kinds = (Payload, Sent)
    """, {}),
    "an entity that uses the base, its registry and column mixins": ("""
        # app/database.py
        from sqlalchemy import MetaData, create_engine
        from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
        class Base(DeclarativeBase): ...
        class Stamped:
            id: Mapped[int] = mapped_column(primary_key=True)
        metadata = MetaData()
        mappers = registry()
        engine = create_engine("sqlite://")
        def key() -> object:
            return mapped_column(primary_key=True)
        # app/models.py
        from app.database import Base, Stamped, key, mappers, metadata
        class User(Base, Stamped):
            __tablename__ = "users"
            kind = key()
            places = (metadata, mappers)
    """, {}),
    "exceptions are judged elsewhere": ("""
        # app/services/a.py
        class AService: ...
        # app/exceptions.py
        from app.services.a import AService
        class Gone(Exception):
            service = AService()
    """, {"ignore": ["LC603"]}),
    "the application may use everything": ("""
        # app/repositories/a.py
        class ARepository: ...
        # app/main.py
        from fastapi import FastAPI
        from app.repositories.a import ARepository
        app = FastAPI()
        repository = ARepository()
    """, {}),
    "a router's database is judged elsewhere": ("""
        # app/models.py
        from sqlalchemy.orm import DeclarativeBase
        class Base(DeclarativeBase): ...
        class User(Base): ...
        # app/api/a.py
        from fastapi import APIRouter
        from app.models import User
        router = APIRouter()
        @router.get("/")
        def show() -> None:
            User()
    """, {}),
    "a provider in Depends is judged elsewhere": ("""
        # app/dependencies.py
        def provide() -> int: return 1
        # app/services/a.py
        from fastapi import Depends
        from app.dependencies import provide
        class AService:
            def __init__(self, one: int = Depends(provide)) -> None: ...
        # app/api/a.py
        from fastapi import APIRouter, Depends
        from app.services.a import AService
        router = APIRouter()
        @router.get("/")
        def show(service: AService = Depends()) -> None: ...
    """, {}),
    "a service uses the database where there is no repository": ("""
        # app/database.py
        from sqlalchemy import create_engine
        from sqlalchemy.orm import sessionmaker
        engine = create_engine("sqlite://")
        Session = sessionmaker(engine)
        # app/services/a.py
        from app.database import Session
        def work() -> None:
            with Session() as session:
                session.commit()
    """, {}),
    "an object of another layer than its folder": ("""
        # app/dependencies/mail.py
        class MailService: ...
        mails = MailService()
        # app/services/a.py
        from app.dependencies.mail import mails
        def work() -> object:
            return mails
    """, {}),
    "an object made where it is wired": ("""
        # app/mails.py
        class MailService: ...
        # app/main.py
        from fastapi import FastAPI
        from app.mails import MailService
        app = FastAPI()
        mails = MailService()
        # app/services/a.py
        from app.main import mails  # expect: LC601
        def work() -> object:
            return mails
    """, {}),
    "the provider of a session beside the database": ("""
        # app/database.py
        from sqlalchemy import create_engine
        from sqlalchemy.orm import DeclarativeBase, sessionmaker
        engine = create_engine("sqlite://")
        Session = sessionmaker(engine)
        def get_db() -> object:
            with Session() as session:
                yield session
        # app/repositories/a.py
        from app.database import get_db
        def load() -> object:
            return next(get_db())
        # app/services/a.py
        from fastapi import Depends
        from app.database import get_db
        class AService:
            def __init__(self, session: object = Depends(get_db)) -> None: ...
        # app/models.py
        from sqlalchemy.orm import DeclarativeBase
        class Base(DeclarativeBase):
            def again(self) -> object:
                from app.database import get_db
                return next(get_db())
        # app/api/a.py
        from fastapi import APIRouter, Depends
        from app.database import get_db
        from app.services.a import AService
        router = APIRouter()
        @router.get("/")
        def show(session: object = Depends(get_db), service: AService = Depends()) -> None: ...
    """, {}),
    "the provider of something else": ("""
        # app/dependencies.py
        def get_user() -> object:
            return print("user")
        # app/repositories/a.py
        from app.dependencies import get_user  # expect: LC601
        def load() -> object:
            return get_user()
        # app/api/a.py
        from fastapi import APIRouter, Depends
        from app.dependencies import get_user
        router = APIRouter()
        @router.get("/")
        def show(user: object = Depends(get_user)) -> None: ...
    """, {}),
    "an allowed edge": ("""
        # app/services/a.py
        class AService: ...
        # app/repositories/a.py
        from app.services.a import AService
        def load() -> object:
            return AService()
    """, {"allow-edges": [["repository", "service"]]}),
    "the element that uses the name may": ("""
        # app/services/a.py
        class AService: ...
        # app/mixed.py
        from app.services.a import AService
        class BService:
            def work(self) -> object:
                return AService()
        class BRepository:
            def load(self) -> object:
                return 1
    """, {}),
    "code of no known layer": ("""
        # app/services/a.py
        class AService: ...
        # app/things.py
        from app.services.a import AService
        def load() -> object:
            return AService()
    """, {}),
    "an object of a class that says more than the folder": ("""
        # app/stores/redis_client.py
        class RedisClient:
            def get(self, key: str) -> str:
                return key
        # app/services/stores.py
        from app.stores.redis_client import RedisClient
        sources = RedisClient()
        # app/infrastructure/tokens.py
        from app.services.stores import sources
        def find(key: str) -> str:
            return sources.get(key)
    """, {}),
    "an object of a class that says nothing": ("""
        # app/stores/things.py
        class Things:
            def get(self, key: str) -> str:
                return key
        # app/services/stores.py
        from app.stores.things import Things
        sources = Things()
        # app/infrastructure/tokens.py
        from app.services.stores import sources  # expect: LC601
        def find(key: str) -> str:
            return sources.get(key)
    """, {}),
    "a repository fetches the client of a store": ("""
        # app/services/store.py
        from opensearchpy import OpenSearch
        client = None
        def get_client():
            global client
            if client is None:
                client = OpenSearch()
            return client
        def latest(index: str) -> object:
            return get_client().search(index=index)
        # app/repositories/events.py
        from app.services.store import get_client
        def find(name: str) -> object:
            return get_client().search(index=name)
        # app/repositories/sightings.py
        from app.services.store import latest  # expect: LC601
        def find(name: str) -> object:
            return latest(name)
    """, {}),
    "an entity uses a service of its domain": ("""
        # app/domain/diary/services/durations.py
        class Durations:
            def sleep(self, note: object) -> object:
                return note
        # app/domain/diary/entities/note.py
        from app.domain.diary.services.durations import Durations
        class Note:
            def slept(self) -> object:
                return Durations().sleep(self)
        # app/services/durations.py
        class Sums:
            def sleep(self, note: object) -> object:
                return note
        # app/domain/diary/entities/week.py
        from app.services.durations import Sums  # expect: LC601
        class Week:
            def slept(self) -> object:
                return Sums().sleep(self)
    """, {}),
    "storage is more than infrastructure where it holds repositories": ("""
        # app/storage/repositories/notes.py
        class NoteRepository:
            def get(self, key: str) -> object:
                return key
        # app/storage/source.py
        from app.storage.repositories.notes import NoteRepository
        class Source:
            def notes(self) -> object:
                return NoteRepository().get("a")
        # app/mail/sending.py
        from app.storage.repositories.notes import NoteRepository  # expect: LC601
        def send() -> object:
            return NoteRepository().get("a")
    """, {}),
    "a base of a data class": ("""
        # app/common.py
        from pydantic import BaseModel
        class Stamped(BaseModel):
            at: int
        # app/domain/a.py
        from app.common import Stamped
        class Article(Stamped):
            title: str
    """, {}),
}  # fmt: skip


@pytest.mark.parametrize(("text", "settings"), CASES.values(), ids=CASES)
def test_places(text: str, settings: dict[str, Any], tmp_path: Path) -> None:
    assert found(check(tmp_path, text, {"select": ["LC601"], **settings})) == expected(text)


def test_what_it_says(tmp_path: Path) -> None:
    text = """
        # app/services/billing.py
        class Billing: ...


        def price() -> int:
            return 1
        # app/repositories/invoices.py
        from app.services.billing import Billing, price


        class InvoiceRepository:
            def add(self) -> int:
                Billing()
                return price()

            def lazily(self) -> object:
                from app.services import billing

                return billing.Billing()
    """
    assert report(check(tmp_path, text, {"select": ["LC601"]})) == [
        "error app/repositories/invoices.py:2:1 repository `InvoiceRepository.add` imports service"
        " `app.services.billing.Billing` and `app.services.billing.price`",
        "  app/repositories/invoices.py:2 [repository] import:"
        " app.repositories.invoices -> app.services.billing.Billing",
        "  app/repositories/invoices.py:2 [repository] import:"
        " app.repositories.invoices -> app.services.billing.price",
        "  repository: class name *Repository",
        "  service: directory services/",
        "  = app.repositories.invoices.InvoiceRepository.add"
        " app.services.billing.Billing, app.services.billing.price",
        "error app/repositories/invoices.py:11:9 repository `InvoiceRepository.lazily` imports service"
        " `app.services.billing` inside a function",
        "  app/repositories/invoices.py:11 [repository] import:"
        " app.repositories.invoices -> app.services.billing",
        "  repository: class name *Repository",
        "  service: directory services/",
        "  = app.repositories.invoices.InvoiceRepository.lazily app.services.billing",
    ]


CONDITIONS: dict[str, tuple[str, str, str]] = {
    "a task": (
        "from app.tasks import send\ndef work() -> None:\n    send(1)",
        "service `work` imports task `app.tasks.send`, allowed only to enqueue it",
        "enqueue `send`, or move what it does to a service that the task calls",
    ),
    "the database": (
        "from app.database import engine\n"
        "def work() -> object:  # layercheck: layer=entity\n    return engine",
        "entity `work` imports database `app.database.engine`, allowed only for the declarative base",
        "leave `engine` to repositories, or hand the entity what it needs",
    ),
}


@pytest.mark.parametrize(("text", "message", "advice"), CONDITIONS.values(), ids=CONDITIONS)
def test_an_edge_that_is_allowed_for_one_purpose(
    text: str, message: str, advice: str, tmp_path: Path
) -> None:
    outcome = check(tmp_path, (
        "# app/tasks.py\nfrom celery import Celery\ncelery = Celery()\n"
        "@celery.task\ndef send(number: int) -> None: ...\n"
        "# app/database.py\nfrom sqlalchemy import create_engine\nengine = create_engine('sqlite://')\n"
        f"# app/services/a.py\n{text}\n"
    ))  # fmt: skip
    assert [(one.code, one.message, one.help) for one in outcome.new] == [("LC601", message, advice)]


@pytest.mark.parametrize(
    ("settings", "severities"),
    [
        pytest.param({}, ["error", "warning"], id="found"),
        pytest.param({"layers": {"util": ["app/tools/**"]}}, ["error", "error"], id="stated"),
        pytest.param({"severity": {"LC601": "advice"}}, ["advice", "advice"], id="lower"),
    ],
)
def test_names_that_mean_many_things_make_a_warning(
    tmp_path: Path, settings: dict[str, Any], severities: list[str]
) -> None:
    text = """
        # app/services/a.py
        class AService: ...
        # app/repositories/a.py
        from app.services.a import AService
        class ARepository:
            def load(self) -> object:
                return AService()
        # app/tools/helpers.py
        from app.services.a import AService
        def helped() -> object:
            return AService()
    """
    judged = check(tmp_path, text, {"select": ["LC601"], **settings}).findings
    assert [one.finding.severity.value for one in judged] == severities
