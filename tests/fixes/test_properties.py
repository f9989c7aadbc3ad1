"""Whatever a module looks like: what fixes leave of it compiles, says the rest as before, and stays so."""

from __future__ import annotations

import ast
import io
import tempfile
import tokenize
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layercheck.fixes.code import Code
from layercheck.fixes.leftovers import without_names
from layercheck.fixes.import_lines import import_lines

from mending import plan, write

INNER = """
# app/db.py
from collections.abc import Iterator

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

engine = create_engine("sqlite://")


def get_db() -> Iterator[Session]:
    with Session(engine) as session:
        yield session
        session.commit()
# app/errors.py
class OrderNotFound(Exception): ...


class Odd(Exception): ...
# app/services/orders.py
from fastapi import Depends, HTTPException
from sqlalchemy.orm import Session

from app.db import get_db
from app.errors import OrderNotFound


class OrderService:
    def __init__(self, session: Session = Depends(get_db)) -> None:
        self.session = session

    def find(self, number: int) -> str:
        if number < 0:
            raise OrderNotFound(number)
        if number > 99:
            raise HTTPException(404, "order not found")
        return "order"
# app/api/deps.py
from fastapi import Depends
from sqlalchemy.orm import Session

from app.db import get_db
from app.services.orders import OrderService


def get_orders(db: Session = Depends(get_db)) -> OrderService:
    return OrderService(db)
"""
HEAD = """
# app/api/orders.py
{marks}from typing import Annotated, cast

from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy.orm import Session

from app.api.deps import get_orders
from app.db import get_db
from app.errors import Odd, OrderNotFound
from app.services.orders import OrderService

router = APIRouter()
"""
PARAMS = (
    "db: Session = Depends(get_db)",
    "db: Annotated[Session, Depends(get_db)]",
    "db: Session = Depends(get_db),  # held",
    "service: OrderService = Depends()",
    "service: Annotated[OrderService, Depends(get_orders)]",
)
FIRST = (
    "service = OrderService(db)",
    "service = get_orders(db)",
    "service: OrderService = OrderService(session=db)  # made",
    "pass",
    "other = cast(Session, db)",
)
BODIES = (
    "return service.find(number)",
    "if number:\n    return service.find(number)\n\nreturn 'none'  # layercheck: ignore[LC201] once",
    "try:\n    return service.find(number)\nexcept Odd:\n    raise HTTPException(400)",
    "try:\n    return service.find(number)\nexcept OrderNotFound as error:  # seen\n"
    "    raise HTTPException(404, 'no') from error",
    "try:\n    return service.find(number)\nexcept Exception as e:\n"
    "    raise HTTPException(500, f'failed: {e}')",
    "text = '''\n  a text\n    of lines'''\nreturn text + service.find(number)",
    "for _ in range(number):\n\tif number:\n\t\treturn str(number)\nreturn OrderService(db).find(number)",
)


@st.composite
def handlers(draw: st.DrawFn) -> str:
    number = draw(st.integers(0, 2))
    functions = []
    for index in range(number + 1):
        params = draw(st.lists(st.sampled_from(PARAMS), max_size=2, unique=True))
        params = [one for at, one in enumerate(params) if one[:2] not in {other[:2] for other in params[:at]}]
        plain = [one for one in params if " = " not in one]
        default = [one for one in params if " = " in one]
        taken = "".join(f"    {one if '#' in one else f'{one},'}\n" for one in (*plain, *default))
        body = f"{draw(st.sampled_from(FIRST))}\n{draw(st.sampled_from(BODIES))}"
        gap = "\n" * draw(st.integers(1, 3))
        indented = "".join(
            line if "'''" in body and line.startswith((" ", "    of")) else f"    {line}"
            for line in body.splitlines(keepends=True)
        )
        functions.append(
            f"{gap}# handler {index}\n@router.get('/orders/{index}')\n"
            f"def show{index}(\n    number: int,\n{taken}) -> str:\n{indented}\n"
        )
    return "".join(functions)


MARKS = st.sampled_from(
    ("", '"""Routes."""\n\n', "from __future__ import annotations\n\n", "# a comment\n\n\n")
)
STYLES = st.sampled_from(("either", "router", "handlers"))


def comments(data: bytes) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(data.decode("utf-8"), newline=None).readline)
    return [one.string for one in tokens if one.type == tokenize.COMMENT]


def compiles(data: bytes) -> bool:
    try:
        compile(data, "<file>", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(handlers(), MARKS, STYLES, st.sampled_from(("\n", "\r\n")), st.booleans())
def test_any_fix_leaves_modules_that_compile_and_nothing_to_do(
    text: str, marks: str, style: str, ends: str, has_mark: bool
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        write(root, INNER + HEAD.format(marks=marks) + text)
        router = root / "app/api/orders.py"
        mark = b"\xef\xbb\xbf" if has_mark else b""
        before = mark + router.read_bytes().replace(b"\n", ends.encode())
        router.write_bytes(before)
        mended = plan(root, ["LC"], {"error-mapping": style})
        mended.write()
        after = router.read_bytes()
        assert not compiles(before) or all(compiles(file.read_bytes()) for file in root.rglob("*.py"))
        assert after.startswith(mark) and after.count(b"\n") == after.count(ends.encode())
        assert [one for one in comments(before[len(mark):]) if "handler" in one] == [
            one for one in comments(after[len(mark):]) if "handler" in one
        ]
        again = plan(root, ["LC"], {"error-mapping": style})
        assert (again.plan.done, again.diff()) == ([], "")


NAMES = st.lists(
    st.sampled_from(("alpha", "beta", "gamma as g", "delta")), min_size=1, max_size=4, unique=True
)
LAYOUTS = st.sampled_from(
    ("from some import {flat}", "from some import (\n    {long},\n)", "from some import ({flat})  # why")
)


@given(NAMES, LAYOUTS, st.data())
def test_names_go_out_of_an_import_whatever_it_looks_like(
    names: list[str], layout: str, data: st.DataObject
) -> None:
    text = layout.format(flat=", ".join(names), long=",\n    ".join(names)) + "\n\nvalue = 1\n"
    bound = [one.rpartition(" ")[2] for one in names]
    gone = data.draw(st.sets(st.sampled_from(bound)))
    code = Code("a.py", text.encode())
    ((statement, small),) = import_lines(code)
    left = ast.parse(code.with_edits(without_names(code, statement, small, gone)))
    statements = [one for one in left.body if isinstance(one, ast.ImportFrom)]
    kept = [alias.asname or alias.name for one in statements for alias in one.names]
    assert kept == [one for one in bound if one not in gone]
