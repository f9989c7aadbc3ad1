"""The public functions, as tests of one's own architecture use them; the recipes run as they are written."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import layercheck
from layercheck import Config, Severity, check, render
from layercheck.config.schema import Selection
from layercheck.errors import SettingsError

ROOT = Path(__file__).parent.parent.parent
RECIPES = (ROOT / "docs" / "recipes.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", RECIPES, re.MULTILINE | re.DOTALL)


def copy(name: str, to: Path) -> Path:
    """Make a copy of an application."""
    unkept = shutil.ignore_patterns(".layercheck_cache")
    return Path(shutil.copytree(ROOT / "fixtures" / name, to / name, ignore=unkept))


def test_check_is_what_the_command_does(tmp_path: Path) -> None:
    project = copy("tangled", tmp_path)
    found = check(project / "app" / "services" / "users.py").new
    assert [(one.code, one.place.line, one.severity) for one in found] == [("LC202", 35, Severity.ERROR)]


def test_settings_of_the_call(tmp_path: Path) -> None:
    project = copy("tangled", tmp_path)
    assert {one.code for one in check(project, select=["LC20"], ignore=["LC204"]).new} == {
        "LC201", "LC202", "LC203",
    }  # fmt: skip
    flat = check(project, preset="flat", cache=False).new
    assert {one.code for one in flat} == {"LC301", "LC303", "LC501"}


def test_settings_made_in_python_stand_alone(tmp_path: Path) -> None:
    project = copy("tangled", tmp_path)
    (project / "layercheck.toml").write_text('select = ["LC1"]\n', "utf-8")
    config = Config(project_root=project, selections=(Selection(select=("LC202",)),))
    assert [one.code for one in check(project, config=config).new] == ["LC202", "LC202"]
    with pytest.raises(TypeError, match="put select in them"):
        check(project, config=config, select=["LC1"])


def test_mistakes_are_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="selct"):
        check(copy("flat", tmp_path), selct=["LC1"])


def test_render(tmp_path: Path) -> None:
    outcome = check(copy("tangled", tmp_path), select=["LC203"])
    assert render(outcome, "concise").splitlines() == [
        "app/services/reports.py:17:22: LC203 service-executes-query: service ReportService.pieces_ordered"
        " runs AsyncSession.scalar",
        "Found 1 error, 0 warnings.",
    ]
    with pytest.raises(ValueError, match="'loud' is none of text, "):
        render(outcome, "loud")


def test_public_names() -> None:
    assert {name: hasattr(layercheck, name) for name in layercheck.__all__} == dict.fromkeys(
        layercheck.__all__, True
    )
    with pytest.raises(AttributeError, match="no attribute 'chek'"):
        layercheck.chek  # noqa: B018


@pytest.mark.parametrize("example", EXAMPLES)
def test_recipes(example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each passes on a clean application and fails on one that offends."""
    namespace: dict[str, object] = {}
    exec(example, namespace)
    [test] = [value for name, value in namespace.items() if name.startswith("test_") and callable(value)]
    monkeypatch.chdir(copy("layered", tmp_path))
    test()
    monkeypatch.chdir(copy("tangled", tmp_path))
    with pytest.raises(AssertionError):
        test()
