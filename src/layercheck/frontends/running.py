"""One run of ``check`` as every front end makes it: told again from the cache, or worked out."""

from __future__ import annotations

import enum
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from layercheck.errors import LayercheckError
from layercheck.frontends.settings import settings_for

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from layercheck.cache.evidence import Evidence, Snapshot
    from layercheck.cache.store import Store
    from layercheck.outcome import Outcome
    from layercheck.pipeline.progress import Progress
    from layercheck.sources.walk import Listing


class How(enum.Enum):
    """How a run came to its outcome, in words for the user."""

    ANALYSED = "analysed"
    UNCHANGED = "nothing changed since an earlier run"
    MOVED = "nothing that counts changed since an earlier run"


class Run(NamedTuple):
    """What a run came to.

    ``how`` says how it came to it, ``cache_failure`` why nothing could be kept for the next, empty where that
    worked. ``seen`` is the cache with all the outcome
    depends on; None where that is not sure.
    """

    outcome: Outcome
    how: How
    cache_failure: str
    seen: tuple[str, Evidence, Snapshot] | None = None


def run(
    paths: Sequence[Path],
    config_file: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    *,
    cache: bool = True,
    cache_directory: Path | None = None,
    jobs: int | None = None,
    executor: Executor | None = None,
    unsaved: Mapping[Path, bytes] | None = None,
    progress: Progress | None = None,
    with_map: bool = False,
) -> Run:
    """Check the project ``paths`` belong to and report on ``paths``.

    ``overrides`` are options of the call by the key of the setting. ``cache_directory`` is where to
    keep what the next run can use, unless below the project root. ``jobs`` is the greatest number of
    processes, by default one for each core; ``executor`` reads files in their place. ``unsaved`` maps
    files to contents that count instead of those on disk, ``progress`` is told how far it is,
    ``with_map`` adds the map of the project. What is loaded when nothing changed is only what tells so.
    Raises `UsageError`, `SettingsError` or `NothingToAnalyse` as `layercheck.pipeline.check` does.
    """
    from layercheck.cache.store import DIRECTORY, Store
    from layercheck.sources import find_project_root

    task = _Task(paths, config_file, overrides or {}, jobs, executor, unsaved or {}, progress, with_map)
    if not cache:
        return Run(task.work_out(None)[0], How.ANALYSED, "")
    root = find_project_root(task.near)
    store = Store(cache_directory.resolve() if cache_directory else root / DIRECTORY)
    if unsaved:  # what an editor holds is soon another
        return Run(task.work_out(store)[0], How.ANALYSED, store.failure)
    return task.carry_out(root, store)


class _Task(NamedTuple):
    """What `run` is asked, by the names of its parameters."""

    paths: Sequence[Path]
    config_file: Path | None
    overrides: Mapping[str, Any]
    jobs: int | None
    executor: Executor | None
    unsaved: Mapping[Path, bytes]
    progress: Progress | None
    with_map: bool

    @property
    def near(self) -> Sequence[Path]:
        """Paths the project lies at or above."""
        return [file.parent for file in self.unsaved] or self.paths

    def carry_out(self, root: Path, store: Store) -> Run:
        """Return what is known of an earlier run on the project in ``root``, or what is worked out now."""
        from layercheck.cache.looking import look
        from layercheck.cache.outcomes import ground_of, recall, remember
        from layercheck.config.read import read_settings

        try:
            settings = read_settings(root, self.config_file)
            asked = {**self.overrides, "with-map": self.with_map}
            seen = look(root, settings, asked, self.config_file, self.paths)
            before = seen.evidence.snapshot()
            ground = ground_of(seen, before, settings, asked, self.paths)
        except LayercheckError:  # working it out tells all that is wrong, not the first mistake alone
            return Run(self.work_out(store)[0], How.ANALYSED, store.failure)
        outcome, how, after = recall(store, ground, root), How.UNCHANGED, before
        if outcome is None:
            from layercheck.cache.retelling import retell

            retold = retell(store, ground, root, settings, seen.listing)
            how = How.ANALYSED if retold is None else How.MOVED
            outcome, shape = retold or self.work_out(store, seen.listing)
            after = seen.evidence.snapshot_after(before)
            if after.contents != before.contents or outcome.internal_errors:
                return Run(outcome, how, store.failure)
            remember(store, ground, shape, outcome)
        whole = (str(store.directory), seen.evidence, after) if seen.is_whole else None
        return Run(outcome, how, store.failure, whole)

    def work_out(self, store: Store | None, listing: Listing | None = None) -> tuple[Outcome, bytes]:
        """Return what an analysis comes to, and the shape of its source tree; ``listing`` is of a walk."""
        from layercheck import pipeline
        from layercheck.cache.outcomes import shape_of
        from layercheck.sources import discover

        settings = settings_for(self.near, self.config_file, self.overrides)
        root = settings.project_root
        workers = pipeline.Workers(self.jobs or os.cpu_count() or 1, self.executor)
        contents = {
            os.path.relpath(os.path.abspath(file), root).replace(os.sep, "/"): data
            for file, data in self.unsaved.items()
        }
        tree = discover(root, settings.roots or None, settings.exclude, contents, listing)
        outcome = pipeline.check(
            self.paths, settings, store, workers,
            tree=tree, progress=self.progress or pipeline.silent, with_map=self.with_map,
        )  # fmt: skip
        return outcome, shape_of(tree)


def run_once(
    paths: Sequence[Path],
    config_file: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    **options: Any,
) -> Run:
    """Do what `run` does, one process after the other: of several that ask the same only one works it out.

    For front ends whose host starts processes of its own. ``options`` are the others of `run`.
    """
    from layercheck.cache.store import DIRECTORY, Store
    from layercheck.sources import find_project_root

    with Store(options.get("cache_directory") or find_project_root(paths) / DIRECTORY).alone():
        return run(paths, config_file, overrides, **options)
