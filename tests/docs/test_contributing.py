"""A newcomer follows ``CONTRIBUTING.md``: the rule it shows is written, named, tried and documented."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from transcripts import ROOT, blocks

PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
COPIED = ("src", "tests/rules", "docs", "pyproject.toml", ".flake8")
UNKEPT = shutil.ignore_patterns("__pycache__", "*.egg-info", ".*_cache")

(RULE,) = (block for block in blocks(PAGE) if block.title)
CODE = re.findall(r'^    code = "(LC\d+)"$', RULE.text, re.MULTILINE)[0]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what the steps touch, and follow them."""
    top = tmp_path_factory.mktemp("checkout")
    (top / ".git").mkdir()
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, top / name, ignore=UNKEPT)
        else:
            shutil.copy(ROOT / name, top / name)
    (top / RULE.title).write_text(RULE.text, "utf-8")
    catalog = top / "src/layercheck/rules/catalog.py"
    module = RULE.title.removeprefix("src/").removesuffix(".py").replace("/", ".")
    (name,) = re.findall(r"^class (\w+)\(Rule\):$", RULE.text, re.MULTILINE)
    text = catalog.read_text("utf-8")
    text = text.replace("\n\nRULES:", f"\nfrom {module} import {name}\n\nRULES:")
    text = text.replace("\n    ServiceImportsWeb,", f"\n    {name},\n    ServiceImportsWeb,")
    catalog.write_text(text, "utf-8")
    return top


def run(checkout: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(checkout / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *command], cwd=checkout, env=environment, capture_output=True, text=True
    )


def test_its_examples_are_tried(checkout: Path) -> None:
    test = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/rules/test_examples.py", "-k", CODE)
    done = run(checkout, *test)
    assert re.search(r"^3 passed, \d+ deselected in ", done.stdout, re.MULTILINE), done.stdout + done.stderr


def test_it_is_explained_and_documented(checkout: Path) -> None:
    explained = run(checkout, "-m", "layercheck", "explain", CODE)
    assert (explained.returncode, explained.stdout.splitlines()[0]) == (0, f"# {CODE} sync-route")
    assert run(checkout, "docs/reference.py").returncode == 0
    page = (checkout / f"docs/rules/{CODE}.md").read_text("utf-8")
    assert page.startswith(explained.stdout.rstrip("\n"))
    assert f"[{CODE}]({CODE}.md)" in (checkout / "docs/rules/index.md").read_text("utf-8")


def test_it_has_the_style_of_the_house(checkout: Path) -> None:
    done = run(checkout, "-m", "flake8", RULE.title)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_it_finds_what_it_says(checkout: Path) -> None:
    sample = checkout / "sample"
    sample.mkdir()
    (sample / "pyproject.toml").touch()
    text = "from fastapi import FastAPI\n\napp = FastAPI()\n\n@app.get('/')\ndef show(): ...\n"
    (sample / "app.py").write_text(text, "utf-8")
    check = ("check", "--quiet", "--output-format", "concise", "--select", CODE)
    done = run(checkout, "-m", "layercheck", *check, "sample")
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        f"sample/app.py:6:1: {CODE} sync-route: handler show is no coroutine\n",
        "",
    )


def test_the_commands_are_those_of_the_house() -> None:
    commands = [block.text.strip() for block in blocks(PAGE) if block.language == "sh"]
    setup, everything, release, snapshots, pages, pictures = commands
    extras = set(re.findall(r"\[([\w,]+)\]", setup)[0].split(","))
    assert extras == {"test", "docs"}
    assert everything == ".venv/bin/pytest -n auto"
    scripts = [re.findall(r"python (\S+)", command) for command in (release, snapshots, pages, pictures)]
    assert [len(names) for names in scripts] == [1, 1, 2, 1]
    assert all((ROOT / name).is_file() for names in scripts for name in names)
