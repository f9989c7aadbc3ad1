"""From a project to the settings it should start with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from msgspec.structs import replace

from layercheck.config.schema import Config, Selection
from layercheck.finding import Finding, Severity
from layercheck.pipeline.analysis import Analysis, analyse
from layercheck.pipeline.checking import report_on
from layercheck.pipeline.reading import Workers
from layercheck.proposal.choice import Trial, choose
from layercheck.proposal.contracts import layer_contracts
from layercheck.proposal.habits import habits
from layercheck.proposal.layers import proposed_layers
from layercheck.proposal.writing import Target, place
from layercheck.rules.catalog import rule_infos

STYLE_RULE = "LC505"
"""The rule that counts how often code departs from a style of error mapping."""

STYLES: tuple[Literal["router", "handlers"], ...] = ("router", "handlers")


def propose(project_root: Path, config: Config, workers: Workers | None = None) -> Target:
    """Return the settings for the project in ``project_root``, as text at home in a file.

    ``config`` holds the defaults. Raises `NothingToAnalyse` without any Python file.
    """
    analysis = analyse(project_root, config, None, workers)
    counted = habits(analysis)
    found = _found(analysis, config)
    trial = Trial(
        warnings=_count(found, Severity.WARNING),
        by_style={style: _departures(analysis, config, style) for style in STYLES},
        rules={info.code: info for info in rule_infos()},
    )
    layers = proposed_layers(analysis, layer_contracts(project_root))
    return place(project_root, counted, choose(counted, trial), layers, _count(found, Severity.ERROR))


def _departures(analysis: Analysis, config: Config, style: Literal["router", "handlers"]) -> int:
    selection = Selection(select=(STYLE_RULE,))
    return len(_found(analysis, replace(config, error_mapping=style, selections=(selection,))))


def _found(analysis: Analysis, config: Config) -> tuple[Finding, ...]:
    root = Path(analysis.tree.project_root)
    view = replace(analysis.view, config=config)
    return report_on([root], config, replace(analysis, view=view)).new


def _count(findings: Iterable[Finding], severity: Severity) -> Counter[str]:
    return Counter(one.code for one in findings if one.severity is severity)
