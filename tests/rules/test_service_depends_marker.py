"""LC205: services and repositories that only FastAPI can build."""

from __future__ import annotations

from pathlib import Path

import pytest

from small_projects import check, expected, found

RULE = {"select": ["LC205"]}

BEGIN = """
# app/services/reports.py
from dataclasses import dataclass
from typing import Annotated
from fastapi import Depends, Security

class Printer: ...
PrinterDep = Annotated[Printer, Depends(Printer)]
"""

HITS = {
    "a default": """
class ReportService:
    def __init__(self, printer: Printer = Depends(Printer)) -> None: ...  # expect: LC205
""",
    "metadata, once per signature": """
class ReportService:
    def run(self, a: Annotated[Printer, Security(Printer)], b: PrinterDep) -> None: ...  # expect: LC205
""",
    "an alias": """
class ReportService:
    def __init__(self, printer: PrinterDep) -> None: ...  # expect: LC205
""",
    "an attribute": """
@dataclass
class ReportService:
    printer: PrinterDep  # expect: LC205
""",
}

NEAR_MISSES = {
    "plain": """
class ReportService:
    def __init__(self, printer: Printer, depends: str = "Depends") -> None: ...
""",
    "a provider in the module of the service": """
class ReportService:
    def __init__(self, printer: Printer) -> None: ...
def get_service(printer: PrinterDep) -> ReportService:
    return ReportService(printer)
""",
    "a provider among the dependencies": """
# app/dependencies.py
from app.services.reports import Printer, PrinterDep
def get_printer(printer: PrinterDep) -> Printer:
    return printer
""",
    "another Depends": """
from somewhere import Depends
class ReportService:
    def __init__(self, printer: Printer = Depends(Printer)) -> None: ...
""",
}


@pytest.mark.parametrize("text", HITS.values(), ids=HITS)
def test_told(text: str, tmp_path: Path) -> None:
    assert expected(BEGIN + text)
    assert found(check(tmp_path, BEGIN + text, RULE)) == expected(BEGIN + text)


@pytest.mark.parametrize("text", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_silent(text: str, tmp_path: Path) -> None:
    assert found(check(tmp_path, BEGIN + text, RULE)) == []


def test_where_markers_are_allowed(tmp_path: Path) -> None:
    settings = {**RULE, "rules": {"LC205": {"allow-depends-in": ["app.services.*"]}}}
    assert found(check(tmp_path, BEGIN + HITS["a default"], settings)) == []
