"""Read the settings file of a project."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from layercheck.config.schema import PROJECT_FILE
from layercheck.errors import SettingsError

OWN_FILE = "layercheck.toml"


class Table(msgspec.Struct, frozen=True):
    """Settings as written: ``file`` and ``prefix`` say where, as a mistake should name it."""

    file: str
    prefix: tuple[str, ...]
    values: dict[str, Any]


def read_settings(project_root: Path, config_file: Path | None) -> Table:
    """Return the settings of ``config_file``, or else of the project's own file.

    ``layercheck.toml`` wins over ``pyproject.toml``. Raises `SettingsError` where the file named
    does not exist or cannot be read.
    """
    if config_file is not None:
        return _read(config_file, str(config_file))
    for name in (OWN_FILE, PROJECT_FILE):
        if (project_root / name).is_file():
            return _read(project_root / name, name)
    return Table(PROJECT_FILE, ("tool", "layercheck"), {})


def _read(file: Path, shown: str) -> Table:
    values: Any = _parse(file, shown)
    prefix: tuple[str, ...] = ()
    if file.name == PROJECT_FILE:
        for key in ("tool", "layercheck"):
            prefix += (key,)
            values = values.get(key, {})
            if not isinstance(values, dict):
                raise SettingsError([f"{shown}: {'.'.join(prefix)}: expected a table, found {values!r}"])
    return Table(shown, prefix, values)


def _parse(file: Path, shown: str) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8"))
    except OSError as error:
        raise SettingsError([f"{shown}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsError([f"{shown}: not UTF-8 (at line {line})"]) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([f"{shown}: not valid TOML: {error}"]) from None
    except RecursionError:
        raise SettingsError([f"{shown}: not valid TOML: nested too deeply"]) from None
