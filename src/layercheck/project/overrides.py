"""What people say about layers: patterns of the settings and comments in the code."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.config.patterns import path_patterns
from layercheck.config.schema import Config
from layercheck.facts import records as r
from layercheck.location import end_line_of, line_of
from layercheck.program.entities import Class, Entity, Function, Module
from layercheck.project.evidence import elements
from layercheck.project.model import Assignment, Confidence, Project

_SETTINGS, _COMMENT = "settings: ", "comment: "


def is_stated(assignment: Assignment) -> bool:
    """Return whether people gave the layer, by settings or by a comment."""
    return assignment.evidence.startswith((_SETTINGS, _COMMENT))


def overrides(project: Project, config: Config) -> dict[Entity, Assignment]:
    """Return the layers that settings and comments give to modules, classes and functions.

    A comment wins over a pattern, the longest pattern wins over shorter ones.
    """
    patterns = list(_patterns(config))
    found: dict[Entity, Assignment] = {}
    for module in project.program.modules:
        for element in _all(module) if patterns else ():
            matching = [(len(text), layer, text) for layer, text, spec in patterns if _matches(spec, element)]
            if matching:
                _, layer, text = max(matching)
                found[element] = _stated(layer, f"{_SETTINGS}layers.{layer} {text}")
        for pragma, named in comments(module):
            if named is not None:
                found[named] = _stated(pragma.value, f"{_COMMENT}layer={pragma.value}")
    return found


def unmatched(project: Project, config: Config) -> list[tuple[str, str]]:
    """Return the layers and patterns of the settings that match nothing, in the order of the settings."""
    known = [element for module in project.program.modules for element in _all(module)]
    return [
        (layer, text)
        for layer, text, spec in _patterns(config)
        if not any(_matches(spec, element) for element in known)
    ]


def _all(module: Module) -> list[Entity]:
    return [module, *elements(module)]


class _Pattern:
    """A pattern for paths, or for dotted names written with dots: ``app.engine.**``."""

    __slots__ = ("dotted", "spec")

    def __init__(self, text: str) -> None:
        self.dotted = "/" not in text and not text.endswith(".py") and ("." in text)
        lines = [text]
        if self.dotted:
            lines = [f"/{line.replace('.', '/')}" for line in (text, text.removesuffix(".**"))]
        self.spec = path_patterns(lines)


def _patterns(config: Config) -> Iterator[tuple[str, str, _Pattern]]:
    for layer, texts in config.layers.items():
        for text in texts:
            yield layer, text, _Pattern(text)
    for layer, own in config.own_layers.items():
        for text in own.modules:
            yield layer, text, _Pattern(text)


def _matches(pattern: _Pattern, element: Entity) -> bool:
    if pattern.dotted:
        return pattern.spec.match_file(element.qualname.replace(".", "/"))
    return isinstance(element, Module) and pattern.spec.match_file(element.path)


def comments(module: Module) -> Iterator[tuple[r.Pragma, Entity | None]]:
    """Yield the comments of a file that name a layer, and what they mean.

    That is the definition they stand on or above, or the module where they stand in its header; a
    comment elsewhere means nothing.
    """
    pragmas = [pragma for pragma in module.facts.pragmas if pragma.kind == "layer"]
    lines: dict[int, Entity] = {}
    for element in elements(module) if pragmas else ():
        lines.update(dict.fromkeys(_lines(element), element))
    for pragma in pragmas:
        named = lines.get(pragma.line + 1 if pragma.own_line else pragma.line)
        yield pragma, named or (module if pragma.in_header else None)


def _lines(element: Class | Function) -> range:
    """Return the lines of the decorators and the header of a definition."""
    node = element.node
    if isinstance(node, r.Lambda):
        return range(0)
    starts = [line_of(d.at) for d in node.decorators if not isinstance(d, r.Slice)]
    first = min([line_of(node.at), *starts])
    return range(first, end_line_of(node.header) + 1)


def _stated(layer: str, evidence: str) -> Assignment:
    return Assignment(layer, Confidence.CERTAIN, evidence)
