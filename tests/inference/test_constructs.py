"""The call graph of one small program per construct, compared edge by edge."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from layercheck.config.schema import Config
from layercheck.pipeline import analyse, call_graph

FIXTURES = Path(__file__).parents[2] / "fixtures" / "callgraph"
PROGRAMS = sorted(path.parent for path in FIXTURES.glob("*/*/callgraph.json"))

Edges = set[tuple[str, str]]


def edges(graph: Mapping[str, Iterable[str]]) -> Edges:
    """Return the pairs of ``{caller: [callees]}``."""
    return {(caller, callee) for caller, callees in graph.items() for callee in callees}


def read_edges(path: Path) -> Edges:
    """Return the pairs of a graph file, none where the file does not exist."""
    return edges(json.loads(path.read_text("utf-8"))) if path.exists() else set()


def describe(title: str, pairs: Edges) -> list[str]:
    """Return a line for each pair."""
    return [f"{title}: {caller} -> {callee}" for caller, callee in sorted(pairs)]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_call_graph_has_the_edges_of_the_construct_and_no_others(program: Path) -> None:
    found = edges(call_graph(analyse(program, Config(project_root=program, roots=(".",))), kinds=False))
    required = read_edges(program / "callgraph.json")
    allowed = required | read_edges(program / "optional.json")

    differences = describe("missing", required - found) + describe("extra", found - allowed)
    assert not differences, "\n".join(differences)
