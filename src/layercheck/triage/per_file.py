"""Leave out the rules a project does not want to hear about in some of its files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from layercheck.config.patterns import path_patterns
from layercheck.config.schema import selects
from layercheck.finding import Finding


def leave_out(
    findings: Iterable[Finding], per_file_ignores: Mapping[str, tuple[str, ...]]
) -> tuple[Finding, ...]:
    """Return ``findings`` without those that ``per-file-ignores`` names.

    A key is a path pattern as in ``.gitignore``, its value codes, the start of codes or ``ALL``.
    """
    ignores = [(path_patterns([at]), selectors) for at, selectors in per_file_ignores.items()]
    return tuple(
        finding
        for finding in findings
        if not any(
            any(selects(one, finding.code) for one in selectors) and spec.match_file(finding.place.path)
            for spec, selectors in ignores
        )
    )
