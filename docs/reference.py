"""The pages nobody writes by hand: one per rule, the table of rules, the settings.

``python docs/reference.py`` writes them. What they say comes from the docstrings of the rules, the
schema of the settings with the defaults beside it, and the presets; a test compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import tomlkit

from layercheck.config.check import settings_schema
from layercheck.config.load import load, presets
from layercheck.config.schema import BASELINE_FILE, EVERYTHING, LAYERS, Config, Types
from layercheck.frontends.manual import page as manual_page
from layercheck.project.matrix import CONDITIONS, MAY_USE, UNBOUND
from layercheck.rules.catalog import RULES, codes, selected
from layercheck.rules.rule import Rule

DOCS = Path(__file__).parent

FAMILIES = {
    "router": "Routers",
    "service": "Services",
    "repository": "Repositories",
    "wiring": "Wiring",
    "errors": "Errors",
    "structure": "Structure",
    "tool": "The run itself",
}
"""The folders of the rules, in the order of the table, and what it calls them."""

_RULES_HEAD = """\
# Rules

`layercheck explain LC101` prints the page of a rule, `layercheck rules` this table. Defaults are those of
the preset `recommended`; `strict` and `flat` are shown where they differ. `fix` says whether
`layercheck fix` knows one, and whether it leaves what the code does as it is (safe)."""

_SETTINGS_HEAD = """\
# Settings

The keys of `[tool.layercheck]` in `pyproject.toml`, or of a `layercheck.toml`, where they stand at top
level; the latter wins where both exist. None is needed. An unknown key, a value of the wrong type, an
unknown code: every mistake of the file is told in one run, with exit code 2.

An option of the command line wins over the file, the file over the preset.

## Keys"""

_LAYERS_HEAD = """\
## Layers

The layers every project knows: {}. A list of patterns adds modules to one of them; a table with `modules`
and `may-use` makes a new one. [Layers](layers.md) tells how they are detected."""

_ENGINE = {"modules": ["app.engine.**"], "may-use": ["entity"]}

_MATRIX_HEAD = """\
### What each may use

At run time, besides its own layer. `allow-edges` and the option `matrix` of [LC601](rules/LC601.md) change
it; names used in annotations alone are free."""

_OPTIONS_HEAD = """\
## Options of single rules

Keys of the tables `[tool.layercheck.rules.CODE]`; the page of the rule tells what they mean and their
default."""

_PRESETS_HEAD = """\
## Presets

`preset` names the settings to start from; what the file says is merged on top, key by key."""

_NEEDS = """\
## Needs

A {} layer in the project; without one the rule is inactive, and the report says so."""

_WORDS = {"strings": "list of strings", "selectors": "list of codes, the start of codes or `ALL`"}
_TYPES = {"object": "table", "integer": "whole number", "boolean": "`true`, `false`"}
_PRESET_COMMENT = re.compile(r"((?:^#.*\n)*)^\[([\w-]+)\]$", re.MULTILINE)


def pages() -> dict[str, str]:
    """Return the generated pages: path below ``docs`` to content."""
    found = {f"rules/{rule.code}.md": _rule_page(rule) for rule in RULES}
    return {**found, "rules/index.md": _rules_page(), "settings.md": _settings_page()}


def main() -> None:
    """Write the pages, and drop those of rules that are gone."""
    wanted = pages()
    for old in (DOCS / "rules").glob("*.md"):
        if f"rules/{old.name}" not in wanted:
            old.unlink()
    for path, text in wanted.items():
        file = DOCS / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")


# rules


def _rule_page(rule: type[Rule]) -> str:
    fix = f"{rule.fix} fix"
    parts = [manual_page(rule.info()).replace(f", {fix}\n", f", [{fix}](../fixes.md)\n", 1)]
    if rule.requires:
        parts.append(_NEEDS.format(" or ".join(rule.requires)))
    if rows := list(_under_presets(rule)):
        parts.append(f"## Presets that change it\n\n{_table(('preset', 'severity', 'options'), rows)}")
    parts.append("[All rules](index.md) · [All settings](../settings.md)")
    return "\n\n".join(parts) + "\n"


def _under_presets(rule: type[Rule]) -> Iterator[tuple[str, str, str]]:
    """Yield each preset that makes the rule louder, weaker, off or otherwise set: severity and options."""
    usual = _severities("recommended")[rule.code]
    for preset, values in presets().items():
        severity = _severities(preset)[rule.code]
        options = values.get("rules", {}).get(rule.code, {})
        if severity != usual or options:
            written = (f"`{key} = {tomlkit.item(value).as_string()}`" for key, value in options.items())
            yield f"`{preset}`", severity, ", ".join(written)


