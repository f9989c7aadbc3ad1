"""From the options of a call to the settings of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from layercheck.config.schema import Config


def settings_for(
    paths: Sequence[Path], config_file: Path | None, overrides: Mapping[str, Any] | None = None
) -> Config:
    """Return the settings of the project ``paths`` belong to.

    ``overrides`` are options of the call by the key of the setting; those that are None or empty
    were not given. Raises `UsageError` where a path does not exist, `SettingsError` for mistakes.
    """
    from layercheck.config.load import load
    from layercheck.rules.catalog import codes
    from layercheck.sources import find_project_root

    given = {key: value for key, value in (overrides or {}).items() if value}
    return load(find_project_root(paths), config_file, given, known_codes=codes())
