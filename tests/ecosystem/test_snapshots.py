"""What layercheck finds in real applications is what was read and judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from snapshots import applications, fetch, findings, name_of, snapshot_of


@pytest.mark.parametrize("application", [pytest.param(one, id=name_of(one)) for one in applications()])
def test_findings_are_those_that_were_read(application: str, tmp_path: Path) -> None:
    assert findings(fetch(application, tmp_path)) == snapshot_of(application).read_text("utf-8"), (
        "read the difference, then: python tests/ecosystem/snapshots.py"
    )
