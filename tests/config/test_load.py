"""Settings files: what they become, and how every mistake is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from layercheck.config.check import find_mistakes, own_layer_names, settings_schema
from layercheck.config.load import SELECTING, load, presets
from layercheck.config.places import place_of
from layercheck.config.read import Table
from layercheck.config.schema import WEB_PACKAGES, Config, OwnLayer, Selection, Types
from layercheck.errors import SettingsError
from layercheck.finding import Severity

CODES = ("LC001", "LC101", "LC103", "LC104", "LC105", "LC202", "LC303", "LC404", "LC501", "LC601", "LC605")


def written(root: Path, text: str, name: str = "layercheck.toml") -> Path:
    (root / name).write_text(text, "utf-8")
    return root


def loaded(root: Path, config_file: Path | None = None, **overrides: Any) -> Config:
    keys = {key.replace("_", "-"): value for key, value in overrides.items()}
    return load(root, config_file, keys, known_codes=CODES)


def mistakes(root: Path, config_file: Path | None = None, **overrides: Any) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        loaded(root, config_file, **overrides)
    return list(caught.value.mistakes)


def test_without_settings_everything_has_its_default(tmp_path: Path) -> None:
    expected = Config(project_root=tmp_path, selections=(Selection(select=("LC",)), *[Selection()] * 3))
    assert loaded(tmp_path) == expected


def test_every_key_reaches_the_settings_value(tmp_path: Path) -> None:
    written(
        tmp_path,
        """
preset = "flat"
roots = ["src"]
exclude = ["**/generated/**"]
select = ["LC"]
extend-select = ["LC105"]
ignore = ["LC104"]
extend-ignore = ["LC6"]
per-file-ignores = { "app/legacy/**" = ["LC103"] }
severity = { LC104 = "error", LC103 = "off" }
fail-on = "never"
baseline = "known.json"
gating = "feature"
transaction-owner = "service"
error-mapping = "router"
thin-crud = "reads"
thin-max-statements = 7
thin-max-reads = 1
thin-max-writes = 0
thin-max-entities = 2
thin-max-guards = 3
http-exceptions-in = ["router"]
features = "app/{feature}/**"
allow-edges = [["router", "engine"]]

[layers]
service = ["app/logic/**"]
engine = { modules = ["app.engine.**"], may-use = ["entity", "util"] }

[types]
session = ["app.db.Database"]

[rules.LC605.packages]
openai = ["infrastructure", "engine"]

[rules.LC303]
commit-allowed = ["app.audit.**"]
""",
    )
    assert loaded(tmp_path) == Config(
        project_root=tmp_path,
        file="layercheck.toml",
        preset="flat",
        roots=("src",),
        exclude=("**/generated/**",),
        selections=(
            Selection(select=("LC",)),
            Selection(select=("LC0", "LC106", "LC3", "LC4", "LC5", "LC606")),
            Selection(select=("LC",), extend_select=("LC105",), ignore=("LC104",), extend_ignore=("LC6",)),
            Selection(),
        ),
        per_file_ignores={"app/legacy/**": ("LC103",)},
        severity={"LC104": Severity.ERROR, "LC103": None},
        fail_on=None,
        baseline="known.json",
        gating="feature",
        transaction_owner=("service",),
        error_mapping="router",
        thin_crud="reads",
        thin_max_statements=7,
        thin_max_reads=1,
        thin_max_writes=0,
        thin_max_entities=2,
        thin_max_guards=3,
        http_exceptions_in=("router",),
        features="app/{feature}/**",
        allow_edges=(("router", "engine"),),
        layers={"service": ("app/logic/**",)},
        own_layers={"engine": OwnLayer(("app.engine.**",), ("entity", "util"))},
        types=Types(session=(*Types().session, "app.db.Database")),
        rules={
            "LC605": {"packages": {"openai": ["infrastructure", "engine"]}},
            "LC303": {"commit-allowed": ["app.audit.**"]},
        },
    )


def test_schema_and_settings_value_know_the_same_keys() -> None:
    described = set(settings_schema()["properties"])
    fields = {name.replace("_", "-") for name in Config.__struct_fields__}
    assert described - set(SELECTING) == fields - {"project-root", "file", "own-layers", "selections"}
    assert set(settings_schema()["properties"]["types"]["properties"]) == {
        name.replace("_", "-") for name in Types.__struct_fields__
    }
    assert settings_schema()["properties"]["preset"]["enum"] == list(presets())


@pytest.mark.parametrize("preset", presets())
def test_presets_are_settings_like_those_of_a_file(tmp_path: Path, preset: str) -> None:
    rules = {
        *settings_schema()["properties"]["rules"]["properties"],
        *presets()["strict"]["severity"],
        "LC204",
    }
    table = Table("presets.toml", (preset,), presets()[preset])
    assert find_mistakes(table, rules, own_layer_names(table.values)) == []
    assert load(tmp_path, None, {"preset": preset}, known_codes=rules).preset == preset


def test_a_settings_file_wins_over_its_preset_key_by_key(tmp_path: Path) -> None:
    written(
        tmp_path,
        """
