"""What a run remembers of the one before."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from layercheck import pipeline
from layercheck.cache import outcomes
from layercheck.errors import SettingsError
from layercheck.frontends.running import How, run
from layercheck.outcome import Outcome

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a copy of an application that offends."""
    return Path(shutil.copytree(FIXTURES / "flat", tmp_path / "project"))


def told(root: Path, **options: Any) -> tuple[Outcome, bool]:
    """Run and return what came out, and whether it came from the cache."""
    done = run([root], **options)
    assert done.cache_failure == ""
    return done.outcome, done.how is How.UNCHANGED


def test_nothing_changed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, fresh = told(project)
    monkeypatch.delattr(pipeline, "check")
    assert (told(project), fresh, bool(first.findings)) == ((first, True), False, True)


def test_the_cache_lies_in_the_project_or_where_it_is_told(project: Path, tmp_path: Path) -> None:
    told(project)
    told(project, cache_directory=tmp_path / "elsewhere")
    names = {".gitignore", "CACHEDIR.TAG", "facts.msgpack", "outcomes.msgpack"}
    for directory in (project / ".layercheck_cache", tmp_path / "elsewhere"):
        assert {path.name for path in directory.iterdir()} == names


def test_without_cache_nothing_is_read_or_written(project: Path) -> None:
    told(project, cache=False)
    assert not (project / ".layercheck_cache").exists()


def test_a_project_restored_elsewhere_is_still_known(project: Path, tmp_path: Path) -> None:
    first, _ = told(project)
    moved = project.rename(tmp_path / "moved")
    again, from_cache = told(moved)
    assert (again.root, again.findings, from_cache) == (str(moved), first.findings, True)


def edit(path: str, text: str) -> Callable[[Path], None]:
    """Return what appends ``text`` to a file."""

    def change(root: Path) -> None:
        with (root / path).open("a", encoding="utf-8") as file:
            file.write(text)

    return change


CHANGES: dict[str, Callable[[Path], None]] = {
    "a comment in a module": edit("app/main.py", "# a comment\n"),
    "a new module": edit("app/more.py", ""),
    "a module less": lambda root: (root / "app/__init__.py").unlink(),
    "an ignored file": edit(".gitignore", "app/main.py\n"),
    "settings": edit("layercheck.toml", 'ignore = ["LC101"]\n'),
    "a version of a package": edit("requirements.txt", "fastapi==0.100\n"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_counts_as_a_change(project: Path, change: Callable[[Path], None]) -> None:
    (project / "app/__init__.py").touch()
    told(project)
    change(project)
    try:
        from_cache = told(project)[1]
    finally:
        now = run([project], cache=False).outcome
    assert (from_cache, told(project)[0]) == (False, now)


def test_other_options_are_another_outcome_and_both_are_kept(project: Path) -> None:
    everything, _ = told(project)
    less, fresh = told(project, overrides={"ignore": ["LC101"]})
    assert not fresh and less.findings != everything.findings
    assert told(project) == (everything, True)
    assert told(project, overrides={"ignore": ["LC101"]}) == (less, True)


def test_paths_are_options(project: Path) -> None:
    told(project)
    outcome, from_cache = told(project / "app")
    assert (from_cache, [one.finding.place.path for one in outcome.findings]) == (
        False,
        ["app/main.py"] * len(outcome.findings),
    )


def test_mistakes_in_the_settings_are_all_told_each_time(project: Path) -> None:
    (project / "layercheck.toml").write_text('exclude = ["["]\ntypo = 1\n', "utf-8")
    for _ in range(2):
        with pytest.raises(SettingsError) as caught:
            run([project])
        assert any("typo" in line for line in caught.value.mistakes)


def test_a_damaged_cache_is_as_good_as_none(project: Path) -> None:
    first, _ = told(project)
    (project / ".layercheck_cache" / outcomes.FILE).write_bytes(b"\x00damaged")
    assert told(project) == (first, False)
    assert told(project) == (first, True)


def test_a_cache_that_cannot_be_written_is_told(project: Path) -> None:
    (project / ".layercheck_cache").write_text("in the way", "utf-8")
    done = run([project])
    assert done.outcome.findings
    assert done.cache_failure.startswith(f"cannot write to {project / '.layercheck_cache'}: ")
