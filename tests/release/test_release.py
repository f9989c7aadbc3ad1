"""What is released: complete, of one version, and usable where nothing else is installed."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

from building import ROOT, build, environment, install, run
from layercheck import __version__


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("release")


@pytest.fixture(scope="module")
def built(place: Path) -> tuple[Path, ...]:
    return build(environment(sys.executable, place / "builder"), place / "dist")


@pytest.fixture(scope="module")
def wheel(built: tuple[Path, ...]) -> zipfile.ZipFile:
    return zipfile.ZipFile(built[0])


@pytest.fixture(scope="module")
def installed(place: Path, built: tuple[Path, ...]) -> Path:
    """Return the interpreter of an environment with nothing but the wheel and what it needs."""
    python = environment(sys.executable, place / "fresh")
    install(python, built[0])
    return python


def metadata(wheel: zipfile.ZipFile) -> Message:
    return Parser().parsestr(wheel.read(f"layercheck-{__version__}.dist-info/METADATA").decode())


def test_the_version_stands_in_one_place(wheel: zipfile.ZipFile) -> None:
    assert metadata(wheel)["Version"] == __version__
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    written = [
        path.name
        for path in (ROOT / "src").rglob("*.py")
        if re.search(rf"\b{re.escape(__version__)}\b", path.read_text("utf-8"))
    ]
    assert written == ["__init__.py"]


def test_the_metadata_is_complete(wheel: zipfile.ZipFile) -> None:
    told = metadata(wheel)
    assert (told["License-Expression"], told["Requires-Python"]) == ("MIT", ">=3.11")
    assert told["License-File"] == "LICENSE"
    assert told["Summary"] and told["Keywords"]
    assert told["Description-Content-Type"] == "text/markdown"
    assert str(told.get_payload()).startswith("# layercheck")
    classifiers = told.get_all("Classifier") or []
    for version in ("3.11", "3.12", "3.13"):
        assert f"Programming Language :: Python :: {version}" in classifiers
    assert {"Typing :: Typed", "Framework :: FastAPI", "Framework :: Flake8"} <= set(classifiers)


def test_the_wheel_holds_the_package_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    package = ROOT / "src" / "layercheck"
    wanted = {
        f"layercheck/{path.relative_to(package).as_posix()}"
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert held == wanted
    assert "layercheck/py.typed" in held


def test_the_source_distribution_can_be_tested(built: tuple[Path, ...]) -> None:
    with tarfile.open(built[1]) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md"} <= held
    assert {"tests/test_house.py", "fixtures/tangled/pyproject.toml", "docs/index.md", ".flake8"} <= held


def test_installed_from_nothing_it_does_its_work(installed: Path, tmp_path: Path) -> None:
    program = installed.parent / "layercheck"
    assert run(program, "--version") == f"layercheck {__version__}\n"
    tangled = ROOT / "fixtures" / "tangled"
    check = ("check", tangled, "--no-cache", "--exit-zero")
    assert re.search(r"^Found \d+ errors, \d+ warnings\.$", run(program, *check), re.MULTILINE)
    for name in ("json", "sarif", "html", "markdown", "junit", "gitlab", "github", "mermaid"):
        assert run(program, *check, "--output-format", name)
    page = run(program, "graph", "imports", tangled, "--output-format", "html")
    assert page.startswith("<!doctype html>")
    assert run(program, "explain", "LC101").startswith("# LC101")
    assert "layercheck" in run(installed, "-c", "from layercheck import check; print(check.__module__)")


def test_what_it_needs_is_what_it_asks_for(installed: Path) -> None:
    """The packages of the tests are not there, so each module that loads needs none of them."""
    root = run(installed, "-c", "import layercheck; print(layercheck.__path__[0])").strip()
    optional = {"flake8", "pytest", "pygraphviz"}
    modules = []
    for path in sorted(Path(root).rglob("*.py")):
        names = {
            (alias.name if isinstance(node, ast.Import) else node.module or "").partition(".")[0]
            for node in ast.parse(path.read_text("utf-8")).body
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for alias in node.names
        }
        dotted = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix("__init__").rstrip(".")
        if not names & optional and not dotted.endswith("__main__"):
            modules.append(".".join(filter(None, ("layercheck", dotted))))
    assert len(modules) > 200
    run(installed, "-c", f"import importlib\nfor name in {modules!r}: importlib.import_module(name)")


def test_its_types_are_seen_from_outside(installed: Path, tmp_path: Path) -> None:
    uses = tmp_path / "uses.py"
    uses.write_text("from layercheck import check\n\nreveal_type(check().new)\n", "utf-8")
    mypy = [sys.executable, "-m", "mypy", "--strict", "--python-executable", str(installed)]
    done = subprocess.run([*mypy, str(uses)], cwd=tmp_path, capture_output=True, text=True)
    assert "tuple[layercheck.finding.Finding, ...]" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0
