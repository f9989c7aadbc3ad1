"""What a rule may look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import msgspec

from layercheck.config.schema import Config
from layercheck.facts.records import Pragma
from layercheck.finding import RuleInfo
from layercheck.graphs.calls import CallGraph
from layercheck.graphs.exceptions import ExceptionFlow
from layercheck.graphs.imports import ImportGraph
from layercheck.location import Place
from layercheck.outcome import Unread
from layercheck.project.model import Project
from layercheck.sources import SourceTree


M = TypeVar("M")


class UnusedPragma(msgspec.Struct, frozen=True):
    """A comment that silenced nothing; ``codes`` are those that did not, empty for all codes."""

    path: str
    pragma: Pragma
    codes: tuple[str, ...]


class StaleEntry(msgspec.Struct, frozen=True):
    """An entry of the baseline, written ``at`` a place: of its ``count`` findings ``gone`` exist no more."""

    at: Place
    code: str
    element: str
    target: str
    count: int
    gone: int


class Triage(msgspec.Struct, frozen=True):
    """What became of the findings so far, for the rules that judge that.

    ``rules`` are all there are, ``ran`` the codes of those that ran, ``unused`` the comments that
    silenced nothing. ``stale`` are the entries of the baseline that nothing needs any more.
    """

    rules: tuple[RuleInfo, ...] = ()
    ran: frozenset[str] = frozenset()
    unused: tuple[UnusedPragma, ...] = ()
    stale: tuple[StaleEntry, ...] = ()


class View(msgspec.Struct, frozen=True):
    """The settings, the project and its graphs, as rules see them; ``unread`` are the files missing.

    ``tree`` holds all files of the project. ``triage`` is empty until the stage of a rule has come
    (`layercheck.rules.rule.Stage`). Rules ask for what they share by `measure`.
    """

    config: Config
    project: Project
    imports: ImportGraph
    calls: CallGraph
    exceptions: ExceptionFlow
    tree: SourceTree
    unread: tuple[Unread, ...] = ()
    triage: Triage = Triage()
    _measures: dict[object, Any] = {}

    def measure(self, kind: Callable[[View], M]) -> M:
        """Return the one measure of class ``kind`` all rules share, so that nothing is worked out twice."""
        found = self._measures.get(kind)
        if found is None:
            found = self._measures[kind] = kind(self)
        return cast("M", found)
