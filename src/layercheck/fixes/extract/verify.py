"""Is an extraction right? The project is analysed with it, and judged by what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from layercheck.finding import Finding
from layercheck.fixes.code import Refused
from layercheck.fixes.fix import Context, State
from layercheck.location import end_line_of, line_of
from layercheck.program.entities import Module
from layercheck.rules.measures.handlers import handlers, runs_now

CURED = ("LC101", "LC103", "LC104")
"""What is wrong with a handler that is not thin."""

SHARED = "LC606"
"""Told once for a group of handlers, at the first of them."""


class Verdict(NamedTuple):
    """The findings an extraction makes go away, and those elsewhere that it brings to light.

    Those are of files or handlers that did not change: there are layers now they are measured by.
    """

    gone: tuple[Finding, ...]
    elsewhere: tuple[Finding, ...]


def verify(before: State, after: State, element: str, paths: Iterable[str]) -> Verdict:
    """Return what an extraction does to the findings; raises `Refused` where it is not right.

    ``element`` is the handler, ``paths`` the files that changed.
    """
    elsewhere: list[Finding] = []
    untouched = _untouched(before, after) - {element}
    if unread := set(after.outcome.unread) - set(before.outcome.unread):
        raise Refused(f"{min(one.place.path for one in unread)} could not be read any more")
    if set(after.outcome.internal_errors) - set(before.outcome.internal_errors):
        raise Refused("the result could not be judged")
    if _routes(before) != _routes(after):
        raise Refused("the routes would not be the same")
    changed = set(paths)
    modules = {one.name for one in before.view.project.program.modules}
    for path in changed:
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
        if found.element in modules and _about(after, found) <= _about(before, found):
            continue  # about what a file imports, told in other words
        if found.code == SHARED and _count(after, SHARED) <= _count(before, SHARED):
            continue  # a group that has lost a member, told of at another one
        is_untouched = found.element in untouched or found.place.path not in changed
        if was[found.fingerprint] < 0 and is_untouched:
            elsewhere.append(found)
        elif was[found.fingerprint] < 0:
            raise Refused(f"it would bring {found.code} at {found.place}: {found.message}")
    now = {one.finding.fingerprint for one in after.outcome.findings}
    gone = [one.finding for one in before.outcome.findings if one.finding.fingerprint not in now]
    return Verdict(tuple(gone), tuple(elsewhere))


def _untouched(before: State, after: State) -> set[str]:
    """Return the handlers whose text is the same, and which run nothing that is new."""
    was, now = _handlers(before), _handlers(after)
    return {name for name, text in was.items() if now.get(name) == text}


def _handlers(state: State) -> dict[str, tuple[str, ...]]:
    """Return the lines of the handlers, and the functions they call, by the names of the handlers."""
    context, found = Context(state), {}
    for one in handlers(state.view):
        function = one.function
        lines = context.data(function.module.path).splitlines()
        text = lines[line_of(function.at) - 1 : end_line_of(function.at)]
        called = sorted({target.entity.qualname for target, _ in state.view.calls.walk(one.frame, runs_now)})
        found[function.qualname] = (*(line.decode("latin-1") for line in text), *called)
    return found


def _about(state: State, finding: Finding) -> int:
    """Return how many findings of the same rule there are about the same element."""
    return sum(
        (one.finding.code, one.finding.element) == (finding.code, finding.element)
        for one in state.outcome.findings
    )


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
