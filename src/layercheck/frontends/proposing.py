"""``layercheck init``: write the settings a project should start with."""

from __future__ import annotations

import os
from pathlib import Path

import click

from layercheck.errors import ExitCode, UsageError


@click.command()
@click.argument("path", type=click.Path(path_type=Path, file_okay=False), default=Path())
@click.option("--dry-run", is_flag=True, help="Print the settings, write nothing.")
def init(path: Path, dry_run: bool) -> int:
    """Propose settings for the project of PATH (default: here), by what its code does.

    They are written to pyproject.toml, where there is one, else to layercheck.toml; the counts they
    rest on stand beside them. Settings that exist are never touched.
    """
    from layercheck.config.places import lies_inside
    from layercheck.config.schema import PROJECT_FILE, Config
    from layercheck.pipeline import Workers
    from layercheck.proposal.propose import propose
    from layercheck.proposal.writing import refuse_to_overwrite
    from layercheck.sources import find_project_root

    root = find_project_root([path])
    if not dry_run:
        refuse_to_overwrite(root)
    target = propose(root, Config(project_root=root), Workers(os.cpu_count() or 1))
    if dry_run:
        click.echo(target.added.lstrip("\r\n"), nl=False)
        return ExitCode.CLEAN
    if not lies_inside(root, target.file):
        raise UsageError(f"{target.file} leads out of the project, to {target.file.resolve()}")
    if target.passed_over:
        click.echo(f"{root / PROJECT_FILE} was left alone: {target.passed_over}", err=True)
    try:
        target.file.write_bytes(target.text.encode("utf-8"))
    except OSError as error:
        raise UsageError(f"cannot write {target.file}: {error.strerror}") from None
    click.echo(f"Settings written to {target.file}.")
    click.echo("`layercheck check` reports; `layercheck baseline` puts aside what is known.")
    return ExitCode.CLEAN
