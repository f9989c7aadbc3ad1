"""What a rule may look at."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from layercheck.config.schema import Config
from layercheck.facts.records import Pragma
from layercheck.finding import RuleInfo
from layercheck.graphs.calls import CallGraph
from layercheck.graphs.exceptions import ExceptionFlow
from layercheck.graphs.imports import ImportGraph
from layercheck.outcome import Unread
from layercheck.project.model import Project
from layercheck.sources import SourceTree


class UnusedPragma(msgspec.Struct, frozen=True):
    """A comment that silenced nothing; ``codes`` are those that did not, empty for all codes."""

    path: str
    pragma: Pragma
    codes: tuple[str, ...]


class Triage(msgspec.Struct, frozen=True):
    """What became of the findings so far, for the rules that judge that.

    ``rules`` are all there are, ``ran`` the codes of those that ran, ``unused`` the comments that
    silenced nothing. ``stale`` are the entries of the baseline that no finding has any more.
    """

    rules: tuple[RuleInfo, ...] = ()
    ran: frozenset[str] = frozenset()
    unused: tuple[UnusedPragma, ...] = ()
    stale: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """The settings, the project and its graphs, as rules see them; ``unread`` are the files missing.

    ``tree`` holds all files of the project. ``triage`` is empty until the stage of a rule has come
    (`layercheck.rules.rule.Stage`).
    """

    config: Config
    project: Project
    imports: ImportGraph
    calls: CallGraph
    exceptions: ExceptionFlow
    tree: SourceTree
    unread: tuple[Unread, ...] = ()
    triage: Triage = Triage()
