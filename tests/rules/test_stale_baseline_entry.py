"""LC005: entries of the baseline that nothing needs any more."""

from __future__ import annotations

from pathlib import Path

from layercheck.triage.baseline_file import Entry, written
from small_projects import check, report

PROJECT = """\
# app/services/prices.py
from fastapi import HTTPException

def total(prices: list[int]) -> int:
    if not prices:
        raise HTTPException(404)
    return sum(prices)

def average(prices: list[int]) -> int:
    return total(prices) // len(prices)
"""


def entry(element: str, code: str = "LC202", path: str = "app/services/prices.py", count: int = 1) -> Entry:
    return Entry(path, code, element, "HTTPException", count)


def found(root: Path, *entries: Entry) -> list[str]:
    return report(check(root, f"{PROJECT}\n# layercheck-baseline.json\n{written(entries)}"))


def test_what_is_found_is_needed(tmp_path: Path) -> None:
    assert found(tmp_path, entry("app.services.prices.total")) == []


def test_what_is_gone_is_told_where_the_entry_stands(tmp_path: Path) -> None:
    entries = (
        entry("app.services.prices.average"),
        entry("app.services.prices.total", count=2),
        entry("app.services.old.total", path="app/services/old.py", count=2),
        entry("app.services.prices.total", code="LC299"),
    )
    assert found(tmp_path, *entries) == [
        "warning layercheck-baseline.json:6:1 LC202 of `app.services.old.total` (HTTPException):"
        " the known findings exist no more",
        "  = app.services.old.total LC202 HTTPException",
        "warning layercheck-baseline.json:8:1 LC202 of `app.services.prices.average` (HTTPException):"
        " the known finding exists no more",
        "  = app.services.prices.average LC202 HTTPException",
        "warning layercheck-baseline.json:9:1 LC202 of `app.services.prices.total` (HTTPException):"
        " 1 of 2 known findings exist no more",
        "  = app.services.prices.total LC202 HTTPException",
    ]
