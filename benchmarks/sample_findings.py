"""Draw findings at random, for people to judge.

    python benchmarks/sample_findings.py --output FOLDER [--number 40] [--seed 1] [NAME=]DIRECTORY ...

Runs layercheck over the directories with every rule turned on and writes up to ``--number`` findings of
each rule to ``FOLDER/LCxxx.md``: place, message, layers with evidence, chain, and the lines of the code
each step names. The same seed draws the same findings from the same code.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path
from typing import Any

from measuring import run


def findings_of(directory: Path) -> list[dict[str, Any]]:
    """Return what all rules find in ``directory``, each with the root its paths count from."""
    from layercheck.rules.catalog import codes

    command = [sys.executable, "-m", "layercheck", "check", str(directory), "--select", ",".join(codes())]
    output = run([*command, "--output-format", "json", "--all", "--exit-zero", "--no-cache"])[1]
    report: dict[str, Any] = json.loads(output)
    return [{**finding, "root": report["root"]} for finding in report["findings"]]


def quoted(root: str, path: str, line: int, around: int = 0) -> str:
    """Return some lines of a file."""
    lines = (Path(root) / path).read_text("utf-8", "replace").splitlines()
    return "\n".join(
        f"    {at + 1:5} {lines[at]}"
        for at in range(max(0, line - 1 - around), min(len(lines), line + around))
    )


def described(name: str, finding: dict[str, Any]) -> str:
    """Return a finding as Markdown."""
    root = finding["root"]
    parts = [
        f"### {name} {finding['path']}:{finding['line']} ({finding['severity']})",
        finding["message"],
        f"layers: {'; '.join(finding['evidence'])}",
        quoted(root, finding["path"], finding["line"], around=3),
    ]
    for step in finding["chain"]:
        parts.append(f"- {step['path']}:{step['line']} [{step['layer']}] {step['kind']}: {step['text']}")
        parts.append(quoted(root, step["path"], step["line"]))
    return "\n".join(parts)


def main() -> None:
    """Draw from the code bases named on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("code_bases", nargs="+", metavar="[NAME=]DIRECTORY")
    parser.add_argument("--output", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--number", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    found: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for argument in options.code_bases:
        name, _, directory = argument.rpartition("=")
        path = Path(directory)
        for finding in findings_of(path):
            found.setdefault(finding["code"], []).append((name or path.resolve().name, finding))
    options.output.mkdir(parents=True, exist_ok=True)
    for rule, findings in sorted(found.items()):
        number = min(options.number, len(findings))
        drawn = random.Random(options.seed).sample(findings, number)
        head = f"# {rule}: {number} of {len(findings)}, seed {options.seed}"
        text = "\n\n".join([head, *(described(name, finding) for name, finding in drawn)])
        (options.output / f"{rule}.md").write_text(text + "\n", "utf-8")
        print(f"{rule}: {number} of {len(findings)}")


if __name__ == "__main__":
    main()
