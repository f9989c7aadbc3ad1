"""What git says has changed: the files a commit, a branch or an edit touched."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from layercheck.errors import UsageError


def changed_files(project_root: Path, ref: str) -> frozenset[str]:
    """Return the files below ``project_root`` that differ from where ``ref`` and ``HEAD`` parted.

    What is not committed counts, and so do new files git does not ignore. Paths are relative to
    ``project_root``, with forward slashes. Raises `UsageError` where git is missing, the project lies
    in no repository, or ``ref`` names no commit with history in common.
    """
    _git(project_root, "rev-parse", "--is-inside-work-tree")
    try:
        find = ("rev-parse", "--verify", "--quiet", "--end-of-options")
        commit = _git(project_root, *find, f"{ref}^{{commit}}")
    except UsageError:
        raise UsageError(
            f'git knows no commit "{ref}" here; a shallow clone may have to fetch it first'
        ) from None
    try:
        base = _git(project_root, "merge-base", commit.strip(), "HEAD")
    except UsageError:
        raise UsageError(
            f'"{ref}" and HEAD have no commit in common here; a shallow clone may have to fetch more history'
        ) from None
    compare = ("diff", "--name-only", "--no-renames", "--no-ext-diff", "--relative", "-z")
    changed = _git(project_root, *compare, base.strip(), "--")
    new = _git(project_root, "ls-files", "--others", "--exclude-standard", "-z")
    return frozenset(path for path in f"{changed}{new}".split("\0") if path)


def uncommitted_files(project_root: Path) -> tuple[frozenset[str], frozenset[str]]:
    """Return the files below ``project_root`` that are not as committed, and those git does not know.

    Paths are relative to ``project_root``. Raises `UsageError` where git is missing or knows no repository.
    """
    top = Path(_git(project_root, "rev-parse", "--show-toplevel").rstrip("\n"))
    ask = ("status", "--porcelain", "--no-renames", "--untracked-files=no", "-z", "--", ".")
    status = _git(project_root, *ask)
    changed = (top / entry[3:] for entry in status.split("\0") if entry)
    here = Path(os.path.realpath(project_root))
    new = _git(project_root, "ls-files", "--others", "--exclude-standard", "-z")
    return (
        frozenset(os.path.relpath(path, here).replace(os.sep, "/") for path in changed),
        frozenset(path for path in new.split("\0") if path),
    )


def _git(directory: Path, *arguments: str) -> str:
    """Return what git prints; raises `UsageError` with its first words where it fails."""
    try:
        done = subprocess.run(
            ["git", *arguments],
            cwd=directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"},
        )
    except FileNotFoundError:
        raise UsageError("git is needed for this, and there is none on the PATH") from None
    except OSError as error:
        raise UsageError(f"git cannot be run: {error.strerror}") from None
    if done.returncode:
        said = os.fsdecode(done.stderr).strip().partition("\n")[0].removeprefix("fatal: ")
        raise UsageError(f"git failed in {directory}: {said}")
    return os.fsdecode(done.stdout)
