"""LC009: files that could not be read."""

from __future__ import annotations

from collections.abc import Iterator

from layercheck.finding import Finding, Severity
from layercheck.project.model import UNKNOWN
from layercheck.rules.rule import Rule
from layercheck.rules.view import View


class FileNotParsed(Rule):
    """A file could not be read as Python.

    ## What it does
    Names every file that is left out of the analysis because it is no Python, cannot be decoded or
    cannot be opened, with the reason.

    ## Why is this bad
    Nothing is known of what the file holds: a finding may be missing, and what others call in it
    cannot be followed.

    ## Example
    ```python
    def total(prices: list[int]) -> int
        return sum(prices)
    ```

    ## Use instead
    ```python
    def total(prices: list[int]) -> int:
        return sum(prices)
    ```

    ## Options
    None; leave a file out on purpose with `exclude`.

    ## Known limits
    Tests, migrations and scripts are not read.
    """

    code = "LC009"
    name = "file-not-parsed"
    severity = Severity.ERROR

    def check(self, view: View) -> Iterator[Finding]:
        """Yield one finding per file."""
        for unread in view.unread:
            yield self.finding(
                unread.place,
                f"not read: {unread.reason}",
                help="mend the file, or leave it out with `exclude`",
                element=unread.place.path,
                layer=UNKNOWN.layer,
                target="",
            )
