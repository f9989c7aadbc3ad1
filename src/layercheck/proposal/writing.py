"""The proposed settings as text, at home in the file they belong to."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec
import tomlkit
from tomlkit.items import Table

from layercheck.config.read import OWN_FILE
from layercheck.config.schema import PROJECT_FILE
from layercheck.errors import UsageError
from layercheck.outcome import LayerCount
from layercheck.proposal.choice import Setting
from layercheck.proposal.habits import Habits
from layercheck.proposal.layers import ProposedLayer
from layercheck.sources.project_root import has_settings

_SHOWN = 3


class Target(msgspec.Struct, frozen=True):
    """A file to write: its whole text, and the part of it that is new.

    ``passed_over`` says why it is not the ``pyproject.toml`` of the project, if there is one.
    """

    file: Path
    text: str
    added: str
    passed_over: str = ""


def place(
    project_root: Path,
    habits: Habits,
    settings: list[Setting],
    layers: list[ProposedLayer],
    errors: Mapping[str, int],
) -> Target:
    """Return the settings at the end of ``pyproject.toml``, where there is one, else in a file of their own.

    ``errors`` counts errors by code. What stands in ``pyproject.toml`` stays byte for byte.
    """
    project_file = project_root / PROJECT_FILE
    passed_over = ""
    try:
        before = project_file.read_bytes().decode("utf-8")
        tomllib.loads(before)
    except FileNotFoundError:
        before = ""
    except OSError as error:
        before, passed_over = "", f"it cannot be read: {error.strerror}"
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        before, passed_over = "", f"it is no TOML: {error}"
    if before:
        table = _table(habits, settings, layers, errors)
        document = tomlkit.document()
        document.append("tool", tomlkit.table(is_super_table=True).append("layercheck", table))
        added = _joining(before) + document.as_string()
        added = added.replace("\n", "\r\n") if "\r\n" in before else added
        if _is_toml(before + added):
            return Target(project_file, before + added, added)
        passed_over = "a table cannot be added to it"
    alone = tomlkit.document()
    for key, value in _table(habits, settings, layers, errors).value.body:
        alone.append(key, value)
    text = alone.as_string()
    return Target(project_root / OWN_FILE, text, text, passed_over)


def refuse_to_overwrite(project_root: Path) -> None:
    """Raise `UsageError` where the project has settings already."""
    if has_settings(project_root):
        name = OWN_FILE if (project_root / OWN_FILE).is_file() else PROJECT_FILE
        raise UsageError(f"{project_root / name} has settings already; --dry-run shows what init proposes")


def _joining(before: str) -> str:
    """Return what parts new text from ``before``: one blank line."""
    text = before.replace("\r\n", "\n")
    return "" if text.endswith("\n\n") else "\n" if text.endswith("\n") else "\n\n"


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _table(
    habits: Habits, settings: list[Setting], layers: list[ProposedLayer], errors: Mapping[str, int]
) -> Table:
    table = tomlkit.table()
    for line in (*_overview(habits), *_put_aside(errors)):
        table.add(tomlkit.comment(line))
    for setting in settings:
        table.add(tomlkit.nl())
        table.add(tomlkit.comment(setting.reason))
        table.add(setting.key, setting.value)
    if layers:
        table.add(tomlkit.nl())
        table.add("layers", _layers(layers))
    return table


def _layers(layers: list[ProposedLayer]) -> Table:
    table = tomlkit.table()
    for layer in layers:
        table.add(tomlkit.comment(f"{layer.reason}."))
        if layer.may_use is None:
            table.add(layer.name, list(layer.modules))
        else:
            inline = tomlkit.inline_table()
            inline.append("modules", list(layer.modules))
            inline.append("may-use", list(layer.may_use))
            table.add(layer.name, inline)
    return table


def _overview(habits: Habits) -> Iterable[str]:
    yield "What `layercheck init` counted, and the settings that say the same. Change them as you like."
    layers = ", ".join(f"{row.layer} {row.modules}" for row in habits.layers if _is_told(row))
    yield f"{habits.routes} routes. Modules: {layers or 'none with a layer'}."
    if habits.unknown:
        yield f"No layer: {_some(habits.unknown)}; `layercheck layers --unassigned` lists them."
    if habits.features:
        yield f"Feature-first: {_some(habits.features)}."
    holders = ((habits.handlers, "handlers"), (habits.services, "services"))
    held = " and ".join(f"{share} {noun}" for share, noun in holders if share.all)
    if held:
        yield f"Sessions are held by {held}."
    if habits.mappings:
        yield f"Exceptions with a registered handler: {habits.mappings}."


def _put_aside(errors: Mapping[str, int]) -> Iterable[str]:
    """Yield what is wrong under every style; no setting is proposed to hide it."""
    if errors:
        by_count = sorted(errors.items(), key=lambda item: (-item[1], item[0]))
        counts = ", ".join(f"{code} {count}" for code, count in by_count)
        yield f"Errors without settings: {counts}; `layercheck baseline` puts aside what is known."


def _is_told(row: LayerCount) -> bool:
    return bool(row.modules) and row.layer != "unknown"


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:_SHOWN])
    return shown if len(names) <= _SHOWN else f"{shown} and {len(names) - _SHOWN} more"
