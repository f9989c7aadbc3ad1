"""The contract type, run by the real `lint-imports`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"

SETTINGS = """
[importlinter]
root_package = app
contract_types =
    detected_layers: layercheck.frontends.import_linter_contract.DetectedLayersContract

[importlinter:contract:layers]
name = Imports follow the layers
type = detected_layers
"""


def lint(name: str, options: str, root: Path) -> tuple[list[str], int]:
    """Return what `lint-imports` prints on a copy of an application, and its exit status."""
    project = shutil.copytree(FIXTURES / name, root / name)
    (project / ".importlinter").write_text(SETTINGS + options, "utf-8")
    script = "from importlinter.cli import lint_imports_command as lint; lint()"
    done = subprocess.run(
        [sys.executable, "-c", script, "--no-logo", "--no-cache"], cwd=project, text=True,
        capture_output=True, env={**os.environ, "PYTHONPATH": str(project), "COLUMNS": "200"},
    )  # fmt: skip
    return done.stdout.splitlines(), done.returncode


def test_broken(tmp_path: Path) -> None:
    lines, status = lint("tangled", "", tmp_path)
    assert ([line for line in lines if line][-6:], status) == ([
        "app/repositories/invoices.py:6:1: LC601 repository `InvoiceRepository.add` imports service"
        " `app.services.invoices`",
        "    app/repositories/invoices.py:6 app.repositories.invoices -> app.services.invoices",
        "app/services/orders.py:3:1: LC601 service `app.services.orders` imports router"
        " `app.api.catalogue.Product`",
        "    app/services/orders.py:3 app.services.orders -> app.api.catalogue.Product",
        "app/utils/labels.py:3:1: LC601 util `price_tag` imports service `app.services.invoices.amount_due`",
        "    app/utils/labels.py:3 app.utils.labels -> app.services.invoices.amount_due",
    ], 1)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "options", "verdict"),
    [
        ("layered", "", "1 kept, 0 broken"),
        ("tangled", "select = LC205", "1 kept, 0 broken"),
        ("tangled", "select =\n    LC205\n    LC203\n", "0 kept, 1 broken"),
    ],
    ids=["clean", "another rule", "other rules"],
)
def test_verdict(name: str, options: str, verdict: str, tmp_path: Path) -> None:
    lines, status = lint(name, options, tmp_path)
    assert (f"Contracts: {verdict}." in lines, status) == (True, int("0 kept" in verdict))
