"""LC610: the project's own import-linter contracts, run in the same pass."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from layercheck import pipeline
from layercheck.config.load import load
from layercheck.outcome import Outcome
from layercheck.rules.catalog import codes
from small_projects import report

MODULES = {
    "app/__init__.py": "",
    "app/api/__init__.py": "",
    "app/api/users.py": "import sqlalchemy\nfrom app.core import users\n",
    "app/core/__init__.py": "from app.core.users import find\n",
    "app/core/helpers.py": "def helper():\n    from app.api import users\n    return users\n",
    "app/core/users.py": "from .helpers import helper\n\nfind = helper\n",
    "app/core/types.py": "import typing\nif typing.TYPE_CHECKING:\n    from app.api import users\n",
}

LAYERS = """
[[tool.importlinter.contracts]]
name = "api above core"
type = "layers"
layers = ["app.api", "app.core"]
"""


def contract(kind: str, options: str, session: str = "") -> dict[str, str]:
    """Return a settings file with one contract."""
    head = f'[tool.importlinter]\nroot_package = "app"\n{session}\n'
    body = f'[[tool.importlinter.contracts]]\nname = "the rule"\ntype = "{kind}"\n{options}\n'
    return {"pyproject.toml": head + body}


def check(root: Path, settings: dict[str, str], modules: dict[str, str] = MODULES) -> Outcome:
    """Write modules and settings files below ``root``; return what LC610 finds."""
    for path, text in {**modules, **settings}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    outcome = pipeline.check([root], load(root, None, {"select": ["LC610"]}, known_codes=codes()))
    assert outcome.internal_errors == ()
    return outcome


def told(outcome: Outcome) -> list[str]:
    """Return the findings as ``path:line message``."""
    return [f"{one.place.path}:{one.place.line} {one.message}" for one in outcome.new]


TO_API = "`app.core.{}` must not import `app.api.users`"

BROKEN: dict[str, tuple[dict[str, str], list[str]]] = {
    "layers": (contract("layers", 'layers = ["app.api", "app.core"]'), [
        f"app/core/helpers.py:2 {TO_API.format('helpers')}",
        f"app/core/types.py:3 {TO_API.format('types')}",
    ]),
    "layers without imports for type checkers": (
        contract("layers", 'layers = ["app.api", "app.core"]', "exclude_type_checking_imports = true"),
        [f"app/core/helpers.py:2 {TO_API.format('helpers')}"],
    ),
    "layers that leave out a module": (
        contract(
            "layers",
            'layers = ["api", "core.users"]\ncontainers = ["app"]\nexhaustive = true\n'
            'ignore_imports = ["app.core.* -> app.api.users"]',
        ),
        ["app/core/__init__.py:1 `app.core` is in none of the layers"],
    ),
    "independence": (contract("independence", 'modules = ["app.core.users", "app.core.helpers"]'), [
        "app/core/helpers.py:2 `app.core.helpers` must not import `app.core.users`, here through"
        " app.api.users",
        "app/core/users.py:1 `app.core.users` must not import `app.core.helpers`",
    ]),
    "forbidden through another module": (
        contract("forbidden", 'source_modules = ["app.core.users"]\nforbidden_modules = ["app.api"]'),
        ["app/core/users.py:1 `app.core.users` must not import `app.api.users`, here through"
         " app.core.helpers"],
    ),
    "forbidden package from outside": (
        contract(
            "forbidden", 'source_modules = ["app"]\nforbidden_modules = ["sqlalchemy"]',
            "include_external_packages = true",
        ),
        ["app/api/users.py:1 `app.api.users` must not import `sqlalchemy`"],
    ),
    "protected": (
        contract("protected", 'protected_modules = ["app.core.users"]\nallowed_importers = ["app.core"]'),
        ["app/api/users.py:2 `app.api.users` is not among those that may import `app.core.users`"],
    ),
    "acyclic siblings": (contract("acyclic_siblings", 'ancestors = ["app"]'), [
        "app/api/users.py:2 the import of `app.core.users` by `app.api.users` closes a cycle inside `app`",
    ]),
}  # fmt: skip


@pytest.mark.parametrize(("settings", "expected"), BROKEN.values(), ids=BROKEN)
def test_broken(settings: dict[str, str], expected: list[str], tmp_path: Path) -> None:
    head = "contract `the rule` is broken: "
    assert [line.replace(head, "") for line in told(check(tmp_path, settings))] == expected


KEPT: dict[str, dict[str, str]] = {
    "layers the other way round": contract(
        "layers", 'layers = ["app.core", "app.api"]\nignore_imports = ["app.api.users -> app.core.users"]'
    ),
    "imports the contract ignores": contract(
        "layers", 'layers = ["app.api", "app.core"]\nignore_imports = ["app.core.* -> app.api.users"]'
    ),
    "independent modules": contract("independence", 'modules = ["app.core.helpers", "app.core.types"]'
                                    '\nignore_imports = ["app.core.* -> app.api.users"]'),
    "forbidden, but not directly": contract(
        "forbidden",
        'source_modules = ["app.core.users"]\nforbidden_modules = ["app.api"]\nallow_indirect_imports = true',
    ),
    "outside packages that nobody imports": contract(
        "forbidden", 'source_modules = ["app"]\nforbidden_modules = ["django"]',
        "include_external_packages = true",
    ),
    "protected from others": contract(
        "protected", 'protected_modules = ["app.core.users"]\nallowed_importers = ["app.core", "app.api"]'
    ),
    "no cycle": contract("acyclic_siblings", 'ancestors = ["app.api"]'),
    "no contract": {"pyproject.toml": '[project]\nname = "app"\n'},
    "settings of other tools": {"setup.cfg": "[flake8]\nmax-line-length = 100\n"},
    "a word of it": {"pyproject.toml": '[project]\nname = "app"\ndependencies = ["import-linter"]\n'},
}  # fmt: skip


@pytest.mark.parametrize("settings", KEPT.values(), ids=KEPT)
def test_kept(settings: dict[str, str], tmp_path: Path) -> None:
    assert told(check(tmp_path, settings)) == []


WRONG: dict[str, tuple[dict[str, str], str]] = {
    "a module that does not exist": (
        contract("forbidden", 'source_modules = ["app.cores"]\nforbidden_modules = ["app.api"]'),
        "pyproject.toml:5 contract `the rule` cannot run: Module 'app.cores' does not exist.",
    ),
    "a layer that does not exist": (
        contract("layers", 'layers = ["app.api", "app.lost"]'),
        "pyproject.toml:5 contract `the rule` cannot run: Missing layer 'app.lost': module app.lost does"
        " not exist.",
    ),
    "an ignored import that does not exist": (
        contract("layers", 'layers = ["app.api", "app.core"]\nignore_imports = ["app.api -> app.core"]'),
        "pyproject.toml:5 contract `the rule` cannot run: No matches for ignored import app.api -> app.core.",
    ),
    "an option that is missing": (
        contract("layers", ""),
        "pyproject.toml:5 contract `the rule` has wrong options: layers: This is a required field.",
    ),
    "no such type": (
        contract("layerz", ""),
        "pyproject.toml:5 contract `the rule` is of the type `layerz`, which the installed import-linter"
        " lacks",
    ),
    "another root package": (
        {"pyproject.toml": f'[tool.importlinter]\nroot_package = "shop"\n{LAYERS}'},
        "pyproject.toml:1 `pyproject.toml` root package `shop` is not among the code",
    ),
    "no root package": (
        {"pyproject.toml": f"[tool.importlinter]\ninclude_external_packages = true\n{LAYERS}"},
        "pyproject.toml:1 `pyproject.toml` names no `root_package`",
    ),
    "no contracts": (
        {"pyproject.toml": '[tool.importlinter]\nroot_package = "app"\n'},
        "pyproject.toml:1 `pyproject.toml` has no contracts",
    ),
    "no name": (
        {"pyproject.toml": LAYERS.replace('name = "api above core"', "")
         + '[tool.importlinter]\nroot_package = "app"\n'},
        "pyproject.toml:2 `pyproject.toml` has no `name`",
    ),
    "a damaged file": (
        {".importlinter": "[importlinter]\nroot_package"},
        ".importlinter:1 `.importlinter` cannot be read: Source contains parsing errors: '<string>'",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("settings", "expected"), WRONG.values(), ids=WRONG)
def test_cannot_run(settings: dict[str, str], expected: str, tmp_path: Path) -> None:
    outcome = check(tmp_path, settings)
    assert (told(outcome), outcome.exit_code) == ([expected], 1)


@pytest.mark.parametrize("file", [".importlinter", "setup.cfg"])
def test_settings_in_the_other_files(file: str, tmp_path: Path) -> None:
    text = (
        "[importlinter]\nroot_package = app\n\n[importlinter:contract:one]\nname = in order\ntype = layers\n"
        "layers =\n    app.api\n    app.core\n"
    )
    outcome = check(tmp_path, {file: text})
    assert [one.place.path for one in outcome.new] == ["app/core/helpers.py", "app/core/types.py"]


def test_what_it_says(tmp_path: Path) -> None:
    options = 'source_modules = ["app.core.users"]\nforbidden_modules = ["app.api"]'
    assert report(check(tmp_path, contract("forbidden", options))) == [
        "error app/core/users.py:1:1 contract `the rule` is broken: `app.core.users` must not import"
        " `app.api.users`, here through app.core.helpers",
        "  app/core/users.py:1 [unknown] import: app.core.users -> app.core.helpers",
        "  app/core/helpers.py:2 [util] import: app.core.helpers -> app.api.users",
        "  = app.core.users the rule: app.api.users",
    ]


def test_tests_inside_the_package_count_as_for_import_linter(tmp_path: Path) -> None:
    tests = {"app/core/tests/__init__.py": "", "app/core/tests/test_users.py": "import app.api.users"}
    options = 'source_modules = ["app.core.tests"]\nforbidden_modules = ["app.api"]'
    assert told(check(tmp_path, contract("forbidden", options), {**MODULES, **tests})) == [
        "app/core/tests/test_users.py:1 contract `the rule` is broken: `app.core.tests.test_users` must not"
        " import `app.api.users`"
    ]


def test_types_of_the_project_are_never_imported(tmp_path: Path) -> None:
    trap = {**MODULES, "app/contracts.py": "raise SystemExit('imported')\n"}
    settings = contract("own", "", 'contract_types = ["own: app.contracts.Own"]')
    outcome = check(tmp_path, settings, trap)
    assert [(str(one.severity), one.message) for one in outcome.new] == [
        ("advice", "contract `the rule` is of the type `own`, code of its own that is not run here")
    ]


@pytest.mark.parametrize("settings", [one for one, _ in BROKEN.values()] + [*KEPT.values()][:7])
def test_the_same_verdict_as_import_linter(settings: dict[str, str], tmp_path: Path) -> None:
    broken = bool(check(tmp_path, settings).new)
    lint = "from importlinter.cli import lint_imports_command as lint; lint()"
    done = subprocess.run(
        [sys.executable, "-c", lint, "--no-logo", "--no-cache"], cwd=tmp_path, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
    )  # fmt: skip
    assert f"Contracts: {int(not broken)} kept, {int(broken)} broken." in done.stdout.splitlines()
