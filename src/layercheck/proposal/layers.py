"""Layers proposed from contracts, for the modules whose layer is not known otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from layercheck.config.schema import LAYERS
from layercheck.pipeline.analysis import Analysis
from layercheck.program.entities import Class, Function, Module
from layercheck.project.coverage import holds_code, is_classified
from layercheck.project.matrix import rank
from layercheck.project.model import UNKNOWN
from layercheck.project.words import directory_layer
from layercheck.proposal.contracts import Contract

MOSTLY = 0.75
"""A pattern wins over detection, so it must not take the layer of modules that have one."""


@dataclass(frozen=True, slots=True)
class ProposedLayer:
    """Patterns for a layer; ``may_use`` is None for a layer every project knows."""

    name: str
    modules: tuple[str, ...]
    may_use: tuple[str, ...] | None
    reason: str


def proposed_layers(analysis: Analysis, contracts: Iterable[Contract]) -> list[ProposedLayer]:
    """Return the layers of ``contracts`` whose modules have mostly no layer.

    One that is called like a known layer becomes that; another is a layer of the project's own, which
    may use what stands below it.
    """
    found: dict[str, ProposedLayer] = {}
    for contract in contracts:
        below: set[str] = set()
        for row in reversed(contract.rows):
            here: set[str] = set()
            for module in row:
                layers = _layers_in(analysis, module)
                unknown = layers.pop(UNKNOWN.layer, 0)
                if unknown and unknown >= MOSTLY * (unknown + layers.total()):
                    layer = _named(module, contract, below)
                    known = found.get(layer.name)
                    found[layer.name] = layer if known is None else _joined(known, layer)
                    here.add(layer.name)
                here.update(layers)
            below |= here
    return list(found.values())


def _layers_in(analysis: Analysis, prefix: str) -> Counter[str]:
    """Return how many modules below ``prefix`` have which layer, a module without one as what it defines."""
    project = analysis.project
    found: Counter[str] = Counter()
    for module in project.program.modules:
        if holds_code(module) and (module.name == prefix or module.name.startswith(f"{prefix}.")):
            own = project.layer(module).layer
            if own == UNKNOWN.layer and is_classified(project, module):
                found.update(_inside(analysis, module))
            else:
                found[own] += 1
    return found


def _inside(analysis: Analysis, module: Module) -> set[str]:
    elements: tuple[Class | Function, ...] = (*module.classes, *module.functions)
    return {analysis.project.layer(element).layer for element in elements} - {UNKNOWN.layer}


def _named(module: str, contract: Contract, below: set[str]) -> ProposedLayer:
    word = module.rpartition(".")[2]
    title = f'"{contract.name}"' if contract.name else "a contract"
    layer = word if word in LAYERS else directory_layer(word)
    reason = f"`{module}` in the import-linter contract {title} of {contract.file}"
    pattern = f"{module}.**"
    if layer:
        return ProposedLayer(layer, (pattern,), None, reason)
    may_use = tuple(sorted(below, key=lambda name: (rank(name), name)))
    return ProposedLayer(word, (pattern,), may_use, reason)


def _joined(one: ProposedLayer, other: ProposedLayer) -> ProposedLayer:
    modules = tuple(dict.fromkeys((*one.modules, *other.modules)))
    may_use = one.may_use
    if may_use is not None and other.may_use is not None:
        may_use = tuple(dict.fromkeys((*may_use, *other.may_use)))
    return ProposedLayer(one.name, modules, may_use, one.reason)
