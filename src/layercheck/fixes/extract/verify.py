"""Is an extraction right? The project is analysed with it, and judged by what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from layercheck.finding import Finding
from layercheck.fixes.code import Refused
from layercheck.fixes.fix import State
from layercheck.program.entities import Module

CURED = ("LC101", "LC103", "LC104")
"""What is wrong with a handler that is not thin."""

SHARED = "LC606"
"""Told once for a group of handlers, at the first of them."""


def verify(before: State, after: State, element: str, paths: Iterable[str]) -> list[Finding]:
    """Return the findings an extraction makes go away; raises `Refused` where it is not right.

    ``element`` is the handler, ``paths`` the files that changed.
    """
    if unread := set(after.outcome.unread) - set(before.outcome.unread):
        raise Refused(f"{min(one.place.path for one in unread)} could not be read any more")
    if set(after.outcome.internal_errors) - set(before.outcome.internal_errors):
        raise Refused("the result could not be judged")
    if _routes(before) != _routes(after):
        raise Refused("the routes would not be the same")
    for path in paths:
        _refuse_circle(before, after, path)
    was = Counter(one.finding.fingerprint for one in before.outcome.findings)
    known = {one.finding.element for one in before.outcome.findings if one.finding.code in CURED}
    for judged in after.outcome.findings:
        found = judged.finding
        if found.element == element and found.code in CURED:
            raise Refused(f"{found.code} would still be there: {found.message}")
        was[found.fingerprint] -= 1
        if found.code in CURED and found.element in known:
            continue  # another handler, told of in other words since there are services
        if found.code == SHARED and _count(after, SHARED) <= _count(before, SHARED):
            continue  # a group that has lost a member, told of at another one
        if was[found.fingerprint] < 0:
            raise Refused(f"it would bring {found.code} at {found.place}: {found.message}")
    now = {one.finding.fingerprint for one in after.outcome.findings}
    return [one.finding for one in before.outcome.findings if one.finding.fingerprint not in now]


def _count(state: State, code: str) -> int:
    return sum(one.finding.code == code for one in state.outcome.findings)


def _routes(state: State) -> Counter[tuple[str, str, str]]:
    return Counter((one.method, one.path, one.handler.qualname) for one in state.view.project.routes)


def _refuse_circle(before: State, after: State, path: str) -> None:
    """Refuse modules that would load each other and did not before."""
    found = _circle(after, path)
    if found and not _circle(before, path):
        raise Refused(f"the modules {' and '.join(found)} would import each other")


def _circle(state: State, path: str) -> list[str]:
    """Return a module that loads the file at ``path`` and is loaded by it, with the file's own."""
    start = next((one for one in state.view.project.program.modules if one.path == path), None)
    if start is None:
        return []
    edges = state.view.imports.edges()
    seen: set[Module] = set()
    pending = list(edges.get(start, ()))
    while pending:
        module = pending.pop()
        if start in edges.get(module, ()):
            return [start.name, module.name]
        if module not in seen:
            seen.add(module)
            pending.extend(edges.get(module, ()))
    return []
