"""One run of ``fix``: the project analysed, a plan made for it, and what the plan is told as."""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from layercheck.cache.store import DIRECTORY, Store
from layercheck.config.schema import Config
from layercheck.errors import UsageError
from layercheck.finding import Finding
from layercheck.fixes.catalog import FIXES
from layercheck.fixes.compose import changed_files
from layercheck.fixes.disk import write_files
from layercheck.fixes.fix import Change, Context, State
from layercheck.fixes.plan import Plan, make_plan
from layercheck.frontends.diffs import diff_of
from layercheck.outcome import Verdict
from layercheck.pipeline import Workers, analyse, silent
from layercheck.pipeline.checking import relative_paths, report_on
from layercheck.pipeline.collector import collection_off, set_aside
from layercheck.rules.catalog import rule_infos
from layercheck.sources.paths import is_below
from layercheck.triage.baseline_file import baseline_name, known_findings, parse_baseline

if TYPE_CHECKING:
    from layercheck.pipeline.progress import Progress

Ask = Callable[[Finding, str, str], bool]
"""Asked with a finding, what would mend it and the diff; tells whether to do so."""


@dataclass(frozen=True, slots=True)
class Mended:
    """What a run came to: the plan, the files as they were, and what was not tried.

    ``unsafe`` counts the findings only unsafe fixes mend, ``without`` those that have no fix.
    """

    root: Path
    plan: Plan
    before: dict[str, bytes | None]
    unsafe: int
    without: int

    def diff(self) -> str:
        """Return what would change, as ``git apply`` takes it."""
        return "".join(
            diff_of(path, self.before[path], after) for path, after in sorted(self.plan.contents.items())
        )

    def write(self) -> None:
        """Put the new files in place; raises `UsageError` where one cannot be written."""
        write_files(self.root, self.plan.contents, self.before)

    def told(self) -> Iterator[str]:
        """Yield the lines that tell what was done, what was not, and why."""
        for done in sorted(self.plan.done, key=lambda one: one.finding.place):
            yield f"{done.finding.place}: {done.finding.code} fixed: {done.title}"
        for left in sorted(self.plan.left, key=lambda one: one.finding.place):
            yield f"{left.finding.place}: {left.finding.code} not fixed: {left.reason}"
        yield self._summary()

    def _summary(self) -> str:
        done, left, files = len(self.plan.done), len(self.plan.left), len(self.plan.contents)
        told = f"{counted(done, 'finding')} fixed in {counted(files, 'file')}"
        parts = [told if done else "nothing fixed"]
        if left:
            parts.append(f"{left} not fixed")
        if self.unsafe:
            parts.append(f"{self.unsafe} more may be fixed with --unsafe-fixes")
        if self.without:
            parts.append(f"{self.without} have no fix" if self.without > 1 else "1 has no fix")
        return "; ".join(parts)


def mend(
    paths: Sequence[Path],
    config: Config,
    *,
    select: Sequence[str] = (),
    unsafe: bool = False,
    ask: Ask | None = None,
    progress: Progress = silent,
) -> Mended:
    """Plan what fixes make of the findings in ``paths`` whose codes begin with one of ``select``.

    ``ask`` is asked before each change. Nothing is written.
    """
    root = config.project_root
    wanted_paths = relative_paths(paths, root)
    store, workers, shown = Store(root / DIRECTORY), Workers(os.cpu_count() or 1), baseline_name(config)

    def look(contents: Mapping[str, bytes]) -> State:
        sources = {path: data for path, data in contents.items() if path != shown}
        changed = contents.get(shown)
        known = known_findings(config) if changed is None else parse_baseline(changed.decode("utf-8"), shown)
        gc.collect()  # what the try before has left
        analysis = analyse(root, config, store, workers, unsaved=sources, progress=progress)
        return State(analysis.view, report_on([root], config, analysis, known), contents)

    def wanted(finding: Finding) -> bool:
        here = any(is_below(finding.place.path, path) for path in wanted_paths)
        return here and (not select or finding.code.startswith(tuple(select)))

    safety = {info.code: info.fix for info in rule_infos()}
    kinds = ("safe", "unsafe") if unsafe else ("safe",)
    fixes = {code: fix for code, fix in FIXES.items() if safety[code] in kinds}
    with collection_off():
        start = look({})
        with set_aside():
            plan = make_plan(start, look, fixes, wanted, _approval(ask))
    rest = Counter(
        safety[one.finding.code]
        for one in start.outcome.findings
        if one.verdict is Verdict.NEW and one.finding.code not in fixes and wanted(one.finding)
    )
    before = {path: read_or_none(root / path) for path in plan.contents}
    plan.contents = {path: data for path, data in plan.contents.items() if data != before[path]}
    return Mended(root, plan, before, rest["unsafe"], rest["none"])


def _approval(ask: Ask | None) -> Callable[[Finding, Change, Context], bool]:
    def approve(finding: Finding, change: Change, context: Context) -> bool:
        if ask is None:
            return True
        files = changed_files(context, [change])
        diffs = (
            diff_of(path, context.data(path) if context.exists(path) else None, after)
            for path, after in files.items()
        )
        return ask(finding, change.title, "".join(diffs))

    return approve


def counted(number: int, noun: str) -> str:
    """Return a number of things in words: ``1 file``, ``2 files``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def read_or_none(file: Path) -> bytes | None:
    """Return the bytes of a file, None where there is none."""
    return file.read_bytes() if file.exists() else None


def refuse_uncommitted(root: Path, paths: Sequence[str] | None = None) -> None:
    """Raise `UsageError` where git could not bring back what a fix changes.

    Without ``paths`` that is any change not committed yet, with them one of those files that is not even
    known to git. A project in no repository is not judged.
    """
    from layercheck.sources.changes import uncommitted_files
    from layercheck.sources.project_root import REPOSITORY

    if not any((top / REPOSITORY).exists() for top in (root, *root.parents)):
        return
    changed, new = uncommitted_files(root)
    found = sorted(changed if paths is None else new.intersection(paths))
    if found:
        more = f" and {len(found) - 3} more" if len(found) > 3 else ""
        raise UsageError(
            f"not committed: {', '.join(found[:3])}{more}; commit first, or say --allow-dirty"
        )