preset = "no-repository"
allow-edges = [["task", "router"]]
extend-select = ["LC404"]
""",
    )
    config = loaded(tmp_path)
    assert config.allow_edges == (("service", "database"), ("task", "router"))
    assert config.selections[1:3] == (
        Selection(ignore=("LC203", "LC204", "LC504")),
        Selection(extend_select=("LC404",)),
    )


def test_options_of_the_call_win_over_the_file(tmp_path: Path) -> None:
    written(tmp_path, 'preset = "strict"\nfail-on = "warning"\ngating = "feature"\n')
    config = loaded(tmp_path, preset="flat", fail_on="error", select=["LC1"])
    assert (config.preset, config.fail_on, config.gating) == ("flat", Severity.ERROR, "feature")
    assert config.selections[-1] == Selection(select=("LC1",))


def test_own_file_wins_over_pyproject(tmp_path: Path) -> None:
    written(tmp_path, '[tool.layercheck]\ngating = "off"\nroots = ["src"]\n', "pyproject.toml")
    first = loaded(tmp_path)
    written(tmp_path, 'gating = "project"\n')
    second = loaded(tmp_path)
    assert [(config.gating, config.roots) for config in (first, second)] == [
        ("off", ("src",)),
        ("project", ()),
    ]


def test_a_named_file_is_read_instead_of_the_projects_own(tmp_path: Path) -> None:
    written(tmp_path, 'gating = "off"\n')
    other = written(tmp_path, 'gating = "feature"\n', "other.toml") / "other.toml"
    assert loaded(tmp_path, other).gating == "feature"


def test_an_option_of_a_rule_has_its_default_and_lists_come_as_tuples(tmp_path: Path) -> None:
    written(tmp_path, '[rules.LC303]\ncommit-allowed = ["app.audit"]\n')
    config = loaded(tmp_path)
    nothing: tuple[str, ...] = ()
    assert config.option("LC303", "commit-allowed", nothing) == ("app.audit",)
    assert config.option("LC304", "commit-allowed", nothing) == nothing
    assert config.option("LC501", "group-above", 5) == 5


PRESETS = 'one of "recommended", "strict", "session-in-service", "no-repository", "hexagonal", "flat"'

MISTAKES = {
    "unknown key with a near name": ("ignroe = []", ['ignroe: unknown key; did you mean "ignore"?']),
    "unknown key like nothing": ("zzz = 1", ["zzz: unknown key"]),
    "no list": ("select = 3", ["select: expected a list of strings, found 3"]),
    "wrong item of a list": ("roots = ['a', 3]", ["roots[1]: expected a string, found 3"]),
    "not one of the choices": (
        'preset = "strct"',
        [
            f'preset: expected {PRESETS}, found "strct"; did you mean "strict"?',
        ],
    ),
    "unknown severity": (
        'severity = { LC104 = "fatal" }',
        ['severity.LC104: expected one of "error", "warning", "advice", "off", found "fatal"'],
    ),
    "unknown rule as a key": (
        'severity = { LC109 = "off" }',
        ['severity.LC109: unknown rule; did you mean "LC105"?'],
    ),
    "unknown rule with a near name": (
        'ignore = ["LC102"]',
        ['ignore[0]: unknown rule "LC102"; did you mean "LC202"?'],
    ),
    "unknown rule": ('ignore = ["LC999"]', ['ignore[0]: unknown rule "LC999"']),
    "empty selector": ('ignore = [""]', ['ignore[0]: unknown rule ""']),
    "unknown rule for a file": (
        'per-file-ignores = { "a b/**" = ["X1"] }',
        ['per-file-ignores."a b/**"[0]: unknown rule "X1"'],
    ),
    "unknown rule with options": ("[rules.LC999]", ["rules.LC999: unknown rule"]),
    "option of a rule without options": ("[rules.LC404]\na = 1", ["rules.LC404.a: unknown key"]),
    "unknown option": (
        "[rules.LC303]\ncomit-allowed = []",
        ['rules.LC303.comit-allowed: unknown key; did you mean "commit-allowed"?'],
    ),
    "unknown layer": (
        'http-exceptions-in = ["roter"]',
        ['http-exceptions-in[0]: unknown layer "roter"; did you mean "router"?'],
    ),
    "patterns for an unknown layer": (
        "layers.servce = []",
        ['layers.servce: unknown layer; did you mean "service"?'],
    ),
    "patterns for a layer like no other": (
        "layers.zzz = []",
        ["layers.zzz: unknown layer; a layer of your own is a table with modules"],
    ),
    "a known layer as a table": (
        "layers.service = { modules = [] }",
        ["layers.service: expected a list of strings for a known layer, found a table"],
    ),
    "own layer with a wrong key": (
        "layers.engine = { uses = [] }",
        ['layers.engine: the key "modules" is missing', "layers.engine.uses: unknown key"],
    ),
    "own layer that may use an unknown one": (
        'layers.engine = { modules = [], may-use = ["srvice"] }',
        ['layers.engine.may-use[0]: unknown layer "srvice"; did you mean "service"?'],
    ),
    "a layer that is neither list nor table": (
        "layers.service = 3",
        ["layers.service: expected a list of strings, found 3"],
    ),
    "negative number": ("thin-max-reads = -1", ["thin-max-reads: expected a number from 0, found -1"]),
    "boolean for a number": (
        "thin-max-reads = true",
        ["thin-max-reads: expected a number from 0, found true"],
    ),
    "edge of three": (
        'allow-edges = [["router", "task", "app"]]',
        ['allow-edges[0]: expected a pair of layers, found ["router", "task", "app"]'],
    ),
    "no feature in the pattern": (
        'features = "app/**"',
        ['features: expected a path pattern with {feature}, found "app/**"'],
    ),
    "no pattern": ('exclude = ["!"]', ['exclude[0]: no pattern as in .gitignore "!"']),
    "no pattern of files": (
        'per-file-ignores = { "" = ["LC1"] }',
        ['per-file-ignores."": no pattern as in .gitignore'],
    ),
    "a date": ("baseline = 2024-01-01", ['baseline: expected a string, found "2024-01-01"']),
    "owner": (
        'transaction-owner = "nobody"',
        [
            'transaction-owner: expected one of "dependency", "service", "router", "repository", "uow" '
            'or a list of them, found "nobody"'
        ],
    ),
}


@pytest.mark.parametrize(("text", "expected"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_names_key_found_and_expected(tmp_path: Path, text: str, expected: list[str]) -> None:
    written(tmp_path, text)
    assert mistakes(tmp_path) == [f"layercheck.toml: {line}" for line in expected]


def test_all_mistakes_of_file_and_call_are_told_at_once(tmp_path: Path) -> None:
    written(tmp_path, '[tool.layercheck]\nignroe = []\nselect = 3\n"x y" = 1\n', "pyproject.toml")
    assert mistakes(tmp_path, select=["LC1", "LC77"], preset="loose") == [
        'pyproject.toml: tool.layercheck.ignroe: unknown key; did you mean "ignore"?',
        "pyproject.toml: tool.layercheck.select: expected a list of strings, found 3",
        'pyproject.toml: tool.layercheck."x y": unknown key',
        f'--preset: expected {PRESETS}, found "loose"',
        '--select: unknown rule "LC77"',
    ]


BROKEN_FILES = {
    "malformed": (
        b"[tool.layercheck\n",
        "x.toml: not valid TOML: Expected ']' at the end of a table declaration (at line 1, column 17)",
    ),
    "not UTF-8": (b"a = 1\nb = '\xff'\n", "x.toml: not UTF-8 (at line 2)"),
    "nested too deeply": (b"a = " + b"[" * 100_000, "x.toml: not valid TOML: nested too deeply"),
}


@pytest.mark.parametrize(("content", "expected"), BROKEN_FILES.values(), ids=BROKEN_FILES)
def test_a_file_that_is_no_toml(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.toml").write_bytes(content)
    assert mistakes(tmp_path, Path("x.toml")) == [expected]


def test_a_file_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert mistakes(tmp_path, Path("x.toml")) == ["x.toml: cannot be read: No such file or directory"]


def test_settings_that_are_no_table(tmp_path: Path) -> None:
    written(tmp_path, "[tool]\nlayercheck = 3\n", "pyproject.toml")
    assert mistakes(tmp_path) == ["pyproject.toml: tool.layercheck: expected a table, found 3"]


def test_settings_are_frozen() -> None:
    assert Types().web == WEB_PACKAGES
    with pytest.raises(AttributeError):
        setattr(Config(), "preset", "flat")
    assert msgspec.structs.replace(Config(), preset="flat").preset == "flat"


PLACES: dict[str, tuple[str, str, str, str, str]] = {
    "quoted": ("layercheck.toml", 'exclude = ["a", "b"]', "exclude", "b", "layercheck.toml:1:17"),
    "single quotes": ("layercheck.toml", "exclude = ['b']", "exclude", "b", "layercheck.toml:1:12"),
    "a bare key": ("layercheck.toml", "[layers]\nengine = 1", "layers", "engine", "layercheck.toml:2:1"),
    "a value in other words": ("layercheck.toml", 'exclude = ["\\u0062"]', "exclude", "b",
                               "layercheck.toml:1:1"),
    "other tools before": (
        "pyproject.toml", '[tool.ruff]\nexclude = ["b"]\n[tool.layercheck]\nexclude = ["b"]', "exclude", "b",
        "pyproject.toml:4:12",
    ),
    "no settings at all": ("pyproject.toml", '[tool.ruff]\nexclude = ["b"]', "exclude", "b",
                           "pyproject.toml:1:1"),
    "another key": ("layercheck.toml", 'select = ["LC"]', "exclude", "b", "layercheck.toml:1:1"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "text", "key", "value", "expected"), PLACES.values(), ids=PLACES)
def test_where_a_setting_stands(
    name: str, text: str, key: str, value: str, expected: str, tmp_path: Path
) -> None:
    written(tmp_path, text, name)
    assert str(place_of(Config(project_root=tmp_path, file=name), key, value)) == expected


def test_a_settings_file_is_named_as_findings_name_files(tmp_path: Path) -> None:
    inside, outside = tmp_path / "project" / "config", tmp_path / "other"
    for directory in (inside, outside):
        directory.mkdir(parents=True)
        (directory / "own.toml").write_text("", "utf-8")
    root = tmp_path / "project"
    assert loaded(root).file == "pyproject.toml"
    assert loaded(root, inside / "own.toml").file == "config/own.toml"
    assert loaded(root, outside / "own.toml").file == str(outside / "own.toml")
