"""The directory of the cache."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from layercheck.cache.store import Store


def test_what_was_written_is_read(tmp_path: Path) -> None:
    store = Store(tmp_path / "cache")
    before = store.read("facts")
    store.write("facts", b"one")
    store.write("facts", b"two")
    assert (before, store.read("facts"), store.failure) == (b"", b"two", "")
    assert sorted(path.name for path in store.directory.iterdir()) == [".gitignore", "CACHEDIR.TAG", "facts"]


def test_git_and_backups_leave_the_directory_out(tmp_path: Path) -> None:
    store = Store(tmp_path / "cache")
    store.write("facts", b"one")
    assert (store.directory / ".gitignore").read_text("utf-8") == "*\n"
    tag = (store.directory / "CACHEDIR.TAG").read_text("utf-8")
    assert tag.splitlines()[0] == "Signature: 8a477f597d28d172789f06886806bc55"


def test_a_place_that_cannot_be_written_is_told_and_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    store = Store(tmp_path / "file" / "cache")
    store.write("facts", b"one")
    assert (store.read("facts"), store.failure) == (
        b"",
        f"cannot write to {store.directory}: Not a directory",
    )


def test_a_write_that_fails_half_way_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    store.write("facts", b"one")

    def full(source: str, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    store.write("facts", b"two")
    assert (store.read("facts"), store.failure) == (
        b"one",
        f"cannot write to {tmp_path}: No space left on device",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["facts"]
