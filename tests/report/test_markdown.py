"""The report for job summaries and pull requests: whole, and safe from what names may hold."""

from __future__ import annotations

from textwrap import dedent

import msgspec
import pytest
from outcomes import ADVICE, ERROR, FULL, HOSTILE, outcome, warning

from layercheck.finding import Severity
from layercheck.report.as_markdown import LIMIT, code_span, escaped, with_code
from layercheck.report.formats import formatter
from layercheck.report.style import Options


def written(*findings: object, **options: object) -> str:
    return formatter("markdown")(outcome(*findings), Options(**options))  # type: ignore[arg-type]


def test_the_whole_report() -> None:
    assert formatter("markdown")(FULL, Options(prefix="backend/")) == dedent(
        """\
        ## layercheck

        **Found 1 error, 1 warning, 1 advice (--all shows it).**

        - internal error: LC405 failed in app/routers/items.py\\: KeyError

        ### Errors

        `backend/app/services/items.py:3` **LC601 layer-import-direction**<br>service `app.services.items` imports router `app.routers.items`

        <details><summary>proof and help</summary>

        ```text
        app/services/items.py:3   app.services.items -> app.routers.items
        app/routers/items.py:120  ItemFilter
        also app/services/items.py:4, app/services/orders.py:9
        help: move `ItemFilter` to `app.schemas`; see `layercheck explain LC601`
        [service: file name; router: holds an APIRouter]
        ```

        </details>

        ### Warnings

        `backend/app/routers/items.py:2` **LC104 router-holds-session**<br>`show` takes a session

        <details><summary>proof and help</summary>

        ```text
        help: inject the service instead; see `layercheck explain LC104`
        ```

        </details>

        <details><summary>What was read</summary>

        ```text
        read      12 files, 1 line, 5 routes
        unread    1 file
        modules   router 2, service 1 (75% have a layer)
        calls     40 call sites, 92.5% resolved
        baseline  1 known finding not shown
        baseline  1 stale entry
        silenced  1 finding by comments
        inactive  LC203 service-executes-query: no repository layer found
        note      flat project: no service or repository layer found
        ```

        </details>

        <details><summary>Layer map</summary>

        ```mermaid
        flowchart LR
            n0["router: 2 modules, 9 elements"]
            n1["service: 1 module, 4 elements"]
            n2["schema: 0 modules, 3 elements"]
            n0 -->|"3 imports, 1 call"| n1
            n1 -.->|"1 import"| n0
            linkStyle 1 stroke:red
        ```

        </details>
        """  # noqa: E501
    )


def test_quiet_leaves_the_findings_and_their_number() -> None:
    assert written(quiet=True) == "## layercheck\n\n**No findings.**\n"


def test_warnings_are_capped_and_advice_is_shown_when_asked() -> None:
    many = [warning(line) for line in range(1, 13)]
    assert written(*many, quiet=True).count("**LC104 ") == 10
    assert "LC104 router-holds-session: 2 more warnings" in written(*many, quiet=True)
    assert written(*many, ADVICE, everything=True).count("**LC104 ") == 12
    assert "### Advice" in written(ADVICE, everything=True)
    assert "### Advice" not in written(ADVICE)


def test_statistics_are_a_table() -> None:
    table = "| findings | code | rule |\n| ---: | --- | --- |\n| 2 | LC104 | router-holds-session |\n"
    assert f"{table}| 1 | LC601 | layer-import-direction |" in written(
        ERROR, warning(1), warning(2), statistics=True
    )


def test_a_long_report_still_fits_into_a_comment() -> None:
    errors = [msgspec.structs.replace(warning(line), severity=Severity.ERROR) for line in range(1, 2001)]
    report = written(*errors)
    shown = report.count("**LC104 ")
    assert 100 < shown < 2000
    assert f"\n{2000 - shown} more findings are not shown here.\n" in report
    assert len(report) < LIMIT + 5000


TEXTS = {
    "markup": ("*a* _b_ ~c~ [d](e) # f | g", "\\*a\\* \\_b\\_ \\~c\\~ \\[d\\](e) \\#<!-- --> f \\| g"),
    "tags": ("</details><script>", "\\</details\\>\\<script\\>"),
    "entities": ("&lt; &amp;", "\\&lt; \\&amp;"),
    "mentions and references": ("@team #7", "\\@<!-- -->team \\#<!-- -->7"),
    "addresses": ("https://example.org", "https\\://example.org"),
    "lines": ("a\n\n# b", "a\\\\n\\\\n\\#<!-- --> b"),
    "code": ("`a|b` and `c", "`a|b` and \\`c"),
    "words": ("service app.x imports it", "service app.x imports it"),
}


@pytest.mark.parametrize(("text", "shown"), TEXTS.values(), ids=TEXTS)
def test_text_is_text(text: str, shown: str) -> None:
    assert with_code(text) == shown


SPANS = {
    "plain": ("a", "`a`"),
    "tick": ("a`b", "``a`b``"),
    "ticks at the end": ("a``", "``` a`` ```"),
    "blank": (" ", "`   `"),
    "lines": ("a\nb", "`a\\nb`"),
}


@pytest.mark.parametrize(("text", "shown"), SPANS.values(), ids=SPANS)
def test_code_is_fenced_by_more_ticks_than_it_holds(text: str, shown: str) -> None:
    assert code_span(text) == shown


def test_hostile_text_closes_nothing() -> None:
    report = written(HOSTILE, quiet=True)
    assert report.count("<details>") == report.count("\n</details>") == 1
    assert "\n````text\n" in report
    assert "@team" not in report
    assert escaped("</details>") in report
