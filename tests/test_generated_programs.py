"""Programs nobody wrote, a sample with fixed seeds; `benchmarks/robustness.py` makes as many as you like."""

from __future__ import annotations

import warnings
from itertools import islice
from pathlib import Path

import pytest
from mutants import mutants, seeds
from robustness import TOGETHER, Application, Tally, generated

FIXTURES = Path(__file__).parent.parent / "fixtures"


@pytest.mark.parametrize("app", ("tangled", "layered"))
def test_broken_modules_beside_an_application(app: str, tmp_path: Path) -> None:
    """No error of ours, facts survive writing, and no finding changes in a module nobody touched."""
    programs = list(islice(mutants(seeds([FIXTURES / "callgraph", FIXTURES / "by_feature"]), 1), 100))
    application, tally = Application(FIXTURES / app, tmp_path), Tally()
    for start in range(0, len(programs), TOGETHER):
        several = programs[start : start + TOGETHER]
        for text in several:
            tally.read(f"program {start}", text.encode("utf-8", "surrogatepass"))
        application.disturb(several, tally, f"programs from {start}")
    assert tally.failures == []
    assert tally.counts["read"] == 100 and 20 < tally.counts["unreadable"] < 90


def test_programs_made_of_the_grammar() -> None:
    tally = Tally()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Python thinks of them
        for number, text in enumerate(generated(1, 30)):
            tally.read(f"program {number}", text.encode("utf-8", "surrogatepass"))
    assert tally.failures == [] and tally.counts["read"] >= 30
