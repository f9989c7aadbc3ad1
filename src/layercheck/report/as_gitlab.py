"""The Code Quality report of GitLab: a list of issues it shows in a merge request."""

from __future__ import annotations

import json
from typing import Any

from layercheck.finding import Finding, Severity
from layercheck.outcome import Outcome
from layercheck.report.ordinals import unique_fingerprints
from layercheck.report.proof import proof_lines
from layercheck.report.style import Options, printable

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.ADVICE: "info"}


def render(outcome: Outcome, options: Options) -> str:
    """Return the new findings of ``outcome`` as a JSON list.

    GitLab compares the fingerprints of two branches and shows but one of two issues with the same.
    """
    issues = [
        _issue(finding, fingerprint, options)
        for finding, fingerprint in zip(outcome.new, unique_fingerprints(outcome.new), strict=True)
    ]
    return json.dumps(issues, indent=2, sort_keys=True) + "\n"


def _issue(finding: Finding, fingerprint: str, options: Options) -> dict[str, Any]:
    place = finding.place
    return {
        "type": "issue",
        "check_name": f"{finding.code} {finding.name}",
        "description": printable(f"{finding.code} {finding.name}: {finding.message}"),
        "content": {"body": "\n".join(proof_lines(finding))},
        "categories": ["Complexity"],
        "severity": _SEVERITIES[finding.severity],
        "fingerprint": fingerprint,
        "location": {
            "path": options.prefix + place.path,
            "lines": {"begin": place.line, "end": place.end_line},
        },
    }
