"""Find every mistake of a settings table, in words that name file, key, what was found and expected."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from layercheck.config.read import Table
from layercheck.config.schema import ALL, LAYERS, selects

Schema = Mapping[str, Any]

COMMAND_LINE = "command line"

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@cache
def settings_schema() -> dict[str, Any]:
    """Return the JSON Schema of the settings."""
    text = Path(__file__).with_name("settings.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def own_layer_names(values: Mapping[str, Any]) -> list[str]:
    """Return the layers a table of settings adds to the known ones."""
    layers = values.get("layers")
    if not isinstance(layers, dict):
        return []
    return [name for name, value in layers.items() if isinstance(value, dict)]


def find_mistakes(table: Table, known_codes: Collection[str], added_layers: Iterable[str]) -> list[str]:
    """Return one line for each mistake in ``table``, sorted by key.

    ``known_codes`` are the codes of all rules, ``added_layers`` the layers settings may name
    besides the known ones.
    """
    if not table.values:
        return []
    checker = _Checker(table, known_codes, (*LAYERS, *added_layers))
    return [line for _, line in sorted(checker.mistakes())]


class _Checker:
    """Validates one table; knows the names that are allowed in this run."""

    def __init__(self, table: Table, codes: Collection[str], layers: Collection[str]) -> None:
        self._table = table
        self._codes = sorted(codes)
        self._layers = layers
        self._formats = {
            "rule-code": ("unknown rule", self._codes),
            "rule-selector": ("unknown rule", [*self._codes, ALL]),
            "layer": ("unknown layer", layers),
            "path-pattern": ("no pattern as in .gitignore", ()),
        }

    def mistakes(self) -> Iterator[tuple[list[str], str]]:
        """Yield the key path and the line of each mistake."""
        import jsonschema

        formats = jsonschema.FormatChecker(formats=())
        formats.checks("rule-code")(lambda value: _is_no_text(value) or value in self._codes)
        formats.checks("rule-selector")(lambda value: _is_no_text(value) or self._selects(value))
        formats.checks("layer")(lambda value: _is_no_text(value) or value in self._layers)
        formats.checks("path-pattern")(lambda value: _is_no_text(value) or _is_pattern(value))
        validator = jsonschema.Draft202012Validator(settings_schema(), format_checker=formats)
        for error in validator.iter_errors(self._table.values):
            path = [str(part) for part in error.absolute_path]
            yield from self._explain(error, path)
        yield from self._layer_kinds()

    def _selects(self, selector: str) -> bool:
        return bool(selector) and any(selects(selector, code) for code in self._codes)

    def _explain(self, error: Any, path: list[str]) -> Iterator[tuple[list[str], str]]:
        if error.validator == "additionalProperties":
            known = error.schema.get("properties", {})
            for key in error.instance:
                if key not in known:
                    yield self._line([*path, key], "unknown key" + _guess(key, known))
        elif error.validator == "required":
            missing = next(key for key in error.validator_value if key not in error.instance)
            yield self._line(path, f'the key "{missing}" is missing')
        elif error.validator == "format":
            noun, known = self._formats[error.validator_value]
            named_by_key = "propertyNames" in error.absolute_schema_path
            shown = "" if named_by_key else f" {_shown(error.instance)}"
            where = [*path, error.instance] if named_by_key else path
            yield self._line(where, f"{noun}{shown}{_guess(error.instance, known)}")
        else:
            guess = _guess(error.instance, error.validator_value) if error.validator == "enum" else ""
            yield self._line(
                path, f"expected {_described(error.schema)}, found {_shown(error.instance)}{guess}"
            )

    def _layer_kinds(self) -> Iterator[tuple[list[str], str]]:
        layers = self._table.values.get("layers")
        for name, value in layers.items() if isinstance(layers, dict) else ():
            if isinstance(value, list) and name not in self._layers:
                guess = _guess(name, self._layers) or "; a layer of your own is a table with modules"
                yield self._line(["layers", name], f"unknown layer{guess}")
            elif isinstance(value, dict) and name in LAYERS:
                yield self._line(
                    ["layers", name], "expected a list of strings for a known layer, found a table"
                )

    def _line(self, path: list[str], text: str) -> tuple[list[str], str]:
        if self._table.file == COMMAND_LINE:
            return path, f"--{path[0]}: {text}"
        key = ""
        for part in (*self._table.prefix, *path):
            if part.isdecimal():
                key += f"[{part}]"
            else:
                key += ("." if key else "") + (part if _BARE_KEY.fullmatch(part) else json.dumps(part))
        return path, f"{self._table.file}: {key}: {text}"


def _is_no_text(value: object) -> bool:
    """Formats speak of strings only; the type of anything else is another mistake."""
    return not isinstance(value, str)


def _is_pattern(text: str) -> bool:
    from layercheck.config.patterns import path_patterns

    try:
        return bool(path_patterns([text]).patterns)
    except ValueError:
        return False


def _guess(name: object, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(str(name), list(known), n=1)
    return f'; did you mean "{near[0]}"?' if near else ""


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _described(schema: Schema, several: bool = False) -> str:
    """Return what ``schema`` allows as a noun phrase (``a list of strings``), or its plural."""
    if "$ref" in schema:
        return _described(settings_schema()["$defs"][schema["$ref"].rpartition("/")[2]], several)
    if "title" in schema:
        return str(schema["title"])
    if "enum" in schema:
        return "one of " + ", ".join(_shown(value) for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_described(choice) for choice in schema["anyOf"])
    noun = {"array": "list", "object": "table", "boolean": "boolean", "string": "string"}.get(
        schema["type"], "number"
    )
    if noun == "list":
        return f"a list of {_described(schema['items'], several=True)}"
    if several:
        return noun + "s"
    limits = [
        f"{word} {schema[key]}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in schema
    ]
    return " ".join([f"a {noun}", *limits])
