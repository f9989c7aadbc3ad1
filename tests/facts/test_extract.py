"""What the facts of small sources are."""

from __future__ import annotations

import asyncio
import email
import json
import unittest
from pathlib import Path
from typing import Any

import pytest
from render import cut, render, render_all, round_trip

import layercheck
from layercheck.facts import records as r
from layercheck.facts.expressions import parse_expression
from layercheck.facts.extract import extract
from layercheck.facts.read import read_facts
from layercheck.facts.unreadable import TOO_DEEP, Unreadable
from layercheck.location import column_of, end_column_of, end_line_of, line_of


def body(source: str) -> list[str]:
    return render_all(extract(source).body)


def expression(source: str) -> str:
    (statement,) = extract(f"({source})[0]").body
    assert isinstance(statement, r.Evaluate) and isinstance(statement.value, r.Subscript)
    return render(statement.value.value)


def written(source: str, node: r.Expr) -> str:
    assert not isinstance(node, r.Slice)
    return cut(source, node.at)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("a.b", "Attribute(Name('a'), 'b')", id="attribute"),
        pytest.param(
            "f(a, *b, c=1, **d)",
            "Call(Name('f'), [Name('a'), Star(Name('b'))],"
            " [Keyword('c', Constant(1, 'int')), Keyword(None, Name('d'))])",
            id="call",
        ),
        pytest.param(
            "a[b, c]", "Subscript(Name('a'), Sequence('tuple', [Name('b'), Name('c')]))", id="subscript"
        ),
        pytest.param(
            "a[1::b]", "Subscript(Name('a'), Slice(Constant(1, 'int'), None, Name('b')))", id="slice"
        ),
        pytest.param("[a, *b]", "Sequence('list', [Name('a'), Star(Name('b'))])", id="list"),
        pytest.param("{a}", "Sequence('set', [Name('a')])", id="set"),
        pytest.param("{}", "Mapping([], [])", id="empty-dict"),
        pytest.param("{a: b, **c}", "Mapping([Name('a'), None], [Name('b'), Name('c')])", id="dict"),
        pytest.param("await a", "Await(Name('a'))", id="await"),
        pytest.param("(yield)", "Yield(None, False)", id="yield"),
        pytest.param("(yield from a)", "Yield(Name('a'), True)", id="yield-from"),
        pytest.param("a or b or c", "BoolOp('or', [Name('a'), Name('b'), Name('c')])", id="or"),
        pytest.param(
            "a and b or c", "BoolOp('or', [BoolOp('and', [Name('a'), Name('b')]), Name('c')])", id="and-or"
        ),
        pytest.param("a if b else c", "Conditional(Name('b'), Name('a'), Name('c'))", id="conditional"),
        pytest.param(
            "a < b is not c not in d",
            "Compare(Name('a'), ['<', 'is not', 'not in'], [Name('b'), Name('c'), Name('d')])",
            id="compare",
        ),
        pytest.param("a | b // c", "BinOp('|', Name('a'), BinOp('//', Name('b'), Name('c')))", id="bin-op"),
        pytest.param("not -a", "Unary('not', Unary('-', Name('a')))", id="unary"),
        pytest.param(
            "[a async for b, c in d if e if f for g in h]",
            "Comprehension('list', None, Name('a'),"
            " [Generator(Sequence('tuple', [Name('b'), Name('c')]), Name('d'), [Name('e'), Name('f')], True),"
            " Generator(Name('g'), Name('h'), [], False)])",
            id="list-comprehension",
        ),
        pytest.param(
            "{a: b for c in d}",
            "Comprehension('dict', Name('a'), Name('b'), [Generator(Name('c'), Name('d'), [], False)])",
            id="dict-comprehension",
        ),
        pytest.param(
            "{a for b in c}",
            "Comprehension('set', None, Name('a'), [Generator(Name('b'), Name('c'), [], False)])",
            id="set-comprehension",
        ),
        pytest.param(
            "(a for b in c)",
            "Comprehension('generator', None, Name('a'), [Generator(Name('b'), Name('c'), [], False)])",
            id="generator",
        ),
        pytest.param("(a := b)", "Walrus('a', Name('b'))", id="walrus"),
        pytest.param(
            "lambda a, *, b=c: d",
            "Lambda([Parameter('a', 'plain', None, None), Parameter('b', 'keyword',"
            " None, Name('c'))], Name('d'), 1)",
            id="lambda",
        ),
    ],
)
def test_expression(source: str, expected: str) -> None:
    assert expression(source) == expected


