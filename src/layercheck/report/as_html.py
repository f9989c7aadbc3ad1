"""The report as one page: a picture of the layers, the findings, the routes.

The page is made of the files in ``assets`` and loads nothing from elsewhere. Graphviz draws the picture in
the browser; `layercheck.report.pictures.as_html` says where it comes from.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import msgspec

from layercheck.finding import Finding
from layercheck.outcome import Outcome, ProjectMap
from layercheck.report.page import asset, colours, data, filled, script
from layercheck.report.pictures import look
from layercheck.report.style import Options

SCRIPTS = ("graphviz.js", "state.js", "findings.js", "map.js", "routes.js", "main.js")
LAYERS_OF_THE_PICTURE = (
    "app", "router", "task", "dependency", "service", "repository", "infrastructure", "database",
    "entity", "schema", "exception", "config", "util",
)  # fmt: skip
"""From the top of the picture down; others come below."""


def render(outcome: Outcome, options: Options) -> str:
    """Return ``outcome`` as a page; ``options`` change nothing, the page has filters of its own."""
    return filled(
        asset("page.html"),
        {
            "STYLE": colours() + asset("page.css") + asset("picture.css"),
            "DATA": data(document(outcome)),
            "LIBRARY": script(asset("viz-global.js")),
            "SCRIPT": script("\n".join(asset(name) for name in SCRIPTS)),
        },
    )


def document(outcome: Outcome) -> dict[str, Any]:
    """Return what the scripts of the page work on."""
    known = outcome.map or ProjectMap((), (), ())
    summary = outcome.summary
    names = {module.name: at for at, module in enumerate(known.modules)}
    places = {module.path: at for at, module in enumerate(known.modules)}
    held = {module.layer for module in known.modules}
    others = sorted(held - set(LAYERS_OF_THE_PICTURE))
    return {
        "look": look.BY_NAME,
        "project": PurePath(outcome.root).name,
        "layers": [*(layer for layer in LAYERS_OF_THE_PICTURE if layer in held), *others],
        "modules": msgspec.to_builtins(known.modules),
        "imports": [[one.source, one.target, one.names] for one in known.imports],
        "routes": msgspec.to_builtins(known.routes),
        "findings": [
            {
                **_finding(judged.finding),
                **_ends(judged.finding, names, places),
                "verdict": judged.verdict.value,
            }
            for judged in outcome.findings
        ],
        "rules": {
            rule.code: {"name": rule.name, "summary": rule.summary, "severity": rule.severity}
            for rule in outcome.rules
        },
        "lines": {
            path: {str(at): text for at, text in lines.items()} for path, lines in outcome.sources.items()
        },
        "inactive": [[one.code, one.name, one.reason] for one in summary.inactive_rules],
        "notes": [*summary.notes, *outcome.internal_errors],
        "unread": [f"{one.place.path}:{one.place.line}: {one.reason}" for one in outcome.unread],
        "about": {
            "layercheck": outcome.version,
            "files": str(summary.files),
            "lines": str(summary.lines),
            "routes": str(summary.routes),
            "modules with a layer": f"{summary.classified_share:.0%}",
            "call sites": str(summary.call_sites),
            "call sites resolved": f"{summary.resolved_share:.1%}",
            "findings silenced by comments": str(len(outcome.suppressed)),
        },
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "path": finding.place.path,
        "line": finding.place.line,
        "message": finding.message,
        "help": finding.help,
        "element": finding.element,
        "layer": finding.layer,
        "evidence": list(finding.evidence),
        "chain": [
            {"path": step.place.path, "line": step.place.line, "layer": step.layer, "text": step.text}
            for step in finding.chain
        ],
    }


def _ends(finding: Finding, names: dict[str, int], places: dict[str, int]) -> dict[str, Any]:
    """Return what the arrow of ``finding`` leads from and to: modules by index, or a library by name."""
    source = places.get(finding.place.path, -1)
    steps = [places.get(step.place.path, -1) for step in finding.chain]
    target = next((at for at in reversed(steps) if at not in (-1, source)), -1)
    wanted = finding.target.partition(",")[0]
    if target == -1:
        target = _module_of(wanted, names)
    package, dot, _ = wanted.partition(".")
    own = {name.partition(".")[0] for name in names}
    library = package if dot and target == -1 and package.isidentifier() and package not in own else ""
    return {"source": source, "target": target if target != source else -1, "library": library}


def _module_of(dotted: str, names: dict[str, int]) -> int:
    while dotted:
        if dotted in names:
            return names[dotted]
        dotted = dotted.rpartition(".")[0]
    return -1
