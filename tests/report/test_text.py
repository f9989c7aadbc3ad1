"""The reports for people, whole."""

from __future__ import annotations

import textwrap


import msgspec
import pytest
from outcomes import ADVICE, ERROR, FULL, NOTHING, outcome, warning

from layercheck.finding import Finding, Severity
from layercheck.location import Place
from layercheck.outcome import Outcome, Summary
from layercheck.report.formats import formatter
from layercheck.report.style import Options, Style, printable

NOTHING_READ = """
    read      1 file, 2 lines, 0 routes
    modules   none (100% have a layer)
    calls     0 call sites, 100.0% resolved
"""


def expected(text: str) -> str:
    return textwrap.dedent(text).lstrip("\n")


def test_text_shows_proof_counts_and_what_must_be_known() -> None:
    assert formatter("text")(FULL, Options()) == expected(
        """
        Errors

        app/services/items.py:3:1: LC601 layer-import-direction: service `app.services.items` imports router `app.routers.items`
            app/services/items.py:3   app.services.items -> app.routers.items
            app/routers/items.py:120  ItemFilter
            also app/services/items.py:4, app/services/orders.py:9
            help: move `ItemFilter` to `app.schemas`; see `layercheck explain LC601`
            [service: file name; router: holds an APIRouter]

        Warnings

        app/routers/items.py:2:5: LC104 router-holds-session: `show` takes a session
            help: inject the service instead; see `layercheck explain LC104`

        read      12 files, 1 line, 5 routes
        unread    1 file
        modules   router 2, service 1 (75% have a layer)
        calls     40 call sites, 92.5% resolved
        baseline  1 known finding not shown
        baseline  1 stale entry
        silenced  1 finding by comments
        inactive  LC203 service-executes-query: no repository layer found
        note      flat project: no service or repository layer found

        Found 1 error, 1 warning, 1 advice (--all shows it).
        """  # noqa: E501
    )


def test_text_names_the_first_of_many_related_places() -> None:
    def also(count: int) -> list[str]:
        places = tuple(Place("app/a.py", line, 1, line, 2) for line in range(1, count + 1))
        report = formatter("text")(outcome(msgspec.structs.replace(ERROR, related=places)), Options())
        return [line.strip() for line in report.splitlines() if line.startswith("    also ")]

    ten = ", ".join(f"app/a.py:{line}" for line in range(1, 11))
    assert (also(10), also(12)) == ([f"also {ten}"], [f"also {ten} and 2 more"])


# the source


def quoting(source: str, place: Place, width: int = 100) -> str:
    """Return the excerpt of a warning at ``place`` in a file of ``source``, as the report has it."""
    finding = msgspec.structs.replace(warning(1), place=place, help="")
    lines = dict(enumerate(source.split("\n"), start=1))
    told = msgspec.structs.replace(outcome(finding), sources={place.path: lines})
    report = formatter("text")(told, Options(quiet=True, width=width))
    rows = [line for line in report.splitlines() if line.lstrip("0123456789 ").startswith("|")]
    return "".join(f"{row}\n" for row in rows)


def at(line: int, column: int, end_line: int, end_column: int) -> Place:
    return Place("app/a.py", line, column, end_line, end_column)


THREE_LINES = """\
    raise HTTPException(
        status_code=404,
    )
"""
LONG = "    if " + " and ".join(f"condition_{number}(session)" for number in range(20)) + ":"
LONG_AT = LONG.index("condition_10") + 1
EXCERPTS: dict[str, tuple[str, Place, str]] = {
    "the indentation is left out": (
        "\n        db.execute(query)  # now",
        at(2, 9, 2, 26),
        """
        2 | db.execute(query)  # now
          | ^^^^^^^^^^^^^^^^^
        """,
    ),
    "several lines": (
        THREE_LINES,
        at(1, 11, 3, 6),
        """
        1 | raise HTTPException(
          |       ^^^^^^^^^^^^^^
        2 |     status_code=404,
          |     ^^^^^^^^^^^^^^^^
        3 | )
          | ^
        """,
    ),
    "the last line is not marked behind the end": (
        "total = sum(\n    prices) + fee",
        at(1, 9, 2, 12),
        """
        1 | total = sum(
          |         ^^^^
        2 |     prices) + fee
          |     ^^^^^^^
        """,
    ),
    "more lines than are shown, one of them empty": (
        "\n" * 98 + "def show(\n\n    db,\n    key,\n): ...",
        at(99, 1, 103, 7),
        """
         99 | def show(
            | ^^^^^^^^^
        101 |     db,
            |     ^^^
            | ...
        """,
    ),
    "tabs": (
        "\tif\tdb.get(1):",
        at(1, 5, 1, 14),
        """
        1 | if    db.get(1):
          |       ^^^^^^^^^
        """,
    ),
    "wide characters take two columns": (
        'say("日本", db)',
        at(1, 11, 1, 13),
        """
        1 | say("日本", db)
          |             ^^
        """,
    ),
    "combining characters take none": (
        'say("u\u0308", db)',
        at(1, 11, 1, 13),
        """
        1 | say("u\u0308", db)
          |          ^^
        """,
    ),
    "control characters are escaped": (
        "say('\x1b[2J\u202e', db)",
        at(1, 14, 1, 16),
        """
        1 | say('\\x1b[2J\\u202e', db)
          |                      ^^
        """,
    ),
    "a span of no width": (
        "x = 1",
        at(1, 5, 1, 5),
        """
        1 | x = 1
          |     ^
        """,
    ),
    "a span behind the end of its line": (
        "x = 1   ",
        at(1, 30, 1, 40),
        """
        1 | x = 1
          |      ^
        """,
    ),
    "a long line from its start": (
        LONG,
        at(1, 8, 1, 28),
        """
        1 | if condition_0(session) and condition_1(session) and condition_2(session) and condition_3...
          |    ^^^^^^^^^^^^^^^^^^^^
        """,
    ),
    "a long line around its span": (
        LONG,
        at(1, LONG_AT, 1, LONG_AT + 12),
        """
        1 | ...ion) and condition_10(session) and condition_11(session) and condition_12(session) and...
          |             ^^^^^^^^^^^^
        """,
    ),
    "a long span": (
        LONG,
        at(1, 8, 1, len(LONG)),
        """
        1 | if condition_0(session) and condition_1(session) and condition_2(session) and condition_3...
          |    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
        """,
    ),
    "a wide character in the cut": (
        "x = '" + "日" * 60 + "' + db",
        at(1, 70, 1, 72),
        """
        1 | ... 日日' + db
          |             ^^
        """,
    ),
}


