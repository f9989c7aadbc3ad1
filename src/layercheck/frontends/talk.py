"""What layercheck says beside its results."""

from __future__ import annotations

import click


def complain(sentence: str) -> None:
    """Say on stderr what went wrong; names in ``sentence`` cannot speak to the terminal."""
    from layercheck.report.style import printable

    click.echo(f"layercheck: {printable(sentence)}", err=True)
