"""The base of all rules: what a rule is, and how it documents itself.

A rule is a class with a few attributes, a docstring and a ``check``. The docstring is its manual:
a first line that sums it up, then the headings of `HEADINGS`, written as Markdown::

    '''Handlers that read or write the database themselves.

    ## What it does
    ...

    ## Example
    ```python
    ...
    ```
    '''

``Example`` holds code that fires the rule, ``Use instead`` code it is silent on.
"""

from __future__ import annotations

import abc
import enum
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from layercheck.config.schema import Config
from layercheck.finding import Finding, RuleInfo, Severity, Step
from layercheck.location import Place

if TYPE_CHECKING:
    from layercheck.rules.view import View

HEADINGS = ("What it does", "Why is this bad", "Example", "Use instead", "Options", "Known limits")
REQUIRED_HEADINGS = HEADINGS[:4]

_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Stage(enum.Enum):
    """When a rule runs: on the code, or on what became of the findings of the stages before."""

    CODE = "code"
    COMMENTS = "after comments have silenced findings"
    BASELINE = "after the baseline has told known findings from new ones"


class Rule(abc.ABC):
    """One thing an architecture can get wrong.

    ``severity`` is None for a rule that is off unless somebody names it; ``severity_when_named`` is
    what it then reports with. ``fix`` says what kind of fix the rule has. ``requires`` names layers
    that must exist in the project for the rule to have anything to say. A rule of a later ``stage``
    finds what became of the other findings in the view's ``triage``.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity | None]
    severity_when_named: ClassVar[Severity] = Severity.WARNING
    fix: ClassVar[Literal["none", "unsafe", "safe"]] = "none"
    requires: ClassVar[tuple[str, ...]] = ()
    stage: ClassVar[Stage] = Stage.CODE

    @abc.abstractmethod
    def check(self, view: View) -> Iterator[Finding]:
        """Yield what offends against this rule in the project behind ``view``."""

    def idle(self, view: View) -> str:
        """Return why there is nothing to judge in this project, empty where there is."""
        presence = view.project.presence
        missing = [layer for layer in self.requires if not presence.has_anywhere(layer)]
        return f"no {' or '.join(missing)} layer found" if missing else ""

    @classmethod
    def default(cls, config: Config) -> Severity | None:
        """Return the severity under settings that do not speak of the rule itself, None for off."""
        return cls.severity

    @classmethod
    def own_severity(cls) -> Severity:
        """Return the severity the rule reports with when nothing else is said."""
        return cls.severity or cls.severity_when_named

    @classmethod
    def info(cls) -> RuleInfo:
        """Return what a reader needs to know; raises ValueError where the docstring lacks a heading."""
        summary, sections = _parse(cls)
        return RuleInfo(cls.code, cls.name, cls.severity, summary, sections, cls.fix)

    def finding(
        self,
        place: Place,
        message: str,
        *,
        help: str,
        element: str,
        layer: str,
        target: str,
        severity: Severity | None = None,
        evidence: tuple[str, ...] = (),
        chain: tuple[Step, ...] = (),
        related: tuple[Place, ...] = (),
    ) -> Finding:
        """Return a finding of this rule; ``severity`` only where it is not the rule's own."""
        return Finding(
            code=self.code,
            name=self.name,
            severity=severity or self.own_severity(),
            place=place,
            message=message,
            help=help,
            element=element,
            layer=layer,
            target=target,
            evidence=evidence,
            chain=chain,
            related=related,
        )


def code_blocks(markdown: str) -> tuple[str, ...]:
    """Return the fenced Python blocks of a section."""
    return tuple(_BLOCK.findall(markdown))


def _parse(rule: type[Rule]) -> tuple[str, dict[str, str]]:
    import inspect

    head, *parts = _HEADING.split(inspect.cleandoc(rule.__doc__ or ""))
    sections = {title.strip(): text.strip() for title, text in zip(parts[::2], parts[1::2], strict=True)}
    missing = [title for title in REQUIRED_HEADINGS if not sections.get(title)]
    unknown = [title for title in sections if title not in HEADINGS]
    if not head.strip() or missing or unknown:
        raise ValueError(
            f"{rule.code}: the docstring lacks {missing or 'nothing'}, does not know {unknown or 'none'}"
        )
    return " ".join(head.split()), sections