@pytest.mark.parametrize(
    ("source", "value", "kind"),
    [
        pytest.param("'a' 'b'", "ab", "str", id="str"),
        pytest.param("u'a'", "a", "str", id="prefixed-str"),
        pytest.param("'" + "é" * 300 + "'", "é" * 240, "str", id="long-str"),
        pytest.param(r"'a\ud800'", r"a\ud800", "str", id="lone-surrogate"),
        pytest.param("1_000", 1000, "int", id="int"),
        pytest.param("9223372036854775807", 2**63 - 1, "int", id="largest-int"),
        pytest.param("9223372036854775808", "0x8000000000000000", "int", id="too-large-int"),
        pytest.param("0x" + "f" * 9000, "0x" + "f" * 238, "int", id="huge-int"),
        pytest.param("1e3", 1000.0, "float", id="float"),
        pytest.param("2j", "2j", "complex", id="complex"),
        pytest.param("True", True, "bool", id="bool"),
        pytest.param("None", None, "none", id="none"),
        pytest.param('b"a"', "b'a'", "bytes", id="bytes"),
        pytest.param("...", "...", "ellipsis", id="ellipsis"),
    ],
)
def test_literal(source: str, value: object, kind: str) -> None:
    assert expression(source) == f"Constant({value!r}, {kind!r})"
    assert round_trip(extract(source))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("f''", "[]", id="empty"),
        pytest.param("f'a'", "[Constant('a', 'str')]", id="constant"),
        pytest.param(
            "'a' f'b{c}' 'd'", "[Constant('ab', 'str'), Name('c'), Constant('d', 'str')]", id="concatenated"
        ),
        pytest.param(
            "f'{a}{b!r:>{c}.{d}}'",
            "[Name('a'), Call(Name('repr'), [Name('b')], []), Name('c'), Name('d')]",
            id="specification",
        ),
        pytest.param("f'{{a}}'", "[Constant('{a}', 'str')]", id="braces"),
        pytest.param(
            "f'{a=}'", "[Constant('a=', 'str'), Call(Name('repr'), [Name('a')], [])]", id="labelled"
        ),
        pytest.param("f'{f\"{a}\"}'", "[Text([Name('a')])]", id="nested"),
    ],
)
def test_f_string(source: str, expected: str) -> None:
    assert expression(source) == f"Text({expected})"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("import a.b, c as d", "Import([Alias('a.b', None), Alias('c', 'd')])", id="import"),
        pytest.param(
            "from ..a import b as c, d",
            "ImportFrom('a', 2, [Alias('b', 'c'), Alias('d', None)])",
            id="from",
        ),
        pytest.param("from . import *", "ImportFrom('', 1, [Alias('*', None)])", id="star"),
        pytest.param("a = b.c = d", "Assign([Name('a'), Attribute(Name('b'), 'c')], Name('d'))", id="assign"),
        pytest.param(
            "a, *b = c", "Assign([Sequence('tuple', [Name('a'), Star(Name('b'))])], Name('c'))", id="unpack"
        ),
        pytest.param("a: b", "Annotated(Name('a'), Name('b'), None)", id="declared"),
        pytest.param("a: b = c", "Annotated(Name('a'), Name('b'), Name('c'))", id="annotated"),
        pytest.param(
            "a[0] += b",
            "Augmented(Subscript(Name('a'), Constant(0, 'int')), '+', Name('b'))",
            id="augmented",
        ),
        pytest.param("return", "Return(None)", id="return"),
        pytest.param("return a", "Return(Name('a'))", id="return-value"),
        pytest.param("raise", "Raise(None, None)", id="raise"),
        pytest.param("raise a from None", "Raise(Name('a'), Constant(None, 'none'))", id="raise-from"),
        pytest.param("assert a, b", "Assert(Name('a'), Name('b'))", id="assert"),
        pytest.param("del a, b.c", "Delete([Name('a'), Attribute(Name('b'), 'c')])", id="del"),
        pytest.param("global a, b", "Scope('global', ['a', 'b'])", id="global"),
        pytest.param("nonlocal a", "Scope('nonlocal', ['a'])", id="nonlocal"),
        pytest.param("pass", "Jump('pass')", id="pass"),
        pytest.param("break", "Jump('break')", id="break"),
        pytest.param("continue", "Jump('continue')", id="continue"),
        pytest.param(
            "if a: pass\nelif b: c\nelse: d",
            "If(Name('a'), [Jump('pass')], [If(Name('b'), [Evaluate(Name('c'))], [Evaluate(Name('d'))])])",
            id="if",
        ),
        pytest.param(
            "for a in b: c\nelse: d",
            "For(Name('a'), Name('b'), [Evaluate(Name('c'))], [Evaluate(Name('d'))], False)",
            id="for",
        ),
        pytest.param(
            "async for a in b: c",
            "For(Name('a'), Name('b'), [Evaluate(Name('c'))], [], True)",
            id="async-for",
        ),
        pytest.param("while a: b", "While(Name('a'), [Evaluate(Name('b'))], [])", id="while"),
        pytest.param(
            "with a as b, c: d",
            "With([WithItem(Name('a'), Name('b')), WithItem(Name('c'), None)], [Evaluate(Name('d'))], False)",
            id="with",
        ),
        pytest.param(
            "async with (a as b, c as d,): e",
            "With([WithItem(Name('a'), Name('b')), WithItem(Name('c'), Name('d'))],"
            " [Evaluate(Name('e'))], True)",
            id="async-with",
        ),
        pytest.param(
            "try: a\nexcept (B, C) as d: e\nexcept: f\nelse: g\nfinally: h",
            "Try([Evaluate(Name('a'))],"
            " [Handler(Sequence('tuple', [Name('B'), Name('C')]), 'd', [Evaluate(Name('e'))]),"
            " Handler(None, None, [Evaluate(Name('f'))])],"
            " [Evaluate(Name('g'))], [Evaluate(Name('h'))], False)",
            id="try",
        ),
        pytest.param(
            "try: a\nexcept* B: c",
            "Try([Evaluate(Name('a'))], [Handler(Name('B'), None, [Evaluate(Name('c'))])], [], [], True)",
            id="try-group",
        ),
    ],
)
def test_statement(source: str, expected: str) -> None:
    assert body(source) == [expected]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param("_", "('any', None, [], [], [], None)", id="any"),
        pytest.param("a", "('any', None, [], [], [], 'a')", id="capture"),
        pytest.param("a.b", "('value', Attribute(Name('a'), 'b'), [], [], [], None)", id="value"),
        pytest.param("None", "('value', Constant(None, 'none'), [], [], [], None)", id="singleton"),
        pytest.param(
            "[a, *b]",
            "('sequence', None, [Pattern('any', None, [], [], [], 'a'),"
            " Pattern('star', None, [], [], [], 'b')], [], [], None)",
            id="sequence",
        ),
        pytest.param(
            "{1: a, **b}",
            "('mapping', None, [Pattern('any', None, [], [], [], 'a'),"
            " Pattern('star', None, [], [], [], 'b')], [], [Constant(1, 'int')], None)",
            id="mapping",
        ),
        pytest.param(
            "A(b, c=d) as e",
            "('class', Name('A'), [Pattern('any', None, [], [], [], 'b'),"
            " Pattern('any', None, [], [], [], 'd')], ['c'], [], 'e')",
            id="class",
        ),
        pytest.param(
            "A() | B()",
            "('or', None, [Pattern('class', Name('A'), [], [], [], None),"
            " Pattern('class', Name('B'), [], [], [], None)], [], [], None)",
            id="or",
        ),
        pytest.param(
            "(A() as b) as c",
            "('or', None, [Pattern('class', Name('A'), [], [], [], 'b')], [], [], 'c')",
            id="captured-twice",
        ),
    ],
)
def test_pattern(pattern: str, expected: str) -> None:
    assert body(f"match x:\n    case {pattern} if y: z") == [
        f"Match(Name('x'), [Case(Pattern{expected}, Name('y'), [Evaluate(Name('z'))])])"
    ]


