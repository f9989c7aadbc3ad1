"""``layercheck`` and ``python -m layercheck``."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line and return its exit status.

    The version is told without loading what the commands are made with: editors and hooks ask often.
    """
    if sys.argv[1:] == ["--version"]:
        from layercheck import __version__

        print(f"layercheck {__version__}")
        return 0
    from layercheck.frontends.cli import main as command_line

    return command_line()


if __name__ == "__main__":
    sys.exit(main())
