"""``layercheck`` and ``python -m layercheck``."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper

from layercheck.endings import INTERRUPTED, PIPE_CLOSED, UNWRITTEN, USAGE, is_full

TYPE_CHECKING = False
if TYPE_CHECKING:
    from layercheck.cache.replay import Call


def main() -> int:
    """Run the command line and return its exit status.

    The version is told, and a report told again, without loading what the commands are made with:
    editors and hooks ask often.
    """
    try:
        return _run(sys.argv[1:])
    except KeyboardInterrupt:
        print("layercheck: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # nobody reads the output
        _forget_output()
        return PIPE_CLOSED
    except OSError as error:
        if not is_full(error):
            raise
        _forget_output()
        print(f"layercheck: cannot write to standard output: {error.strerror}", file=sys.stderr)
        return UNWRITTEN


def _forget_output() -> None:
    """See to it that what is left of the output is not tried again at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(words: list[str]) -> int:
    if words == ["--version"]:
        from layercheck import __version__

        print(f"layercheck {__version__}", flush=True)
        return 0
    _mend_streams()
    try:
        call = _check(words) if words[:1] == ["check"] else None
    except OSError as error:
        print(f"layercheck: the working directory cannot be used: {error.strerror}", file=sys.stderr)
        return USAGE
    code = None if call is None else call.replay()
    if code is not None:
        return code
    import atexit
    import gc

    # what is loaded stays, and the collector's last look at everything would cost a tenth of an analysis
    gc.set_threshold(100_000)
    atexit.register(gc.freeze)
    from layercheck.frontends.cli import main as command_line

    return command_line(call=call)


def _mend_streams() -> None:
    """Write what nobody can read nowhere, and letters an encoding lacks as their codes."""
    # Python puts None where a stream was closed before it began
    sys.stdout = getattr(sys, "stdout", None) or open(os.devnull, "w", encoding="utf-8")
    sys.stderr = getattr(sys, "stderr", None) or open(os.devnull, "w", encoding="utf-8")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def _check(words: list[str]) -> Call:
    """Return a call of `check`; raises OSError where it is made at a place that is gone."""
    from layercheck.cache.replay import Call as Made

    return Made(words)


if __name__ == "__main__":
    sys.exit(main())
