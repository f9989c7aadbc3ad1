"""All fixes, by the code of the rule whose findings they mend."""

from __future__ import annotations

from layercheck.fixes.fix import Fix
from layercheck.fixes.stale_baseline_entry import DropEntry
from layercheck.fixes.unused_suppression import DropSuppression

FIXES: dict[str, Fix] = {
    fix.code: fix
    for fix in (
        DropSuppression(),
        DropEntry(),
    )
}
