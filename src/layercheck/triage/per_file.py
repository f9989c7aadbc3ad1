"""Leave out the rules a project does not want to hear about in some of its files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from layercheck.config.patterns import path_patterns
from layercheck.finding import Finding


def leave_out(
    findings: Iterable[Finding], per_file_ignores: Mapping[str, tuple[str, ...]]
) -> tuple[Finding, ...]:
    """Return ``findings`` without those that ``per-file-ignores`` names.

    A key is a path pattern as in ``.gitignore``, its value codes or the start of codes.
    """
    ignores = [(path_patterns([at]), tuple(codes)) for at, codes in per_file_ignores.items()]
    return tuple(
        finding
        for finding in findings
        if not any(
            finding.code.startswith(codes) and spec.match_file(finding.place.path) for spec, codes in ignores
        )
    )
