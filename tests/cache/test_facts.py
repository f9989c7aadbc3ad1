"""Facts from run to run."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from layercheck import pipeline
from layercheck.cache import facts, own_code
from layercheck.cache.evidence import digest
from layercheck.cache.facts import FactsCache
from layercheck.cache.own_code import OwnCode
from layercheck.cache.store import Store
from layercheck.config.schema import Config
from layercheck.facts import batch
from layercheck.facts.read import read_facts

SOURCES = {"a.py": "x = 1\n", "b.py": "from a import x\n"}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a project of two files."""
    root = tmp_path / "project"
    root.mkdir()
    for name, text in SOURCES.items():
        (root / name).write_text(text, "utf-8")
    return root


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Note what is parsed."""
    seen: list[bytes] = []

    def noting(data: bytes) -> object:
        seen.append(data)
        return read_facts(data)

    monkeypatch.setattr(batch, "read_facts", noting)
    return seen


def analyse(root: Path, store: Store) -> list[str]:
    """Analyse and return the encoded facts."""
    files = pipeline.analyse(root, Config(project_root=root), store).files
    return [repr((path, msgspec.msgpack.encode(one))) for path, one in sorted(files.items())]


def test_only_what_changed_is_parsed_again(project: Path, tmp_path: Path, parsed: list[bytes]) -> None:
    store = Store(tmp_path / "cache")
    first = analyse(project, store)
    assert sorted(parsed) == [b"from a import x\n", b"x = 1\n"]
    parsed.clear()
    assert (analyse(project, store), parsed) == (first, [])
    (project / "a.py").write_text("x = 2\n", "utf-8")
    analyse(project, store)
    assert parsed == [b"x = 2\n"]


def test_a_cache_is_warm_at_another_place(project: Path, tmp_path: Path, parsed: list[bytes]) -> None:
    first = analyse(project, Store(tmp_path / "cache"))
    parsed.clear()
    project.rename(tmp_path / "moved")
    (tmp_path / "cache").rename(tmp_path / "restored")
    assert (analyse(tmp_path / "moved", Store(tmp_path / "restored")), parsed) == (first, [])


def test_facts_of_files_that_are_gone_are_dropped(project: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "cache")
    analyse(project, store)
    with_both = len(store.read(facts.FILE))
    (project / "b.py").unlink()
    analyse(project, store)
    assert 0 < len(store.read(facts.FILE)) < with_both


DAMAGE = {
    "cut off": lambda data: data[: len(data) // 2],
    "something else": lambda data: b"not a cache",
    "empty": lambda data: b"",
    "other facts": lambda data: data.replace(b"x", b"\xc1"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_cache_is_as_good_as_none(
    project: Path, tmp_path: Path, parsed: list[bytes], damage: object
) -> None:
    store = Store(tmp_path / "cache")
    first = analyse(project, store)
    assert callable(damage)
    store.write(facts.FILE, damage(store.read(facts.FILE)))
    parsed.clear()
    assert (analyse(project, store), sorted(parsed)) == (first, [b"from a import x\n", b"x = 1\n"])


def test_facts_of_another_version_do_not_count(
    project: Path, tmp_path: Path, parsed: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path / "cache")
    analyse(project, store)
    parsed.clear()
    monkeypatch.setattr(facts, "stamp_of_facts", lambda: b"another")
    analyse(project, store)
    assert len(parsed) == 2


def test_without_a_store_nothing_is_kept() -> None:
    cache = FactsCache(None)
    cache.add(digest(b"x"), read_facts(b"x = 1\n"))
    cache.save()
    assert cache.find(digest(b"x")) is None


def test_only_the_code_that_makes_facts_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = Path(shutil.copytree(own_code._PACKAGE, tmp_path / "layercheck"))
    monkeypatch.setattr(own_code, "_PACKAGE", str(package))
    before = OwnCode.of_facts().contents()
    (package / "rules" / "catalog.py").write_text("changed = True\n", "utf-8")
    assert OwnCode.of_facts().contents() == before
    (package / "facts" / "walk.py").write_text("changed = True\n", "utf-8")
    assert OwnCode.of_facts().contents() != before
