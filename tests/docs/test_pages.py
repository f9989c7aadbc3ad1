"""The pages say what is so: commands print what is shown, code runs, settings load, links lead somewhere."""

from __future__ import annotations

import configparser
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import reference
import transcripts
import yaml
from markdown_it import MarkdownIt
from transcripts import Block, Story, blocks

from layercheck.config.check import find_mistakes, own_layer_names
from layercheck.config.read import Table
from layercheck.rules.catalog import codes

ROOT = transcripts.ROOT
PAGES = {str(page.relative_to(ROOT)): page for page in transcripts.pages()}
STORIES = {name: page for name, page in PAGES.items() if 'title="fixtures/' in page.read_text("utf-8")}
UNTOLD = {
    "README.md": "test_the_readme_begins_with_two_commands",
    "CONTRIBUTING.md": "test_contributing.py",
    "docs/ci.md": "test_ci.py",
}
"""Pages with commands that no story tells, and what runs them instead."""


TUTORIAL = STORIES.pop("docs/tutorial.md")


def told(page: Path, place: Path) -> Story:
    """Tell a page and hand over where it ends; what commands print is compared with what is shown."""
    story = Story(place)
    for block, said in story.tell(blocks(page.read_text("utf-8"))):
        if block.language == "console":
            shown = [(one.command, one.shown) for one in said]
            assert shown == [(one.command, one.shown if one.is_true else one.printed) for one in said]
            assert len(said) == len(transcripts.commands(block))
        else:
            assert [one.code for one in said if one.code > 1] == [], said
    return story


@pytest.mark.parametrize("page", STORIES.values(), ids=STORIES)
def test_commands_print_what_is_shown(page: Path, tmp_path: Path) -> None:
    told(page, tmp_path)


def test_the_tutorial_ends_where_the_layered_example_is(tmp_path: Path) -> None:
    layered = tree(ROOT / "fixtures/layered")
    assert {"pyproject.toml", "app/services/users.py", "tests/test_users.py"} <= set(layered)
    assert tree(told(TUTORIAL, tmp_path).here) == layered


def tree(top: Path) -> dict[str, str]:
    """Return the files below ``top`` that are not left over from a run."""
    return {
        str(file.relative_to(top)): file.read_text("utf-8")
        for file in sorted(top.rglob("*"))
        if file.suffix in (".py", ".toml")
    }


@pytest.mark.parametrize("name", PAGES)
def test_every_command_is_run(name: str) -> None:
    untold = []
    for block in blocks(PAGES[name].read_text("utf-8")):
        if block.title.startswith("fixtures/"):
            break
        if block.language in ("console", "sh", "diff"):
            untold.append(block)
    assert (untold != []) == (name in UNTOLD)
    assert {block.language for block in untold} <= {"sh"}


# blocks that are no commands


def parse_toml(block: Block) -> None:
    values = tomllib.loads(block.text)
    settings = values.get("tool", {}).get("layercheck", {} if "tool" in values else values)
    assert find_mistakes(Table(block.title, (), settings), codes(), own_layer_names(settings)) == []


def parse_yaml(block: Block) -> None:
    assert yaml.safe_load(block.text) is not None


def parse_ini(block: Block) -> None:
    configparser.ConfigParser().read_string(block.text)


def parse_python(block: Block) -> None:
    compile(block.text, "block", "exec")


PARSERS: dict[str, Callable[[Block], Any]] = {
    "python": parse_python,
    "toml": parse_toml,
    "yaml": parse_yaml,
    "ini": parse_ini,
    "json": lambda block: json.loads(block.text),
}
RUN = {"console", "sh", "diff"}
PLAIN = {"text"}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_other_blocks_are_what_they_say(page: Path) -> None:
    """The examples of rules are run by ``tests/rules/test_examples.py``."""
    for block in blocks(page.read_text("utf-8")):
        is_example = page.parent.name == "rules" and block.language == "python"
        if block.language not in RUN | PLAIN and not is_example:
            PARSERS[block.language](block)


