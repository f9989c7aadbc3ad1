"""What each import means, how it is made, and who uses it."""

from __future__ import annotations

import textwrap

import pytest

from layercheck.graphs.cycles import find_cycles
from layercheck.graphs.imports import Import, ImportGraph
from layercheck.location import column_of, line_of
from layercheck.program.entities import Module
from layercheck.program.names import resolve_module
from programs import module, program

LIBRARY = {
    "lib/__init__.py": "from lib.things import Thing as Renamed, helper\nfrom lib import deep\nVALUE = 1\n",
    "lib/things.py": "class Thing: ...\ndef helper(): ...\n",
    "lib/deep/__init__.py": "from lib.deep.inner import *\n",
    "lib/deep/inner.py": "__all__ = ['Deep']\nclass Deep: ...\n",
    "lib/loop_a.py": "from lib.loop_b import lost\n",
    "lib/loop_b.py": "from lib.loop_a import lost\n",
}


def graph(text: str) -> tuple[ImportGraph, Module]:
    """Return the import graph of a module ``main`` beside the library, and that module."""
    built = program({"main.py": textwrap.dedent(text), **LIBRARY})
    return ImportGraph(built), module(built, "main")


def described(one: Import) -> str:
    users = ", ".join(user.qualname.removeprefix("main.") for user in one.users)
    return f"{one.kind} {one.dotted} as {one.bound} by {users or 'nobody'}"


MEANINGS: dict[str, tuple[str, list[str]]] = {
    "a class": ("from lib.things import Thing\nThing()", ["runtime lib.things.Thing as Thing by main"]),
    "a module": ("import lib.things\nlib.things.helper()", ["runtime lib.things as lib by main"]),
    "a module renamed": ("import lib.things as t\nt.helper()", ["runtime lib.things as t by main"]),
    "a module from its package": ("from lib import things\nthings.helper()", [
        "runtime lib.things as things by main",
    ]),
    "a name handed on and renamed": ("from lib import Renamed\nRenamed()", [
        "runtime lib.things.Thing as Renamed by main",
    ]),
    "a name handed on by a star": (
        "from lib.deep import Deep\nDeep()", ["runtime lib.deep.inner.Deep as Deep by main"],
    ),
    "a variable": ("from lib import VALUE\nprint(VALUE)", ["runtime lib.VALUE as VALUE by main"]),
    "a name that runs in circles": ("from lib.loop_a import lost\nlost()", [
        "runtime lib.loop_a.lost as lost by main",
    ]),
    "a name that is not there": ("from lib.things import missing\nmissing()", [
        "runtime lib.things.missing as missing by main",
    ]),
    "a star": ("from lib.deep import *", ["runtime lib.deep as * by nobody"]),
    "something outside": ("from fastapi import Request as R\nR()", ["runtime fastapi.Request as R by main"]),
    "a module outside": ("import os.path\nos.path.join()", ["runtime os.path as os by main"]),
    "nobody needs it": ("from lib import VALUE", ["runtime lib.VALUE as VALUE by nobody"]),
    "handed on by its own name": (
        "from lib import VALUE as VALUE", ["reexport lib.VALUE as VALUE by nobody"],
    ),
    "handed on by __all__": (
        "from lib import VALUE\n__all__ = ['VALUE']", ["reexport lib.VALUE as VALUE by nobody"],
    ),
    "in a try": ("try:\n    from lib import VALUE\nexcept ImportError:\n    VALUE = 0\nprint(VALUE)", [
        "runtime lib.VALUE as VALUE by main",
    ]),
    "in a class body": ("class A:\n    from lib import VALUE\n", ["runtime lib.VALUE as VALUE by nobody"]),
    "inside a function": (
        "def f():\n    from lib import VALUE\n    return VALUE", ["lazy lib.VALUE as VALUE by f"],
    ),
    "for type checkers": (
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from lib import VALUE\n"
        "else:\n    from lib import deep\nprint(deep)", [
            "runtime typing.TYPE_CHECKING as TYPE_CHECKING by main",
            "type-only lib.VALUE as VALUE by nobody",
            "runtime lib.deep as deep by main",
        ],
    ),
    "the attribute of typing": ("import typing\nif typing.TYPE_CHECKING:\n    import lib", [
        "runtime typing as typing by main", "type-only lib as lib by nobody",
    ]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), MEANINGS.values(), ids=MEANINGS)
def test_meaning(text: str, expected: list[str]) -> None:
    imports, main = graph(text)
    assert [described(one) for one in imports.of_module[main]] == expected


