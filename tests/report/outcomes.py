"""Outcomes to report on."""

from __future__ import annotations

from layercheck.finding import Finding, Severity, Step
from layercheck.location import Place
from layercheck.outcome import (
    InactiveRule,
    Judged,
    LayerCount,
    LayerEdge,
    Outcome,
    Suppressed,
    Summary,
    Unread,
    Verdict,
)

ERROR = Finding(
    code="LC601",
    name="layer-import-direction",
    severity=Severity.ERROR,
    place=Place("app/services/items.py", 3, 1, 3, 42),
    message="service `app.services.items` imports router `app.routers.items`",
    help="move `ItemFilter` to `app.schemas`",
    element="app.services.items",
    layer="service",
    target="app.routers.items",
    evidence=("service: file name", "router: holds an APIRouter"),
    chain=(
        Step(
            Place("app/services/items.py", 3, 1, 3, 42),
            "app.services.items",
            "service",
            "import",
            "app.services.items -> app.routers.items",
        ),
        Step(
            Place("app/routers/items.py", 120, 5, 120, 9),
            "app.routers.items",
            "router",
            "define",
            "ItemFilter",
        ),
    ),
    related=(Place("app/services/items.py", 4, 1, 4, 30), Place("app/services/orders.py", 9, 1, 9, 30)),
)

ADVICE = Finding(
    code="LC606",
    name="duplicated-entry-logic",
    severity=Severity.ADVICE,
    place=Place("app/routers/subs.py", 7, 1, 7, 20),
    message="`cancel` and `expire` do the same",
    help="",
    element="app.routers.subs.cancel",
    layer="router",
    target="app.tasks.expire",
)


def warning(line: int, code: str = "LC104", name: str = "router-holds-session") -> Finding:
    """Return a warning on ``line``, without proof."""
    return Finding(
        code=code,
        name=name,
        severity=Severity.WARNING,
        place=Place("app/routers/items.py", line, 5, line, 12),
        message="`show` takes a session",
        help="inject the service instead.",
        element=f"app.routers.items.show{line}",
        layer="router",
        target="db",
    )


HOSTILE = Finding(
    code="LC101",
    name="router-executes-query",
    severity=Severity.ERROR,
    place=Place("app/100%,a:b\n::set/<x>&\"|é.py", 1, 1, 2, 3),
    message="GET /{id} runs [a](1)\r\n::stop-commands::x %0A 100% </details> | @team #7 <!-- `a|b` "
    "\x1b[31m \ud800 ]]>",
    help="``` {0} \u202e \ufffe",
    element="app.<b>&\"",
    layer="router",
    target="\x00",
    chain=(Step(Place("app/a b#c?.py", 3, 1, 3, 9), "app.f", "router", "call", "f\n-> `g` {0} ]]> ```"),),
)

SUMMARY = Summary(
    files=12,
    lines=1,
    layers=(LayerCount("router", 2, 9), LayerCount("service", 1, 4), LayerCount("schema", 0, 3)),
    classified=3,
    classifiable=4,
    routes=5,
    call_sites=40,
    resolved_calls=37,
    inactive_rules=(InactiveRule("LC203", "service-executes-query", "no repository layer found"),),
    notes=("flat project: no service or repository layer found",),
    edges=(LayerEdge("router", "service", 3, 1, True), LayerEdge("service", "router", 1, 0, False)),
)

NOTHING = Summary(
    files=1,
    lines=2,
    layers=(),
    classified=0,
    classifiable=0,
    routes=0,
    call_sites=0,
    resolved_calls=0,
    inactive_rules=(),
)


def outcome(*findings: Finding, known: tuple[Finding, ...] = (), summary: Summary = NOTHING) -> Outcome:
    """Return an outcome with new and known findings."""
    return Outcome(
        root="shop",
        version="1.2.3",
        findings=(*map(Judged, findings), *(Judged(finding, Verdict.KNOWN) for finding in known)),
        suppressed=(),
        stale_baseline=(),
        unread=(),
        rules=(),
        summary=summary,
        sources={},
    )


FULL = Outcome(
    root="shop",
    version="1.2.3",
    findings=(Judged(ERROR), Judged(warning(2)), Judged(ADVICE), Judged(warning(8), Verdict.KNOWN)),
    suppressed=(Suppressed(warning(5), Place("app/routers/items.py", 5, 30, 5, 60), "old client"),),
    stale_baseline=("LC101 app.routers.old.show session.get",),
    unread=(Unread(Place("app/broken.py", 4, 9, 4, 10), "invalid syntax"),),
    rules=(),
    summary=SUMMARY,
    sources={},
    internal_errors=("LC405 failed in app/routers/items.py: KeyError",),
)
