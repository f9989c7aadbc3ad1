"""What ``layercheck baseline`` writes: the findings of today, beside what it must leave alone."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from layercheck.cache.store import Store
from layercheck.config.schema import Config
from layercheck.errors import InternalError, UsageError
from layercheck.outcome import Outcome, Verdict
from layercheck.pipeline.analysis import analyse
from layercheck.pipeline.checking import is_wanted, relative_paths, report_on
from layercheck.pipeline.reading import Workers
from layercheck.rules.catalog import RULES
from layercheck.rules.rule import Stage
from layercheck.triage.baseline import entries_of
from layercheck.triage.baseline_file import Entry, Known, baseline_name, known_findings, written

_PASSING = frozenset(rule.code for rule in RULES if rule.stage is Stage.BASELINE)
"""Rules about the baseline itself, which no baseline knows."""


class Mode(enum.Enum):
    """What becomes of a baseline: written for the first time, brought up to date, or only shortened."""

    CREATE = "create"
    UPDATE = "update"
    PRUNE = "prune"


class Renewal(msgspec.Struct, frozen=True):
    """A baseline to write: ``text`` belongs in ``file``, which messages call ``name``.

    ``findings`` is how many it knows; ``added`` and ``dropped`` compare it with the one before.
    """

    file: Path
    name: str
    text: str
    findings: int
    added: int
    dropped: int


def renew_baseline(
    paths: Sequence[Path],
    config: Config,
    mode: Mode,
    store: Store | None = None,
    workers: Workers | None = None,
) -> Renewal:
    """Return the baseline of the project of ``config``; what stands outside ``paths`` stays as it is.

    Raises `UsageError` where there is a baseline that must not be overwritten, `BaselineError` where
    the one there is cannot be used or none is there to prune, `InternalError` where a part of the
    run failed: what it would have found would be missing.
    """
    file, name = config.baseline_file, baseline_name(config)
    if mode is Mode.CREATE and file.exists():
        raise UsageError(f"{name} exists; --update brings it up to date, --prune only drops what is gone")
    named = msgspec.structs.replace(config, baseline=str(file))
    known = known_findings(named) if mode is Mode.PRUNE or file.exists() else ()
    analysis = analyse(config.project_root, config, store, workers)
    outcome = report_on(paths, config, analysis, known)
    if outcome.internal_errors:
        raise InternalError("\n".join(outcome.internal_errors))
    lasting = [one for one in outcome.findings if one.finding.code not in _PASSING]
    told = [one for one in lasting if mode is not Mode.PRUNE or one.verdict is Verdict.KNOWN]
    kept = _left_alone(known, outcome, relative_paths(paths, Path(analysis.tree.project_root)))
    entries = _joined([*entries_of(one.finding for one in told), *kept])
    added = sum(one.verdict is Verdict.NEW for one in told)
    before, after = _count(one.entry for one in known), _count(entries)
    return Renewal(file, name, written(entries), after, added, before + added - after)


def _left_alone(known: Iterable[Known], outcome: Outcome, wanted: Sequence[str]) -> list[Entry]:
    """Return the entries this run cannot judge, because of the paths given or files that cannot be read."""
    return [one.entry for one in known if outcome.unread or not is_wanted(one.entry.path, wanted)]


def _joined(entries: Iterable[Entry]) -> list[Entry]:
    """Return ``entries`` with each offence once, counted as often as the entry that counts most."""
    joined: dict[Entry, Entry] = {}
    for entry in entries:
        identity = msgspec.structs.replace(entry, count=1)
        joined[identity] = max(entry, joined.get(identity, entry))
    return list(joined.values())


def _count(entries: Iterable[Entry]) -> int:
    return sum(entry.count for entry in entries)
