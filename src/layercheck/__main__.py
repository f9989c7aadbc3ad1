"""``layercheck`` and ``python -m layercheck``."""

from __future__ import annotations

import os
import sys

from layercheck.endings import INTERRUPTED, PIPE_CLOSED, UNWRITTEN, is_full

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
    call = _check(words) if words[:1] == ["check"] else None
    code = None if call is None else call.replay()
    if code is not None:
        return code
    from layercheck.frontends.cli import main as command_line

    return command_line(call=call)


def _check(words: list[str]) -> Call | None:
    """Return the call of `check`; None where it cannot be made out, and the command tells why."""
    from layercheck.cache.replay import Call as Made

    try:
        return Made(words)
    except OSError:
        return None


if __name__ == "__main__":
    sys.exit(main())
