"""``layercheck check``: analyse a project and report what offends."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from layercheck.errors import ExitCode, UsageError
from layercheck.frontends.baselining import absolute
from layercheck.frontends.running import run
from layercheck.report.formats import NAMES, formatter

if TYPE_CHECKING:
    from layercheck.outcome import Outcome


def _codes(context: click.Context, parameter: click.Parameter, values: Sequence[str]) -> list[str]:
    return [code.strip() for value in values for code in value.split(",") if code.strip()]


def _targets(
    context: click.Context, parameter: click.Parameter, values: Sequence[str]
) -> list[tuple[str, Path]]:
    targets = []
    for value in values:
        name, separator, file = value.partition("=")
        if name not in NAMES or not separator or not file:
            raise click.BadParameter(f"{value!r} is not FORMAT=FILE with a format of {', '.join(NAMES)}")
        targets.append((name, Path(file)))
    return targets


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--select", multiple=True, callback=_codes, metavar="CODES", help="Rules to run, instead of those set."
)
@click.option(
    "--extend-select", multiple=True, callback=_codes, metavar="CODES", help="Rules to run besides."
)
@click.option("--ignore", multiple=True, callback=_codes, metavar="CODES", help="Rules not to run.")
@click.option(
    "--extend-ignore", multiple=True, callback=_codes, metavar="CODES", help="The same as --ignore."
)
@click.option("--preset", metavar="NAME", help="Settings to start from.")
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings file to read instead."
)
@click.option(
    "--output-format", type=click.Choice(NAMES), default="text", show_default=True, help="How to report."
)
@click.option(
    "--output-file",
    multiple=True,
    callback=_targets,
    metavar="FORMAT=FILE",
    help="Write a report to a file too; may be repeated.",
)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    callback=absolute,
    metavar="FILE",
    help="Findings known already, instead of those set or in layercheck-baseline.json.",
)
@click.option("--fail-on", metavar="SEVERITY", help="error, warning or never: what makes exit code 1.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even with findings.")
@click.option("--all", "everything", is_flag=True, help="Show every warning, and advice.")
@click.option("--statistics", is_flag=True, help="Count the findings of each rule.")
@click.option("--no-cache", is_flag=True, help="Neither use nor keep what earlier runs found out.")
@click.option(
    "--cache-dir",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIRECTORY",
    help="Where to keep it, instead of .layercheck_cache in the project.",
)
@click.option(
    "-j", "--jobs", type=click.IntRange(1), metavar="N", help="Processes at most; default: one for each core."
)
@click.option("-q", "--quiet", is_flag=True, help="Report findings alone.")
@click.option("-v", "--verbose", is_flag=True, help="Say on stderr what is read and how long it takes.")
def check(
    paths: tuple[Path, ...],
    config: Path | None,
    output_format: str,
    output_file: list[tuple[str, Path]],
    exit_zero: bool,
    everything: bool,
    statistics: bool,
    quiet: bool,
    verbose: bool,
    no_cache: bool,
    cache_dir: Path | None,
    jobs: int | None,
    **overrides: Sequence[str] | str | None,
) -> int:
    """Analyse the project of PATHS (default: here) and report on PATHS.

    CODES are rule codes or the start of codes, separated by commas: LC101,LC5.
    """
    from layercheck.report.style import Options

    started = time.perf_counter()
    done = run(
        paths or (Path(),),
        config,
        {key.replace("_", "-"): value for key, value in overrides.items()},
        cache=not no_cache,
        cache_directory=cache_dir,
        jobs=jobs,
    )
    outcome = done.outcome
    options = Options(everything=everything, statistics=statistics, quiet=quiet)
    for name, file in output_file:
        _write(file, formatter(name)(outcome, options))
    click.echo(formatter(output_format)(outcome, options), nl=False)
    for sentence in outcome.internal_errors:
        click.echo(f"layercheck: internal error: {sentence}", err=True)
    if verbose:
        seconds = time.perf_counter() - started
        how = "nothing changed since an earlier run" if done.from_cache else "analysed"
        click.echo(f"layercheck: {outcome.root}: {how}, {seconds:.2f} s", err=True)
    if verbose and done.cache_failure:
        click.echo(f"layercheck: nothing kept for the next run: {done.cache_failure}", err=True)
    return _exit_code(outcome, exit_zero)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8", "backslashreplace")
    except OSError as error:
        raise UsageError(f"--output-file: cannot write {file}: {error.strerror}") from None


def _exit_code(outcome: Outcome, exit_zero: bool) -> int:
    return ExitCode.CLEAN if exit_zero and outcome.exit_code is ExitCode.FINDINGS else outcome.exit_code
