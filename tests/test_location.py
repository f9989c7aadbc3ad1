"""Spans: what lies in what."""

from __future__ import annotations

import pytest

from layercheck.location import Span, any_inside, pack

OUTER = pack(3, 4, 5, 10)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        pytest.param([], False, id="none"),
        pytest.param([pack(3, 4, 3, 6)], True, id="starts-with-it"),
        pytest.param([pack(4, 0, 4, 80)], True, id="in-the-middle"),
        pytest.param([pack(5, 9, 5, 10)], True, id="at-its-end"),
        pytest.param([pack(1, 0, 9, 0), pack(3, 3, 4, 0), pack(5, 11, 5, 12)], False, id="around-and-beside"),
        pytest.param([pack(1, 0, 1, 1), pack(4, 2, 4, 3), pack(8, 0, 8, 1)], True, id="among-others"),
    ],
)
def test_whether_any_span_begins_in_another(spans: list[Span], expected: bool) -> None:
    assert any_inside(sorted(spans), OUTER) is expected
