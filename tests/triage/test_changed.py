"""Which findings touch changed files."""

from __future__ import annotations

import msgspec
import pytest

from layercheck.errors import ExitCode
from layercheck.finding import Finding, Severity, Step
from layercheck.location import Place
from layercheck.outcome import Judged, Outcome, Summary, Suppressed, Verdict
from layercheck.triage.changed import touching


def place(path: str) -> Place:
    return Place(path, 1, 1, 1, 2)


FINDING = Finding(
    code="LC202",
    name="service-raises-http-exception",
    severity=Severity.ERROR,
    place=place("app/here.py"),
    message="raises",
    help="",
    element="app.here.f",
    layer="service",
    target="HTTPException",
    chain=(
        Step(place("app/caller.py"), "app.caller", "service", "call", "calls"),
        Step(place("app/here.py"), "app.here.f", "util", "raise", "raises"),
    ),
    related=(place("app/other.py"),),
)


def outcome(*judged: Judged) -> Outcome:
    return Outcome(
        root="shop",
        version="1",
        findings=judged,
        suppressed=(Suppressed(FINDING, place("app/here.py"), "why"),),
        stale_baseline=("gone",),
        unread=(),
        rules=(),
        summary=Summary(1, 1, (), 1, 1, 0, 0, 0, (), ("a note",)),
        sources={},
    )


FILES: dict[str, tuple[set[str], bool]] = {
    "where it stands": ({"app/here.py"}, True),
    "where its chain begins": ({"app/caller.py", "app/x.py"}, True),
    "where the same happens": ({"app/other.py"}, True),
    "nothing": (set(), False),
    "another file": ({"app/x.py"}, False),
    "a file whose name begins the same": ({"app/here.pyi", "app/her"}, False),
    "the directory": ({"app"}, False),
    "a file of that name elsewhere": ({"here.py", "lib/app/here.py"}, False),
}


@pytest.mark.parametrize(("files", "is_kept"), FILES.values(), ids=FILES)
def test_a_finding_is_kept_where_its_proof_touches(files: set[str], is_kept: bool) -> None:
    known = Judged(FINDING, Verdict.KNOWN)
    before = outcome(Judged(FINDING), known)
    after = touching(before, files, "main")
    note = (
        f"shown is what touches the files changed since main: {len(files)}; "
        f"findings left out: {0 if is_kept else 2}"
    )
    assert after == msgspec.structs.replace(
        before,
        findings=(Judged(FINDING), known) if is_kept else (),
        suppressed=before.suppressed if is_kept else (),
        summary=msgspec.structs.replace(before.summary, notes=("a note", note)),
    )
    assert after.exit_code is (ExitCode.FINDINGS if is_kept else ExitCode.CLEAN)
