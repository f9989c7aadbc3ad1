"""From bytes to facts: encodings and line ends."""

from __future__ import annotations

import codecs

import msgspec
import pytest
from render import render_all

from layercheck.facts.read import read_facts
from layercheck.facts.unreadable import Unreadable

PLAIN = "# -*- coding: utf-8 -*-\nx = 'é'  # noqa\n\nif x:\n    y = '''a\nb'''\n"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(PLAIN.encode(), id="utf-8"),
        pytest.param(codecs.BOM_UTF8 + PLAIN.encode(), id="byte-order-mark"),
        pytest.param(PLAIN.replace("\n", "\r\n").encode(), id="crlf"),
        pytest.param(PLAIN.replace("\n", "\r").encode(), id="lone-cr"),
    ],
)
def test_the_same_text_gives_the_same_facts(data: bytes) -> None:
    facts = read_facts(data)
    assert msgspec.msgpack.encode(facts) == msgspec.msgpack.encode(read_facts(PLAIN.encode()))
    assert render_all(facts.body) == [
        "Assign([Name('x')], Constant('é', 'str'))",
        "If(Name('x'), [Assign([Name('y')], Constant('a\\nb', 'str'))], [])",
    ]
    assert render_all(facts.pragmas) == ["Pragma('noqa', [], '', 2, 9, 15, False, False)"]
    assert (facts.lines, facts.rewritten) == (6, False)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(
            b"# coding: latin-1\nx = '\xe9'\n", ["Assign([Name('x')], Constant('é', 'str'))"], id="cookie"
        ),
        pytest.param(
            b"#!/bin/x\n# vim: set fileencoding=cp1252 :\nx = '\x80'\n",
            ["Assign([Name('x')], Constant('€', 'str'))"],
            id="cookie-on-line-2",
        ),
        pytest.param(
            b"x = 1\n\x0c\ny = 2\n",
            [f"Assign([Name({n!r})], Constant({v}, 'int'))" for n, v in (("x", 1), ("y", 2))],
            id="form-feed",
        ),
        pytest.param(b"", [], id="empty"),
        pytest.param(codecs.BOM_UTF8, [], id="only-a-byte-order-mark"),
        pytest.param(b"# only a comment", [], id="comment"),
    ],
)
def test_source(data: bytes, expected: list[str]) -> None:
    assert render_all(read_facts(data).body) == expected


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        pytest.param(
            b"x = 1\ny = 2\nz = '\xe9'\n",
            3,
            "not readable as utf-8: invalid continuation byte",
            id="not-utf-8",
        ),
        pytest.param(b"# coding: klingon\n", 1, "unknown encoding: klingon", id="unknown"),
        pytest.param(
            b"# coding: ascii\n\nx = '\xe9'\n",
            3,
            "not readable as ascii: ordinal not in range(128)",
            id="not-ascii",
        ),
        pytest.param(
            codecs.BOM_UTF8 + b"# coding: latin-1\n", 1, "encoding problem: utf-8", id="contradiction"
        ),
        pytest.param("x = 1\n".encode("utf-16"), 1, "invalid or missing encoding declaration", id="utf-16"),
        pytest.param(b"x = '\0'\n", 1, "source code string cannot contain null bytes", id="nul"),
    ],
)
def test_unreadable_bytes(data: bytes, line: int, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_facts(data)
    assert (caught.value.line, caught.value.reason) == (line, reason)


def test_codec_that_makes_no_text() -> None:
    with pytest.raises(Unreadable):
        read_facts(b"# coding: rot13\nx = 1\n")
