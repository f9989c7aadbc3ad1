"""Differences of files, as git writes and reads them."""

from __future__ import annotations

import difflib


def diff_of(path: str, before: bytes | None, after: bytes) -> str:
    """Return the difference of two contents of ``path``, line ends as they are; None is no file yet."""
    old, new = (
        (data or b"").decode("utf-8", "surrogateescape").splitlines(keepends=True) for data in (before, after)
    )
    lines = [f"diff --git a/{path} b/{path}\nnew file mode 100644\n"] if before is None else []
    was = "/dev/null" if before is None else f"a/{path}"
    for line in difflib.unified_diff(old, new, was, f"b/{path}"):
        lines.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(lines)
