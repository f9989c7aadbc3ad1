"""What tokens alone tell is rewritten as the tree of libcst would have it."""

from __future__ import annotations

import ast

import pytest

from layercheck.facts.modern_syntax import rewrite
from layercheck.facts.rewriting import Rewritten
from layercheck.facts.token_syntax import rewrite_tokens

COMPLAINT = SyntaxError("invalid syntax", ("<unknown>", 1, 1, ""))

NEWER = [
    pytest.param("def f[T](x: T) -> T: pass", id="function"),
    pytest.param("@a\nasync def f[T: (int, str) = int](x): pass", id="bound-and-default"),
    pytest.param("class A[T: int = str, *Ts, **P](B): pass", id="class"),
    pytest.param("class A[\n    T: dict[str, int],  # a, b]\n    U,\n]: pass", id="brackets-over-lines"),
    pytest.param("class A:\n    def f[T](self): pass\n    def g[U: T](self): pass", id="methods"),
    pytest.param("type X[T] = list[T]", id="type"),
    pytest.param("x = 1; type \\\n  Y = int; z = 1", id="type-over-lines"),
    pytest.param("def f():\n    type X = int\n    return X", id="type-inside"),
    pytest.param("try: a\nexcept A, B: c", id="except"),
    pytest.param("try: a\nexcept* A, b.C: c", id="except-group"),
    pytest.param("try: a\nexcept*A, B: c", id="except-group-without-blank"),
    pytest.param("try:\n    a\nexcept f(x, y), B:  # except C, D:\n    c", id="except-call"),
    pytest.param("s = '''\nexcept A, B:\n'''\ntry: a\nexcept A, B: c", id="beside-a-string"),
]


@pytest.mark.parametrize("source", NEWER)
def test_same_as_by_tree(source: str) -> None:
    found = rewrite_tokens(source)
    assert found is not None
    assert comparable(found) == comparable(rewrite(source, COMPLAINT))
    ast.parse(found.text)


def comparable(one: Rewritten) -> object:
    params = {
        place: [(each.name, each.bound and ast.dump(each.bound, include_attributes=True)) for each in found]
        for place, found in one.type_params.items()
    }
    return one.text, params, one.type_aliases


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("try: a\nexcept (A, B) as c: d\nexcept A: e\nexcept: f", id="old-except"),
        pytest.param("type = 1\ntype(x)\ntype[int]\ntype.x = 2", id="name-called-type"),
        pytest.param("x[type] = def_[1]", id="in-brackets"),
        pytest.param("# def f[T](): pass\ns = 'class A[T]: pass'", id="comment-and-string"),
        pytest.param("lazy import a", id="left-to-the-tree"),
        pytest.param("def f[T(x): pass", id="bracket-never-closed"),
        pytest.param("", id="empty"),
    ],
)
def test_left_alone(source: str) -> None:
    assert rewrite_tokens(source) is None
