"""What the pages show, done again: commands run, diffs applied, files written, settings loaded.

``python docs/transcripts.py`` runs the commands of every page and writes what they print now into
the page. The tests run the same and compare.

The blocks of a page are one story, told from top to bottom. A title that names a folder of
``fixtures`` begins it anew, in a fresh copy; a block without one goes on where the last one stopped.
What stands before the first such title is left alone:

* ``console``: each line that begins with ``$`` is a command, what follows is what it prints, on
  either stream. ``...`` stands for anything, as in doctest;
* ``sh``: commands whose output is not shown;
* ``diff``: is applied;
* any other block whose title is the name of a file is written to that file.
"""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt

ROOT = Path(__file__).parent.parent
LINE_WIDTH = "100"

_TITLE = re.compile(r'title="([^"]*)"')
_MARK = "\x1e"
_UNKEPT = shutil.ignore_patterns(".layercheck_cache", ".pytest_cache", "__pycache__", "*.db")


class Block(NamedTuple):
    """A fenced block: its text, and the numbers of the first line of text and of the one after, from 0."""

    language: str
    title: str
    text: str
    start: int
    end: int


class Said(NamedTuple):
    """A command of a page: what the page says it prints, what it printed, and how it ended."""

    command: str
    shown: str
    printed: str
    code: int

    @property
    def is_true(self) -> bool:
        """Whether the page shows what was printed."""
        return doctest.OutputChecker().check_output(self.shown, self.printed, doctest.ELLIPSIS)


def pages() -> list[Path]:
    """Return the pages written by hand, and those that are generated."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(markdown: str) -> list[Block]:
    """Return the fenced blocks of a page."""
    found = []
    for token in MarkdownIt("commonmark").parse(markdown):
        if token.type == "fence" and token.map is not None:
            language, _, rest = token.info.strip().partition(" ")
            title = _TITLE.search(rest)
            first, last = token.map[0] + 1, token.map[1] - 1
            found.append(Block(language, title[1] if title else "", token.content, first, last))
    return found


def commands(block: Block) -> list[tuple[str, str]]:
    """Return each command of a ``console`` block with the output shown below it."""
    head, *parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
    if head or not parts:
        raise ValueError(f"line {block.start + 1}: a console block begins with a command")
    split = (re.split(r"(?<!\\)\n", part, maxsplit=1) for part in parts)
    return [(command, shown) for command, shown in split]


class Story:
    """A page told in copies of the fixtures below ``place``; ``here`` is the latest."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._copies = 0
        self.here = place
        # the top of a repository, to layercheck: no settings further up count
        (place / ".git").mkdir(exist_ok=True)

    def tell(self, told: Iterable[Block]) -> Iterator[tuple[Block, list[Said]]]:
        """Yield each block that does something, with what its commands printed.

        Raises subprocess.CalledProcessError where a diff does not fit.
        """
        for block in told:
            if block.title.startswith("fixtures/"):
                self._begin(block.title)
            if not self._copies:
                continue
            if block.language == "console":
                yield block, self._run(commands(block))
            elif block.language == "sh":
                yield block, self._run([(block.text.rstrip("\n"), "")])
            elif block.language == "diff":
                self._apply(block.text)
                yield block, []
            elif block.title and not block.title.startswith("fixtures/"):
                file = self.here / block.title
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(block.text, "utf-8")
                yield block, []

    def _begin(self, fixture: str) -> None:
        self._copies += 1
        # named like the fixture, as what is printed may name the folder
        self.here = self._place / str(self._copies) / Path(fixture).name
        shutil.copytree(ROOT / fixture, self.here, ignore=_UNKEPT)

    def _apply(self, diff: str) -> None:
        subprocess.run(
            ["git", "apply", "-"],
            input=diff,
            text=True,
            cwd=self.here,
            env=self._environment(),
            check=True,
            capture_output=True,
        )

    def _run(self, wanted: list[tuple[str, str]]) -> list[Said]:
        """Run commands in one shell, so that each sees how the one before it ended."""
        lines = ["exec 2>&1"]
        for command, _ in wanted:
            lines += [command, f"code=$?; printf '{_MARK}%s{_MARK}' $code; (exit $code)"]
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-c", "\n".join(lines)],
            cwd=self.here,
            env=self._environment(),
            stdout=subprocess.PIPE,
            text=True,
        )
        parts = done.stdout.split(_MARK)
        return [
            Said(command, shown, printed, int(code))
            for (command, shown), printed, code in zip(wanted, parts[::2], parts[1::2], strict=False)
        ]

    def _environment(self) -> dict[str, str]:
        kept = {key: os.environ[key] for key in ("HOME", "TMPDIR", "SYSTEMROOT") if key in os.environ}
        people = {
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in {"NAME": "A", "EMAIL": "a@example.org", "DATE": "2026-01-01T00:00:00Z"}.items()
        }
        return {
            **kept,
            **people,
            # the interpreter's own folder first: layercheck and pytest are those that run this
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": LINE_WIDTH,
            "LC_ALL": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "GIT_CEILING_DIRECTORIES": str(self._place),
            "GIT_CONFIG_GLOBAL": os.devnull,
        }


def rewritten(markdown: str, place: Path) -> str:
    """Return the page with what its commands print now; what it shows already, if shortened, stays."""
    lines = markdown.splitlines(keepends=True)
    replaced = []
    for block, said in Story(place).tell(blocks(markdown)):
        if block.language == "console" and not all(one.is_true for one in said):
            text = "".join(
                f"$ {one.command}\n{one.shown if one.is_true else one.printed}" for one in said
            )
            replaced.append((block, text))
    for block, text in reversed(replaced):
        lines[block.start : block.end] = [text]
    return "".join(lines)


def main() -> None:
    """Bring every page up to date and name those that changed."""
    for page in pages():
        before = page.read_text("utf-8")
        with tempfile.TemporaryDirectory() as place:
            after = rewritten(before, Path(place))
        if after != before:
            page.write_text(after, "utf-8")
            print(page.relative_to(ROOT))


if __name__ == "__main__":
    main()
