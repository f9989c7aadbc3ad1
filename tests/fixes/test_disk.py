"""Files are written whole or not at all, and what was written is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from layercheck.errors import UsageError
from layercheck.fixes.disk import write_files

BEFORE = {"a.py": b"a = 1\r\n", "b.py": b"b = 1\n", "c.py": b"c = 1\n"}
AFTER = {path: data.replace(b"1", b"2") for path, data in BEFORE.items()}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, data in BEFORE.items():
        (tmp_path / path).write_bytes(data)
    return tmp_path


def files(root: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(root.iterdir())}


def test_all_are_written_with_their_rights(root: Path) -> None:
    (root / "a.py").chmod(0o755)
    write_files(root, AFTER, BEFORE)
    assert files(root) == AFTER
    assert (root / "a.py").stat().st_mode & 0o777 == 0o755


def test_a_link_stays_a_link(root: Path) -> None:
    (root / "sub").mkdir()
    (root / "a.py").rename(root / "sub" / "real.py")
    (root / "a.py").symlink_to(Path("sub", "real.py"))
    write_files(root, {"a.py": AFTER["a.py"]}, BEFORE)
    assert (root / "a.py").is_symlink()
    assert (root / "sub" / "real.py").read_bytes() == AFTER["a.py"]


def test_a_failure_in_the_middle_tells_new_from_old(root: Path) -> None:
    def replace(source: Path, target: Path) -> None:
        if target.name == "b.py":
            raise OSError(28, "no space left")
        os.replace(source, target)

    with pytest.raises(UsageError) as error:
        write_files(root, AFTER, BEFORE, replace)
    assert str(error.value) == "cannot write b.py: no space left\nnew: a.py\nas before: b.py, c.py"
    assert files(root) == {**BEFORE, "a.py": AFTER["a.py"]}


def test_what_was_changed_meanwhile_is_not_overwritten(root: Path) -> None:
    (root / "c.py").write_bytes(b"c = 3\n")
    with pytest.raises(UsageError, match=r"^c\.py was changed meanwhile; nothing was written$"):
        write_files(root, AFTER, BEFORE)
    assert files(root) == {**BEFORE, "c.py": b"c = 3\n"}


def test_two_names_of_one_file_get_the_same(root: Path) -> None:
    (root / "a.py").unlink()
    (root / "a.py").symlink_to("b.py")
    before = {"a.py": b"b = 1\n", "b.py": b"b = 1\n"}
    with pytest.raises(UsageError) as error:
        write_files(root, {"a.py": b"b = 3\n", "b.py": b"b = 2\n"}, before)
    assert str(error.value) == "a.py and b.py are one file with different changes; nothing was written"
    write_files(root, {"a.py": b"b = 2\n", "b.py": b"b = 2\n"}, before)
    assert ((root / "b.py").read_bytes(), (root / "a.py").is_symlink()) == (b"b = 2\n", True)


def test_a_directory_that_cannot_be_written_changes_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, mode: int) -> bool:
        return not str(path).endswith("b.py")

    monkeypatch.setattr(os, "access", refuse)
    with pytest.raises(UsageError) as error:
        write_files(root, AFTER, BEFORE)
    assert str(error.value) == "cannot write b.py: the file may not be written; nothing was written"
    assert files(root) == BEFORE
