"""What a run looked at, and what of it has changed since."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from layercheck.cache import evidence
from layercheck.cache.evidence import Evidence


@pytest.fixture
def seen(tmp_path: Path) -> Evidence:
    """Make two files, long unchanged, and a name without a file."""
    for name in ("a.py", "b.py"):
        (tmp_path / name).write_text("x = 1\n", "utf-8")
    return Evidence(os.fsencode(tmp_path), [b""], [b"a.py", b"b.py", b"none.py"])


def read_again(seen: Evidence, before: evidence.Snapshot, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the files that are read for another snapshot, which is as one made from nothing."""
    read: list[str] = []

    def counting(path: bytes) -> bytes:
        read.append(os.path.basename(os.fsdecode(path)))
        return real(path)

    real = evidence.content
    with monkeypatch.context() as patch:
        patch.setattr(evidence, "content", counting)
        after = seen.snapshot(before)
    assert (after.files, after.contents) == (seen.snapshot().files, seen.snapshot().contents)
    return read


def test_young_files_are_read_again(seen: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    before = seen.snapshot()
    assert before.times == b""
    assert read_again(seen, before, monkeypatch) == ["a.py", "b.py"]


def test_old_files_are_not(seen: Evidence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "_SETTLED", -(10**18))  # what was written just now counts as old
    before = seen.snapshot()
    assert before.times and read_again(seen, before, monkeypatch) == []
    (tmp_path / "b.py").write_text("x = 22\n", "utf-8")
    (tmp_path / "none.py").write_text("", "utf-8")
    assert read_again(seen, before, monkeypatch) == ["b.py", "none.py"]
    (tmp_path / "a.py").unlink()
    assert read_again(seen, before, monkeypatch) == ["a.py", "b.py", "none.py"]
