"""What a rule reports: the finding, its proof, its severity and its fingerprint."""

from __future__ import annotations

import enum

import msgspec

from layercheck.location import Place


class Severity(enum.StrEnum):
    """How loud a finding is, the loudest first."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


class Step(msgspec.Struct, frozen=True):
    """One hop of a finding's chain.

    ``element`` is the dotted name of the module, class or function the hop stands in, ``layer``
    its layer, ``kind`` how the hop is made (call, depends, import, raise, ...), ``text`` the hop
    in words for a reader (``UserService.register -> exists_by_email``).
    """

    place: Place
    element: str
    layer: str
    kind: str
    text: str


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One offence of one element against one rule.

    ``element`` is the dotted name of the guilty element, ``target`` what it offends with (the
    session method, the imported module, the exception class ...). Both make the fingerprint, so
    that a finding is the same after its file was edited elsewhere. ``evidence`` says, one entry
    per layer named, why each layer was believed. ``related`` are other places of the same cause.
    """

    code: str
    name: str
    severity: Severity
    place: Place
    message: str
    help: str
    element: str
    layer: str
    target: str
    evidence: tuple[str, ...] = ()
    chain: tuple[Step, ...] = ()
    related: tuple[Place, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Return 16 hexadecimal digits that depend on rule, element and target, never on a line."""
        import hashlib  # all of OpenSSL, which most reports do without

        identity = "\0".join((self.code, self.element, self.target))
        return hashlib.blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


class RuleInfo(msgspec.Struct, frozen=True):
    """What a reader needs to know of a rule, taken from its class and docstring.

    ``sections`` maps the headings of the docstring (*What it does*, *Why is this bad*, *Example*,
    *Use instead*, *Options*, *Known limits*) to their Markdown text.
    """

    code: str
    name: str
    severity: Severity | None
    summary: str
    sections: dict[str, str]
    fix: str


def sort_key(finding: Finding) -> tuple[str, int, int, str, str, str]:
    """Return the key that puts findings in reading order, whatever order they were found in."""
    place = finding.place
    return (place.path, place.line, place.column, finding.code, finding.element, finding.target)
