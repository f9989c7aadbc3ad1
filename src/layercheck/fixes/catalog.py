"""All fixes, by the code of the rule whose findings they mend."""

from __future__ import annotations

from layercheck.fixes.broad_except_hides_mapping import RaiseFirst
from layercheck.fixes.commit_after_response import UnwindFirst
from layercheck.fixes.commit_outside_owner import FlushInstead
from layercheck.fixes.dead_exception_mapping import DropClause
from layercheck.fixes.dependency_built_in_route import BuildInProvider
from layercheck.fixes.domain_exception_inherits_http import DeriveFromDomain
from layercheck.fixes.error_mapping_style import LeaveToRegistered
from layercheck.fixes.exception_text_in_response import SayLess
from layercheck.fixes.fix import Fix
from layercheck.fixes.handler_never_registered import Register
from layercheck.fixes.layer_import_direction import ImportForTypes
from layercheck.fixes.provider_called_directly import TakeFromProvider
from layercheck.fixes.router_holds_session import TakeWhatHoldsSession
from layercheck.fixes.router_imports_database import NameInText
from layercheck.fixes.service_depends_marker import BuildByProvider
from layercheck.fixes.service_raises_http_exception import RaiseDomainException
from layercheck.fixes.stale_baseline_entry import DropEntry
from layercheck.fixes.unmapped_domain_exception import MapException
from layercheck.fixes.unused_suppression import DropSuppression

FIXES: dict[str, Fix] = {
    fix.code: fix
    for fix in (
        DropSuppression(),
        DropEntry(),
        NameInText(),
        TakeWhatHoldsSession(),
        RaiseDomainException(),
        BuildByProvider(),
        FlushInstead(),
        TakeFromProvider(),
        BuildInProvider(),
        UnwindFirst(),
        MapException(),
        DropClause(),
        DeriveFromDomain(),
        LeaveToRegistered(),
        Register(),
        SayLess(),
        RaiseFirst(),
        ImportForTypes(),
    )
}
