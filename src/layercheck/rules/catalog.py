"""All rules, written out, and which of them run under given settings."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from layercheck.config.schema import ALL, Config, Selection, selects
from layercheck.finding import Finding, RuleInfo, Severity
from layercheck.rules.errors.broad_except_hides_mapping import BroadExceptHidesMapping
from layercheck.rules.errors.database_error_above_repository import DatabaseErrorAboveRepository
from layercheck.rules.errors.dead_exception_mapping import DeadExceptionMapping
from layercheck.rules.errors.domain_exception_inherits_http import DomainExceptionInheritsHttp
from layercheck.rules.errors.error_mapping_style import ErrorMappingStyle
from layercheck.rules.errors.exception_text_in_response import ExceptionTextInResponse
from layercheck.rules.errors.handler_never_registered import HandlerNeverRegistered
from layercheck.rules.errors.unmapped_domain_exception import UnmappedDomainException
from layercheck.rules.repository.commit_outside_owner import CommitOutsideOwner
from layercheck.rules.repository.repository_imports_web import RepositoryImportsWeb
from layercheck.rules.repository.repository_leaks_orm import RepositoryLeaksOrm
from layercheck.rules.repository.split_transaction import SplitTransaction
from layercheck.rules.router.entrypoint_bypasses_service import EntrypointBypassesService
from layercheck.rules.router.fat_route import FatRoute
from layercheck.rules.router.route_calls_route import RouteCallsRoute
from layercheck.rules.router.route_returns_entity import RouteReturnsEntity
from layercheck.rules.router.router_executes_query import RouterExecutesQuery
from layercheck.rules.router.router_holds_session import RouterHoldsSession
from layercheck.rules.router.router_imports_database import RouterImportsDatabase
from layercheck.rules.rule import Rule
from layercheck.rules.service.service_depends_marker import ServiceDependsMarker
from layercheck.rules.service.service_executes_query import ServiceExecutesQuery
from layercheck.rules.service.service_holds_session import ServiceHoldsSession
from layercheck.rules.service.service_imports_web import ServiceImportsWeb
from layercheck.rules.service.service_raises_http_exception import ServiceRaisesHttpException
from layercheck.rules.service.service_takes_api_schema import ServiceTakesApiSchema
from layercheck.rules.structure.broken_import_contract import BrokenImportContract
from layercheck.rules.structure.domain_purity import DomainPurity
from layercheck.rules.structure.duplicated_entry_logic import DuplicatedEntryLogic
from layercheck.rules.structure.feature_isolation import FeatureIsolation
from layercheck.rules.structure.import_cycle import ImportCycle
from layercheck.rules.structure.layer_import_direction import LayerImportDirection
from layercheck.rules.structure.package_containment import PackageContainment
from layercheck.rules.structure.pass_through_service import PassThroughService
from layercheck.rules.tool.file_not_parsed import FileNotParsed
from layercheck.rules.tool.layer_or_pattern_matches_nothing import LayerOrPatternMatchesNothing
from layercheck.rules.tool.stale_baseline_entry import StaleBaselineEntry
from layercheck.rules.tool.suppression_without_reason import SuppressionWithoutReason
from layercheck.rules.tool.unclassified_module import UnclassifiedModule
from layercheck.rules.tool.unused_suppression import UnusedSuppression
from layercheck.rules.wiring.commit_after_response import CommitAfterResponse
from layercheck.rules.wiring.dependency_built_in_route import DependencyBuiltInRoute
from layercheck.rules.wiring.depends_never_injected import DependsNeverInjected
from layercheck.rules.wiring.provider_called_directly import ProviderCalledDirectly
from layercheck.rules.wiring.request_scope_escapes import RequestScopeEscapes
from layercheck.rules.wiring.service_locator import ServiceLocator
from layercheck.rules.wiring.session_opened_outside_wiring import SessionOpenedOutsideWiring
from layercheck.rules.wiring.stateful_module_singleton import StatefulModuleSingleton

RULES: tuple[type[Rule], ...] = (
    UnusedSuppression,
    SuppressionWithoutReason,
    LayerOrPatternMatchesNothing,
    UnclassifiedModule,
    StaleBaselineEntry,
    FileNotParsed,
    RouterExecutesQuery,
    RouterImportsDatabase,
    EntrypointBypassesService,
    RouterHoldsSession,
    FatRoute,
    RouteCallsRoute,
    RouteReturnsEntity,
    ServiceImportsWeb,
    ServiceRaisesHttpException,
    ServiceExecutesQuery,
    ServiceHoldsSession,
    ServiceDependsMarker,
    ServiceTakesApiSchema,
    RepositoryImportsWeb,
    RepositoryLeaksOrm,
    CommitOutsideOwner,
    SplitTransaction,
    ProviderCalledDirectly,
    DependencyBuiltInRoute,
    StatefulModuleSingleton,
    SessionOpenedOutsideWiring,
    RequestScopeEscapes,
    DependsNeverInjected,
    ServiceLocator,
    CommitAfterResponse,
    UnmappedDomainException,
    DeadExceptionMapping,
    DomainExceptionInheritsHttp,
    DatabaseErrorAboveRepository,
    ErrorMappingStyle,
    HandlerNeverRegistered,
    ExceptionTextInResponse,
    BroadExceptHidesMapping,
    LayerImportDirection,
    ImportCycle,
    DomainPurity,
    FeatureIsolation,
    PackageContainment,
    DuplicatedEntryLogic,
    PassThroughService,
    BrokenImportContract,
)
"""Sorted by code. A rule that is not named here does not exist."""

_LOUDNESS = {Severity.ADVICE: 0, Severity.WARNING: 1, Severity.ERROR: 2}


class Selected(msgspec.Struct, frozen=True):
    """A rule that runs, and the severity the settings give it."""

    rule: Rule
    severity: Severity

    def weigh(self, finding: Finding) -> Finding:
        """Return ``finding`` with the severity it is reported with.

        Where the settings leave the rule's severity alone, the rule's own judgement stands. Else
        theirs counts, but what the rule itself thought weaker than usual never gets louder.
        """
        own = self.rule.own_severity()
        if self.severity is own or finding.severity is self.severity:
            return finding
        is_weaker = _LOUDNESS[finding.severity] < _LOUDNESS[own]
        limit = (
            min(self.severity, finding.severity, key=_LOUDNESS.__getitem__) if is_weaker else self.severity
        )
        return msgspec.structs.replace(finding, severity=limit)


def rule_infos() -> tuple[RuleInfo, ...]:
    """Return what a reader needs to know of each rule, by code."""
    return tuple(rule.info() for rule in RULES)


def codes() -> tuple[str, ...]:
    """Return the codes of all rules."""
    return tuple(rule.code for rule in RULES)


def selected(config: Config) -> list[Selected]:
    """Return the rules that run under ``config``, in the order of the catalogue.

    A selector is a code, the start of codes or ``ALL``. The start of codes selects rules that are on
    by default, a whole code or ``ALL`` also one that is off. Within one source of settings the longer
    selector wins, and ignoring wins over selecting; a later source is judged on top of an earlier one. A
    severity in the settings turns a rule on or off like its default would, and a rule may be on by
    default because of what other settings say.
    """
    chosen = []
    for rule in RULES:
        default = config.severity.get(rule.code, rule.default(config))
        is_off_for_good = rule.code in config.severity and default is None
        if not is_off_for_good and _runs(rule.code, default is not None, config.selections):
            chosen.append(Selected(rule(), default or rule.severity_when_named))
    return chosen


def _runs(code: str, on_by_default: bool, selections: Iterable[Selection]) -> bool:
    runs = False
    for selection in selections:
        if selection.select is not None:
            runs = False
        wanted = (*(selection.select or ()), *selection.extend_select)
        for_it = _longest(
            code, wanted if on_by_default else [selector for selector in wanted if selector in (code, ALL)]
        )
        against_it = _longest(code, (*selection.ignore, *selection.extend_ignore))
        if for_it or against_it:
            runs = for_it > against_it
    return runs


def _longest(code: str, selectors: Iterable[str]) -> int:
    """Return how much of ``code`` the longest selector names, 0 without one; ``ALL`` names the least."""
    return max((_length(selector) for selector in selectors if selects(selector, code)), default=0)


def _length(selector: str) -> int:
    return 1 if selector == ALL else len(selector)
