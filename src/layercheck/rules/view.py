"""What a rule may look at."""

from __future__ import annotations

from dataclasses import dataclass

from layercheck.config.schema import Config
from layercheck.graphs.calls import CallGraph
from layercheck.graphs.exceptions import ExceptionFlow
from layercheck.graphs.imports import ImportGraph
from layercheck.outcome import Unread
from layercheck.project.model import Project


@dataclass(frozen=True, slots=True)
class View:
    """The settings, the project and its graphs, as rules see them; ``unread`` are the files missing."""

    config: Config
    project: Project
    imports: ImportGraph
    calls: CallGraph
    exceptions: ExceptionFlow
    unread: tuple[Unread, ...] = ()
