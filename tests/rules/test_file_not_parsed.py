"""LC009: files that could not be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from layercheck.errors import ExitCode
from small_projects import check, found, report

APP = "from fastapi import FastAPI\n\napp = FastAPI()\n"

READABLE = {
    "plain": b"x = 1\n",
    "empty": b"",
    "a byte order mark": b"\xef\xbb\xbfx = 1\n",
    "an encoding of its own": b"# -*- coding: latin-1 -*-\nname = '\xe9'\n",
    "newer syntax": b"def first[T](items: list[T]) -> T:\n    return items[0]\n",
    "unparenthesised clauses": b"try:\n    pass\nexcept ValueError, TypeError:\n    pass\n",
}

UNREADABLE = {
    "no Python": (b"x = 1\nx = = 2\n", "2:5", "invalid syntax"),
    "another encoding": (
        b"x = 1\nname = '\xe9'\n", "2:1", "not readable as utf-8: invalid continuation byte",
    ),
    "an unknown encoding": (b"# coding: klingon\n", "1:1", "unknown encoding: klingon"),
}  # fmt: skip


@pytest.mark.parametrize("data", READABLE.values(), ids=READABLE)
def test_silent(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "odd.py").write_bytes(data)
    assert found(check(tmp_path, f"# app/main.py\n{APP}")) == []


@pytest.mark.parametrize(("data", "place", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_told(data: bytes, place: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "odd.py").write_bytes(data)
    outcome = check(tmp_path, f"# app/main.py\n{APP}")
    (first, last) = report(outcome)
    assert first.startswith(f"error app/odd.py:{place} not read: {reason}")
    assert last == "  = app/odd.py "
    assert [unread.place.path for unread in outcome.unread] == ["app/odd.py"]
    assert outcome.summary.files == 1
    assert outcome.exit_code is ExitCode.FINDINGS


def test_tests_are_not_read(tmp_path: Path) -> None:
    assert found(check(tmp_path, f"# app/main.py\n{APP}\n# tests/test_odd.py\ndef broken(:\n")) == []