def test_function_with_every_kind_of_parameter() -> None:
    source = "@d(1)\nasync def f(a, b: B = 1, /, c=2, *d: D, e: E, g=3, **h) -> R:\n    'Doc.'\n"
    assert body(source) == [
        "Function('f', ["
        "Parameter('a', 'positional', None, None), "
        "Parameter('b', 'positional', Name('B'), Constant(1, 'int')), "
        "Parameter('c', 'plain', None, Constant(2, 'int')), "
        "Parameter('d', 'var', Name('D'), None), "
        "Parameter('e', 'keyword', Name('E'), None), "
        "Parameter('g', 'keyword', None, Constant(3, 'int')), "
        "Parameter('h', 'kwvar', None, None)], "
        "Name('R'), [Call(Name('d'), [Constant(1, 'int')], [])],"
        " [Evaluate(Constant('', 'str'))], [], True, False)"
    ]


def test_class_holds_its_methods() -> None:
    source = "@d\nclass A(B, *C, metaclass=M):\n    x: int = 1\n    def f(self): pass\n"
    assert body(source) == [
        "Class('A', [Name('B'), Star(Name('C'))], [Keyword('metaclass', Name('M'))], [Name('d')], ["
        "Annotated(Name('x'), Name('int'), Constant(1, 'int')), "
        "Function('f', [Parameter('self', 'plain', None, None)], None, [],"
        " [Jump('pass')], [], False, False)], [])"
    ]


