"""The report for programs, as ``report.schema.json`` describes it. The same outcome gives the same bytes."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from layercheck.finding import Finding, Severity, Step
from layercheck.location import Place
from layercheck.outcome import Outcome, Verdict
from layercheck.report.style import Options

SCHEMA_VERSION = 1
_DIGITS = 4


def render(outcome: Outcome, options: Options) -> str:
    """Return all of ``outcome`` as JSON; ``options`` change nothing."""
    return json.dumps(document(outcome), indent=2, sort_keys=True) + "\n"


def document(outcome: Outcome) -> dict[str, Any]:
    """Return ``outcome`` as plain values."""
    return {
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "layercheck", "version": outcome.version},
        "root": outcome.root,
        "summary": _summary(outcome),
        "findings": [
            {**_finding(judged.finding), "verdict": judged.verdict.value} for judged in outcome.findings
        ],
        "suppressed": [
            {
                **_finding(silenced.finding),
                "comment": {"path": silenced.comment.path, "line": silenced.comment.line},
                "reason": silenced.reason,
            }
            for silenced in outcome.suppressed
        ],
        "stale_baseline": list(outcome.stale_baseline),
        "unread_files": [
            {
                "path": unread.place.path,
                "line": unread.place.line,
                "column": unread.place.column,
                "reason": unread.reason,
            }
            for unread in outcome.unread
        ],
        "internal_errors": list(outcome.internal_errors),
    }


def _summary(outcome: Outcome) -> dict[str, Any]:
    summary = outcome.summary
    by_code = Counter(finding.code for finding in outcome.new)
    by_severity = Counter(finding.severity for finding in outcome.new)
    return {
        "files": summary.files,
        "lines": summary.lines,
        "modules_per_layer": {row.layer: row.modules for row in summary.layers},
        "elements_per_layer": {row.layer: row.elements for row in summary.layers},
        "classified_share": round(summary.classified_share, _DIGITS),
        "routes": summary.routes,
        "call_sites": summary.call_sites,
        "resolved_share": round(summary.resolved_share, _DIGITS),
        "findings": {
            "new": len(outcome.new),
            "known": sum(judged.verdict is Verdict.KNOWN for judged in outcome.findings),
            "by_code": dict(by_code),
            "by_severity": {severity.value: by_severity[severity] for severity in Severity},
        },
        "inactive_rules": [
            {"code": rule.code, "name": rule.name, "reason": rule.reason} for rule in summary.inactive_rules
        ],
        "notes": list(summary.notes),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        **_place(finding.place),
        "message": finding.message,
        "help": finding.help,
        "element": finding.element,
        "layer": finding.layer,
        "target": finding.target,
        "evidence": list(finding.evidence),
        "chain": [_step(step) for step in finding.chain],
        "related": [_place(place) for place in finding.related],
        "fingerprint": finding.fingerprint,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "path": step.place.path,
        "line": step.place.line,
        "element": step.element,
        "layer": step.layer,
        "kind": step.kind,
        "text": step.text,
    }


def _place(place: Place) -> dict[str, Any]:
    return {
        "path": place.path,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    }
