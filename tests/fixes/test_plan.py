"""What holds for every fix: what is left parses, nothing else is touched, and rules say what is there."""

from __future__ import annotations

import ast
import difflib
from pathlib import Path

import pytest

from layercheck.fixes.catalog import FIXES
from layercheck.fixes.code import Code, Refused
from layercheck.rules.catalog import rule_infos

from mending import plan, write

SHOP = """
# app/errors.py
class OrderNotFound(Exception): ...


class Odd(Exception): ...
# app/services/orders.py
from app.errors import OrderNotFound


def find(number: int) -> str:
    if number < 0:
        raise OrderNotFound(number)
    return "order"  # layercheck: ignore[LC201] once
# app/routers/orders.py
import logging

from fastapi import APIRouter, HTTPException

from app.errors import Odd
from app.services import orders

router = APIRouter()


@router.get("/orders/{number}")
def show(number: int):
    TEXT = '''
    try:
  a text   '''
    if number > 5:
        return orders.find(number)

    return   TEXT


@router.get("/odd")
def odd(number: int):
    try:
        return "odd"
    except Odd as error:
        raise HTTPException(400)


@router.get("/all")
def everything(number: int):
    try:
        return number / 0
    except Exception as e:  # all
        logging.error("%s", e)
        raise HTTPException(500, f"failed: {e}")
"""


def code_of(text: str, ends: str, mark: str, encoding: str) -> bytes:
    return (mark + text.replace("\n", ends)).encode(encoding)


@pytest.mark.parametrize(
    ("ends", "mark", "encoding"),
    [
        pytest.param("\n", "", "utf-8", id="plain"),
        pytest.param("\r\n", "", "utf-8", id="other line ends"),
        pytest.param("\n", "\ufeff", "utf-8", id="byte order mark"),
        pytest.param("\n", "# -*- coding: latin-1 -*-\n# \xe4\xf6\n", "latin-1", id="another encoding"),
        pytest.param("\n", "\t# tabs and spaces   \n\n\n", "utf-8", id="odd space"),
    ],
)
def test_lines_no_fix_is_about_stay_byte_for_byte(
    tmp_path: Path, ends: str, mark: str, encoding: str
) -> None:
    write(tmp_path, SHOP)
    paths = sorted(tmp_path.rglob("*.py"))
    for path in paths:
        path.write_bytes(code_of(path.read_text("utf-8"), ends, mark, encoding))
    before = {path: path.read_bytes().decode(encoding) for path in paths}
    mended = plan(tmp_path, ["LC"])
    mended.write()
    assert [done.finding.code for done in mended.plan.done] == ["LC501", "LC502", "LC507", "LC001"]
    for path, text in before.items():
        after = path.read_bytes().decode(encoding)
        ast.parse(path.read_bytes())
        for line in difflib.ndiff(text.splitlines(True), after.splitlines(True)):
            if line.startswith("+ "):
                assert line.endswith(ends) and line.count("\r") == ends.count("\r")
        compared = difflib.ndiff(text.splitlines(), after.splitlines())
        assert [line[2:].strip() for line in compared if line[0] == "-"] == GONE[path.name, path.parent.name]
        assert after.startswith(mark.replace("\n", ends))


GONE = {
    ("errors.py", "app"): [],
    ("orders.py", "services"): ['return "order"  # layercheck: ignore[LC201] once'],
    ("orders.py", "routers"): [
        "from app.errors import Odd",
        "return orders.find(number)",
        "try:",
        'return "odd"',
        "except Odd as error:",
        "raise HTTPException(400)",
        'raise HTTPException(500, f"failed: {e}")',
    ],
}


def test_a_file_outside_of_the_project_stays(tmp_path: Path) -> None:
    root, file = tmp_path / "shop", tmp_path / "orders.py"
    root.mkdir()
    write(root, SHOP)
    (root / "app/routers/orders.py").rename(file)
    (root / "app/routers/orders.py").symlink_to(file)
    before = file.read_bytes()
    mended = plan(root, ["LC5"])
    mended.write()
    assert (mended.plan.done, file.read_bytes()) == ([], before)
    reasons = {one.reason for one in mended.plan.left}
    assert reasons == {"app/routers/orders.py lies outside of the project, behind a link"}


def test_rules_say_which_fix_there_is() -> None:
    said = {info.code: info.fix for info in rule_infos() if info.fix != "none"}
    safe = {"LC001", "LC005"}
    assert said == {code: "safe" if code in safe else "unsafe" for code in FIXES}
    assert {code: fix.code for code, fix in FIXES.items()} == {code: code for code in FIXES}


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"def f(:\n", id="no Python"),
        pytest.param("# coding: ascii\nx = '\xe4'\n".encode(), id="not in its encoding"),
        pytest.param(b"# coding: unheard\nx = 1\n", id="no such encoding"),
    ],
)
def test_what_cannot_be_read_is_not_changed(data: bytes) -> None:
    with pytest.raises(Refused, match=r"^a\.py cannot be read$"):
        Code("a.py", data)
