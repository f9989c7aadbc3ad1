"""LC502: clauses for what nothing raises go, with the `try` where nothing else is left of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mending import fixed, ordered

ERRORS = """
# app/errors.py
class NameTaken(Exception): ...


class QuotaExceeded(Exception): ...


class NameBad(Exception): ...
"""
SERVICE = """
# app/services/names.py
from app.errors import NameTaken


def rename(name: str) -> str:
    if name == "root":
        raise NameTaken(name)
    return name


def show(name: str) -> str:
    return name
"""


def router(body: str, imports: str = "NameTaken, QuotaExceeded") -> str:
    head = f"""
# app/routers/names.py
from fastapi import APIRouter, HTTPException

from app.errors import {imports}
from app.services import names

router = APIRouter()


@router.put("/names")
def rename(name: str) -> str:
"""
    return ERRORS + head + body + SERVICE


@pytest.mark.parametrize(
    ("before", "after", "title"),
    [
        pytest.param(
            router("""\
    try:
        return names.rename(name)  # may fail

    # what never happens
    except QuotaExceeded:
        # a client error
        raise HTTPException(429)
    except NameTaken as error:
        raise HTTPException(409) from error
"""),
            router("""\
    try:
        return names.rename(name)  # may fail
    except NameTaken as error:
        raise HTTPException(409) from error
""", "NameTaken"),
            "removed the clause for QuotaExceeded",
            id="first of two clauses",
        ),
        pytest.param(
            router("""\
    try:
        return names.rename(name)
    except NameTaken as error:
        raise HTTPException(409) from error
    except QuotaExceeded:
        raise HTTPException(429)
    finally:
        print(name)
"""),
            router("""\
    try:
        return names.rename(name)
    except NameTaken as error:
        raise HTTPException(409) from error
    finally:
        print(name)
""", "NameTaken"),
            "removed the clause for QuotaExceeded",
            id="last clause before finally",
        ),
        pytest.param(
            router("""\
    try:
        return names.rename(name)
    except (QuotaExceeded, NameTaken) as error:
        raise HTTPException(409) from error
"""),
            router("""\
    try:
        return names.rename(name)
    except NameTaken as error:
        raise HTTPException(409) from error
""", "NameTaken"),
            "removed QuotaExceeded from the clause",
            id="one of two classes",
        ),
        pytest.param(
            router("""\
    try:
        text = names.show(name)
        query = '''
  kept as it is
'''
        # and this comment

        return (
            text + query
        )
    except QuotaExceeded:
        raise HTTPException(429)
    # behind
""", "QuotaExceeded"),
            router("""\
    text = names.show(name)
    query = '''
  kept as it is
'''
    # and this comment

    return (
        text + query
    )
    # behind
""", "QuotaExceeded").replace("from app.errors import QuotaExceeded\n", "").replace(
                "import APIRouter, HTTPException", "import APIRouter"
            ),
            "removed the `try` that only caught QuotaExceeded",
            id="whole try, strings stay",
        ),
        pytest.param(
            router("""\
    try:
        text = names.show(name)
    except QuotaExceeded:
        raise HTTPException(429)
    else:
        text += "!"
    return text
""", "QuotaExceeded"),
            router("""\
    text = names.show(name)
    text += "!"
    return text
""", "QuotaExceeded").replace("from app.errors import QuotaExceeded\n", "").replace(
                "import APIRouter, HTTPException", "import APIRouter"
            ),
            "removed the `try` that only caught QuotaExceeded",
            id="whole try with else",
        ),
    ],
)
def test_fixed(tmp_path: Path, before: str, after: str, title: str) -> None:
    left, told = fixed(tmp_path, before, "LC502")
    assert left == ordered(after)
    assert [line.partition(" fixed: ")[2] for line in told[:-1]] == [title]


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        pytest.param(
            router("""\
    try:
        text = names.show(name)
    except QuotaExceeded:
        raise HTTPException(429)
    else:
        text += "!"
    finally:
        print(name)
    return text
""", "QuotaExceeded"),
            "its `try` has `else` and `finally`, which need a clause",
            id="else and finally",
        ),
        pytest.param(
            router("""\
    try: return names.show(name)
    except QuotaExceeded: raise HTTPException(429)
""", "QuotaExceeded"),
            "the `try` stands on one line",
            id="on one line",
        ),
        pytest.param(
            router("""\
    try:  # why
        return names.show(name)
    except QuotaExceeded:
        raise HTTPException(429)
""", "QuotaExceeded"),
            "the line of the `try` says more",
            id="a comment would go",
        ),
        pytest.param(
            router("""\
    try:
        return names.show(name)
    except Gone:
        raise HTTPException(429)
""", "QuotaExceeded as Gone"),
            "the clause does not call the class QuotaExceeded",
            id="another name",
        ),
    ],
)
def test_refused(tmp_path: Path, before: str, reason: str) -> None:
    left, told = fixed(tmp_path, before, "LC502")
    assert left == ordered(before)
    assert [line.partition(" not fixed: ")[2] for line in told[:-1]] == [reason]


def test_a_clause_stays_for_what_a_test_raises_in_place_of_the_code(tmp_path: Path) -> None:
    body = "    try:\n        return names.rename(name)\n    except QuotaExceeded:\n"
    before = router(
        f"{body}        raise HTTPException(429)\n", "QuotaExceeded"
    ) + "\n# tests/test_names.py\nfrom app.errors import QuotaExceeded\n"
    left, told = fixed(tmp_path, before, "LC502")
    assert left == ordered(before)
    reason = "a test speaks of QuotaExceeded, and may raise it in place of the code"
    assert told[0].endswith(f"not fixed: {reason}")
