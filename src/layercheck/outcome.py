"""The result of one run, the only thing a report may read."""

from __future__ import annotations

import enum

import msgspec

from layercheck.errors import ExitCode
from layercheck.finding import Finding, RuleInfo, Severity
from layercheck.location import Place


class Verdict(enum.StrEnum):
    """What triage made of a finding."""

    NEW = "new"
    KNOWN = "known"


class Judged(msgspec.Struct, frozen=True):
    """A finding with its verdict."""

    finding: Finding
    verdict: Verdict = Verdict.NEW


class Suppressed(msgspec.Struct, frozen=True):
    """A finding silenced by a comment; ``comment`` is where, ``reason`` what the comment says."""

    finding: Finding
    comment: Place
    reason: str


class InactiveRule(msgspec.Struct, frozen=True):
    """A rule that was asked for and had nothing to judge, with the reason in words."""

    code: str
    name: str
    reason: str


class LayerCount(msgspec.Struct, frozen=True):
    """How many modules and elements (classes and functions) a layer holds."""

    layer: str
    modules: int
    elements: int


class LayerEdge(msgspec.Struct, frozen=True):
    """What one layer uses of another, in imported names and calls; ``allowed`` is what the layers permit."""

    source: str
    target: str
    imports: int
    calls: int
    allowed: bool


class Unread(msgspec.Struct, frozen=True):
    """A file that could not be read, with the reason in words."""

    place: Place
    reason: str


class Summary(msgspec.Struct, frozen=True):
    """The counts of a run.

    ``classified`` is the number of reported modules that hold code and got a layer, of
    ``classifiable``. ``notes`` are sentences a reader must know (``flat project: ...``). ``edges`` are
    what different layers use of each other.
    """

    files: int
    lines: int
    layers: tuple[LayerCount, ...]
    classified: int
    classifiable: int
    routes: int
    call_sites: int
    resolved_calls: int
    inactive_rules: tuple[InactiveRule, ...]
    notes: tuple[str, ...] = ()
    edges: tuple[LayerEdge, ...] = ()

    @property
    def resolved_share(self) -> float:
        """Return the share of call sites whose target is known, 1.0 where there are none."""
        return self.resolved_calls / self.call_sites if self.call_sites else 1.0

    @property
    def classified_share(self) -> float:
        """Return the share of code-holding modules that got a layer, 1.0 where there are none."""
        return self.classified / self.classifiable if self.classifiable else 1.0


class MapModule(msgspec.Struct, frozen=True):
    """A module on the map; ``feature`` is empty where the layout has none."""

    name: str
    path: str
    layer: str
    feature: str


class MapImport(msgspec.Struct, frozen=True):
    """How many names one module imports from another; both are indices of `ProjectMap.modules`."""

    source: int
    target: int
    names: int


class RouteException(msgspec.Struct, frozen=True):
    """An exception a route lets out, the status it becomes (None: not known), and who decides that."""

    exception: str
    status: int | None
    how: str


class RouteDependency(msgspec.Struct, frozen=True):
    """A dependency of a route with its own ones; ``parameter`` is the name it is handed over by."""

    provider: str
    parameter: str
    file: str
    line: int
    dependencies: tuple[RouteDependency, ...]


class MapRoute(msgspec.Struct, frozen=True):
    """A route as ``layercheck routes`` lists it."""

    method: str
    path: str
    handler: str
    file: str
    line: int
    dependencies: tuple[RouteDependency, ...]
    layers: tuple[str, ...]
    exceptions: tuple[RouteException, ...]


class ProjectMap(msgspec.Struct, frozen=True):
    """What a picture of the project needs: its modules, what they import of each other, its routes."""

    modules: tuple[MapModule, ...]
    imports: tuple[MapImport, ...]
    routes: tuple[MapRoute, ...]


class Outcome(msgspec.Struct, frozen=True):
    """Everything a report needs.

    ``findings`` are sorted in reading order. ``sources`` maps a path to the lines the report may
    quote: line number to text, for the lines findings and their chains point at; a line is cut where
    columns are no longer counted.
    ``internal_errors`` are sentences about parts of the run that failed although the rest went on.
    ``map`` is there where it was asked for.
    """

    root: str
    version: str
    findings: tuple[Judged, ...]
    suppressed: tuple[Suppressed, ...]
    stale_baseline: tuple[str, ...]
    unread: tuple[Unread, ...]
    rules: tuple[RuleInfo, ...]
    summary: Summary
    sources: dict[str, dict[int, str]]
    fail_on: Severity | None = Severity.ERROR
    internal_errors: tuple[str, ...] = ()
    map: ProjectMap | None = None

    @property
    def new(self) -> tuple[Finding, ...]:
        """Return the findings no baseline knows."""
        return tuple(judged.finding for judged in self.findings if judged.verdict is Verdict.NEW)

    def fails(self, finding: Finding) -> bool:
        """Return whether ``finding``, where it is new, makes the run fail."""
        ranks = list(Severity)
        return self.fail_on is not None and ranks.index(finding.severity) <= ranks.index(self.fail_on)

    @property
    def exit_code(self) -> ExitCode:
        """Return what the process should tell its caller."""
        if self.internal_errors:
            return ExitCode.INTERNAL
        return ExitCode.FINDINGS if any(map(self.fails, self.new)) else ExitCode.CLEAN
