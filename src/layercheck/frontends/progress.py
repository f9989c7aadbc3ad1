"""The progress bar: on stderr, on a terminal, for runs that take longer than a second."""

from __future__ import annotations

import os
import sys
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

DELAY = 1.0


class Bar:
    """Shows how far a run has come, from ``delay`` seconds after its start until it ends.

    Nothing is ever written where ``quiet`` is asked for or ``stream`` is no terminal that can move its
    cursor.
    """

    def __init__(
        self, stream: TextIO | None = None, delay: float = DELAY, *, quiet: bool = False
    ) -> None:
        self._stream = stream or sys.stderr
        self._due = time.monotonic() + delay
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._shown: tuple[RichProgress, TaskID] | None = None
        self._state = ("", 0.0)
        self._is_over = quiet or not self._stream.isatty() or os.environ.get("TERM") == "dumb"

    def __enter__(self) -> Self:
        return self

    def __call__(self, doing: str, share: float) -> None:
        """Note that ``doing`` is next and ``share`` of the run lies behind."""
        with self._lock:
            self._state = (doing, share)
            if self._shown is not None:
                bar, task = self._shown
                bar.update(task, description=doing, completed=share * 100)
            # not before the files are read: processes are started for that, which a second thread endangers
            elif self._timer is None and share > 0 and not self._is_over:
                self._timer = threading.Timer(max(0.0, self._due - time.monotonic()), self._show)
                self._timer.daemon = True
                self._timer.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._is_over = True
            if self._timer is not None:
                self._timer.cancel()
            if self._shown is not None:
                self._shown[0].stop()

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        with self._lock:
            if self._is_over:
                return
            columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
            bar = Progress(*columns, console=Console(file=self._stream), transient=True)
            doing, share = self._state
            self._shown = bar, bar.add_task(doing, total=100, completed=round(share * 100))
            bar.start()
