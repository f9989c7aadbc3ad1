"""Load the settings of a project: preset, then settings file, then the options of the call."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from layercheck.config.check import COMMAND_LINE, find_mistakes, own_layer_names
from layercheck.config.places import relative_to_root
from layercheck.config.read import Table, read_settings
from layercheck.config.schema import EVERYTHING, Config, OwnLayer, Selection, Types
from layercheck.errors import SettingsError

SELECTING = ("select", "extend-select", "ignore", "extend-ignore")
_ADDED_UP = ("allow-edges", "exclude")


@cache
def presets() -> dict[str, dict[str, Any]]:
    """Return the presets: name to the settings it starts from, written as in a settings file."""
    return tomllib.loads(Path(__file__).with_name("presets.toml").read_text("utf-8"))


def load(
    project_root: Path,
    config_file: Path | None,
    overrides: Mapping[str, Any],
    *,
    known_codes: Collection[str],
) -> Config:
    """Return the settings of the project at ``project_root``.

    ``config_file`` is read instead of the project's own settings file. ``overrides`` are settings
    of the call, by the keys of the settings file; they win. ``known_codes`` are the codes of all
    rules. Raises `SettingsError` with every mistake of file and call at once.
    """
    written = read_settings(project_root, config_file)
    called = Table(COMMAND_LINE, (), dict(overrides))
    preset = called.values.get("preset", written.values.get("preset", "recommended"))
    start = presets().get(preset, {}) if isinstance(preset, str) else {}
    given = (start, written.values, called.values)
    added_layers = {name for values in given for name in own_layer_names(values)}
    mistakes = [
        line for table in (written, called) for line in find_mistakes(table, known_codes, added_layers)
    ]
    if mistakes:
        raise SettingsError(mistakes)
    file = written.file if config_file is None else relative_to_root(project_root, config_file)
    return _config(project_root, file, given)


def _config(project_root: Path, file: str, sources: tuple[Mapping[str, Any], ...]) -> Config:
    merged: dict[str, Any] = {}
    for values in sources:
        merged = _merged(merged, values, adding_up=_ADDED_UP)
    selections = [
        msgspec.convert({key: values[key] for key in SELECTING if key in values}, Selection)
        for values in sources
    ]
    return msgspec.convert(
        {
            **{key: value for key, value in merged.items() if key not in SELECTING},
            **_normalised(merged),
            "project-root": project_root,
            "file": file,
            "selections": (EVERYTHING, *selections),
        },
        Config,
    )


def _merged(
    base: Mapping[str, Any], values: Mapping[str, Any], adding_up: Collection[str] = ()
) -> dict[str, Any]:
    """Return ``values`` on top of ``base``, table by table; the lists ``adding_up`` names are joined."""
    merged = dict(base)
    for key, value in values.items():
        if isinstance(value, dict) and isinstance(merged.get(key), dict):
            merged[key] = _merged(merged[key], value)
        elif key in adding_up:
            merged[key] = [*merged.get(key, ()), *value]
        else:
            merged[key] = value
    return merged


def _normalised(merged: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings whose written form differs from the field of `Config`."""
    layers = merged.get("layers", {})
    owner = merged.get("transaction-owner", ())
    fail_on = merged.get("fail-on", "error")
    known: Mapping[str, tuple[str, ...]] = msgspec.to_builtins(Types())
    return {
        "severity": {code: None if to == "off" else to for code, to in merged.get("severity", {}).items()},
        "fail-on": None if fail_on == "never" else fail_on,
        "transaction-owner": [owner] if isinstance(owner, str) else owner,
        "layers": {name: value for name, value in layers.items() if isinstance(value, list)},
        "own-layers": {
            name: msgspec.convert(value, OwnLayer)
            for name, value in layers.items()
            if isinstance(value, dict)
        },
        "types": {key: [*known[key], *values] for key, values in merged.get("types", {}).items()},
    }
