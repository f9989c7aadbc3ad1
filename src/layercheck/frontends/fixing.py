"""``layercheck fix``: mend what can be mended without asking what the code is meant to do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from layercheck.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from layercheck.finding import Finding


def _codes(context: click.Context, parameter: click.Parameter, values: Sequence[str]) -> list[str]:
    return [code.strip() for value in values for code in value.split(",") if code.strip()]


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--select", multiple=True, callback=_codes, metavar="CODES", help="Fix the findings of these rules alone."
)
@click.option("--unsafe-fixes", is_flag=True, help="Apply fixes that change what the code does, too.")
@click.option("--diff", "only_diff", is_flag=True, help="Show what would change, write nothing.")
@click.option("-i", "--interactive", is_flag=True, help="Ask before each fix.")
@click.option("--allow-dirty", is_flag=True, help="Write even where git knows of changes not committed.")
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings file to read instead."
)
@click.option("-q", "--quiet", is_flag=True, help="Do not tell what was fixed.")
def fix(
    paths: tuple[Path, ...],
    select: list[str],
    unsafe_fixes: bool,
    only_diff: bool,
    interactive: bool,
    allow_dirty: bool,
    config: Path | None,
    quiet: bool,
) -> int:
    """Fix findings of the project of PATHS (default: here) that stand in PATHS.

    Each fix is tried on a copy first, and kept only where the finding is gone and no other has come.
    With --diff the exit code is 1 where something would change.
    """
    from layercheck.frontends.fix_run import mend, refuse_uncommitted
    from layercheck.frontends.progress import Bar
    from layercheck.frontends.settings import settings_for

    if only_diff and interactive:
        raise UsageError("--diff and --interactive exclude each other: --interactive shows each diff, too")
    given = paths or (Path(),)
    settings = settings_for(given, config, {"extend-select": select})
    if not only_diff and not allow_dirty:
        refuse_uncommitted(settings.project_root)
    with Bar(quiet=quiet or interactive) as bar:
        mended = mend(
            given,
            settings,
            select=select,
            unsafe=unsafe_fixes,
            ask=_Questions() if interactive else None,
            progress=bar,
        )
    if only_diff:
        click.echo(mended.diff(), nl=False)
    elif mended.plan.contents:
        if not allow_dirty:
            refuse_uncommitted(settings.project_root, list(mended.plan.contents))
        mended.write()
    for line in () if quiet else mended.told():
        click.echo(line, err=only_diff)
    return ExitCode.FINDINGS if only_diff and mended.plan.contents else ExitCode.CLEAN


class _Questions:
    """Asks a user finding by finding, until all or nothing more is wanted."""

    def __init__(self) -> None:
        self._always: bool | None = None

    def __call__(self, finding: Finding, title: str, diff: str) -> bool:
        """Return whether to do what ``diff`` shows."""
        if self._always is not None:
            return self._always
        click.echo(f"{finding.place}: {finding.code} {finding.message}\n\n{diff}")
        choices = click.Choice(("y", "n", "a", "q"))
        question = f"{title}: yes, no, all that follow, quit?"
        try:
            answer = click.prompt(question, type=choices, default="n", show_choices=True)
        except click.Abort as abort:
            if not isinstance(abort.__context__, EOFError):
                raise
            click.echo()
            answer = "q"  # the end of the input, not an interrupt
        if answer in "aq":
            self._always = answer == "a"
        return bool(answer in "ya")
