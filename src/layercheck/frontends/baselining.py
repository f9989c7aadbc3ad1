"""``layercheck baseline``: write down the findings of today, so that only new ones are reported."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from layercheck.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from layercheck.config.schema import Config


def absolute(context: click.Context, parameter: click.Parameter, value: Path | None) -> str | None:
    """Return a path of the call as settings may name it: they count from the project root."""
    return None if value is None else os.path.abspath(value)


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--update", is_flag=True, help="Take up what is new, drop what is gone.")
@click.option("--prune", is_flag=True, help="Drop what is gone, take up nothing.")
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=absolute,
    metavar="FILE",
    help="File to write, instead of the one set or layercheck-baseline.json.",
)
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings file to read instead."
)
@click.option("-q", "--quiet", is_flag=True, help="Do not tell what was written.")
def baseline(
    paths: tuple[Path, ...],
    update: bool,
    prune: bool,
    baseline: str | None,
    config: Path | None,
    quiet: bool,
) -> int:
    """Write the findings of the project of PATHS (default: here) to a baseline.

    `check` reports what the baseline does not know. Commit it, and let it get shorter: what is mended
    is reported as a stale entry until --prune drops it. With PATHS, entries outside stay as they are.
    """
    from layercheck.cache.whole_files import write_whole
    from layercheck.frontends.settings import settings_for
    from layercheck.pipeline import Mode, Workers, renew_baseline

    if update and prune:
        raise UsageError("--update and --prune exclude each other: --update drops what is gone, too")
    mode = Mode.UPDATE if update else Mode.PRUNE if prune else Mode.CREATE
    given = paths or (Path(),)
    settings = settings_for(given, config, {"baseline": baseline})
    if baseline is None:
        _refuse_outside(settings)
    renewal = renew_baseline(given, settings, mode, workers=Workers(os.cpu_count() or 1))
    try:
        write_whole(os.path.realpath(renewal.file), renewal.text.encode("utf-8"))
    except OSError as error:
        raise UsageError(f"cannot write {renewal.name}: {error.strerror}") from None
    if not quiet:
        noun = "finding" if renewal.findings == 1 else "findings"
        change = "" if mode is Mode.CREATE else f" (+{renewal.added}, -{renewal.dropped})"
        click.echo(f"{renewal.name}: {renewal.findings} known {noun}{change}")
    return ExitCode.CLEAN


def _refuse_outside(settings: Config) -> None:
    """Raise `UsageError` where the project itself would make us write outside of it."""
    from layercheck.config.places import lies_inside

    if not lies_inside(settings.project_root, settings.baseline_file):
        file = settings.baseline_file.resolve()
        shown = settings.baseline or settings.baseline_file.name
        raise UsageError(
            f"the baseline {shown} lies outside the project, at {file}; to write there, say --baseline {file}"
        )
