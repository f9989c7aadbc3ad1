"""Syntax newer than the interpreter becomes the same facts."""

from __future__ import annotations

import pytest
from render import render_all

from layercheck.facts.extract import extract
from layercheck.facts.modern_syntax import rewrite
from layercheck.facts.rewriting import Rewritten
from layercheck.facts.unreadable import TOO_DEEP, Unreadable

COMPLAINT = SyntaxError("invalid syntax", ("<unknown>", 1, 1, ""))


def rewritten(source: str) -> Rewritten:
    return rewrite(source, COMPLAINT)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("def f[T](x: T) -> T: pass", "def f   (x: T) -> T: pass", id="function"),
        pytest.param(
            "class A[T: int = str, *Ts, **P](B): pass",
            "class A                        (B): pass",
            id="class",
        ),
        pytest.param(
            "class A[\n    T,  # a\n    U,\n]: pass", "class A\\\n\\\n\\\n : pass", id="brackets-over-lines"
        ),
        pytest.param("type X[T] = list[T]", "X         = list[T]", id="type"),
        pytest.param("type \\\n  X = int; y = 1", "X\\\n    = int; y = 1", id="type-over-lines"),
        pytest.param("try: a\nexcept A, B: c", "try: a\nexcept(A, B): c", id="except"),
        pytest.param("try: a\nexcept* A, b.C: c", "try: a\nexcept*(A, b.C): c", id="except-group"),
        pytest.param("try: a\nexcept*A, B: c", "try: a\nexcept*(A, B): c", id="except-group-without-blank"),
        pytest.param(
            "try: a\nexcept (A, B) as c: d", "try: a\nexcept (A, B) as c: d", id="except-with-parentheses"
        ),
        pytest.param("lazy import a, b as c", "import      a, b as c", id="lazy-import"),
        pytest.param("lazy from a import b", "from      a import b", id="lazy-from"),
        pytest.param("[*a for a in b]", "[ a for a in b]", id="unpacking-list"),
        pytest.param("{*a for a in b}", "{ a for a in b}", id="unpacking-set"),
        pytest.param("{**a for a in b}", "{0:a for a in b}", id="unpacking-dict"),
        pytest.param("lazy = type = 1\ntype(lazy)", "lazy = type = 1\ntype(lazy)", id="soft-keywords"),
        pytest.param("x = f'{a!r:>{b}}' 'c'", "x = f'{a!r:>{b}}' 'c'", id="old-f-string"),
        pytest.param(
            "s = 'type X = int' # type X = int", "s = 'type X = int' # type X = int", id="in-a-string"
        ),
    ],
)
def test_rewritten_text(source: str, expected: str) -> None:
    assert rewritten(source).text == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("f'{a['b']}'", "Text([Subscript(Name('a'), Constant('b', 'str'))])", id="same-quotes"),
        pytest.param(
            r"""f'{"\n".join(a)}'""",
            r"Text([Call(Attribute(Constant('\n', 'str'), 'join'), [Name('a')], [])])",
            id="backslash",
        ),
        pytest.param("f'{\n a  # }\n}'", "Text([Name('a')])", id="comment"),
        pytest.param(
            "f'a{{{b['c']}}}d'.e()",
            "Call(Attribute(Text([Constant('a{', 'str'), Subscript(Name('b'), Constant('c', 'str')),"
            " Constant('}d', 'str')]), 'e'), [], [])",
            id="constants-around",
        ),
        pytest.param(
            "f'{a['b']!r:>{c['d']}.{e}}'",
            "Text([Call(Name('repr'), [Subscript(Name('a'), Constant('b', 'str'))], []), Subscript(Name('c'),"
            " Constant('d', 'str')), Name('e')])",
            id="specification",
        ),
        pytest.param(
            "f'{a['b'] = !r:>9}'",
            "Text([Constant(\"a['b'] = \", 'str'),"
            " Call(Name('repr'), [Subscript(Name('a'), Constant('b', 'str'))], [])])",
            id="labelled",
        ),
        pytest.param(
            "f'{a, *b['c']}'",
            "Text([Sequence('tuple', [Name('a'), Star(Subscript(Name('b'), Constant('c', 'str')))])])",
            id="tuple",
        ),
        pytest.param("f'{f'{f'{a}'}'}'", "Text([Text([Text([Name('a')])])])", id="nested"),
        pytest.param(
            r"""'x' rf'\d{a['b']}' '\x79' f'\x7a' f''""",
            r"Text([Constant('x\\d', 'str'), Subscript(Name('a'), Constant('b', 'str')),"
            r" Constant('yz', 'str')])",
            id="concatenated",
        ),
        pytest.param(
            "f'''{a['''b''']} say 'x'{c['''d''']}'''",
            "Text([Subscript(Name('a'), Constant('b', 'str')), Constant(\" say 'x'\", 'str'),"
            " Subscript(Name('c'), Constant('d', 'str'))])",
            id="quote-in-front-of-a-brace",
        ),
        pytest.param("f'{'a'}'", "Text([Constant('a', 'str')])", id="only-a-literal"),
        pytest.param(
            "t'a{b}c'", "Text([Constant('a', 'str'), Name('b'), Constant('c', 'str')])", id="t-string"
        ),
        pytest.param("t''", "Text([])", id="empty-t-string"),
        pytest.param(
            "t'{a['b']!r:{c}}'",
            "Text([Call(Name('repr'), [Subscript(Name('a'), Constant('b', 'str'))], []), Name('c')])",
            id="modern-t-string",
        ),
    ],
)
def test_text(source: str, expected: str) -> None:
    assert render_all(extract(f"x = {source}\n").body) == [f"Assign([Name('x')], {expected})"]