@pytest.mark.parametrize(("source", "place", "rows"), EXCERPTS.values(), ids=EXCERPTS)
def test_text_underlines_the_span_in_its_source(source: str, place: Place, rows: str) -> None:
    assert quoting(source, place) == textwrap.indent(expected(rows), "    ")


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("column", [1, 50, LONG_AT, 400])
def test_an_excerpt_is_never_wider_than_the_terminal(width: int, column: int) -> None:
    source, mark = quoting(LONG, at(1, column, 1, column + 300), width).splitlines()
    assert max(len(source), len(mark)) <= width
    assert "^" in mark


def test_without_a_terminal_an_excerpt_has_the_width_of_a_log() -> None:
    place = at(1, 1, 1, len(LONG))
    told = outcome(msgspec.structs.replace(warning(1), place=place))
    report = formatter("text")(msgspec.structs.replace(told, sources={place.path: {1: LONG}}), Options())
    assert max(len(line) for line in report.splitlines() if " | " in line) == 120


def test_what_the_outcome_does_not_hold_is_not_quoted() -> None:
    assert quoting("x = 1", at(7, 1, 7, 2)) == ""


def quoted(summary: Summary = NOTHING) -> Outcome:
    """Return an outcome with one error and its line."""
    place = Place("app/services/items.py", 3, 1, 3, 41)
    told = outcome(msgspec.structs.replace(ERROR, place=place), summary=summary)
    sources = {place.path: {3: "from app.routers.items import ItemFilter"}}
    return msgspec.structs.replace(told, sources=sources)


def test_text_is_folded_for_a_terminal() -> None:
    report = formatter("text")(quoted(FULL.summary), Options(width=60))
    assert report == expected(
        """
        Errors

        app/services/items.py:3:1: LC601 layer-import-direction:
          service `app.services.items` imports router
          `app.routers.items`
            3 | from app.routers.items import ItemFilter
              | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
            app/services/items.py:3  app.services.items ->
              app.routers.items
            app/routers/items.py:120  ItemFilter
            also app/services/items.py:4, app/services/orders.py:9
            help: move `ItemFilter` to `app.schemas`; see
              `layercheck explain LC601`
            [service: file name; router: holds an APIRouter]

        read      12 files, 1 line, 5 routes
        modules   router 2, service 1 (75% have a layer)
        calls     40 call sites, 92.5% resolved
        inactive  LC203 service-executes-query: no repository layer
                  found
        note      flat project: no service or repository layer found

        Found 1 error, 0 warnings.
        """
    )


def test_text_without_findings_says_so() -> None:
    assert formatter("text")(outcome(), Options()) == expected(NOTHING_READ) + "\nNo findings.\n"


def test_text_caps_warnings_per_rule_but_never_errors() -> None:
    errors = [msgspec.structs.replace(warning(line), severity=Severity.ERROR) for line in range(20, 33)]
    many = [warning(line) for line in range(1, 13)]
    other = warning(3, "LC102", "router-imports-database")
    lines = formatter("text")(outcome(*many, other, *errors), Options()).splitlines()
    assert sum(": LC104 " in line for line in lines) == 13 + 10
    assert sum(": LC102 " in line for line in lines) == 1
    assert [line for line in lines if "more" in line] == [
        "LC104 router-holds-session: 2 more warnings (--all prints them)"
    ]


