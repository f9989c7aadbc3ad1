"""JUnit XML: its shape, what passes and what fails, and text XML cannot hold."""

from __future__ import annotations

from textwrap import dedent
from xml.etree import ElementTree as xml

import msgspec
import pytest
from outcomes import ERROR, FULL, HOSTILE, SUMMARY, outcome, warning

from layercheck.finding import RuleInfo, Severity
from layercheck.outcome import Outcome
from layercheck.report.formats import formatter
from layercheck.report.style import Options

COUNTS = {"tests", "failures", "errors", "skipped"}
SHAPE: dict[str, tuple[set[str], set[str]]] = {
    "testsuites": ({"name", *COUNTS}, {"testsuite"}),
    "testsuite": ({"name", *COUNTS}, {"testcase"}),
    "testcase": ({"name", "classname", "file", "line"}, {"failure", "error", "skipped"}),
    "failure": ({"message", "type"}, set()),
    "error": ({"message", "type"}, set()),
    "skipped": ({"message"}, set()),
}
"""Attributes and children of each element, as the readers of JUnit XML document them."""

RULES = (RuleInfo("LC301", "repository-imports-web", Severity.ERROR, "Finds.", {}, "none"),)


def written(result: Outcome, prefix: str = "") -> str:
    return formatter("junit")(result, Options(prefix=prefix))


def test_the_whole_report() -> None:
    result = msgspec.structs.replace(FULL, rules=RULES)
    assert written(result, "backend/") == dedent(
        """\
        <?xml version="1.0" encoding="utf-8"?>
        <testsuites name="layercheck" tests="5" failures="1" errors="1" skipped="2">
          <testsuite name="LC104 router-holds-session" tests="1" failures="0" errors="0" skipped="1">
            <testcase classname="LC104 router-holds-session" name="app.routers.items.show2" file="backend/app/routers/items.py" line="2">
              <skipped message="app/routers/items.py:2:5: `show` takes a session" />
            </testcase>
          </testsuite>
          <testsuite name="LC301 repository-imports-web" tests="1" failures="0" errors="0" skipped="0">
            <testcase classname="LC301 repository-imports-web" name="nothing found" />
          </testsuite>
          <testsuite name="LC601 layer-import-direction" tests="1" failures="1" errors="0" skipped="0">
            <testcase classname="LC601 layer-import-direction" name="app.services.items" file="backend/app/services/items.py" line="3">
              <failure message="app/services/items.py:3:1: service `app.services.items` imports router `app.routers.items`" type="error">app/services/items.py:3:1: service `app.services.items` imports router `app.routers.items`
        app/services/items.py:3   app.services.items -&gt; app.routers.items
        app/routers/items.py:120  ItemFilter
        also app/services/items.py:4, app/services/orders.py:9
        help: move `ItemFilter` to `app.schemas`; see `layercheck explain LC601`
        [service: file name; router: holds an APIRouter]</failure>
            </testcase>
          </testsuite>
          <testsuite name="LC606 duplicated-entry-logic" tests="1" failures="0" errors="0" skipped="1">
            <testcase classname="LC606 duplicated-entry-logic" name="app.routers.subs.cancel" file="backend/app/routers/subs.py" line="7">
              <skipped message="app/routers/subs.py:7:1: `cancel` and `expire` do the same" />
            </testcase>
          </testsuite>
          <testsuite name="layercheck" tests="1" failures="0" errors="1" skipped="0">
            <testcase classname="layercheck" name="internal error #1">
              <error message="LC405 failed in app/routers/items.py: KeyError" type="internal error" />
            </testcase>
          </testsuite>
        </testsuites>
        """  # noqa: E501
    )


RESULTS = {
    "full": FULL,
    "empty": outcome(),
    "hostile": outcome(HOSTILE),
    "inactive": msgspec.structs.replace(outcome(summary=SUMMARY), rules=RULES),
}


@pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS)
def test_the_report_has_the_documented_shape(result: Outcome) -> None:
    root = xml.fromstring(written(result).encode())
    assert root.tag == "testsuites"
    for element in root.iter():
        attributes, children = SHAPE[element.tag]
        assert set(element.attrib) - attributes == set()
        assert {child.tag for child in element} - children == set()
        assert len(element) < 2 or element.tag.startswith("testsuite")
    for key, tag in (
        ("tests", "testcase"),
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ):
        assert int(root.attrib[key]) == len(list(root.iter(tag)))


FAILING: dict[str, tuple[Severity | None, tuple[str, str]]] = {
    "errors": (Severity.ERROR, ("failure", "skipped")),
    "warnings": (Severity.WARNING, ("failure", "failure")),
    "nothing": (None, ("skipped", "skipped")),
}


@pytest.mark.parametrize(("fail_on", "kinds"), FAILING.values(), ids=FAILING)
def test_what_makes_the_run_fail_is_a_failure(fail_on: Severity | None, kinds: tuple[str, str]) -> None:
    result = msgspec.structs.replace(outcome(ERROR, warning(1)), fail_on=fail_on)
    root = xml.fromstring(written(result))
    by_rule = {case.attrib["classname"][:5]: case[0].tag for case in root.iter("testcase")}
    assert (by_rule["LC601"], by_rule["LC104"]) == kinds


def test_a_rule_with_nothing_to_judge_is_skipped_and_says_why() -> None:
    rule = RuleInfo("LC203", "service-executes-query", Severity.ERROR, "Finds.", {}, "none")
    root = xml.fromstring(written(msgspec.structs.replace(outcome(summary=SUMMARY), rules=(rule,))))
    (case,) = root.iter("testcase")
    assert (case.attrib["name"], case[0].tag, case[0].attrib) == (
        "inactive",
        "skipped",
        {"message": "no repository layer found"},
    )


def test_two_findings_of_one_element_are_two_cases() -> None:
    root = xml.fromstring(written(outcome(warning(1), warning(1))))
    names = [case.attrib["name"] for case in root.iter("testcase")]
    assert names == ["app.routers.items.show1", "app.routers.items.show1 #2"]


def test_hostile_text_is_read_back() -> None:
    (failure,) = xml.fromstring(written(outcome(HOSTILE)).encode()).iter("failure")
    lines = (failure.text or "").splitlines()
    assert lines[0].endswith("</details> | @team #7 <!-- `a|b` \\x1b[31m \\ud800 ]]>")
    assert lines[1:] == [
        "app/a b#c?.py:3  f\\n-> `g` {0} ]]> ```",
        "help: ``` {0} \\u202e \\ufffe; see `layercheck explain LC101`",
    ]
