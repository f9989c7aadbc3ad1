"""The functions other Python code calls; `layercheck` itself hands them out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layercheck.config.schema import Config
from layercheck.frontends.running import run, run_once
from layercheck.outcome import Outcome

if TYPE_CHECKING:
    from concurrent.futures import Executor


def check(
    *paths: str | Path,
    config: Config | str | Path | None = None,
    cache: bool = True,
    executor: Executor | None = None,
    **settings: Any,
) -> Outcome:
    """Check the project that ``paths`` belong to (default: here) and report on ``paths``.

    ``config`` is a settings file to read instead of the project's own, or whole settings made in
    Python, which then stand alone. ``settings`` are laid on top of a file, by key: ``select=["LC2"]``,
    ``preset="strict"``, ``extend_select=[...]``. ``cache`` keeps in ``.layercheck_cache`` what the next
    run can use. ``executor`` is one of `concurrent.futures`, or of the same kind, that reads the files of
    large projects; without one processes are started for that.
    Raises `UsageError`, `SettingsError`, `BaselineError` or `NothingToAnalyse`, all of them
    `LayercheckError`.
    """
    wanted = [Path(path) for path in paths] or [Path()]
    if isinstance(config, Config):
        if settings:
            raise TypeError(f"settings made in Python are whole, put {', '.join(sorted(settings))} in them")
        from layercheck import pipeline

        return pipeline.check(wanted, config, workers=pipeline.Workers(os.cpu_count() or 1, executor))
    file = Path(config) if config is not None else None
    overrides = {key.replace("_", "-"): value for key, value in settings.items()}
    return (run_once if cache else run)(wanted, file, overrides, cache=cache, executor=executor).outcome


def render(outcome: Outcome, output_format: str = "text") -> str:
    """Return ``outcome`` as ``layercheck check --output-format`` prints it, warnings and advice included.

    Raises `ValueError` for a format there is not.
    """
    from layercheck.report.formats import NAMES, formatter
    from layercheck.report.style import Options

    if output_format not in NAMES:
        raise ValueError(f"{output_format!r} is none of {', '.join(NAMES)}")
    return formatter(output_format)(outcome, Options(everything=True))
