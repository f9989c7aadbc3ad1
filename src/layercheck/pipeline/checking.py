"""``check``: run the rules over an analysed project and make an outcome of what they find."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from layercheck import __version__
from layercheck.config.schema import Config
from layercheck.errors import NothingToAnalyse
from layercheck.facts.read import decode
from layercheck.finding import Finding, sort_key
from layercheck.outcome import InactiveRule, Judged, Outcome, Suppressed
from layercheck.pipeline.analysis import Analysis, analyse
from layercheck.pipeline.failures import sentence
from layercheck.pipeline.summary import summarise
from layercheck.rules.catalog import Selected, selected
from layercheck.sources.paths import is_below
from layercheck.triage.per_file import leave_out
from layercheck.triage.suppress import suppress


def check(paths: Sequence[Path], config: Config) -> Outcome:
    """Analyse the project of ``config`` and report what stands in ``paths``.

    Raises `NothingToAnalyse` where no Python file lies below any of ``paths``. A rule that fails
    becomes an internal error of the outcome, the others go on.
    """
    analysis = analyse(config.project_root, config)
    wanted = _relative(paths, Path(analysis.tree.project_root))
    if not any(_is_wanted(source.path, wanted) for source in analysis.tree.sources):
        raise NothingToAnalyse(f"no Python file to analyse in {', '.join(map(str, paths))}")
    rules = selected(config)
    findings, inactive, errors = _run(rules, analysis)
    told = [finding for finding in findings if _is_wanted(finding.place.path, wanted)]
    triaged = suppress(leave_out(sorted(told, key=sort_key), config.per_file_ignores), analysis.files)
    return Outcome(
        root=analysis.tree.project_root,
        version=__version__,
        findings=tuple(Judged(finding) for finding in triaged.kept),
        suppressed=triaged.suppressed,
        stale_baseline=(),
        unread=analysis.unread,
        rules=tuple(one.rule.info() for one in rules),
        summary=summarise(analysis, tuple(inactive)),
        sources=_quoted(analysis, triaged.kept, triaged.suppressed),
        fail_on=config.fail_on,
        internal_errors=(*analysis.internal_errors, *errors),
    )


def _run(
    rules: Iterable[Selected], analysis: Analysis
) -> tuple[list[Finding], list[InactiveRule], list[str]]:
    findings: list[Finding] = []
    inactive: list[InactiveRule] = []
    errors: list[str] = []
    for one in rules:
        try:
            if reason := one.rule.idle(analysis.view):
                inactive.append(InactiveRule(one.rule.code, one.rule.name, reason))
                continue
            findings.extend([one.weigh(finding) for finding in one.rule.check(analysis.view)])
        except Exception as error:
            errors.append(sentence(f"{one.rule.code} {one.rule.name}", error))
    return findings, inactive, errors


def _relative(paths: Sequence[Path], root: Path) -> list[str]:
    """Return ``paths`` relative to ``root``, with forward slashes; ``""`` stands for all of it."""
    result = []
    for path in paths:
        relative = os.path.relpath(os.path.abspath(path), root).replace(os.sep, "/")
        result.append("" if relative == "." or relative.startswith("../") or relative == ".." else relative)
    return result


def _is_wanted(path: str, wanted: Iterable[str]) -> bool:
    return any(is_below(path, directory) for directory in wanted)


def _quoted(
    analysis: Analysis, findings: Iterable[Finding], suppressed: Iterable[Suppressed]
) -> dict[str, dict[int, str]]:
    """Return the lines that findings, their chains and their related places point at."""
    wanted: dict[str, set[int]] = {}
    for finding in (*findings, *(one.finding for one in suppressed)):
        places = [finding.place, *finding.related, *(step.place for step in finding.chain)]
        for place in places:
            wanted.setdefault(place.path, set()).add(place.line)
    sources = {source.path: source for source in analysis.tree.sources}
    quoted: dict[str, dict[int, str]] = {}
    for path in sorted(wanted.keys() & analysis.files.keys()):
        lines = decode(sources[path].read(analysis.tree.project_root)).split("\n")
        quoted[path] = {line: lines[line - 1] for line in sorted(wanted[path]) if 0 < line <= len(lines)}
    return quoted
