"""What ``layercheck routes`` says of exceptions is what the running applications do.

``exception_requests.json`` has, for every exception that may leave a route with some status, requests
after which it does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from layercheck import pipeline
from layercheck.config.schema import Config
from layercheck.graphs.exception_types import dotted, outside_name

HERE = Path(__file__).parent
FIXTURES = HERE.parent.parent / "fixtures"
CASES: list[dict[str, Any]] = json.loads((HERE / "exception_requests.json").read_text("utf-8"))
NAMES = ("layered", "tangled", "by_feature", "crud", "flat", "legacy")


def cases(name: str) -> list[dict[str, Any]]:
    """Return the requests for one application."""
    return [case for case in CASES if case["fixture"] == name]


@pytest.mark.parametrize("name", NAMES)
def test_every_exception_that_is_predicted_has_requests(name: str) -> None:
    root = FIXTURES / name
    rows = pipeline.route_rows(pipeline.analyse(root, Config(project_root=root)))
    predicted = [
        (f"{row['method']} {row['path']}", one["exception"], one["status"])
        for row in rows
        for one in row["exceptions"]
    ]
    assert sorted(predicted) == sorted(
        (case["route"], case["exception"], case["status"]) for case in cases(name)
    )


@pytest.mark.parametrize("name", NAMES)
def test_exceptions_get_out_with_the_status_predicted(name: str) -> None:
    env = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith("PYTEST_") and key != "DATABASE_URL"
    }
    run = subprocess.run(
        [sys.executable, str(HERE / "drive_application.py")],
        cwd=FIXTURES / name,
        env=env | {"PYTHONDONTWRITEBYTECODE": "1"},
        input=json.dumps(cases(name)),
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    seen = [
        [exception and dotted(outside_name(exception)), status]
        for exception, status in json.loads(run.stdout)
    ]
    assert seen == [[case["exception"], case["status"]] for case in cases(name)]
