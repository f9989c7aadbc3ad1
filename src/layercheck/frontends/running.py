"""One run of ``check`` as every front end makes it: told again from the cache, or worked out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from layercheck.errors import LayercheckError
from layercheck.frontends.settings import settings_for

if TYPE_CHECKING:
    from layercheck.cache.store import Store
    from layercheck.outcome import Outcome


class Run(NamedTuple):
    """What a run came to.

    ``from_cache`` says that nothing had changed since an earlier one, ``cache_failure`` why nothing
    could be kept for the next, empty where that worked.
    """

    outcome: Outcome
    from_cache: bool
    cache_failure: str


def run(
    paths: Sequence[Path],
    config_file: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    *,
    cache: bool = True,
    cache_directory: Path | None = None,
    jobs: int | None = None,
) -> Run:
    """Check the project ``paths`` belong to and report on ``paths``.

    ``overrides`` are options of the call by the key of the setting. ``cache_directory`` is where to
    keep what the next run can use, unless below the project root. ``jobs`` is the greatest number of
    processes, by default one for each core. What is loaded when nothing changed is only what tells so.
    Raises `UsageError`, `SettingsError` or `NothingToAnalyse` as `layercheck.pipeline.check` does.
    """
    from layercheck.cache.outcomes import key_of, recall, remember
    from layercheck.cache.store import DIRECTORY, Store
    from layercheck.config.read import read_settings
    from layercheck.sources import find_project_root

    if not cache:
        return Run(_work_out(paths, config_file, overrides, None, jobs), False, "")
    root = find_project_root(paths)
    store = Store(cache_directory or root / DIRECTORY)
    try:
        key = key_of(root, read_settings(root, config_file), overrides or {}, paths)
    except LayercheckError:  # working it out tells all that is wrong, not the first mistake alone
        return Run(_work_out(paths, config_file, overrides, store, jobs), False, store.failure)
    known = recall(store, key, root)
    if known is not None:
        return Run(known, True, "")
    outcome = _work_out(paths, config_file, overrides, store, jobs)
    remember(store, key, outcome)
    return Run(outcome, False, store.failure)


def _work_out(
    paths: Sequence[Path],
    config_file: Path | None,
    overrides: Mapping[str, Any] | None,
    store: Store | None,
    jobs: int | None,
) -> Outcome:
    import os

    from layercheck import pipeline

    settings = settings_for(paths, config_file, overrides)
    return pipeline.check(paths, settings, store, pipeline.Workers(jobs or os.cpu_count() or 1))
