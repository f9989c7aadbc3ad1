"""The one way in which a file can fail to become facts."""

from __future__ import annotations

from typing import Final

TOO_DEEP: Final = "nested too deeply to be read"


class Unreadable(Exception):
    """A file cannot be read.

    ``line`` counts from 1 and ``column`` from 0; ``reason`` says in words what is wrong there.
    """

    def __init__(self, line: int, column: int, reason: str) -> None:
        self.line = line
        self.column = column
        self.reason = reason
        super().__init__(line, column, reason)

    @classmethod
    def from_syntax_error(cls, error: SyntaxError) -> Unreadable:
        """Return the same complaint as ``error`` makes."""
        return cls(error.lineno or 1, max((error.offset or 1) - 1, 0), error.msg)

    def __str__(self) -> str:
        return f"{self.line}:{self.column + 1}: {self.reason}"
