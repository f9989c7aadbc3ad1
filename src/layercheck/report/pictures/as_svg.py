"""Drawings as SVG, laid out by the Graphviz that comes with pygraphviz: no program of the system is run."""

from __future__ import annotations

import os
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import contextmanager

from layercheck.errors import UsageError
from layercheck.report.page import asset, asset_path
from layercheck.report.pictures.as_dot import as_dot
from layercheck.report.pictures.drawing import Drawing, ids
from layercheck.report.style import printable

_SVG = "http://www.w3.org/2000/svg"


def as_svg(drawing: Drawing) -> str:
    """Return ``drawing`` as an SVG that is light or dark as its reader's system is.

    Raises `UsageError` where pygraphviz is not installed.
    """
    with _without_fonts():
        try:
            from pygraphviz import AGraph
        except ImportError as error:
            raise UsageError(
                "svg needs Graphviz, which pip brings along: pip install 'layercheck[svg]'"
            ) from error
        drawn = AGraph(as_dot(drawing)).draw(prog="dot", format="svg")
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.fromstring(drawn)
    titles = _titles(drawing)
    for element in root.iter(f"{{{_SVG}}}g"):
        _name(element, titles)
    style = ElementTree.Element(f"{{{_SVG}}}style")
    style.text = (
        f":root {{ {asset('light.css')} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root {{ {asset('dark.css')} }} }}\n{asset('picture.css')}"
        # without fonts Graphviz takes letters to be taller than they are
        "text { transform: translateY(-.2em); }\n"
    )
    root.insert(0, style)
    return ElementTree.tostring(root, "unicode") + "\n"


def _titles(drawing: Drawing) -> dict[str, str]:
    """Return what a reader sees on pointing at something, by the title or the id it has for Graphviz."""
    names = ids(drawing)
    titles = {names[node.name]: node.name for node in drawing.nodes}
    for number, arrow in enumerate(drawing.arrows):
        label = f": {arrow.label}" if arrow.label else ""
        titles[f"a{number}"] = f"{arrow.source} -> {arrow.target}{label}"
    return titles


def _name(element: ElementTree.Element, titles: dict[str, str]) -> None:
    title = element.find(f"{{{_SVG}}}title")
    if title is None:
        return
    text = titles.get(element.get("id", "")) or titles.get(title.text or "")
    if text is None:
        element.remove(title)
    else:
        title.text = printable(text)


@contextmanager
def _without_fonts() -> Iterator[None]:
    """Let Graphviz estimate widths as it does without fonts: the same picture on every machine.

    It reads the variable when it is loaded.
    """
    name = "FONTCONFIG_FILE"
    before = os.environ.get(name)
    with asset_path("no_fonts.conf") as file:
        os.environ[name] = str(file)
        try:
            yield
        finally:
            if before is None:
                del os.environ[name]
            else:
                os.environ[name] = before
