"""Measure the call graph against graphs somebody made by hand, or recorded while programs ran.

    python benchmarks/call_graph.py programs DIRECTORY [--verbose]
    python benchmarks/call_graph.py graphs GRAPH.json DIRECTORY [GRAPH.json DIRECTORY ...] [--sample N]
    python benchmarks/call_graph.py recorded EDGES.jsonl.gz DIRECTORY [--missed N] [--unconfirmed N]

``programs``: every folder below DIRECTORY with a ``callgraph.json`` ({caller: [callees]}) is a program
of its own, names dotted from that folder. Only callees inside the program count. A class as callee
stands for its constructor, and for nothing where it has none.

``graphs``: a whole program and a graph of it in the same form. Only edges with both ends inside the
program count. Edges that no call expression shows (properties, context managers, operators, threads) are
counted among the extra ones; ``--sample`` prints some of the extra edges, chosen at random.

``recorded``: JSON lines with ``{"f": [id, module, qualname, line, file, what]}`` for functions and
``{"e": [caller, callee, kind, via, line, count, named]}`` for edges. *direct* are edges of kind call
or create, *named* those of them whose callee's name stands in the caller's source. *Confirmed* are the
static edges, without ``depends``, between functions that both ran, that were seen.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from layercheck.config.schema import Config
from layercheck.graphs.calls import CallGraph
from layercheck.pipeline import Analysis, analyse

Pair = tuple[str, str]

CALLS = frozenset({"call", "construct", "property", "context", "decorator", "deferred", "depends", "event"})
RUN_TIME = CALLS - {"depends"}
"""At run time the framework calls a provider, not the handler."""

UNWRITTEN = frozenset({"property", "context", "deferred"})
"""Kinds of edges that no call expression of the caller shows."""

HEADER = "| name | programs | edges | extra | precision | recall |\n| --- | --- | --- | --- | --- | --- |"


@dataclass
class Tally:
    """Edges found, missed and invented."""

    found: int = 0
    missed: int = 0
    extra: int = 0
    programs: int = 0
    seconds: float = 0.0

    def add(self, want: set[Pair], got: set[Pair]) -> None:
        """Compare one program."""
        self.programs += 1
        self.found += len(want & got)
        self.missed += len(want - got)
        self.extra += len(got - want)

    def row(self, name: str) -> str:
        """Return a row of the table."""
        precision = self.found / max(self.found + self.extra, 1)
        recall = self.found / max(self.found + self.missed, 1)
        expected = self.found + self.missed
        return f"| {name} | {self.programs} | {expected} | {self.extra} | {precision:.3f} | {recall:.3f} |"


def graph_of(analysis: Analysis, kinds: frozenset[str]) -> set[Pair]:
    """Return the edges of ``analysis`` by name."""
    names = CallGraph(analysis.project.inference).as_names(kinds)
    return {(caller, callee) for caller, callees in names.items() for callee in callees}


def normal(graph: dict[str, list[str]], analysis: Analysis) -> set[Pair]:
    """Return the expected edges that stay inside the program, classes replaced by constructors."""
    program = analysis.project.program
    hierarchy = analysis.project.inference.hierarchy
    modules = {module.name for module in program.modules}
    tops = {name.partition(".")[0] for name in modules}
    constructors: dict[str, str] = {}
    for cls in program.classes:
        owners = [
            item for item in hierarchy.order(cls) if not isinstance(item, str) and "__init__" in item.methods
        ]
        constructors[cls.qualname] = f"{owners[0].qualname}.__init__" if owners else ""
    result = set()
    for caller, callees in graph.items():
        for callee in callees:
            name = constructors.get(callee.removesuffix(".__init__"), callee)
            if name and name not in modules and name.partition(".")[0] in tops:
                result.add((caller, name))
    return result


def is_unwritten(callee: str, kinds: set[str]) -> bool:
    """Return whether no call expression shows an edge: its kind says so, or an operator is behind it."""
    name = callee.rpartition(".")[2]
    special = name.startswith("__") and name.endswith("__") and name not in ("__init__", "__call__")
    return special or bool(kinds) and kinds <= UNWRITTEN


def graphs(pairs: list[Path], sample: int, seed: int) -> None:
    """Score each program of ``pairs`` (a graph, its directory, and so on) and all together."""
    total = Tally()
    unwritten = 0
    extra: list[tuple[str, str, str]] = []
    print(HEADER)
    for path, directory in zip(pairs[::2], pairs[1::2], strict=True):
        analysis = analyse(directory, Config(project_root=directory))
        tops = {module.name.partition(".")[0] for module in analysis.project.program.modules}
        expected = normal(json.loads(path.read_text(encoding="utf-8")), analysis)
        want = {edge for edge in expected if edge[0].partition(".")[0] in tops}
        kinds = analysis.view.calls.as_names()
        got = {(caller, callee) for caller, callees in kinds.items() for callee in callees}
        tally = Tally()
        for one in (tally, total):
            one.add(want, got)
        print(tally.row(directory.name))
        unwritten += sum(is_unwritten(callee, kinds[caller][callee]) for caller, callee in got - want)
        extra += [(directory.name, caller, callee) for caller, callee in sorted(got - want)]
    print(total.row("all"))
    print(f"\n{unwritten} of {total.extra} extra edges are not written as calls")
    for name, caller, callee in random.Random(seed).sample(extra, min(sample, len(extra))):
        print(f"{name}: extra {caller} -> {callee}")


def programs(directory: Path, verbose: bool) -> None:
    """Score every program below ``directory``."""
    tables: dict[str, Tally] = defaultdict(Tally)
    start = time.process_time()
    for expected in sorted(directory.rglob("callgraph.json")):
        folder = expected.parent
        analysis = analyse(folder, Config(project_root=folder, roots=(".",)))
        want = normal(json.loads(expected.read_text(encoding="utf-8")), analysis)
        tops = {module.name.partition(".")[0] for module in analysis.project.program.modules}
        got = {edge for edge in graph_of(analysis, CALLS) if edge[1].partition(".")[0] in tops}
        group = folder.relative_to(directory).parts[0]
        for name in (group, "all"):
            tables[name].add(want, got)
        if verbose:
            for caller, callee in sorted(want - got):
                print(f"{folder.relative_to(directory)}: missed {caller} -> {callee}")
            for caller, callee in sorted(got - want):
                print(f"{folder.relative_to(directory)}: extra {caller} -> {callee}")
    print(HEADER)
    for name in [*sorted(set(tables) - {"all"}), "all"]:
        print(tables[name].row(name))
    print(f"\n{time.process_time() - start:.1f} s of CPU")


def rows(path: Path) -> Iterator[dict[str, list[object]]]:
    """Yield the lines of a recording."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def plain(name: str) -> str:
    """Return a dotted name without what recordings add to it."""
    return re.sub(r"<lambda\d*>", "<lambda>", name.replace(".<locals>", ""))


