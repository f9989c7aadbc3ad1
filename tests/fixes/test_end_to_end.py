"""Applications that run: fixed as far as it goes, their own tests still pass, and all else is as it was."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from layercheck.config.load import load
from layercheck.frontends.fix_run import Mended, mend
from layercheck.rules.catalog import codes

FIXTURES = Path(__file__).parents[2] / "fixtures"
TANGLED = """\
--- a/app/repositories/orders.py
+++ b/app/repositories/orders.py
@@ -24,7 +24,7 @@
     async def save(self, order: Order) -> Order:
         \"""Store a changed order for good.\"""
         self._session.add(order)
-        await self._session.commit()  # expect: LC303
+        await self._session.flush()  # expect: LC303
         return order
{space}
     async def get(self, order_id: int) -> Order:
""".format(space=" ")


def run_fix(root: Path) -> Mended:
    mended = mend([root], load(root, None, {}, known_codes=codes()), unsafe=True)
    mended.write()
    return mended


@pytest.mark.parametrize(
    ("name", "diff"),
    [("tangled", TANGLED), ("legacy", ""), ("layered", "")],
    ids=["tangled", "legacy", "layered"],
)
def test_an_application_still_passes_its_own_tests(tmp_path: Path, name: str, diff: str) -> None:
    unkept = shutil.ignore_patterns(".layercheck_cache", "__pycache__")
    root = Path(shutil.copytree(FIXTURES / name, tmp_path / name, ignore=unkept))
    assert run_fix(root).diff() == diff
    assert run_fix(root).diff() == ""
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    env.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests", "-q", "-p", "no:cacheprovider"],
        cwd=root, env=env, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


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
