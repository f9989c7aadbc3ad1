"""Everything that can go wrong, as a small tree, and the exit codes.

    LayercheckError                 exit 2 unless said otherwise
    ├── UsageError                  wrong options or paths
    │   └── NothingToAnalyse        no Python file below the given paths
    ├── SettingsError               all mistakes of one settings file
    ├── BaselineError               a baseline that is missing, damaged or of another version
    └── InternalError               a bug of layercheck, exit 3

A file that cannot be read is no exception: it becomes the finding LC009 and the rest goes on.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence


class ExitCode(enum.IntEnum):
    """What the process tells its caller."""

    CLEAN = 0
    FINDINGS = 1
    USAGE = 2
    INTERNAL = 3


class LayercheckError(Exception):
    """Base of all errors whose message is meant for the user."""

    exit_code = ExitCode.USAGE


class UsageError(LayercheckError):
    """The call cannot be carried out as it was made."""


class NothingToAnalyse(UsageError):
    """There is no Python file below the given paths."""


class SettingsError(LayercheckError):
    """The settings hold mistakes; ``mistakes`` has one line for each."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(self.mistakes))


class BaselineError(LayercheckError):
    """The baseline cannot be used; the message names file, place, what was found and what expected."""


class InternalError(LayercheckError):
    """layercheck itself failed; the message names the place and asks for a report."""

    exit_code = ExitCode.INTERNAL
