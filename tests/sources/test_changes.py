"""What git says has changed, asked of real repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from layercheck.errors import UsageError
from layercheck.sources.changes import changed_files


def git(directory: Path, *arguments: str) -> None:
    person = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *person, *arguments], cwd=directory, check=True, capture_output=True)


def commit(directory: Path, message: str) -> None:
    git(directory, "add", "-A")
    git(directory, "commit", "--allow-empty", "-m", message)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Make a repository with a project in its directory backend and one commit on main."""
    top = tmp_path / "top"
    (top / "backend/app").mkdir(parents=True)
    for name in ("backend/app/a.py", "backend/app/b.py", "elsewhere.py"):
        (top / name).write_text("x = 1\n")
    (top / ".gitignore").write_text("ignored.py\n")
    git(tmp_path, "init", "-b", "main", str(top))
    commit(top, "first")
    return top


def test_nothing_has_changed(repository: Path) -> None:
    assert changed_files(repository, "main") == set()


def test_commits_edits_and_new_files_count(repository: Path) -> None:
    git(repository, "checkout", "-b", "topic")
    (repository / "backend/app/a.py").write_text("x = 2\n")
    commit(repository, "second")
    (repository / "backend/app/b.py").write_text("x = 3\n")
    git(repository, "add", "-A")
    (repository / 'backend/app/été "q"\n.py').write_text("x = 4\n")
    (repository / "backend/app/ignored.py").write_text("x = 5\n")
    new = 'app/été "q"\n.py'
    assert changed_files(repository / "backend", "main") == {"app/a.py", "app/b.py", new}
    assert changed_files(repository, "main") == {"backend/app/a.py", "backend/app/b.py", f"backend/{new}"}
    assert changed_files(repository / "backend", "HEAD") == {"app/b.py", new}


def test_what_lies_outside_of_the_project_does_not_count(repository: Path) -> None:
    (repository / "elsewhere.py").write_text("x = 2\n")
    assert changed_files(repository / "backend", "main") == set()


def test_what_happened_on_the_other_branch_does_not_count(repository: Path) -> None:
    git(repository, "checkout", "-b", "topic")
    (repository / "backend/app/a.py").write_text("x = 2\n")
    commit(repository, "here")
    git(repository, "checkout", "main")
    (repository / "backend/app/b.py").write_text("x = 2\n")
    commit(repository, "there")
    git(repository, "checkout", "topic")
    assert changed_files(repository / "backend", "main") == {"app/a.py"}


def test_a_file_that_moved_counts_where_it_lies_now(repository: Path) -> None:
    git(repository, "mv", "backend/app/a.py", "backend/app/c.py")
    assert changed_files(repository / "backend", "HEAD") == {"app/a.py", "app/c.py"}


def test_tags_and_short_hashes_name_commits(repository: Path) -> None:
    git(repository, "tag", "-a", "v1", "-m", "release")
    (repository / "backend/app/a.py").write_text("x = 2\n")
    commit(repository, "second")
    assert changed_files(repository / "backend", "v1") == changed_files(repository / "backend", "HEAD~1")
    assert changed_files(repository / "backend", "v1") == {"app/a.py"}


@pytest.mark.parametrize("ref", ["nowhere", "", "-x", "--output=/dev/null", "main:backend", "a b"])
def test_a_ref_that_names_no_commit(repository: Path, ref: str) -> None:
    with pytest.raises(UsageError) as told:
        changed_files(repository, ref)
    assert str(told.value) == f'git knows no commit "{ref}" here; a shallow clone may have to fetch it first'


def test_no_commit_in_common(repository: Path) -> None:
    git(repository, "checkout", "--orphan", "alone")
    commit(repository, "alone")
    with pytest.raises(UsageError) as told:
        changed_files(repository, "main")
    assert str(told.value) == (
        '"main" and HEAD have no commit in common here; a shallow clone may have to fetch more history'
    )


def test_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(UsageError) as told:
        changed_files(tmp_path, "main")
    assert str(told.value).startswith(f"git failed in {tmp_path}: not a git repository")


def test_no_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError) as told:
        changed_files(tmp_path, "main")
    assert str(told.value) == "git is needed for this, and there is none on the PATH"
