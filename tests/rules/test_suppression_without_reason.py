"""LC002: comments that silence without saying why."""

from __future__ import annotations

from pathlib import Path

import pytest

from small_projects import check, found, report

ON = {"extend-select": ["LC002"]}

TOLD = {
    "a code": ("layercheck: ignore[LC201]", "`layercheck: ignore[LC201]` does not say why", "LC201"),
    "two codes": (
        "layercheck: ignore[LC201,LC202]", "`layercheck: ignore[LC201, LC202]` does not say why",
        "LC201, LC202",
    ),
    "everything": ("layercheck: ignore", "`layercheck: ignore` does not say why", ""),
    "only a dash": ("layercheck: ignore[LC2] -", "`layercheck: ignore[LC2]` does not say why", "LC2"),
    "another comment is no reason": (
        "layercheck: ignore[LC2]  # type: ignore", "`layercheck: ignore[LC2]` does not say why", "LC2",
    ),
}  # fmt: skip

SILENT = {
    "a reason": "layercheck: ignore[LC201] the audit needs the address",
    "a reason for everything": "layercheck: ignore: the audit needs the address",
    "a reason behind a dash": "layercheck: ignore[LC201] - the audit needs the address",
    "for flake8": "noqa: LC201",
    "silenced by name": "layercheck: ignore[LC201, LC002]",
    "a layer is no suppression": "layercheck: layer=util",
}


def project(comment: str) -> str:
    return (
        "# app/services/audit.py\n"
        f"from fastapi import Request  # {comment}\n"
        "def log(request: Request) -> None: ...\n"
    )


@pytest.mark.parametrize(("comment", "message", "target"), TOLD.values(), ids=TOLD)
def test_told(comment: str, message: str, target: str, tmp_path: Path) -> None:
    outcome = check(tmp_path, project(comment), {**ON, "ignore": ["LC001"]})
    assert report(outcome) == [
        f"warning app/services/audit.py:2:30 {message}",
        f"  = app.services.audit {target}",
    ]


@pytest.mark.parametrize("comment", SILENT.values(), ids=SILENT)
def test_silent(comment: str, tmp_path: Path) -> None:
    outcome = check(tmp_path, project(comment), ON)
    assert [line for line in found(outcome) if line.endswith("LC002")] == []


def test_it_is_off_unless_named(tmp_path: Path) -> None:
    assert found(check(tmp_path, project("layercheck: ignore[LC201]"))) == []