USES: dict[str, tuple[str, str]] = {
    "a parameter": ("def f(x: T): ...", "annotation by f"),
    "a result": ("def f() -> T: ...", "annotation by f"),
    "a string": ("def f(x: 'list[T]'): ...", "annotation by f"),
    "a variable": ("x: T = None", "annotation by main"),
    "an attribute of self": ("class A:\n    def f(self):\n        self.x: T = 1", "annotation by A.f"),
    "a field": ("class A:\n    x: T", "annotation by A"),
    "the bound of a type parameter": ("def f[X: T](x: X): ...", "annotation by f"),
    "a type alias": ("type A = T", "annotation by main"),
    "the bound of a type variable": (
        "from typing import TypeVar\nA = TypeVar('A', bound=T)", "annotation by main",
    ),
    "a choice of a type variable": ("import typing\nA = typing.TypeVar('A', int, T)", "annotation by main"),
    "an argument of another call": ("A = make('A', bound=T)", "runtime by main"),
    "what Annotated is about": ("from typing import Annotated\nA = Annotated[T, 1]", "annotation by main"),
    "the metadata of Annotated": (
        "from typing import Annotated\nA = Annotated[int, Depends(T)]", "runtime by main",
    ),
    "the metadata in a signature": (
        "from typing import Annotated\ndef f(x: Annotated[int, Depends(T)]): ...", "runtime by f",
    ),
    "a string of Literal": ("from typing import Literal\ndef f(x: Literal['T']): ...", "runtime by nobody"),
    "a string elsewhere": ("x = 'T'", "runtime by nobody"),
    "a default": ("def f(x=T): ...", "runtime by f"),
    "a decorator": ("@T\ndef f(): ...", "runtime by f"),
    "a base": ("class A(T): ...", "runtime by A"),
    "a keyword of a class": ("class A(metaclass=T): ...", "runtime by A"),
    "a body": ("def f():\n    return T()", "runtime by f"),
    "an inner function": ("def f():\n    def g():\n        return T()\n    return g", "runtime by f.g"),
    "a method": ("class A:\n    def f(self):\n        return T()", "runtime by A.f"),
    "a subscript": ("x = T[int]()", "runtime by main"),
    "an f-string": ("x = f'{T}'", "runtime by main"),
    "both": ("def f(x: T): ...\ndef g():\n    return T()", "runtime by g"),
    "a parameter of its name": ("def f(T):\n    return T()", "runtime by nobody"),
    "a local of its name": ("def f():\n    T = 1\n    return T", "runtime by nobody"),
    "a variable of a lambda": ("x = lambda T: T", "runtime by nobody"),
    "a variable of a comprehension": ("x = [T for T in ()]", "runtime by nobody"),
    "a field of its name": ("class A:\n    T = 1\n    x = T", "runtime by nobody"),
    "a method beside a field of its name": (
        "class A:\n    T = 1\n    def f(self):\n        return T()", "runtime by A.f",
    ),
    "an attribute of its name": ("x = print.T", "runtime by nobody"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), USES.values(), ids=USES)
def test_use(text: str, expected: str) -> None:
    imports, main = graph(f"from lib.things import Thing as T\n{text}")
    (one,) = (one for one in imports.of_module[main] if one.bound == "T")
    assert described(one) == expected.replace(" by", " lib.things.Thing as T by")


ELEMENTS: dict[str, tuple[str, list[str]]] = {
    "a class": ("from lib import Renamed", ["lib.things.Thing"]),
    "a variable": ("from lib import VALUE", ["lib"]),
    "what is used of a module": ("from lib import things\nthings.helper()\nthings.Thing()", [
        "lib.things.helper", "lib.things.Thing",
    ]),
    "what is used of a module by its long name": (
        "import lib.things\nlib.things.helper()", ["lib.things.helper"],
    ),
    "nothing of a module": ("import lib.things", ["lib.things"]),
    "something outside": ("import os", []),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ELEMENTS.values(), ids=ELEMENTS)
def test_what_an_import_is_about(text: str, expected: list[str]) -> None:
    imports, main = graph(text)
    (one,) = imports.of_module[main]
    assert [element.qualname for element in imports.elements(one)] == expected


REACHED: dict[str, tuple[str, list[str]]] = {
    "a name": ("from fastapi import Request\nRequest()", ["fastapi.Request"]),
    "what is used of a package": ("import fastapi as f\nf.Request(), f.status.OK", [
        "fastapi.Request", "fastapi.status.OK",
    ]),
    "what is used of a module": ("import fastapi.responses\nfastapi.responses.Response()", [
        "fastapi.responses.Response",
    ]),
    "a package nobody uses": ("import fastapi", ["fastapi"]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), REACHED.values(), ids=REACHED)
def test_what_is_meant_outside(text: str, expected: list[str]) -> None:
    imports, main = graph(text)
    (one,) = imports.outside(main, frozenset({"fastapi"}))
    assert list(one.reached) == expected