@pytest.mark.parametrize(
    ("source", "is_generator"),
    [
        pytest.param("    yield", True, id="yield"),
        pytest.param("    if a:\n        b = yield from c", True, id="nested-block"),
        pytest.param("    return (yield)", True, id="returned"),
        pytest.param("    def g():\n        yield", False, id="inner-function"),
        pytest.param("    return lambda: (yield)", False, id="lambda"),
        pytest.param("    def g():\n        pass\n    yield", True, id="after-inner-function"),
        pytest.param("    return 1", False, id="none"),
    ],
)
def test_generator_by_its_own_yields(source: str, is_generator: bool) -> None:
    (function,) = extract(f"def f():\n{source}\n").body
    assert isinstance(function, r.Function)
    assert function.is_generator is is_generator


def lambda_numbers(source: str) -> list[tuple[str, int]]:
    """Return body and number of each lambda, in the order of their places."""
    found: list[tuple[int, str, int]] = []

    def visit(value: Any) -> None:
        if isinstance(value, r.Lambda):
            found.append((value.at, written(source, value.body), value.number))
        if isinstance(value, tuple):
            for item in value:
                visit(item)
        elif isinstance(value, r.Node):
            for name in value.__struct_fields__:
                visit(getattr(value, name))

    visit(extract(source).body)
    return [(text, number) for _, text, number in sorted(found)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("f(lambda: a)\ng = lambda: b", [("a", 1), ("b", 2)], id="module"),
        pytest.param("f(x=lambda: a, *[lambda: b])", [("a", 1), ("b", 2)], id="star-behind-keyword"),
        pytest.param(
            "(lambda: a) if (lambda: b) else (lambda: c)", [("a", 1), ("b", 2), ("c", 3)], id="conditional"
        ),
        pytest.param("{(lambda: a): (lambda: b), 1: lambda: c}", [("a", 1), ("b", 2), ("c", 3)], id="dict"),
        pytest.param("[lambda: a for b in (lambda: c)()]", [("a", 1), ("c", 2)], id="comprehension"),
        pytest.param(
            "@d(lambda: a)\ndef f(x=lambda: b):\n    lambda: c\nlambda: e",
            [("a", 1), ("b", 2), ("c", 1), ("e", 3)],
            id="function",
        ),
        pytest.param(
            "class A(f(lambda: a)):\n    x = lambda: b\n"
            "    def g(self):\n        lambda: c\n    y = lambda: e",
            [("a", 1), ("b", 1), ("c", 1), ("e", 2)],
            id="class",
        ),
        pytest.param(
            "lambda x=lambda: a: [lambda: b, lambda: c]\nlambda: e",
            [("[lambda: b, lambda: c]", 1), ("a", 2), ("b", 1), ("c", 2), ("e", 3)],
            id="lambda-in-lambda",
        ),
    ],
)
def test_lambdas_are_numbered_in_their_scope(source: str, expected: list[tuple[str, int]]) -> None:
    assert lambda_numbers(source) == expected


