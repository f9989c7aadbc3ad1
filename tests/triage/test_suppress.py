"""Which comment silences which finding."""

from __future__ import annotations

from textwrap import dedent

import pytest

from layercheck.facts.read import read_facts
from layercheck.facts.records import FileFacts
from layercheck.finding import Finding, Severity
from layercheck.location import Place
from layercheck.triage.per_file import leave_out
from layercheck.triage.suppress import Suppression, suppress

PATH = "app/items.py"


def finding(line: int, code: str = "LC101", path: str = PATH) -> Finding:
    return Finding(
        code=code,
        name="some-rule",
        severity=Severity.ERROR,
        place=Place(path, line, 5, line, 9),
        message="",
        help="",
        element="app.items.f",
        layer="router",
        target=f"line {line}",
    )


def facts(source: str) -> FileFacts:
    return read_facts(dedent(source).lstrip("\n").encode())


def judged(source: str, *codes: str) -> Suppression:
    """Return the suppression of one finding per code on each line that holds the name ``guilty``."""
    text = dedent(source).lstrip("\n")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if "guilty" in line.partition("#")[0]]
    findings = [finding(line, code) for line in lines for code in codes or ("LC101",)]
    return suppress(findings, {PATH: read_facts(text.encode())})


SILENCED = {
    "on the line": "guilty()  # layercheck: ignore[LC101] because",
    "name of the rule": "guilty()  # layercheck: ignore[some-rule] because",
    "one of several codes": "guilty()  # layercheck: ignore[LC1, LC101] because",
    "start of codes": "guilty()  # layercheck: ignore[LC1] because",
    "all codes": "guilty()  # layercheck: ignore because",
    "last line of the statement": """
        guilty(
            1,
        )  # layercheck: ignore[LC101] because
    """,
    "first line of the statement": """
        x = call(  # layercheck: ignore[LC101] because
            guilty,
        )
    """,
    "own line inside the statement": """
        x = call(
            # layercheck: ignore[LC101] because
            guilty,
        )
    """,
    "header of an if": """
        if guilty:  # layercheck: ignore[LC101] because
            pass
    """,
    "closing line of a header": """
        if (
            guilty
        ):  # layercheck: ignore[LC101] because
            pass
    """,
    "elif": """
        if a:
            pass
        elif guilty:  # layercheck: ignore[LC101] because
            pass
    """,
    "loop": "for x in guilty:  # layercheck: ignore[LC101] because\n    pass",
    "while": "while guilty:  # layercheck: ignore[LC101] because\n    pass",
    "with": """
        with (
            a,
            guilty as b,
        ):  # layercheck: ignore[LC101] because
            pass
    """,
    "match": "match guilty:  # layercheck: ignore[LC101] because\n    case 1:\n        pass",
    "inside a case": "match a:\n    case 1:\n        guilty()  # layercheck: ignore[LC101] because",
    "except clause": """
        try:
            a()
        except guilty:  # layercheck: ignore[LC101] because
            pass
    """,
    "finally": "try:\n    a()\nfinally:\n    guilty()  # layercheck: ignore[LC101] because",
    "parameter": """
        def f(
            a,  # layercheck: ignore[LC101] because
            guilty,
        ):
            pass
    """,
    "decorator for the header": """
        @decorator  # layercheck: ignore[LC101] because
        def guilty():
            pass
    """,
    "def for a decorator": """
        @guilty
        def f():  # layercheck: ignore[LC101] because
            pass
    """,
    "def for the body": """
        def f():  # layercheck: ignore[LC101] because
            if a:
                guilty()
    """,
    "last line of the signature for the body": """
        def f(
            a,
        ):  # layercheck: ignore[LC101] because
            guilty()
    """,
    "async def": "async def f():  # layercheck: ignore[LC101] because\n    await guilty()",
    "class for its methods": """
        class C:  # layercheck: ignore[LC101] because
            def f(self):
                guilty()
    """,
    "def with decorators for the body": """
        @decorator
        @another(
            1
        )
        def f():  # layercheck: ignore[LC101] because
            guilty()
    """,
    "first comment block for the file": '''
        #!/usr/bin/env python
        # layercheck: ignore[LC101] because
        """Docstring."""

        def f():
            guilty()
    ''',
    "noqa with the code": "guilty()  # noqa: LC101",
    "noqa with other codes": "guilty()  # noqa: E501,LC101",
    "bare noqa": "guilty()  # noqa",
    "noqa on the last line": "guilty(\n    1,\n)  # noqa: LC101",
}


@pytest.mark.parametrize("source", SILENCED.values(), ids=SILENCED)
def test_a_comment_silences_the_finding(source: str) -> None:
    result = judged(source)
    assert (result.kept, len(result.suppressed), result.unused) == ((), 1, ())


