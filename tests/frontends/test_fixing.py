"""`layercheck fix` as its users meet it: what it writes, shows, asks and refuses."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from layercheck.frontends.fixing import fix

FILES = {
    "pyproject.toml": '[project]\nname = "shop"\n\n[tool.layercheck]\n',
    "app/services/prices.py": "def total() -> int:\n    return 1  # layercheck: ignore[LC201] once\n",
    "app/routers/prices.py": (
        "from fastapi import APIRouter, HTTPException\n\n"
        "from app.services import prices\n\n"
        "router = APIRouter()\n\n\n"
        '@router.get("/prices")\n'
        "def show() -> int:\n"
        "    try:\n"
        "        return prices.total()\n"
        "    except Exception as e:\n"
        '        raise HTTPException(500, f"failed: {e}")\n'
    ),
}
SAFE = """\
--- a/app/services/prices.py
+++ b/app/services/prices.py
@@ -1,2 +1,2 @@
 def total() -> int:
-    return 1  # layercheck: ignore[LC201] once
+    return 1
"""
UNSAFE = """\
--- a/app/routers/prices.py
+++ b/app/routers/prices.py
@@ -10,4 +10,4 @@
     try:
         return prices.total()
     except Exception as e:
-        raise HTTPException(500, f"failed: {e}")
+        raise HTTPException(500, "failed") from e
"""
SERVICE_TOLD = "app/services/prices.py:2:15: LC001 fixed: removed the comment\n"
ROUTER_TOLD = (
    "app/routers/prices.py:12:5: LC507 fixed: replaced the text of the exception, which nothing logs there\n"
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return tmp_path


def run(root: Path, *options: str, answers: str | None = None) -> Result:
    result = CliRunner().invoke(fix, [str(root), *options], input=answers, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result


def files(root: Path) -> dict[str, str]:
    return {path: (root / path).read_text("utf-8") for path in FILES}


def changed(*paths: str) -> dict[str, str]:
    after = {
        "app/services/prices.py": "def total() -> int:\n    return 1\n",
        "app/routers/prices.py": FILES["app/routers/prices.py"].replace(
            'f"failed: {e}")', '"failed") from e'
        ),
    }
    return {path: after[path] if path in paths else text for path, text in FILES.items()}


def git(root: Path, *arguments: str) -> None:
    name = ("-c", "user.name=Someone", "-c", "user.email=someone@example.org")
    subprocess.run(["git", *name, *arguments], cwd=root, check=True, capture_output=True)


def test_safe_fixes_are_made_and_unsafe_ones_counted(root: Path) -> None:
    result = run(root)
    summary = "1 finding fixed in 1 file; 1 more may be fixed with --unsafe-fixes\n"
    assert (result.return_value, result.stdout) == (0, SERVICE_TOLD + summary)
    assert files(root) == changed("app/services/prices.py")


def test_unsafe_fixes(root: Path) -> None:
    result = run(root, "--unsafe-fixes")
    assert result.stdout == ROUTER_TOLD + SERVICE_TOLD + "2 findings fixed in 2 files\n"
    assert files(root) == changed("app/services/prices.py", "app/routers/prices.py")
    assert run(root, "--unsafe-fixes").stdout == "nothing fixed\n"


def test_diff_shows_and_writes_nothing(root: Path) -> None:
    result = run(root, "--diff", "--unsafe-fixes")
    assert (result.return_value, result.stdout) == (1, UNSAFE + SAFE)
    assert result.stderr == ROUTER_TOLD + SERVICE_TOLD + "2 findings fixed in 2 files\n"
    assert files(root) == FILES
    assert run(root, "--diff", "--select", "LC6").return_value == 0


@pytest.mark.parametrize(
    ("options", "written"),
    [
        pytest.param(["--select", "LC507"], ["app/routers/prices.py"], id="a code"),
        pytest.param(["--select", "LC0,LC1"], ["app/services/prices.py"], id="starts of codes"),
        pytest.param(["--select", "LC303"], [], id="nothing of the kind"),
    ],
)
def test_select(root: Path, options: list[str], written: list[str]) -> None:
    run(root, "--unsafe-fixes", "--quiet", *options)
    assert files(root) == changed(*written)


def test_only_what_stands_in_the_given_paths(root: Path) -> None:
    result = CliRunner().invoke(fix, [str(root / "app" / "routers"), "--unsafe-fixes"])
    assert result.stdout == ROUTER_TOLD + "1 finding fixed in 1 file\n"
    assert files(root) == changed("app/routers/prices.py")


@pytest.mark.parametrize(
    ("answers", "written"),
    [
        pytest.param("y\nn\n", ["app/routers/prices.py"], id="yes, no"),
        pytest.param("n\ny\n", ["app/services/prices.py"], id="no, yes"),
        pytest.param("a\n", ["app/routers/prices.py", "app/services/prices.py"], id="all"),
        pytest.param("q\n", [], id="quit"),
        pytest.param("y\n", ["app/routers/prices.py"], id="yes, and the end of the input"),
        pytest.param("what?\n\n", [], id="no answer, the default, and the end of the input"),
    ],
)
def test_each_fix_is_asked_for(root: Path, answers: str, written: list[str]) -> None:
    result = run(root, "--interactive", "--unsafe-fixes", answers=answers)
    assert files(root) == changed(*written)
    assert UNSAFE in result.stdout
    assert result.stdout.count(" not fixed: declined\n") == 2 - len(written)


def test_what_is_not_committed_is_not_risked(root: Path) -> None:
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "all")
    (root / "pyproject.toml").write_text('[project]\nname = "other"\n\n[tool.layercheck]\n', "utf-8")
    result = CliRunner().invoke(fix, [str(root)])
    assert str(result.exception) == "not committed: pyproject.toml; commit first, or say --allow-dirty"
    assert files(root)["app/services/prices.py"] == FILES["app/services/prices.py"]
    assert run(root, "--diff").stdout == SAFE
    run(root, "--allow-dirty")
    assert files(root)["app/services/prices.py"] == "def total() -> int:\n    return 1\n"


def test_a_file_git_does_not_know_is_not_risked(root: Path) -> None:
    git(root, "init", "-q")
    git(root, "add", "pyproject.toml", "app/routers")
    git(root, "commit", "-qm", "some")
    result = CliRunner().invoke(fix, [str(root)])
    assert str(result.exception) == (
        "not committed: app/services/prices.py; commit first, or say --allow-dirty"
    )
    assert files(root) == FILES


def test_a_clean_tree_is_fixed(root: Path) -> None:
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "all")
    run(root)
    assert files(root) == changed("app/services/prices.py")