# generated pages


def test_generated_pages_are_up_to_date() -> None:
    """Where this fails, ``python docs/reference.py`` writes them."""
    wanted = reference.pages()
    written = {f"rules/{file.name}" for file in (ROOT / "docs/rules").glob("*.md")} | {"settings.md"}
    assert written == set(wanted)
    assert {path: (ROOT / "docs" / path).read_text("utf-8") for path in wanted} == wanted


# links


def links(markdown: str) -> Iterator[str]:
    for token in MarkdownIt("commonmark").enable("table").parse(markdown):
        for child in token.children or ():
            address = child.attrGet("href") or child.attrGet("src")
            if address is not None:
                yield str(address)


def headings(markdown: str) -> set[str]:
    """Return the anchors of a page, as GitHub and the site make them."""
    tokens = MarkdownIt("commonmark").parse(markdown)
    titles = [tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "heading_open"]
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in links(page.read_text("utf-8")):
        address = urlsplit(link)
        if address.scheme:
            good = address.scheme in ("http", "https") and "." in address.netloc
        else:
            target = page.parent / unquote(address.path) if address.path else page
            good = target.exists() and (
                not address.fragment or address.fragment in headings(target.read_text("utf-8"))
            )
        if not good:
            broken.append(link)
    assert broken == []


# the site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site, with warnings as errors."""
    target = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(target)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return target


def test_the_site_has_every_page_and_no_script_of_ours(site: Path) -> None:
    built = {str(file.relative_to(site).with_suffix(".md")) for file in site.rglob("*.html")} - {"404.md"}
    assert built == {str(Path(name).relative_to("docs")) for name in PAGES if name.startswith("docs/")}
    assert list(site.rglob("*.py")) == []


class _Fetched(HTMLParser):
    """Collects what a browser fetches to show a page."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "link", "img", "iframe", "source"):
            self.addresses.update(value for name, value in attrs if name in ("src", "href") and value)


def test_the_site_fetches_nothing_from_elsewhere(site: Path) -> None:
    for file in site.rglob("*.html"):
        fetched = _Fetched()
        fetched.feed(file.read_text("utf-8"))
        assert {address for address in fetched.addresses if urlsplit(address).netloc} == set(), file


# README


TWO_COMMANDS = [
    "python3 -m venv .venv && .venv/bin/pip install . && "
    ".venv/bin/layercheck check fixtures/tangled --exit-zero\n",
    ".venv/bin/pip install '.[test]' && .venv/bin/pytest\n",
]


def test_the_readme_begins_with_two_commands(tmp_path: Path) -> None:
    first = blocks(PAGES["README.md"].read_text("utf-8"))[:2]
    assert [block.text for block in first] == TWO_COMMANDS
    # what they install is what runs here
    (tmp_path / ".git").mkdir()
    shutil.copytree(ROOT / "fixtures/tangled", tmp_path / "fixtures/tangled")
    command = TWO_COMMANDS[0].rpartition("&& .venv/bin/layercheck ")[2].split()
    done = subprocess.run(
        [sys.executable, "-m", "layercheck", *command], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^Found \d+ errors, \d+ warnings\.$", done.stdout, re.MULTILINE)


# completions


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_are_produced_as_the_recipe_says(shell: str) -> None:
    assert f"_LAYERCHECK_COMPLETE={shell}_source layercheck" in PAGES["docs/recipes.md"].read_text("utf-8")
    done = complete(f"{shell}_source")
    assert (done.returncode, done.stderr, f"{shell}_complete" in done.stdout) == (0, "", True)


def test_commands_are_completed() -> None:
    done = complete("bash_complete", COMP_WORDS="layercheck ro", COMP_CWORD="1")
    assert (done.returncode, done.stdout, done.stderr) == (0, "plain,routes\n", "")


def complete(instruction: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "_LAYERCHECK_COMPLETE": instruction, **variables}
    command = [str(Path(sys.executable).parent / "layercheck")]
    return subprocess.run(command, env=environment, capture_output=True, text=True)
