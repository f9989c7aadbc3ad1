"""``layercheck extract``: take a handler apart into router, service and repository."""

from __future__ import annotations

from pathlib import Path

import click

from layercheck.errors import ExitCode


@click.command()
@click.argument("handler", metavar="FILE::HANDLER")
@click.option("--write", "is_written", is_flag=True, help="Change the files instead of showing the diff.")
@click.option("--allow-dirty", is_flag=True, help="Write even where git knows of changes not committed.")
@click.option(
    "--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings file to read instead."
)
@click.option("-q", "--quiet", is_flag=True, help="Do not tell what was done.")
def extract(handler: str, is_written: bool, allow_dirty: bool, config: Path | None, quiet: bool) -> int:
    """Take a handler that is not thin apart, and print the diff.

    Its queries become methods of a repository, its rules a method of a service, its errors domain
    exceptions the handler answers as before; a provider builds the service for Depends. Files are placed
    and named as the project does. The setting transaction-owner says who commits, error-mapping where
    exceptions are answered.

    The result is analysed before it is shown: the finding must be gone, what changed may bring no other. What
    cannot be moved is refused as a whole, with the line and the reason, and exit code 1.
    """
    from layercheck.frontends.extract_run import Refused, extract_handler
    from layercheck.frontends.fix_run import refuse_uncommitted
    from layercheck.frontends.progress import Bar
    from layercheck.frontends.settings import settings_for

    settings = settings_for((Path(handler.partition("::")[0]),), config, {})
    if is_written and not allow_dirty:
        refuse_uncommitted(settings.project_root)
    try:
        with Bar(quiet=quiet) as bar:
            extracted = extract_handler(handler, settings, bar)
    except Refused as refused:
        click.echo(f"{handler} not extracted: {refused}", err=True)
        return ExitCode.FINDINGS
    if is_written:
        extracted.write()
    else:
        click.echo(extracted.diff(), nl=False)
    for line in () if quiet else extracted.told():
        click.echo(line, err=True)
    return ExitCode.CLEAN
