"""What a rule may look at."""

from __future__ import annotations

from typing import Any

from layercheck.config.schema import Config


class View:
    """The settings, the project and its graphs, as rules see them."""

    def __init__(self, config: Config, project: Any, graphs: Any) -> None:
        self.config = config
        self.project = project
        self.graphs = graphs
