"""``layercheck check``: analyse a project and report what offends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from layercheck.errors import UsageError
from layercheck.frontends.baselining import absolute
from layercheck.report.formats import NAMES

if TYPE_CHECKING:
    from layercheck.frontends.colours import When

STANDARD_INPUT = Path("-")
"""The path that stands for standard input."""


def _codes(context: click.Context, parameter: click.Parameter, values: Sequence[str]) -> list[str]:
    return [code.strip() for value in values for code in value.split(",") if code.strip()]


def _targets(
    context: click.Context, parameter: click.Parameter, values: Sequence[str]
) -> list[tuple[str, Path]]:
    targets: list[tuple[str, Path]] = []
    for value in values:
        name, separator, file = value.partition("=")
        if name not in NAMES or not separator or not file:
            raise click.BadParameter(f"{value!r} is not FORMAT=FILE with a format of {', '.join(NAMES)}")
        if os.path.abspath(file) in (os.path.abspath(other) for _, other in targets):
            raise click.BadParameter(f"two reports cannot both be written to {file}")
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
@click.option(
    "--changed-since",
    metavar="REF",
    help="Report only what touches files changed since this commit or branch of git.",
)
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
@click.option(
    "--stdin-filename",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Read FILE from standard input, as an editor holds it, and report on it.",
)
@click.option(
    "--color",
    type=click.Choice(("auto", "always", "never")),
    default="auto",
    show_default=True,
    help="Colour the text report; auto heeds NO_COLOR and FORCE_COLOR.",
)
@click.option("--watch", is_flag=True, help="Check again whenever a file is saved, and tell what changed.")
@click.option("-q", "--quiet", is_flag=True, help="Report findings alone.")
@click.option("-v", "--verbose", is_flag=True, help="Say on stderr what is read and how long it takes.")
def check(
    paths: tuple[Path, ...],
    config: Path | None,
    output_format: str,
    output_file: list[tuple[str, Path]],
    changed_since: str | None,
    exit_zero: bool,
    everything: bool,
    statistics: bool,
    stdin_filename: Path | None,
    color: When,
    watch: bool,
    quiet: bool,
    verbose: bool,
    no_cache: bool,
    cache_dir: Path | None,
    jobs: int | None,
    **overrides: Sequence[str] | str | None,
) -> int:
    """Analyse the project of PATHS (default: here) and report on PATHS.

    CODES are rule codes or the start of codes, separated by commas: LC101,LC5; ALL means those too that are
    off by default.
    """
    from layercheck.cache.replay import Call
    from layercheck.frontends.check_run import Check
    from layercheck.report.style import Options

    if quiet and verbose:
        raise UsageError("--quiet and --verbose exclude each other")
    if watch and stdin_filename is not None:
        raise UsageError("--watch: standard input does not change")
    unsaved = _unsaved(paths, stdin_filename)
    asked = Check(
        paths=tuple(unsaved) or paths or (Path(),),
        config=config,
        settings={key.replace("_", "-"): value for key, value in overrides.items()},
        changed_since=changed_since,
        unsaved=unsaved,
        output_format=output_format,
        output_files=tuple(output_file),
        options=Options(everything=everything, statistics=statistics, quiet=quiet),
        color=color,
        exit_zero=exit_zero,
        verbose=verbose,
        cache=not no_cache,
        cache_directory=cache_dir,
        jobs=jobs,
    )
    if watch:
        from layercheck.frontends.watching import follow

        follow(asked)
    return asked.exit_code(asked.report(again=click.get_current_context().find_object(Call)))


def _unsaved(paths: Sequence[Path], stdin_filename: Path | None) -> dict[Path, bytes]:
    """Return what standard input holds, by the file it stands for; nothing where it is not asked for."""
    if stdin_filename is None:
        if STANDARD_INPUT in paths:
            raise UsageError("standard input has no place in a project: --stdin-filename names it")
        return {}
    if set(paths) - {STANDARD_INPUT}:
        raise UsageError("--stdin-filename: other paths cannot be reported on at the same time")
    return {stdin_filename: sys.stdin.buffer.read()}
