"""A contract type for import-linter: `lint-imports` checks the layers layercheck detects.

Named in import-linter's settings::

    contract_types = ["detected_layers: layercheck.frontends.import_linter_contract.DetectedLayersContract"]
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from importlinter import Contract, ContractCheck, fields, output

from layercheck.errors import InternalError
from layercheck.finding import Finding, Severity
from layercheck.frontends.running import run_once

if TYPE_CHECKING:
    import grimp

DEFAULT = ("LC601",)


class DetectedLayersContract(Contract):
    """No import goes against the layers layercheck detects.

    Options: ``select`` lists other rules to check, ``path`` is the project (default: the working
    directory), ``config`` a settings file to read instead of the project's own. Settings of
    layercheck, a baseline and its comments count as in `layercheck check`.
    """

    type_name = "detected_layers"

    select = fields.ListField(subfield=fields.StringField(), required=False)
    path = fields.StringField(required=False)
    config = fields.StringField(required=False)

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        """Run the rules; the graph is not needed, as the layers are those of the code itself.

        Raises `LayercheckError` where they cannot run.
        """
        config = Path(str(self.config)) if self.config else None
        select: Any = self.select or DEFAULT
        outcome = run_once([Path(str(self.path or "."))], config, {"select": list(select)}).outcome
        if outcome.internal_errors:
            raise InternalError("; ".join(outcome.internal_errors))
        broken = [one for one in outcome.new if one.severity is not Severity.ADVICE]
        return ContractCheck(kept=not broken, metadata={"findings": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print each finding with its chain."""
        findings: list[Finding] = check.metadata["findings"]
        for one in findings:
            output.print_error(f"{one.place}: {one.code} {one.message}", bold=False)
            for step in one.chain:
                output.indent_cursor()
                output.print(f"{step.place.path}:{step.place.line} {step.text}")
            output.new_line()
