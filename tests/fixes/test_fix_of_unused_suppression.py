"""LC001: comments that silence nothing go, other words stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from mending import fixed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("x = 1  # layercheck: ignore[LC201] a reason\n", "x = 1\n", id="behind code"),
        pytest.param("x = 1  # layercheck: ignore[LC201]", "x = 1", id="no end of line"),
        pytest.param("x = 1\n# layercheck: ignore[LC201]\ny = 2\n", "x = 1\ny = 2\n", id="a line of its own"),
        pytest.param(
            "x = 1  # layercheck: ignore[LC201] a reason  # noqa: E501\n",
            "x = 1  # noqa: E501\n",
            id="another comment behind",
        ),
        pytest.param(
            "x = 1  # why  # layercheck: ignore[LC201]\n", "x = 1  # why\n", id="another comment in front"
        ),
        pytest.param("x = 1  # noqa: LC101, E501\n", "x = 1  # noqa: E501\n", id="first code"),
        pytest.param("x = 1  # noqa: E501,LC101 LC102\n", "x = 1  # noqa: E501\n", id="last codes"),
        pytest.param("x = 1  # noqa: LC101\n", "x = 1\n", id="noqa"),
        pytest.param(
            "from fastapi import Request  # layercheck: ignore[ LC201, LC202 ]  here\r\n",
            "from fastapi import Request  # layercheck: ignore[ LC201 ]  here\r\n",
            id="one of two, other line ends",
        ),
    ],
)
def test_fixed(tmp_path: Path, before: str, after: str) -> None:
    left, told = fixed(tmp_path, f"# app/services/prices.py\n{before}", "LC001")
    assert left == f"# app/services/prices.py\n{after}"
    assert told[-1] == "1 finding fixed in 1 file"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("from fastapi import Request  # layercheck: ignore[LC201] needed\n", id="needed"),
        pytest.param("x = '# layercheck: ignore[LC201]'\n", id="in a string"),
        pytest.param("x = 1  # noqa\n", id="meant for others"),
        pytest.param("x = 1  # layercheck: ignore[LC201, LC001] now and then\n", id="wants to stay"),
    ],
)
def test_left_alone(tmp_path: Path, text: str) -> None:
    left, told = fixed(tmp_path, f"# app/services/prices.py\n{text}", "LC001")
    assert (left, told) == (f"# app/services/prices.py\n{text}", ["nothing fixed"])
