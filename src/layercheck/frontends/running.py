"""One run of ``check`` as every front end makes it: told again from the cache, or worked out."""

from __future__ import annotations

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


class Run(NamedTuple):
    """What a run came to.

    ``from_cache`` says that nothing had changed since an earlier one, ``cache_failure`` why nothing
    could be kept for the next, empty where that worked. ``seen`` is the cache with all the outcome
    depends on; None where that is not sure.
    """

    outcome: Outcome
    from_cache: bool
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
    from layercheck.cache.outcomes import key_of, recall, remember
    from layercheck.cache.store import DIRECTORY, Store
    from layercheck.config.read import read_settings
    from layercheck.sources import find_project_root

    near = [file.parent for file in unsaved] if unsaved else paths

    def work_out(store: Store | None) -> Outcome:
        from layercheck import pipeline

        settings = settings_for(near, config_file, overrides)
        workers = pipeline.Workers(jobs or os.cpu_count() or 1, executor)
        contents = {
            os.path.relpath(os.path.abspath(file), settings.project_root).replace(os.sep, "/"): data
            for file, data in (unsaved or {}).items()
        }
        told = progress or pipeline.silent
        return pipeline.check(
            paths, settings, store, workers, unsaved=contents, progress=told, with_map=with_map
        )

    if not cache:
        return Run(work_out(None), False, "")
    root = find_project_root(near)
    store = Store(cache_directory.resolve() if cache_directory else root / DIRECTORY)
    if unsaved:  # what an editor holds is soon another
        return Run(work_out(store), False, store.failure)
    try:
        settings = read_settings(root, config_file)
        asked = {**(overrides or {}), "with-map": with_map}
        seen = look(root, settings, asked, config_file, paths)
        before = seen.evidence.snapshot()
        key = key_of(seen, before, settings, asked, paths)
    except LayercheckError:  # working it out tells all that is wrong, not the first mistake alone
        return Run(work_out(store), False, store.failure)
    known = recall(store, key, root)
    outcome = work_out(store) if known is None else known
    after = seen.evidence.snapshot_after(before) if known is None else before
    if after.contents != before.contents or outcome.internal_errors:
        return Run(outcome, False, store.failure)
    if known is None:
        remember(store, key, outcome)
    whole = (str(store.directory), seen.evidence, after) if seen.is_whole else None
    return Run(outcome, known is not None, store.failure, whole)


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
