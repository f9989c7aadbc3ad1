"""How far a run has come, told to whoever wants to show it."""

from __future__ import annotations

from typing import Protocol

FOLLOWING = 0.05
UNDERSTANDING = 0.4
JUDGING = 0.5
"""What share of a run lies before each of its parts, as measured on large projects."""


class Progress(Protocol):
    """Is told what is done next, and which share of the run lies behind."""

    def __call__(self, doing: str, share: float) -> None:
        """Take note of it."""


def silent(doing: str, share: float) -> None:
    """Show nothing."""
