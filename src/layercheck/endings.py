"""Exit codes of a process that is ended from outside: as shells tell it, 128 and the number of the signal."""

from __future__ import annotations

INTERRUPTED = 130
PIPE_CLOSED = 141