def test_places_of_the_statement_and_of_the_name() -> None:
    imports, main = graph("from lib.things import (\n    Thing,\n    helper as h,\n)\n")
    found = imports.of_module[main]
    places = [(line_of(one.at), line_of(one.name_at), column_of(one.name_at)) for one in found]
    assert places == [(1, 2, 4), (1, 3, 4)]


def test_relative_imports() -> None:
    built = program({
        "a/__init__.py": "from .b import f\nfrom . import c\n",
        "a/b.py": "from .c import g\nfrom ..elsewhere import h\ndef f(): ...\n",
        "a/c/__init__.py": "from ..b import f as g\n",
    })  # fmt: skip
    assert [(one.module.name, one.dotted) for one in ImportGraph(built).imports] == [
        ("a", "a.b.f"), ("a", "a.c"), ("a.b", "a.b.f"), ("a.b", "elsewhere.h"), ("a.c", "a.b.f"),
    ]  # fmt: skip


def test_the_rows_of_the_graph() -> None:
    built = program({
        "a.py": "import os\nfrom b import X, Y\n\ndef f():\n    import c\n",
        "b.py": "X = Y = 1\n",
        "c.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a\n",
    })  # fmt: skip
    assert ImportGraph(built).as_names() == {
        "a": [{"module": "b", "line": 2, "kind": "runtime"}, {"module": "c", "line": 5, "kind": "lazy"}],
        "b": [],
        "c": [{"module": "a", "line": 3, "kind": "type-only"}],
    }


CYCLES: dict[str, tuple[dict[str, str], list[str]]] = {
    "none": ({"a": "bc", "b": "c", "c": ""}, []),
    "two": ({"a": "b", "b": "a"}, ["ab among ab"]),
    "the shortest of several": ({"a": "b", "b": "c", "c": "ad", "d": "c"}, ["cd among abcd"]),
    "of equals the first": ({"a": "bc", "b": "a", "c": "a"}, ["ab among abc"]),
    "two groups": ({"a": "b", "b": "ac", "c": "d", "d": "c"}, ["ab among ab", "cd among cd"]),
    "only edges that count": ({"a": "X", "X": "aY", "Y": "X"}, ["aX among aXY"]),
    "no edge that counts": ({"X": "Y", "Y": "X"}, []),
    "itself": ({"a": "a"}, ["a among a"]),
    "a long one": ({chr(n): chr(n + 1) for n in range(97, 122)} | {"z": "a"},
                   ["abcdefghijklmnopqrstuvwxyz among abcdefghijklmnopqrstuvwxyz"]),
}  # fmt: skip


@pytest.mark.parametrize(("edges", "expected"), CYCLES.values(), ids=CYCLES)
def test_cycles(edges: dict[str, str], expected: list[str]) -> None:
    """Capitals among themselves do not count."""
    graph = {node: {target: node + target for target in targets} for node, targets in edges.items()}
    found = find_cycles(graph, lambda one, other: not (one.isupper() and other.isupper()))
    assert [f"{''.join(cycle.nodes)} among {''.join(cycle.members)}" for cycle in found] == expected
    for cycle in found:
        assert [edge[0] for edge in cycle.edges] == list(cycle.nodes)


def test_what_counts_as_loading() -> None:
    built = program({
        "a.py": "import b\n",
        "b.py": "def f():\n    import a\n",
        "c.py": "from typing import TYPE_CHECKING\nimport d\n",
        "d.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import c\n",
    })  # fmt: skip
    imports = ImportGraph(built)
    assert imports.cycles() == []
    assert [[one.name for one in cycle.nodes] for cycle in imports.cycles(lazy=True)] == [["a", "b"]]


NEIGHBOURS: dict[str, tuple[str, str, str | None]] = {
    "of a script": ("jobs/run.py", "celery", "jobs.celery"),
    "of a module of a package": ("tasks/run.py", "celery", None),
    "what a module of a package is named like": ("tasks/celery.py", "celery", None),
    "what a script of the standard library is named like": ("jobs/run.py", "json", None),
}


@pytest.mark.parametrize(("asker", "name", "expected"), NEIGHBOURS.values(), ids=NEIGHBOURS)
def test_neighbours(asker: str, name: str, expected: str | None) -> None:
    built = program({
        "jobs/run.py": "", "jobs/celery.py": "", "jobs/json.py": "",
        "tasks/__init__.py": "", "tasks/run.py": "", "tasks/celery.py": "",
    })  # fmt: skip
    found = resolve_module(built, module(built, asker.removesuffix(".py").replace("/", ".")), name)
    assert (found and found.name) == expected