KEPT = {
    "other code": "guilty()  # layercheck: ignore[LC102] because",
    "line before": "# layercheck does not say ignore\na()  # layercheck: ignore[LC101] because\nguilty()",
    "line after": "guilty()\na()  # layercheck: ignore[LC101] because",
    "header for the body of an if": "if a:  # layercheck: ignore[LC101] because\n    guilty()",
    "body for the header": "if guilty:\n    a()  # layercheck: ignore[LC101] because",
    "own line behind the header": "if guilty:\n    # layercheck: ignore[LC101] because\n    a()",
    "own line before the statement": "a()\n# layercheck: ignore[LC101] because\nguilty()",
    "parameter for the body": "def f(\n    a,  # layercheck: ignore[LC101] because\n    b,\n):\n    guilty()",
    "decorator for the body": "@decorator  # layercheck: ignore[LC101] because\ndef f():\n    guilty()",
    "neighbour": "def f():  # layercheck: ignore[LC101] because\n    a()\n\ndef g():\n    guilty()",
    "later comment block": "import a\n\n# layercheck: ignore[LC101] because\n\nguilty()",
    "in a string": 'guilty("# layercheck: ignore[LC101] because")',
    "noqa for other tools": "guilty()  # noqa: E501",
    "noqa on def for the body": "def f():  # noqa: LC101\n    guilty()",
    "noqa in the first comment block": "# noqa: LC101\nguilty()",
}


@pytest.mark.parametrize("source", KEPT.values(), ids=KEPT)
def test_a_comment_elsewhere_silences_nothing(source: str) -> None:
    result = judged(source)
    assert (len(result.kept), result.suppressed) == (1, ())


def test_what_was_silenced_says_by_which_comment_and_why() -> None:
    result = judged("a()\nguilty()  # layercheck: ignore[LC101] old code")
    assert [(one.finding, one.comment, one.reason) for one in result.suppressed] == [
        (finding(2), Place(PATH, 2, 11, 2, 47), "old code")
    ]


def test_the_nearest_comment_is_told_and_none_of_them_is_unused() -> None:
    result = judged(
        """
        def f():  # layercheck: ignore[LC101] outer
            guilty()  # layercheck: ignore[LC101] inner
        """
    )
    assert ([one.reason for one in result.suppressed], result.unused) == (["inner"], ())


UNUSED = {
    "a code that did not occur": ("guilty()  # layercheck: ignore[LC101,LC202] because", [(1, ("LC202",))]),
    "no code occurred": ("a()\nb()  # layercheck: ignore[LC101,LC202] because", [(2, ("LC101", "LC202"))]),
    "a code of nobody": ("a()  # layercheck: ignore[E501] because", [(1, ("E501",))]),
    "ignoring all": ("a()  # layercheck: ignore because", [(1, ())]),
    "own line between statements": ("a()\n# layercheck: ignore[LC101] x\nguilty()", [(2, ("LC101",))]),
    "noqa with our code": ("a()  # noqa: E501,LC101", [(1, ("LC101",))]),
    "noqa for others": ("a()  # noqa: E501", []),
    "bare noqa": ("a()  # noqa", []),
    "a layer is no suppression": ("a = 1  # layercheck: layer=service", []),
}


@pytest.mark.parametrize(("source", "expected"), UNUSED.values(), ids=UNUSED)
def test_comments_that_silence_nothing_are_told(
    source: str, expected: list[tuple[int, tuple[str, ...]]]
) -> None:
    assert [(one.pragma.line, one.codes) for one in judged(source).unused] == expected


def test_findings_keep_their_order_and_files_do_not_mix() -> None:
    files = {"a.py": facts("x()  # layercheck: ignore[LC101] because"), "b.py": facts("x()")}
    findings = [finding(1, "LC101", "b.py"), finding(1, "LC101", "a.py"), finding(1, "LC202", "a.py")]
    result = suppress(findings, files)
    assert (result.kept, [one.finding for one in result.suppressed]) == (
        (findings[0], findings[2]),
        [findings[1]],
    )


def test_per_file_ignores_take_patterns_and_starts_of_codes() -> None:
    findings = [
        finding(1, "LC101", "app/legacy/a.py"),
        finding(2, "LC202", "app/legacy/a.py"),
        finding(3, "LC101", "app/a.py"),
        finding(4, "LC501", "app/v1/a.py"),
    ]
    kept = leave_out(findings, {"app/legacy/**": ("LC1",), "app/*/a.py": ("LC501",)})
    assert [one.place.line for one in kept] == [2, 3]
    assert [one.place.line for one in leave_out(findings, {"app/legacy/**": ("ALL",)})] == [3, 4]
