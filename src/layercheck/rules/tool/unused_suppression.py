"""LC001: comments that silence nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from layercheck.finding import Finding, RuleInfo, Severity
from layercheck.rules.measures.comments import means, place_of
from layercheck.rules.rule import Rule, Stage
from layercheck.rules.view import Triage, UnusedPragma, View

_CODE = re.compile(r"LC\d+")


class UnusedSuppression(Rule):
    """A comment silences a finding that does not exist.

    ## What it does
    Reports `# layercheck: ignore` comments, and codes of layercheck in `# noqa` comments, that silence
    nothing, or that name no rule. A comment is judged only where the rules it means were selected. It
    may name `LC001` itself, to stay where it is needed only now and then.

    ## Why is this bad
    The comment tells readers of an offence that is gone, and will hide the next one in its place.

    ## Example
    ```python
    # app/services/prices.py
    def total(prices: list[int]) -> int:
        return sum(prices)  # layercheck: ignore[LC201] the request is needed for the currency
    ```

    ## Use instead
    ```python
    # app/services/prices.py
    def total(prices: list[int]) -> int:
        return sum(prices)
    ```

    ## Options
    None.

    ## Known limits
    A bare `# noqa` may be meant for another tool and is not judged. What `per-file-ignores` leaves out
    still counts as silenced by a comment. While a file cannot be read, nothing is told.
    """

    code = "LC001"
    name = "unused-suppression"
    severity = Severity.WARNING
    fix = "safe"
    stage = Stage.COMMENTS

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding per comment."""
        modules = {module.path: module for module in view.project.program.modules}
        for one in view.triage.unused:
            unused, unknown = self._sorted(view.triage, one)
            if unused or unknown:
                module = modules[one.path]
                yield self.finding(
                    place_of(one.path, one.pragma),
                    _message(one, unused, unknown),
                    help=_help(one, [*unused, *unknown]),
                    element=module.name,
                    layer=view.project.layer(module).layer,
                    target=", ".join((*unused, *unknown)),
                )

    def idle(self, view: View) -> str:
        """Return that files are missing: a finding may be gone with them, and come back."""
        return "not all files could be read" if view.unread else ""

    def _sorted(self, triage: Triage, one: UnusedPragma) -> tuple[list[str], list[str]]:
        """Return the entries that silenced nothing although they could have, and those of no rule."""
        unused: list[str] = []
        unknown: list[str] = []
        for entry in one.codes or ("",):
            meant = [rule for rule in triage.rules if means(entry, rule.code, rule.name)]
            if not meant and (one.pragma.kind == "ignore" or _CODE.fullmatch(entry)):
                unknown.append(entry)
            elif self.code not in {rule.code for rule in meant} and _could_silence(triage, meant):
                unused.append(entry)
        return unused, unknown


def _could_silence(triage: Triage, meant: list[RuleInfo]) -> bool:
    """Return whether the rules ``meant`` ran: all of them that are not off by default, and one at least."""
    ran = [rule for rule in meant if rule.code in triage.ran]
    return bool(ran) and all(rule.severity is None for rule in meant if rule not in ran)


def _message(one: UnusedPragma, unused: list[str], unknown: list[str]) -> str:
    comment = "noqa" if one.pragma.kind == "noqa" else "layercheck: ignore"
    parts = [
        f"{word}: {', '.join(entries)}"
        for word, entries in (("unused", unused), ("unknown", unknown))
        if any(entries)
    ]
    return f"`{comment}` silences nothing" + (f" ({'; '.join(parts)})" if parts else "")


def _help(one: UnusedPragma, entries: list[str]) -> str:
    if len(entries) >= len(one.pragma.codes):
        return "remove the comment"
    return f"remove {', '.join(entries)} from the comment"
