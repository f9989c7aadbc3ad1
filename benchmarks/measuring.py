"""What the benchmarks share: the cost of a process, the floor, Markdown tables."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

FLOOR = """
import ast, sys
for name in sys.stdin.read().splitlines():
    with open(name, "rb") as file:
        data = file.read()
    try:
        ast.parse(data)
    except SyntaxError:
        pass
"""
"""A program that parses the files named on its input: what no tool that reads them all can undercut."""

WATCH = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
status = subprocess.run(sys.argv[1:]).returncode
wall = time.perf_counter() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
cost = {"cpu": used.ru_utime + used.ru_stime, "wall": wall, "peak": used.ru_maxrss / 1024}
print("\\n" + json.dumps(cost), file=sys.stderr)
sys.exit(status)
"""
"""A program that runs another one and tells its cost on the last line of its errors.

A process of its own for each, as the memory of children is known only as the largest of all of them.
"""


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds of one process and its children, and the largest memory of any in MiB."""

    cpu: float
    wall: float
    peak: float


def run(command: Sequence[str], stdin: str = "", cwd: Path | None = None) -> tuple[Cost, str]:
    """Run ``command`` and return its cost and what it printed.

    Modules are compiled once and kept, as those of an installed package are.
    Raises SystemExit for an exit status that means that it did not do its work.
    """
    installed = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [sys.executable, "-c", WATCH, *command],
        input=stdin, capture_output=True, text=True, cwd=cwd, env=installed,
    )  # fmt: skip
    _, _, measured = done.stderr.rstrip().rpartition("\n")
    if done.returncode > 1 or not measured.startswith("{"):
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return Cost(**json.loads(measured)), done.stdout


def median(costs: Iterable[Cost], field: str) -> float:
    """Return the median of ``field`` (cpu, wall or peak)."""
    return float(statistics.median(getattr(cost, field) for cost in costs))


def median_ratio(pairs: Iterable[tuple[Cost, Cost]], field: str) -> float:
    """Return the median ratio of the first to the second of each pair in ``field``."""
    return float(statistics.median(getattr(ours, field) / getattr(other, field) for ours, other in pairs))


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def machine(runs: int) -> str:
    """Return a sentence about where the figures were taken."""
    return (
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}, "
        f"{os.cpu_count()} cores, medians of {runs} runs."
    )
