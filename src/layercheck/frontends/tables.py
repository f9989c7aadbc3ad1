"""Tables for the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from layercheck.report.style import printable

_NO_LIMIT = 10_000


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return ``rows`` under ``heads`` as aligned columns; a cell is folded only to fit a screen."""
    grid = Table(*heads, box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for row in rows:
        grid.add_row(*(printable(str(cell)) for cell in row))
    console = Console(
        width=None if sys.stdout.isatty() else _NO_LIMIT,
        color_system=None,
        markup=False,
        highlight=False,
        emoji=False,
    )
    with console.capture() as capture:
        console.print(grid)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())
