"""The pre-commit hook, run by the real pre-commit from this checkout in an environment of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ("src", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")


def run(*command: str, cwd: Path, **environment: str) -> tuple[str, int]:
    """Run a command and return all it prints and its exit status."""
    done = subprocess.run(
        command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, **environment},
    )  # fmt: skip
    return done.stdout, done.returncode


def commit(directory: Path) -> Path:
    """Make ``directory`` a git repository with all its files in one commit."""
    identity = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com")
    for command in (("init", "-q"), ("add", "-A", "-f"), (*identity, "commit", "-q", "-m", "All")):
        printed, status = run("git", *command, cwd=directory)
        assert status == 0, printed
    return directory


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return this checkout as it is, changes included, as a repository a hook can be taken from."""
    directory = tmp_path_factory.mktemp("checkout")
    for name in PACKAGE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, directory / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, directory / name)
    return commit(directory)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return where pre-commit keeps its environments, so that one serves all tests."""
    return str(tmp_path_factory.mktemp("home"))


def try_repo(application: str, checkout: Path, home: str, to: Path, baseline: bool) -> tuple[str, int]:
    """Return what the hook prints in a repository that holds an application, and the exit status."""
    unkept = shutil.ignore_patterns(".layercheck_cache")
    project = Path(shutil.copytree(ROOT / "fixtures" / application, to / application, ignore=unkept))
    if baseline:
        printed, status = run(sys.executable, "-m", "layercheck", "baseline", cwd=project)
        assert status == 0, printed
    commit(project)
    hook = [sys.executable, "-m", "pre_commit", "try-repo", str(checkout), "layercheck", "--all-files"]
    return run(*hook, cwd=project, PRE_COMMIT_HOME=home)


@pytest.mark.parametrize(
    ("application", "baseline", "verdict", "status"),
    [
        ("layered", False, "Passed", 0),
        ("tangled", False, "Failed", 1),
        ("tangled", True, "Passed", 0),
    ],
    ids=["clean", "findings", "findings the baseline knows"],
)
def test_the_hook(
    application: str, baseline: bool, verdict: str, status: int, checkout: Path, home: str, tmp_path: Path
) -> None:
    printed, code = try_repo(application, checkout, home, tmp_path, baseline)
    lines = printed.splitlines()
    [result] = [line for line in lines if line.startswith("layercheck.....")]
    assert (result.rpartition(".")[2], code) == (verdict, status), printed
    finding = "app/services/users.py:35:13: LC202 service-raises-http-exception"
    assert any(line.startswith(finding) for line in lines) is (verdict == "Failed")


def test_what_the_readme_shows_is_there() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = [block.partition("```")[0] for block in readme.split("```yaml\n")[1:]]
    ours, of_flake8 = [yaml.safe_load(block)[0]["hooks"][0] for block in shown]
    assert ours["id"] in {hook["id"] for hook in hooks}
    assert (of_flake8["id"], of_flake8["additional_dependencies"]) == ("flake8", ["layercheck"])
