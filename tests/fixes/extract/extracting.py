"""Applications that are taken apart handler by handler, and what they answer before and after."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from layercheck.config.load import load
from layercheck.fixes.code import Refused
from layercheck.frontends.extract_run import Extracted, extract_handler
from layercheck.rules.catalog import codes

FIXTURES = Path(__file__).parents[3] / "fixtures"
Request = tuple[str, str, Any, tuple[str, str] | None]


def copied(tmp_path: Path, name: str) -> Path:
    """Return a copy of a fixture that may be changed."""
    unkept = shutil.ignore_patterns(".layercheck_cache", "__pycache__", "*.db")
    return Path(shutil.copytree(FIXTURES / name, tmp_path / name, ignore=unkept))


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
