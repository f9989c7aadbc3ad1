"""Try to break layercheck.

    python benchmarks/robustness.py files DIRECTORY ...
    python benchmarks/robustness.py mutants --seed 1 --count 1000 --app fixtures/tangled DIRECTORY ...
    python benchmarks/robustness.py generated --seed 1 --count 1000

``files`` reads every Python file below the directories by itself. ``mutants`` makes broken programs of
the files below the directories, puts ten at a time into an application as modules it does not know of,
and checks it all. ``generated`` reads programs that hypothesmith makes of Python's grammar (if installed).
What is counted: files and programs, those rightly told as unreadable, and failures: an error of
layercheck itself, facts that are not the same after they were written and read, findings in the
application that are not those it has without the broken modules. Exit status 1 with any failure.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec
from mutants import mutants, seeds

from layercheck import pipeline
from layercheck.config.schema import Config
from layercheck.facts.batch import extract_file
from layercheck.facts.records import FileFacts

TOGETHER = 10
"""How many broken modules stand in the application at a time."""

SLOW = 5.0
"""How many seconds reading one file may take."""


class Tally:
    """What was tried and what came of it."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.failures: list[str] = []
        self.slowest = (0.0, "")

    def read(self, name: str, data: bytes) -> None:
        """Read one file by itself."""
        start = time.process_time()
        found = extract_file(name, data)
        taken = time.process_time() - start
        self.slowest = max(self.slowest, (taken, name))
        self.counts["read"] += 1
        if taken > SLOW:
            self.failures.append(f"{name}: took {taken:.1f} s")
        if found.failure:
            self.failures.append(found.failure)
        elif found.facts is None:
            self.counts["unreadable"] += 1
        else:
            encoded = msgspec.msgpack.encode(found.facts)
            again = msgspec.msgpack.decode(encoded, type=FileFacts)
            if msgspec.msgpack.encode(again) != encoded:
                self.failures.append(f"{name}: other facts after they were written and read")

    def report(self) -> int:
        """Print it, and return the exit status."""
        for failure in self.failures:
            print(f"FAILED {failure}")
        for what, count in sorted(self.counts.items()):
            print(f"{what}: {count}")
        print(f"slowest: {self.slowest[0]:.2f} s, {self.slowest[1]}")
        print(f"failures: {len(self.failures)}")
        return 1 if self.failures else 0


class Application:
    """A copy of an application with room for modules it does not know of."""

    def __init__(self, app: Path, scratch: Path) -> None:
        self.root = scratch / "app"
        shutil.copytree(app, self.root, ignore=shutil.ignore_patterns(".layercheck_cache"))
        self._room = self.root / "unrelated"
        self._room.mkdir()
        (self._room / "__init__.py").touch()
        self._before = self._findings()[0]

    def disturb(self, programs: list[str], tally: Tally, name: str) -> None:
        """Check it with ``programs`` beside it."""
        for number, text in enumerate(programs):
            data = text.encode("utf-8", "surrogatepass")
            (self._room / f"module{number}.py").write_bytes(data)
        start = time.process_time()
        findings, errors = self._findings()
        taken = time.process_time() - start
        tally.slowest = max(tally.slowest, (taken, name))
        tally.failures += [f"{name}: {error}" for error in errors]
        if findings != self._before:
            tally.failures.append(f"{name}: other findings in modules nobody touched")

    def _findings(self) -> tuple[list[str], tuple[str, ...]]:
        outcome = pipeline.check([self.root], Config(project_root=self.root))
        told = [repr(one.finding) for one in outcome.findings]
        return [one for one in told if "unrelated" not in one], outcome.internal_errors


def try_mutants(options: argparse.Namespace, tally: Tally) -> None:
    """Read and check programs made of real files."""
    programs = mutants(seeds(options.directories), options.seed)
    with tempfile.TemporaryDirectory() as scratch:
        app = Application(options.app, Path(scratch))
        for start in range(0, options.count, TOGETHER):
            several = list(islice(programs, min(TOGETHER, options.count - start)))
            name = f"programs {start} to {start + len(several) - 1} of seed {options.seed}"
            for text in several:
                tally.read(name, text.encode("utf-8", "surrogatepass"))
            app.disturb(several, tally, name)


def generated(seed: int, count: int) -> Iterator[str]:
    """Yield programs that hypothesmith makes of Python's grammar."""
    import hypothesis
    import hypothesmith

    texts: list[str] = []

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(hypothesmith.from_node())
    def collect(text: str) -> None:
        texts.append(text)

    collect()
    yield from texts


def main() -> int:
    """Try what the command line names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ways = parser.add_subparsers(dest="way", required=True)
    files = ways.add_parser("files", help="every file by itself")
    files.add_argument("directories", type=Path, nargs="+")
    broken = ways.add_parser("mutants", help="broken files beside an application")
    broken.add_argument("--app", type=Path, required=True)
    broken.add_argument("directories", type=Path, nargs="+")
    for way in (broken, ways.add_parser("generated", help="programs made of the grammar")):
        way.add_argument("--seed", type=int, default=1)
        way.add_argument("--count", type=int, default=1000)
    options = parser.parse_args()
    tally = Tally()
    if options.way == "files":
        for directory in options.directories:
            for path in sorted(directory.rglob("*.py")):
                if path.is_file():
                    tally.read(str(path), path.read_bytes())
    elif options.way == "mutants":
        try_mutants(options, tally)
    else:
        for number, text in enumerate(generated(options.seed, options.count)):
            tally.read(f"program {number} of seed {options.seed}", text.encode("utf-8", "surrogatepass"))
    return tally.report()


if __name__ == "__main__":
    sys.exit(main())
