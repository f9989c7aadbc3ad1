"""The programs of the constructs are what their files say they are."""

from __future__ import annotations

import ast
import json
from collections import Counter
from pathlib import Path
from typing import Any

import libcst
import pytest

FIXTURES = Path(__file__).parents[2] / "fixtures" / "callgraph"
PROGRAMS = sorted(path.parent for path in FIXTURES.glob("*/*/callgraph.json"))

KINDS = {
    "call", "construct", "property", "context", "depends", "deferred", "event", "possible", "decorator",
}  # fmt: skip

CONSTRUCTS = {
    "inject": range(1, 14),
    "class_state": range(14, 21),
    "hierarchy": range(21, 28),
    "generics": range(28, 33),
    "modules": range(33, 40),
    "values": range(40, 48),
    "wrappers": range(48, 53),
    "context": range(53, 56),
    "async_": range(56, 59),
    "deferred": range(59, 62),
    "di_lib": range(62, 65),
    "routing": range(65, 72),
    "exceptions": range(72, 77),
    "sinks": range(77, 80),
    "dunder": range(80, 81),
    "pydantic": range(81, 82),
    "limits": range(82, 83),
}

NEWER_THAN_3_11 = {
    "inject/03_alias_type_statement",
    "generics/30_pep695_class",
    "generics/30_pep695_function",
}


class Definitions(libcst.CSTVisitor):
    """Collects the functions and classes of a module, named as the call graph names them."""

    def __init__(self, module: str) -> None:
        self.scopes = [module]
        self.functions: set[str] = set()
        self.classes: set[str] = set()
        self._lambdas: Counter[str] = Counter()

    def visit_FunctionDef_body(self, node: libcst.FunctionDef) -> None:
        self._enter(node.name.value, self.functions)

    def leave_FunctionDef_body(self, node: libcst.FunctionDef) -> None:
        self.scopes.pop()

    def visit_ClassDef_body(self, node: libcst.ClassDef) -> None:
        self._enter(node.name.value, self.classes)

    def leave_ClassDef_body(self, node: libcst.ClassDef) -> None:
        self.scopes.pop()

    def visit_Lambda(self, node: libcst.Lambda) -> None:
        scope = self.scopes[-1]
        self._lambdas[scope] += 1
        self._enter(f"<lambda{self._lambdas[scope]}>", self.functions)

    def leave_Lambda(self, original_node: libcst.Lambda) -> None:
        self.scopes.pop()

    def _enter(self, name: str, names: set[str]) -> None:
        self.scopes.append(f"{self.scopes[-1]}.{name}")
        names.add(self.scopes[-1])


class Program:
    """A fixture directory, read."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.name = f"{directory.parent.name}/{directory.name}"
        self.sources = {
            self._module(path): path.read_text("utf-8") for path in sorted(directory.rglob("*.py"))
        }
        self.functions: set[str] = set()
        self.classes: set[str] = set()
        for module, text in self.sources.items():
            definitions = Definitions(module)
            libcst.parse_module(text).visit(definitions)
            self.functions |= definitions.functions
            self.classes |= definitions.classes

    def _module(self, path: Path) -> str:
        parts = path.relative_to(self.directory).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def json(self, name: str, missing: Any) -> Any:
        """Return the content of a JSON file beside the program, ``missing`` where there is none."""
        path = self.directory / f"{name}.json"
        return json.loads(path.read_text("utf-8")) if path.exists() else missing

    @property
    def nodes(self) -> set[str]:
        """Return all names the call graph may use."""
        return self.functions | set(self.sources)


def parses(directory: Path) -> bool:
    """Return whether Python 3.11 reads every file of the program."""
    try:
        for path in directory.rglob("*.py"):
            ast.parse(path.read_text("utf-8"), feature_version=(3, 11))
    except SyntaxError:
        return False
    return True


@pytest.fixture(scope="module", params=PROGRAMS, ids=lambda path: f"{path.parent.name}/{path.name}")
def program(request: pytest.FixtureRequest) -> Program:
    return Program(request.param)


def test_every_construct_has_a_program_in_its_group() -> None:
    found: dict[str, set[int]] = {}
    for directory in PROGRAMS:
        found.setdefault(directory.parent.name, set()).add(int(directory.name[:2]))

    assert found == {group: set(numbers) for group, numbers in CONSTRUCTS.items()}


def test_programs_parse_on_3_11_unless_they_are_about_newer_syntax() -> None:
    assert {f"{path.parent.name}/{path.name}" for path in PROGRAMS if not parses(path)} == NEWER_THAN_3_11


def test_call_graph_lists_every_function_and_only_those(program: Program) -> None:
    graph = program.json("callgraph", {})
    callees = {callee for callees in graph.values() for callee in callees}

    assert set(graph) == program.nodes
    assert callees - program.functions == set()


def test_optional_edges_are_between_functions_and_not_required(program: Program) -> None:
    graph, optional = program.json("callgraph", {}), program.json("optional", {})
    pairs = {(caller, callee) for caller, callees in optional.items() for callee in callees}

    assert set(optional) - program.nodes == set()
    assert {callee for _, callee in pairs} - program.functions == set()
    assert {(caller, callee) for caller, callee in pairs if callee in graph[caller]} == set()


def test_files_are_sorted(program: Program) -> None:
    for path in sorted(program.directory.glob("*.json")):
        content = json.loads(path.read_text("utf-8"))
        if path.stem in ("callgraph", "optional", "escapes"):
            content = {key: sorted(set(values)) for key, values in content.items()}
        if path.stem == "routes":
            content.sort(key=lambda route: (route["path"], route["method"], route["handler"]))
        if path.stem == "sinks":
            content.sort(key=lambda sink: (sink["caller"], sink["target"]))
        assert path.read_text("utf-8") == json.dumps(content, indent=2, sort_keys=True) + "\n", path.name


def test_kinds_are_of_listed_edges(program: Program) -> None:
    graphs = program.json("callgraph", {}), program.json("optional", {})
    listed = {
        f"{caller} -> {callee}" for graph in graphs for caller, callees in graph.items() for callee in callees
    }
    kinds = program.json("kinds", {})

    assert set(kinds) - listed == set()
    assert set(kinds.values()) - KINDS == set()


def test_routes_name_handlers_of_the_program(program: Program) -> None:
    routes = program.json("routes", [])

    assert {route["handler"].replace(":", ".") for route in routes} - program.functions == set()
    assert {tuple(sorted(route)) for route in routes} <= {("handler", "method", "path")}


def test_sinks_stand_in_functions_of_the_program(program: Program) -> None:
    sinks = program.json("sinks", [])

    assert {sink["caller"] for sink in sinks} - program.functions == set()
    assert {sink["target"] for sink in sinks if not sink["target"].startswith("sqlalchemy.")} == set()


def test_escapes_name_exceptions_of_the_program_or_of_elsewhere(program: Program) -> None:
    escapes = program.json("escapes", None)
    exceptions = {exception for escaping in (escapes or {}).values() for exception in escaping}

    assert escapes is None or set(escapes) == program.functions
    assert {name for name in exceptions if name.split(".")[0] in program.sources} - program.classes == set()
