"""LC005: the baseline forgets what is gone."""

from __future__ import annotations

from pathlib import Path

from layercheck.triage.baseline_file import Entry, written

from mending import plan, write

PRICES = """
# app/services/prices.py
from fastapi import HTTPException, Request


def total(request: Request) -> int:
    raise HTTPException(404)
"""
REQUEST = Entry("app/services/prices.py", "LC201", "app.services.prices.total", "Request")
RAISE = Entry("app/services/prices.py", "LC202", "app.services.prices.total", "HTTPException")
GONE = Entry("app/services/gone.py", "LC201", "app.services.gone", "Request")


def test_entries_and_counts_are_dropped(tmp_path: Path) -> None:
    write(tmp_path, PRICES)
    baseline = tmp_path / "layercheck-baseline.json"
    found = [
        Entry(one.place.path, one.code, one.element, one.target)
        for one in (left.finding for left in plan(tmp_path, ["LC2"]).plan.left)
        if one.code == "LC202"
    ]
    assert found == [RAISE]
    baseline.write_text(written([Entry(*_parts(RAISE), 3), GONE]), "utf-8")
    mended = plan(tmp_path, ["LC005"], unsafe=False)
    mended.write()
    assert baseline.read_text("utf-8") == written([RAISE])
    assert list(mended.told()) == [
        "layercheck-baseline.json:5:1: LC005 fixed: dropped what is gone from the baseline",
        "layercheck-baseline.json:7:1: LC005 fixed: dropped what is gone from the baseline",
        "2 findings fixed in 1 file",
    ]
    assert plan(tmp_path, ["LC005"]).plan.contents == {}


def test_what_is_needed_stays(tmp_path: Path) -> None:
    write(tmp_path, PRICES)
    baseline = tmp_path / "layercheck-baseline.json"
    baseline.write_text(written([RAISE]), "utf-8")
    assert plan(tmp_path, ["LC005"]).plan.contents == {}


def _parts(entry: Entry) -> tuple[str, str, str, str]:
    return entry.path, entry.code, entry.element, entry.target