def test_subscript_of_an_empty_tuple_is_a_text_only_where_one_was_rewritten() -> None:
    assert render_all(extract("()[a]").body) == ["Evaluate(Subscript(Sequence('tuple', []), Name('a')))"]


GENERIC = """\
import a

@decorated
async def first[
    T: "Base",  # [
    *Ts,
](x: T) -> T:
    return x

class Second[T: (int, str), **P](Base[T]):
    type Own[U: list[
        T
    ]] = dict[U, T]

    def method[V](self) -> V: pass

type Third = int
X = 1
"""


def test_type_parameters_are_kept() -> None:
    assert render_all(extract(GENERIC).body) == [
        "Import([Alias('a', None)])",
        "Function('first', [Parameter('x', 'plain', Name('T'), None)], Name('T'), [Name('decorated')],"
        " [Return(Name('x'))], [TypeParameter('T', Constant('Base', 'str')),"
        " TypeParameter('Ts', None)], True, False)",
        "Class('Second', [Subscript(Name('Base'), Name('T'))], [], [],"
        " [TypeAlias('Own', [TypeParameter('U', Subscript(Name('list'), Name('T')))],"
        " Subscript(Name('dict'), Sequence('tuple', [Name('U'), Name('T')]))),"
        " Function('method', [Parameter('self', 'plain', None, None)], Name('V'), [], [Jump('pass')],"
        " [TypeParameter('V', None)], False, False)],"
        " [TypeParameter('T', Sequence('tuple', [Name('int'), Name('str')])), TypeParameter('P', None)])",
        "TypeAlias('Third', [], Name('int'))",
        "Assign([Name('X')], Constant(1, 'int'))",
    ]


def test_bounds_stand_on_their_lines() -> None:
    (function,) = extract("def f[\n    T: A,\n    U: (B,\n     C),\n](): pass\n").body
    assert render_all((function,), lines=True) == [
        "1-5:Function('f', [], None, [], [5-5:Jump('pass')],"
        " [TypeParameter('T', 2-2:Name('A')), TypeParameter('U', 3-4:Sequence('tuple',"
        " [3-3:Name('B'), 4-4:Name('C')]))],"
        " False, False)"
    ]


MODERN = '''\
lazy import a

try:
    x = f"""{a["""b"""]}
      {c["d"]:
      {e}} "{f}"
    """, 1
except A, B:
    y = t"""
    {z
    }"""
'''
OLDER = '''\
import a

try:
    x = f"""{a["b"]}
      {c["d"]:
      {e}} "{f}"
    """, 1
except (A, B):
    y = f"""
    {z
    }"""
'''


def test_every_line_stays_in_place() -> None:
    older, modern = extract(OLDER), extract(MODERN)
    assert render_all(modern.body, lines=True) == render_all(older.body, lines=True)
    assert (older.rewritten, modern.rewritten) == (False, True)
    assert older.lines == modern.lines


def test_pragmas_of_modern_files_are_those_of_the_file() -> None:
    facts = extract("lazy import a  # noqa: LC303\n")
    assert render_all(facts.pragmas) == ["Pragma('noqa', ['LC303'], '', 1, 15, 28, False, False)"]


@pytest.mark.parametrize(
    ("source", "line", "column", "reason"),
    [
        pytest.param("x = = 1\nlazy import a\n", 1, 4, "invalid syntax", id="broken-before"),
        pytest.param("lazy import a\n\nx = = 1\n", 3, 5, "invalid syntax", id="broken-behind"),
        pytest.param(
            "lazy import a\nx = " + "(" * 5000 + ")" * 5000, 2, 0, TOO_DEEP, id="parentheses-behind"
        ),
        pytest.param("lazy import a\nx = a" + ".b" * 20000, 2, 0, TOO_DEEP, id="attributes-behind"),
        pytest.param("lazy import a\nx = a" + "\\\n.b" * 20000, 501, 0, TOO_DEEP, id="continued-lines"),
        pytest.param("lazy import a\nif a:\n b\n" + "elif a:\n b\n" * 20000, 2006, 0, TOO_DEEP, id="elif"),
        pytest.param("lazy import a\nx = " + "+".join("a" * 400), 1, 0, TOO_DEEP, id="beyond-libcst"),
    ],
)
def test_unreadable(source: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        extract(source)
    assert (caught.value.line, caught.value.column, caught.value.reason) == (line, column, reason)


def test_long_displays_are_not_deep() -> None:
    source = "lazy import a\nx = [" + "a.b, " * 5000 + "]\n" + "a.b\n" * 1000
    assert len(extract(source).body) == 1002
