"""Text for terminals in colours, where they are wanted and can be seen."""

from __future__ import annotations

import os
from typing import Literal, TextIO

import click

from layercheck.finding import Severity
from layercheck.report.style import Style

When = Literal["auto", "always", "never"]

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.ADVICE: "cyan"}


class Coloured(Style):
    """Marks text with the escape codes of terminals."""

    def severity(self, severity: Severity, text: str) -> str:
        """Return ``text`` in the colour of ``severity``."""
        return click.style(text, fg=_COLOURS[severity], bold=True)

    def strong(self, text: str) -> str:
        """Return ``text`` in bold letters."""
        return click.style(text, bold=True)

    def faint(self, text: str) -> str:
        """Return ``text`` in pale letters."""
        return click.style(text, dim=True)


def style_for(when: When, stream: TextIO) -> Style:
    """Return the style for ``stream``; *auto* asks it and the variables terminals and CI systems set."""
    return Coloured() if when == "always" or (when == "auto" and _shows_colours(stream)) else Style()


def _shows_colours(stream: TextIO) -> bool:
    # https://no-color.org: any value but none at all; the wish of the reader wins over what is found out
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def width_of(stream: TextIO) -> int | None:
    """Return how many columns the terminal behind ``stream`` has, None where it is none."""
    if not stream.isatty():
        return None
    import shutil  # loads three compressors

    return shutil.get_terminal_size().columns
