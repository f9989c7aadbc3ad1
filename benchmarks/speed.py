"""Measure how long layercheck takes on a directory, beside the floor and beside peers.

    python benchmarks/speed.py [--runs N] [--jobs N] DIRECTORY

The directory is copied first; its files are edited for the runs after a change. Every run is followed
by one of the floor, ``ast.parse`` of the same files in one process, and ratios are medians of such pairs.
import-linter (its cached run, one contract over the packages found) and inwards (if installed) run on
the same copy.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from measuring import FLOOR, Cost, machine, median, median_ratio, run, table

from layercheck.sources import Role, SourceTree, discover

SETTLED = 2.1
"""After how many seconds layercheck goes by the times of files, and no more by their contents."""

CONTRACT = """[importlinter]
root_packages =
{packages}

[importlinter:contract:one]
name = One
type = independence
modules =
{packages}
"""


Edit = Callable[[str, int], str]
"""What makes another text of that of a file and a number; empty where it cannot."""


def with_a_comment(text: str, number: int) -> str:
    """Return ``text`` with a comment behind it."""
    return f"{text}# {number}\n"


def with_another_body(text: str, number: int) -> str:
    """Return ``text`` with an assignment before a ``return``, empty where there is none."""
    edited, count = re.subn(r"\n( +)return ", rf"\n\1added_{number} = {number}\n\1return ", text, count=1)
    return edited if count else ""


def with_another_signature(text: str, number: int) -> str:
    """Return ``text`` with a function behind it."""
    return f"{text}\n\ndef added_{number}(number: int) -> int: ...\n"


class Bench:
    """A copy of a code base and the floor to compare with."""

    def __init__(self, directory: Path, scratch: Path, runs: int, jobs: int | None) -> None:
        self.root = scratch / "project"
        ignore = shutil.ignore_patterns(".git", "node_modules", ".venv", ".layercheck_cache")
        shutil.copytree(directory, self.root, ignore=ignore, symlinks=True)
        self.tree = discover(self.root)
        self._scratch = scratch
        self._runs = runs
        self._options = ["--jobs", str(jobs)] if jobs else []
        self._files = "\n".join(
            str(self.root / source.path) for source in self.tree.sources if source.role is Role.CODE
        )

    def floor(self) -> Cost:
        """Parse all files in one process."""
        return run([sys.executable, "-c", FLOOR], self._files)[0]

    def check(self, *options: str) -> Cost:
        """Run layercheck."""
        command = [sys.executable, "-m", "layercheck", "check", str(self.root), "--exit-zero", "--quiet"]
        return run([*command, *self._options, *options])[0]

    def pairs(self, measured: Callable[[], Cost]) -> list[tuple[Cost, Cost]]:
        """Return the costs of the runs, each with that of the floor right after it."""
        return [(measured(), self.floor()) for _ in range(self._runs)]

    def edited(self, edit: Edit, role: Role = Role.CODE) -> list[tuple[Cost, Cost]]:
        """Return the costs of runs after ``edit`` of one file, of the middle it can be made to; none without.

        The edit is made with a new number each time.
        """
        sources = [source for source in self.tree.sources if source.role is role]
        targets = [self.root / source.path for source in sources[len(sources) // 2 :]]
        target = next((one for one in targets if edit(one.read_text("utf-8"), 0)), None)
        times = iter(range(1_000_000))

        def measured(file: Path) -> Cost:
            self.check()
            file.write_text(edit(file.read_text("utf-8"), next(times)), "utf-8")
            return self.check()

        return self.pairs(lambda: measured(target)) if target is not None else []

    def restored(self) -> Cost:
        """Run layercheck with a cache whose files were all written anew: times say nothing, contents do."""
        for path in self.root.rglob("*"):
            path.touch()
        return self.check()

    def import_linter(self) -> Cost | None:
        """Run import-linter with its cache filled; None where it finds nothing to work on."""
        packages = packages_of(self.tree)
        if not packages:
            return None
        listed = "\n".join(f"    {name}" for name in packages[:2])
        config = self._scratch / "importlinter.ini"
        config.write_text(CONTRACT.format(packages=listed), "utf-8")
        code = "import sys; sys.path[:0] = sys.argv[1].split(';')\n"
        code += "from importlinter.cli import lint_imports\n"
        code += f"lint_imports(config_filename={str(config)!r}, cache_dir={str(self._scratch / 'grimp')!r})"
        roots = ";".join(str(self.root / root) for root in self.tree.roots)
        return run([sys.executable, "-c", code, roots], cwd=self.root)[0]

    def inwards(self) -> Cost:
        """Run inwards."""
        return run([sys.executable, "-m", "inwards", "check", str(self.root)], cwd=self.root)[0]


def packages_of(tree: SourceTree) -> list[str]:
    """Return the top-level packages of a project that import-linter can find."""
    return sorted({
        source.module for source in tree.sources
        if source.is_package and "." not in source.module and source.role is Role.CODE
    })  # fmt: skip


def start(words: list[str], runs: int) -> list[tuple[Cost, Cost]]:
    """Return the costs of starting Python with ``words``, each with that of starting it for nothing."""
    return [(run([sys.executable, *words])[0], run([sys.executable, "-c", ""])[0]) for _ in range(runs)]


def main() -> None:
    """Measure the directory named on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory", type=Path)
    parser.add_argument("--runs", type=int, default=5, help="runs of each command (default 5)")
    parser.add_argument("--jobs", type=int, help="processes of layercheck at most")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(options.directory, Path(scratch), options.runs, options.jobs)
        cases: dict[str, list[tuple[Cost, Cost]]] = {
            "nothing cached": bench.pairs(lambda: bench.check("--no-cache")),
            "one comment changed": bench.edited(with_a_comment),
            "one test changed": bench.edited(with_another_signature, Role.TEST),
            "one body changed": bench.edited(with_another_body),
            "one signature changed": bench.edited(with_another_signature),
        }
        bench.check()
        time.sleep(SETTLED)
        bench.check()
        cases["nothing changed"] = bench.pairs(bench.check)
        cases["nothing changed, all times new"] = bench.pairs(bench.restored)
        if bench.import_linter() is not None:
            cases["import-linter, cached"] = bench.pairs(lambda: bench.import_linter() or bench.floor())
        if importlib.util.find_spec("inwards") is not None:
            cases["inwards"] = bench.pairs(bench.inwards)
    print(f"{machine(options.runs)}\n")
    cases = {name: pairs for name, pairs in cases.items() if pairs}
    floors = [floor for pairs in cases.values() for _, floor in pairs]
    print(f"Floor: {median(floors, 'cpu'):.2f} s CPU, {median(floors, 'wall'):.2f} s wall.\n")
    rows = [
        [
            name,
            *(f"{median((ours for ours, _ in pairs), field):.2f}" for field in ("cpu", "wall")),
            *(f"{median_ratio(pairs, field):.2f}" for field in ("cpu", "wall")),
            f"{median((ours for ours, _ in pairs), 'peak'):.0f}",
        ]
        for name, pairs in cases.items()
    ]
    print(table(["run", "CPU s", "wall s", "CPU / floor", "wall / floor", "peak MiB"], rows))
    print()
    starts = {
        "layercheck --version": ["-m", "layercheck", "--version"],
        "import of the flake8 plugin": ["-c", "import layercheck.frontends.flake8_plugin"],
    }
    ratios = [
        [name, f"{median_ratio(start(words, options.runs), 'cpu'):.2f}"] for name, words in starts.items()
    ]
    print(table(["start", "CPU / bare interpreter"], ratios))


if __name__ == "__main__":
    main()
