"""How a process ends that others end: by a signal, or by taking no more of its output.

The codes are those of shells, 128 and the number of the signal.
"""

from __future__ import annotations

USAGE = 2
INTERRUPTED = 130
PIPE_CLOSED = 141
UNWRITTEN = 2


def is_full(error: BaseException) -> bool:
    """Return whether what was printed finds no place: the file behind standard output takes no more."""
    import errno

    full = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
    return isinstance(error, OSError) and error.filename is None and error.errno in full
