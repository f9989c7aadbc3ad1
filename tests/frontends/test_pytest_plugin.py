"""``pytest --layercheck`` and the functions for tests of one's own architecture, in real runs of pytest."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"

FLAGGED = [
    "api/orders", "api/reports", "api/users", "repositories/invoices", "repositories/orders",
    "services/audit", "services/orders", "services/reports", "services/users", "utils/limits",
]  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a copy of an application that offends, without its tests."""
    unkept = shutil.ignore_patterns("tests", ".layercheck_cache")
    project = Path(shutil.copytree(FIXTURES / "tangled", tmp_path / "tangled", ignore=unkept))
    (project / "tests").mkdir()
    (project / "tests" / "test_own.py").write_text("def test_own():\n    assert True\n", "utf-8")
    return project


def run(project: Path, *options: str) -> tuple[list[str], int]:
    """Return the lines a run of pytest prints and its exit status."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True)
    return [*done.stdout.splitlines(), *done.stderr.splitlines()], done.returncode


def failed(lines: list[str]) -> list[str]:
    """Return the files whose item failed."""
    heads = (line.partition(" - ")[0] for line in lines if line.startswith("FAILED "))
    return sorted(head.removeprefix("FAILED ").removesuffix(".py::layercheck") for head in heads)


def test_one_item_for_each_module(project: Path) -> None:
    lines, status = run(project, "--layercheck")
    modules = len(list((project / "app").rglob("*.py")))
    assert failed(lines) == [f"app/{name}" for name in FLAGGED]
    assert lines[-1].startswith(f"{len(FLAGGED)} failed, {modules + 1 - len(FLAGGED)} passed in ")
    assert status == 1


def test_the_failure_is_the_report(project: Path) -> None:
    lines, _ = run(project, "--layercheck", "-k", "services/users")
    start = next(number for number, line in enumerate(lines) if "users.py::layercheck _" in line)
    assert lines[start + 1 : start + 10] == [
        "LC202",
        "",
        "Errors",
        "",
        "app/services/users.py:35:13: LC202 service-raises-http-exception: service `UserService.rename`"
        " raises HTTPException(422)",
        '    35 | raise HTTPException(422, "name must not be blank")  # expect: LC202',
        "       | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        "    app/services/users.py:35  raise HTTPException(422)",
        "    help: raise a domain exception, and map it to a status in the router or a registered handler;"
        " see `layercheck explain LC202`",
    ]


def test_it_is_off_unless_asked(project: Path) -> None:
    lines, status = run(project)
    assert (lines[-1].partition(" in ")[0], status) == ("1 passed", 0)
    assert not (project / ".layercheck_cache").exists()


def test_several_processes(project: Path) -> None:
    lines, _ = run(project, "--layercheck", "-n", "2")
    assert failed(lines) == [f"app/{name}" for name in FLAGGED]


def test_a_settings_file_of_the_call(project: Path) -> None:
    (project / "other.toml").write_text('select = ["LC203"]\n', "utf-8")
    lines, _ = run(project, "--layercheck", "--layercheck-config=other.toml")
    assert failed(lines) == ["app/services/reports"]


def test_wrong_settings_end_the_run(project: Path) -> None:
    (project / "layercheck.toml").write_text('ignroe = ["LC1"]\n', "utf-8")
    lines, status = run(project, "--layercheck")
    told = 'ERROR: layercheck: layercheck.toml: ignroe: unknown key; did you mean "ignore"?'
    assert (told in lines, status) == (True, 4)


def test_loading_it_loads_nothing_else() -> None:
    script = (
        "import sys, typing, pytest\nbefore = set(sys.modules)\n"
        "import layercheck.frontends.pytest_plugin\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["layercheck", "layercheck.frontends", "layercheck.frontends.pytest_plugin"]