def _severities(preset: str) -> dict[str, str]:
    config = load(DOCS, None, {"preset": preset}, known_codes=codes())
    chosen = {one.rule.code: str(one.severity) for one in selected(config)}
    return {code: chosen.get(code, "off") for code in codes()}


def _rules_page() -> str:
    parts = [_RULES_HEAD]
    usual, *others = (_severities(preset) for preset in ("recommended", "strict", "flat"))
    for folder, title in FAMILIES.items():
        rows = [
            (
                f"[{rule.code}]({rule.code}.md)",
                f"`{rule.name}`",
                usual[rule.code],
                *("" if other[rule.code] == usual[rule.code] else other[rule.code] for other in others),
                "" if rule.fix == "none" else rule.fix,
                rule.info().summary,
            )
            for rule in RULES
            if rule.__module__.split(".")[-2] == folder
        ]
        parts += [f"## {title}", _table(("code", "name", "default", "strict", "flat", "fix", "finds"), rows)]
    return "\n\n".join(parts) + "\n"


# settings


def _settings_page() -> str:
    properties = settings_schema()["properties"]
    defaults = msgspec.to_builtins(Config(), enc_hook=str)
    defaults.update({"select": EVERYTHING.select, "baseline": BASELINE_FILE})
    keys = (
        (f"`{key}`", _type(schema), _default(defaults.get(key)), schema["description"])
        for key, schema in properties.items()
        if key not in ("types", "rules")
    )
    parts = [
        _SETTINGS_HEAD,
        _table(("key", "value", "default", "meaning"), keys),
        _LAYERS_HEAD.format(", ".join(f"`{name}`" for name in LAYERS)),
        _toml({"layers": {"service": ["app/logic/**"], "engine": _ENGINE}}),
        _MATRIX_HEAD,
        _table(("layer", "may use"), _matrix()),
        f"## Types\n\n{properties['types']['description']} Defaults, by keys of `[tool.layercheck.types]`:",
        *_types(properties["types"]["properties"]),
        _OPTIONS_HEAD,
        _table(("rule", "option", "value"), _options(properties["rules"]["properties"])),
        _PRESETS_HEAD,
        *_presets(),
    ]
    return "\n\n".join(parts) + "\n"


def _matrix() -> Iterator[tuple[str, str]]:
    for layer in LAYERS:
        if layer in MAY_USE:
            used = (
                f"`{other}` ({CONDITIONS[layer, other]})" if (layer, other) in CONDITIONS else f"`{other}`"
                for other in LAYERS
                if other in MAY_USE[layer]
            )
            yield f"`{layer}`", ", ".join(used)
    yield ", ".join(f"`{layer}`" for layer in LAYERS if layer in UNBOUND), "everything"


def _options(rules: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for code, schema in rules.items():
        for key, option in schema["properties"].items():
            shown = f"[{code}](rules/{code}.md)" if code in codes() else code
            yield shown, f"`{key}`", _type(option)


def _types(properties: Mapping[str, Any]) -> Iterator[str]:
    defaults = msgspec.to_builtins(Types())
    for key in properties:
        yield f"### {key}"
        yield ", ".join(f"`{name}`" for name in defaults[key])


def _presets() -> Iterator[str]:
    text = (resources.files("layercheck.config") / "presets.toml").read_text("utf-8")
    comments = {name: comment for comment, name in _PRESET_COMMENT.findall(text)}
    for name, values in presets().items():
        yield f"### {name}"
        comment = " ".join(line.lstrip("# ") for line in comments[name].splitlines())
        if comment and values:
            yield comment
        yield _toml(values) if values else "The defaults above."


def _type(schema: Mapping[str, Any]) -> str:
    """Return the values a schema allows, in words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _WORDS.get(name) or str(settings_schema()["$defs"][name]["title"]).removeprefix("a ")
    if "title" in schema:
        return str(schema["title"]).removeprefix("a ")
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "anyOf" in schema:
        return ", or ".join(_type(choice) for choice in schema["anyOf"])
    if schema["type"] == "array":
        return "list of path patterns" if schema["items"].get("format") else "list of strings"
    return _TYPES.get(schema["type"]) or str(schema["type"])


def _default(value: Any) -> str:
    """Return a default as it would be written; what says nothing is unset."""
    return "unset" if value in (None, (), [], {}) else f"`{tomlkit.item(value).as_string()}`"


def _toml(values: Mapping[str, Any]) -> str:
    text = tomlkit.dumps({"tool": {"layercheck": values}}).strip()
    return f"```toml\n{text}\n```"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = tuple(head)
    lines = [heads, tuple("---" for _ in heads), *(tuple(row) for row in rows)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    main()
