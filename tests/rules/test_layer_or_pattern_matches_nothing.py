"""LC003: settings and comments that match nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from layercheck import pipeline
from layercheck.config.load import load
from layercheck.outcome import Outcome
from layercheck.rules.catalog import codes
from small_projects import check, found, report, split

APP = """
# app/users/router.py
from fastapi import APIRouter
router = APIRouter()
# app/users/service.py
class UserService: ...
# app/orders/router.py
from fastapi import APIRouter
router = APIRouter()
# tests/test_users.py
x = 1
# docs/conf.py
x = 1
"""

TOLD: dict[str, tuple[dict[str, Any], str]] = {
    "a pattern of a layer": (
        {"layers": {"service": ["app/logic/**"]}},
        "error `layers.service`: pattern `app/logic/**` matches no module",
    ),
    "one of two patterns": (
        {"layers": {"service": ["app/users/service.py", "app.logic.**"]}},
        "error `layers.service`: pattern `app.logic.**` matches no module",
    ),
    "a pattern that matches tests alone": (
        {"layers": {"service": ["tests/**"]}}, "error `layers.service`: pattern `tests/**` matches no module",
    ),
    "a pattern of a layer of one's own": (
        {"layers": {"engine": {"modules": ["app.engine.**"]}}},
        "error `layers.engine`: pattern `app.engine.**` matches no module",
    ),
    "a layer of one's own without patterns": (
        {"layers": {"engine": {"modules": []}}}, "error `layers.engine`: no code is of this layer",
    ),
    "a layer of the preset": (
        {"preset": "hexagonal"}, "error `preset`: no code is of the layer `domain` of `hexagonal`",
    ),
    "a pattern of files": (
        {"per-file-ignores": {"app/legacy/**": ["LC101"]}},
        "error `per-file-ignores`: pattern `app/legacy/**` matches no file",
    ),
    "a root": ({"roots": [".", "empty"]}, "error `roots`: `empty` holds no Python file"),
    "features": (
        {"features": "app/modules/{feature}/**"},
        "error `features`: pattern `app/modules/{feature}/**` matches no directory",
    ),
    "an edge": (
        {"allow-edges": [["router", "infrastructure"]]},
        "error `allow-edges`: `router` to `infrastructure`: no code is of the layer `infrastructure`",
    ),
    "what is left out": (
        {"exclude": ["app/generated/**"]}, "warning `exclude`: pattern `app/generated/**` leaves out nothing",
    ),
}  # fmt: skip

SILENT: dict[str, dict[str, Any]] = {
    "nothing is set": {},
    "patterns of layers": {"layers": {"service": ["app/users/service.py", "app.orders.**"]}},
    "a layer of one's own": {"layers": {"engine": {"modules": ["app/orders/**"]}}},
    "known layers of a preset": {
        "preset": "hexagonal", "layers": {"domain": {"modules": ["app/orders/**"]}},
    },
    "edges of a preset": {"preset": "no-repository"},
    "files of tests": {"per-file-ignores": {"tests/**": ["LC1"], "conf.py": ["LC"]}},
    "roots": {"roots": [".", "./docs/"]},
    "features": {"features": "app/{feature}/**"},
    "an edge": {"allow-edges": [["service", "router"]]},
    "a directory left out": {"exclude": ["docs"]},
    "the content of a directory left out": {"exclude": ["**/docs/**", "/tests/*"]},
    "a pattern that takes back": {"exclude": ["docs", "!docs/gone.py"]},
    "hidden files": {"exclude": [".venv", "**/.cache/**"]},
    "what is left out anyway": {"exclude": ["__pycache__", "**/node_modules/**"]},
    "a directory without Python": {"exclude": ["empty"]},
}  # fmt: skip


def project(root: Path, settings: dict[str, Any]) -> Outcome:
    (root / "empty").mkdir()
    (root / "empty" / "notes.txt").write_text("", "utf-8")
    return check(root, APP, settings)


@pytest.mark.parametrize(("settings", "message"), TOLD.values(), ids=TOLD)
def test_told(settings: dict[str, Any], message: str, tmp_path: Path) -> None:
    outcome = project(tmp_path, settings)
    assert [f"{one.severity} {one.message}" for one in outcome.new if one.code == "LC003"] == [message]


@pytest.mark.parametrize("settings", SILENT.values(), ids=SILENT)
def test_silent(settings: dict[str, Any], tmp_path: Path) -> None:
    assert [line for line in found(project(tmp_path, settings)) if line.endswith("LC003")] == []


COMMENTS: dict[str, tuple[str, list[str]]] = {
    "no layer": (
        "# layercheck: layer=servcie\nx = 1",
        ["2:1 `layer=servcie` is no layer; did you mean `service`?"],
    ),
    "no layer and nothing like it": ("# layercheck: layer=qqq\nx = 1", ["2:1 `layer=qqq` is no layer"]),
    "on a statement": (
        "x = 1  # layercheck: layer=util",
        ["2:8 `layer=util` stands on no definition and not in the first comment block"],
    ),
    "above a statement": (
        "import os\n# layercheck: layer=util\nx = os.sep",
        ["3:1 `layer=util` stands on no definition and not in the first comment block"],
    ),
    "in the first comment block": ("# layercheck: layer=util\nx = 1", []),
    "on a definition": ("def f() -> None: ...  # layercheck: layer=util", []),
    "above a decorator": (
        "import abc\n# layercheck: layer=util\n@abc.abstractmethod\ndef f() -> None: ...", [],
    ),
    "a layer of one's own": ("# layercheck: layer=engine\nx = 1", []),
}  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), COMMENTS.values(), ids=COMMENTS)
def test_comments(code: str, expected: list[str], tmp_path: Path) -> None:
    settings = {"layers": {"engine": {"modules": ["app/engine/**"]}}}
    text = f"# app/engine/run.py\nx = 1\n# app/odd.py\n{code}\n"
    outcome = check(tmp_path, text, settings)
    told = [f"{one.place.line}:{one.place.column} {one.message}" for one in outcome.new]
    assert told == expected


SETTINGS = """
[tool.other]
exclude = ["gone/**"]

[tool.layercheck]
exclude = ["gone/**"]

[tool.layercheck.layers]
service = [
    "app/users/*",
    'app/logic/**',
]
engine = { modules = ["app.engine.**"] }
"""


def test_it_stands_in_the_settings_file_whatever_is_checked(tmp_path: Path) -> None:
    for path, text in split(APP).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    (tmp_path / "pyproject.toml").write_text(SETTINGS, "utf-8")
    outcome = pipeline.check([tmp_path / "app" / "orders"], load(tmp_path, None, {}, known_codes=codes()))
    assert report(outcome) == [
        "warning pyproject.toml:6:12 `exclude`: pattern `gone/**` leaves out nothing",
        "  = exclude gone/**",
        "error pyproject.toml:11:5 `layers.service`: pattern `app/logic/**` matches no module",
        "  = layers.service app/logic/**",
        "error pyproject.toml:13:23 `layers.engine`: pattern `app.engine.**` matches no module",
        "  = layers.engine app.engine.**",
    ]
    assert [one.layer for one in outcome.new] == ["unknown", "service", "engine"]
