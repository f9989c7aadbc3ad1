"""LC005: entries of the baseline that nothing needs any more."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.finding import Finding, Severity
from layercheck.project.model import UNKNOWN
from layercheck.rules.rule import Rule, Stage
from layercheck.rules.view import StaleEntry, View


class StaleBaselineEntry(Rule):
    """The baseline knows a finding that does not exist any more.

    ## What it does
    Reports entries of the baseline that no finding has any more, and entries that count more findings
    than there are. An entry is judged only where its file is among the paths given and its rule ran.

    ## Why is this bad
    What was mended may come back, and nobody will be told: the entry hides it.

    ## Example
    ```python
    # app/services/tax.py
    def total(prices: list[int]) -> int:
        return sum(prices)

    # layercheck-baseline.json
    {
    "version": 1,
    "findings": [

    {"path": "app/services/tax.py", "code": "LC201", "element": "app.services.tax", "target": "Request"},

    {}
    ]
    }
    ```

    ## Use instead
    ```python
    # app/services/tax.py
    def total(prices: list[int]) -> int:
        return sum(prices)

    # layercheck-baseline.json
    {
    "version": 1,
    "findings": [

    {}
    ]
    }
    ```

    ## Options
    `severity.LC005`: `error` to keep the baseline from lagging behind, `off` to let it.

    ## Known limits
    Nothing is judged as long as files cannot be read: what is missing may stand in them.
    """

    code = "LC005"
    name = "stale-baseline-entry"
    severity = Severity.WARNING
    fix = "safe"
    stage = Stage.BASELINE

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding per entry."""
        for entry in view.triage.stale:
            about = f" ({entry.target})" if entry.target else ""
            yield self.finding(
                entry.at,
                f"{entry.code} of `{entry.element}`{about}: {_amount(entry)}",
                help="drop it with `layercheck baseline --prune`",
                element=entry.element,
                layer=UNKNOWN.layer,
                target=" ".join(filter(None, (entry.code, entry.target))),
            )


def _amount(entry: StaleEntry) -> str:
    if entry.gone < entry.count:
        return f"{entry.gone} of {entry.count} known findings exist no more"
    return "the known finding exists no more" if entry.count == 1 else "the known findings exist no more"
