"""The reports for people, whole."""

from __future__ import annotations

from textwrap import dedent

import msgspec
import pytest
from outcomes import ADVICE, ERROR, FULL, outcome, warning

from layercheck.finding import Finding, Severity
from layercheck.location import Place
from layercheck.report.formats import formatter
from layercheck.report.style import Options, Style, printable

NOTHING_READ = """
    read      1 file, 2 lines, 0 routes
    modules   none (100% have a layer)
    calls     0 call sites, 100.0% resolved
"""


def expected(text: str) -> str:
    return dedent(text).lstrip("\n")


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
    report = formatter("text")(outcome(ERROR), Options(style=Marking(), quiet=True))
    assert report == expected(
        """
        <b>Errors</>

        <b>app/services/items.py:3:1</>: <error>LC601</> layer-import-direction: service `app.services.items` imports router `app.routers.items`
            app/services/items.py:3   app.services.items -> app.routers.items
            app/routers/items.py:120  ItemFilter
            also app/services/items.py:4, app/services/orders.py:9
            help: move `ItemFilter` to `app.schemas`; see `layercheck explain LC601`
            <i>[service: file name; router: holds an APIRouter]</>
        """  # noqa: E501
    )
