"""LC002: comments that silence without saying why."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.finding import Finding
from layercheck.rules.measures.comments import place_of
from layercheck.rules.rule import Rule
from layercheck.rules.view import View


class SuppressionWithoutReason(Rule):
    """A comment silences findings and does not say why.

    ## What it does
    Reports `# layercheck: ignore` comments with no text behind them.

    ## Why is this bad
    Nobody can tell later whether the exception still holds, so it stays forever.

    ## Example
    ```python
    # app/services/audit.py
    from fastapi import Request  # layercheck: ignore[LC201]


    def log(request: Request) -> str:
        return str(request.client)
    ```

    ## Use instead
    ```python
    # app/services/audit.py
    from fastapi import Request  # layercheck: ignore[LC201] until the audit takes plain values


    def log(request: Request) -> str:
        return str(request.client)
    ```

    ## Options
    None.

    ## Known limits
    `# noqa` comments cannot hold a reason and are not judged.
    """

    code = "LC002"
    name = "suppression-without-reason"
    severity = None

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding per comment."""
        for module in view.project.program.modules:
            for pragma in module.facts.pragmas:
                if pragma.kind == "ignore" and not pragma.value:
                    listed = f"[{', '.join(pragma.codes)}]" if pragma.codes else ""
                    yield self.finding(
                        place_of(module.path, pragma),
                        f"`layercheck: ignore{listed}` does not say why",
                        help="write the reason behind the comment",
                        element=module.name,
                        layer=view.project.layer(module).layer,
                        target=", ".join(pragma.codes),
                    )
