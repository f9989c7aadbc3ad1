"""SARIF 2.1.0, what code scanning of GitHub and many viewers read. The same outcome gives the same bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from layercheck.finding import Finding, RuleInfo, Severity, Step
from layercheck.location import Place
from layercheck.outcome import Judged, Outcome, Suppressed, Verdict
from layercheck.report.ordinals import unique_fingerprints
from layercheck.report.style import Options, printable

VERSION = "2.1.0"
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
BASE = "%SRCROOT%"
_FINGERPRINT = "layercheck/v1"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "note"}
_LINK = re.compile(r"\\(?=[\[\]\\])|\[(?=[^\]]*\]\()")


def render(outcome: Outcome, options: Options) -> str:
    """Return ``outcome`` as one SARIF run.

    What comments silence and what the baseline knows is there too, marked as suppressed.
    """
    return json.dumps(document(outcome, options), indent=2, sort_keys=True) + "\n"


def document(outcome: Outcome, options: Options) -> dict[str, Any]:
    """Return ``outcome`` as plain values."""
    rules = {rule.code: number for number, rule in enumerate(outcome.rules)}
    told: list[Judged | Suppressed] = [*outcome.findings, *outcome.suppressed]
    findings = [one.finding for one in told]
    results = []
    for one, fingerprint in zip(told, unique_fingerprints(findings), strict=True):
        suppressions: list[dict[str, Any]] = []
        if isinstance(one, Suppressed):
            suppressions = [_comment(one, options)]
        elif one.verdict is Verdict.KNOWN:
            suppressions = [_suppression("external", "known to the baseline")]
        results.append(_result(one.finding, fingerprint, suppressions, rules, options))
    return {
        "$schema": SCHEMA,
        "version": VERSION,
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "layercheck",
                        "version": outcome.version,
                        "semanticVersion": outcome.version,
                        "rules": [_rule(rule) for rule in outcome.rules],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [
                    {
                        "executionSuccessful": not outcome.internal_errors,
                        "toolExecutionNotifications": [
                            {"level": "error", "message": _message(printable(sentence))}
                            for sentence in outcome.internal_errors
                        ],
                    }
                ],
                "results": results,
            }
        ],
    }


def _rule(rule: RuleInfo) -> dict[str, Any]:
    sections = [f"## {title}\n\n{text}" for title, text in rule.sections.items()]
    page = "\n\n".join((f"# {rule.code} {rule.name}", rule.summary, *sections))
    level = _LEVELS[rule.severity] if rule.severity else "none"
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": _message(rule.summary),
        "fullDescription": _message(rule.sections.get("What it does", rule.summary)),
        "help": {"text": _braced(page), "markdown": _braced(page)},
        "defaultConfiguration": {"enabled": rule.severity is not None, "level": level},
        "properties": {"tags": ["architecture", "fastapi", "maintainability"], "precision": "high"},
    }


def _result(
    finding: Finding,
    fingerprint: str,
    suppressions: list[dict[str, Any]],
    rules: dict[str, int],
    options: Options,
) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.code,
        "level": _LEVELS[finding.severity],
        "message": _message(printable(". ".join(_sentences(finding)))),
        "locations": [
            {
                "physicalLocation": _physical(finding.place, options),
                "logicalLocations": [{"fullyQualifiedName": printable(finding.element)}],
            }
        ],
        # the first is compared by tools that follow the standard, the second is what GitHub compares
        "fingerprints": {_FINGERPRINT: fingerprint},
        "partialFingerprints": {"primaryLocationLineHash": fingerprint},
        "suppressions": suppressions,
        "properties": {"layer": finding.layer, "evidence": list(map(printable, finding.evidence))},
    }
    if finding.code in rules:
        result["ruleIndex"] = rules[finding.code]
    if finding.chain:
        result["codeFlows"] = [{"threadFlows": [{"locations": _flow(finding.chain, options)}]}]
    if finding.related:
        result["relatedLocations"] = [
            {"id": number, "physicalLocation": _physical(place, options)}
            for number, place in enumerate(finding.related, start=1)
        ]
    return result


def _sentences(finding: Finding) -> Iterator[str]:
    yield finding.message.rstrip(".")
    if finding.help:
        yield f"Help: {finding.help.rstrip('.')}"


def _flow(steps: Sequence[Step], options: Options) -> list[dict[str, Any]]:
    return [
        {
            "kinds": [printable(step.kind)],
            "location": {
                "message": _message(printable(step.text)),
                "physicalLocation": _physical(step.place, options),
                "logicalLocations": [{"fullyQualifiedName": printable(step.element)}],
            },
        }
        for step in steps
    ]


def _comment(one: Suppressed, options: Options) -> dict[str, Any]:
    location = {"physicalLocation": _physical(one.comment, options)}
    return {**_suppression("inSource", one.reason), "location": location}


def _suppression(kind: str, reason: str) -> dict[str, Any]:
    suppression = {"kind": kind, "status": "accepted"}
    return {**suppression, "justification": printable(reason)} if reason else suppression


def _physical(place: Place, options: Options) -> dict[str, Any]:
    return {
        "artifactLocation": {"uri": _uri(options.prefix + place.path), "uriBaseId": BASE},
        "region": {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        },
    }


def _uri(path: str) -> str:
    return quote(path.encode("utf-8", "surrogateescape"), safe="/")


def _message(text: str) -> dict[str, str]:
    return {"text": _braced(_LINK.sub(r"\\\g<0>", text))}


def _braced(text: str) -> str:
    """Return ``text`` with braces doubled: single ones stand for arguments."""
    return text.replace("{", "{{").replace("}", "}}")
