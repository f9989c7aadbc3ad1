"""What one check found and another did not."""

from __future__ import annotations

from textwrap import dedent

import msgspec
import pytest
from outcomes import ADVICE, ERROR, outcome, warning

from layercheck.finding import Finding
from layercheck.location import Place
from layercheck.outcome import Outcome, Unread
from layercheck.report.difference import render
from layercheck.report.style import Options


def moved(finding: Finding, line: int) -> Finding:
    return msgspec.structs.replace(finding, place=Place(finding.place.path, line, 1, line, 2))


def told(before: Outcome, after: Outcome, *, is_concise: bool = False, **options: bool) -> str:
    return render(before, after, Options(**options), is_concise=is_concise)  # type: ignore[arg-type]


def expected(text: str) -> str:
    return dedent(text).lstrip("\n") + "\n"


def test_new_ones_have_their_proof_gone_ones_a_line() -> None:
    after = msgspec.structs.replace(
        outcome(warning(1), ERROR),
        sources={"app/services/items.py": {3: "from app.routers.items import ItemFilter"}},
    )
    assert told(outcome(warning(1), warning(2)), after) == expected(
        """
        New errors

        app/services/items.py:3:1: LC601 layer-import-direction: service `app.services.items` imports router `app.routers.items`
            3 | from app.routers.items import ItemFilter
              | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            app/services/items.py:3   app.services.items -> app.routers.items
            app/routers/items.py:120  ItemFilter
            also app/services/items.py:4, app/services/orders.py:9
            help: move `ItemFilter` to `app.schemas`; see `layercheck explain LC601`
            [service: file name; router: holds an APIRouter]

        Gone
        app/routers/items.py:2:5: LC104 router-holds-session: `show` takes a session

        Found 1 error, 1 warning. 1 new, 1 gone.
        """  # noqa: E501
    )


def test_concise() -> None:
    assert told(outcome(warning(2)), outcome(ERROR), is_concise=True) == expected(
        """
        New
        app/services/items.py:3:1: LC601 layer-import-direction: service `app.services.items` imports router `app.routers.items`

        Gone
        app/routers/items.py:2:5: LC104 router-holds-session: `show` takes a session

        Found 1 error, 0 warnings. 1 new, 1 gone.
        """  # noqa: E501
    )


COUNTS: dict[str, tuple[Outcome, Outcome, str]] = {
    "nothing": (outcome(), outcome(), "No findings. 0 new, 0 gone."),
    "the same": (outcome(ERROR), outcome(ERROR), "Found 1 error, 0 warnings. 0 new, 0 gone."),
    "moved": (outcome(ERROR), outcome(moved(ERROR, 99)), "Found 1 error, 0 warnings. 0 new, 0 gone."),
    "the last": (outcome(ERROR), outcome(), "No findings. 0 new, 1 gone."),
    "known to a baseline now": (outcome(ERROR), outcome(known=(ERROR,)), "No findings. 0 new, 1 gone."),
    "a second of the same": (
        outcome(ERROR), outcome(ERROR, moved(ERROR, 9)), "Found 2 errors, 0 warnings. 1 new, 0 gone.",
    ),
    "advice": (
        outcome(), outcome(ADVICE),
        "Found 0 errors, 0 warnings, 1 advice (--all shows it). 0 new, 0 gone.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after", "line"), COUNTS.values(), ids=COUNTS)
def test_counts(before: Outcome, after: Outcome, line: str) -> None:
    assert told(before, after).splitlines()[-2:] == [line, ""]
    assert line not in told(before, after, quiet=True)


def test_advice_that_is_asked_for() -> None:
    assert "New advice" in told(outcome(), outcome(ADVICE), everything=True)


def test_of_several_that_are_the_same_the_one_that_came_is_new() -> None:
    before = outcome(moved(ERROR, 5), moved(ERROR, 9))
    after = outcome(*(moved(ERROR, line) for line in (5, 7, 9)))
    assert [line.partition(" ")[0] for line in told(before, after).splitlines() if ": LC601" in line] == [
        "app/services/items.py:7:1:"
    ]


def test_nothing_is_gone_because_a_file_cannot_be_read() -> None:
    broken = moved(msgspec.structs.replace(warning(1), code="LC009", target=""), 7)
    unread = (Unread(broken.place, "invalid syntax"),)
    before = outcome(warning(1))
    after = msgspec.structs.replace(outcome(broken, ERROR), unread=unread)
    assert told(before, after, is_concise=True) == expected(
        """
        New
        app/routers/items.py:7:1: LC009 router-holds-session: `show` takes a session

        Not compared: 1 file cannot be read.
        """
    )
    # what could not be read before either keeps nothing from being compared
    before = msgspec.structs.replace(outcome(warning(1), ERROR), unread=unread)
    after = msgspec.structs.replace(outcome(warning(1)), unread=unread)
    assert told(before, after).splitlines()[-2] == "Found 0 errors, 1 warning. 0 new, 1 gone."