@pytest.mark.parametrize(
    ("source", "header", "name"),
    [
        pytest.param("def f(): pass", "def f()", "f", id="plain"),
        pytest.param("def f(a, b=1) -> C :\n    pass", "def f(a, b=1) -> C", "f", id="annotated"),
        pytest.param(
            "async   def   f(\n    a: B,\n): pass", "async   def   f(\n    a: B,", "f", id="colon-below"
        ),
        pytest.param("async \\\n def \\\n  f(a): pass", "async \\\n def \\\n  f(a)", "f", id="continued"),
        pytest.param("def f(a={1: 2}): pass", "def f(a={1: 2})", "f", id="colon-in-default"),
        pytest.param("def f(a,  # note: x\n): pass", "def f(a,", "f", id="colon-in-comment"),
        pytest.param("class A: pass", "class A", "A", id="class"),
        pytest.param("@d\nclass  A(B, c=D): x: int = 1", "class  A(B, c=D)", "A", id="class-with-bases"),
        pytest.param("class Ä(B): pass", "class Ä(B)", "Ä", id="not-ascii"),
        pytest.param("x = 'é'; y = 1\ndef ﬁ(é, ö): pass", "def ﬁ(é, ö)", "ﬁ", id="normalised-name"),
    ],
)
def test_header_and_name(source: str, header: str, name: str) -> None:
    definition = extract(source).body[-1]
    assert isinstance(definition, r.Function | r.Class)
    assert (cut(source, definition.header), cut(source, definition.name_at)) == (header, name)


@pytest.mark.parametrize(
    ("clause", "header"),
    [
        pytest.param("except:", "except", id="bare"),
        pytest.param("except A:", "except A", id="type"),
        pytest.param("except (A, B) as c :  # d", "except (A, B) as c", id="named"),
    ],
)
def test_header_of_a_handler(clause: str, header: str) -> None:
    source = f"try: a\n{clause}\n    pass"
    (statement,) = extract(source).body
    assert isinstance(statement, r.Try)
    assert cut(source, statement.handlers[0].header) == header


def test_span_of_a_definition_leaves_its_decorators_out() -> None:
    source = "@d\n@e\ndef f():\n    pass\n"
    (function,) = extract(source).body
    assert isinstance(function, r.Function)
    assert cut(source, function.at) == "def f():\n    pass"
    assert written(source, function.decorators[1]) == "e"


def test_columns_are_characters() -> None:
    source = "x = 'ä€😀', call(ö).attr\ny = plain\n"
    first, second = extract(source).body
    assert isinstance(first, r.Assign) and isinstance(second, r.Assign)
    assert isinstance(first.value, r.Sequence)
    assert [written(source, item) for item in first.value.items] == ["'ä€😀'", "call(ö).attr"]
    assert written(source, second.value) == "plain"


