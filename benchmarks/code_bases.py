"""Measure layercheck on code bases: what it sees, what it finds, what it costs.

    python benchmarks/code_bases.py [--runs N] [NAME=]DIRECTORY ...

Prints Markdown tables. Times are whole processes; each run of layercheck is followed by a run of
the floor (``ast.parse`` of the same files in one process), and the ratio is the median of the pairs.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measuring import FLOOR, Cost, machine, median, median_ratio, run, table


@dataclass(frozen=True)
class Measured:
    """One code base: its report, and per run the cost of layercheck and of the floor."""

    name: str
    report: dict[str, Any]
    routes: int
    pairs: list[tuple[Cost, Cost]]

    def ratio(self, field: str) -> float:
        """Return the median ratio of layercheck to the floor in ``field`` (cpu or wall)."""
        return median_ratio(self.pairs, field)

    def seconds(self, field: str) -> float:
        """Return the median seconds of layercheck in ``field``."""
        return median((ours for ours, _ in self.pairs), field)


def measure(name: str, directory: Path, runs: int) -> Measured:
    """Measure one code base."""
    from layercheck.sources import Role, discover

    tree = discover(directory)
    files = "\n".join(
        os.path.join(tree.project_root, source.path) for source in tree.sources if source.role is Role.CODE
    )
    check = [sys.executable, "-m", "layercheck", "check", str(directory), "--output-format", "json"]
    floor = [sys.executable, "-c", FLOOR]
    pairs = []
    output = ""
    for _ in range(runs):
        ours, output = run([*check, "--all", "--exit-zero", "--no-cache"])
        parse, _ = run(floor, files)
        pairs.append((ours, parse))
    routes = [sys.executable, "-m", "layercheck", "routes", str(directory), "--output-format", "json"]
    return Measured(name, json.loads(output), len(json.loads(run(routes)[1])["routes"]), pairs)


def sizes(measured: list[Measured]) -> str:
    """Return the table of what was seen and what it cost."""
    rows = []
    for item in measured:
        summary = item.report["summary"]
        rows.append([
            item.name, str(summary["files"]), str(summary["lines"]), str(len(item.report["unread_files"])),
            str(item.routes), f"{summary['classified_share']:.0%}",
            str(summary["call_sites"]), f"{summary['resolved_share']:.1%}",
            f"{item.seconds('cpu'):.2f}", f"{item.ratio('cpu'):.1f}", f"{item.ratio('wall'):.1f}",
        ])  # fmt: skip
    return table(
        ["code base", "files", "lines", "unread", "routes", "modules classified", "call sites", "resolved",
         "CPU s", "CPU / floor", "wall / floor"],
        rows,
    )  # fmt: skip


def findings(measured: list[Measured]) -> str:
    """Return the table of findings per rule."""
    counts: dict[str, dict[str, int]] = {}
    for item in measured:
        for finding in item.report["findings"]:
            row = counts.setdefault(finding["code"], {})
            row[item.name] = row.get(item.name, 0) + 1
    names = [item.name for item in measured]
    rows = [[code, *(str(counts[code].get(name, 0)) for name in names)] for code in sorted(counts)]
    errors = [
        str(sum(finding["severity"] == "error" for finding in item.report["findings"])) for item in measured
    ]
    return table(["rule", *names], [*rows, ["errors in all", *errors]])


def main() -> None:
    """Measure the code bases named on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("code_bases", nargs="+", metavar="[NAME=]DIRECTORY")
    parser.add_argument("--runs", type=int, default=3, help="runs of each command (default 3)")
    options = parser.parse_args()
    measured = []
    for argument in options.code_bases:
        name, _, directory = argument.rpartition("=")
        path = Path(directory)
        measured.append(measure(name or path.resolve().name, path, options.runs))
    print(f"{machine(options.runs)}\n")
    print(sizes(measured))
    print()
    print(findings(measured))


if __name__ == "__main__":
    main()