def test_text_with_everything_lifts_the_cap_and_shows_advice() -> None:
    report = formatter("text")(
        outcome(warning(1), warning(2), ADVICE), Options(everything=True, quiet=True, cap=1)
    )
    assert report == expected(
        """
        Warnings

        app/routers/items.py:1:5: LC104 router-holds-session: `show` takes a session
            help: inject the service instead; see `layercheck explain LC104`

        app/routers/items.py:2:5: LC104 router-holds-session: `show` takes a session
            help: inject the service instead; see `layercheck explain LC104`

        Advice

        app/routers/subs.py:7:1: LC606 duplicated-entry-logic: `cancel` and `expire` do the same
            help: see `layercheck explain LC606`
        """
    )


def test_quiet_text_without_findings_is_empty() -> None:
    assert formatter("text")(outcome(known=(ERROR,)), Options(quiet=True)) == ""


def test_statistics_count_all_findings_of_each_rule() -> None:
    many = [warning(line) for line in range(1, 11)]
    report = formatter("text")(outcome(ERROR, ADVICE, *many), Options(statistics=True, cap=0))
    assert (
        expected(
            """
        10  LC104  router-holds-session
         1  LC601  layer-import-direction
         1  LC606  duplicated-entry-logic
        """
        )
        in report
    )


def test_concise_is_one_line_per_finding() -> None:
    assert formatter("concise")(FULL, Options()) == expected(
        """
        app/services/items.py:3:1: LC601 layer-import-direction: service `app.services.items` imports router `app.routers.items`
        app/routers/items.py:2:5: LC104 router-holds-session: `show` takes a session
        Found 1 error, 1 warning, 1 advice (--all shows it).
        """  # noqa: E501
    )


def test_concise_does_not_cap_and_shows_advice_when_asked() -> None:
    report = formatter("concise")(
        outcome(warning(1), warning(2), ADVICE), Options(everything=True, statistics=True, quiet=True, cap=1)
    )
    assert report == expected(
        """
        app/routers/items.py:1:5: LC104 router-holds-session: `show` takes a session
        app/routers/items.py:2:5: LC104 router-holds-session: `show` takes a session
        app/routers/subs.py:7:1: LC606 duplicated-entry-logic: `cancel` and `expire` do the same
        2  LC104  router-holds-session
        1  LC606  duplicated-entry-logic
        """
    )


COUNTS: dict[str, tuple[tuple[Finding, ...], str]] = {
    "none": ((), "No findings."),
    "known ones do not count": ((), "No findings."),
    "one warning": ((warning(1),), "Found 0 errors, 1 warning."),
    "two errors": ((ERROR, ERROR), "Found 2 errors, 0 warnings."),
    "advice alone": ((ADVICE,), "Found 0 errors, 0 warnings, 1 advice (--all shows it)."),
}


@pytest.mark.parametrize(("findings", "line"), COUNTS.values(), ids=COUNTS)
@pytest.mark.parametrize("name", ["text", "concise"])
def test_the_last_line_counts(name: str, findings: tuple[Finding, ...], line: str) -> None:
    report = formatter(name)(outcome(*findings, known=(warning(99),)), Options())
    assert report.splitlines()[-1] == line


ESCAPED = {
    "escape code": ("a\x1b[31mb", "a\\x1b[31mb"),
    "line break": ("a\nb\r", "a\\nb\\r"),
    "bell and delete": ("\x07\x7f", "\\x07\\x7f"),
    "C1 control": ("\x9b", "\\x9b"),
    "direction override": ("\u202eabc", "\\u202eabc"),
    "line separator": ("\u2028", "\\u2028"),
    "lone surrogate": ("caf\udce9", "caf\\udce9"),
    "letters stay": ("Übergröße 日本 ✓", "Übergröße 日本 ✓"),
}


@pytest.mark.parametrize(("text", "shown"), ESCAPED.values(), ids=ESCAPED)
@pytest.mark.parametrize("name", ["text", "concise"])
def test_names_cannot_speak_to_the_terminal(name: str, text: str, shown: str) -> None:
    finding = msgspec.structs.replace(warning(1), message=text)
    assert printable(text) == shown
    assert formatter(name)(outcome(finding), Options()).splitlines()[0 if name == "concise" else 2] == (
        f"app/routers/items.py:1:5: LC104 router-holds-session: {shown}"
    )


class Marking(Style):
    """Marks what would be coloured."""

    def severity(self, severity: Severity, text: str) -> str:
        return f"<{severity}>{text}</>"

    def strong(self, text: str) -> str:
        return f"<b>{text}</>"

    def faint(self, text: str) -> str:
        return f"<i>{text}</>"


def test_a_style_dresses_the_text() -> None:
    report = formatter("text")(quoted(), Options(style=Marking(), quiet=True))
    assert report == expected(
        """
        <b>Errors</>

        <b>app/services/items.py:3:1</>: <error>LC601</> layer-import-direction: service `app.services.items` imports router `app.routers.items`
            <i>3 | </>from app.routers.items import ItemFilter
            <i>  | </><error>^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^</>
            app/services/items.py:3   app.services.items -> app.routers.items
            app/routers/items.py:120  ItemFilter
            also app/services/items.py:4, app/services/orders.py:9
            help: move `ItemFilter` to `app.schemas`; see `layercheck explain LC601`
            <i>[service: file name; router: holds an APIRouter]</>
        """  # noqa: E501
    )
