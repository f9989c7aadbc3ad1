"""Applications that are taken apart handler by handler, and what they answer before and after."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from layercheck.config.load import load
from layercheck.fixes.code import Refused
from layercheck.frontends.extract_run import Extracted, extract_handler
from layercheck.rules.catalog import codes

FIXTURES = Path(__file__).parents[3] / "fixtures"
DATABASE = """\
from collections.abc import Iterator

from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine("sqlite://")


class Base(DeclarativeBase): ...


class Item(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    stock: Mapped[int]


def get_db() -> Iterator[Session]:
    with Session(engine) as session:
        yield session
"""
HEAD = """\
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.database import Item, get_db

app = FastAPI()


"""

Request = tuple[str, str, Any, tuple[str, str] | None]


def copied(tmp_path: Path, name: str) -> Path:
    """Return a copy of a fixture that may be changed."""
    unkept = shutil.ignore_patterns(".layercheck_cache", "__pycache__", "*.db")
    return Path(shutil.copytree(FIXTURES / name, tmp_path / name, ignore=unkept))


def small_app(root: Path, handler: str) -> None:
    """Write an application of one table below ``root``, with a handler in ``app/main.py``."""
    (root / "pyproject.toml").write_text('[project]\nname = "example"\n')
    (root / "app").mkdir()
    (root / "app/__init__.py").write_text("")
    (root / "app/database.py").write_text(DATABASE)
    (root / "app/main.py").write_text(HEAD + textwrap.dedent(handler))


def extracted(root: Path, handler: str, settings: Mapping[str, Any] | None = None) -> Extracted:
    """Return what becomes of a handler, written ``FILE::NAME`` below ``root``; raises `Refused`."""
    config = load(root, None, settings or {}, known_codes=codes())
    return extract_handler(str(root / handler), config)


def refusal(root: Path, handler: str, settings: Mapping[str, Any] | None = None) -> str:
    """Return why a handler is left as it is."""
    try:
        extracted(root, handler, settings)
    except Refused as refused:
        return str(refused)
    return ""


def replay(root: Path, requests: Iterable[Request], driver: str) -> dict[str, Any]:
    """Return what the application in ``root`` answers, and what is in its database then."""
    database = root / "replay.db"
    database.unlink(missing_ok=True)
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    env["DATABASE_URL"] = f"{driver}:///{database}"
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("replay.py")), str(database)],
        cwd=root, env=env, input=json.dumps(list(requests)), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def own_tests(root: Path) -> str:
    """Run the tests of the application in ``root``; return what they print where they fail."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    env.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests", "-q", "-p", "no:cacheprovider"],
        cwd=root, env=env, capture_output=True, text=True,
    )  # fmt: skip
    return "" if done.returncode == 0 else done.stdout + done.stderr
