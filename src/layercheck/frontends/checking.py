"""``layercheck check``: analyse a project and report what offends."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from layercheck.errors import ExitCode, UsageError
from layercheck.frontends.baselining import absolute
from layercheck.frontends.running import run
from layercheck.report.formats import NAMES, WITH_MAP, formatter

if TYPE_CHECKING:
    from layercheck.frontends.colours import When
    from layercheck.outcome import Outcome

STANDARD_INPUT = Path("-")
"""The path that stands for standard input."""


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
    from msgspec import structs

    from layercheck.cache.replay import Call
    from layercheck.frontends.colours import Coloured, style_for, width_of
    from layercheck.frontends.progress import Bar
    from layercheck.report.style import Options

    started = time.perf_counter()
    unsaved = _unsaved(paths, stdin_filename)
    reported = tuple(unsaved) or paths or (Path(),)
    located = [file.parent for file in unsaved] or reported
    changed = _changed(located, changed_since) if changed_since is not None else None
    with Bar(quiet=quiet) as bar:
        done = run(
            reported,
            config,
            {key.replace("_", "-"): value for key, value in overrides.items()},
            cache=not no_cache,
            cache_directory=cache_dir,
            jobs=jobs,
            unsaved=unsaved,
            progress=bar,
            with_map=any(name in WITH_MAP for name in (output_format, *dict(output_file))),
        )
    outcome = done.outcome
    if changed is not None:
        from layercheck.triage.changed import touching

        outcome = touching(outcome, changed, changed_since or "")
    prefix = _prefix(Path(outcome.root))
    options = Options(everything=everything, statistics=statistics, quiet=quiet, prefix=prefix)
    for name, file in output_file:
        _write(file, formatter(name)(outcome, options))
    style = style_for(color, sys.stdout)
    dressed = structs.replace(options, style=style, width=width_of(sys.stdout))
    text = formatter(output_format)(outcome, dressed)
    click.echo(text, nl=False, color=isinstance(style, Coloured))
    for sentence in outcome.internal_errors:
        click.echo(f"layercheck: internal error: {sentence}", err=True)
    if verbose:
        seconds = time.perf_counter() - started
        how = "nothing changed since an earlier run" if done.from_cache else "analysed"
        click.echo(f"layercheck: {outcome.root}: {how}, {seconds:.2f} s", err=True)
    if verbose and done.cache_failure:
        click.echo(f"layercheck: nothing kept for the next run: {done.cache_failure}", err=True)
    code = _exit_code(outcome, exit_zero)
    call = click.get_current_context().find_object(Call)
    if call is not None and done.seen is not None and not (verbose or output_file or changed_since):
        call.keep(*done.seen, text, code)
    return code


def _unsaved(paths: Sequence[Path], stdin_filename: Path | None) -> dict[Path, bytes]:
    """Return what standard input holds, by the file it stands for; nothing where it is not asked for."""
    if stdin_filename is None:
        if STANDARD_INPUT in paths:
            raise UsageError("standard input has no place in a project: --stdin-filename names it")
        return {}
    if set(paths) - {STANDARD_INPUT}:
        raise UsageError("--stdin-filename: other paths cannot be reported on at the same time")
    return {stdin_filename: sys.stdin.buffer.read()}


def _changed(located: Sequence[Path], since: str) -> frozenset[str]:
    from layercheck.sources import find_project_root
    from layercheck.sources.changes import changed_files

    root = find_project_root(located)
    try:
        return changed_files(root, since)
    except UsageError as error:
        raise UsageError(f"--changed-since: {error}") from None


def _prefix(root: Path) -> str:
    """Return the way from the top of the repository to ``root``, where other systems look for files from."""
    from layercheck.sources.project_root import REPOSITORY

    for top in (root, *root.parents):
        if (top / REPOSITORY).exists():
            return "" if top == root else f"{root.relative_to(top).as_posix()}/"
    return ""


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8", "backslashreplace")
    except OSError as error:
        raise UsageError(f"--output-file: cannot write {file}: {error.strerror}") from None


def _exit_code(outcome: Outcome, exit_zero: bool) -> int:
    return ExitCode.CLEAN if exit_zero and outcome.exit_code is ExitCode.FINDINGS else outcome.exit_code
