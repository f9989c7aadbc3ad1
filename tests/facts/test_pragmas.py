"""Comments that speak to layercheck, and the counting of lines."""

from __future__ import annotations

import pytest
from render import render_all

from layercheck.facts.pragmas import count_lines, find_pragmas


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        pytest.param(
            "# layercheck: ignore[LC101,LC303] a reason",
            ("ignore", ("LC101", "LC303"), "a reason"),
            id="codes",
        ),
        pytest.param(
            "#layercheck:ignore[ lc101 , LC303, ]", ("ignore", ("LC101", "LC303"), ""), id="spacing"
        ),
        pytest.param("# layercheck: ignore", ("ignore", (), ""), id="bare"),
        pytest.param("# layercheck: ignore because", ("ignore", (), "because"), id="bare-with-reason"),
        pytest.param(
            "# layercheck: ignore[LC101] -- legacy", ("ignore", ("LC101",), "legacy"), id="dashed-reason"
        ),
        pytest.param("# layercheck: ignore[LC101] --", ("ignore", ("LC101",), ""), id="dash-is-no-reason"),
        pytest.param(
            "# layercheck: ignore[router-executes-query]",
            ("ignore", ("router-executes-query",), ""),
            id="name",
        ),
        pytest.param("# layercheck: layer=service", ("layer", (), "service"), id="layer"),
        pytest.param("# layercheck: layer = service", ("layer", (), "service"), id="spaced-layer"),
        pytest.param("# noqa", ("noqa", (), ""), id="noqa"),
        pytest.param("# NOQA: lc202, E501", ("noqa", ("LC202", "E501"), ""), id="noqa-codes"),
        pytest.param("# noqa:LC202 E501", ("noqa", ("LC202", "E501"), ""), id="noqa-without-comma"),
        pytest.param("# see below  # noqa: LC202", ("noqa", ("LC202",), ""), id="behind-another-comment"),
    ],
)
def test_pragma(comment: str, expected: tuple[str, tuple[str, ...], str]) -> None:
    (pragma,) = find_pragmas(f"x = 1  {comment}\n")
    assert (pragma.kind, pragma.codes, pragma.value) == expected


@pytest.mark.parametrize(
    "line",
    [
        "# layercheck: ignored[LC101]",
        "# layercheck: ignore-next",
        "# layercheck: ignore[]",
        "# layercheck: ignore[LC101 forgotten bracket",
        "# layercheck: layer=",
        "# flake8: noqa",
        "# noqable",
        "x = '# noqa'",
        'x = "# layercheck: ignore[LC101] why"',
        "'''\n# noqa\n'''",
        '"""\n\\"""\n# layercheck: ignore\n"""',
        "x = \"#\" '# noqa'",
    ],
)
def test_no_pragma(line: str) -> None:
    assert find_pragmas(line + "\n") == ()


def test_one_comment_holds_several() -> None:
    text = "x = 1\ny = '#'  # noqa: E501  # layercheck: ignore[LC101] old  # more\n"
    assert render_all(find_pragmas(text)) == [
        "Pragma('noqa', ['E501'], '', 2, 9, 21, False, False)",
        "Pragma('ignore', ['LC101'], 'old', 2, 23, 54, False, False)",
    ]


def places(text: str) -> list[tuple[int, int, bool, bool]]:
    return [(each.line, each.column, each.own_line, each.in_header) for each in find_pragmas(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("# noqa\nimport a\n", [(1, 0, True, True)], id="first-line"),
        pytest.param(
            "#!/bin/x\n# -*- coding: utf-8 -*-\n\n# noqa\nx = 1\n",
            [(4, 0, True, True)],
            id="behind-shebang",
        ),
        pytest.param('# a\n"""Doc\n# b"""\n\n# noqa\nx = 1\n', [(5, 0, True, True)], id="behind-docstring"),
        pytest.param('"""Doc"""  # noqa\n', [(1, 11, False, False)], id="beside-docstring"),
        pytest.param('"""Doc"""\n"""Other"""\n# noqa\n', [(3, 0, True, False)], id="behind-two-strings"),
        pytest.param("import a\n# noqa\n", [(2, 0, True, False)], id="behind-a-statement"),
        pytest.param(
            "def f():\n    # noqa\n    pass  # noqa\n",
            [(2, 4, True, False), (3, 10, False, False)],
            id="inside",
        ),
        pytest.param("x = 'é'  # noqa\n", [(1, 9, False, False)], id="not-ascii"),
        pytest.param("x = f'{'a'}'  # noqa\n", [(1, 14, False, False)], id="newer-syntax"),
        pytest.param("x = '''\n# noqa\n", [(2, 0, True, False)], id="broken-syntax"),
    ],
)
def test_places(text: str, expected: list[tuple[int, int, bool, bool]]) -> None:
    assert places(text) == expected


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("", 0, id="empty"),
        pytest.param("\n\n", 2, id="blank"),
        pytest.param("x = 1", 1, id="no-last-line-end"),
        pytest.param("# a\n\n  # b\nx = 1  # c\n\t\n  y\n", 6, id="mixed"),
        pytest.param('"""\ntext\n\n"""\n', 4, id="string"),
    ],
)
def test_counts(text: str, lines: int) -> None:
    assert count_lines(text) == lines