@dataclass(frozen=True)
class Recorded:
    """A function, or the body of a module or class, that ran."""

    name: str
    module: str
    is_body: bool

    @property
    def places(self) -> set[str]:
        """The names under which its calls may be booked: those of a class's body under its module."""
        return {self.name, self.module} if self.is_body else {self.name}


def as_class(name: str) -> str:
    """Return the class in the place of its constructor."""
    return re.sub(r"\.(__init__|__new__|__post_init__)$", "", name)


def recorded(path: Path, directory: Path, missed: int, unconfirmed: int) -> None:
    """Score against a recording."""
    functions: dict[object, Recorded] = {}
    edges = []
    for row in rows(path):
        if "f" in row:
            ident, module, qualname, _, _, what = row["f"]
            name = str(module) if qualname == "<module>" else f"{module}.{qualname}"
            functions[ident] = Recorded(plain(name), str(module), what is None)
        elif "e" in row:
            edges.append(row["e"])
    start = time.process_time()
    analysis = analyse(directory, Config(project_root=directory))
    seconds = time.process_time() - start
    got = {(plain(a), as_class(plain(b))) for a, b in graph_of(analysis, RUN_TIME)}
    pairs: dict[tuple[Recorded, str], bool] = {}
    seen: set[Pair] = set()
    for caller_id, callee_id, kind, _, _, _, named in edges:
        if caller_id is None:
            continue
        caller, callee = functions[caller_id], as_class(functions[callee_id].name)
        seen |= {(place, callee) for place in caller.places}
        if kind in ("call", "create"):
            pairs[caller, callee] = bool(named) or pairs.get((caller, callee), False)
    lines = []
    tables = {"direct": Tally(), "named": Tally()}
    for (caller, callee), named in sorted(pairs.items(), key=lambda pair: (pair[0][0].name, pair[0][1])):
        hit = any((place, callee) in got for place in caller.places)
        for title in ("direct", *(("named",) if named else ())):
            tables[title].found += hit
            tables[title].missed += not hit
        if not hit:
            lines.append(f"missed {caller.name} -> {callee}")
    for title, tally in tables.items():
        total = tally.found + tally.missed
        print(f"{title}: {tally.found} of {total}, recall {tally.found / max(total, 1):.3f}")
    ran = {place for edge in edges if edge[0] is not None for place in functions[edge[0]].places}
    ran |= {functions[edge[1]].name for edge in edges}
    reached = {as_class(functions[edge[1]].name) for edge in edges}
    both = {(caller, callee) for caller, callee in got if caller in ran and callee in reached}
    print(f"confirmed: {len(both & seen)} of {len(both)} edges between functions that both ran")
    print(f"{seconds:.1f} s of CPU for the analysis")
    for line in lines[:missed] + [f"unconfirmed {a} -> {b}" for a, b in sorted(both - seen)][:unconfirmed]:
        print(line)


def main() -> None:
    """Run the measurement named on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    by_programs = commands.add_parser("programs")
    by_programs.add_argument("directory", type=Path)
    by_programs.add_argument("--verbose", action="store_true")
    by_graphs = commands.add_parser("graphs")
    by_graphs.add_argument("pairs", type=Path, nargs="+", metavar="GRAPH.json DIRECTORY")
    by_graphs.add_argument("--sample", type=int, default=0)
    by_graphs.add_argument("--seed", type=int, default=1)
    by_recording = commands.add_parser("recorded")
    by_recording.add_argument("edges", type=Path)
    by_recording.add_argument("directory", type=Path)
    by_recording.add_argument("--missed", type=int, default=0)
    by_recording.add_argument("--unconfirmed", type=int, default=0)
    options = parser.parse_args()
    if options.command == "programs":
        programs(options.directory, options.verbose)
    elif options.command == "graphs":
        if len(options.pairs) % 2:
            parser.error("graphs takes pairs: GRAPH.json DIRECTORY")
        graphs(options.pairs, options.sample, options.seed)
    else:
        recorded(options.edges, options.directory, options.missed, options.unconfirmed)


if __name__ == "__main__":
    main()