def test_places_beyond_what_a_span_holds_are_clamped() -> None:
    source = "x = '" + "a" * 9000 + "', y\nz = 1\n"
    first, second = extract(source).body
    assert isinstance(first, r.Assign) and isinstance(second, r.Assign)
    assert (line_of(first.at), column_of(first.at), end_line_of(first.at), end_column_of(first.at)) == (
        1,
        0,
        1,
        8191,
    )
    assert cut(source, second.at) == "z = 1"


def test_parts_of_an_f_string_stand_where_they_are() -> None:
    source = 'f"""a\n  {b.c} {d}"""\n'
    (statement,) = extract(source).body
    assert isinstance(statement, r.Evaluate) and isinstance(statement.value, r.Text)
    places = [written(source, part) for part in statement.value.parts]
    assert places == [source.strip(), "b.c", source.strip(), "d"]


@pytest.mark.parametrize(
    ("source", "line", "column", "reason"),
    [
        pytest.param("x = 1\ny = = 2\n", 2, 4, "invalid syntax", id="syntax"),
        pytest.param("x = 1\nf(\n", 2, 1, "'(' was never closed", id="never-closed"),
        pytest.param(
            "if x:\npass\n",
            2,
            0,
            "expected an indented block after 'if' statement on line 1",
            id="indentation",
        ),
        pytest.param("x = 1\n" + "y = " + " + ".join(["a"] * 1500), 2, 0, TOO_DEEP, id="sums"),
        pytest.param("y = a" + ".b" * 1500, 1, 0, TOO_DEEP, id="attributes"),
        pytest.param("y = a" + "()" * 1500, 1, 0, TOO_DEEP, id="calls"),
        pytest.param("y = " + " + ".join(["a"] * 50000), 1, 0, TOO_DEEP, id="very-long"),
        pytest.param("y = " + "not " * 50000 + "a", 1, 0, TOO_DEEP, id="beyond-the-parser"),
        pytest.param("y = " + "(" * 5000 + ")" * 5000, 1, 0, TOO_DEEP, id="parentheses"),
    ],
)
def test_unreadable(source: str, line: int, column: int, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        extract(source)
    assert (caught.value.line, caught.value.column, caught.value.reason) == (line, column, reason)


@pytest.mark.parametrize("source", ["x = '\0'", "x = '\udc80'"], ids=["nul", "surrogate"])
def test_text_that_is_no_source(source: str) -> None:
    with pytest.raises(Unreadable):
        extract(source)


def test_long_flat_chains_are_fine() -> None:
    source = "a = " + " or ".join(["b"] * 5000) + "\nc = " + " < ".join(["d"] * 5000)
    facts = extract(source)
    assert len(facts.body) == 2
    assert round_trip(facts)


def test_what_a_bare_string_says_is_not_kept() -> None:
    assert body('"""Module."""\nx = "kept"\n"bare"\n') == [
        "Evaluate(Constant('', 'str'))",
        "Assign([Name('x')], Constant('kept', 'str'))",
        "Evaluate(Constant('', 'str'))",
    ]


def test_strange_escapes_of_the_analysed_code_are_no_warning() -> None:
    assert expression(r"'\d'") == r"Constant('\\d', 'str')"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "list[A] | None",
            "BinOp('|', Subscript(Name('list'), Name('A')), Constant(None, 'none'))",
            id="type",
        ),
        pytest.param(" A ", "Name('A')", id="blanks"),
        pytest.param("x = 1", "None", id="statement"),
        pytest.param("a sentence", "None", id="prose"),
        pytest.param("", "None", id="empty"),
    ],
)
def test_expression_of_a_string_annotation(text: str, expected: str) -> None:
    assert render(parse_expression(text)) == expected


@pytest.mark.parametrize(
    "package", [asyncio, json, email, unittest, layercheck], ids=lambda package: package.__name__
)
def test_whole_packages_come_back_from_their_stored_form(package: Any) -> None:
    files = sorted(Path(package.__file__).parent.rglob("*.py"))
    facts = [read_facts(file.read_bytes()) for file in files]
    assert [file for file, each in zip(files, facts, strict=True) if not round_trip(each)] == []
    assert [file for file, each in zip(files, facts, strict=True) if each.rewritten] == []
