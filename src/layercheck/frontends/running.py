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
    from layercheck.outcome import Outcome
    from layercheck.pipeline.progress import Progress
    from layercheck.sources import SourceTree
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
    from layercheck.cache.looking import look
    from layercheck.cache.outcomes import ground_of, recall, remember, shape_of
    from layercheck.cache.store import DIRECTORY, Store
    from layercheck.config.read import read_settings
    from layercheck.sources import find_project_root

    near = [file.parent for file in unsaved] if unsaved else paths

    def work_out(store: Store | None, listing: Listing | None = None) -> tuple[Outcome, SourceTree]:
        from layercheck import pipeline
        from layercheck.sources import discover

        settings = settings_for(near, config_file, overrides)
        workers = pipeline.Workers(jobs or os.cpu_count() or 1, executor)
        contents = {
            os.path.relpath(os.path.abspath(file), settings.project_root).replace(os.sep, "/"): data
            for file, data in (unsaved or {}).items()
        }
        told = progress or pipeline.silent
        tree = discover(settings.project_root, settings.roots or None, settings.exclude, contents, listing)
        outcome = pipeline.check(
            paths, settings, store, workers, tree=tree, progress=told, with_map=with_map
        )
        return outcome, tree

    if not cache:
        return Run(work_out(None)[0], How.ANALYSED, "")
    root = find_project_root(near)
    store = Store(cache_directory.resolve() if cache_directory else root / DIRECTORY)
    if unsaved:  # what an editor holds is soon another
        return Run(work_out(store)[0], How.ANALYSED, store.failure)
    try:
        settings = read_settings(root, config_file)
        asked = {**(overrides or {}), "with-map": with_map}
        seen = look(root, settings, asked, config_file, paths)
        before = seen.evidence.snapshot()
        ground = ground_of(seen, before, settings, asked, paths)
    except LayercheckError:  # working it out tells all that is wrong, not the first mistake alone
        return Run(work_out(store)[0], How.ANALYSED, store.failure)
    how, after = How.UNCHANGED, before
    outcome = recall(store, ground, root)
    if outcome is None:
        from layercheck.cache.retelling import retell

        how = How.MOVED
        retold = retell(store, ground, root, settings, seen.listing)
        if retold is None:
            how = How.ANALYSED
            outcome, tree = work_out(store, seen.listing)
            shape = shape_of(tree)
        else:
            outcome, shape = retold
        after = seen.evidence.snapshot_after(before)
        if after.contents != before.contents or outcome.internal_errors:
            return Run(outcome, how, store.failure)
        remember(store, ground, shape, outcome)
    whole = (str(store.directory), seen.evidence, after) if seen.is_whole else None
    return Run(outcome, how, store.failure, whole)


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
