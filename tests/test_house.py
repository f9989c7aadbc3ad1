"""The house rules, held by the tools that know them: types, style, the laws of the tree, quick starts."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

OURS_AT_START = {
    "layercheck",
    "layercheck.endings",
    "layercheck.errors",
    "layercheck.frontends",
    "layercheck.frontends.baselining",
    "layercheck.frontends.checking",
    "layercheck.frontends.cli",
    "layercheck.frontends.extracting",
    "layercheck.frontends.fixing",
    "layercheck.frontends.graphs",
    "layercheck.frontends.manual",
    "layercheck.frontends.maps",
    "layercheck.frontends.proposing",
    "layercheck.frontends.settings",
    "layercheck.frontends.talk",
    "layercheck.report",
    "layercheck.report.formats",
}
"""What the command line may load of the package before it knows the command; these load the rest."""

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True)


def loaded_by(code: str) -> set[str]:
    """Return the modules an interpreter holds after running ``code`` in silence."""
    script = (
        "import contextlib, io, sys\n"
        "with contextlib.redirect_stdout(io.StringIO()):\n"
        f"    {code}\n"
        "print('\\n'.join(sys.modules))"
    )
    done = run("-c", script)
    assert done.stderr == ""
    return set(done.stdout.split())


def test_types_hold() -> None:
    done = run("-m", "mypy", "--no-error-summary", "src")
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


def test_style_holds() -> None:
    done = run("-m", "flake8", "src", "tests", "docs")
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)


@pytest.mark.parametrize("contract", [contract["id"] for contract in CONTRACTS])
def test_the_laws_of_the_tree_hold(contract: str) -> None:
    lint = "from importlinter.cli import lint_imports_command as lint; lint()"
    done = run("-c", lint, "--no-logo", "--no-cache", "--contract", contract)
    assert done.stdout.splitlines()[-1:] == ["Contracts: 1 kept, 0 broken."], done.stdout


def test_starting_loads_no_more_than_the_commands_themselves() -> None:
    started = loaded_by("from layercheck.frontends.cli import main; main(['--version'])")
    by_click = loaded_by("import click, traceback, json, time, difflib, importlib, pathlib")
    assert {name for name in started if name.partition(".")[0] == "layercheck"} == OURS_AT_START
    third_party = {name.partition(".")[0] for name in started - by_click} - {"layercheck"}
    assert third_party - set(sys.stdlib_module_names) == set()
    assert third_party & {"ast", "tokenize", "dataclasses", "asyncio"} == set()


def test_the_version_is_told_without_the_command_line() -> None:
    told = "sys.argv[1:] = ['--version']; from layercheck.__main__ import main; main()"
    started = loaded_by(told) - loaded_by("pass")
    assert {name for name in started if not name.startswith("__")} == {
        "layercheck", "layercheck.__main__", "layercheck.endings",
    }  # fmt: skip


def test_the_flake8_plugin_is_loaded_alone() -> None:
    started = loaded_by("import layercheck.frontends.flake8_plugin") - loaded_by("pass")
    assert started == {
        "__future__", "layercheck", "layercheck.frontends", "layercheck.frontends.flake8_plugin",
    }  # fmt: skip


def test_layercheck_finds_nothing_in_itself() -> None:
    settings = ("--config", "tests/architecture.toml", "--fail-on", "warning")
    done = run("-m", "layercheck", "check", "src", *settings, "--no-cache", "--output-format", "concise")
    assert (done.stdout, done.returncode) == ("No findings.\n", 0)


def test_contracts_are_named() -> None:
    assert [contract["id"] for contract in CONTRACTS if not contract.get("name")] == []
    assert len({contract["id"] for contract in CONTRACTS}) == len(CONTRACTS)
