"""Which versions of a file say the same, and where their lines went."""

from __future__ import annotations

import pytest

from layercheck.facts.alignment import Moves, align
from layercheck.facts.extract import extract

OLD = '''\
"""What it is for."""
from fastapi import APIRouter

router = APIRouter()


@router.get("/")
def show(limit: int = 10) -> list[str]:
    """Show all."""
    return sorted(
        find(limit),  # all of them
        key=str,
    )
'''


def edited(old: str, new: str) -> Moves | None:
    """Return what became of the lines of `OLD` when ``old`` became ``new``."""
    assert old in OLD
    return align(extract(OLD), extract(OLD.replace(old, new, 1)))


STAYED = {line: line for line in (1, 2, 4, 7, 8, 9, 10, 11, 12, 13)}


def shifted(by: int, after: int) -> dict[int, int]:
    """Return the lines of `OLD`, those after one moved down."""
    return {line: line + by * (line > after) for line in STAYED}


@pytest.mark.parametrize(
    ("old", "new", "moves"),
    [
        pytest.param("", "", Moves(STAYED), id="nothing"),
        pytest.param("# all of them", "# a few", Moves(STAYED), id="comment"),
        pytest.param("key=str,\n", "key=str,  # text\n", Moves(STAYED), id="comment-in-brackets"),
        pytest.param("Show all.", "Show any.", Moves(STAYED), id="docstring"),
        pytest.param("Show all.", "Show some.", Moves(STAYED, frozenset({9})), id="other-end-of-docstring"),
        pytest.param('"""What', '# what\n"""What', Moves(shifted(1, 0)), id="first-line"),
        pytest.param("\n\n@", "\n@", Moves(shifted(-1, 4)), id="blank-line-less"),
        pytest.param(
            'Show all."""',
            'Show all.\n\n    Really.\n    """',
            Moves(shifted(3, 9), frozenset({9})),
            id="longer-docstring",
        ),
        pytest.param(
            "        key", "        # by text\n        key", Moves(shifted(1, 11)), id="line-in-brackets"
        ),
    ],
)
def test_the_same(old: str, new: str, moves: Moves) -> None:
    assert edited(old, new) == moves


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("10", "11", id="number"),
        pytest.param("10", "10.0", id="type-of-number"),
        pytest.param('"/"', '"/all"', id="string"),
        pytest.param("limit", "most", id="name"),
        pytest.param("@router", "@ router", id="column"),
        pytest.param("find(limit),  # all of them\n       ", "find(limit),", id="two-lines-become-one"),
        pytest.param("key=str,\n    )", "key=str,\n    ) or []", id="more-of-it"),
        pytest.param("router = APIRouter()", "router = APIRouter(); x = 1", id="statement"),
        pytest.param("router = APIRouter()", "router = APIRouter()\npass", id="pass"),
        pytest.param('"""Show all."""\n', "\n", id="no-docstring"),
        pytest.param('    """Show all."""\n', "", id="no-docstring-line"),
        pytest.param("# all of them", "# layercheck: ignore", id="comment-that-speaks-to-us"),
        pytest.param("# all of them", "# noqa", id="comment-that-speaks-to-flake8"),
    ],
)
def test_something_else(old: str, new: str) -> None:
    assert edited(old, new) is None


SPEAKING = "x = 1  # noqa\n# layercheck: ignore[LC101] old\ny = [\n    2,\n    # noqa\n    3,\n]\n"


@pytest.mark.parametrize(
    ("new", "by"),
    [
        pytest.param(SPEAKING + "# the end\n", {}, id="behind-all"),
        pytest.param("\n" + SPEAKING, dict.fromkeys((1, 2, 3, 4, 5, 6, 7), 1), id="all-moved"),
        pytest.param(
            SPEAKING.replace("    3", "\n    3"), None, id="further-from-the-code-behind-it"
        ),
        pytest.param(
            SPEAKING.replace("    # noqa", "\n    # noqa"), None, id="further-from-the-code-before-it"
        ),
        pytest.param(SPEAKING.replace("]\n", "\n]\n"), {7: 1}, id="code-behind-all-comments"),
        pytest.param(SPEAKING.replace("old", "new"), None, id="another-reason"),
        pytest.param(SPEAKING.replace("1  #", "1   #"), None, id="another-column"),
        pytest.param(SPEAKING.replace("    # noqa\n", ""), None, id="one-less"),
        pytest.param(
            "x = 1  # noqa\n# layercheck: ignore[LC101] old\ny = [\n    2,  # noqa\n    3,\n]\n", None,
            id="behind-code-now",
        ),
    ],
)  # fmt: skip
def test_comments_that_speak_to_us_stand_as_they_did(new: str, by: dict[int, int] | None) -> None:
    moved = by if by is None else Moves({line: line + by.get(line, 0) for line in (1, 2, 3, 4, 5, 6, 7)})
    assert align(extract(SPEAKING), extract(new)) == moved
