"""The file of known findings: how it is written, read and complained about.

It is JSON that git can merge. Each entry stands on a line of its own and ends with a comma, an empty
entry closes the list, files are parted by a blank line: adding or removing one entry changes no
other line. Entries hold no line numbers, and are sorted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from layercheck.config.places import relative_to_root
from layercheck.config.schema import Config
from layercheck.errors import BaselineError

VERSION = 1

_HEAD = '{\n"version": %d,\n"findings": [\n' % VERSION
_TAIL = "\n{}\n]\n}\n"
_MISTAKE = re.compile(r"Expected `(?P<expected>.*?)`, got `(?P<found>.*?)`")
_ANEW = "remove the file and write it anew with `layercheck baseline`"


class Entry(msgspec.Struct, frozen=True, order=True, omit_defaults=True, forbid_unknown_fields=True):
    """What is known of one element: how often (``count``) it offends against a rule with one target."""

    path: str
    code: str
    element: str
    target: str
    count: int = 1


class Known(msgspec.Struct, frozen=True):
    """An entry and the line it is written on, 1 where it shares its line."""

    entry: Entry
    line: int = 1


def baseline_name(config: Config) -> str:
    """Return the baseline of a project as messages name it."""
    return relative_to_root(config.project_root, config.baseline_file)


def known_findings(config: Config) -> tuple[Known, ...]:
    """Return the entries of the baseline the settings name, or of one that lies in the project root.

    Raises `BaselineError` where it cannot be used, or where the settings name one that is missing.
    """
    if config.baseline is None and not config.baseline_file.exists():
        return ()
    return read_baseline(config.baseline_file, baseline_name(config))


def written(entries: Iterable[Entry]) -> str:
    """Return the text of a baseline of ``entries``, in any order."""
    lines = []
    path = None
    for entry in sorted(entries):
        if entry.path != path:
            lines.append("\n")
            path = entry.path
        lines.append(f"{_line(entry)},\n")
    return _HEAD + "".join(lines) + _TAIL


def read_baseline(file: Path, shown: str) -> tuple[Known, ...]:
    """Return the entries of ``file``, which messages name ``shown``, each once.

    Raises `BaselineError` where it cannot be read, is damaged or of another version.
    """
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        raise BaselineError(f"{shown}: no such file; `layercheck baseline` writes it") from None
    except OSError as error:
        raise BaselineError(f"{shown}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise BaselineError(f"{shown}: expected UTF-8, found {error.reason}; {_ANEW}") from None
    return parse_baseline(text, shown)


def parse_baseline(text: str, shown: str) -> tuple[Known, ...]:
    """Return the entries of the baseline ``text``, each once; raises `BaselineError` like `read_baseline`."""
    lines = {line.strip().removesuffix(","): number for number, line in enumerate(text.split("\n"), 1)}
    found: dict[Entry, Known] = {}
    for entry in _entries(text, shown):
        identity = msgspec.structs.replace(entry, count=1)
        # two branches may have entered the same finding
        if identity not in found or found[identity].entry.count < entry.count:
            found[identity] = Known(entry, lines.get(_line(entry), 1))
    return tuple(found[identity] for identity in sorted(found))


def _line(entry: Entry) -> str:
    return json.dumps(msgspec.to_builtins(entry))


def _entries(text: str, shown: str) -> list[Entry]:
    try:
        values = json.loads(text)
    except json.JSONDecodeError as error:
        raise BaselineError(_no_json(text, shown, error)) from None
    except RecursionError:
        raise BaselineError(f"{shown}: expected findings, found brackets in brackets; {_ANEW}") from None
    if not isinstance(values, dict) or "version" not in values:
        raise BaselineError(f"{shown}: version: expected {VERSION}, found none; {_ANEW}")
    version = values["version"]
    if isinstance(version, int) and version > VERSION:
        raise BaselineError(
            f"{shown}: version: expected {VERSION}, found {version}: "
            "a newer layercheck wrote it, use that one"
        )
    if version != VERSION:
        told = json.dumps(version)
        raise BaselineError(f"{shown}: version: expected {VERSION}, found {told}; {_ANEW}")
    findings = values.get("findings")
    if not isinstance(findings, list):
        raise BaselineError(f"{shown}: findings: expected a list, found {json.dumps(findings)}; {_ANEW}")
    return [_entry(value, f"{shown}: findings[{at}]") for at, value in enumerate(findings) if value != {}]


def _no_json(text: str, shown: str, error: json.JSONDecodeError) -> str:
    line = text.split("\n")[error.lineno - 1]
    found = json.dumps(line[error.colno - 1 :][:20]) if line[error.colno - 1 :] else "the end of the line"
    where = f"{shown}:{error.lineno}:{error.colno}"
    if line.startswith(("<<<<<<<", "=======", ">>>>>>>")):
        return f"{where}: expected JSON, found the mark of a merge conflict; keep the lines of both sides"
    return f"{where}: expected JSON, found {found} ({error.msg}); {_ANEW}"


def _entry(value: Any, where: str) -> Entry:
    try:
        entry = msgspec.convert(value, Entry)
    except msgspec.ValidationError as error:
        reason, _, inner = str(error).partition(" - at `$")
        mistake = _MISTAKE.fullmatch(reason)
        said = f"expected {mistake['expected']}, found {mistake['found']}" if mistake else reason
        raise BaselineError(f"{where}{inner.removesuffix('`')}: {said}") from None
    if entry.count < 1:
        raise BaselineError(f"{where}.count: expected a number from 1, found {entry.count}")
    return entry
