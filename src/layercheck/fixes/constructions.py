"""Where objects of classes are made by hand."""

from __future__ import annotations

from layercheck.facts import records as r
from layercheck.inference.signatures import MARKERS
from layercheck.program.entities import Class, Function, Module
from layercheck.rules.view import View


class Constructions:
    """The calls of classes, by class, each with who makes it; a measure for `View.measure`."""

    def __init__(self, view: View) -> None:
        self.of: dict[Class, list[tuple[Function | Module, r.Call]]] = {}
        callers: list[Function | Module] = [*view.project.program.functions, *view.project.program.modules]
        for caller in callers:
            nodes = caller.calls
            for _, site in view.calls.sites(caller):
                if site.at in nodes and MARKERS.isdisjoint(site.externals):
                    for cls in site.classes:
                        self.of.setdefault(cls, []).append((caller, nodes[site.at]))
