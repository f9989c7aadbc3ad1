"""From a project to the settings it should start with."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path
from typing import Literal

from msgspec.structs import replace

from layercheck.config.schema import Config, Selection
from layercheck.finding import Severity
from layercheck.pipeline.analysis import Analysis, analyse
from layercheck.pipeline.checking import report_on
from layercheck.pipeline.reading import Workers
from layercheck.proposal.choice import HABITUAL, Trial, choose
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
    trial = Trial(
        warnings=_warnings(analysis, config, HABITUAL),
        by_style={
            style: _warnings(analysis, replace(config, error_mapping=style), (STYLE_RULE,)).total()
            for style in STYLES
        },
        rules={info.code: info for info in rule_infos()},
    )
    layers = proposed_layers(analysis, layer_contracts(project_root))
    return place(project_root, counted, choose(counted, trial), layers)


def _warnings(analysis: Analysis, config: Config, codes: tuple[str, ...]) -> Counter[str]:
    """Return how many warnings the rules with these codes give, by code."""
    tried = replace(config, selections=(Selection(select=codes),))
    root = Path(analysis.tree.project_root)
    view = dataclasses.replace(analysis.view, config=tried)
    outcome = report_on([root], tried, dataclasses.replace(analysis, view=view))
    return Counter(one.code for one in outcome.new if one.severity is Severity.WARNING)
