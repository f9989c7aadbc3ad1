"""The report for whatever shows the results of tests: JUnit XML, every rule a suite, every finding a case.

A finding that makes the run fail is a failure, any other and a rule with nothing to judge is skipped,
a rule that found nothing has one case, which passes.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as xml

from layercheck.finding import Finding
from layercheck.outcome import InactiveRule, Outcome
from layercheck.report.ordinals import ordinals
from layercheck.report.proof import proof_lines
from layercheck.report.style import Options, printable


def render(outcome: Outcome, options: Options) -> str:
    """Return ``outcome`` as JUnit XML, without times, so that the same outcome gives the same bytes."""
    root = xml.Element("testsuites", name="layercheck")
    inactive = {rule.code: rule for rule in outcome.summary.inactive_rules}
    rules = {rule.code: rule.name for rule in outcome.rules}
    rules |= {finding.code: finding.name for finding in outcome.new}
    for code, name in sorted(rules.items()):
        found = [finding for finding in outcome.new if finding.code == code]
        _add_rule(root, f"{code} {name}", found, inactive.get(code), outcome, options)
    if outcome.internal_errors:
        _add_errors(root, outcome.internal_errors)
    _count(root)
    xml.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + xml.tostring(root, encoding="unicode") + "\n"


def _add_rule(
    root: xml.Element,
    title: str,
    findings: Sequence[Finding],
    inactive: InactiveRule | None,
    outcome: Outcome,
    options: Options,
) -> None:
    suite = xml.SubElement(root, "testsuite", name=title)
    for finding, ordinal in zip(findings, ordinals(one.element for one in findings), strict=True):
        # names without lines: a case is the same case after its file was edited elsewhere
        name = finding.element if ordinal == 1 else f"{finding.element} #{ordinal}"
        place = finding.place
        case = _case(suite, title, name)
        case.set("file", printable(options.prefix + place.path))
        case.set("line", str(place.line))
        kind = "failure" if outcome.fails(finding) else "skipped"
        result = xml.SubElement(case, kind, message=printable(f"{place}: {finding.message}"))
        if kind == "failure":
            result.set("type", finding.severity)
            result.text = "\n".join(map(printable, (f"{place}: {finding.message}", *proof_lines(finding))))
    if inactive is not None:
        xml.SubElement(_case(suite, title, "inactive"), "skipped", message=printable(inactive.reason))
    elif not findings:
        _case(suite, title, "nothing found")


def _add_errors(root: xml.Element, sentences: Sequence[str]) -> None:
    suite = xml.SubElement(root, "testsuite", name="layercheck")
    for ordinal, sentence in enumerate(sentences, start=1):
        case = _case(suite, "layercheck", f"internal error #{ordinal}")
        xml.SubElement(case, "error", message=printable(sentence), type="internal error")


def _case(suite: xml.Element, title: str, name: str) -> xml.Element:
    return xml.SubElement(suite, "testcase", classname=title, name=printable(name))


def _count(root: xml.Element) -> None:
    for element in (root, *root):
        counts = {
            "tests": "testcase",
            "failures": "testcase/failure",
            "errors": "testcase/error",
            "skipped": "testcase/skipped",
        }
        for key, path in counts.items():
            element.set(key, str(len(element.findall(f".//{path}"))))
