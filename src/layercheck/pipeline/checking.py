"""``check``: run the rules over an analysed project and make an outcome of what they find."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from layercheck import __version__
from layercheck.cache.store import Store
from layercheck.config.schema import Config
from layercheck.errors import NothingToAnalyse, UsageError
from layercheck.facts.read import decode
from layercheck.facts.unreadable import Unreadable
from layercheck.failures import sentence
from layercheck.finding import Finding, sort_key
from layercheck.inference.engine import deep_recursion
from layercheck.location import Place
from layercheck.outcome import InactiveRule, Judged, Outcome, Suppressed
from layercheck.pipeline.analysis import Analysis, analyse
from layercheck.pipeline.collector import collection_off
from layercheck.pipeline.progress import JUDGING, Progress, silent
from layercheck.pipeline.project_map import project_map
from layercheck.pipeline.reading import Workers
from layercheck.pipeline.summary import summarise
from layercheck.quoting import lines_to_quote, quote
from layercheck.rules.catalog import Selected, rule_infos, selected
from layercheck.rules.rule import Stage
from layercheck.rules.view import StaleEntry, Triage, View
from layercheck.sources import SourceTree
from layercheck.sources.paths import is_below
from layercheck.triage.baseline import Judgement, Surroundings, judge
from layercheck.triage.baseline_file import Entry, Known, baseline_name, known_findings
from layercheck.triage.per_file import leave_out
from layercheck.triage.suppress import suppress


def check(
    paths: Sequence[Path],
    config: Config,
    store: Store | None = None,
    workers: Workers | None = None,
    *,
    tree: SourceTree | None = None,
    progress: Progress = silent,
    with_map: bool = False,
) -> Outcome:
    """Analyse the project of ``config`` and report what stands in ``paths``.

    ``store`` keeps facts from run to run, ``workers`` share the parsing. ``tree`` are the files of
    the project where they have been found already, ``progress`` is told how far it is; ``with_map`` adds
    the map of the project.
    Raises `NothingToAnalyse` where no Python file lies below any of ``paths``, `UsageError` where no rule
    is selected, `BaselineError` where the baseline cannot be used. A rule that fails becomes an internal
    error of the outcome, the others go on.
    """
    known = known_findings(config)
    with collection_off():
        analysis = analyse(config.project_root, config, store, workers, tree=tree, progress=progress)
        outcome = report_on(paths, config, analysis, known, progress)
        return msgspec.structs.replace(outcome, map=project_map(analysis)) if with_map else outcome


def report_on(
    paths: Sequence[Path],
    config: Config,
    analysis: Analysis,
    known: Sequence[Known] = (),
    progress: Progress = silent,
) -> Outcome:
    """Return what the rules find in ``paths`` of an analysed project, of which some is ``known``."""
    wanted = relative_paths(paths, Path(analysis.tree.project_root))
    if not any(is_wanted(source.path, wanted) for source in analysis.tree.sources):
        raise NothingToAnalyse(f"no Python file to analyse in {', '.join(map(str, paths))}")
    rules = selected(config)
    if not rules:
        raise UsageError("no rule is selected: `select`, `ignore` and `severity` leave none")
    run = _Run(rules, analysis, wanted, progress)
    on_code = suppress(run.stage(Stage.CODE), analysis.files)
    triage = Triage(rule_infos(), frozenset(run.ran), on_code.unused)
    on_comments = suppress(run.stage(Stage.COMMENTS, triage), analysis.files)
    kept = leave_out(sorted((*on_code.kept, *on_comments.kept), key=sort_key), config.per_file_ignores)
    suppressed = (*on_code.suppressed, *on_comments.suppressed)
    judgement = judge(kept, known, run.surroundings())
    triage = msgspec.structs.replace(triage, stale=_stale(config, judgement))
    on_baseline = leave_out(run.stage(Stage.BASELINE, triage), config.per_file_ignores)
    judged = (*judgement.judged, *map(Judged, on_baseline))
    return Outcome(
        root=analysis.tree.project_root,
        version=__version__,
        findings=tuple(sorted(judged, key=lambda one: sort_key(one.finding))),
        suppressed=suppressed,
        stale_baseline=tuple(str(one) for one in judgement.stale),
        unread=analysis.unread,
        rules=tuple(one.rule.info() for one in run.rules),
        summary=summarise(analysis, tuple(run.inactive)),
        sources=_quoted(analysis, kept, suppressed),
        fail_on=config.fail_on,
        internal_errors=(*analysis.internal_errors, *run.errors),
    )


class _Run:
    """The selected rules at work, stage by stage; what they find of the wanted paths is told.

    ``ran`` are the codes of the rules that came to an end, ``inactive`` those that had nothing to
    judge, ``errors`` sentences about those that failed.
    """

    def __init__(
        self, rules: list[Selected], analysis: Analysis, wanted: list[str], progress: Progress
    ) -> None:
        self.rules = rules
        self.ran: list[str] = []
        self.inactive: list[InactiveRule] = []
        self.errors: list[str] = []
        self._view = analysis.view
        self._wanted = wanted
        self._progress = progress
        unread = {one.place.path for one in analysis.unread}
        self._code = {source.path for source in analysis.tree.sources} | unread

    def stage(self, stage: Stage, triage: Triage | None = None) -> list[Finding]:
        """Return what the rules of ``stage`` find, in reading order; ``triage`` is what they judge."""
        view = self._view if triage is None else msgspec.structs.replace(self._view, triage=triage)
        findings: list[Finding] = []
        for one in self.rules:
            if one.rule.stage is stage:
                findings.extend(finding for finding in self._found(one, view) if self._is_told(finding))
        return sorted(findings, key=sort_key)

    def surroundings(self) -> Surroundings:
        """Return what tells which entries of a baseline are needed, once all rules on code have run."""
        project, root = self._view.project, Path(self._view.tree.project_root)
        program = project.program
        is_whole = not self._view.unread and not self.errors

        def is_judged(entry: Entry) -> bool:
            in_reach = is_wanted(entry.path, self._wanted) or self._is_no_code(root, entry.path)
            return is_whole and in_reach and entry.code in self.ran

        return Surroundings(
            lambda path: (root / path).exists(), {element.qualname for element in program.elements}, is_judged
        )

    def _is_no_code(self, root: Path, path: str) -> bool:
        return path not in self._code and (root / path).exists()

    def _found(self, one: Selected, view: View) -> list[Finding]:
        rule, found = one.rule, []
        done = len(self.ran) / len(self.rules)
        self._progress("applying rules", JUDGING + (1 - JUDGING) * done)
        try:
            if reason := rule.idle(view):
                self.inactive.append(InactiveRule(rule.code, rule.name, reason))
            else:
                with deep_recursion():
                    found = [one.weigh(finding) for finding in rule.check(view)]
            self.ran.append(rule.code)
        except Exception as error:
            self.errors.append(sentence(f"{rule.code} {rule.name}", error))
        return found

    def _is_told(self, finding: Finding) -> bool:
        """Return whether a finding stands in a wanted path, or in no code but in the settings."""
        return finding.place.path not in self._code or is_wanted(finding.place.path, self._wanted)


def _stale(config: Config, judgement: Judgement) -> tuple[StaleEntry, ...]:
    shown = baseline_name(config)
    entries = []
    for one in judgement.stale:
        entry, line = one.known.entry, one.known.line
        at = Place(shown, line, 1, line, 1)
        entries.append(StaleEntry(at, entry.code, entry.element, entry.target, entry.count, one.gone))
    return tuple(entries)


def relative_paths(paths: Sequence[Path], root: Path) -> list[str]:
    """Return ``paths`` relative to ``root``, with forward slashes; ``""`` stands for all of it."""
    result = []
    for path in paths:
        relative = os.path.relpath(os.path.abspath(path), root).replace(os.sep, "/")
        result.append("" if relative == "." or relative.startswith("../") or relative == ".." else relative)
    return result


def is_wanted(path: str, wanted: Iterable[str]) -> bool:
    """Return whether the file at ``path`` is one of ``wanted`` or lies below."""
    return any(is_below(path, directory) for directory in wanted)


def _quoted(
    analysis: Analysis, findings: Iterable[Finding], suppressed: Iterable[Suppressed]
) -> dict[str, dict[int, str]]:
    """Return the lines of the code a report may quote."""
    wanted = lines_to_quote((*findings, *(one.finding for one in suppressed)))
    sources = {source.path: source for source in analysis.tree.sources}
    quoted: dict[str, dict[int, str]] = {}
    for path in sorted(wanted.keys() & sources.keys()):
        try:
            text = decode(analysis.tree.read(sources[path]))
        except (OSError, Unreadable):  # what cannot be read is a finding; what is gone by now is not quoted
            continue
        quoted[path] = quote(text, wanted[path])
    return quoted
