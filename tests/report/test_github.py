"""Annotations of GitHub Actions, whole, and read back as the runner reads them."""

from __future__ import annotations

import re

import msgspec
import pytest
from outcomes import ADVICE, ERROR, FULL, HOSTILE, outcome, warning

from layercheck.location import Place
from layercheck.report.formats import formatter
from layercheck.report.style import Options

COMMAND = re.compile(r"::(?P<command>\w+) (?P<properties>[^:]*)::(?P<data>.*)")


def report(*findings: object, **options: object) -> str:
    return formatter("github")(outcome(*findings), Options(**options))  # type: ignore[arg-type]


def unescaped(text: str) -> str:
    """Undo the escapes the runner knows, in its order: the percent sign last."""
    for escape, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, char)
    return text


def read(line: str) -> tuple[str, dict[str, str], str]:
    """Return command, properties and text of a line, as the runner takes it apart."""
    match = COMMAND.fullmatch(line)
    assert match is not None
    properties = dict(pair.split("=", 1) for pair in match["properties"].split(","))
    return (
        match["command"],
        {key: unescaped(value) for key, value in properties.items()},
        unescaped(match["data"]),
    )


def test_every_new_finding_is_a_command_the_loudest_first() -> None:
    assert formatter("github")(FULL, Options()) == (
        "::error file=app/services/items.py,line=3,endLine=3,col=1,endColumn=42,"
        "title=LC601 layer-import-direction::service `app.services.items` imports router `app.routers.items`"
        "%0Aapp/services/items.py:3   app.services.items -> app.routers.items"
        "%0Aapp/routers/items.py:120  ItemFilter"
        "%0Aalso app/services/items.py:4, app/services/orders.py:9"
        "%0Ahelp: move `ItemFilter` to `app.schemas`; see `layercheck explain LC601`"
        "%0A[service: file name; router: holds an APIRouter]\n"
        "::warning file=app/routers/items.py,line=2,endLine=2,col=5,endColumn=12,"
        "title=LC104 router-holds-session::`show` takes a session"
        "%0Ahelp: inject the service instead; see `layercheck explain LC104`\n"
        "::error title=layercheck::LC405 failed in app/routers/items.py: KeyError\n"
    )


def test_errors_come_before_warnings_that_stand_above_them() -> None:
    lines = report(warning(1), ERROR, ADVICE, everything=True).splitlines()
    assert [read(line)[0] for line in lines] == ["error", "warning", "notice"]


def test_nothing_found_prints_nothing() -> None:
    assert report() == ""


def test_paths_lead_from_the_top_of_the_repository() -> None:
    (line,) = report(warning(1), prefix="backend/").splitlines()
    assert read(line)[1]["file"] == "backend/app/routers/items.py"


def test_a_finding_of_several_lines_has_no_columns() -> None:
    tall = msgspec.structs.replace(warning(1), place=Place("app/a.py", 1, 5, 3, 2))
    (line,) = report(tall).splitlines()
    assert sorted(read(line)[1]) == ["endLine", "file", "line", "title"]


def test_hostile_text_stays_in_its_property_and_its_message() -> None:
    (line,) = report(HOSTILE).splitlines()
    command, properties, text = read(line)
    assert command == "error"
    assert properties["file"] == 'app/100%,a:b\\n::set/<x>&"|é.py'
    assert text.splitlines()[0] == (
        "GET /{id} runs [a](1)\\r\\n::stop-commands::x %0A 100% </details> | @team #7 <!-- `a|b` "
        "\\x1b[31m \\ud800 ]]>"
    )


@pytest.mark.parametrize("char", ["%", "\n", "\r", ":", ",", "::", "%0A", "%250A"])
def test_what_a_property_holds_is_read_back(char: str) -> None:
    odd = msgspec.structs.replace(warning(1), place=Place(f"a{char}b.py", 1, 1, 1, 2))
    (line,) = report(odd).splitlines()
    shown = char.replace("\n", "\\n").replace("\r", "\\r")
    assert read(line)[1]["file"] == f"a{shown}b.py"
