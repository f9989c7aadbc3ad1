"""The pictures show what commands print today, as far as that can be told without a browser."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from screenshots import GRAPH, IMAGES, printed, terminal

LARGEST = 100_000
"""Bytes: a README should not take long to load."""


def words(svg: str) -> list[str]:
    """Return what can be read in a picture, and what shows on pointing at something, in any order."""
    elements = ElementTree.fromstring(svg).iter()
    return sorted(
        (element.text or "").replace("\xa0", " ").strip()
        for element in elements
        if element.tag.rpartition("}")[2] in ("text", "title")
    )


def test_the_terminal() -> None:
    assert words((IMAGES / "terminal.svg").read_text("utf-8")) == words(terminal())


def test_the_graph() -> None:
    assert words((IMAGES / "imports.svg").read_text("utf-8")) == words(printed(*GRAPH))


def test_pictures_are_small_and_fetch_nothing() -> None:
    for image in IMAGES.iterdir():
        assert image.stat().st_size < LARGEST
        assert image.suffix != ".svg" or "url(http" not in image.read_text("utf-8")
