"""Applications that run: fixed as far as it goes, they answer as before, request by request."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from layercheck.config.load import load
from layercheck.frontends.fix_run import Mended, mend
from layercheck.outcome import Outcome
from layercheck.pipeline import check
from layercheck.rules.catalog import codes

import recording

FIXTURES = Path(__file__).parents[2] / "fixtures"
DRIVERS = {"tangled": "sqlite+aiosqlite"}


def run_fix(root: Path) -> Mended:
    mended = mend([root], load(root, None, {}, known_codes=codes()), unsafe=True)
    mended.write()
    return mended


def findings(root: Path) -> Outcome:
    return check([root], load(root, None, {}, known_codes=codes()))


def recorded(root: Path) -> list[Any]:
    """Return what the application in ``root`` answers to its own tests, which pass."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    env |= {recording.RECORD: str(root / "record.json"), "PYTHONPATH": str(Path(__file__).parent)}
    env["DATABASE_URL"] = f"{DRIVERS.get(root.name, 'sqlite')}:///{root / 'record.db'}"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests", "-q", "-p", "no:cacheprovider", "-p", "recording"],
        cwd=root, env=env, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    record: list[Any] = json.loads((root / "record.json").read_text("utf-8"))
    assert any(row[0] == "POST" and row[4] < 300 and row[7] for row in record if len(row) > 2)
    return record


@pytest.mark.parametrize(
    ("name", "fixed"),
    [
        (
            "mendable",
            "LC102 LC104 LC104 LC202 LC202 LC205 LC205 LC303 LC401 LC408 LC502 LC503 LC505 LC601",
        ),
        ("tangled", "LC202 LC303"),
    ],
    ids=("mendable", "tangled"),
)
def test_an_application_answers_as_before(tmp_path: Path, name: str, fixed: str) -> None:
    unkept = shutil.ignore_patterns(".layercheck_cache", "__pycache__")
    root = Path(shutil.copytree(FIXTURES / name, tmp_path / name, ignore=unkept))
    before, told = recorded(root), Counter(one.fingerprint for one in findings(root).new)
    mended = run_fix(root)
    assert sorted(done.finding.code for done in mended.plan.done) == fixed.split()
    after = findings(root)
    assert Counter(one.fingerprint for one in after.new) <= told - Counter(
        done.finding.fingerprint for done in mended.plan.done
    )
    assert recorded(root) == before
    assert run_fix(root).diff() == ""


@pytest.mark.parametrize("name", ["by_feature", "crud", "flat", "layered", "legacy"])
def test_an_application_is_left_alone_where_nothing_has_one_right_answer(tmp_path: Path, name: str) -> None:
    unkept = shutil.ignore_patterns(".layercheck_cache", "__pycache__")
    assert run_fix(Path(shutil.copytree(FIXTURES / name, tmp_path / name, ignore=unkept))).diff() == ""


ORDERS = '''\
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse

from app import orders
from app.errors import Refusal

app = FastAPI()


@app.exception_handler(Refusal)
def refuse(request: Request, error: Refusal) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=409)


@app.get("/orders/{number}")
def show(number: int) -> str:
    try:
        return orders.find(number)
    except Exception as e:
        raise HTTPException(500, f"failed: {e}")


@app.get("/raw/{number}")
def raw(number: int) -> str:
    return orders.look(number)
'''
TESTS = '''\
import pytest
from fastapi.testclient import TestClient

from app.main import app


@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/orders/1", 200, "order"),
        ("/orders/3000", 500, {"detail": "failed"}),
        ("/raw/0", 404, {"detail": "Order not found"}),
        ("/raw/1", 200, "order"),
        ("/orders/2000", 409, {"detail": "too big"}),
    ],
)
def test_answers(path, status, body):
    answer = TestClient(app).get(path)
    assert (answer.status_code, answer.json()) == (status, body)
'''
SHOP = {
    "pyproject.toml": '[project]\nname = "shop"\n\n[tool.layercheck]\n',
    "app/__init__.py": "",
    "app/errors.py": (
        "class Refusal(Exception): ...\n\n\nclass OrderNotFound(Exception): ...\n"
    ),
    "app/orders.py": (
        "from app.errors import OrderNotFound, Refusal\n\n\n"
        "def look(number: int) -> str:\n"
        "    if number == 0:\n        raise OrderNotFound(number)\n"
        '    return "order"\n\n\n'
        "def find(number: int) -> str:\n"
        '    if number == 2000:\n        raise Refusal("too big")\n'
        "    if number == 3000:\n        return str(1 // 0)\n"
        '    return "order"\n'
    ),
    "app/main.py": ORDERS,
    "tests/test_answers.py": TESTS,
}


def test_what_the_fixes_promise_is_what_the_application_does(tmp_path: Path) -> None:
    for path, text in SHOP.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    run_fix(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests", "-q", "-p", "no:cacheprovider", "-c", "pyproject.toml"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": "."}, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, run_fix(tmp_path).diff()) == (0, ""), done.stdout
